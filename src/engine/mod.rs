//! The storage engine: one SQLite file, many readers, one writer.
//!
//! Reads run on pooled read-only connections, either on the calling thread ([`Engine::read`]) or on a
//! bounded pool ([`Engine::read_pooled`]). Writes are closures for the one writer thread, which commits them
//! in groups and answers only after the commit has reached the disk ([`Engine::write`]). This is the only
//! module that knows the SQLite library; it knows nothing of collections.
//!
//! Start reading at `writer`, where the promise of durability is kept.

mod changes;
mod checkpoint;
mod conflicts;
mod copy;
mod counts;
mod earlier;
mod epoch;
mod error;
mod feed;
mod flush;
mod frames;
mod functions;
pub mod held;
mod job;
mod lease;
mod like;
mod optimize;
mod pragmas;
mod queue;
mod read_pool;
mod reader;
mod repeats;
mod rewrite;
mod row;
mod script;
mod slow;
mod statement;
mod tap;
mod totals;
mod tx;
mod watch;
mod writer;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::{Relaxed, Release};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::sync::oneshot;
use tokio::task;

pub use changes::{Action, Change, ChangeLog, LoggedChange};
pub use copy::copy_database;
pub use counts::{Counts, Load};
pub use earlier::Earlier;
use earlier::Keeper;
pub use error::{ConstraintKind, Error};
pub use feed::{Feed, State};
pub use flush::Durability;
pub use lease::Lease;
pub use reader::Reader;
pub use row::Row;
pub use script::Table;
pub use slow::index_of_step;
pub use tap::{Captured, Tap};
pub use tx::Tx;

use checkpoint::Checkpoints;
use conflicts::Conflicts;
use epoch::Epoch;
use flush::Flusher;
use job::{Task, Undo};
use queue::{Queue, Work};
use read_pool::{ReadPool, ReadPoolSize};
use writer::{Limits, Writer};

use crate::sql::Sql;

/// An empty database in memory, for trying out changes of the schema. Gone when it is dropped.
pub fn scratch(limit: Duration) -> Result<Tx, Error> {
    pragmas::open_scratch(limit).map(Tx::new)
}

/// What an engine may use.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long a statement may run.
    pub statement_limit: Duration,
    /// How long a statement of an exclusive transaction may run; rewriting a table takes its time.
    pub exclusive_statement_limit: Duration,
    /// How long an adaptive read may keep the calling thread.
    pub inline_budget: Duration,
    /// Pooled reads that run at the same time.
    pub read_threads: usize,
    /// Pooled reads that may wait for their turn.
    pub max_waiting_reads: usize,
    /// Writes that may wait for the writer.
    pub max_waiting_writes: usize,
    /// Size of the write-ahead log at which its pages are copied into the database.
    pub checkpoint_bytes: u64,
    /// Keeps the `_changes` table, within these bounds.
    pub change_log: Option<ChangeLog>,
    /// What answers promise.
    pub durability: Durability,
}

impl Default for Options {
    fn default() -> Self {
        let processors = thread::available_parallelism().map_or(2, usize::from);
        Self {
            statement_limit: Duration::from_secs(30),
            exclusive_statement_limit: Duration::from_mins(10),
            inline_budget: Duration::from_millis(2),
            read_threads: processors.max(2),
            max_waiting_reads: 1024,
            max_waiting_writes: 4096,
            checkpoint_bytes: 16 << 20,
            change_log: None,
            durability: Durability::Full,
        }
    }
}

/// A handle to an open database; clones share it. The last one to go closes it.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    path: PathBuf,
    reads: Arc<ReadPool>,
    queue: Arc<Queue>,
    inline_budget: Duration,
    epoch: Arc<Epoch>,
    feed: Arc<Feed>,
    counts: Counts,
    tap: Arc<ArcSwapOption<Tap>>,
    away: Arc<AtomicBool>,
    writer: Mutex<Option<JoinHandle<()>>>,
}

