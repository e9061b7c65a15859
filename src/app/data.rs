//! Data on behalf of the server itself, for scripts: records by id or filter, and SQL. No rule is asked.

mod placeholders;

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::app::answer::Shape;
use crate::app::entries::{by_id, collection_of, writable};
use crate::app::{App, auth};
use crate::base::error::{Error, Result};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::base::{cast, json};
use crate::ctx::{AuthRecord, Ctx, Principal};
use crate::query::Page;
use crate::record::{self, Record, SharedRecord};
use crate::schema::Entry;
use crate::sql::Value;

use placeholders::{bound, positional};

/// Most rows a query of a script may give.
const MAX_ROWS: usize = 100_000;

/// Which records are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// In the language of the API; `{:name}` stands for a parameter.
    pub filter: String,
    pub params: Map<String, Json>,
    pub sort: String,
    /// 0 for as many as there are.
    pub limit: i64,
    pub offset: i64,
    pub expand: String,
}

/// The record with this id.
pub async fn find(app: &App, collection: &str, id: &str) -> Result<SharedRecord> {
    let (collection, id) = (collection.to_owned(), id.to_owned());
    app.look(move |reader, snapshot| {
        let entry = collection_of(snapshot, &collection)?;
        record::load_record(reader, entry, &id)?.ok_or(Error::NotFound(None))
    })
    .await
    .map(SharedRecord::new)
}

/// The records a filter fits.
pub async fn records(app: &App, collection: &str, wanted: Wanted) -> Result<Vec<SharedRecord>> {
    let collection = collection.to_owned();
    let (filter, ctx) = bound(&wanted.filter, &wanted.params)?;
    let found = app
        .look(move |reader, snapshot| {
            let entry = collection_of(snapshot, &collection)?;
            let wanted = record::Wanted {
                filter: &filter,
                sort: &wanted.sort,
                page: Page {
                    limit: if wanted.limit > 0 {
                        wanted.limit
                    } else {
                        i64::try_from(MAX_ROWS).unwrap_or(i64::MAX)
                    },
                    offset: wanted.offset.max(0),
                },
                expand: &wanted.expand,
            };
            record::find(reader, snapshot, &ctx, entry, &wanted)
        })
        .await?;
    Ok(found.into_iter().map(SharedRecord::new).collect())
}

/// How many records a filter fits.
pub async fn count(
    app: &App,
    collection: &str,
    filter: &str,
    params: &Map<String, Json>,
) -> Result<u64> {
    let collection = collection.to_owned();
    let (filter, ctx) = bound(filter, params)?;
    app.look(move |reader, snapshot| {
        let entry = collection_of(snapshot, &collection)?;
        record::count_matching(reader, snapshot, &ctx, entry, &filter)
    })
    .await
}

/// A record that does not exist yet.
pub fn new_record(app: &App, collection: &str) -> Result<SharedRecord> {
    let snapshot = app.snapshot();
    let entry = writable(&snapshot, collection)?;
    Ok(SharedRecord::new(Record::new(&entry)))
}

/// Follows relations of records and leaves what they lead to at them.
pub async fn expand(app: &App, records: &[SharedRecord], names: &str) -> Result<()> {
    for record in records {
        let (entry, cells) = {
            let record = record.lock();
            (record.collection(), record.cells())
        };
        let names = names.to_owned();
        let expanded = app
            .look(move |reader, snapshot| {
                let entry = by_id(snapshot, &entry.id)?;
                let rows = record::written_rows(
                    reader,
                    snapshot,
                    &Ctx::system(),
                    entry,
                    cells.clone(),
                    &names,
                )?;
                Ok(rows.expanded(0))
            })
            .await?;
        record.lock().expand_mut().extend(expanded);
    }
    Ok(())
}

