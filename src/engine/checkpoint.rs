//! Keeps the write-ahead log short.
//!
//! A thread of its own copies committed pages back into the database, so that no request waits for it. As
//! the log can start over only when all of it has been copied and writes keep arriving meanwhile, the writer
//! copies the small remainder itself between two transactions. The two take turns, see [`Turn`], because
//! SQLite lets only one of them copy at a time.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicU8, AtomicU32};
use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rusqlite::wal::CheckpointMode;

use super::error::Error;
use super::pragmas::{self, BUSY_TIMEOUT};

/// Pages in the log at which the thread starts copying: 16 MiB.
const START_PAGES: u32 = 4_096;
/// Pages that arrived while the thread was copying, up to which the writer takes over.
const REMAINDER_PAGES: u32 = 1_024;
/// Rounds of the thread after which the writer takes over however much is left.
const ROUNDS: u32 = 4;
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
    /// Rounds of the thread since the log last started over.
    rounds: u32,
    insisted: Instant,
}

#[derive(Debug)]
struct Shared {
    /// Pages in the log after the last commit.
    pages: Arc<AtomicU32>,
    /// Pages of the log that the thread has copied.
    copied: AtomicU32,
    /// Whose turn it is.
    turn: AtomicU8,
}

/// Whose turn it is to copy. Only the one whose turn it is passes it on.
#[repr(u8)]
enum Turn {
    /// The log is short, or the writer is to copy the rest.
    Writer,
    Thread,
}

impl Checkpoints {
    /// Starts the thread; its connection is opened when it is first needed. The writer's connection keeps
    /// `pages` up to date.
    pub(super) fn start(path: PathBuf, pages: Arc<AtomicU32>) -> Result<Self, Error> {
        let shared = Arc::new(Shared {
            pages,
            copied: AtomicU32::new(0),
            turn: AtomicU8::new(Turn::Writer as u8),
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
                    theirs.turn.store(Turn::Writer as u8, Release);
                }
            })
            .map_err(|error| Error::Other(error.to_string()))?;
        Ok(Self {
            shared,
            wishes,
            thread,
            rounds: 0,
            insisted: Instant::now(),
        })
    }

    /// Makes the thread copy what is there, unless it is at it.
    pub(super) fn run_now(&self) {
        if self.shared.turn.swap(Turn::Thread as u8, AcqRel) == Turn::Thread as u8 {
            return;
        }
        if self.wishes.try_send(()).is_err() {
            tracing::error!("the checkpoint thread is gone");
        }
    }

    /// Called by the writer when it has no transaction open.
    pub(super) fn between_transactions(&mut self, writer: &Connection) {
        let pages = self.shared.pages.load(Relaxed);
        if pages < START_PAGES || self.shared.turn.load(Acquire) == Turn::Thread as u8 {
            return;
        }
        let copied = self.shared.copied.swap(0, Relaxed);
        let remainder = pages.saturating_sub(copied);
        if self.rounds < ROUNDS && remainder > REMAINDER_PAGES {
            self.rounds += 1;
            return self.run_now();
        }
        self.rounds = 0;
        let result = if pages >= INSIST_PAGES && self.insisted.elapsed() >= INSIST_EVERY {
            self.insisted = Instant::now();
            insist(writer)
        } else {
            writer
                .wal_checkpoint_v2(Some(c"main"), CheckpointMode::PASSIVE)
                .map(drop)
        };
        match result.map_err(Error::from) {
            // Busy: readers hold on to older states, or another process copies.
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
    let (_, copied) = connection.wal_checkpoint_v2(Some(c"main"), CheckpointMode::PASSIVE)?;
    shared
        .copied
        .store(u32::try_from(copied).unwrap_or(0), Relaxed);
    Ok(())
}
