//! Several record writes as one transaction: all of them or none.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json, json};

use crate::app::answer::Shape;
use crate::app::records::{self, Prepared, RecordInput};
use crate::app::{App, limits as app_limits};
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::ctx::{Ctx, HeaderLines, RequestContext, RequestInfo};
use crate::engine::Tx;
use crate::files::Upload;
use crate::limits;
use crate::query::{self, Action};
use crate::record;
use crate::schema::{Entry, codes};
use crate::sql::{Ident, Sql};

mod events;

/// Longest URL of an item, in bytes.
const MAX_URL: usize = 2000;

/// The submitted items in order.
#[derive(Debug, Default)]
pub struct BatchInput {
    pub requests: Vec<BatchRequest>,
}

/// One submitted item.
#[derive(Debug, Default)]
pub struct BatchRequest {
    pub method: String,
    /// Path and query, relative to the server.
    pub url: String,
    /// Headers that replace the outer request's for rules.
    pub headers: HeaderLines,
    pub data: Map<String, Json>,
    pub uploads: Vec<Upload>,
}

/// What an item does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Create,
    Upsert,
    Update,
    Delete,
}

/// An item ready for the writer.
#[derive(Debug)]
struct Plan {
    operation: Operation,
    entry: Arc<Entry>,
    id: String,
    ctx: Ctx,
    input: record::Input,
    shape: Shape,
}

/// What the writer made of an item.
enum Outcome {
    Written {
        body: Vec<u8>,
        written: record::Written,
    },
    Deleted(record::Deleted),
}

/// Largest body of a batch unless the settings say otherwise, in bytes.
const BODY_LIMIT: usize = 128 << 20;

/// How many bytes the body may have; an error when batches are switched off.
pub fn admit(app: &App, _ctx: &Ctx) -> Result<usize> {
    let settings = app.settings();
    if !settings.batch.enabled || settings.batch.max_requests <= 0 {
        return Err(Error::forbidden("Batch requests are not allowed."));
    }
    Ok(usize::try_from(settings.batch.max_body_size)
        .ok()
        .filter(|n| *n > 0)
        .unwrap_or(BODY_LIMIT))
}

/// Runs a batch and answers the list of its results.
pub async fn run(app: &App, ctx: &Ctx, input: BatchInput) -> Result<Vec<u8>> {
    let settings = app.settings();
    let max_requests = usize::try_from(settings.batch.max_requests).unwrap_or(0);
    if !settings.batch.enabled || max_requests == 0 {
        return Err(Error::forbidden("Batch requests are not allowed."));
    }
    let shape = Shape::of(ctx)?;
    validate(&input, max_requests)?;
    let limit = Duration::from_secs(
        u64::try_from(settings.batch.timeout)
            .ok()
            .filter(|s| *s > 0)
            .unwrap_or(3),
    );
    if events::listens(app, &input) {
        return events::run(app, ctx, input, limit).await;
    }
    // Files go with their records even if the caller leaves in between.
    let body =
        records::to_the_end(run_all(app.clone(), ctx.clone(), input.requests, limit)).await?;
    shape.apply(body)
}

async fn run_all(
    app: App,
    ctx: Ctx,
    requests: Vec<BatchRequest>,
    limit: Duration,
) -> Result<Vec<u8>> {
    let began = Instant::now();
    let mut plans = Vec::with_capacity(requests.len());
    let mut stored = Vec::new();
    for request in requests {
        // An item that cannot be planned only counts if all before it succeed, so the error waits for its turn.
        plans.push(match plan(&app, &ctx, request).await {
            Ok((plan, files)) => {
                stored.push(files);
                Ok(plan)
            }
            Err(error) => Err(error),
        });
    }
    let job_app = app.clone();
    let result = app
        .engine()
        .write(move |tx| execute(tx, &job_app, plans, began, limit))
        .await;
    match result {
        Ok(outcomes) => {
            for files in stored {
                files.keep();
            }
            let mut body = vec![b'['];
            for (index, outcome) in outcomes.into_iter().enumerate() {
                if index > 0 {
                    body.push(b',');
                }
                match outcome {
                    Outcome::Written {
                        body: record,
                        written,
                    } => {
                        records::forget_replaced(&app, &written).await;
                        write_outcome(&mut body, Some(&record));
                    }
                    Outcome::Deleted(deleted) => {
                        records::forget_files(&app, &deleted).await;
                        write_outcome(&mut body, None);
                    }
                }
            }
            body.push(b']');
            Ok(body)
        }
        Err(error) => {
            for files in stored {
                files.remove(&app.storage()).await;
            }
            Err(error)
        }
    }
}

