//! Keeps the write-ahead log short.
//!
//! A thread of its own copies committed pages back into the database and brings them to the disk, so that no request
//! waits for it. As the log can start over only when all of it has been copied and writes keep arriving meanwhile, the
//! thread goes over it several times, each time with less left, and the writer copies the small remainder itself
//! between two transactions. The two take turns, see [`Turn`], because SQLite lets only one of them copy at a time. A
//! tap reads the log before, so that it does not stand in the way.
//!
//! After a failed flush of the database nobody knows which of the copied pages are on the disk. Writes are refused
//! then, and the log is kept, until those pages have been written and flushed again; see `rewrite`.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32};
use std::sync::mpsc::{self, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use rusqlite::ffi::SQLITE_IOERR_FSYNC;
use rusqlite::wal::CheckpointMode;

use super::error::Error;
use super::flush::log_path;
use super::pragmas::{self, BUSY_TIMEOUT};
use super::rewrite::rewrite;
use super::tap::Tap;

/// SQLite's default, which the reference uses as well.
pub(super) const PAGE_SIZE: u64 = 4096;
/// Rounds of the thread after which the writer takes over however much is left.
const ROUNDS: u32 = 5;
/// The writer takes over when no more than this part of the log at which copying starts is left.
const REMAINDER: u32 = 16;
/// The log may grow to this many times the size at which copying starts; beyond, the writer waits for
/// readers and the thread to let go of it: the longer the log, the longer.
const INSIST_FACTOR: u32 = 32;
const INSIST_EVERY: Duration = Duration::from_secs(1);
const INSIST_WAIT: Duration = Duration::from_millis(100);
/// How long closing waits for others that use the log.
const EMPTY_WAIT: Duration = Duration::from_millis(100);

/// The writer's side of the upkeep.
#[derive(Debug)]
pub(super) struct Checkpoints {
    shared: Arc<Shared>,
    /// Pages in the log at which copying starts.
    start: u32,
    /// Pages in the log at which copying is worth trying again: a reader of an old state may stand in the way.
    next: u32,
    /// A wish to run; one waiting is enough. Dropping it ends the thread.
    wishes: SyncSender<()>,
    thread: JoinHandle<()>,
    /// Rounds of the thread since the log last started over.
    rounds: u32,
    insisted: Instant,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    /// Pages in the log after the last commit.
    pages: Arc<AtomicU32>,
    /// Pages of the log that the thread has copied.
    copied: AtomicU32,
    /// Whose turn it is.
    turn: AtomicU8,
    /// A flush of the database failed, and what was copied has not been written again since.
    is_doubtful: AtomicBool,
    /// The database, to flush it. It stays open until the connections are closed: closing it gives up the locks of all
    /// of them.
    database: File,
    tap: Arc<ArcSwapOption<Tap>>,
}

/// Whose turn it is to copy. Only the one whose turn it is passes it on.
#[repr(u8)]
enum Turn {
    /// The log is short, or the writer is to copy the rest.
    Writer,
    Thread,
}

impl Checkpoints {
    /// Starts the thread, which copies when the log has more than so many bytes. The writer's connection
    /// keeps `pages` up to date.
    pub(super) fn start(
        path: PathBuf,
        pages: Arc<AtomicU32>,
        bytes: u64,
        tap: Arc<ArcSwapOption<Tap>>,
    ) -> Result<Self, Error> {
        let database = File::options().read(true).write(true).open(&path);
        let database = database.map_err(|error| Error::CannotOpen(error.to_string()))?;
        let shared = Arc::new(Shared {
            path,
            database,
            is_doubtful: AtomicBool::new(false),
            pages,
            copied: AtomicU32::new(0),
            turn: AtomicU8::new(Turn::Writer as u8),
            tap,
        });
        let (wishes, wished) = mpsc::sync_channel(1);
        let theirs = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("checkpoint".to_owned())
            .spawn(move || {
                while wished.recv().is_ok() {
                    if let Err(error) = theirs.copy() {
                        tracing::warn!(%error, "failed to checkpoint");
                    }
                    theirs.turn.store(Turn::Writer as u8, Release);
                }
            })
            .map_err(|error| Error::Other(error.to_string()))?;
        let start = u32::try_from(bytes / PAGE_SIZE).unwrap_or(u32::MAX).max(1);
        Ok(Self {
            shared,
            start,
            next: start,
            wishes,
            thread,
            rounds: 0,
            insisted: Instant::now(),
        })
    }

    /// Makes the thread copy what is there, unless it is at it.
    pub(super) fn run_now(&self) {
        if self.is_doubtful() {
            return;
        }
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
        if pages < self.start {
            // The log has started over; what was copied before counts no more.
            self.next = self.start;
            if self.rounds > 0 && self.is_my_turn() {
                self.rounds = 0;
                self.shared.copied.store(0, Relaxed);
            }
            return;
        }
        let excess = pages / self.start.saturating_mul(INSIST_FACTOR);
        if excess > 0 && self.insisted.elapsed() >= INSIST_EVERY {
            self.insisted = Instant::now();
            let wait = INSIST_WAIT * excess.saturating_pow(2);
            self.copy_now(writer);
            self.shared
                .tap
                .load()
                .as_ref()
                .inspect(|tap| tap.lose_if_behind());
            return self.shared.report(insist(writer, wait.min(BUSY_TIMEOUT)));
        }
        if pages < self.next || !self.is_my_turn() {
            return;
        }
        let remainder = pages.saturating_sub(self.shared.copied.swap(0, Relaxed));
        if self.rounds < ROUNDS && remainder > self.start / REMAINDER {
            self.rounds += 1;
            return self.run_now();
        }
        self.rounds = 0;
        self.next = pages.saturating_add(self.start / 4);
        self.copy_now(writer);
    }

    fn copy_now(&self, writer: &Connection) {
        self.shared.capture();
        self.shared.report(copy_now(writer));
        // If the database has everything now, the tap's next transaction lets the log start over.
        self.shared.capture();
    }

    /// Says whether a flush of the database failed, so that nothing may be promised for now.
    pub(super) fn is_doubtful(&self) -> bool {
        self.shared.is_doubtful.load(Acquire)
    }

    /// Copies the whole log into the database and flushes it, after a failed flush of either.
    pub(super) fn make_whole(&self, writer: &Connection) -> Result<(), Error> {
        if let Some(tap) = &*self.shared.tap.load() {
            tap.lose("the disk did not take what was written");
        }
        if self.is_doubtful() {
            self.rewrite(writer)?;
            self.shared.is_doubtful.store(false, Release);
        }
        let result = writer.wal_checkpoint_v2(Some(c"main"), CheckpointMode::TRUNCATE);
        self.shared.note(&result);
        result
            .map(drop)
            .map_err(|error| Error::Flush(Error::from(error).to_string()))
    }

    /// Writes again what has been copied. A transaction keeps other processes from letting the log start over.
    fn rewrite(&self, writer: &Connection) -> Result<(), Error> {
        writer.execute_batch("BEGIN IMMEDIATE")?;
        let result = self.shared.rewrite();
        writer.execute_batch("ROLLBACK")?;
        result
    }

    fn is_my_turn(&self) -> bool {
        self.shared.turn.load(Acquire) == Turn::Writer as u8
    }

    /// Leaves a database without a log behind.
    pub(super) fn close(self, writer: Connection) {
        let Self {
            shared,
            wishes,
            thread,
            ..
        } = self;
        drop(wishes);
        drop(thread.join());
        if let Some(tap) = &*shared.tap.load() {
            tap.close();
        }
        if shared.is_doubtful.load(Acquire) {
            // Whoever opens the database next finds the log and copies all of it.
            let kept = writer.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
            drop(kept.inspect_err(|error| tracing::error!(%error, "failed to keep the log")));
        } else {
            shared.report(empty(&writer));
        }
        if let Err((_, error)) = writer.close() {
            tracing::warn!(%error, "failed to close the database");
        }
    }
}

impl Shared {
    fn capture(&self) {
        if let Some(tap) = &*self.tap.load() {
            tap.capture();
        }
    }

    /// One round of the thread. Its connection lives only as long, to use no memory at rest.
    fn copy(&self) -> Result<(), Error> {
        let connection = pragmas::open_checkpointer(&self.path)?;
        self.capture();
        let result = connection.wal_checkpoint_v2(Some(c"main"), CheckpointMode::PASSIVE);
        self.note(&result);
        let (_, copied) = result?;
        // SQLite flushes the database only when nothing is left in the log. Left to the writer, everything copied here
        // would keep it from its work for as long as the disk takes.
        if let Err(error) = self.database.sync_data() {
            self.is_doubtful.store(true, Release);
            tracing::error!(%error, "the database cannot be flushed");
        }
        self.copied
            .store(u32::try_from(copied).unwrap_or(0), Relaxed);
        Ok(())
    }

    /// Writes again what has been copied.
    fn rewrite(&self) -> Result<(), Error> {
        let connection = pragmas::open_checkpointer(&self.path)?;
        // Tells how much has been copied.
        let (_, copied) = connection.wal_checkpoint_v2(Some(c"main"), CheckpointMode::PASSIVE)?;
        let log = log_path(&self.path);
        rewrite(&log, &self.database, u32::try_from(copied).unwrap_or(0))
            .map_err(|error| Error::Flush(error.to_string()))
    }

    /// Remembers a flush of the database that failed.
    fn note<T>(&self, result: &rusqlite::Result<T>) {
        let error = result
            .as_ref()
            .err()
            .and_then(rusqlite::Error::sqlite_error);
        if error.is_some_and(|error| error.extended_code == SQLITE_IOERR_FSYNC) {
            self.is_doubtful.store(true, Release);
        }
    }

    fn report(&self, result: rusqlite::Result<()>) {
        self.note(&result);
        match result.map_err(Error::from) {
            // Busy: there will be another occasion.
            Ok(()) | Err(Error::Busy) => {}
            Err(error) => tracing::warn!(%error, "failed to checkpoint"),
        }
    }
}

fn copy_now(writer: &Connection) -> rusqlite::Result<()> {
    let mode = CheckpointMode::PASSIVE;
    writer.wal_checkpoint_v2(Some(c"main"), mode).map(drop)
}

/// Copies everything and sees to it that the log starts over, waiting for whoever stands in the way.
fn insist(writer: &Connection, wait: Duration) -> rusqlite::Result<()> {
    writer.busy_timeout(wait)?;
    let mode = CheckpointMode::RESTART;
    let result = writer.wal_checkpoint_v2(Some(c"main"), mode);
    writer.busy_timeout(BUSY_TIMEOUT)?;
    result.map(drop)
}

/// Copies everything and empties the log, unless another process stands in the way: it would not be able to write as
/// long as this one waits.
fn empty(writer: &Connection) -> rusqlite::Result<()> {
    copy_now(writer)?;
    writer.busy_timeout(EMPTY_WAIT)?;
    let mode = CheckpointMode::TRUNCATE;
    writer.wal_checkpoint_v2(Some(c"main"), mode).map(drop)
}
