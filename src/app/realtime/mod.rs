//! Realtime: opening streams, subscribing, and following the change log to deliver what it says.
//!
//! One thread per process reads the log in commit order and hands each change to whoever is subscribed (`follow`). It
//! starts with the first subscription. What a subscription missed is read from the log by a task of its own, which ends
//! when it has caught up with that thread (`catch_up`).

mod catch_up;
pub mod changes;
mod enrich;
mod follow;
mod history;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, Once, PoisonError};

use serde_json::Value as Json;
use tokio::sync::Semaphore;

use crate::app::{App, auth};
use crate::auth::tokens;
use crate::base::cast;
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::events::{Event, Kind};
use crate::realtime::{Events, Hangup, Identity, Limits, Refused, Registry, Resume, Submission};
use crate::schema::codes;

const MAX_CLIENT_ID: i64 = 255;
const MAX_SUBSCRIPTIONS: usize = 1000;
const MAX_SUBSCRIPTION: usize = 2500;

/// Replays that read the log at the same time.
const REPLAYS: usize = 4;

/// The parts of the running product that realtime needs.
#[derive(Debug)]
pub(crate) struct Realtime {
    registry: Arc<Registry>,
    /// Held while what the log's feed is asked for changes together with the subscriptions.
    wanting: Mutex<()>,
    started: Once,
    replays: Arc<Semaphore>,
}

impl Realtime {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            registry: Arc::new(Registry::new(limits)),
            wanting: Mutex::new(()),
            started: Once::new(),
            replays: Arc::new(Semaphore::new(REPLAYS)),
        }
    }

    pub(crate) const fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }
}

/// What a client submitted.
#[derive(Debug, Default)]
pub struct Subscribe {
    pub client_id: String,
    pub subscriptions: Vec<String>,
    /// The last change seen, by subscription, instead of what the subscription itself says. Without a number the events
    /// have theirs all the same.
    pub since: HashMap<String, Option<i64>>,
}

/// Opens a stream.
pub async fn connect(app: &App, ctx: &Ctx, resume: Resume, hangup: Hangup) -> Result<Events> {
    let mut events = Events::open(app.realtime(), ctx.request.ip, resume, hangup);
    if app.events().listener().is_some() {
        events.filter(Arc::new(enrich::Messages {
            app: app.clone(),
            ctx: ctx.clone(),
        }));
    }
    if !app.events().wants(Kind::RealtimeConnectRequest, None) {
        return Ok(events);
    }
    let event = Event::new(Kind::RealtimeConnectRequest, ctx);
    let client = enrich::shown(app, events.client());
    event.members.set("client", client);
    app.events().around(event, async move { Ok(events) }).await
}

/// Sends a message to everyone who is subscribed to a topic and for whom `wants` holds; returns to how many.
pub fn broadcast(
    app: &App,
    topic: &str,
    data: &Json,
    mut wants: impl FnMut(&Json) -> bool,
) -> usize {
    let registry = app.realtime();
    let data = data.to_string().into_bytes();
    let mut sent = 0;
    for client in registry.subscribed(topic) {
        if wants(&enrich::shown(app, &client)) && registry.send_topic(client.id(), topic, &data) {
            sent += 1;
        }
    }
    sent
}

/// Replaces what a stream is subscribed to; its principal becomes the caller.
pub async fn subscribe(
    app: &App,
    ctx: &Ctx,
    ip: Option<IpAddr>,
    token: Option<&str>,
    mut form: Subscribe,
) -> Result<()> {
    validate(&form)?;
    let client = app.realtime().client(&form.client_id);
    let is_watched = app.events().wants(Kind::RealtimeSubscribeRequest, None);
    let Some(client) = client.filter(|_| is_watched) else {
        return subscribe_now(app, ctx, ip, token, form);
    };
    let event = Event::new(Kind::RealtimeSubscribeRequest, ctx);
    event.members.set("client", enrich::shown(app, &client));
    event
        .members
        .set("subscriptions", form.subscriptions.clone().into());
    let (inner, own, members) = (app.clone(), ctx.clone(), event.members.clone());
    let token = token.map(str::to_owned);
    app.events()
        .around(event, async move {
            if let Json::Array(wanted) = members.get("subscriptions") {
                form.subscriptions = wanted.iter().map(cast::to_text).collect();
            }
            validate(&form)?;
            subscribe_now(&inner, &own, ip, token.as_deref(), form)
        })
        .await
}

