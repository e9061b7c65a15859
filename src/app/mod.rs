//! The operations of the product, one file per noun. HTTP handlers and scripts call these and nothing deeper.
//!
//! [`App`] is a handle to all components; it has accessors, not behaviour.

mod answer;
pub mod auth;
pub mod backups;
pub mod batch;
pub mod collections;
pub mod crons;
pub mod files;
pub mod installer;
pub mod jobs;
pub mod limits;
pub mod logs;
mod open;
pub mod records;
pub mod settings;
pub mod sql;
pub mod superusers;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};

use crate::auth::password::Hasher;
use crate::base::error::{Error, Result};
use crate::cron::Jobs;
use crate::engine::{Engine, Reader};
use crate::files::{LocalStore, ThumbLimits, Thumbs};
use crate::limits::{Limits, Throttle};
use crate::logs::Logs;
use crate::query::Snapshot;
use crate::settings::Settings;

pub(crate) use answer::Shape;
pub use open::OpenError;

/// What the operator decided when starting the server.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data directory.
    pub dir: PathBuf,
    /// Longest a single read statement may run.
    pub query_timeout: Duration,
    /// Key for the settings at rest: 32 bytes.
    pub encryption_key: Option<crate::base::secret::Secret<String>>,
    /// How thumbnails are made.
    pub thumbs: ThumbLimits,
}

/// A handle to the running product; clones are cheap and share everything.
#[derive(Clone, Debug)]
pub struct App(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    config: Config,
    engine: Engine,
    logs: Logs,
    jobs: Jobs,
    snapshot: ArcSwap<Snapshot>,
    settings: ArcSwap<Settings>,
    limits: ArcSwap<Limits>,
    throttle: Throttle,
    backups: backups::Backups,
    storage: LocalStore,
    thumbs: Thumbs,
    hasher: Hasher,
}

/// Times a read is tried again when the schema changed while it ran.
const SCHEMA_RETRIES: usize = 5;

impl App {
    /// The database.
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// Where log entries go.
    pub fn logs(&self) -> &Logs {
        &self.0.logs
    }

    /// What runs on a schedule.
    pub fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    /// The collections as they are now; a request keeps the one it started with.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.0.snapshot.load_full()
    }

    /// The settings as they are now.
    pub fn settings(&self) -> Arc<Settings> {
        self.0.settings.load_full()
    }

    /// How much is let through, as the settings say now.
    pub fn limits(&self) -> Guard<Arc<Limits>> {
        self.0.limits.load()
    }

    /// The backup that is made or restored at the moment.
    pub(crate) fn backups(&self) -> &backups::Backups {
        &self.0.backups
    }

    /// Counts of lists that found nothing.
    pub fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// Where uploaded files are kept.
    pub fn storage(&self) -> &LocalStore {
        &self.0.storage
    }

    /// What makes thumbnails.
    pub fn thumbs(&self) -> &Thumbs {
        &self.0.thumbs
    }

    /// The pool that hashes passwords.
    pub fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }

    /// The operator's choices.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn publish_snapshot(&self, snapshot: Arc<Snapshot>) {
        self.0.snapshot.store(snapshot);
    }

    pub(crate) fn publish_settings(&self, settings: Arc<Settings>) {
        self.0.limits.store(Arc::new(Limits::new(&settings)));
        self.0.logs.configure(&settings.logs);
        self.0.settings.store(settings);
    }

    /// Runs a short read on this thread with a schema that is the database's own for its whole length.
    pub(crate) fn read<T>(&self, read: impl Fn(&Reader, &Arc<Snapshot>) -> Result<T>) -> Result<T> {
        consistent(self, |snapshot| {
            self.engine().read(|reader| read(reader, snapshot))
        })
    }

    /// Runs a read of unknown cost: on this thread while it is short, else again on the pool. With a consistent schema.
    pub(crate) async fn read_adaptive<T: Send + 'static>(
        &self,
        read: impl Fn(&Reader, &Arc<Snapshot>) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        let app = self.clone();
        self.engine()
            .read_adaptive(move |reader| consistent(&app, |snapshot| read(reader, snapshot)))
            .await
    }

    /// Runs a read that may take long on the pool for such reads, with a consistent schema.
    pub(crate) async fn read_pooled<T: Send + 'static>(
        &self,
        read: impl Fn(&Reader, &Arc<Snapshot>) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        let app = self.clone();
        self.engine()
            .read_pooled(move |reader| consistent(&app, |snapshot| read(reader, snapshot)))
            .await
    }
}

/// Repeats a read whose schema was replaced under it, so that one request sees one schema.
fn consistent<T>(app: &App, read: impl Fn(&Arc<Snapshot>) -> Result<T>) -> Result<T> {
    for _ in 0..SCHEMA_RETRIES {
        let before = app.engine().settled_epoch();
        let result = read(&app.snapshot());
        if app.engine().epoch() == before {
            return result;
        }
    }
    Err(Error::Unavailable {
        retry_after: Duration::from_secs(1),
    })
}
