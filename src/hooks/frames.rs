//! What the calls on a script thread are in the middle of: for which app, until when, and through which events.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use crate::app::App;
use crate::base::error::{Error, Result};
use crate::hooks::thread;

/// Saves and deletes that handlers may cause within each other.
const MAX_NESTED_EVENTS: usize = 16;

/// One call in progress.
#[derive(Debug)]
struct Frame {
    app: App,
    deadline: Instant,
    /// What is being handled, such as `record_create of posts`.
    label: String,
    /// Counts towards the limit of events within each other.
    is_nested: bool,
}

thread_local! {
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

/// Ends its call when dropped.
#[derive(Debug)]
pub(super) struct Entered(());

impl Drop for Entered {
    fn drop(&mut self) {
        FRAMES.with_borrow_mut(|frames| {
            frames.pop();
        });
    }
}

/// Begins a call.
pub(super) fn enter(app: App, limit: Duration, label: String, is_nested: bool) -> Result<Entered> {
    FRAMES.with_borrow_mut(|frames| {
        let chain = frames.iter().filter(|frame| frame.is_nested);
        if is_nested && chain.clone().count() >= MAX_NESTED_EVENTS {
            let names: Vec<&str> = chain.map(|frame| frame.label.as_str()).collect();
            return Err(Error::internal(format!(
                "handlers keep saving within each other: {} > {label}",
                names.join(" > ")
            )));
        }
        let mut deadline = Instant::now() + limit;
        // A transaction's deadline holds for everything in it.
        if let Some(outer) = frames.last()
            && outer.app.transaction().is_some()
        {
            deadline = deadline.min(outer.deadline);
        }
        frames.push(Frame {
            app,
            deadline,
            label,
            is_nested,
        });
        Ok(Entered(()))
    })
}

/// The app for whatever is in progress.
pub(super) fn app() -> Option<App> {
    FRAMES.with_borrow(|frames| frames.last().map(|frame| frame.app.clone()))
}

/// What is in progress, for messages.
pub(super) fn label() -> String {
    FRAMES.with_borrow(|frames| {
        frames
            .last()
            .map_or_else(String::new, |frame| frame.label.clone())
    })
}

/// Says whether the call has run out of time.
pub(super) fn is_overdue() -> bool {
    FRAMES.with_borrow(|frames| {
        frames
            .last()
            .is_some_and(|frame| Instant::now() > frame.deadline)
    })
}

/// Waits for an operation that a script asked for, at most until the call's deadline.
pub(super) fn wait<T>(operation: impl Future<Output = Result<T>>) -> Result<T> {
    let deadline = FRAMES.with_borrow(|frames| frames.last().map(|frame| frame.deadline));
    let Some(deadline) = deadline else {
        return thread::block_on(operation);
    };
    thread::block_on(async {
        match tokio::time::timeout_at(deadline.into(), operation).await {
            Ok(result) => result,
            Err(_) => Err(Error::internal("a script ran out of time while it waited")),
        }
    })
}

/// Does what the server does anyway; it does not count towards the call's time.
pub(super) fn wait_unmetered<T>(operation: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let result = thread::block_on(operation);
    let taken = began.elapsed();
    FRAMES.with_borrow_mut(|frames| {
        if let Some(frame) = frames.last_mut()
            && frame.app.transaction().is_none()
        {
            frame.deadline += taken;
        }
    });
    result
}
