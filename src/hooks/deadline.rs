//! The time that code has which is not part of a call, such as a script's top level.

use std::cell::Cell;
use std::time::{Duration, Instant};

thread_local! {
    static DEADLINE: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The end of time for code that is not part of a call.
pub(super) fn get() -> Option<Instant> {
    DEADLINE.get()
}

/// Runs code with a deadline of its own.
pub(super) fn within<T>(limit: Duration, run: impl FnOnce() -> T) -> T {
    let outer = DEADLINE.replace(Some(Instant::now() + limit));
    let result = run();
    DEADLINE.set(outer);
    result
}
