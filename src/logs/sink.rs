//! Storing entries without anybody waiting for it.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, AtomicUsize};
use std::time::{Duration, Instant};

use serde_json::Map;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{timeout, timeout_at};

use crate::base::ids;
use crate::base::time::Timestamp;
use crate::engine::{Engine, Error};
use crate::logs::read;
use crate::logs::{Entry, Level};
use crate::settings;
use crate::sql::Sql;

/// Entries that may wait to be stored.
const QUEUE: usize = 4_096;

/// A group is stored when it has this many entries or this age.
const GROUP: usize = 200;
const GROUP_TIME: Duration = Duration::from_secs(1);

/// Most entries per second and kind: requests that went well, and everything else. Storing more costs more than it
/// tells.
const PER_SECOND: u64 = 500;

/// Rows between two looks at how many there are, and how many may stay.
const TRIM_EVERY: usize = 20_000;
const MAX_ROWS: i64 = 2_000_000;

/// How much data an entry may have unless the settings say otherwise, in bytes.
const DATA_LIMIT: usize = 16 << 10;

/// Longest wait for the queue to be stored, by those who want to read it.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// What is logged, as the settings say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    pub enabled: bool,
    pub min_level: i64,
    pub data_limit: usize,
    pub log_ip: bool,
    pub log_auth_id: bool,
}

/// The way into the log database. Clones share it.
#[derive(Clone)]
pub struct Logs(Arc<Shared>);

struct Shared {
    engine: Engine,
    queue: mpsc::Sender<Command>,
    enabled: AtomicBool,
    min_level: AtomicI64,
    data_limit: Arc<AtomicUsize>,
    log_ip: AtomicBool,
    log_auth_id: AtomicBool,
    origin: Instant,
    good: Budget,
    bad: Budget,
}

enum Command {
    Store(Box<Entry>),
    Flush(oneshot::Sender<()>),
}

/// Entries of the current second.
#[derive(Debug, Default)]
struct Budget {
    second: AtomicU64,
    spent: AtomicU64,
    /// Entries left out and not reported yet.
    lost: AtomicU64,
}

impl Logs {
    /// Starts storing into a database. Must be called on a runtime.
    pub fn start(engine: Engine, settings: &settings::Logs) -> Self {
        let (queue, commands) = mpsc::channel(QUEUE);
        let data_limit = Arc::new(AtomicUsize::new(DATA_LIMIT));
        drop(tokio::spawn(store(
            engine.clone(),
            commands,
            Arc::clone(&data_limit),
        )));
        let logs = Self(Arc::new(Shared {
            engine,
            queue,
            enabled: AtomicBool::new(false),
            min_level: AtomicI64::new(0),
            data_limit,
            log_ip: AtomicBool::new(false),
            log_auth_id: AtomicBool::new(false),
            origin: Instant::now(),
            good: Budget::default(),
            bad: Budget::default(),
        }));
        logs.configure(settings);
        logs
    }

    /// The database.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// Follows changed settings.
    pub fn configure(&self, settings: &settings::Logs) {
        let limit = usize::try_from(settings.max_data_size).unwrap_or(0);
        let limit = if limit == 0 { DATA_LIMIT } else { limit };
        self.0.data_limit.store(limit, Relaxed);
        self.0.min_level.store(settings.min_level, Relaxed);
        self.0.log_ip.store(settings.log_ip, Relaxed);
        self.0.log_auth_id.store(settings.log_auth_id, Relaxed);
        self.0.enabled.store(settings.max_days > 0, Relaxed);
    }

    /// What is logged at the moment.
    pub fn options(&self) -> Options {
        Options {
            enabled: self.0.enabled.load(Relaxed),
            min_level: self.0.min_level.load(Relaxed),
            data_limit: self.0.data_limit.load(Relaxed),
            log_ip: self.0.log_ip.load(Relaxed),
            log_auth_id: self.0.log_auth_id.load(Relaxed),
        }
    }

    /// Says whether anything is logged.
    pub fn is_on(&self) -> bool {
        self.0.enabled.load(Relaxed)
    }

    /// Says whether an entry of this level is to be written now. One that is counts as written.
    pub fn admits(&self, level: Level) -> bool {
        if !self.is_on() || (level as i64) < self.0.min_level.load(Relaxed) {
            return false;
        }
        let second = self.0.origin.elapsed().as_secs();
        self.budget(level).take(second)
    }

    /// Hands an entry over that [`Logs::admits`]. Never waits.
    pub fn write(&self, entry: Entry) {
        let level = entry.level;
        if self
            .0
            .queue
            .try_send(Command::Store(Box::new(entry)))
            .is_err()
        {
            self.budget(level).lost.fetch_add(1, Relaxed);
        }
        self.report_lost();
    }

