//! Backups as superusers see them: one at a time, none while another is made or restored.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value as Json, json};
use tokio::task;

use crate::app::answer::Shape;
use crate::app::{App, auth, jobs, limits};
use crate::backup::{self, Folder, Listed, names};
use crate::base::error::{Error, FaultExt as _, Result};
use crate::base::issues::{Issue, Issues};
use crate::base::time::Timestamp;
use crate::ctx::{Ctx, Principal};
use crate::events::{Event, Kind};
use crate::files::Upload;
use crate::schema::codes;

/// The job that makes backups on a schedule; there while the settings have one.
const AUTO_JOB: &str = "__pbAutoBackup__";

const INVALID: &str = "An error occurred while validating the submitted data.";
const ZIP: &str = "application/zip";

/// What the backups of a running server share.
#[derive(Debug, Default)]
pub struct Backups {
    /// The archive that is made or restored at the moment.
    busy: Mutex<Option<String>>,
}

impl Backups {
    fn begin<'a>(&'a self, key: &str) -> Result<Busy<'a>> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        if busy.is_some() {
            return Err(Error::bad_request(
                "Try again later - another backup/restore process has already been started.",
            ));
        }
        *busy = Some(key.to_owned());
        Ok(Busy(self))
    }

    fn uses(&self, key: &str) -> bool {
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.as_deref() == Some(key)
    }
}

/// Work under way; however it ends, other work may begin.
struct Busy<'a>(&'a Backups);

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        *self.0.busy.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// All archives.
pub async fn list(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let folder = folder(app);
    let all = blocking(move || folder.list())
        .await?
        .fault("while listing the backups")?;
    let all: Vec<Json> = all
        .iter()
        .map(|entry| json!({"modified": entry.modified.to_string(), "key": entry.key, "size": entry.size}))
        .collect();
    shape.apply(Json::Array(all).to_string().into_bytes())
}

/// Makes an archive, under the name of the form or a generated one.
pub async fn create(app: &App, form: &Map<String, Json>) -> Result<()> {
    let name = form.get("name").and_then(Json::as_str).unwrap_or_default();
    let key = if name.is_empty() {
        names::manual(&app.settings().meta.app_name, Timestamp::now())
    } else {
        check_name(app, name)?;
        name.to_owned()
    };
    make(app, key).await
}

fn check_name(app: &App, name: &str) -> Result<()> {
    let issue = if name.chars().count() > names::MAX_NAME {
        codes::length_out_of_range(1, i64::try_from(names::MAX_NAME).unwrap_or(i64::MAX))
    } else if !names::is_chosen(name) {
        codes::match_invalid()
    } else if folder(app).has(name) {
        Issue::new(
            "validation_backup_name_exists",
            "The backup file name is invalid or already exists.",
        )
    } else {
        return Ok(());
    };
    Err(Error::invalid(INVALID, Issues::one("name", issue)))
}

async fn make(app: &App, key: String) -> Result<()> {
    let app = app.clone();
    // It goes on when the caller leaves: half an archive is of no use to anybody.
    task::spawn(async move {
        let _busy = app.backups().begin(&key)?;
        let event = event(Kind::BackupCreate, &key);
        let (inner, members) = (app.clone(), event.members.clone());
        let making = async move {
            inner.logs().flush().await;
            let dir = inner.config().dir.clone();
            let left_out = texts(&members.get("exclude"));
            blocking(move || backup::create(&dir, &key, &left_out))
                .await?
                .map_err(|error| failed("Failed to create backup.", &error))
        };
        app.events().around(event, making).await
    })
    .await
    .fault("while making a backup")?
}

/// What handlers are told: the archive, and what at the top of the data directory is left out of it or stays as it is.
fn event(kind: Kind, key: &str) -> Event {
    let event = Event::new(kind, &Ctx::system());
    event.members.set("name", key.into());
    event
        .members
        .set("exclude", Vec::from(backup::LEFT_OUT).into());
    event
}

fn texts(list: &Json) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

/// Takes an archive in that was made elsewhere.
pub async fn upload(app: &App, uploads: Vec<Upload>) -> Result<()> {
    let issue = |issue| Err(Error::invalid(INVALID, Issues::one("file", issue)));
    let Some(upload) = uploads.into_iter().find(|upload| upload.key == "file") else {
        return issue(Issue::required());
    };
    if upload.content_type.mime != ZIP {
        let message = format!(
            "\"{}\" mime type must be one of: {ZIP}.",
            upload.stored_name
        );
        return issue(Issue::new("validation_invalid_mime_type", message));
    }
    let folder = folder(app);
    let key = upload.file_name.clone();
    if !names::is_plain(&key) || key.len() > names::MAX_NAME {
        return issue(codes::match_invalid());
    }
    if folder.has(&key) {
        return issue(Issue::new(
            "validation_backup_name_exists",
            "Backup file with the specified name already exists.",
        ));
    }
    blocking(move || {
        let unfinished = folder.unfinished(&key)?;
        upload
            .write_to(&unfinished)
            .map_err(|source| backup::Error::File {
                path: key.clone(),
                source,
            })?;
        folder.keep(&unfinished, &key)
    })
    .await?
    .map_err(|error| failed("Failed to upload the file.", &error))
}

