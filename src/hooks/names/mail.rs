//! `mail`: mails to people.

use rhai::{Array, Map, Module};

use crate::app::letters;
use crate::hooks::define::function;
use crate::hooks::fault::{Failure, misuse, thrown};
use crate::hooks::names::text::escape_html;
use crate::hooks::{app, frames};

/// People one call may write to.
const MAX_RECIPIENTS: usize = 100;

const KNOWN: [&str; 4] = ["to", "subject", "text", "html"];

fn send(mail: &Map) -> Result<(), Failure> {
    let app = app::current()?;
    if app.transaction().is_some() {
        return Err(misuse("Mails cannot be sent inside a transaction."));
    }
    if let Some(unknown) = mail.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(misuse(format!(
            "A mail has no \"{unknown}\"; it has {}.",
            KNOWN.join(", ")
        )));
    }
    let text = |name: &str| mail.get(name).map(ToString::to_string).unwrap_or_default();
    let html = if mail.contains_key("html") {
        text("html")
    } else {
        let escaped = escape_html(&text("text")).replace('\n', "<br>\n");
        format!("<p>{escaped}</p>")
    };
    let recipients: Vec<String> = match mail.get("to").and_then(rhai::Dynamic::read_lock::<Array>) {
        Some(list) => list.iter().map(ToString::to_string).collect(),
        None => vec![text("to")],
    };
    if recipients.len() > MAX_RECIPIENTS {
        return Err(misuse("One call writes to at most 100 people."));
    }
    let subject = text("subject");
    frames::wait(async move {
        for to in &recipients {
            letters::send(&app, to, &subject, &html).await?;
        }
        Ok(())
    })
    .map_err(|error| thrown(&error))
}

/// The namespace `mail`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    function!(
        module,
        "send(mail: map)",
        "Sends a mail: `to` (an address or an array of them, each gets a mail of its own), `subject`, and `html` or `text`. The sender is the one of the settings. Throws when the mail server does not take it.",
        |mail: Map| send(&mail)
    );
    module
}