/// Appends what an item answers: a record, or nothing for a delete.
fn write_outcome(body: &mut Vec<u8>, record: Option<&[u8]>) {
    match record {
        Some(record) => {
            body.extend_from_slice(b"{\"body\":");
            body.extend_from_slice(record);
            body.extend_from_slice(b",\"status\":200}");
        }
        None => body.extend_from_slice(b"{\"body\":null,\"status\":204}"),
    }
}

fn validate(input: &BatchInput, max_requests: usize) -> Result<()> {
    let mut issues = Issues::new();
    if input.requests.is_empty() {
        issues.add("requests", Issue::required());
    } else if input.requests.len() > max_requests {
        issues.add("requests", codes::length_too_long(max_requests));
    }
    let mut items = Issues::new();
    for (index, request) in input.requests.iter().enumerate() {
        let mut item = Issues::new();
        if request.method.is_empty() {
            item.add("method", Issue::required());
        } else if !matches!(
            request.method.as_str(),
            "GET" | "POST" | "PUT" | "PATCH" | "DELETE"
        ) {
            item.add("method", codes::in_invalid());
        }
        if request.url.is_empty() {
            item.add("url", Issue::required());
        } else if request.url.len() > MAX_URL {
            item.add("url", codes::length_too_long(MAX_URL));
        }
        items.nest(index.to_string(), item);
    }
    issues.nest("requests", items);
    issues
        .into_result()
        .map_err(|issues| Error::invalid("Invalid batch request data.", issues))
}

async fn plan(
    app: &App,
    outer: &Ctx,
    request: BatchRequest,
) -> Result<(Plan, records::StoredFiles)> {
    let (path, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
    let (collection, id) = target(path).ok_or_else(unsupported)?;
    let operation = match (request.method.as_str(), id.is_empty()) {
        ("POST", true) => Operation::Create,
        ("PUT", true) => Operation::Upsert,
        ("PATCH", false) => Operation::Update,
        ("DELETE", false) => Operation::Delete,
        _ => return Err(unsupported()),
    };
    let mut headers = request.headers;
    headers.append(&outer.request.headers);
    let ctx = Ctx {
        principal: outer.principal.clone(),
        now: outer.now,
        request: Arc::new(RequestInfo {
            ip: outer.request.ip,
            peer: outer.request.peer,
            notes: outer.request.notes.clone(),
            url: request.url.clone(),
            context: RequestContext::Batch,
            method: request.method.into(),
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            headers,
            body: Map::new(),
        }),
    };
    let shape = Shape::of(&ctx)?;
    let snapshot = app.snapshot();
    let entry = records::writable(&snapshot, &collection)?;
    count(app, &ctx, &entry, operation, path, &request.data)?;
    let body_id = request
        .data
        .get("id")
        .map(crate::base::cast::to_text)
        .unwrap_or_default();
    let action = match operation {
        Operation::Create => Some(Action::Create),
        Operation::Update => Some(Action::Update),
        Operation::Delete => Some(Action::Delete),
        Operation::Upsert => None,
    };
    if let Some(action) = action {
        query::rule_for(&ctx, &entry, action)?;
    }
    let existing = match operation {
        Operation::Update => Some(id.as_str()),
        Operation::Upsert if !body_id.is_empty() => Some(body_id.as_str()),
        _ => None,
    };
    let input = RecordInput {
        data: request.data,
        uploads: request.uploads,
    };
    let Prepared { mut input, stored } =
        records::prepare(app, &ctx, &entry, existing, input).await?;
    if operation == Operation::Upsert && !body_id.is_empty() {
        input.reserved_id.clone_from(&body_id);
    }
    let id = if operation == Operation::Upsert {
        body_id
    } else {
        id
    };
    Ok((
        Plan {
            operation,
            entry,
            id,
            ctx,
            input,
            shape,
        },
        stored,
    ))
}

/// Counts an item like the request it stands for, apart from those that come alone.
fn count(
    app: &App,
    ctx: &Ctx,
    entry: &Entry,
    operation: Operation,
    path: &str,
    data: &Map<String, Json>,
) -> Result<()> {
    if app.limits().is_idle() {
        return Ok(());
    }
    let tag = match operation {
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "delete",
        Operation::Upsert => match data.get("id").map(crate::base::cast::to_text) {
            Some(id) if exists(app, entry, &id)? => "update",
            _ => "create",
        },
    };
    let request = limits::Request {
        principal: &ctx.principal,
        ip: ctx.request.ip,
        method: &ctx.request.method,
        path,
        action: Some(limits::Action {
            collection_id: &entry.id,
            collection_name: &entry.name,
            route: "batch",
            tags: &[tag],
        }),
    };
    app_limits::count(app, &request)
}

fn exists(app: &App, entry: &Entry, id: &str) -> Result<bool> {
    let mut sql = Sql::from_text("SELECT 1 FROM ");
    sql.ident(&Ident::new(&entry.name))
        .text(" WHERE id = ")
        .bind(id);
    app.read(|reader, _| Ok(reader.exists(&sql)?))
}

/// `/api/collections/{collection}/records[/{id}]`, decoded.
fn target(path: &str) -> Option<(String, String)> {
    let rest = path.strip_prefix("/api/collections/")?;
    let mut parts = rest.split('/');
    let (collection, records) = (parts.next()?, parts.next()?);
    let id = parts.next().unwrap_or_default();
    if collection.is_empty() || records != "records" || parts.next().is_some() {
        return None;
    }
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(text)
            .decode_utf8()
            .ok()
            .map(std::borrow::Cow::into_owned)
    };
    Some((decode(collection)?, decode(id)?))
}

