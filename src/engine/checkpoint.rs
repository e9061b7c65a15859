//! Keeps the write-ahead log short.
//!
//! A thread of its own copies committed pages back into the database, so that no request waits for it. As
//! the log can start over only when all of it has been copied and writes keep arriving meanwhile, the writer
//! copies the small remainder itself between two transactions.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::mpsc::{self, SyncSender, TrySendError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::wal::CheckpointMode;

use super::error::Error;
use super::pragmas::{self, BUSY_TIMEOUT};

/// Pages in the log at which the thread starts copying: 16 MiB.
const START_PAGES: u32 = 4_096;
/// Pages in the log, 128 MiB, at which the writer waits a moment for readers to let go of it.
const INSIST_PAGES: u32 = 32_768;
const INSIST_EVERY: Duration = Duration::from_secs(1);
const INSIST_WAIT: Duration = Duration::from_millis(100);

/// The writer's side of the upkeep.
#[derive(Debug)]
pub(super) struct Checkpoints {
    shared: Arc<Shared>,
    /// A wish to run; one waiting is enough. Dropping it ends the thread.
    wishes: SyncSender<()>,
    thread: JoinHandle<()>,
    insisted: Instant,
}

#[derive(Debug)]
struct Shared {
    /// Pages in the log after the last commit.
    pages: Arc<AtomicU32>,
    /// The thread has copied nearly everything: the writer shall copy the rest.
    nearly_done: AtomicBool,
}

impl Checkpoints {
    /// Starts the thread; its connection is opened when it is first needed. The writer's connection keeps
    /// `pages` up to date.
    pub(super) fn start(path: PathBuf, pages: Arc<AtomicU32>) -> Result<Self, Error> {
        let shared = Arc::new(Shared {
            pages,
            nearly_done: AtomicBool::new(false),
        });
        let (wishes, wished) = mpsc::sync_channel(1);
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || {
                let mut connection = None;
                while wished.recv().is_ok() {
                    if let Err(error) = copy(&path, &mut connection, &theirs) {
                        tracing::warn!(%error, "failed to checkpoint");
                    }
                }
            })
            .map_err(|error| Error::Other(error.to_string()))?;
        Ok(Self {
            shared,
            wishes,
            thread,
            insisted: Instant::now(),
        })
    }

    /// Called by the writer after a commit.
    pub(super) fn after_commit(&self) {
        if self.shared.pages.load(Relaxed) >= START_PAGES {
            self.run_now();
        }
    }

    /// Makes the thread copy what is there.
    pub(super) fn run_now(&self) {
        if let Err(TrySendError::Disconnected(())) = self.wishes.try_send(()) {
            tracing::error!("the checkpoint thread is gone");
        }
    }

    /// Called by the writer when it has no transaction open.
    pub(super) fn between_transactions(&mut self, writer: &Connection) {
        let result = if self.shared.nearly_done.swap(false, Relaxed) {
            writer
                .wal_checkpoint_v2(Some(c"main"), CheckpointMode::PASSIVE)
                .map(drop)
        } else if self.shared.pages.load(Relaxed) >= INSIST_PAGES
            && self.insisted.elapsed() >= INSIST_EVERY
        {
            self.insisted = Instant::now();
            insist(writer)
        } else {
            return;
        };
        match result.map_err(Error::from) {
            // Busy: a reader or the thread is at it; there will be another occasion.
            Ok(()) | Err(Error::Busy) => {}
            Err(error) => tracing::warn!(%error, "failed to checkpoint"),
        }
    }

    /// Leaves a database without a log behind.
    pub(super) fn close(self, writer: Connection) {
        drop(self.wishes);
        drop(self.thread.join());
        let truncated = writer.wal_checkpoint_v2(Some(c"main"), CheckpointMode::TRUNCATE);
        if let Err(error) = truncated {
            tracing::warn!(%error, "failed to empty the write-ahead log");
        }
        if let Err((_, error)) = writer.close() {
            tracing::warn!(%error, "failed to close the database");
        }
    }
}

fn insist(writer: &Connection) -> rusqlite::Result<()> {
    writer.busy_timeout(INSIST_WAIT)?;
    let result = writer.wal_checkpoint_v2(Some(c"main"), CheckpointMode::RESTART);
    writer.busy_timeout(BUSY_TIMEOUT)?;
    result.map(drop)
}

fn copy(path: &Path, connection: &mut Option<Connection>, shared: &Shared) -> Result<(), Error> {
    let connection = match connection {
        Some(connection) => connection,
        None => connection.insert(pragmas::open_checkpointer(path)?),
    };
    let (pages, copied) = connection.wal_checkpoint_v2(Some(c"main"), CheckpointMode::PASSIVE)?;
    // Readers of older states keep the rest from being copied; the next wish tries again.
    if pages > 0 && pages - copied < pages / 4 {
        shared.nearly_done.store(true, Relaxed);
    }
    Ok(())
}
