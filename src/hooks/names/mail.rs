//! `mail`: mails to people.

use rhai::{Array, Dynamic, Map, Module};

use crate::app::letters;
use crate::base::error::Error;
use crate::hooks::define::named;
use crate::hooks::fault::{Failure, mistaken, misuse, thrown};
use crate::hooks::file::ScriptFile;
use crate::hooks::{app, frames, notes, values};
use crate::mail::Attachment;

fn send(mail: &Map) -> Result<(), Failure> {
    let app = app::current()?;
    if notes::call("mail::send", || values::map_to_json(mail).into()) {
        return Ok(());
    }
    if app.transaction().is_some() {
        return Err(misuse("Mails cannot be sent inside a transaction."));
    }
    let mut mail = mail.clone();
    let attachments = match mail.remove("attachments") {
        Some(list) => attachments(&list)?,
        None => Vec::new(),
    };
    let members = values::map_to_json(&mail);
    let sent = frames::wait(async move { letters::send(&app, &members, attachments).await });
    sent.map_err(|error| match error {
        // What is wrong with the mail or the mail server is no business of who sent a request; what a handler of mails
        // threw is.
        Error::BadRequest(_) => mistaken(&error),
        _ => thrown(&error),
    })
}

fn attachments(list: &Dynamic) -> Result<Vec<Attachment>, Failure> {
    let Some(list) = list.read_lock::<Array>() else {
        return Err(misuse("The attachments of a mail are an array of files."));
    };
    let one = |item: &Dynamic| match item.read_lock::<ScriptFile>() {
        Some(file) => Ok(Attachment {
            name: file.name.clone(),
            content_type: file.content_type.clone(),
            content: file.bytes.to_vec(),
        }),
        None => Err(misuse(
            "An attachment is a file, such as files::from_text(\"a.txt\", \"…\") gives one.",
        )),
    };
    list.iter().map(one).collect()
}

/// The namespace `mail`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    named!(
        module,
        "send(mail: map)",
        "Sends a mail: `to` (an address or an array of them), `subject`, and `html` or `text` or both; if wanted `cc`, `bcc`, `reply_to`, `from` (an address, or `#{name, address}`; else the sender of the settings), `headers` (a map), `attachments` (an array of files). Throws when the mail server does not take it.",
        |mail: Map| send(&mail)
    );
    module
}