fn subscribe_now(
    app: &App,
    ctx: &Ctx,
    ip: Option<IpAddr>,
    token: Option<&str>,
    form: Subscribe,
) -> Result<()> {
    follow::start(app);
    let identity = identify(app, ctx, token)?;
    let names: Vec<&str> = form.subscriptions.iter().map(String::as_str).collect();
    let parts = app.realtime_parts();
    let guard = parts.wanting.lock().unwrap_or_else(PoisonError::into_inner);
    want(app, &names, &identity);
    let (_, newest) = app.read(|reader, _| Ok(reader.change_range()?))?;
    let submission = Submission {
        client_id: form.client_id,
        subscriptions: form.subscriptions,
        since: form.since,
        ip,
        identity,
        newest,
    };
    let replays = app.realtime().submit(submission);
    drop(guard);
    let replays = replays.map_err(|refused| match refused {
        Refused::UnknownClient => Error::not_found("Missing or invalid client id."),
        Refused::OtherAddress => Error::bad_request("Invalid realtime client."),
        Refused::OtherAuth => {
            Error::forbidden("The current and the previous request authorization don't match.")
        }
    })?;
    for replay in replays {
        drop(tokio::spawn(catch_up::catch_up(app.clone(), replay)));
    }
    // What was committed since is looked for even if its writer saw nobody listening yet.
    app.engine().feed().wake();
    Ok(())
}

fn validate(form: &Subscribe) -> Result<()> {
    let mut issues = Issues::new();
    if form.client_id.is_empty() {
        issues.add("clientId", Issue::required());
    } else if i64::try_from(form.client_id.len()).unwrap_or(i64::MAX) > MAX_CLIENT_ID {
        issues.add("clientId", codes::length_out_of_range(1, MAX_CLIENT_ID));
    }
    if form.subscriptions.len() > MAX_SUBSCRIPTIONS {
        issues.add("subscriptions", codes::length_too_long(MAX_SUBSCRIPTIONS));
    } else {
        let mut items = Issues::new();
        for (index, subscription) in form.subscriptions.iter().enumerate() {
            if subscription.len() > MAX_SUBSCRIPTION {
                items.add(index.to_string(), codes::length_too_long(MAX_SUBSCRIPTION));
            }
        }
        issues.nest("subscriptions", items);
    }
    issues.into_result().map_err(|issues| {
        Error::invalid(
            "Something went wrong while processing your request.",
            issues,
        )
    })
}

/// Who the caller is, with what tells later whether it still is.
fn identify(app: &App, ctx: &Ctx, token: Option<&str>) -> Result<Identity> {
    let Some(auth) = ctx.auth() else {
        return Ok(Identity::GUEST);
    };
    let key = app.read(|reader, snapshot| {
        auth::token_key(reader, snapshot, &auth.collection_id, &auth.id)
    })?;
    let expires = token
        .and_then(|token| tokens::peek(token, ctx.now))
        .map(|claims| Timestamp::from_unix_ms(claims.exp.saturating_mul(1000)));
    Ok(Identity {
        principal: ctx.principal.clone(),
        token_key: key.map(|(_, key)| key),
        expires,
    })
}

/// Asks the feed for the collections that somebody is subscribed to or signed in with.
fn want(app: &App, more: &[&str], identity: &Identity) {
    let snapshot = app.snapshot();
    let mut names = app.realtime().collections();
    names.extend(more.iter().map(|text| {
        let name = text.split(['/', '?']).next().unwrap_or_default();
        name.to_owned()
    }));
    names.extend(identity.auth().map(|auth| auth.collection_id.clone()));
    let wanted = names
        .iter()
        .filter_map(|name| snapshot.collection(name))
        .map(|entry| entry.id.clone())
        .collect();
    app.engine().feed().want(wanted);
}