/// Says whether a stored record satisfies a rule for a request.
pub async fn can_access(
    app: &App,
    ctx: Ctx,
    record: &SharedRecord,
    rule: Option<String>,
) -> Result<bool> {
    let Some(rule) = rule else {
        return Ok(ctx.is_superuser());
    };
    if rule.is_empty() || ctx.is_superuser() {
        return Ok(true);
    }
    let (entry, id) = {
        let record = record.lock();
        (record.collection(), record.id().to_owned())
    };
    app.look(move |reader, snapshot| {
        let entry = by_id(snapshot, &entry.id)?;
        match record::asked(reader, snapshot, &ctx, entry, &rule, &id)? {
            Some(answer) => Ok(answer),
            // Whoever wrote the rule is told what is wrong with it, as with any filter.
            None => record::count_matching(reader, snapshot, &Ctx::system(), entry, &rule)
                .and(Err(Error::bad_request("The rule cannot be asked."))),
        }
    })
    .await
}

/// On whose behalf the holder of an auth record acts.
pub fn principal_of(record: &Record) -> Principal {
    let entry = record.entry();
    if !entry.is_auth() {
        return Principal::Guest;
    }
    let auth = AuthRecord {
        id: record.id().to_owned(),
        collection_id: entry.id.clone(),
        collection_name: entry.name.clone(),
        email: cast::to_text(&record.get("email")),
        email_visibility: cast::to_bool(&record.get("emailVisibility")),
        verified: cast::to_bool(&record.get("verified")),
    };
    if entry.is_superusers() {
        Principal::Superuser(auth)
    } else {
        Principal::User(auth)
    }
}

/// The auth record that a token was signed for.
pub async fn by_token(app: &App, token: &str, types: &[String]) -> Result<SharedRecord> {
    match auth::owner_of(app, token, types, Timestamp::now())? {
        Principal::User(auth) | Principal::Superuser(auth) => {
            find(app, &auth.collection_id, &auth.id).await
        }
        Principal::Guest | Principal::System => {
            Err(Error::bad_request("The token is invalid or expired."))
        }
    }
}

/// Says whether a password is the one behind a hash.
pub async fn verify_password(app: &App, password: &str, hash: Secret<String>) -> Result<bool> {
    if hash.expose().is_empty() {
        return Ok(false);
    }
    app.hasher()
        .verify(Secret::new(password.to_owned()), hash.expose().clone())
        .await
}

/// A password's hash.
pub async fn hash_password(app: &App, password: &str) -> Result<String> {
    app.hasher()
        .hash(Secret::new(password.to_owned()), 10)
        .await?
        .ok_or_else(|| Error::bad_request("The password cannot be hashed."))
}

/// The rows of a SELECT as objects; `{:name}` stands for a parameter.
pub async fn query(
    app: &App,
    sql: &str,
    params: &Map<String, Json>,
) -> Result<Vec<Map<String, Json>>> {
    let (text, binds) = positional(sql, params)?;
    let (names, rows) = app
        .look(move |reader, _| {
            reader
                .table(&text, &binds, MAX_ROWS)
                .map_err(|error| Error::bad_request(error.to_string()))
        })
        .await?;
    let object = |row: Vec<Value>| {
        let members = names.iter().cloned().zip(row.into_iter().map(json_of));
        members.collect()
    };
    Ok(rows.into_iter().map(object).collect())
}

/// Runs another statement and returns how many rows it changed.
pub async fn execute(app: &App, sql: &str, params: &Map<String, Json>) -> Result<usize> {
    let (text, binds) = positional(sql, params)?;
    app.write(move |tx| {
        tx.statement(&text, &binds)
            .map_err(|error| Error::bad_request(error.to_string()))
    })
    .await
}

/// JSON as an answer shows it, reduced by the `fields` parameter.
pub fn shaped(ctx: &Ctx, value: &Json) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    json::write_value(&mut body, value);
    if value.is_object() || value.is_array() {
        return Shape::of(ctx)?.apply(body);
    }
    Ok(body)
}

/// The collections there are.
pub fn collections(app: &App) -> Vec<Arc<Entry>> {
    app.snapshot().collections().cloned().collect()
}

/// A collection by name or id.
pub fn collection(app: &App, name: &str) -> Result<Arc<Entry>> {
    collection_of(&app.snapshot(), name).cloned()
}

fn json_of(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Int(number) => Json::from(number),
        Value::Real(number) => json::number(number),
        Value::Text(text) => Json::String(text),
        Value::Blob(bytes) => Json::String(String::from_utf8_lossy(&bytes).into_owned()),
    }
}
