//! Files without a record that a crash left behind: found and removed after the next start.
//!
//! A file is stored before its record is committed, and removed after the commit that makes it useless; between the two a
//! crash leaves it alone. Only what can be told to be such a left-over is removed: files that nobody refers to and that
//! were written, or whose record was changed, since the interrupted run began. Everything else in the storage stays.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use tokio::time::sleep;

use crate::app::App;
use crate::base::error::Result;
use crate::base::time::Timestamp;
use crate::files::{ChildKind, FileKey, Store, THUMBS_PREFIX};
use crate::record;
use crate::sql::Sql;

/// Exists while the server runs.
const MARKER: &str = ".stead_running";

/// Clocks and time stamps of files are this exact.
const SLACK_MS: i64 = 5_000;

/// How long a file without a record may be on its way to one.
const GRACE: Duration = Duration::from_secs(10);

/// Most left-overs removed in one go.
const MAX_FOUND: usize = 10_000;

/// Notes that the server runs. Gives the start of the last run if that did not end in order.
pub fn begin(app: &App) -> io::Result<Option<Timestamp>> {
    let marker = marker(app);
    let started = fs::metadata(&marker).and_then(|metadata| metadata.modified());
    fs::write(marker, b"")?;
    let since = match started {
        Ok(started) => started.duration_since(UNIX_EPOCH).ok(),
        Err(_) => None,
    };
    let ms = since.and_then(|since| i64::try_from(since.as_millis()).ok());
    Ok(ms.map(|ms| Timestamp::from_unix_ms(ms - SLACK_MS)))
}

/// Notes that the server ended in order.
pub fn end(app: &App) {
    if let Err(error) = fs::remove_file(marker(app)) {
        tracing::warn!(%error, "the next start will look for left-over files");
    }
}

/// Looks for what the run that began then left behind, and removes it.
pub async fn sweep(app: &App, since: Timestamp) {
    app.uploads().clean().await;
    let storage = app.storage();
    let mut removed = 0;
    loop {
        match remove_some(app, &storage, since).await {
            Ok(0) => break,
            Ok(count) => removed += count,
            Err(error) => {
                tracing::warn!(%error, "the search for left-over files ended early");
                break;
            }
        }
    }
    if removed > 0 {
        tracing::info!(removed, "files without a record were removed after a crash");
    }
}

async fn remove_some(app: &App, storage: &Arc<Store>, since: Timestamp) -> Result<usize> {
    let mut found = Vec::new();
    look(app, storage, since, &mut found).await?;
    if found.is_empty() {
        return Ok(0);
    }
    // What is on its way to a record has arrived then.
    sleep(GRACE).await;
    let mut keys = Vec::new();
    for orphan in found {
        if is_orphan(app, &orphan, since)? {
            keys.push(orphan.key()?);
        }
    }
    let count = keys.len();
    storage.delete(keys).await?;
    Ok(count)
}

/// A file that may be nobody's.
#[derive(Debug)]
struct Found {
    collection: String,
    record: String,
    name: String,
    modified: Timestamp,
}

impl Found {
    fn key(&self) -> Result<FileKey> {
        Ok(FileKey::new(&self.collection, &self.record, &self.name)?)
    }
}

async fn look(app: &App, storage: &Store, since: Timestamp, found: &mut Vec<Found>) -> Result<()> {
    for collection in folders(storage, None).await? {
        let folder = FileKey::of(&[&collection])?;
        let mut after = None;
        loop {
            let (records, next) = storage.children(Some(&folder), after).await?;
            for child in records {
                if child.kind != ChildKind::Folder {
                    continue;
                }
                look_at(app, storage, since, &collection, &child.name, found).await?;
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
    since: Timestamp,
    collection: &str,
    record: &str,
    found: &mut Vec<Found>,
) -> Result<()> {
    let folder = FileKey::of(&[collection, record])?;
    let (children, _) = storage.children(Some(&folder), None).await?;
    for child in children {
        let ChildKind::File { modified, .. } = child.kind else {
            continue;
        };
        if child.name.starts_with(THUMBS_PREFIX) {
            continue;
        }
        let file = Found {
            collection: collection.to_owned(),
            record: record.to_owned(),
            name: child.name,
            modified,
        };
        if is_orphan(app, &file, since)? {
            found.push(file);
        }
    }
    Ok(())
}

async fn folders(storage: &Store, folder: Option<&FileKey>) -> Result<Vec<String>> {
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let (children, next) = storage.children(folder, after).await?;
        let folders = children
            .into_iter()
            .filter(|child| child.kind == ChildKind::Folder);
        names.extend(folders.map(|child| child.name));
        after = next;
        if after.is_none() {
            return Ok(names);
        }
    }
}

/// Says whether nobody refers to a file and the interrupted run can have left it so.
fn is_orphan(app: &App, file: &Found, since: Timestamp) -> Result<bool> {
    app.read(|reader, snapshot| {
        if let Some(entry) = snapshot.collection_by_id(&file.collection)
            && record::file_field(reader, entry, &file.record, &file.name)?.is_some()
        {
            return Ok(false);
        }
        if file.modified >= since {
            return Ok(true);
        }
        let mut sql: Sql = Sql::from_text("SELECT 1 FROM _changes WHERE record = ");
        sql.bind(file.record.as_str())
            .text(" AND collection = ")
            .bind(file.collection.as_str())
            .text(" AND at >= ")
            .bind(since.unix_ms())
            .text(" LIMIT 1");
        Ok(reader.first(&sql, |row| row.int(0))?.is_some())
    })
}

fn marker(app: &App) -> PathBuf {
    app.config().dir.join(MARKER)
}
