//! What scripts register while their top level runs: handlers, routes, jobs, migrations.

use std::cell::RefCell;

use rhai::{FnPtr, NativeCallContext, Position};

use crate::events::Kind;
use crate::hooks::fault::{Failure, misuse};

/// A handler of an event.
#[derive(Clone, Debug)]
pub(super) struct Handler {
    pub(super) kind: Kind,
    /// Names or ids of collections, in lower case; none for all.
    pub(super) tags: Vec<String>,
    pub(super) function: FnPtr,
    pub(super) script: usize,
    /// Where it was registered.
    pub(super) line: usize,
    /// Where it calls `next` if it ends with that.
    pub(super) tail: Option<Position>,
}

/// A route, or a middleware for every request.
#[derive(Clone, Debug)]
pub(super) struct RouteHandler {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) function: FnPtr,
    pub(super) guards: Vec<Guard>,
    pub(super) script: usize,
    pub(super) line: usize,
    /// It is over at once, whatever it is called with.
    pub(super) is_brief: bool,
}

/// A job of the scheduler.
#[derive(Clone, Debug)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) expression: String,
    pub(super) function: FnPtr,
    pub(super) script: usize,
    /// Where it was registered.
    pub(super) line: usize,
}

/// What has to hold before a route's handler is called.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Guard {
    /// Signed in, as a record of one of the collections if any are given.
    Auth(Vec<String>),
    Superuser,
    /// A superuser, or the record whose id the placeholder holds.
    Owner(String),
    Guest,
    BodyLimit(usize),
    RateLimit {
        max: i64,
        seconds: i64,
    },
    /// Requests that are served leave no log entry.
    Unlogged,
    /// Answers are compressed for clients that take it.
    Gzip,
}

/// What a migration file registers.
#[derive(Clone, Debug)]
pub(super) struct Migration {
    pub(super) up: FnPtr,
    pub(super) down: Option<FnPtr>,
    pub(super) script: usize,
    pub(super) line: usize,
}

/// What a script registers while its top level runs.
#[derive(Debug, Default)]
pub(super) struct Loading {
    pub(super) script: usize,
    pub(super) handlers: Vec<Handler>,
    pub(super) routes: Vec<RouteHandler>,
    pub(super) middleware: Vec<RouteHandler>,
    pub(super) jobs: Vec<Job>,
    pub(super) migrations: Vec<Migration>,
}

thread_local! {
    static LOADING: RefCell<Option<Loading>> = const { RefCell::new(None) };
}

/// Registers something if a script is being loaded on this thread.
pub(super) fn register(
    context: &NativeCallContext,
    what: &str,
    add: impl FnOnce(&mut Loading, usize),
) -> Result<(), Failure> {
    let line = context.call_position().line().unwrap_or(0);
    LOADING.with_borrow_mut(|loading| match loading {
        Some(loading) => {
            add(loading, line);
            Ok(())
        }
        None => Err(misuse(format!(
            "{what} can only be called at the top level of a script."
        ))),
    })
}

/// Runs the top level of a script, which registers into this.
pub(super) fn collect<T>(loading: &mut Loading, run: impl FnOnce() -> T) -> T {
    LOADING.set(Some(std::mem::take(loading)));
    let result = run();
    *loading = LOADING.take().unwrap_or_default();
    result
}
