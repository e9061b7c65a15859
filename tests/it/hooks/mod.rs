//! Scripts: what they see, what they may change and call, and what becomes of it over HTTP.

mod admin;
mod apps;
mod edges;
mod events;
mod every_event;
mod every_function;
mod hints;
mod limits;
mod lines;
mod migrations;
mod mistakes;
mod porting;
mod recipes;
mod reload;
mod routes;
mod say;
mod shown;

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::support::{Caller, Server, accepted, until_some};

/// Starts a server with scripts, each a file name and its text.
fn with_scripts(scripts: &[(&str, &str)]) -> Server {
    Server::start_with(&[], |home| {
        for (name, text) in scripts {
            write(home, name, text);
        }
    })
}

/// Writes a script into the folder of a server.
fn write(home: &Path, name: &str, text: &str) {
    let path = home.join("hooks").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    // As editors do it: whole files appear, never half of one.
    let hidden = path.with_extension("tmp");
    std::fs::write(&hidden, text).unwrap();
    std::fs::rename(hidden, path).unwrap();
}

/// A collection that anyone may use, with fields given as `name:type`.
fn open(superuser: &Caller<'_>, name: &str, fields: &[&str]) -> Json {
    let fields: Vec<Json> = fields
        .iter()
        .map(|field| {
            let (name, kind) = field.split_once(':').unwrap_or((field, "text"));
            json!({"name": name, "type": kind})
        })
        .collect();
    superuser.make_collection(&json!({
        "name": name, "type": "base", "fields": fields,
        "listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
    }))
}

/// The script, line and message of the first fault whose message contains this.
fn fault(root: &Caller<'_>, message: &str) -> Json {
    let path = format!("/api/logs?filter=(message~'{message}')").replace(' ', "%20");
    until_some(message, || {
        let items = accepted(&root.get(&path))["items"].clone();
        let found = items
            .as_array()?
            .iter()
            .find(|entry| entry["data"]["script"].is_string())?;
        let data = &found["data"];
        Some(json!([data["script"], data["line"], found["message"]]))
    })
}
