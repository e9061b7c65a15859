//! Mails on their way out: what handlers are told of them and may change, and those that scripts send.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::base::cast;
use crate::base::error::{Error, Result};
use crate::base::secret::Secret;
use crate::base::text::escape_html;
use crate::ctx::Ctx;
use crate::events::{Event, Kind, Members};
use crate::mail::{Attachment, Mail, Outgoing, Sender, Transport};
use crate::record::{self, SharedRecord};
use crate::schema::Entry;

/// How long it makes sense to go on trying.
const USEFUL_FOR: Duration = Duration::from_mins(1);

const NOTICE_USEFUL_FOR: Duration = Duration::from_hours(2);

/// People one mail may go to.
const MAX_RECIPIENTS: usize = 100;

/// The members of a message.
const MEMBERS: [&str; 9] = [
    "from", "to", "cc", "bcc", "reply_to", "subject", "html", "text", "headers",
];

/// What handlers of a mail to an account are told besides the message.
#[derive(Debug)]
pub(crate) struct About {
    pub(crate) kind: Kind,
    pub(crate) entry: Arc<Entry>,
    pub(crate) id: String,
    pub(crate) meta: Json,
}

/// Asks handlers about a mail to an account; gives it as they left it. An error is a handler's veto.
pub(crate) async fn approve(app: &App, about: About, outgoing: Outgoing) -> Result<Outgoing> {
    let events = app.events();
    let is_wanted =
        events.wants(about.kind, Some(&about.entry)) || events.wants(Kind::MailerSend, None);
    if !is_wanted {
        return Ok(outgoing);
    }
    let (wanted, id) = (Arc::clone(&about.entry), about.id.clone());
    let record = app
        .look(move |reader, _| record::load_record(reader, &wanted, &id))
        .await?;
    let record = record.map(SharedRecord::new);
    let members = Members::default();
    members.set("message", message(&outgoing));
    members.set("meta", about.meta);
    let event = |kind| {
        let mut event = Event::new(kind, &Ctx::system())
            .of(&about.entry)
            .with(&members);
        event.record.clone_from(&record);
        event
    };
    let (inner, send) = (app.clone(), event(Kind::MailerSend));
    let last = async move { inner.events().around(send, async { Ok(()) }).await };
    events.around(event(about.kind), last).await?;
    changed(outgoing, &members.get("message"))
}

/// Sends a mail of a script and waits for what the mail server says.
pub async fn send(
    app: &App,
    members: &Map<String, Json>,
    attachments: Vec<Attachment>,
) -> Result<()> {
    let settings = app.settings();
    let outgoing = Outgoing {
        transport: Transport::of(&settings.smtp),
        sender: Sender {
            name: settings.meta.sender_name.clone(),
            address: settings.meta.sender_address.clone(),
        },
        mail: Mail {
            attachments,
            ..Mail::default()
        },
        useful_for: USEFUL_FOR,
    };
    if let Some(unknown) = members
        .keys()
        .find(|name| !MEMBERS.contains(&name.as_str()))
    {
        return Err(Error::bad_request(format!(
            "A mail has no \"{unknown}\"; it has {}, attachments.",
            MEMBERS.join(", ")
        )));
    }
    let outgoing = changed(outgoing, &Json::Object(members.clone()))?;
    let event = Event::new(Kind::MailerSend, &Ctx::system());
    event.members.set("message", message(&outgoing));
    let (inner, members) = (app.clone(), event.members.clone());
    app.events()
        .around(event, async move {
            let outgoing = changed(outgoing, &members.get("message"))?;
            let sent = inner.mailer().send(&outgoing).await;
            sent.map_err(|failure| Error::bad_request(format!("The mail was not sent: {failure}.")))
        })
        .await
}

/// Queues a mail of the server's own to one of its superusers.
pub(crate) fn notify(app: &App, to: String, subject: String, html: String) -> Result<()> {
    let settings = app.settings();
    let outgoing = Outgoing {
        transport: Transport::of(&settings.smtp),
        sender: Sender {
            name: settings.meta.sender_name.clone(),
            address: settings.meta.sender_address.clone(),
        },
        mail: Mail {
            to: vec![to],
            subject: Secret::new(subject),
            html: Secret::new(html),
            ..Mail::default()
        },
        useful_for: NOTICE_USEFUL_FOR,
    };
    let finished = |sent: std::result::Result<(), crate::mail::Failure>| async move {
        if let Err(failure) = sent {
            tracing::warn!(%failure, "a notice to a superuser was not sent");
        }
    };
    app.mailer()
        .enqueue(async move { Some(outgoing) }, finished)
        .map_err(|full| Error::internal(full.to_string()))
}

/// A mail as handlers see it.
fn message(outgoing: &Outgoing) -> Json {
    let mail = &outgoing.mail;
    let headers: Map<String, Json> = mail
        .headers
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    json!({
        "from": { "name": outgoing.sender.name, "address": outgoing.sender.address },
        "to": mail.to, "cc": mail.cc, "bcc": mail.bcc, "reply_to": mail.reply_to,
        "subject": mail.subject.expose(),
        "html": mail.html.expose(),
        "text": mail.text.expose(),
        "headers": headers,
    })
}

/// A mail with what a message says; members that it does not have stay.
fn changed(mut outgoing: Outgoing, message: &Json) -> Result<Outgoing> {
    let Json::Object(message) = message else {
        return Ok(outgoing);
    };
    let mail = &mut outgoing.mail;
    for (name, list) in [
        ("to", &mut mail.to),
        ("cc", &mut mail.cc),
        ("bcc", &mut mail.bcc),
        ("reply_to", &mut mail.reply_to),
    ] {
        if let Some(value) = message.get(name) {
            *list = addresses(value);
        }
    }
    for (name, text) in [
        ("subject", &mut mail.subject),
        ("html", &mut mail.html),
        ("text", &mut mail.text),
    ] {
        if let Some(value) = message.get(name) {
            *text = Secret::new(cast::to_text(value));
        }
    }
    if let Some(Json::Object(headers)) = message.get("headers") {
        let pairs = headers.iter();
        mail.headers = pairs
            .map(|(name, value)| (name.clone(), cast::to_text(value)))
            .collect();
    }
    match message.get("from") {
        Some(Json::Object(from)) => {
            let part = |name: &str| from.get(name).map(cast::to_text);
            outgoing.sender.name = part("name").unwrap_or_default();
            if let Some(address) = part("address").filter(|address| !address.is_empty()) {
                outgoing.sender.address = address;
            }
        }
        Some(Json::String(address)) if !address.is_empty() => {
            outgoing.sender.address.clone_from(address);
        }
        _ => {}
    }
    if mail.html.expose().is_empty() {
        let escaped = escape_html(mail.text.expose()).replace('\n', "<br>\n");
        mail.html = Secret::new(format!("<p>{escaped}</p>"));
    }
    match mail.to.len() + mail.cc.len() + mail.bcc.len() {
        0 => Err(Error::bad_request("A mail needs somebody to go to.")),
        n if n > MAX_RECIPIENTS => Err(Error::bad_request("A mail goes to at most 100 people.")),
        _ => Ok(outgoing),
    }
}

fn addresses(value: &Json) -> Vec<String> {
    let one = |value: &Json| match value {
        Json::Object(mailbox) => mailbox
            .get("address")
            .map(cast::to_text)
            .unwrap_or_default(),
        other => cast::to_text(other),
    };
    let all: Vec<String> = match value {
        Json::Array(items) => items.iter().map(one).collect(),
        other => vec![one(other)],
    };
    all.into_iter()
        .filter(|address| !address.is_empty())
        .collect()
}
