//! Reading and writing records on behalf of a caller.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::app::answer::Shape;
use crate::app::entries::{by_id, collection_of, writable, writable_by_id};
use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::engine::Tx;
use crate::files::Upload;
use crate::query::{self, Action};
use crate::record::{self, Input, ListParams};
use crate::schema::Entry;

mod cascade;
mod enrich;
mod events;
mod finish;
mod model;
mod prepare;
mod stored;
mod within;

pub(crate) use enrich::enriched;
pub use events::Done;
pub use model::{delete_model, save_model};

pub(crate) use events::{Item, deleting, saving};
pub(crate) use finish::to_the_end;
pub(crate) use prepare::{Hints, Prepared, prepare, prepare_with};
pub(crate) use stored::{StoredFiles, forget_files, forget_replaced};
pub(crate) use within::{create_within, in_transaction, is_watched, update_within};

/// What a client submitted for one record.
#[derive(Debug, Default)]
pub struct RecordInput {
    /// The body's members without files.
    pub data: Map<String, Json>,
    pub uploads: Vec<Upload>,
}

/// Largest body of a record without large fields, in bytes.
const BODY_LIMIT: u64 = 32 << 20;

/// How many bytes the body of a create or update may have. Whether the caller may try is found out after reading it,
/// as in the contract.
pub fn body_limit(app: &App, collection: &str) -> Result<usize> {
    let snapshot = app.snapshot();
    let entry = snapshot
        .collection(collection)
        .ok_or_else(|| Error::not_found("Missing or invalid collection context."))?;
    writable_by_id(&snapshot, &entry.id)?;
    let limit = entry.fields.iter().fold(BODY_LIMIT, |sum, field| {
        sum.saturating_add(field.max_body_size())
    });
    Ok(usize::try_from(limit).unwrap_or(usize::MAX))
}

/// Refuses a collection that there is not.
pub fn check_known(app: &App, collection: &str) -> Result<()> {
    collection_of(&app.snapshot(), collection).map(drop)
}

/// Refuses a collection whose records cannot be changed.
pub fn check_writable(app: &App, collection: &str) -> Result<()> {
    writable(&app.snapshot(), collection).map(drop)
}

/// Refuses an update that the caller may not make, whatever is submitted.
pub fn check_updatable(app: &App, ctx: &Ctx, collection: &str, id: &str) -> Result<()> {
    app.read(|reader, snapshot| {
        let entry = collection_of(snapshot, collection)?;
        record::may_save(reader, snapshot, ctx, entry, Some(id), &Input::default())
    })
}

/// Says whether the records of a collection have files.
pub fn takes_files(app: &App, collection: &str) -> bool {
    let snapshot = app.snapshot();
    let entry = snapshot.collection(collection);
    entry.is_some_and(|entry| entry.has_files())
}

/// A page of records.
pub async fn list(app: &App, ctx: &Ctx, collection: &str) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let snapshot = app.snapshot();
    let entry = collection_of(&snapshot, collection)?;
    let rule = query::rule_for(ctx, entry, Action::List)?;
    let params = ListParams::from_request(&ctx.request);
    let params = params.map_err(|error| unreadable_params(ctx, error))?;
    let is_guess = rule.is_some() && !params.filter.is_empty();
    let id = &entry.id;
    let body = if enrich::is_wanted(app, ctx, enrich::LIST, entry) {
        Box::pin(enrich::list(app, ctx, Arc::clone(entry), params)).await?
    } else if params.is_cheap(rule) && !entry.is_view() && !entry.is_auth() {
        app.read(|reader, snapshot| {
            record::list(reader, snapshot, ctx, by_id(snapshot, id)?, &params)
        })?
    } else {
        let brief = app.read_briefly(|reader, snapshot| {
            record::list(reader, snapshot, ctx, by_id(snapshot, id)?, &params)
        });
        if let Some(body) = brief {
            body?
        } else {
            let (ctx, id) = (ctx.clone(), id.clone());
            Box::pin(app.read_pooled(move |reader, snapshot| {
                let entry = by_id(snapshot, &id)?;
                record::list(reader, snapshot, &ctx, entry, &params)
            }))
            .await?
        }
    };
    if is_guess && record::is_empty_page(&body) {
        Box::pin(slow_down(app, ctx, id)).await;
    }
    shape.apply(body)
}

/// Compat: what only superusers may name is refused before a number that is none.
fn unreadable_params(ctx: &Ctx, error: Error) -> Error {
    let text = |name: &str| ctx.request.query_param(name).unwrap_or_default();
    query::check_words(ctx, text("filter"), text("sort"))
        .map_or_else(|refused| refused.for_client(), |()| error)
}

/// Keeps those waiting who find nothing again and again: what a filter matches could be guessed from the time it takes.
async fn slow_down(app: &App, ctx: &Ctx, collection_id: &str) {
    let delay = app
        .throttle()
        .delay(ctx.request.ip, collection_id, Instant::now());
    if let Some(delay) = delay {
        tokio::time::sleep(delay).await;
    }
}

