//! A batch that handlers take part in: its items go step by step through a transaction that is held open for them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::app::App;
use crate::app::batch::plan::{Planned, plan_all, target};
use crate::app::batch::{
    BatchInput, BatchRequest, FAILED, Operation, Plan, failed_at, write_outcome,
};
use crate::app::records::{self, Done, Item, Save};
use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::events::{Event, Kind, Transaction};
use crate::record;

/// Says whether handlers have a say in any item or in the batch itself.
pub(super) fn listens(app: &App, input: &BatchInput) -> bool {
    if app.events().listener().is_none() {
        return false;
    }
    let snapshot = app.snapshot();
    app.events().wants(Kind::BatchRequest, None)
        || input.requests.iter().any(|request| {
            // It may ask for records of other collections.
            let may_expand = request.url.contains('?');
            if may_expand && app.events().wants_somewhere(Kind::RecordEnrich) {
                return true;
            }
            target(&request.url)
                .and_then(|target| snapshot.collection(target.collection).cloned())
                .is_some_and(|entry| records::has_listeners(app, &entry))
        })
}

/// Runs the batch where handlers run.
pub(super) async fn run(
    app: &App,
    ctx: &Ctx,
    input: BatchInput,
    limit: Duration,
) -> Result<Vec<u8>> {
    let event = Event::new(Kind::BatchRequest, ctx);
    event
        .members
        .set("batch", input.requests.iter().map(shown).collect());
    let (outer, app, ctx) = (app.clone(), app.clone(), ctx.clone());
    outer
        .events()
        .host(async move {
            let inner = app.clone();
            app.events()
                .around(event, async move {
                    run_all(&inner, &ctx, input.requests, limit).await
                })
                .await
        })
        .await
}

fn shown(request: &BatchRequest) -> Json {
    let headers: serde_json::Map<String, Json> = request
        .headers
        .iter()
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    json!({
        "method": request.method, "url": request.url, "headers": headers, "body": request.data,
    })
}

async fn run_all(
    app: &App,
    ctx: &Ctx,
    requests: Vec<BatchRequest>,
    limit: Duration,
) -> Result<Vec<u8>> {
    let deadline = Instant::now() + limit;
    let Planned { plans, stored } = plan_all(app, ctx, requests, deadline).await?;
    let mut done = Vec::with_capacity(plans.len());
    match in_transaction(app, plans, deadline, &mut done).await {
        Ok(body) => {
            for files in stored {
                files.keep();
            }
            for done in done {
                done.forget_files(app).await;
            }
            Ok(body)
        }
        Err(error) => {
            for files in stored {
                files.remove(app).await;
            }
            Err(error)
        }
    }
}

async fn in_transaction(
    app: &App,
    plans: Vec<Result<Plan>>,
    deadline: Instant,
    done: &mut Vec<Done>,
) -> Result<Vec<u8>> {
    let left = deadline.saturating_duration_since(Instant::now());
    let transaction = Arc::new(Transaction::new(app.engine().lease(left).await?));
    let within = app.within(&transaction);
    let mut body = vec![b'['];
    for (index, plan) in plans.into_iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        let item_done = Done::default();
        let result = match plan {
            Ok(_) if Instant::now() > deadline => Err(Error::bad_request(FAILED)),
            Ok(plan) => item(&within, plan, &item_done).await,
            Err(error) => Err(error),
        };
        done.push(item_done);
        match result {
            Ok(record) => write_outcome(&mut body, record.as_deref()),
            Err(error) => {
                transaction.roll_back().await;
                return Err(failed_at(index, &error));
            }
        }
    }
    transaction
        .commit()
        .await
        .map_err(|_| Error::bad_request(FAILED))?;
    body.push(b']');
    Ok(body)
}

/// One item: the record it answers, or nothing for a delete.
async fn item(app: &App, plan: Plan, done: &Done) -> Result<Option<Vec<u8>>> {
    let Plan {
        operation,
        entry,
        id,
        mut ctx,
        input,
        shape,
    } = plan;
    let save = match operation {
        Operation::Create => Save::Create,
        Operation::Update => Save::Update(id),
        Operation::Upsert => {
            let (wanted, entry) = (id.clone(), Arc::clone(&entry));
            let existing = app
                .look(move |reader, _| record::load_record(reader, &entry, &wanted))
                .await?;
            match existing {
                Some(_) if !id.is_empty() => {
                    ctx = ctx.with_method("PATCH");
                    Save::Update(id)
                }
                _ => {
                    ctx = ctx.with_method("POST");
                    Save::Create
                }
            }
        }
        Operation::Delete => {
            records::deleting(app, &ctx, &entry, id, done).await?;
            return Ok(None);
        }
    };
    let item = Item {
        ctx,
        entry,
        save,
        input,
        shape,
    };
    records::saving(app, item, done).await.map(Some)
}
