//! Opening a data directory.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::app::backups::Backups;
use crate::app::leftovers::Leftovers;
use crate::app::realtime::Realtime;
use crate::app::replica::{self, Replica};
use crate::app::{App, Config, Parts, settings, storage_of};
use crate::auth::attempts::Attempts;
use crate::auth::checked::Checked;
use crate::auth::mail_pace::MailPace;
use crate::auth::password::Hasher;
use crate::auth::places::Places;
use crate::base::error::Error;
use crate::base::time::Timestamp;
use crate::catalog;
use crate::cron::Jobs;
use crate::engine::{self, Engine, Tx};
use crate::events::Dispatcher;
use crate::fetch::Client;
use crate::files::{RESUMABLE_DIR, Resumables, TEMP_DIR, Thumbs, create_dir_durable};
use crate::limits::{Limits, Throttle};
use crate::logs::Logs;
use crate::mail::Mailer;
use crate::query::Snapshot;
use crate::settings::Settings;

/// Why a data directory cannot be opened; each is one line for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("cannot use the data directory {dir}: {source}")]
    Directory { dir: String, source: io::Error },
    #[error("cannot open the database in {dir}: {source}{}", advice(.source))]
    Database { dir: String, source: engine::Error },
    #[error(
        "the database in {dir} is gone: data.db {what}. Nothing was changed. Put data.db back, restore a backup (`stead backup \
         restore NAME`), or use another directory"
    )]
    Gone { dir: String, what: &'static str },
    #[error("{0}")]
    Layout(Error),
    #[error("cannot read the settings: {0}")]
    Settings(String),
}

/// What to do about an error, as the end of its sentence.
fn advice(error: &engine::Error) -> &'static str {
    match error {
        engine::Error::Corrupt(_) => {
            ". Nothing was changed. Copy the directory away first; then restore a backup (`stead backup restore NAME`) or a \
             replica (`stead restore`), or save what can be read with `sqlite3 data.db .recover`"
        }
        engine::Error::DiskFull => ". Make room on the disk and start again",
        engine::Error::Busy => ". Stop the other process, or start again when it is done",
        _ => "",
    }
}

/// How long closing waits for mails that are on their way.
const MAIL_GRACE: Duration = Duration::from_secs(5);

/// How long running jobs may take to finish when the application closes.
const JOBS_TIMEOUT: Duration = Duration::from_secs(5);

impl App {
    /// Opens a data directory, creating what is missing in it.
    pub async fn open(config: Config) -> Result<Self, OpenError> {
        let dir = config.dir.display().to_string();
        prepare_directory(&config.dir).map_err(|source| OpenError::Directory {
            dir: dir.clone(),
            source,
        })?;
        let database = |source| OpenError::Database {
            dir: dir.clone(),
            source,
        };
        let options = engine::Options {
            statement_limit: config.query_timeout,
            change_log: Some(engine::ChangeLog::default()),
            durability: config.durability,
            ..engine::Options::default()
        };
        let path = config.dir.join("data.db");
        if let Some(what) = what_is_lost(&config.dir) {
            return Err(OpenError::Gone { dir, what });
        }
        let data_file = inspect(&path, options, &database).await?;
        let engine = Engine::open(&path, options).map_err(&database)?;
        if data_file == catalog::DataFile::Fresh {
            let settings = Settings::default()
                .to_storage(config.encryption_key.as_ref())
                .map_err(|error| OpenError::Settings(error.to_string()))?;
            let create =
                move |tx: &Tx| catalog::create_data(tx, &settings, Timestamp::now()).map(|_| ());
            engine
                .exclusive(create, |()| ())
                .await
                .map_err(OpenError::Layout)?;
        } else {
            bring_up_to_date(&engine).await;
        }
        let logs = open_logs(&config.dir, config.query_timeout).await?;
        let schema = engine.read(catalog::load).map_err(OpenError::Layout)?;
        let settings = settings::load(&engine, config.encryption_key.as_ref())
            .map_err(|error| OpenError::Settings(error.to_string()))?;
        let client = Client::default();
        let storage = storage_of(&config, &settings, &client)
            .map_err(|error| OpenError::Settings(error.to_string()))?;
        let realtime = Realtime::new(config.realtime);
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let uploads = Resumables::new(&config.dir.join(TEMP_DIR));
        let thumbs = Thumbs::new(config.thumbs);
        let parts = Arc::new(Parts {
            config,
            engine,
            logs: Logs::start(logs, &settings.logs),
            jobs: Jobs::default(),
            snapshot: ArcSwap::from_pointee(Snapshot::new(schema)),
            limits: ArcSwap::from_pointee(Limits::new(&settings)),
            throttle: Throttle::default(),
            backups: Backups::default(),
            replica: Replica::default(),
            settings: ArcSwap::from_pointee(settings),
            storage: ArcSwap::from_pointee(storage),
            leftovers: Leftovers::default(),
            fetch: client,
            uploads,
            thumbs,
            hasher: Hasher::new(workers),
            events: Dispatcher::default(),
            mailer: Mailer::default(),
            mail_pace: MailPace::default(),
            attempts: Attempts::default(),
            places: Places::default(),
            checked: Checked::default(),
            realtime,
        });
        Ok(Self(parts, None))
    }