    /// Waits until everything written so far is stored, so that it can be read.
    pub async fn flush(&self) {
        let (done, stored) = oneshot::channel();
        let asked = async {
            self.0.queue.send(Command::Flush(done)).await.ok()?;
            stored.await.ok()
        };
        if timeout(FLUSH_TIMEOUT, asked).await.is_err() {
            tracing::warn!("the log is slow to be stored");
        }
    }

    fn budget(&self, level: Level) -> &Budget {
        if level < Level::Warn {
            &self.0.good
        } else {
            &self.0.bad
        }
    }

    /// Says in the log itself that it is incomplete.
    fn report_lost(&self) {
        let second = self.0.origin.elapsed().as_secs();
        for budget in [&self.0.good, &self.0.bad] {
            // Once per second at most, when the second that overflowed is over.
            if budget.lost.load(Relaxed) == 0 || budget.second.load(Relaxed) > second {
                continue;
            }
            if budget.spent.load(Relaxed) > PER_SECOND && budget.second.load(Relaxed) == second {
                continue;
            }
            let lost = budget.lost.swap(0, Relaxed);
            if lost == 0 {
                continue;
            }
            let mut data = Map::new();
            data.insert("lost".to_owned(), lost.into());
            let entry = Entry {
                level: Level::Warn,
                message: format!("{lost} log entries were left out: there were too many at a time"),
                data,
                created: Timestamp::now(),
            };
            drop(self.0.queue.try_send(Command::Store(Box::new(entry))));
        }
    }
}

impl Budget {
    /// Takes one entry out of the second's share.
    fn take(&self, second: u64) -> bool {
        // Two threads may both begin a second; a few entries more or less do not matter.
        if self.second.swap(second, Relaxed) != second {
            self.spent.store(0, Relaxed);
        }
        if self.spent.fetch_add(1, Relaxed) < PER_SECOND {
            return true;
        }
        self.lost.fetch_add(1, Relaxed);
        false
    }
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Logs").field(&self.options()).finish()
    }
}

/// Stores what comes until the last handle is gone.
async fn store(engine: Engine, mut commands: mpsc::Receiver<Command>, limit: Arc<AtomicUsize>) {
    let mut since_trim = 0;
    while let Some(first) = commands.recv().await {
        let mut group = VecDeque::with_capacity(GROUP);
        let mut waiting = Vec::new();
        take(first, &mut group, &mut waiting);
        let deadline = tokio::time::Instant::now() + GROUP_TIME;
        while waiting.is_empty() && group.len() < GROUP {
            match timeout_at(deadline, commands.recv()).await {
                Ok(Some(command)) => take(command, &mut group, &mut waiting),
                Ok(None) | Err(_) => break,
            }
        }
        since_trim += group.len();
        let limit = limit.load(Relaxed);
        if !group.is_empty() {
            match engine.write(move |tx| insert(tx, &group, limit)).await {
                // What comes after the end has no place any more.
                Ok(()) | Err(Error::Closed) => {}
                Err(error) => tracing::warn!(%error, "failed to store log entries"),
            }
        }
        if since_trim >= TRIM_EVERY {
            since_trim = 0;
            if let Err(error) = read::keep_newest(&engine, MAX_ROWS).await {
                tracing::warn!(%error, "failed to shorten the log");
            }
        }
        for done in waiting {
            // Whoever asked may have left.
            let _asked = done.send(());
        }
    }
}

fn take(command: Command, group: &mut VecDeque<Entry>, waiting: &mut Vec<oneshot::Sender<()>>) {
    match command {
        Command::Store(entry) => group.push_back(*entry),
        Command::Flush(done) => waiting.push(done),
    }
}

fn insert(tx: &crate::engine::Tx, group: &VecDeque<Entry>, limit: usize) -> Result<(), Error> {
    for entry in group {
        let mut sql: Sql =
            Sql::from_text("INSERT INTO _logs (id, level, message, data, created) VALUES (");
        sql.bind(ids::random_string(15, ids::LOWER_ALNUM))
            .text(", ")
            .bind(entry.level as i64)
            .text(", ")
            .bind(entry.short_message())
            .text(", ")
            .bind(entry.data_within(limit))
            .text(", ")
            .bind(entry.created.to_string())
            .text(")");
        tx.execute(&sql)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Budget, PER_SECOND};

    #[test]
    fn a_second_has_its_share() {
        let budget = Budget::default();
        assert!((0..PER_SECOND).all(|_| budget.take(7)));
        assert!(!budget.take(7) && !budget.take(7));
        assert!(budget.take(8));
        assert_eq!(budget.lost.into_inner(), 2);
    }
}
