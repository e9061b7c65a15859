//! A connection that a thread holds for a burst of reads.
//!
//! A thread that answers requests reads many times before it sleeps. Taking a connection for each read, and beginning
//! and ending a transaction for each statement, costs more than the statement: locks of the pool, of SQLite's shared
//! memory and of the file. So such a thread keeps its connection, and from the second read of a burst on a transaction
//! as well, for as long as nothing was committed. Before it sleeps it gives both back, so that no old state is held.
//!
//! A read never sees less than was committed when it started: the number of commits is compared every time. What
//! another process commits is seen at the latest after [`MAX_SHARED`] reads.

use std::cell::RefCell;
use std::time::Duration;

use r2d2::PooledConnection;

use super::error::Error;
use super::read_pool::{Limited, ReadConnections, ReadPool};
use super::reader::Reader;

/// Reads that may share a transaction.
const MAX_SHARED: u32 = 64;

thread_local! {
    static SLOT: RefCell<Slot> = const { RefCell::new(Slot { rests: false, kept: None }) };
}

/// What a thread keeps.
struct Slot {
    /// The thread tells when it sleeps; one that does not keeps nothing.
    rests: bool,
    kept: Option<Held>,
}

/// A connection between two reads of a burst.
struct Held {
    reader: PooledConnection<ReadConnections>,
    /// Of which pool it is.
    pool: u64,
    /// The transaction that is open on it.
    shared: Option<Shared>,
}

struct Shared {
    /// Commits when it began.
    commits: u64,
    reads: u32,
}

/// Gives back what this thread keeps. To be called by a thread whenever it is about to sleep; one that has never called
/// it keeps nothing.
pub fn rest() {
    let kept = SLOT.with_borrow_mut(|slot| {
        slot.rests = true;
        slot.kept.take()
    });
    drop(kept);
}

fn take() -> Option<Held> {
    SLOT.with_borrow_mut(|slot| slot.kept.take())
}

impl Held {
    /// Makes sure that the next read sees everything committed so far.
    fn refresh(&mut self, commits: u64) -> Result<(), Error> {
        if let Some(shared) = &mut self.shared {
            if shared.commits == commits && shared.reads < MAX_SHARED {
                shared.reads += 1;
                return Ok(());
            }
            self.shared = None;
            self.reader.end()?;
        }
        self.reader.begin()?;
        self.shared = Some(Shared { commits, reads: 1 });
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.shared.is_some()
            && let Err(error) = self.reader.end()
        {
            // The pool does not take a connection back that is inside a transaction.
            tracing::warn!(%error, "failed to end a burst of reads");
        }
    }
}

impl ReadPool {
    /// Runs a closure on the calling thread; `None` if its statements did not finish within the budget.
    pub(super) fn run_briefly<T, E: From<Error>>(
        &self,
        budget: Duration,
        f: impl FnOnce(&Reader) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let read = read(self, |reader| {
            let watch = reader.watch();
            let limited = Limited(watch);
            watch.take_timed_out();
            watch.set_budget(budget);
            let result = f(reader);
            drop(limited);
            // Whatever the closure made of an interrupted statement, it is no result.
            (!watch.take_timed_out()).then_some(result)
        });
        read.unwrap_or_else(|error| Some(Err(error.into())))
    }
}

/// Runs a read on the connection this thread keeps, or on one from the pool.
pub(super) fn read<T>(pool: &ReadPool, f: impl FnOnce(&Reader) -> T) -> Result<T, Error> {
    let schema = pool.schema();
    // While it is lent out the slot is empty: a read inside a read takes another connection.
    let held = match take() {
        Some(mut held) if held.pool == pool.id() => {
            held.refresh(pool.commits())?;
            held
        }
        _ => Held {
            reader: pool.reader()?,
            pool: pool.id(),
            shared: None,
        },
    };
    held.reader.follow(schema);
    let result = f(&held.reader);
    // If the slot has been filled by a read inside this one, the connection goes back to the pool.
    let spare = SLOT.with_borrow_mut(|slot| {
        if slot.rests && slot.kept.is_none() {
            slot.kept = Some(held);
            None
        } else {
            Some(held)
        }
    });
    drop(spare);
    Ok(result)
}
