//! Migrations: which were applied, and files that are written when collections change over the API.
//!
//! Running them is the matter of `hooks`; the table `_migrations` and the texts are here.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::base::error::Result;
use crate::base::text;
use crate::base::time::Timestamp;
use crate::catalog;
use crate::query::Snapshot;
use crate::schema::Entry;
use crate::settings::Settings;
use crate::sql::Sql;

/// One file at a time, so that their names are in the order of the changes.
static WRITING: Mutex<()> = Mutex::new(());

/// The migrations that were applied, in that order.
pub fn applied(app: &App) -> Result<Vec<String>> {
    let sql: Sql = Sql::from_text("SELECT file FROM _migrations ORDER BY applied, file");
    app.read(|reader, _| Ok(reader.all(&sql, |row| row.text(0).to_owned())?))
}

/// Remembers that a migration was applied.
pub(crate) async fn note(app: &App, file: &str) -> Result<()> {
    let file = file.to_owned();
    app.write(move |tx| catalog::note_migration(tx, &file, Timestamp::now()))
        .await
}

/// Forgets that a migration was applied.
pub(crate) async fn forget(app: &App, file: &str) -> Result<()> {
    let file = file.to_owned();
    app.write(move |tx| {
        let mut sql: Sql = Sql::from_text("DELETE FROM _migrations WHERE file = ");
        sql.bind(file.as_str());
        tx.execute(&sql)?;
        Ok(())
    })
    .await
}

/// Forgets the migrations in Rhai whose files are gone; returns their names. All others are the reference's: it would
/// apply them once more.
pub(crate) async fn forget_missing(app: &App, files: &[String]) -> Result<Vec<String>> {
    let known = applied(app)?;
    let is_ours = |file: &String| Path::new(file).extension().is_some_and(|end| end == "rhai");
    let missing: Vec<String> = known
        .into_iter()
        .filter(|file| is_ours(file) && !files.contains(file))
        .collect();
    for file in &missing {
        forget(app, file).await?;
    }
    Ok(missing)
}

/// Shows collections and settings again as they were before migrations that failed.
pub(crate) fn put_back(app: &App, before: (Arc<Snapshot>, Arc<Settings>)) {
    let (snapshot, settings) = before;
    app.publish_snapshot(snapshot);
    app.publish_settings(settings);
}

/// A change of a collection over the API.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Created(Map<String, Json>),
    Updated {
        before: Map<String, Json>,
        after: Map<String, Json>,
    },
    Deleted(Map<String, Json>),
}

/// A collection's definition as a migration has it: nothing that differs from server to server, no provider's secrets.
pub(crate) fn definition(entry: &Entry) -> Map<String, Json> {
    let mut body = Vec::new();
    entry.write_json(&mut body);
    let mut definition: Map<String, Json> = serde_json::from_slice(&body).unwrap_or_default();
    for name in ["created", "updated"] {
        definition.remove(name);
    }
    if let Some(Json::Object(oauth2)) = definition.get_mut("oauth2") {
        oauth2.remove("providers");
    }
    definition
}

