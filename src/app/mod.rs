//! The operations of the product, one file per noun. HTTP handlers and scripts call these and nothing deeper.
//!
//! [`App`] is a handle to all components; it has accessors, not behaviour.

mod answer;
pub mod auth;
pub mod backups;
pub mod batch;
pub mod collections;
pub mod crons;
pub mod data;
mod entries;
pub mod files;
pub mod insights;
pub mod installer;
pub mod jobs;
pub mod leftovers;
pub mod letters;
pub mod limits;
pub mod logs;
pub mod metrics;
pub mod migrations;
mod open;
pub mod orphans;
pub mod prefs;
pub mod realtime;
pub mod records;
pub mod replica;
pub mod rules;
pub mod schema_plan;
pub mod settings;
pub mod sql;
pub mod superusers;
pub mod uploads;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};

use crate::auth::attempts::Attempts;
use crate::auth::checked::Checked;
use crate::auth::mail_pace::MailPace;
use crate::auth::password::Hasher;
use crate::auth::places::Places;
use crate::base::error::{Error, Result};
use crate::cron::Jobs;
use crate::engine::{Durability, Engine, Reader, Tx};
use crate::events::{Dispatcher, Transaction};
use crate::fetch::Client;
use crate::files::{self as stored, Resumables, Store, ThumbLimits, Thumbs};
use crate::limits::{Limits, Throttle};
use crate::logs::Logs;
use crate::mail::Mailer;
use crate::query::Snapshot;
use crate::realtime::{Limits as StreamLimits, Registry};
use crate::settings::Settings;

pub(crate) use answer::Shape;
pub use open::{OpenError, what_is_lost};

/// What the operator decided when starting the server.
#[derive(Clone, Debug)]
pub struct Config {
    /// The data directory.
    pub dir: PathBuf,
    /// What an answer to a write promises.
    pub durability: Durability,
    /// Longest a single read statement may run.
    pub query_timeout: Duration,
    /// Key for the settings at rest: 32 bytes.
    pub encryption_key: Option<crate::base::secret::Secret<String>>,
    /// How long realtime streams may stay open.
    pub realtime: StreamLimits,
    /// Bytes that bodies of requests, and answers, may hold in memory, each.
    pub request_memory: usize,
    /// How thumbnails are made.
    pub thumbs: ThumbLimits,
    /// Where a migration is written for every change of a collection over the API.
    pub automigrate: Option<PathBuf>,
    /// The scripts that follow when fields or collections get another name.
    pub scripts: Option<Scripts>,
}

impl Config {
    /// Sets how many bytes the parts of requests may take, each kind of them.
    pub fn allow_memory(&mut self, bytes: u64) {
        self.thumbs.memory = bytes;
        self.request_memory = usize::try_from(bytes).unwrap_or(usize::MAX);
    }
}

/// Where scripts are.
#[derive(Clone, Debug)]
pub struct Scripts {
    pub folder: PathBuf,
    /// Superusers may change them over the API.
    pub editable: bool,
}

/// A handle to the running product; clones are cheap and share everything.
#[derive(Clone, Debug)]
pub struct App(
    Arc<Parts>,
    /// The transaction that everything done through this handle belongs to.
    Option<Arc<Transaction>>,
);

#[derive(Debug)]
struct Parts {
    config: Config,
    engine: Engine,
    logs: Logs,
    jobs: Jobs,
    snapshot: ArcSwap<Snapshot>,
    settings: ArcSwap<Settings>,
    storage: ArcSwap<Store>,
    leftovers: leftovers::Leftovers,
    fetch: Client,
    uploads: Resumables,
    limits: ArcSwap<Limits>,
    throttle: Throttle,
    backups: backups::Backups,
    replica: replica::Replica,
    thumbs: Thumbs,
    hasher: Hasher,
    events: Dispatcher,
    mailer: Mailer,
    mail_pace: MailPace,
    attempts: Attempts,
    places: Places,
    checked: Checked,
    realtime: realtime::Realtime,
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

    /// Where uploaded files are kept, as the settings have it now.
    pub fn storage(&self) -> Arc<Store> {
        self.0.storage.load_full()
    }

    /// Files that could not be removed.
    pub(crate) fn leftovers(&self) -> &leftovers::Leftovers {
        &self.0.leftovers
    }

    /// The client for requests to other servers.
    pub fn fetch(&self) -> &Client {
        &self.0.fetch
    }

    /// Uploads that may be continued.
    pub fn uploads(&self) -> &Resumables {
        &self.0.uploads
    }

    /// How much is let through, as the settings say now.
    pub fn limits(&self) -> Guard<Arc<Limits>> {
        self.0.limits.load()
    }

    /// The backup that is made or restored at the moment.
    pub(crate) fn backups(&self) -> &backups::Backups {
        &self.0.backups
    }

    /// The continuous backup.
    pub(crate) fn replica(&self) -> &replica::Replica {
        &self.0.replica
    }

    /// Counts of lists that found nothing.
    pub fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// What makes thumbnails.
    pub fn thumbs(&self) -> &Thumbs {
        &self.0.thumbs
    }

    /// The pool that hashes passwords.
    pub fn hasher(&self) -> &Hasher {
        &self.0.hasher
    }

