//! Scripts that follow a change of the collections: reading them, and how files and transaction agree.
//!
//! The new texts are committed with the change, as an intent in the database; the files are written right after the
//! commit, each in one step, and the intent goes when all are. Whoever is interrupted in between finishes at the next
//! start, before any script is loaded. So there is no moment at which a crash leaves the collections changed and the
//! scripts not, or the other way round. A file that somebody changed meanwhile is left as it is.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use crate::app::schema_plan::reference::{Place, Reference};
use crate::base::error::{Error, FaultExt as _, Result};
use crate::base::text::hex;
use crate::base::time::Timestamp;
use crate::engine::{Reader, Tx};
use crate::sql::{Sql, Value};

/// Largest script that is looked at.
const MAX_TEXT: u64 = 4 << 20;

/// Most scripts that are looked at.
const MAX_FILES: usize = 2_000;

/// Levels of folders that are looked into.
const MAX_DEPTH: usize = 8;

/// The row of `_params` with what is still to be written.
const INTENT: &str = "stead.scripts.intent";

/// A script as it is now.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// Below the folder.
    pub(super) path: String,
    pub(super) text: String,
    pub(super) hash: String,
}

/// A script as it will be.
#[derive(Clone, Debug)]
pub(super) struct Edited {
    path: String,
    /// The hash of what it replaces.
    before: String,
    text: String,
}