impl Engine {
    /// Opens a database file, creating it if it does not exist. Its directory must exist.
    pub fn open(path: &Path, options: Options) -> Result<Self, Error> {
        pragmas::check_version()?;
        let log_pages = Arc::new(AtomicU32::new(0));
        let connection =
            pragmas::open_writer(path, options.statement_limit, Arc::clone(&log_pages))?;
        let tx = Tx::new(connection);
        writer::prepare(&tx, options.change_log)?;
        let queue = Arc::new(Queue::new(options.max_waiting_writes));
        let epoch = Arc::new(Epoch::default());
        let feed = Arc::clone(&tx.feed);
        let commits = Arc::new(AtomicU64::new(0));
        let counts = Counts::new(Arc::clone(&log_pages));
        let tap = Arc::new(ArcSwapOption::empty());
        let checkpoints = Checkpoints::start(
            path.to_owned(),
            log_pages,
            options.checkpoint_bytes,
            Arc::clone(&tap),
        )?;
        let flusher = Flusher::start(
            path,
            Arc::clone(&queue),
            counts.clone(),
            Arc::clone(&feed),
            options.durability,
        )?;
        let reads = Arc::new(ReadPool::new(
            path.to_owned(),
            options.statement_limit,
            ReadPoolSize {
                // Every async worker may read inline while all pooled reads run, with some to spare.
                connections: u32::try_from(options.read_threads * 2 + 4).unwrap_or(u32::MAX),
                threads: options.read_threads,
                max_waiting: options.max_waiting_reads,
            },
            Arc::clone(&commits),
            Arc::clone(&epoch),
        ));
        let away = Arc::default();
        let writer = Writer {
            tx,
            keeper: Keeper::new(path.to_owned(), options.statement_limit, reads.closing()),
            flusher,
            queue: Arc::clone(&queue),
            epoch: Arc::clone(&epoch),
            checkpoints,
            limits: Limits {
                statement: options.statement_limit,
                exclusive_statement: options.exclusive_statement_limit,
            },
            change_log: options.change_log,
            commits,
            counts: counts.clone(),
            conflicts: Conflicts::default(),
            away: Arc::clone(&away),
        };
        let thread = thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || writer.serve())
            .map_err(|error| Error::Other(error.to_string()))?;
        Ok(Self {
            inner: Arc::new(Inner {
                path: path.to_owned(),
                reads,
                queue,
                inline_budget: options.inline_budget,
                epoch,
                feed,
                counts,
                tap,
                away,
                writer: Mutex::new(Some(thread)),
            }),
        })
    }

    /// Reads on the calling thread. For reads that are known to be quick: a point read, a short list by index.
    pub fn read<T, E: From<Error>>(&self, f: impl FnOnce(&Reader) -> Result<T, E>) -> Result<T, E> {
        held::read(&self.inner.reads, f)?
    }

    /// Reads on a bounded pool of threads; for everything that may take long. Dropping the future stops the
    /// statements.
    pub async fn read_pooled<T, E>(
        &self,
        f: impl FnOnce(&Reader) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.inner.counts.pooled_reads.count();
        self.inner.reads.run(f).await
    }

    /// Reads on the calling thread and, if that is not done within a moment
    /// ([`Options::inline_budget`]), once more on the pool. For reads that are quick as a rule but need not
    /// be, such as lists with the client's filter. See `docs/decisions/0002-where-reads-run.md`.
    pub async fn read_adaptive<T, E>(
        &self,
        f: impl Fn(&Reader) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match self.read_briefly(&f) {
            Some(result) => result,
            None => self.read_pooled(f).await,
        }
    }

    /// The first half of [`Engine::read_adaptive`]; `None` if a moment was not enough. For closures that borrow what
    /// the second half would have to own.
    pub fn read_briefly<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&Reader) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        self.inner.reads.run_briefly(self.inner.inline_budget, f)
    }

    /// Runs a closure in the next group of writes. An error undoes its own changes alone; success is
    /// answered after the commit. If the future is dropped before the closure has started, it never runs.
    pub async fn write<T, E>(
        &self,
        f: impl FnOnce(&Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.write_undone(f, Undo::Alone).await
    }

    /// [`Engine::write`] for a closure that cannot fail once it has changed something, but for the disk's sake: a
    /// single statement that changes one row and the entry in the change log, say. Should it fail late all the same,
    /// the whole group of writes is undone and refused.
    ///
    /// Perf: without a savepoint, which has SQLite keep a copy of every page that is changed.
    pub async fn write_at_once<T, E>(
        &self,
        f: impl FnOnce(&Tx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.write_undone(f, Undo::WithTransaction).await
    }

    async fn write_undone<T, E>(
        &self,
        f: impl FnOnce(&Tx) -> Result<T, E> + Send + 'static,
        undo: Undo,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (job, result) = Task::boxed(f, |_: &T| (), undo);
        self.inner.queue.push(Work::Group(job))?;
        result.await.map_err(|_| Error::Closed)?
    }

    /// Runs a closure in a transaction of its own, for schema changes.
    ///
    /// `committed` runs on the writer thread right after the commit: before any other write, and before the
    /// epoch becomes even again.
    pub async fn exclusive<T, E>(
        &self,
        f: impl FnOnce(&Tx) -> Result<T, E> + Send + 'static,
        committed: impl FnOnce(&T) + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (job, result) = Task::boxed(f, committed, Undo::Alone);
        self.inner.queue.push(Work::Alone(job))?;
        result.await.map_err(|_| Error::Closed)?
    }

    /// Opens a transaction that is driven step by step. The writer serves nobody else until it ends, at the
    /// latest after `limit`.
    pub async fn lease(&self, limit: Duration) -> Result<Lease, Error> {
        let (reply, lease) = oneshot::channel();
        self.inner.queue.push(Work::Lease { limit, reply })?;
        lease.await.map_err(|_| Error::Closed)?
    }

    /// The number of the schema's state: odd while an exclusive transaction is being made visible.
    ///
    /// Whoever derives something from the schema and reads data with it looks before and after: the same
    /// even number means that both belong together.
    pub fn epoch(&self) -> u64 {
        self.inner.epoch.number()
    }

    /// [`Engine::epoch`] once it is even. Blocks while an exclusive transaction is being made visible, which is as long
    /// as a commit takes.
    pub fn settled_epoch(&self) -> u64 {
        self.inner.epoch.settled()
    }

    /// Where to learn that the change log grew; for one follower.
    pub fn feed(&self) -> &Arc<Feed> {
        &self.inner.feed
    }

    /// What was counted since it was opened.
    pub fn counts(&self) -> &Counts {
        &self.inner.counts
    }

    /// How much is waiting.
    pub fn load(&self) -> Load {
        let (reads, running_reads, connections) = self.inner.reads.load();
        let pages = self.inner.counts.log_pages.load(Relaxed);
        Load {
            writes: self.inner.queue.len(),
            reads,
            running_reads,
            connections,
            log_bytes: u64::from(pages) * checkpoint::PAGE_SIZE,
        }
    }

    /// Where to take everything that is committed from now on; for one taker. It begins with what the log has. Blocks.
    pub fn tap(&self) -> Result<Arc<Tap>, Error> {
        if let Some(tap) = self.inner.tap.load_full() {
            return Ok(tap);
        }
        let path = &self.inner.path;
        let tap = Arc::new(Tap::open(path, flush::log_path(path))?);
        self.inner.tap.store(Some(Arc::clone(&tap)));
        Ok(tap)
    }

    /// Refreshes what the planner knows of the tables, and empties the write-ahead log if nobody needs it.
    pub async fn optimize(&self) -> Result<(), Error> {
        let path = self.inner.path.clone();
        let tap = self.inner.tap.load_full();
        task::spawn_blocking(move || optimize::run(&path, tap.as_deref()))
            .await
            .map_err(|_| Error::Closed)?
    }

    /// Says that the file is no more in its place, so that nothing is written to it, or that it is back.
    pub fn set_away(&self, away: bool) {
        self.inner.away.store(away, Release);
    }

    /// Checks every page and index of the file; an error says what is wrong. Blocks for as long as that takes.
    pub fn check_integrity(&self) -> Result<(), Error> {
        let found = self.read(|reader| {
            let sql: Sql = Sql::from_text("PRAGMA integrity_check(1)");
            reader.first(&sql, |row| row.text(0).to_owned())
        })?;
        match found.as_deref() {
            Some("ok") => Ok(()),
            Some(fault) => Err(Error::CannotOpen(fault.to_owned())),
            None => Err(Error::CannotOpen("it cannot be checked".to_owned())),
        }
    }

    /// Gives the space of deleted rows back. Rewrites the file, for which all writes wait.
    pub async fn vacuum(&self) -> Result<(), Error> {
        let path = self.inner.path.clone();
        let tap = self.inner.tap.load_full();
        task::spawn_blocking(move || optimize::vacuum(&path, tap.as_deref()))
            .await
            .map_err(|_| Error::Closed)?
    }

    /// Finishes accepted writes, stops reads and closes the database. Blocks for as long as that takes.
    pub fn shutdown(&self) {
        self.inner.shutdown();
    }

    /// [`Engine::shutdown`] without blocking the calling thread.
    pub async fn close(&self) {
        let inner = Arc::clone(&self.inner);
        if let Err(error) = task::spawn_blocking(move || inner.shutdown()).await {
            tracing::error!(%error, "failed to close the database");
        }
    }
}

impl Inner {
    fn shutdown(&self) {
        self.reads.close();
        self.feed.close();
        self.queue.close();
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(thread) = writer.take() else {
            return;
        };
        // The last handle may die inside a job; the writer cannot wait for itself.
        if thread.thread().id() != thread::current().id() && thread.join().is_err() {
            tracing::error!("the writer thread panicked");
        }
        self.reads.wait_until_gone();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shutdown();
    }
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("epoch", &self.epoch())
            .finish_non_exhaustive()
    }
}
