//! Data on behalf of the server itself, for scripts: records by id or filter, and SQL. No rule is asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::app::answer::Shape;
use crate::app::records::{by_id, collection_of, writable};
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

/// Most rows a query of a script may give.
const MAX_ROWS: usize = 100_000;

/// Prefix of the parameters of a filter among the names of the request.
const PARAMETER: &str = "__";

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

fn value_of(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Int(i64::from(*flag)),
        Json::Number(number) => number.as_i64().map_or_else(
            || Value::Real(number.as_f64().unwrap_or_default()),
            Value::Int,
        ),
        Json::String(text) => Value::Text(text.clone()),
        other => Value::Text(other.to_string()),
    }
}

/// A filter whose parameters are values of the request, so that they are bound and the text stays the same.
fn bound(filter: &str, params: &Map<String, Json>) -> Result<(String, Ctx)> {
    let mut ctx = Ctx::system();
    let text = replace(filter, quoted_in_filter, |name| {
        value_for(name, params)?;
        Ok(format!("@request.body.{PARAMETER}{name}"))
    })?;
    for (name, value) in params {
        ctx.request_mut()
            .body
            .insert(format!("{PARAMETER}{name}"), value.clone());
    }
    Ok((text, ctx))
}

/// SQL with numbered placeholders and their values.
fn positional(sql: &str, params: &Map<String, Json>) -> Result<(String, Vec<Value>)> {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut binds = Vec::new();
    let text = replace(sql, quoted_in_sql, |name| {
        let value = value_for(name, params)?;
        let number = *numbers.entry(name.to_owned()).or_insert_with(|| {
            binds.push(value_of(value));
            binds.len()
        });
        Ok(format!("?{number}"))
    })?;
    Ok((text, binds))
}

/// The value of a placeholder. One that was forgotten or misspelt would be NULL, and a condition with it never true.
fn value_for<'a>(name: &str, params: &'a Map<String, Json>) -> Result<&'a Json> {
    params.get(name).ok_or_else(|| {
        Error::bad_request(format!(
            "There is no value for the placeholder {{:{name}}}."
        ))
    })
}

/// Replaces `{:name}` outside of what is quoted: `quoted` says how long that is at the beginning of a text, 0 for none.
fn replace(
    text: &str,
    quoted: fn(&str) -> usize,
    mut with: impl FnMut(&str) -> Result<String>,
) -> Result<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some(behind) = rest.strip_prefix("{:")
            && let Some((name, behind)) = behind.split_once('}')
            && !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            out.push_str(&with(name)?);
            rest = behind;
            continue;
        }
        let (kept, behind) = rest.split_at(quoted(rest).max(c.len_utf8()));
        out.push_str(kept);
        rest = behind;
    }
    Ok(out)
}

/// How long the quoted text or comment is that a filter begins with; what a backslash precedes ends nothing.
fn quoted_in_filter(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').map_or(text.len(), |end| end + 1);
    }
    let mut chars = text.char_indices();
    let Some((_, open @ ('\'' | '"'))) = chars.next() else {
        return 0;
    };
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => drop(chars.next()),
            c if c == open => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// How long the quoted text, quoted name or comment is that a statement begins with. A doubled quote is two that touch.
fn quoted_in_sql(text: &str) -> usize {
    let end = match text.as_bytes() {
        [b'-', b'-', ..] => "\n",
        [b'/', b'*', ..] => "*/",
        [b'\'', ..] => "'",
        [b'"', ..] => "\"",
        [b'`', ..] => "`",
        [b'[', ..] => "]",
        _ => return 0,
    };
    // The longest beginning has as many bytes as its end.
    let begin = if end == "\n" { 2 } else { end.len() };
    let found = text.get(begin..).and_then(|inside| inside.find(end));
    found.map_or(text.len(), |at| begin + at + end.len())
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::{bound, positional};

    fn params() -> Map<String, Json> {
        let Json::Object(params) = json!({"a": "x' || 1", "b": 2}) else {
            return Map::new();
        };
        params
    }

    #[test]
    fn parameters_are_bound_and_never_part_of_the_text() {
        let (filter, ctx) = bound("name = {:a} && n > {:b} && t = '{:a}'", &params()).unwrap();
        assert_eq!(
            filter,
            "name = @request.body.__a && n > @request.body.__b && t = '{:a}'"
        );
        assert_eq!(ctx.request.body["__a"], "x' || 1");
        let (sql, binds) = positional("SELECT {:b}, {:a}, {:b}", &params()).unwrap();
        assert_eq!(sql, "SELECT ?1, ?2, ?1");
        assert_eq!(binds.len(), 2);
    }

    #[test]
    fn quotes_and_comments_of_sql_are_those_of_sql() {
        for (sql, expect) in [
            (
                r"SELECT 1 WHERE a LIKE {:a} ESCAPE '\' AND b = {:b}",
                r"SELECT 1 WHERE a LIKE ?1 ESCAPE '\' AND b = ?2",
            ),
            ("SELECT 'it''s {:a}', {:b}", "SELECT 'it''s {:a}', ?1"),
            ("SELECT `{:a}'`, {:b}", "SELECT `{:a}'`, ?1"),
            ("SELECT [{:a}'], {:b}", "SELECT [{:a}'], ?1"),
            (
                "SELECT 1 -- it's {:a}\n, {:b}",
                "SELECT 1 -- it's {:a}\n, ?1",
            ),
            (
                "SELECT 1 /* it's {:a} */, {:b}",
                "SELECT 1 /* it's {:a} */, ?1",
            ),
            ("SELECT 3 - {:a} / {:b}", "SELECT 3 - ?1 / ?2"),
        ] {
            assert_eq!(positional(sql, &params()).unwrap().0, expect);
        }
        // In filters a backslash lets a quote stand for itself.
        let (filter, _) = bound(r"a = 'it\'s {:a}' && b = {:b}", &params()).unwrap();
        assert_eq!(filter, r"a = 'it\'s {:a}' && b = @request.body.__b");
    }

    #[test]
    fn placeholders_are_found_behind_quotes_and_comments() {
        let sql = |text: &str| positional(text, &params()).unwrap().0;
        assert_eq!(
            sql("SELECT 1 WHERE t LIKE {:a} ESCAPE '\\' AND n = {:b}"),
            "SELECT 1 WHERE t LIKE ?1 ESCAPE '\\' AND n = ?2"
        );
        assert_eq!(
            sql("SELECT `it's` -- don't {:a}\n, 'it''s {:a}' /* it's */, {:b}"),
            "SELECT `it's` -- don't {:a}\n, 'it''s {:a}' /* it's */, ?1"
        );
        assert_eq!(sql("SELECT {:a} -- it's"), "SELECT ?1 -- it's");
        let filter = |text: &str| bound(text, &params()).unwrap().0;
        assert_eq!(
            filter("t = 'it\\'s' // don't\n && n = {:b}"),
            "t = 'it\\'s' // don't\n && n = @request.body.__b"
        );
    }

    #[test]
    fn placeholders_without_a_value_are_named() {
        let wrong = bound("name = {:a} || name = {:nope}", &params()).unwrap_err();
        assert!(wrong.to_wire().message.contains("{:nope}"));
        assert!(positional("SELECT {:nope}", &params()).is_err());
        assert!(bound("name = '{:nope}'", &params()).is_ok());
    }
}
