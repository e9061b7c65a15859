//! Server-side scripts: loading them, running their handlers, and what they may call.
//!
//! [`Hooks::start`] loads the folder and registers with the app's dispatcher. A generation of scripts is a [`set::Set`];
//! a reload makes a new one and swaps it in when all of it works. Handlers run on threads of their own ([`thread`]),
//! within limits ([`engine`], [`frames`]); what they call are operations of `app`. This module knows no HTTP.

mod app;
mod brief;
mod call;
mod define;
mod definitions;
mod engine;
mod errors;
mod event;
mod fault;
mod files;
mod frames;
mod handover;
mod listener;
pub mod migrations;
mod names;
mod page;
mod print;
mod properties;
mod record;
mod revisions;
mod routes;
mod set;
mod spans;
mod store;
mod stream;
mod tail;
mod thread;
mod trial;
mod unknown;
mod values;
mod watch;

pub use listener::{Hooks, Options};

use std::path::Path;

/// Loads the scripts of a folder without running any handler, and returns what is wrong with them, a line each.
pub fn check(folder: &Path) -> Vec<String> {
    match set::Set::load(folder, &crate::settings::Hooks::default()) {
        Ok(set) => set
            .unknown_calls()
            .iter()
            .map(ToString::to_string)
            .collect(),
        Err(reports) => reports.iter().map(ToString::to_string).collect(),
    }
}

/// Everything scripts can call, as definitions for editors.
pub fn definitions() -> String {
    definitions::for_editors()
}

/// Everything scripts can call, as a page of the documentation.
pub fn reference() -> String {
    definitions::reference()
}
