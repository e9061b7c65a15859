//! Files without a record that a crash left behind: found and removed after the next start.
//!
//! A file is stored before its record is committed, and removed after the commit that makes it useless; between the two
//! a crash leaves it alone. Only what can be told to be such a left-over is removed: files that nobody refers to and
//! that were written, or whose record was changed, since the interrupted run began. Everything else in the storage
//! stays.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::app::App;
use crate::base::error::{Error, Result};
use crate::base::time::Timestamp;
use crate::engine::Row;
use crate::files::{ChildKind, FileKey, Store, THUMBS_PREFIX, sync_dir};
use crate::record;
use crate::sql::Sql;

/// Exists while the server runs.
const MARKER: &str = ".stead_running";

/// Clocks and time stamps of files are this exact.
const SLACK_MS: i64 = 5_000;

/// How long a file without a record may be on its way to one.
const GRACE: Duration = Duration::from_secs(10);

/// Most left-overs looked for in one go.
const MAX_FOUND: usize = 10_000;

/// Most left-overs removed between two looks at whether the sweep is to end.
const STEP: usize = 64;

/// A run of the server, as far as left-over files go.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    started: Timestamp,
    /// The start of the first run that did not end in order and whose left-overs were not looked for to the end.
    since: Option<Timestamp>,
}