/// Writes the file for a change and remembers it as applied. The change itself is done by now: a failure is logged.
pub(crate) async fn write(app: &App, change: Change) {
    let Some(folder) = app.config().automigrate.clone() else {
        return;
    };
    let Some((name, text)) = texts(&change) else {
        return;
    };
    let written = tokio::task::spawn_blocking(move || write_file(&folder, &name, &text)).await;
    let noted = match written {
        Ok(Ok(file)) => note(app, &file).await.map_err(|error| error.to_string()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    if let Err(error) = noted {
        tracing::error!(%error, "the migration of a changed collection could not be written");
    }
}

/// What the name of the file ends with, and what is in it; nothing when nothing changed.
fn texts(change: &Change) -> Option<(String, String)> {
    let name = |definition: &Map<String, Json>| {
        let name = definition.get("name").and_then(Json::as_str);
        let name = text::snake_case(name.unwrap_or_default());
        if name.ends_with("test") {
            format!("{name}_")
        } else {
            name
        }
    };
    let save = |definition: &Map<String, Json>| {
        format!(
            "app.save_collection({});",
            literal(&Json::Object(definition.clone()), 1)
        )
    };
    let delete = |definition: &Map<String, Json>| {
        let id = definition.get("id").cloned().unwrap_or_default();
        format!("app.delete_collection({});", literal(&id, 1))
    };
    let (name, up, down) = match change {
        Change::Created(made) => (format!("created_{}", name(made)), save(made), delete(made)),
        Change::Deleted(gone) => (format!("deleted_{}", name(gone)), delete(gone), save(gone)),
        Change::Updated { before, after } => {
            let changed = |from: &Map<String, Json>, to: &Map<String, Json>| -> Map<String, Json> {
                let differs = |(key, value): &(&String, &Json)| {
                    *key == "id" || from.get(*key) != Some(*value)
                };
                let kept = to.iter().filter(differs);
                kept.map(|(key, value)| (key.clone(), value.clone()))
                    .collect()
            };
            let (up, down) = (changed(before, after), changed(after, before));
            if up.len() < 2 && down.len() < 2 {
                return None;
            }
            (format!("updated_{}", name(before)), save(&up), save(&down))
        }
    };
    let text = format!("migrate(|app| {{\n    {up}\n}}, |app| {{\n    {down}\n}});\n");
    Some((name, text))
}

/// Writes a new file and returns its name.
pub fn write_file(folder: &Path, name: &str, text: &str) -> std::io::Result<String> {
    let _one = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    fs::create_dir_all(folder)?;
    let file = format!("{}_{name}.rhai", next_stamp(folder)?);
    let unfinished: PathBuf = folder.join(format!(".{file}.new"));
    fs::write(&unfinished, text)?;
    fs::rename(unfinished, folder.join(&file))?;
    Ok(file)
}

/// The second for the next file's name: the present one, or one after the last file's, so that order is kept.
fn next_stamp(folder: &Path) -> std::io::Result<i64> {
    let mut stamp = Timestamp::now().unix_seconds();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        let is_script = Path::new(&*name)
            .extension()
            .is_some_and(|ending| ending == "rhai");
        let digits = name.split('_').next().unwrap_or_default();
        if is_script
            && digits.len() == 10
            && let Ok(other) = digits.parse::<i64>()
        {
            stamp = stamp.max(other.saturating_add(1));
        }
    }
    Ok(stamp)
}

/// A migration with all collections as they are.
pub fn snapshot(app: &App) -> String {
    let all: Vec<Json> = app
        .snapshot()
        .collections()
        .map(|entry| Json::Object(definition(entry)))
        .collect();
    format!(
        "migrate(|app| {{\n    app.import_collections({}, false);\n}}, |app| {{ }});\n",
        literal(&Json::Array(all), 1)
    )
}

/// JSON as a script has it.
fn literal(value: &Json, depth: usize) -> String {
    let (inner, outer) = ("    ".repeat(depth + 1), "    ".repeat(depth));
    match value {
        Json::Null => "()".to_owned(),
        Json::Bool(_) | Json::Number(_) => value.to_string(),
        Json::String(text) => quoted(text),
        Json::Array(items) if items.is_empty() => "[]".to_owned(),
        Json::Object(members) if members.is_empty() => "#{}".to_owned(),
        Json::Array(items) => {
            let mut out = String::from("[\n");
            for item in items {
                writeln!(out, "{inner}{},", literal(item, depth + 1)).unwrap_or_default();
            }
            format!("{out}{outer}]")
        }
        Json::Object(members) => {
            let mut out = String::from("#{\n");
            for (key, value) in members {
                let value = literal(value, depth + 1);
                writeln!(out, "{inner}{}: {value},", quoted(key)).unwrap_or_default();
            }
            format!("{out}{outer}}}")
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                write!(out, "\\u{:04x}", u32::from(c)).unwrap_or_default();
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{literal, next_stamp, write_file};

    #[test]
    fn values_are_written_as_scripts_have_them() {
        let value = json!({"a": [null, true, 1.5], "b\"": "x\ny\u{1}\\", "c": {}, "d": []});
        let text = literal(&value, 0);
        assert_eq!(
            text,
            "#{\n    \"a\": [\n        (),\n        true,\n        1.5,\n    ],\n    \"b\\\"\": \"x\\ny\\u0001\\\\\",\n    \"c\": #{},\n    \"d\": [],\n}"
        );
    }

    #[test]
    fn files_of_one_second_keep_their_order() {
        let dir = tempfile::TempDir::new().unwrap();
        let names: Vec<String> = (0..20)
            .map(|n| write_file(dir.path(), &format!("x{}", 99 - n), "").unwrap())
            .collect();
        let mut sorted = names.clone();
        sorted.sort();
        assert_eq!(names, sorted);
        assert!(next_stamp(dir.path()).is_ok());
    }
}
