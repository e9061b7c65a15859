//! Stops statements that run too long or that nobody waits for any more.
//!
//! SQLite calls the watch every few thousand steps of its virtual machine. A statement's time starts at
//! the first such call, so that a point read, which never reaches it, does not even read the clock.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::error::Error;

/// How long a statement may take without being mentioned.
const SLOW: Duration = Duration::from_millis(500);

/// Steps of the virtual machine between two looks at the clock, roughly a tenth of a millisecond.
const STEPS: i32 = 5_000;

/// The time limits of one connection. Only the connection's own thread of the moment touches it, save for
/// the flags, which others raise.
#[derive(Debug)]
pub(super) struct Watch {
    /// Times below are microseconds since this moment, at least 1; 0 stands for "none".
    origin: Instant,
    limit_us: AtomicU64,
    /// When the outermost running statement was first seen.
    started_us: AtomicU64,
    /// A moment at which statements stop whatever their own limit says.
    deadline_us: AtomicU64,
    /// How long from their first look at the clock statements may run together, before it becomes a deadline.
    budget_us: AtomicU64,
    /// There is such a time: whoever takes longer starts again elsewhere.
    brief: AtomicBool,
    /// Statements running inside each other.
    depth: AtomicU32,
    /// The last statement that was stopped was stopped for its time.
    timed_out: AtomicBool,
    /// Raised by the engine when it closes.
    closing: Arc<AtomicBool>,
    /// A transaction ends, which is over at once and has to be done whatever time is left.
    ending: AtomicBool,
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
            limit_us: AtomicU64::new(microseconds(limit)),
            started_us: AtomicU64::new(0),
            deadline_us: AtomicU64::new(0),
            budget_us: AtomicU64::new(0),
            brief: AtomicBool::new(false),
            depth: AtomicU32::new(0),
            timed_out: AtomicBool::new(false),
            closing,
            ending: AtomicBool::new(false),
            cancelled: Mutex::new(None),
        });
        let seen = Arc::clone(&watch);
        connection.progress_handler(STEPS, Some(move || seen.must_stop()))?;
        Ok(watch)
    }

    /// Marks a statement as running until the guard is dropped.
    pub(super) fn begin(&self) -> Running<'_> {
        if self.depth.fetch_add(1, Relaxed) == 0 {
            self.started_us.store(0, Relaxed);
        }
        Running { watch: self }
    }

    /// Changes the limit of a statement.
    pub(super) fn set_limit(&self, limit: Duration) {
        self.limit_us.store(microseconds(limit), Relaxed);
    }

    /// Sets or lifts the moment at which statements stop.
    pub(super) fn set_deadline(&self, deadline: Option<Instant>) {
        let at = deadline.map_or(0, |at| {
            microseconds(at.saturating_duration_since(self.origin))
        });
        self.deadline_us.store(at, Relaxed);
    }

    /// Brings the moment at which statements stop forward, and returns what to [put back](Self::restore) afterwards.
    pub(super) fn narrow(&self, deadline: Instant) -> u64 {
        let before = self.deadline_us.load(Relaxed);
        let at = microseconds(deadline.saturating_duration_since(self.origin));
        let at = if before == 0 { at } else { at.min(before) };
        self.deadline_us.store(at, Relaxed);
        before
    }

    /// Puts a moment back that [`Self::narrow`] returned.
    pub(super) fn restore(&self, before: u64) {
        self.deadline_us.store(before, Relaxed);
    }

    /// Sets the time that the statements from now on may take together. It starts to run when one of them is first
    /// looked at, so that quick ones do without reading the clock.
    pub(super) fn set_budget(&self, budget: Duration) {
        self.budget_us.store(microseconds(budget), Relaxed);
        self.brief.store(true, Relaxed);
    }

    /// Ends a brief read that turns out to be a long one, statements or not. Says whether it was one.
    pub(super) fn end_brief(&self) -> bool {
        let is_brief = self.brief.load(Relaxed);
        if is_brief {
            self.timed_out.store(true, Relaxed);
        }
        is_brief
    }

    /// Lifts everything that one caller has set.
    pub(super) fn lift(&self) {
        self.budget_us.store(0, Relaxed);
        self.brief.store(false, Relaxed);
        self.deadline_us.store(0, Relaxed);
        self.set_cancelled(None);
    }

    /// Sets or lifts the flag by which the caller says that it no longer waits.
    pub(super) fn set_cancelled(&self, flag: Option<Arc<AtomicBool>>) {
        *self
            .cancelled
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = flag;
    }

    /// Says, once, whether a statement was stopped for its time.
    pub(super) fn take_timed_out(&self) -> bool {
        self.timed_out.swap(false, Relaxed)
    }

    /// How long the outermost running statement has taken, when that is remarkable. Costs next to nothing otherwise.
    pub(super) fn remarkable(&self) -> Option<Duration> {
        let started = self.started_us.load(Relaxed);
        if started == 0 || self.depth.load(Relaxed) != 1 {
            return None;
        }
        let taken = microseconds(self.origin.elapsed()).saturating_sub(started);
        Some(Duration::from_micros(taken)).filter(|taken| *taken >= SLOW)
    }

    /// Says why a statement was interrupted.
    pub(super) fn reason(&self) -> Error {
        if self.timed_out.load(Relaxed) {
            Error::Timeout
        } else {
            Error::Interrupted
        }
    }

    /// Runs the statement that ends a transaction, to the end.
    pub(super) fn ending<T>(&self, end: impl FnOnce() -> T) -> T {
        self.ending.store(true, Relaxed);
        let ended = end();
        self.ending.store(false, Relaxed);
        ended
    }

    /// Says whether whatever runs on the connection has to stop now.
    pub(super) fn must_stop(&self) -> bool {
        if self.ending.load(Relaxed) {
            return false;
        }
        if self.closing.load(Relaxed) || self.is_cancelled() {
            self.timed_out.store(false, Relaxed);
            return true;
        }
        let now = microseconds(self.origin.elapsed());
        let budget = self.budget_us.swap(0, Relaxed);
        if budget > 0 {
            self.deadline_us.store(now.saturating_add(budget), Relaxed);
        }
        let deadline = self.deadline_us.load(Relaxed);
        let started = self.started_us.load(Relaxed);
        if started == 0 {
            self.started_us.store(now, Relaxed);
        }
        let late = (deadline > 0 && now >= deadline)
            || (started > 0 && now - started >= self.limit_us.load(Relaxed));
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

fn microseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).map_or(u64::MAX, |us| us.max(1))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::time::{Duration, Instant};

    use super::super::pragmas;
    use super::super::reader::Reader;
    use super::STEPS;

    #[test]
    fn transactions_end_when_the_time_is_over_as_well() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data.db");
        let writer = rusqlite::Connection::open(&path).unwrap();
        writer
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (n);")
            .unwrap();
        let closing = Arc::new(AtomicBool::new(false));
        let reader = pragmas::open_reader(&path, Duration::from_secs(5), closing).unwrap();
        // The time is looked at every so many steps of a statement, all its runs together.
        for _ in 0..STEPS {
            reader.begin().unwrap();
            let ended = reader.until(Instant::now(), Reader::end);
            assert_eq!(ended.map_err(|error| error.to_string()), Ok(()));
        }
    }
}