fn unsupported() -> Error {
    Error::BadRequest(None)
}

/// Runs the items one after the other inside the writer's transaction.
fn execute(
    tx: &Tx,
    app: &App,
    plans: Vec<Result<Plan>>,
    began: Instant,
    limit: Duration,
) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::with_capacity(plans.len());
    for (index, plan) in plans.into_iter().enumerate() {
        if began.elapsed() > limit {
            return Err(Error::bad_request("Batch transaction failed."));
        }
        outcomes.push(
            plan.and_then(|plan| apply(tx, app, &plan))
                .map_err(|error| failed_at(index, &error))?,
        );
    }
    Ok(outcomes)
}

fn apply(tx: &Tx, app: &App, plan: &Plan) -> Result<Outcome> {
    let snapshot = app.snapshot();
    let entry = records::writable(&snapshot, &plan.entry.id)?;
    let ctx = &plan.ctx;
    let mut written = match plan.operation {
        Operation::Create => record::create(tx, &snapshot, ctx, &entry, &plan.input)?,
        Operation::Update => record::update(tx, &snapshot, ctx, &entry, &plan.id, &plan.input)?,
        Operation::Upsert => record::upsert(tx, &snapshot, ctx, &entry, &plan.id, &plan.input)?,
        Operation::Delete => {
            return record::delete(tx, &snapshot, ctx, &entry, &plan.id).map(Outcome::Deleted);
        }
    };
    let expand = ctx.request.query_param("expand").unwrap_or_default();
    let body = record::render_written(tx, &snapshot, ctx, &entry, &mut written, expand)?;
    Ok(Outcome::Written {
        body: plan.shape.apply(body)?,
        written,
    })
}

fn failed_at(index: usize, error: &Error) -> Error {
    let wire = error.to_wire();
    Error::Wire {
        status: 400,
        message: "Batch transaction failed.".into(),
        data: json!({ "requests": { index.to_string(): {
            "code": "batch_request_failed",
            "message": "Batch request failed.",
            "response": { "data": wire.data, "message": wire.message, "status": wire.status },
        } } }),
    }
}

#[cfg(test)]
mod tests {
    use super::target;

    #[test]
    fn only_record_paths_are_targets() {
        let check = |path: &str, expect: Option<(&str, &str)>| {
            assert_eq!(
                target(path),
                expect.map(|(a, b)| (a.to_owned(), b.to_owned())),
                "{path}"
            );
        };
        check("/api/collections/a/records", Some(("a", "")));
        check("/api/collections/a%20b/records/x", Some(("a b", "x")));
        check("/api/collections/a/records/x/y", None);
        check("/api/collections//records", None);
        check("/api/collections/a", None);
        check("/other", None);
    }
}