/// One record.
pub async fn view(app: &App, ctx: &Ctx, collection: &str, id: &str) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let expand = ctx.request.query_param("expand").unwrap_or_default();
    let snapshot = app.snapshot();
    let entry = collection_of(&snapshot, collection)?;
    let rule = query::rule_for(ctx, entry, Action::View)?;
    if enrich::is_wanted(app, ctx, enrich::VIEW, entry) {
        return Box::pin(enrich::view(app, ctx, Arc::clone(entry), id, shape)).await;
    }
    let body = if rule.is_none() && expand.is_empty() && !entry.is_view() {
        let collection = &entry.id;
        app.read(|reader, snapshot| {
            record::view(reader, snapshot, ctx, by_id(snapshot, collection)?, id, "")
        })?
    } else {
        let collection = &entry.id;
        let brief = app.read_briefly(|reader, snapshot| {
            let entry = by_id(snapshot, collection)?;
            record::view(reader, snapshot, ctx, entry, id, expand)
        });
        if let Some(body) = brief {
            body?
        } else {
            let (ctx, collection) = (ctx.clone(), collection.clone());
            let (id, expand) = (id.to_owned(), expand.to_owned());
            Box::pin(app.read_pooled(move |reader, snapshot| {
                let entry = by_id(snapshot, &collection)?;
                record::view(reader, snapshot, &ctx, entry, &id, &expand)
            }))
            .await?
        }
    };
    shape.apply(body)
}

/// Creates a record and answers it as the caller may see it.
pub async fn create(app: &App, ctx: &Ctx, collection: &str, input: RecordInput) -> Result<Vec<u8>> {
    save(app, ctx, collection, Save::Create, input).await
}

/// Changes a record and answers it as the caller may see it.
pub async fn update(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    id: &str,
    input: RecordInput,
) -> Result<Vec<u8>> {
    save(app, ctx, collection, Save::Update(id.to_owned()), input).await
}

/// Deletes a record with everything that cascades from it.
pub async fn delete(app: &App, ctx: &Ctx, collection: &str, id: &str) -> Result<()> {
    let snapshot = app.snapshot();
    let entry = writable(&snapshot, collection)?;
    query::rule_for(ctx, &entry, Action::Delete)?;
    if app.events().wants_any(events::DELETE, &entry) || cascade::is_watched(app, &snapshot, &entry)
    {
        return events::delete(app, ctx, entry, id).await;
    }
    let (app, ctx, id) = (app.clone(), ctx.clone(), id.to_owned());
    // Files go with their records even if the caller leaves in between.
    to_the_end(async move {
        let job = app.clone();
        let deleted = app
            .engine()
            .write(move |tx| {
                let snapshot = job.snapshot();
                record::delete(tx, &snapshot, &ctx, by_id(&snapshot, &entry.id)?, &id)
            })
            .await?;
        forget_files(&app, &deleted).await;
        Ok(())
    })
    .await
}

/// Says whether handlers have a say in saves or deletes of a collection.
pub(crate) fn has_listeners(app: &App, entry: &Arc<Entry>) -> bool {
    app.events()
        .wants_any(events::SAVE.union(events::DELETE), entry)
        || cascade::is_watched(app, &app.snapshot(), entry)
}

/// What a save does.
#[derive(Clone, Debug)]
pub(crate) enum Save {
    Create,
    /// The id of the record to change.
    Update(String),
}

async fn save(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    save: Save,
    input: RecordInput,
) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let snapshot = app.snapshot();
    let entry = writable(&snapshot, collection)?;
    let action = match save {
        Save::Create => Action::Create,
        Save::Update(_) => Action::Update,
    };
    query::rule_for(ctx, &entry, action)?;
    if enrich::is_wanted(app, ctx, events::SAVE, &entry) {
        return Box::pin(events::save(app, ctx, entry, save, input, shape)).await;
    }
    let has_files = entry.has_files();
    let work = write(app.clone(), ctx.clone(), entry, save, input, shape);
    if has_files {
        Box::pin(to_the_end(work)).await
    } else {
        work.await
    }
}

/// Prepares one create or update, runs it on the writer and renders its result. Files stored for a save that fails are
/// removed.
async fn write(
    app: App,
    ctx: Ctx,
    entry: Arc<Entry>,
    save: Save,
    input: RecordInput,
    shape: Shape,
) -> Result<Vec<u8>> {
    let id = match &save {
        Save::Create => None,
        Save::Update(id) => Some(id.as_str()),
    };
    let hints = Hints {
        asks_first: Some(save.clone()),
        ..Hints::default()
    };
    let Prepared { input, stored } = prepare_with(&app, &ctx, &entry, id, input, hints).await?;
    let job = app.clone();
    // Accounts have sessions and links to look after, and what is asked for beyond the record itself may fail to
    // render.
    let is_one_step =
        !entry.is_auth() && shape.is_whole() && ctx.request.query_param("expand").is_none();
    let work = move |tx: &Tx| {
        // The writer runs one job at a time, so the snapshot read here is the database's own.
        let snapshot = job.snapshot();
        let entry = writable_by_id(&snapshot, &entry.id)?;
        let mut written = match &save {
            Save::Create => record::create(tx, &snapshot, &ctx, &entry, &input)?,
            Save::Update(id) => record::update(tx, &snapshot, &ctx, &entry, id, &input)?,
        };
        let expand = ctx.request.query_param("expand").unwrap_or_default();
        let body = record::render_written(tx, &snapshot, &ctx, &entry, &mut written, expand)?;
        Ok::<_, Error>((shape.apply(body)?, written))
    };
    let result = if is_one_step {
        app.engine().write_at_once(work).await
    } else {
        app.engine().write(work).await
    };
    match result {
        Ok((body, written)) => {
            stored.keep();
            forget_replaced(&app, &written).await;
            Ok(body)
        }
        Err(error) => {
            Box::pin(stored.remove(&app)).await;
            Err(error)
        }
    }
}
