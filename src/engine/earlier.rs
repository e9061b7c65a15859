//! The state of the database before a commit, kept for a moment for whoever follows the change log.
//!
//! Who may know that a record was deleted can depend on what went with it, in the same transaction; afterwards nobody
//! can tell. A state that is kept makes SQLite's log longer for as long, so that only few are kept, for a short time,
//! and only of transactions that delete what somebody follows.

use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::error::Error;
use super::pragmas;
use super::reader::Reader;
use crate::sql::Sql;

/// How long a state is worth keeping: SQLite's log cannot start over before it is given up.
const KEPT: Duration = Duration::from_secs(10);

/// Connections that are kept for the next state.
const MAX_SPARE: usize = 2;

/// Keeps states; of the writer's.
#[derive(Debug)]
pub(super) struct Keeper {
    path: PathBuf,
    /// How long one statement may take.
    limit: Duration,
    spare: Spare,
}

#[derive(Clone, Debug)]
struct Spare {
    readers: Arc<Mutex<Vec<Reader>>>,
    /// The database is about to be closed.
    closing: Arc<AtomicBool>,
}

impl Keeper {
    pub(super) fn new(path: PathBuf, limit: Duration, closing: Arc<AtomicBool>) -> Self {
        let readers = Arc::default();
        Self {
            path,
            limit,
            spare: Spare { readers, closing },
        }
    }

    /// Keeps what is committed right now; the transaction that is about to be will have logged the changes beyond the
    /// first number, up to the second.
    pub(super) fn keep(&self, epoch: u64, changes: (i64, i64)) -> Result<Earlier, Error> {
        let reader = match self.spare.take() {
            Some(reader) => reader,
            // Here and not by a thread of the pool: whether somebody is told must not depend on how busy others are.
            None => pragmas::open_reader(&self.path, self.limit, Arc::clone(&self.spare.closing))?,
        };
        reader.follow(epoch);
        reader.begin()?;
        // Only the first statement decides which state is seen.
        reader.exists(&Sql::from_text("SELECT 1 FROM sqlite_schema LIMIT 1"))?;
        Ok(Earlier {
            reader: Some(reader),
            spare: self.spare.clone(),
            epoch,
            changes,
            since: Instant::now(),
        })
    }

    /// Closes the connections that nobody uses.
    pub(super) fn rest(&self) {
        self.spare.lock().clear();
    }
}

impl Spare {
    fn take(&self) -> Option<Reader> {
        self.lock().pop()
    }

    fn put(&self, reader: Reader) {
        let mut readers = self.lock();
        if readers.len() < MAX_SPARE && !self.closing.load(Relaxed) {
            readers.push(reader);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The state before one transaction.
pub struct Earlier {
    /// There until this is dropped.
    reader: Option<Reader>,
    spare: Spare,
    epoch: u64,
    /// The transaction logged changes beyond the first number, up to the second.
    changes: (i64, i64),
    since: Instant,
}

impl Earlier {
    /// Reads what was there before the transaction.
    pub const fn reader(&self) -> Option<&Reader> {
        self.reader.as_ref()
    }

    /// The [`Engine::epoch`](super::Engine::epoch) of the transaction.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Says whether a change was logged by the transaction.
    pub const fn precedes(&self, seq: i64) -> bool {
        self.changes.0 < seq && seq <= self.changes.1
    }

    pub(super) const fn last(&self) -> i64 {
        self.changes.1
    }

    /// Says whether it has been kept for long enough, whatever it may still be good for.
    pub fn is_stale(&self) -> bool {
        self.since.elapsed() > KEPT
    }
}

impl fmt::Debug for Earlier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Earlier")
            .field("changes", &self.changes)
            .finish_non_exhaustive()
    }
}

impl Drop for Earlier {
    fn drop(&mut self) {
        let Some(reader) = self.reader.take() else {
            return;
        };
        match reader.end() {
            Ok(()) => self.spare.put(reader),
            // Closing the connection ends the transaction as well.
            Err(error) => tracing::warn!(%error, "failed to give an earlier state up"),
        }
    }
}
