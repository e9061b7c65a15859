//! Several record writes as one transaction: all of them or none.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json, json};

use crate::app::answer::Shape;
use crate::app::records;
use crate::app::{App, entries};
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::ctx::{Ctx, HeaderLines};
use crate::engine::Tx;
use crate::files::Upload;
use crate::record;
use crate::schema::{Entry, codes};

mod events;
mod plan;

use plan::{Planned, plan_all};

/// Longest URL of an item, in bytes.
const MAX_URL: usize = 2000;

const FAILED: &str = "Batch transaction failed.";

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
    let Planned { plans, stored } = plan_all(&app, &ctx, requests, began + limit).await?;
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
                files.remove(&app).await;
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
            return Err(Error::bad_request(FAILED));
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
    let entry = entries::writable_by_id(&snapshot, &plan.entry.id)?;
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
    Error::Wire {
        status: 400,
        message: FAILED.into(),
        data: json!({ "requests": { index.to_string(): {
            "code": "batch_request_failed",
            "message": "Batch request failed.",
            "response": error.to_wire().to_json(),
        } } }),
    }
}