    /// Removes temporary files that an interrupted run left, except uploads that may be continued. For a process that
    /// has the directory to itself: those of a running server are in use.
    pub fn clear_temp(&self) -> io::Result<()> {
        let entries = match fs::read_dir(self.config().dir.join(TEMP_DIR)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_name() == RESUMABLE_DIR {
                continue;
            }
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Lets running jobs and mails on their way come to an end, finishes queued writes and leaves a clean database
    /// behind.
    pub async fn close(&self) {
        // Listeners hold handles to the app; without them the last one can go.
        self.events().register(None);
        if !self.jobs().close(JOBS_TIMEOUT).await {
            tracing::warn!("a job still runs; the server stops without it");
        }
        self.mailer().drain(MAIL_GRACE).await;
        self.engine().close().await;
        replica::finish(self).await;
        self.logs().flush().await;
        self.logs().engine().close().await;
    }
}

fn prepare_directory(dir: &Path) -> io::Result<()> {
    // What is acknowledged is of no use in a directory that a power cut takes away.
    create_dir_durable(dir)?;
    // Asked for here so that an unreadable directory gives the system's own words rather than a database error.
    fs::read_dir(dir)?;
    Ok(())
}

/// Says what became of a data file that was there once: a new one in its place would bury what can still be saved.
pub fn what_is_lost(dir: &Path) -> Option<&'static str> {
    let length = |name| fs::metadata(dir.join(name)).ok().map(|about| about.len());
    match length("data.db") {
        // The file of logs is made after the data was.
        Some(0) if length("auxiliary.db") > Some(0) && length("data.db-wal").unwrap_or(0) == 0 => {
            Some("is empty though the directory was in use")
        }
        None if length("data.db-wal") > Some(0) => {
            Some("is missing and its log data.db-wal is there")
        }
        None if length("auxiliary.db") > Some(0) => {
            Some("is missing and the file of logs auxiliary.db is there")
        }
        None if has_files(&dir.join("storage"), STORED_DEPTH) => {
            Some("is missing and files of records are in storage")
        }
        _ => None,
    }
}

/// Files lie in the folder of a record in that of its collection.
const STORED_DEPTH: usize = 2;

/// Whether a file is in a folder or in those inside it. What cannot be read, such as a disk's own `lost+found`, has
/// none.
fn has_files(folder: &Path, depth: usize) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        match depth.checked_sub(1) {
            Some(depth) => is_folder && has_files(&entry.path(), depth),
            None => !is_folder,
        }
    })
}

/// Looks at the data file without the change log, whose table would be made on opening: a file of another layout must
/// stay as it is.
async fn inspect(
    path: &Path,
    options: engine::Options,
    failed: &impl Fn(engine::Error) -> OpenError,
) -> Result<catalog::DataFile, OpenError> {
    if !path.exists() {
        return Ok(catalog::DataFile::Fresh);
    }
    let options = engine::Options {
        change_log: None,
        ..options
    };
    let engine = Engine::open(path, options).map_err(failed)?;
    let found = engine.read(catalog::inspect);
    engine.close().await;
    found.map_err(OpenError::Layout)
}

/// Does what later versions of the contract's server do to directories of earlier ones. All of it can wait: a directory
/// that cannot be brought up to date is used as it is.
async fn bring_up_to_date(engine: &Engine) {
    match engine.read(catalog::missing_steps) {
        Ok(missing) if missing.is_empty() => return,
        // What is wrong with the file is told by whoever needs it next.
        Ok(_) | Err(_) => {}
    }
    let upgrade = |tx: &Tx| catalog::upgrade(tx, Timestamp::now());
    match engine.exclusive(upgrade, |_| ()).await {
        Ok(steps) => {
            for step in steps {
                let collections = step.collections.join(", ");
                tracing::info!(
                    step = step.file,
                    collections,
                    "the data directory of an earlier version was brought up to date"
                );
            }
        }
        Err(error) => tracing::warn!(
            %error,
            "the data directory of an earlier version could not be brought up to date; it is used as it is"
        ),
    }
}

/// Opens the log database and makes sure that it has its table.
async fn open_logs(dir: &Path, statement_limit: Duration) -> Result<Engine, OpenError> {
    let shown = dir.display().to_string();
    let database = |source| OpenError::Database {
        dir: shown.clone(),
        source,
    };
    let options = engine::Options {
        statement_limit,
        ..engine::Options::default()
    };
    let path = dir.join("auxiliary.db");
    match usable_logs(&path, options).await {
        Err(engine::Error::Corrupt(reason)) => {
            // Nothing but logs is in it, and without them everything works.
            let aside = set_aside(dir).map_err(|source| OpenError::Directory {
                dir: shown.clone(),
                source,
            })?;
            tracing::error!(
                reason,
                aside,
                "the log database is damaged; it was set aside and a new one was made"
            );
            usable_logs(&path, options).await.map_err(database)
        }
        opened => opened.map_err(database),
    }
}

async fn usable_logs(path: &Path, options: engine::Options) -> Result<Engine, engine::Error> {
    let logs = Engine::open(path, options)?;
    match logs.write(catalog::create_auxiliary).await {
        Ok(()) => Ok(logs),
        Err(error) => {
            logs.close().await;
            Err(error)
        }
    }
}

/// Gives the log database another name, and tells which.
fn set_aside(dir: &Path) -> io::Result<String> {
    let name = format!("auxiliary.db.damaged-{}", Timestamp::now().unix_ms());
    for suffix in ["-wal", "-shm"] {
        // They belong to the damaged file; there may be none.
        let moved = fs::rename(
            dir.join(format!("auxiliary.db{suffix}")),
            dir.join(format!("{name}{suffix}")),
        );
        if let Err(error) = moved
            && error.kind() != io::ErrorKind::NotFound
        {
            return Err(error);
        }
    }
    fs::rename(dir.join("auxiliary.db"), dir.join(&name))?;
    Ok(name)
}
