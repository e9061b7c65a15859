//! Backups as superusers see them: one at a time, none while another is made or restored.

use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value as Json, json};
use tokio::task;

use crate::app::answer::Shape;
use crate::app::{App, auth, jobs, letters, limits, superusers};
use crate::backup::{self, Archives, Folder, Listed, Opened, names};
use crate::base::error::{Error, FaultExt as _, Result};
use crate::base::issues::{Issue, Issues};
use crate::base::text::{self, escape_html};
use crate::base::time::Timestamp;
use crate::ctx::{Ctx, Principal};
use crate::events::{Event, Kind};
use crate::files::Upload;
use crate::mail;
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
    let all = match archives(app) {
        Ok(archives) => archives.list().await,
        Err(error) => Err(error),
    };
    let all = all.map_err(|error| failed("Failed to retrieve backup items.", &error))?;
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
        check_name(app, name).await?;
        name.to_owned()
    };
    make(app, key).await
}

async fn check_name(app: &App, name: &str) -> Result<()> {
    let issue = if name.chars().count() > names::MAX_NAME {
        codes::length_out_of_range(1, i64::try_from(names::MAX_NAME).unwrap_or(i64::MAX))
    } else if !names::is_chosen(name) {
        codes::match_invalid()
    } else if is_taken(app, name).await {
        Issue::new(
            "validation_backup_name_exists",
            "The backup file name is invalid or already exists.",
        )
    } else {
        return Ok(());
    };
    Err(Error::invalid(INVALID, Issues::one("name", issue)))
}

/// Says whether a name cannot be used any more, or nobody knows whether it can.
async fn is_taken(app: &App, key: &str) -> bool {
    match archives(app) {
        Ok(archives) => archives.has(key).await.unwrap_or(true),
        Err(_) => true,
    }
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
            let left_out = texts(&members.get("exclude"));
            let made = match archives(&inner) {
                Ok(archives) => archives.create(&key, left_out).await,
                Err(error) => Err(error),
            };
            made.map_err(|error| failed("Failed to create backup.", &error))
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
    let key = upload.file_name.clone();
    if !names::is_archive(&key) {
        return issue(codes::match_invalid());
    }
    if is_taken(app, &key).await {
        return issue(Issue::new(
            "validation_backup_name_exists",
            "Backup file with the specified name already exists.",
        ));
    }
    take_in(app, upload, &key)
        .await
        .map_err(|error| failed("Failed to upload the file.", &error))
}

async fn take_in(app: &App, upload: Upload, key: &str) -> backup::Result<()> {
    let archives = archives(app)?;
    let work = archives.work().await?;
    let written = task::spawn_blocking(move || {
        upload.write_to(&work.archive())?;
        Ok(work)
    });
    let written = written.await;
    let written = written.unwrap_or_else(|error| Err(io::Error::other(error)));
    let work = written.map_err(|source| backup::Error::File {
        path: key.to_owned(),
        source,
    })?;
    archives.keep(work, key).await
}

/// Opens an archive for whoever has a superuser's file token.
pub async fn open(app: &App, ctx: &Ctx, key: &str) -> Result<Opened> {
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
    limits::check_origin(app, &principal, ctx.request.ip).map_err(|_| refused())?;
    let opened = match archives(app) {
        Ok(archives) => archives.open(key).await,
        Err(error) => Err(error),
    };
    let opened = opened.map_err(|error| {
        tracing::warn!(%error, "a backup cannot be opened");
        Error::BadRequest(None)
    })?;
    opened.ok_or(Error::NotFound(None))
}

/// Deletes an archive that nobody uses.
pub async fn delete(app: &App, key: &str) -> Result<()> {
    if app.backups().uses(key) {
        return Err(Error::bad_request(
            "The backup is currently being used and cannot be deleted.",
        ));
    }
    let deleted = match archives(app) {
        Ok(archives) => archives.delete(key).await,
        Err(error) => Err(error),
    };
    deleted.map_err(|error| {
        Error::bad_request(format!(
            "Invalid or already deleted backup file. Raw error: \n{error}"
        ))
    })
}

/// Unpacks and checks an archive. Whoever serves the directory sees it waiting and opens the directory anew.
pub async fn restore(app: &App, key: &str) -> Result<()> {
    let missing = || Error::bad_request("Missing or invalid backup file.");
    let archives = archives(app).map_err(|_| missing())?;
    // What cannot be reached is as good as missing.
    if !archives.has(key).await.unwrap_or(false) {
        return Err(missing());
    }
    let (app, key) = (app.clone(), key.to_owned());
    task::spawn(async move {
        let _busy = app.backups().begin(&key)?;
        let (dir, name) = (app.config().dir.clone(), key.clone());
        let settings_key = app.config().encryption_key.clone();
        let staging = async move {
            let brought = archives.bring(&name).await;
            let brought =
                brought.map_err(|error| failed("Failed to restore the backup.", &error))?;
            let Some(archive) = brought else {
                return Err(missing());
            };
            blocking(move || {
                let key = backup::Key::Known(settings_key.as_ref());
                backup::stage(&dir, archive.path(), key)
            })
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
    if let Err(error) = make(&app, key).await {
        report(&app, &error);
        return Err(error);
    }
    let keep = usize::try_from(settings.backups.cron_max_keep).unwrap_or(0);
    if keep == 0 {
        return Ok(());
    }
    let pruned = match archives(&app) {
        Ok(archives) => prune(&archives, keep).await,
        Err(error) => Err(error),
    };
    pruned.map_err(|error| failed("Failed to delete old backups.", &error))
}

/// Tells every superuser that a backup of the schedule is missing.
fn report(app: &App, error: &Error) {
    let settings = app.settings();
    let name = &settings.meta.app_name;
    let subject = format!("{name}: a scheduled backup failed");
    let reason = text::sentence(&error.to_wire().message);
    let html = mail::wrap(&format!(
        "<p>Hello,</p><p>the scheduled backup of {} could not be made:</p><p>{}</p><p>The next one is tried on time.</p>",
        escape_html(name),
        escape_html(&reason),
    ));
    let reported = superusers::emails(app).and_then(|emails| {
        for email in emails {
            letters::notify(app, email, subject.clone(), html.clone())?;
        }
        Ok(())
    });
    if let Err(error) = reported {
        tracing::warn!(%error, "nobody is told of the failed backup");
    }
}

/// Deletes all but the newest archives that the schedule made.
async fn prune(archives: &Archives, keep: usize) -> backup::Result<()> {
    let all = archives.list().await?;
    let mut made: Vec<Listed> = all
        .into_iter()
        .filter(|entry| entry.key.starts_with(names::AUTO_PREFIX))
        .collect();
    made.sort_by(|a, b| (b.modified, &b.key).cmp(&(a.modified, &a.key)));
    for entry in made.into_iter().skip(keep) {
        archives.delete(&entry.key).await?;
    }
    Ok(())
}

/// Whether a backup could be made now.
pub fn is_idle(app: &App) -> bool {
    let busy = app.backups().busy.lock();
    busy.unwrap_or_else(PoisonError::into_inner).is_none()
}

fn archives(app: &App) -> backup::Result<Archives> {
    let settings = app.settings();
    Archives::of(&app.config().dir, &settings.backups.s3, app.fetch())
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