/// Scripts and modules below a folder, as paths relative to it.
pub fn list(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![(folder.to_owned(), 0)];
    while let Some((current, depth)) = waiting.pop() {
        for entry in fs::read_dir(current).into_iter().flatten().flatten() {
            let path = entry.path();
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if path.is_dir() && depth < MAX_DEPTH {
                waiting.push((path, depth + 1));
            } else if path.extension().is_some_and(|ending| ending == "rhai")
                && let Ok(relative) = path.strip_prefix(folder)
            {
                found.push(relative.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort_unstable();
    found
}

/// All scripts of a folder that can be read.
pub(super) fn read(folder: &Path) -> Vec<File> {
    list(folder)
        .into_iter()
        .take(MAX_FILES)
        .filter_map(|path| {
            let place = folder.join(&path);
            let is_small = fs::metadata(&place).is_ok_and(|data| data.len() <= MAX_TEXT);
            let text = is_small.then(|| fs::read_to_string(&place).ok())??;
            let hash = hash(text.as_bytes());
            Some(File { path, text, hash })
        })
        .collect()
}

/// The scripts with the lines that are fixed.
pub(super) fn edit(files: &[File], references: &[Reference]) -> Vec<Edited> {
    let mut lines: BTreeMap<&str, BTreeMap<usize, &str>> = BTreeMap::new();
    for reference in references.iter().filter(|reference| reference.is_fixed) {
        if let Place::Script { path, line } = &reference.place {
            let file = lines.entry(path).or_default();
            file.insert(*line, &reference.after);
        }
    }
    files
        .iter()
        .filter_map(|file| {
            let lines = lines.get(file.path.as_str())?;
            let text: Vec<&str> = file
                .text
                .split('\n')
                .enumerate()
                .map(|(index, line)| lines.get(&(index + 1)).copied().unwrap_or(line))
                .collect();
            Some(Edited {
                path: file.path.clone(),
                before: file.hash.clone(),
                text: text.join("\n"),
            })
        })
        .collect()
}

/// Keeps what is to be written with the change it belongs to.
pub(super) fn intend(tx: &Tx, edits: &[Edited]) -> Result<()> {
    if edits.is_empty() {
        return Ok(());
    }
    let files: Vec<Json> = edits
        .iter()
        .map(|edit| json!({"path": edit.path, "before": edit.before, "text": edit.text}))
        .collect();
    let now = Timestamp::now().to_string();
    let mut sql: Sql = Sql::from_text("INSERT INTO _params (id, value, created, updated) VALUES (");
    sql.bind(INTENT).text(", ");
    sql.bind(json!({ "files": files }).to_string()).text(", ");
    sql.bind(now.as_str())
        .text(", ")
        .bind(now.as_str())
        .text(")");
    tx.execute(&sql)?;
    Ok(())
}

/// What is still to be written.
pub(super) fn intended(reader: &Reader) -> Result<Option<Vec<Edited>>> {
    let mut sql: Sql = Sql::from_text("SELECT value FROM _params WHERE id = ");
    sql.bind(INTENT);
    let Some(value) = reader.first(&sql, |row| row.value(0))? else {
        return Ok(None);
    };
    let stored: Json = match &value {
        Value::Text(text) => serde_json::from_str(text).unwrap_or_default(),
        Value::Blob(bytes) => serde_json::from_slice(bytes).unwrap_or_default(),
        _ => Json::Null,
    };
    let text = |file: &Json, member: &str| file[member].as_str().unwrap_or_default().to_owned();
    let files = stored["files"].as_array().cloned().unwrap_or_default();
    Ok(Some(
        files
            .iter()
            .map(|file| Edited {
                path: text(file, "path"),
                before: text(file, "before"),
                text: text(file, "text"),
            })
            .collect(),
    ))
}

/// Forgets what was to be written.
pub(super) fn settle(tx: &Tx) -> Result<()> {
    let mut sql: Sql = Sql::from_text("DELETE FROM _params WHERE id = ");
    sql.bind(INTENT);
    tx.execute(&sql)?;
    Ok(())
}

/// Writes what is to be written. Doing it again does nothing.
pub(super) fn write(folder: &Path, edits: &[Edited]) -> Result<()> {
    for edit in edits {
        let place = place(folder, &edit.path)?;
        let present = match fs::read(&place) {
            Ok(bytes) => hash(&bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(error).fault("while reading a script"),
        };
        if present == hash(edit.text.as_bytes()) {
            continue;
        }
        if present != edit.before {
            tracing::warn!(
                script = edit.path,
                "changed by somebody else; it keeps the old names"
            );
            continue;
        }
        replace(&place, &edit.text).fault("while writing a script")?;
    }
    Ok(())
}

/// Replaces a file in one step that is on the disk when it is done.
fn replace(place: &Path, text: &str) -> io::Result<()> {
    let unfinished = place.with_extension("rhai.new");
    let mut file = fs::File::create(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, place)?;
    match place.parent().map(fs::File::open) {
        Some(Ok(folder)) => folder.sync_all(),
        _ => Ok(()),
    }
}

/// Security: the paths were found below the folder; what the database says is not trusted to lead elsewhere.
fn place(folder: &Path, path: &str) -> Result<PathBuf> {
    let is_plain = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', '\0', ':'])
    };
    let ends_well = Path::new(path)
        .extension()
        .is_some_and(|ending| ending == "rhai");
    if ends_well && path.split('/').all(is_plain) {
        Ok(folder.join(path))
    } else {
        Err(Error::internal("a script outside of its folder"))
    }
}

fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::{Edited, hash, list, write};

    #[test]
    fn files_are_written_once_and_never_over_somebody_elses() {
        let folder = TempDir::new().unwrap();
        let place = folder.path().join("a.rhai");
        let edit = Edited {
            path: "a.rhai".to_owned(),
            before: hash(b"old"),
            text: "new".to_owned(),
        };
        let edits = [edit];
        std::fs::write(&place, "old").unwrap();
        for _ in 0..2 {
            write(folder.path(), &edits).unwrap();
            assert_eq!(std::fs::read_to_string(&place).unwrap(), "new");
        }
        std::fs::write(&place, "other").unwrap();
        write(folder.path(), &edits).unwrap();
        assert_eq!(std::fs::read_to_string(&place).unwrap(), "other");
        assert_eq!(list(folder.path()), ["a.rhai"]);
        let [mut out] = edits;
        out.path = "../a.rhai".to_owned();
        assert!(write(folder.path(), &[out]).is_err());
    }
}
