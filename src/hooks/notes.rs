//! What scripts do while they are tried out is noted instead: what would leave the server, lines for the log, faults.
//! Scripts that are not being tried find nothing to note it in.

use std::cell::RefCell;

use serde_json::{Value as Json, json};

use crate::hooks::fault::Report;

/// Things noted of each kind.
const MAX_NOTES: usize = 200;

/// All that was noted.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub(super) calls: Vec<Json>,
    pub(super) lines: Vec<Json>,
    pub(super) faults: Vec<Report>,
    /// What the calls took.
    pub(super) operations: u64,
}

thread_local! {
    /// A trial is one thread's.
    static NOTES: RefCell<Option<Notes>> = const { RefCell::new(None) };
}

/// Notes are taken on this thread until this is dropped.
#[derive(Debug)]
pub(super) struct Taking(());

impl Taking {
    pub(super) fn begin() -> Self {
        NOTES.set(Some(Notes::default()));
        Self(())
    }

    /// What there is so far; nothing is noted from now on.
    pub(super) fn end(self) -> Notes {
        let notes = NOTES.take();
        drop(self);
        notes.unwrap_or_default()
    }
}

impl Drop for Taking {
    fn drop(&mut self) {
        NOTES.set(None);
    }
}

/// Whether there is still room for one of a kind; `None` where nothing is noted.
fn room(of: impl FnOnce(&Notes) -> usize) -> Option<bool> {
    NOTES.with_borrow(|notes| Some(of(notes.as_ref()?) < MAX_NOTES))
}

fn add(note: impl FnOnce(&mut Notes)) {
    NOTES.with_borrow_mut(|notes| notes.as_mut().map(note));
}

/// Notes something that would leave the server; `false` when it has to be done.
pub(super) fn call(what: &str, with: impl FnOnce() -> Json) -> bool {
    let Some(room) = room(|notes| notes.calls.len()) else {
        return false;
    };
    if room {
        let note = json!({ "call": what, "with": with() });
        add(|notes| notes.calls.push(note));
    }
    true
}

/// Notes a line for the log.
pub(super) fn line(level: &str, message: &str, data: impl FnOnce() -> Json) {
    if room(|notes| notes.lines.len()) == Some(true) {
        let note = json!({ "level": level, "message": message, "data": data() });
        add(|notes| notes.lines.push(note));
    }
}

/// Notes where a script failed, and what a call took.
pub(super) fn end(operations: u64, fault: Option<&Report>) {
    add(|notes| {
        notes.operations = notes.operations.saturating_add(operations);
        if let Some(report) = fault
            && notes.faults.len() < MAX_NOTES
        {
            notes.faults.push(report.clone());
        }
    });
}
