//! What superusers keep about the admin UI: saved views, folders, favourites, the label of the server. Values are JSON
//! that means something to the UI alone; no behaviour of the server depends on them.

use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::ctx::{Ctx, Principal};
use crate::engine::{Reader, Tx};
use crate::sql::{Sql, Value};

/// Longest value, as JSON text.
const MAX_VALUE: usize = 64 * 1024;

/// Most keys of a scope.
const MAX_KEYS: usize = 500;

/// Longest key.
const MAX_KEY: usize = 100;

const INVALID: &str = "Failed to keep the preference.";

/// Rows of `_params` with this beginning are preferences; PocketBase leaves them alone.
const PREFIX: &str = "stead.prefs.";

/// Everything the caller may read: `{"me": {…}, "shared": {…}}`.
pub fn list(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let (me, shared) = (prefix(ctx, "me")?, prefix(ctx, "shared")?);
    let (me, shared) = app.engine().read(|reader| {
        let me = values(reader, &me)?;
        Ok::<_, Error>((me, values(reader, &shared)?))
    })?;
    Ok(json!({ "me": me, "shared": shared })
        .to_string()
        .into_bytes())
}

/// Keeps one value, or forgets it when there is none.
pub async fn set(app: &App, ctx: &Ctx, scope: &str, key: &str, value: Option<&Json>) -> Result<()> {
    let prefix = prefix(ctx, scope)?;
    let well_formed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if key.is_empty() || key.len() > MAX_KEY || !key.chars().all(well_formed) {
        let issue = Issue::new("validation_match_invalid", "Must be in a valid format.");
        return Err(Error::invalid(INVALID, Issues::one("key", issue)));
    }
    let stored = value.map(Json::to_string);
    if stored.as_ref().is_some_and(|text| text.len() > MAX_VALUE) {
        return Err(Error::TooLarge);
    }
    let id = format!("{prefix}{key}");
    let now = ctx.now.to_string();
    app.engine()
        .write(move |tx| match stored {
            Some(text) => write(tx, &prefix, &id, text, &now),
            None => forget(tx, &id),
        })
        .await
}

/// Where the preferences of a scope begin. A superuser sees their own and those of all.
fn prefix(ctx: &Ctx, scope: &str) -> Result<String> {
    match (scope, &ctx.principal) {
        ("shared", _) => Ok(format!("{PREFIX}shared.")),
        ("me", Principal::Superuser(record)) => Ok(format!("{PREFIX}{}.", record.id)),
        _ => Err(Error::NotFound(None)),
    }
}

fn within(sql: &mut Sql, prefix: &str) {
    sql.text(" FROM _params WHERE id >= ")
        .bind(prefix)
        .text(" AND id < ")
        .bind(format!("{prefix}\u{10FFFF}"));
}

fn values(reader: &Reader, prefix: &str) -> Result<Map<String, Json>> {
    let mut sql: Sql = Sql::from_text("SELECT id, value");
    within(&mut sql, prefix);
    let rows = reader.all(&sql, |row| (row.text(0).to_owned(), row.value(1)))?;
    let mut all = Map::new();
    for (id, value) in rows {
        let parsed = match &value {
            Value::Text(text) => serde_json::from_str(text),
            Value::Blob(bytes) => serde_json::from_slice(bytes),
            _ => continue,
        };
        // What somebody else wrote there is nothing to fail for.
        if let (Some(key), Ok(json)) = (id.strip_prefix(prefix), parsed) {
            all.insert(key.to_owned(), json);
        }
    }
    Ok(all)
}

fn write(tx: &Tx, prefix: &str, id: &str, text: String, now: &str) -> Result<()> {
    let mut others: Sql = Sql::from_text("SELECT id");
    within(&mut others, prefix);
    others.text(" AND id != ").bind(id);
    if tx.all(&others, |_| ())?.len() >= MAX_KEYS {
        return Err(Error::bad_request("There are too many preferences."));
    }
    let mut sql: Sql = Sql::from_text("INSERT INTO _params (id, value, created, updated) VALUES (");
    sql.bind(id).text(", ").bind(text).text(", ").bind(now);
    sql.text(", ").bind(now);
    sql.text(") ON CONFLICT (id) DO UPDATE SET value = excluded.value, updated = excluded.updated");
    tx.execute(&sql)?;
    Ok(())
}

fn forget(tx: &Tx, id: &str) -> Result<()> {
    let mut sql: Sql = Sql::from_text("DELETE FROM _params WHERE id = ");
    sql.bind(id);
    tx.execute(&sql)?;
    Ok(())
}
