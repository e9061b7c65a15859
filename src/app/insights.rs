//! What the log and the plans of the database tell about a collection: slow kinds of requests, indexes that are missing
//! or not used, and what fails again and again. Only looks; the statements it names are for superusers to run.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::app::App;
use crate::base::error::{Error, Result};
use crate::base::text;
use crate::base::time::Timestamp;
use crate::catalog;
use crate::ctx::Ctx;
use crate::engine::Reader;
use crate::expr::{self, Expr, OperandKind, Term};
use crate::query::Snapshot;
use crate::schema::{Entry, Index};
use crate::sql::{Ident, Sql};

mod indexes;

use indexes::{advise, note_rules};

/// How far back the log is looked at.
const DAYS: i64 = 7;

/// Most entries that are looked at, the newest.
const MAX_ENTRIES: i64 = 20_000;

/// How many kinds of requests are told.
const TOP: usize = 10;

/// How many kinds of requests plans are made for.
const MAX_PLANS: usize = 100;

const LIMIT: Duration = Duration::from_secs(5);

/// Everything there is to tell, about one collection or all.
pub async fn show(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let only = ctx.request.query_param("collection").unwrap_or_default();
    let only = match only {
        "" => None,
        name => {
            let snapshot = app.snapshot();
            let entry = snapshot.collection(name).ok_or(Error::NotFound(None))?;
            Some(entry.id.clone())
        }
    };
    app.logs().flush().await;
    let since = Timestamp::from_unix_ms(ctx.now.unix_ms() - DAYS * 24 * 60 * 60 * 1000);
    let requests = app
        .logs()
        .engine()
        .read_pooled(move |reader| read(reader, since))
        .await?;
    let answer = app
        .read_pooled(move |reader, snapshot| {
            let deadline = Instant::now() + LIMIT;
            reader.until(deadline, |reader| {
                let kinds = Kinds::of(snapshot, &requests, only.as_deref());
                kinds.tell(reader, snapshot, only.as_deref(), since, requests.len())
            })
        })
        .await?;
    Ok(answer.to_string().into_bytes())
}

/// A logged request.
#[derive(Clone, Debug)]
struct Request {
    method: String,
    url: String,
    status: i64,
    milliseconds: f64,
    auth: String,
    error: String,
}

fn read(reader: &Reader, since: Timestamp) -> Result<Vec<Request>> {
    let mut sql: Sql = Sql::from_text(
        "SELECT json_extract(data, '$.method'), json_extract(data, '$.url'), json_extract(data, '$.status'), \
         json_extract(data, '$.execTime'), json_extract(data, '$.auth'), json_extract(data, '$.error') \
         FROM _logs WHERE json_valid(data) AND json_extract(data, '$.type') = 'request' AND created >= ",
    );
    sql.bind(since.to_string())
        .text(" ORDER BY rowid DESC LIMIT ")
        .integer(MAX_ENTRIES);
    Ok(reader.all(&sql, |row| Request {
        method: row.text(0).to_owned(),
        url: row.text(1).to_owned(),
        status: row.int(2),
        milliseconds: row.real(3),
        auth: row.text(4).to_owned(),
        error: row.text(5).to_owned(),
    })?)
}

/// Requests that differ in values alone.
#[derive(Debug, Default)]
struct Kind {
    times: Vec<f64>,
    /// A list of records with what it was filtered and sorted by, for plans.
    list: Option<List>,
}

#[derive(Clone, Debug)]
struct List {
    collection_id: String,
    filter: String,
    sort: String,
    is_superuser: bool,
}

#[derive(Debug, Default)]
struct Kinds {
    served: HashMap<String, Kind>,
    failed: BTreeMap<(String, i64, String), u64>,
}

