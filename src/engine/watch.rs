//! Stops statements that run too long or that nobody waits for any more.
//!
//! SQLite calls the watch every few thousand steps of its virtual machine. A statement's time starts at
//! the first such call, so that a point read, which never reaches it, does not even read the clock.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::error::Error;

/// Steps of the virtual machine between two looks at the clock, roughly a tenth of a millisecond.
const STEPS: i32 = 5_000;

/// The time limits of one connection. Only the connection's own thread of the moment touches it, save for
/// the flags, which others raise.
#[derive(Debug)]
pub(super) struct Watch {
    /// Times below are milliseconds since this moment, at least 1; 0 stands for "none".
    origin: Instant,
    limit_ms: AtomicU64,
    /// When the outermost running statement was first seen.
    started_ms: AtomicU64,
    /// A moment at which statements stop whatever their own limit says.
    deadline_ms: AtomicU64,
    /// Statements running inside each other.
    depth: AtomicU32,
    timed_out: AtomicBool,
    /// Raised by the engine when it closes.
    closing: Arc<AtomicBool>,
    /// Raised by the caller of the moment when it stops waiting.
    cancelled: Mutex<Option<Arc<AtomicBool>>>,
}

impl Watch {
    /// Watches a connection.
    pub(super) fn install(
        connection: &mut Connection,
        limit: Duration,
        closing: Arc<AtomicBool>,
    ) -> Result<Arc<Self>, Error> {
        let watch = Arc::new(Self {
            origin: Instant::now(),
            limit_ms: AtomicU64::new(milliseconds(limit)),
            started_ms: AtomicU64::new(0),
            deadline_ms: AtomicU64::new(0),
            depth: AtomicU32::new(0),
            timed_out: AtomicBool::new(false),
            closing,
            cancelled: Mutex::new(None),
        });
        let seen = Arc::clone(&watch);
        connection.progress_handler(STEPS, Some(move || seen.must_stop()))?;
        Ok(watch)
    }

    /// Marks a statement as running until the guard is dropped.
    pub(super) fn begin(&self) -> Running<'_> {
        if self.depth.fetch_add(1, Relaxed) == 0 {
            self.started_ms.store(0, Relaxed);
        }
        Running { watch: self }
    }

    /// Changes the limit of a statement.
    pub(super) fn set_limit(&self, limit: Duration) {
        self.limit_ms.store(milliseconds(limit), Relaxed);
    }

    /// Sets or lifts the moment at which statements stop.
    pub(super) fn set_deadline(&self, deadline: Option<Instant>) {
        let at = deadline.map_or(0, |at| {
            milliseconds(at.saturating_duration_since(self.origin))
        });
        self.deadline_ms.store(at, Relaxed);
    }

    /// Sets or lifts the flag by which the caller says that it no longer waits.
    pub(super) fn set_cancelled(&self, flag: Option<Arc<AtomicBool>>) {
        *self
            .cancelled
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = flag;
    }

    /// Says why statements were interrupted since the last call.
    pub(super) fn reason(&self) -> Error {
        if self.timed_out.swap(false, Relaxed) {
            Error::Timeout
        } else {
            Error::Interrupted
        }
    }

    fn must_stop(&self) -> bool {
        if self.closing.load(Relaxed) || self.is_cancelled() {
            return true;
        }
        let now = milliseconds(self.origin.elapsed());
        let started = self.started_ms.load(Relaxed);
        if started == 0 {
            self.started_ms.store(now, Relaxed);
            return false;
        }
        let deadline = self.deadline_ms.load(Relaxed);
        let late =
            now - started >= self.limit_ms.load(Relaxed) || (deadline > 0 && now >= deadline);
        if late {
            self.timed_out.store(true, Relaxed);
        }
        late
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .is_some_and(|flag| flag.load(Relaxed))
    }
}

/// A running statement.
#[must_use]
#[derive(Debug)]
pub(super) struct Running<'a> {
    watch: &'a Watch,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.watch.depth.fetch_sub(1, Relaxed);
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).map_or(u64::MAX, |ms| ms.max(1))
}