/// Opens an archive for whoever has a superuser's file token.
pub async fn open(app: &App, ctx: &Ctx, key: &str) -> Result<(File, Listed)> {
    let refused = || Error::forbidden("Insufficient permissions to access the resource.");
    let token = ctx.request.query_param("token").unwrap_or_default();
    let principal = if token.is_empty() {
        Principal::Guest
    } else {
        auth::authenticate_file_token(app, token, ctx.now)?
    };
    if !matches!(principal, Principal::Superuser(_)) {
        return Err(refused());
    }
    limits::check_origin(app, &principal, ctx.request.ip)?;
    let (folder, key) = (folder(app), key.to_owned());
    match blocking(move || folder.open(&key)).await? {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Error::NotFound(None)),
        opened => opened.fault("while opening a backup"),
    }
}

/// Deletes an archive that nobody uses.
pub async fn delete(app: &App, key: &str) -> Result<()> {
    if app.backups().uses(key) {
        return Err(Error::bad_request(
            "The backup is currently being used and cannot be deleted.",
        ));
    }
    let (folder, key) = (folder(app), key.to_owned());
    blocking(move || folder.delete(&key))
        .await?
        .map_err(|error| {
            Error::bad_request(format!(
                "Invalid or already deleted backup file. Raw error: \n{error}"
            ))
        })
}

/// Unpacks and checks an archive. Whoever serves the directory sees it waiting and opens the directory anew.
pub async fn restore(app: &App, key: &str) -> Result<()> {
    let folder = folder(app);
    let Some(path) = folder.path(key).filter(|_| folder.has(key)) else {
        return Err(Error::bad_request("Missing or invalid backup file."));
    };
    let (app, key) = (app.clone(), key.to_owned());
    task::spawn(async move {
        let _busy = app.backups().begin(&key)?;
        let dir = app.config().dir.clone();
        let staging = async move {
            blocking(move || backup::stage(&dir, &path))
                .await?
                .map_err(|error| failed("Failed to restore the backup.", &error))
        };
        let event = event(Kind::BackupRestore, &key);
        app.events().around(event, staging).await
    })
    .await
    .fault("while restoring a backup")?
}

/// Follows the schedule of the settings.
pub(super) fn schedule(app: &App) {
    let settings = app.settings();
    if settings.backups.cron.is_empty() {
        app.jobs().remove(AUTO_JOB);
        return;
    }
    if let Err(error) = jobs::add(app, AUTO_JOB, &settings.backups.cron, make_scheduled) {
        tracing::error!(%error, "backups are not made: the schedule cannot be read");
    }
}

async fn make_scheduled(app: App) -> Result<()> {
    let settings = app.settings();
    let key = names::auto(&settings.meta.app_name, Timestamp::now());
    make(&app, key).await?;
    let keep = usize::try_from(settings.backups.cron_max_keep).unwrap_or(0);
    if keep == 0 {
        return Ok(());
    }
    let folder = folder(&app);
    blocking(move || prune(&folder, keep))
        .await?
        .map_err(|error| failed("Failed to delete old backups.", &error))
}

/// Deletes all but the newest archives that the schedule made.
fn prune(folder: &Folder, keep: usize) -> backup::Result<()> {
    let mut made: Vec<Listed> = folder
        .list()?
        .into_iter()
        .filter(|entry| entry.key.starts_with(names::AUTO_PREFIX))
        .collect();
    made.sort_by(|a, b| (b.modified, &b.key).cmp(&(a.modified, &a.key)));
    for entry in made.into_iter().skip(keep) {
        folder
            .delete(&entry.key)
            .map_err(|source| backup::Error::File {
                path: entry.key,
                source,
            })?;
    }
    Ok(())
}

/// Whether a backup could be made now.
pub fn is_idle(app: &App) -> bool {
    let busy = app.backups().busy.lock();
    busy.unwrap_or_else(PoisonError::into_inner).is_none()
}

fn folder(app: &App) -> Folder {
    Folder::of(&app.config().dir)
}

/// A failure that superusers read in full: they run the server.
fn failed(message: &str, error: &backup::Error) -> Error {
    tracing::warn!(%error, "{message}");
    let message = format!("{message} Raw error: \n{error}");
    match error.trouble() {
        Some(trouble) => Error::Wire {
            status: trouble.wire().0,
            message: message.into(),
            data: serde_json::json!({}),
        },
        None => Error::bad_request(message),
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    task::spawn_blocking(work)
        .await
        .fault("while working on a backup")
}

/// Where an archive given on the command line is: a path, or the name of one in the folder.
pub fn locate(data_dir: &std::path::Path, name: &str) -> Option<PathBuf> {
    let named = Folder::of(data_dir)
        .path(name)
        .filter(|path| path.is_file());
    named.or_else(|| Some(PathBuf::from(name)).filter(|path| path.is_file()))
}
