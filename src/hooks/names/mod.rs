//! The namespaces of scripts, one file each.

mod data;
pub(super) mod files;
mod http;
mod log;
mod mail;
mod security;
pub(super) mod text;
mod time;

use rhai::Module;

/// All namespaces by name.
pub(super) fn modules() -> Vec<(&'static str, Module)> {
    vec![
        ("security", security::module()),
        ("http", http::module()),
        ("json", data::json()),
        ("time", time::module()),
        ("text", text::module()),
        ("log", log::module()),
        ("env", data::env()),
        ("mail", mail::module()),
        ("files", files::module()),
        ("cron", data::cron()),
    ]
}