    /// Where events are fired.
    pub fn events(&self) -> &Dispatcher {
        &self.0.events
    }

    /// The transaction this handle belongs to.
    pub const fn transaction(&self) -> Option<&Arc<Transaction>> {
        self.1.as_ref()
    }

    /// A handle whose reads and writes belong to a transaction.
    #[must_use]
    pub fn within(&self, transaction: &Arc<Transaction>) -> Self {
        Self(Arc::clone(&self.0), Some(Arc::clone(transaction)))
    }

    /// Opens a transaction that ends at the latest after `limit`; nobody else writes until then.
    pub async fn begin(&self, limit: Duration) -> Result<Arc<Transaction>> {
        let lease = self.engine().lease(limit).await?;
        Ok(Arc::new(Transaction::new(lease)))
    }

    /// The queue of mails to send.
    pub fn mailer(&self) -> &Mailer {
        &self.0.mailer
    }

    /// Who failed to sign in lately.
    pub(crate) fn attempts(&self) -> &Attempts {
        &self.0.attempts
    }

    /// Where accounts signed in from lately, as far as that is not stored.
    pub(crate) fn places(&self) -> &Places {
        &self.0.places
    }

    /// Which tokens were checked lately.
    pub(crate) fn checked_tokens(&self) -> &Checked {
        &self.0.checked
    }

    /// Which mails were sent lately.
    pub(crate) fn mail_pace(&self) -> &MailPace {
        &self.0.mail_pace
    }

    /// Who is connected for realtime, for sending messages to them.
    pub fn realtime(&self) -> &Arc<Registry> {
        self.0.realtime.registry()
    }

    pub(crate) fn realtime_parts(&self) -> &realtime::Realtime {
        &self.0.realtime
    }

    /// The operator's choices.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn publish_snapshot(&self, snapshot: Arc<Snapshot>) {
        self.0.snapshot.store(snapshot);
        self.engine().feed().wake();
    }

    pub(crate) fn publish_settings(&self, settings: Arc<Settings>) {
        match storage_of(&self.0.config, &settings, &self.0.fetch) {
            Ok(storage) => self.0.storage.store(Arc::new(storage)),
            Err(error) => tracing::error!(%error, "files stay where they were"),
        }
        self.0.limits.store(Arc::new(Limits::new(&settings)));
        self.0.logs.configure(&settings.logs);
        self.0.settings.store(settings);
        if let Some(listener) = self.0.events.listener() {
            listener.configured();
        }
    }

    /// Runs a write: in the transaction of this handle, else in the next group of the writer.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.1 {
            Some(transaction) => transaction.run(write).await,
            None => self.engine().write(write).await,
        }
    }

    /// [`Self::write`] for what does not fail any more once it has changed something, see [`Engine::write_at_once`].
    pub(crate) async fn write_at_once<T: Send + 'static>(
        &self,
        write: impl FnOnce(&Tx) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        match &self.1 {
            Some(transaction) => transaction.run(write).await,
            None => self.engine().write_at_once(write).await,
        }
    }

    /// Runs a read that sees what the transaction of this handle did, if there is one.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        read: impl Fn(&Reader, &Arc<Snapshot>) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        match &self.1 {
            Some(transaction) => {
                let app = self.clone();
                transaction.run(move |tx| read(tx, &app.snapshot())).await
            }
            None => self.read_adaptive(read).await,
        }
    }

    /// Runs a short read on this thread with a schema that is the database's own for its whole length.
    pub(crate) fn read<T>(&self, read: impl Fn(&Reader, &Arc<Snapshot>) -> Result<T>) -> Result<T> {
        consistent(self, |snapshot| {
            self.engine().read(|reader| read(reader, snapshot))
        })
    }

    /// Runs a read of unknown cost on this thread; `None` if it is not done within a moment and has to start again on
    /// the pool. With a consistent schema.
    pub(crate) fn read_briefly<T>(
        &self,
        read: impl Fn(&Reader, &Arc<Snapshot>) -> Result<T>,
    ) -> Option<Result<T>> {
        // The schema is looked at before the connection is taken, whose transaction may have begun earlier: what it
        // shows is then as new as the schema or newer, and the latter is noticed.
        let brief = consistent(self, |snapshot| {
            let read = self.engine().read_briefly(|reader| read(reader, snapshot));
            read.transpose()
        });
        brief.transpose()
    }

    /// Runs a read of unknown cost: on this thread while it is short, else again on the pool. With a consistent schema.
    pub(crate) async fn read_adaptive<T: Send + 'static>(
        &self,
        read: impl Fn(&Reader, &Arc<Snapshot>) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        match self.read_briefly(&read) {
            Some(result) => result,
            None => self.read_pooled(read).await,
        }
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

/// The store the settings ask for.
fn storage_of(config: &Config, settings: &Settings, client: &Client) -> stored::Result<Store> {
    let temp = config.dir.join(stored::TEMP_DIR);
    if settings.s3.enabled {
        Store::s3(&settings.s3, client.clone(), temp)
    } else {
        Ok(Store::local(config.dir.join(stored::STORAGE_DIR), temp))
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
