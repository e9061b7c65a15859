//! Server-side scripts: loading them, running their handlers, and what they may call.
//!
//! [`Hooks::start`] loads the folder and registers with the app's dispatcher. [`loading`] compiles the scripts and runs
//! their top levels; what they register ([`registered`]) is a generation, a [`set::Set`]. A reload makes a new one and
//! swaps it in when all of it works. Handlers run on threads of their own ([`thread`]), within limits ([`engine`],
//! [`frames`]); what they call are operations of `app`. This module knows no HTTP.

mod advice;
mod app;
mod brief;
mod call;
mod cancel;
mod deadline;
mod define;
mod definitions;
mod editing;
mod engine;
mod errors;
mod event;
mod fault;
mod file;
mod folder;
mod frames;
mod handover;
mod limits;
mod listener;
mod loading;
mod migrate;
pub mod migrations;
mod modules;
mod names;
mod notes;
mod option_map;
mod options;
mod page;
mod print;
mod properties;
mod record;
mod registered;
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

pub use listener::Hooks;
pub use options::Options;

use std::collections::BTreeSet;
use std::path::Path;

/// What is wrong with the scripts of a folder, a line each.
#[derive(Debug)]
pub enum Checked {
    /// So many do not load.
    Unloaded { scripts: usize, lines: Vec<String> },
    /// All load, with these calls of functions that do not exist.
    Loaded(Vec<String>),
}

/// Loads the scripts of a folder without running any handler.
pub fn check(folder: &Path) -> Checked {
    let lines = |reports: &[fault::Report]| reports.iter().map(ToString::to_string).collect();
    match loading::load(folder, &crate::settings::Hooks::default()) {
        Ok(set) => Checked::Loaded(lines(&loading::unknown_calls(&set, folder))),
        Err(reports) => {
            let files: BTreeSet<&str> = reports.iter().map(|report| report.file.as_str()).collect();
            Checked::Unloaded {
                scripts: files.len(),
                lines: lines(&reports),
            }
        }
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