impl Kinds {
    fn of(snapshot: &Snapshot, requests: &[Request], only: Option<&str>) -> Self {
        let mut kinds = Self::default();
        for request in requests {
            let (path, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
            let collection = collection_of(snapshot, path);
            if only.is_some() && collection.map(|entry| entry.id.as_str()) != only {
                continue;
            }
            let parameters = parameters(query);
            let shape = shape(&request.method, path, &parameters);
            if request.status >= 400 {
                let shown = format!("{} {}", request.method, shown_path(path));
                let key = (shown, request.status, request.error.clone());
                *kinds.failed.entry(key).or_default() += 1;
                continue;
            }
            let kind = kinds.served.entry(shape).or_default();
            kind.times.push(request.milliseconds);
            let is_list = request.method == "GET" && path.ends_with("/records");
            if let Some(entry) = collection.filter(|_| is_list && kind.list.is_none()) {
                let value = |name: &str| parameters.get(name).cloned().unwrap_or_default();
                kind.list = Some(List {
                    collection_id: entry.id.clone(),
                    filter: value("filter"),
                    sort: value("sort"),
                    is_superuser: request.auth == "_superusers",
                });
            }
        }
        kinds
    }

    fn tell(
        self,
        reader: &Reader,
        snapshot: &Snapshot,
        only: Option<&str>,
        since: Timestamp,
        entries: usize,
    ) -> Result<Json> {
        let mut served: Vec<(String, Kind)> = self.served.into_iter().collect();
        let total = |kind: &Kind| kind.times.iter().sum::<f64>();
        served.sort_by(|(_, a), (_, b)| total(b).total_cmp(&total(a)));
        let mut used = BTreeSet::new();
        let mut missing: Vec<Json> = Vec::new();
        let copy = catalog::empty_copy(reader)?;
        let lists = served
            .iter()
            .filter_map(|(shape, kind)| Some((shape, kind.list.as_ref()?)));
        for (shape, list) in lists.take(MAX_PLANS) {
            let Some(entry) = snapshot.collection_by_id(&list.collection_id) else {
                continue;
            };
            let advice = advise(reader, &copy, snapshot, entry, list, &mut used)?;
            if let Some((statement, rows)) = advice
                && !missing
                    .iter()
                    .any(|known| known["statement"] == json!(statement))
            {
                missing.push(json!({
                    "collection": entry.name, "statement": statement, "rows": rows, "for": shape,
                }));
            }
        }
        let mut unused = Vec::new();
        for entry in snapshot.collections() {
            if only.is_some_and(|only| only != entry.id) || entry.system {
                continue;
            }
            note_rules(reader, snapshot, entry, &mut used);
            for index in entry.indexes.iter().filter_map(|text| Index::parse(text)) {
                if !index.unique && !used.contains(&index.name) {
                    let mut drop: Sql = Sql::from_text("DROP INDEX ");
                    drop.ident(&Ident::new(&index.name));
                    unused.push(json!({
                        "collection": entry.name, "index": index.name, "statement": drop.as_str(),
                    }));
                }
            }
        }
        let slowest: Vec<Json> = served
            .iter()
            .take(TOP)
            .map(|(shape, kind)| told(shape, kind))
            .collect();
        let mut failed: Vec<_> = self.failed.into_iter().collect();
        failed.sort_by_key(|failure| std::cmp::Reverse(failure.1));
        let failures: Vec<Json> = failed
            .into_iter()
            .take(TOP)
            .map(|((shape, status, error), count)| {
                json!({"request": shape, "status": status, "error": error, "count": count})
            })
            .collect();
        Ok(json!({
            "since": since.to_string(),
            "entries": entries,
            "slowest": slowest,
            "failures": failures,
            "missingIndexes": missing,
            "unusedIndexes": unused,
        }))
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of requests are small")]
fn told(shape: &str, kind: &Kind) -> Json {
    let mut times = kind.times.clone();
    times.sort_by(f64::total_cmp);
    let total: f64 = times.iter().sum();
    let slow = times.len().saturating_sub(1) * 95 / 100;
    json!({
        "request": shape,
        "count": times.len(),
        "totalMs": round(total),
        "meanMs": round(total / times.len().max(1) as f64),
        "p95Ms": round(times.get(slow).copied().unwrap_or(0.0)),
        "maxMs": round(times.last().copied().unwrap_or(0.0)),
    })
}

fn round(milliseconds: f64) -> f64 {
    (milliseconds * 100.0).round() / 100.0
}

fn collection_of<'s>(snapshot: &'s Snapshot, path: &str) -> Option<&'s Arc<Entry>> {
    let rest = path.strip_prefix("/api/collections/")?;
    snapshot.collection(rest.split('/').next()?)
}

/// The parameters of a query string, decoded.
fn parameters(query: &str) -> BTreeMap<String, String> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| {
            let value = value.replace('+', " ");
            let value = percent_encoding::percent_decode_str(&value);
            (name.to_owned(), value.decode_utf8_lossy().into_owned())
        })
        .collect()
}

/// Ids in paths say nothing about the kind of a request.
fn shown_path(path: &str) -> String {
    let mut shown: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        let behind_records = shown.last() == Some(&"records");
        let is_id = segment.len() == 15 && segment.bytes().all(|b| b.is_ascii_alphanumeric());
        shown.push(if behind_records || is_id {
            "{id}"
        } else {
            segment
        });
    }
    text::truncate_bytes(&shown.join("/"), 200).to_owned()
}

fn shape(method: &str, path: &str, parameters: &BTreeMap<String, String>) -> String {
    let mut shape = format!("{method} {}", shown_path(path));
    for (name, value) in parameters {
        let value = match name.as_str() {
            "filter" => blanked(value),
            "sort" | "expand" => value.clone(),
            _ => continue,
        };
        let value = text::truncate_bytes(&value, 300);
        write!(shape, " {name}={value}").unwrap_or_default();
    }
    shape
}

/// A filter without its values.
fn blanked(filter: &str) -> String {
    match expr::parse(filter) {
        Ok(mut parsed) => {
            blank(&mut parsed);
            parsed.to_string().replace("'?'", "?")
        }
        Err(_) => "(unreadable)".to_owned(),
    }
}

fn blank(parsed: &mut Expr) {
    for (_, term) in &mut parsed.terms {
        match term {
            Term::Group(inner) => blank(inner),
            Term::Compare { left, right, .. } => {
                for side in [left, right] {
                    if matches!(side.kind, OperandKind::Text(_) | OperandKind::Number(_)) {
                        side.kind = OperandKind::Text("?".to_owned());
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{blanked, shown_path};

    #[test]
    fn kinds_of_requests_have_no_values() {
        assert_eq!(
            blanked("a = 'x' && (n > 3 || b ~ 'y')"),
            "a = ? && (n > ? || b ~ ?)"
        );
        assert_eq!(blanked("a ="), "(unreadable)");
        assert_eq!(
            shown_path("/api/collections/posts/records/abc"),
            "/api/collections/posts/records/{id}"
        );
    }
}
