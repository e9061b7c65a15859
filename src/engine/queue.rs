//! The bounded queue in front of the writer thread.
//!
//! Any thread pushes, only the writer takes, and it takes everything at once: one lock per group of jobs
//! instead of one per job. Closing lets the writer finish what was accepted and refuses the rest.

use std::collections::VecDeque;
use std::fmt;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::error::Error;
use super::job::Job;
use super::lease::Lease;

/// What the writer is asked for.
pub(super) enum Work {
    /// A job that may share its transaction with others.
    Group(Box<dyn Job>),
    /// A job with a transaction of its own.
    Alone(Box<dyn Job>),
    /// A transaction driven from outside.
    Lease {
        limit: Duration,
        reply: oneshot::Sender<Result<Lease, Error>>,
    },
}

#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// Signalled by `push`, `flush_ended` and `close`, waited for by the writer alone.
    arrived: Condvar,
    capacity: usize,
}

#[derive(Debug)]
struct State {
    waiting: VecDeque<Work>,
    /// The writer sleeps; spares a system call for each job that arrives while it works.
    writer_sleeps: bool,
    /// Groups that are being flushed or wait for it.
    flushes: u32,
    closed: bool,
}

/// What became of waiting for work.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wait {
    Arrived,
    /// Nothing came for a while.
    Idle,
    /// Nothing will come any more.
    Closed,
}

impl fmt::Debug for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Group(_) => "Group",
            Self::Alone(_) => "Alone",
            Self::Lease { .. } => "Lease",
        })
    }
}

impl Queue {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                writer_sleeps: false,
                flushes: 0,
                closed: false,
            }),
            arrived: Condvar::new(),
            capacity,
        }
    }

    /// Appends work.
    pub(super) fn push(&self, work: Work) -> Result<(), Error> {
        let mut state = self.lock();
        if state.closed {
            return Err(Error::Closed);
        }
        if state.waiting.len() >= self.capacity {
            return Err(Error::Full);
        }
        state.waiting.push_back(work);
        let wake = mem::take(&mut state.writer_sleeps);
        drop(state);
        if wake {
            self.arrived.notify_one();
        }
        Ok(())
    }

    /// How much waits.
    pub(super) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Moves everything that waits to `taken`, which must be empty.
    pub(super) fn take_all(&self, taken: &mut VecDeque<Work>) {
        mem::swap(&mut self.lock().waiting, taken);
    }

    /// Sleeps until there is work.
    pub(super) fn wait(&self, patience: Duration) -> Wait {
        let mut state = self.lock();
        loop {
            if !state.waiting.is_empty() {
                return Wait::Arrived;
            }
            if state.closed {
                return Wait::Closed;
            }
            state.writer_sleeps = true;
            let (woken, timeout) = self
                .arrived
                .wait_timeout(state, patience)
                .unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.writer_sleeps = false;
            if timeout.timed_out() && state.waiting.is_empty() && !state.closed {
                return Wait::Idle;
            }
        }
    }

    /// Sleeps, at most for a while, until there is work or the disk is free. Says whether there is work.
    pub(super) fn wait_for_disk(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            if !state.waiting.is_empty() {
                return true;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if state.flushes == 0 || state.closed || left.is_zero() {
                return false;
            }
            state.writer_sleeps = true;
            let (woken, _) = self
                .arrived
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.writer_sleeps = false;
        }
    }

    /// Says whether a group is being flushed.
    pub(super) fn is_flushing(&self) -> bool {
        self.lock().flushes > 0
    }

    pub(super) fn flush_begins(&self) {
        self.lock().flushes += 1;
    }

    pub(super) fn flush_ended(&self) {
        let mut state = self.lock();
        state.flushes = state.flushes.saturating_sub(1);
        let wake = mem::take(&mut state.writer_sleeps);
        drop(state);
        if wake {
            self.arrived.notify_one();
        }
    }

    /// Refuses work from now on.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.arrived.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