/// Notes that the server runs. The note has the start of the first run whose left-overs nobody looked for.
pub fn begin(app: &App) -> io::Result<Run> {
    let marker = marker(app);
    let since = match fs::read_to_string(&marker) {
        Ok(text) => match text.trim().parse() {
            Ok(started) => Some(Timestamp::from_unix_ms(started)),
            Err(_) => written(&marker),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let run = Run {
        started: Timestamp::now(),
        since,
    };
    if since.is_none() {
        note(&marker, run.started)?;
        // Nobody waits for that: at worst a power cut right after the start leaves a file behind.
        drop(spawn_blocking(move || make_durable(&marker)));
    }
    Ok(run)
}

/// When a note was written that does not tell.
fn written(marker: &Path) -> Option<Timestamp> {
    let modified = fs::metadata(marker).and_then(|metadata| metadata.modified());
    Some(modified.ok()?.into())
}

fn note(marker: &Path, started: Timestamp) -> io::Result<()> {
    fs::write(marker, started.unix_ms().to_string())
}

fn make_durable(marker: &Path) {
    let synced = File::open(marker)
        .and_then(|file| file.sync_all())
        .and_then(|()| marker.parent().map_or(Ok(()), sync_dir));
    if let Err(error) = synced {
        tracing::warn!(%error, "left-over files may not be looked for after a power cut");
    }
}

/// Notes that the server ended in order. What an earlier run left, and was not found yet, is for the next start; so is
/// what this one could not remove.
pub fn end(app: &App, run: Run) {
    if !app.leftovers().is_empty() {
        return;
    }
    let marker = marker(app);
    let noted = fs::read_to_string(&marker);
    if !noted.is_ok_and(|text| text == run.started.unix_ms().to_string()) {
        return;
    }
    if let Err(error) = fs::remove_file(marker) {
        tracing::warn!(%error, "the next start will look for left-over files");
    }
}

/// Looks for what earlier runs left behind, and removes it. When it is asked to stop it ends within a moment and
/// removes nothing afterwards: other data may be in the directory then. What is left is for the next start.
pub async fn sweep(app: &App, run: Run, stopped: impl Future<Output = ()>) {
    let Some(since) = run.since else { return };
    let since = Timestamp::from_unix_ms(since.unix_ms() - SLACK_MS);
    let storage = app.storage();
    let mut stopped = pin!(stopped);
    let mut removed = 0;
    loop {
        let looked = tokio::select! {
            () = stopped.as_mut() => return,
            looked = certain(app, &storage, since) => looked,
        };
        let keys = match looked {
            Ok(keys) if keys.is_empty() => break,
            Ok(keys) => keys,
            Err(error) => return ended_early(&error),
        };
        for step in keys.chunks(STEP) {
            // What has begun is waited for: it goes on without being waited for, too.
            if let Err(error) = storage.delete(step.to_vec()).await {
                return ended_early(&error.into());
            }
            removed += step.len();
            if stopped.as_mut().now_or_never().is_some() {
                return;
            }
        }
    }
    if removed > 0 {
        tracing::info!(removed, "files without a record were removed after a crash");
    }
    // From here on only what this run leaves has to be looked for.
    if let Err(error) = note(&marker(app), run.started) {
        tracing::warn!(%error, "the next start will look for left-over files again");
    }
}

fn ended_early(error: &Error) {
    tracing::warn!(%error, "the search for left-over files ended early");
}

/// Some of the files that are nobody's for sure.
async fn certain(app: &App, storage: &Store, since: Timestamp) -> Result<Vec<FileKey>> {
    let interrupted = Interrupted {
        since,
        changed: changed(app, since).await?,
    };
    let mut found = Vec::new();
    look(app, storage, &interrupted, &mut found).await?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    // What is on its way to a record has arrived then.
    sleep(GRACE).await;
    let mut keys = Vec::new();
    for orphan in found {
        if is_orphan(app, &orphan, &interrupted)? {
            keys.push(orphan.key()?);
        }
    }
    Ok(keys)
}

/// What is known about the run that was interrupted.
struct Interrupted {
    since: Timestamp,
    /// The records that were changed since it began: collection and record.
    changed: HashSet<(String, String)>,
}

/// The records that were changed since then. All at once: the log of changes is kept short, and has no index for one
/// record.
async fn changed(app: &App, since: Timestamp) -> Result<HashSet<(String, String)>> {
    app.look(move |reader, _| {
        let mut sql: Sql =
            Sql::from_text("SELECT DISTINCT collection, record FROM _changes WHERE at >= ");
        sql.bind(since.unix_ms());
        let pair = |row: &Row<'_>| (row.text(0).to_owned(), row.text(1).to_owned());
        Ok(reader.all(&sql, pair)?.into_iter().collect())
    })
    .await
}

/// A file that may be nobody's.
#[derive(Debug)]
struct Found {
    collection: String,
    record: String,
    name: String,
    /// When it was written, if it is there.
    modified: Option<Timestamp>,
}

impl Found {
    fn key(&self) -> Result<FileKey> {
        Ok(FileKey::new(&self.collection, &self.record, &self.name)?)
    }
}

async fn look(
    app: &App,
    storage: &Store,
    interrupted: &Interrupted,
    found: &mut Vec<Found>,
) -> Result<()> {
    for child in storage.all_children(None).await? {
        if child.kind != ChildKind::Folder {
            continue;
        }
        let collection = child.name;
        let folder = FileKey::of(&[&collection])?;
        let mut after = None;
        loop {
            let (records, next) = storage.children(Some(&folder), after).await?;
            for child in records {
                if child.kind != ChildKind::Folder {
                    continue;
                }
                look_at(app, storage, interrupted, &collection, &child.name, found).await?;
                if found.len() >= MAX_FOUND {
                    return Ok(());
                }
            }
            after = next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(())
}

async fn look_at(
    app: &App,
    storage: &Store,
    interrupted: &Interrupted,
    collection: &str,
    record: &str,
    found: &mut Vec<Found>,
) -> Result<()> {
    let folder = FileKey::of(&[collection, record])?;
    for (name, modified) in files_in(storage, &folder).await? {
        let file = Found {
            collection: collection.to_owned(),
            record: record.to_owned(),
            name,
            modified,
        };
        if is_orphan(app, &file, interrupted)? {
            found.push(file);
        }
    }
    Ok(())
}

/// The files in the folder of a record with when they were written, if they are there: a crash, or a removal that fails
/// half-way, may also leave no more of a file than its thumbs or what is noted about it.
pub(super) async fn files_in(
    storage: &Store,
    folder: &FileKey,
) -> Result<BTreeMap<String, Option<Timestamp>>> {
    let mut files = BTreeMap::new();
    for child in storage.all_children(Some(folder)).await? {
        let original = child.name.strip_prefix(THUMBS_PREFIX).map(str::to_owned);
        match (child.kind, original) {
            (ChildKind::Folder, Some(name)) => {
                files.entry(name).or_insert(None);
            }
            (ChildKind::File { modified, .. } | ChildKind::Note { modified }, None) => {
                files.insert(child.name, Some(modified));
            }
            _ => {}
        }
    }
    Ok(files)
}

/// Says whether a record refers to a file.
pub(super) fn is_known(app: &App, collection: &str, record: &str, name: &str) -> Result<bool> {
    app.read(|reader, snapshot| {
        let Some(entry) = snapshot.collection_by_id(collection) else {
            return Ok(false);
        };
        Ok(record::file_field(reader, entry, record, name)?.is_some())
    })
}

/// Says whether nobody refers to a file and the interrupted run can have left it so.
fn is_orphan(app: &App, file: &Found, interrupted: &Interrupted) -> Result<bool> {
    if is_known(app, &file.collection, &file.record, &file.name)? {
        return Ok(false);
    }
    let owner = (file.collection.clone(), file.record.clone());
    let is_recent = file
        .modified
        .is_some_and(|modified| modified >= interrupted.since);
    Ok(is_recent || interrupted.changed.contains(&owner))
}

fn marker(app: &App) -> PathBuf {
    app.config().dir.join(MARKER)
}
