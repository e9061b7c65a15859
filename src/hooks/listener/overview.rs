//! What the scripts are and do, for the admin UI.

use std::sync::atomic::Ordering::Relaxed;

use serde_json::{Value as Json, json};

use super::Inner;
use crate::hooks::{folder, revisions};

impl Inner {
    pub(super) fn overview(&self) -> Json {
        let set = self.set.load();
        let scripts: Vec<Json> = set
            .scripts
            .iter()
            .enumerate()
            .map(|(index, script)| {
                let handlers = set.handlers.iter().filter(|h| h.script == index);
                let handlers: Vec<Json> = handlers
                    .map(|h| json!({"event": h.kind.name(), "collections": h.tags, "line": h.line}))
                    .collect();
                let routes = set.routes.iter().filter(|r| r.script == index);
                let routes: Vec<Json> = routes
                    .map(|r| json!({"method": r.method, "path": r.path, "line": r.line}))
                    .collect();
                let jobs = set.jobs.iter().filter(|j| j.script == index);
                let jobs: Vec<Json> = jobs
                    .map(|j| json!({"id": j.id, "expression": j.expression, "line": j.line}))
                    .collect();
                json!({
                    "path": script.name, "handlers": handlers, "routes": routes, "crons": jobs,
                    "middleware": set.middleware.iter().filter(|m| m.script == index).count(),
                    "calls": script.counts.calls.load(Relaxed),
                    "errors": script.counts.errors.load(Relaxed),
                    "micros": script.counts.micros.load(Relaxed),
                })
            })
            .collect();
        let editing = if self.options.editable {
            json!({"allowed": true})
        } else {
            let reason =
                "Scripts can be edited here when the server runs with --dev or --hooks-edit.";
            json!({"allowed": false, "reason": reason})
        };
        json!({
            "folder": self.options.folder.display().to_string(),
            "files": folder::list(&self.options.folder), "pending": revisions::pending(&self.options.folder),
            "scripts": scripts, "problems": &**self.errors.load(), "editing": editing,
        })
    }
}
