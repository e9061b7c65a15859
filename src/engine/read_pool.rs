//! Connections to read with, and the bounded pool for reads that may take long.

use std::path::PathBuf;
use std::sync::atomic::Ordering::{Acquire, Relaxed};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use r2d2::{ManageConnection, NopErrorHandler, Pool, PooledConnection};
use scheduled_thread_pool::ScheduledThreadPool;
use tokio::sync::Semaphore;
use tokio::task;

use super::epoch::Epoch;
use super::error::Error;
use super::pragmas;
use super::reader::Reader;
use super::watch::Watch;

/// An idle connection is closed after this time (and up to half a minute more).
const IDLE: Duration = Duration::from_secs(30);
/// How long a read waits for a connection when all are in use.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the end of the process may wait for connections that are still in use.
const PARTING: Duration = Duration::from_secs(2);

/// Where readers come from.
#[derive(Debug)]
pub(super) struct ReadPool {
    /// Empty once closed.
    connections: ArcSwapOption<Pool<ReadConnections>>,
    /// Raised to stop running statements at closing.
    closing: Arc<AtomicBool>,
    /// One permit for each pooled read that may run.
    permits: Arc<Semaphore>,
    /// Pooled reads waiting for a permit.
    waiting: AtomicUsize,
    max_waiting: usize,
    /// Pooled reads that may run.
    threads: usize,
    /// How long the statements of one pooled read may take together.
    limit: Duration,
    /// Counts the writer's commits.
    commits: Arc<AtomicU64>,
    epoch: Arc<Epoch>,
    /// Tells this pool from others of the process.
    id: u64,
}

/// Numbers the pools of the process.
static POOLS: AtomicU64 = AtomicU64::new(0);

/// The threads that open and close connections, for all pools of the process.
fn openers() -> Arc<ScheduledThreadPool> {
    static OPENERS: OnceLock<Arc<ScheduledThreadPool>> = OnceLock::new();
    let start = || {
        let threads = ScheduledThreadPool::builder().num_threads(2);
        Arc::new(threads.thread_name_pattern("open {}").build())
    };
    Arc::clone(OPENERS.get_or_init(start))
}

/// The size of the pool.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadPoolSize {
    pub connections: u32,
    pub threads: usize,
    pub max_waiting: usize,
}

impl ReadPool {
    /// Prepares the pool; connections are opened when they are first needed.
    pub(super) fn new(
        path: PathBuf,
        limit: Duration,
        size: ReadPoolSize,
        commits: Arc<AtomicU64>,
        epoch: Arc<Epoch>,
    ) -> Self {
        let closing = Arc::new(AtomicBool::new(false));
        let connections = ReadConnections {
            path,
            limit,
            closing: Arc::clone(&closing),
        };
        let pool = Pool::builder()
            .max_size(size.connections)
            .min_idle(Some(0))
            .idle_timeout(Some(IDLE))
            .max_lifetime(None)
            .connection_timeout(PATIENCE)
            .test_on_check_out(false)
            .error_handler(Box::new(NopErrorHandler))
            .thread_pool(openers())
            .build_unchecked(connections);
        Self {
            connections: ArcSwapOption::from_pointee(pool),
            closing,
            permits: Arc::new(Semaphore::new(size.threads)),
            waiting: AtomicUsize::new(0),
            max_waiting: size.max_waiting,
            threads: size.threads,
            limit,
            commits,
            epoch,
            id: POOLS.fetch_add(1, Relaxed),
        }
    }

    pub(super) const fn id(&self) -> u64 {
        self.id
    }

    /// Commits of the writer so far. Those counted here are seen by a read that starts now.
    pub(super) fn commits(&self) -> u64 {
        self.commits.load(Acquire)
    }

    /// The number of the schema's state.
    pub(super) fn schema(&self) -> u64 {
        self.epoch.number()
    }

    /// Reads that wait for the pool, reads of the pool that run, and open connections.
    pub(super) fn load(&self) -> (usize, usize, u32) {
        let waiting = self.waiting.load(Relaxed);
        let running = self
            .threads
            .saturating_sub(self.permits.available_permits());
        let pool = self.connections.load();
        let connections = pool.as_ref().map_or(0, |pool| pool.state().connections);
        (waiting, running, connections)
    }

