//! What the engine counts of its own work, for whoever watches.

use std::sync::Arc;
use std::sync::atomic::AtomicU32;

use crate::base::metrics::{Counter, Histogram};

/// Counts of one database. Clones share them.
#[derive(Clone, Debug)]
pub struct Counts(Arc<All>);

/// What is counted, see [`Counts`].
#[derive(Debug)]
pub struct All {
    /// Jobs per transaction that were kept or undone together.
    pub groups: Histogram,
    /// How long flushing the log took.
    pub flushes: Histogram,
    /// Reads that were too long for the calling thread and went to the pool.
    pub pooled_reads: Counter,
    /// Pages in the log after the last commit.
    pub(super) log_pages: Arc<AtomicU32>,
}

impl Counts {
    pub(super) fn new(log_pages: Arc<AtomicU32>) -> Self {
        Self(Arc::new(All {
            groups: Histogram::of_sizes(),
            flushes: Histogram::of_times(),
            pooled_reads: Counter::new(),
            log_pages,
        }))
    }
}

impl std::ops::Deref for Counts {
    type Target = All;

    fn deref(&self) -> &All {
        &self.0
    }
}

/// How much is waiting at the moment.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Writes that wait for the writer.
    pub writes: usize,
    /// Reads that wait for the pool.
    pub reads: usize,
    /// Reads of the pool that run.
    pub running_reads: usize,
    /// Connections for reading that are open.
    pub connections: u32,
    /// Bytes in the write-ahead log.
    pub log_bytes: u64,
}
