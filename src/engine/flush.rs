//! Bringing committed transactions to the disk, beside the writer.
//!
//! A commit only appends to the write-ahead log; it is durable once the log has been flushed. That wait is taken off
//! the writer: a thread flushes the log and answers the jobs, while the writer already runs the next ones in a
//! transaction that it closes when the disk is free again. So a group is whatever arrives during a flush, and nobody is
//! answered before a flush that began after their commit has ended.
//!
//! After a failed flush nobody knows what is on the disk, and the system tells of the failure only once: the next flush
//! would succeed without what the first one lost. So everything is refused until a full checkpoint, which writes and
//! flushes the database itself, has gone through; also what was committed before the failure was known.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use super::counts::Counts;
use super::error::Error;
use super::feed::Feed;
use super::job::Job;
use super::queue::Queue;

/// What an answer to a write promises.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The change survives a power cut.
    #[default]
    Full,
    /// The change survives the end of the process; a power cut may undo the last ones.
    Normal,
}

/// Jobs whose changes are committed and wait to be durable.
pub(super) type Group = Vec<Box<dyn Job>>;

/// The log file of a database and the thread that flushes it.
#[derive(Debug)]
pub(super) struct Flusher {
    log: Arc<Log>,
    /// A group to flush and answer; dropping it ends the thread.
    groups: Option<SyncSender<Group>>,
    thread: Option<JoinHandle<()>>,
    queue: Arc<Queue>,
}

/// The write-ahead log as a file.
#[derive(Debug)]
struct Log {
    path: PathBuf,
    /// Opened for the first flush: SQLite makes the file no sooner than it needs it, and keeps it from then on.
    file: OnceLock<File>,
    counts: Counts,
    /// Held while flushing: of two flushes at the same time only one would be told of a failure.
    flushing: Mutex<()>,
    /// A flush failed, and the database has not been made whole since.
    broken: AtomicBool,
    /// Learns what has reached the disk.
    feed: Arc<Feed>,
    durability: Durability,
}

impl Flusher {
    /// Starts the thread for the log of a database.
    pub(super) fn start(
        database: &Path,
        queue: Arc<Queue>,
        counts: Counts,
        feed: Arc<Feed>,
        durability: Durability,
    ) -> Result<Self, Error> {
        let log = Arc::new(Log {
            path: log_path(database),
            file: OnceLock::new(),
            counts,
            flushing: Mutex::new(()),
            broken: AtomicBool::new(false),
            feed,
            durability,
        });
        let (groups, waiting) = mpsc::sync_channel(1);
        let theirs = (Arc::clone(&log), Arc::clone(&queue));
        let thread = thread::Builder::new()
            .name("flush".to_owned())
            .spawn(move || serve(&theirs.0, &theirs.1, &waiting))
            .map_err(|error| Error::Other(error.to_string()))?;
        Ok(Self {
            log,
            groups: Some(groups),
            thread: Some(thread),
            queue,
        })
    }

    /// Flushes and answers a group beside the writer. The queue tells when the flush is over.
    pub(super) fn hand_over(&self, group: Group) {
        self.queue.flush_begins();
        let Some(groups) = &self.groups else { return };
        if let Err(mpsc::SendError(group)) = groups.send(group) {
            self.queue.flush_ended();
            answer(group, &Err(Error::Closed));
        }
    }

    /// Says whether nobody waits for the disk.
    pub(super) fn is_lax(&self) -> bool {
        self.log.durability == Durability::Normal
    }

    /// Flushes on the calling thread. Fails without trying while nothing may be promised.
    pub(super) fn flush(&self) -> Result<(), Error> {
        self.log.flush()
    }

    /// Says whether a flush failed, so that nothing may be promised for now.
    pub(super) fn is_broken(&self) -> bool {
        self.log.broken.load(Acquire)
    }

    /// Tells that everything committed so far is on the disk by other means.
    pub(super) fn is_whole_again(&self) {
        self.log.broken.store(false, Release);
        self.log.feed.flushed(self.log.feed.last_committed());
    }

    /// Waits until everything handed over is answered.
    pub(super) fn close(mut self) {
        drop(self.groups.take());
        if self
            .thread
            .take()
            .is_some_and(|thread| thread.join().is_err())
        {
            tracing::error!("the flush thread panicked");
        }
    }
}

impl Log {
    fn flush(&self) -> Result<(), Error> {
        if self.durability == Durability::Normal {
            self.feed.flushed(self.feed.last_committed());
            return Ok(());
        }
        let _flushing = self.flushing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.broken.load(Acquire) {
            return Err(Error::Flush("an earlier flush failed".to_owned()));
        }
        let seq = self.feed.last_committed();
        let began = Instant::now();
        let flushed = self.file().and_then(File::sync_data);
        self.counts.flushes.took(began.elapsed());
        flushed.map_err(|error| {
            self.broken.store(true, Release);
            tracing::error!(%error, "the write-ahead log cannot be flushed");
            Error::Flush(error.to_string())
        })?;
        self.feed.flushed(seq);
        Ok(())
    }

    /// The file, whose place in the directory is durable once it is open.
    fn file(&self) -> io::Result<&File> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let file = File::open(&self.path)?;
        if let Some(parent) = self.path.parent() {
            sync_directory(parent)?;
        }
        Ok(self.file.get_or_init(|| file))
    }
}

fn serve(log: &Log, queue: &Queue, groups: &Receiver<Group>) {
    while let Ok(group) = groups.recv() {
        let outcome = log.flush();
        // The writer may commit while the answers go out.
        queue.flush_ended();
        answer(group, &outcome);
    }
}

/// Answers all jobs of a group alike.
pub(super) fn answer(group: Group, outcome: &Result<(), Error>) {
    for job in group {
        job.answer(outcome.clone());
    }
}

/// The write-ahead log of a database.
pub(super) fn log_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-wal");
    PathBuf::from(name)
}

#[cfg(unix)]
fn sync_directory(path: &Path) -> io::Result<()> {
    let path = if path.as_os_str().is_empty() {
        Path::new(".")
    } else {
        path
    };
    File::open(path)?.sync_all()
}

#[cfg(not(unix))]
fn sync_directory(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::Arc;

    use super::{Durability, Flusher, log_path};
    use crate::engine::counts::Counts;
    use crate::engine::error::Error;
    use crate::engine::queue::Queue;

    #[test]
    fn nothing_is_promised_after_a_failed_flush() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("data.db");
        let flusher = Flusher::start(
            &database,
            Arc::new(Queue::new(1)),
            Counts::new(Arc::default()),
            Arc::default(),
            Durability::Full,
        )
        .unwrap();
        // There is no log yet.
        assert!(matches!(flusher.flush(), Err(Error::Flush(_))));
        File::create(log_path(&database)).unwrap();
        assert!(flusher.is_broken());
        assert!(
            matches!(flusher.flush(), Err(Error::Flush(_))),
            "what comes behind something that is lost is lost as well"
        );
        flusher.is_whole_again();
        assert_eq!(flusher.flush(), Ok(()));
        flusher.close();
    }
}