    /// Takes a connection.
    pub(super) fn reader(&self) -> Result<PooledConnection<ReadConnections>, Error> {
        let pool = self.connections.load();
        let pool = pool.as_ref().ok_or(Error::Closed)?;
        pool.get().map_err(|error| no_connection(&error))
    }

    /// What is raised at closing, for connections beside those of the pool.
    pub(super) fn closing(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.closing)
    }

    /// Runs a closure on a thread of the blocking pool. Its statements are interrupted when the returned
    /// future is dropped.
    pub(super) async fn run<T, E>(
        self: &Arc<Self>,
        f: impl FnOnce(&Reader) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let permit = {
            let _waiting = Waiting::enter(&self.waiting, self.max_waiting)?;
            Arc::clone(&self.permits)
                .acquire_owned()
                .await
                .map_err(|_| Error::Closed)?
        };
        let cancelled = Arc::new(AtomicBool::new(false));
        let pool = Arc::clone(self);
        let flag = Arc::clone(&cancelled);
        let handle = task::spawn_blocking(move || {
            let _permit = permit;
            let schema = pool.schema();
            let reader = pool.reader()?;
            reader.follow(schema);
            let _limited = Limited(reader.watch());
            reader.watch().set_cancelled(Some(flag));
            reader
                .watch()
                .set_deadline(Instant::now().checked_add(pool.limit));
            f(&reader)
        });
        let cancel = CancelOnDrop(cancelled);
        let result = handle.await;
        drop(cancel);
        result.unwrap_or_else(|error| {
            Err(if error.is_panic() {
                Error::Panicked(error.to_string()).into()
            } else {
                Error::Closed.into()
            })
        })
    }

    /// Stops running reads and closes the connections. Those in use are closed when they are given back.
    pub(super) fn close(&self) {
        self.closing.store(true, Relaxed);
        self.permits.close();
        self.connections.store(None);
    }

    /// Waits until the last connection of a closed pool has gone, at most for [`PARTING`]. The one that is closed last
    /// removes SQLite's log; if the process ended before, the log would be left behind.
    pub(super) fn wait_until_gone(&self) {
        let deadline = Instant::now() + PARTING;
        // Each connection has a handle of the flag, and so have the threads that open them for as long as they know the
        // pool.
        while Arc::strong_count(&self.closing) > 1 && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(1));
        }
    }
}

/// All connections are in use, unless the pool tells why it could not open another one.
fn no_connection(error: &r2d2::Error) -> Error {
    match error.to_string().split_once(": ") {
        Some((_, cause)) => Error::CannotOpen(cause.to_owned()),
        None => Error::Full,
    }
}

/// Opens connections for r2d2.
#[derive(Debug)]
pub(super) struct ReadConnections {
    path: PathBuf,
    limit: Duration,
    closing: Arc<AtomicBool>,
}

impl ManageConnection for ReadConnections {
    type Connection = Reader;
    type Error = Error;

    fn connect(&self) -> Result<Reader, Error> {
        pragmas::open_reader(&self.path, self.limit, Arc::clone(&self.closing))
    }

    fn is_valid(&self, _reader: &mut Reader) -> Result<(), Error> {
        Ok(())
    }

    /// A connection left inside a transaction would show old data for ever.
    fn has_broken(&self, reader: &mut Reader) -> bool {
        !reader.connection().is_autocommit()
    }
}

/// Counts a waiting read for as long as it waits.
struct Waiting<'a> {
    count: &'a AtomicUsize,
}

impl<'a> Waiting<'a> {
    fn enter(count: &'a AtomicUsize, max: usize) -> Result<Self, Error> {
        let waiting = Self { count };
        if count.fetch_add(1, Relaxed) >= max {
            return Err(Error::Full);
        }
        Ok(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.count.fetch_sub(1, Relaxed);
    }
}

/// Lifts the conditions of one caller when it is done.
pub(super) struct Limited<'a>(pub(super) &'a Watch);

impl Drop for Limited<'_> {
    fn drop(&mut self) {
        self.0.lift();
    }
}

struct CancelOnDrop(Arc<AtomicBool>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}
