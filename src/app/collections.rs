//! Reading and changing collections. All of it is for superusers; `api` has checked that before it calls.
//!
//! A change runs alone on the writer, and the new schema is published in the moment it is committed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::app::answer::Shape;
use crate::app::migrations::{self, Change};
use crate::app::records::{forget_files, to_the_end};
use crate::app::{rules, settings};
use crate::base::error::{Error, Result};
use crate::base::json;
use crate::base::time::Timestamp;
use crate::catalog;
use crate::ctx::Ctx;
use crate::engine::Tx;
use crate::events::{Event, Kind};
use crate::query::{Page, Snapshot};
use crate::record::{self, ListParams, Numbers};
use crate::schema::{CollectionKind, Schema, scaffold};
use crate::settings::Settings;

mod events;
mod import;
mod removed_files;
mod samples;

pub use import::import;
pub(crate) use import::import_guarded;
pub use samples::dry_run_view;

use removed_files::{forget_collection_files, forget_removed_files};
use samples::sample;

const NOT_LOADED: &str = "An error occurred while loading the submitted data.";

const INVALID: &str = "An error occurred while validating the submitted data.";

const NOT_TRUNCATED: &str =
    "Failed to truncate collection (most likely due to required cascade delete record references).";

/// A page of collections.
pub async fn list(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    if !app.events().wants(Kind::CollectionsListRequest, None) {
        return list_now(app, ctx).await;
    }
    let page = serde_json::from_slice(&list_now(app, &unshaped(ctx)).await?).unwrap_or_default();
    let Json::Object(mut page) = page else {
        return Err(Error::internal("a page that is none"));
    };
    let event = Event::new(Kind::CollectionsListRequest, ctx);
    let (members, shape) = (event.members.clone(), Shape::of(ctx)?);
    members.set("collections", page.remove("items").unwrap_or_default());
    members.set("result", Json::Object(page));
    app.events()
        .around(event, async move {
            let mut page = match members.get("result") {
                Json::Object(page) => page,
                _ => Map::new(),
            };
            page.insert("items".to_owned(), members.get("collections"));
            shape.apply(Json::Object(page).to_string().into_bytes())
        })
        .await
}

/// The same request without `fields`.
fn unshaped(ctx: &Ctx) -> Ctx {
    let mut ctx = ctx.clone();
    ctx.request_mut().query.retain(|(name, _)| name != "fields");
    ctx
}

async fn list_now(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let params = ListParams::from_request(&ctx.request)?;
    let shape = Shape::of(ctx)?;
    let page = Page {
        limit: i64::try_from(params.per_page).unwrap_or(i64::MAX),
        offset: i64::try_from(params.offset()).unwrap_or(i64::MAX),
    };
    let ctx = ctx.clone();
    let body = app
        .read_pooled(move |reader, snapshot| {
            let ids = catalog::ids(reader, &ctx, &params.filter, &params.sort, page)?;
            let mut items = Vec::new();
            for entry in ids.iter().filter_map(|id| snapshot.collection_by_id(id)) {
                if !items.is_empty() {
                    items.push(b',');
                }
                entry.write_json(&mut items);
            }
            let total = if params.skip_total {
                None
            } else {
                Some(catalog::count(reader, &ctx, &params.filter)?)
            };
            Ok(record::envelope(&items, &Numbers::of(&params, total)))
        })
        .await?;
    shape.apply(body)
}

/// One collection.
pub async fn view(app: &App, ctx: &Ctx, collection: &str) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let snapshot = app.snapshot();
    let entry = snapshot
        .collection(collection)
        .ok_or(Error::NotFound(None))?;
    let mut body = Vec::new();
    entry.write_json(&mut body);
    if !app.events().wants(Kind::CollectionViewRequest, Some(entry)) {
        return shape.apply(body);
    }
    let event = Event::new(Kind::CollectionViewRequest, ctx).of(entry);
    let members = event.members.clone();
    members.set(
        "collection",
        serde_json::from_slice(&body).unwrap_or_default(),
    );
    app.events()
        .around(event, async move {
            shape.apply(members.get("collection").to_string().into_bytes())
        })
        .await
}

/// Makes a collection.
pub async fn create(app: &App, ctx: &Ctx, form: Map<String, Json>) -> Result<Vec<u8>> {
    let before: HashSet<String> = known(app).into_keys().collect();
    let body = create_with_events(app, ctx, form).await?;
    if writes_migrations(app, ctx) {
        for (id, made) in known(app) {
            if !before.contains(&id) {
                migrations::write(app, Change::Created(made)).await;
            }
        }
    }
    Ok(body)
}

/// Changes of clients are written down, those of scripts and the command line are not.
fn writes_migrations(app: &App, ctx: &Ctx) -> bool {
    app.config().automigrate.is_some() && ctx.auth().is_some()
}

/// All definitions by id, if they matter.
fn known(app: &App) -> HashMap<String, Map<String, Json>> {
    if app.config().automigrate.is_none() {
        return HashMap::new();
    }
    let snapshot = app.snapshot();
    let all = snapshot.collections();
    all.map(|entry| (entry.id.clone(), migrations::definition(entry)))
        .collect()
}

async fn create_with_events(app: &App, ctx: &Ctx, form: Map<String, Json>) -> Result<Vec<u8>> {
    if !events::listens(app, events::CREATE, None) {
        return create_now(app, ctx, form).await;
    }
    let run: events::Run =
        Box::new(|app, ctx, form| Box::pin(async move { create_now(&app, &ctx, form).await }));
    Box::pin(events::change(app, ctx, events::CREATE, None, form, run)).await
}

async fn create_now(app: &App, ctx: &Ctx, form: Map<String, Json>) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let (now, form) = (ctx.now, Json::Object(form));
    let sampled = sample(app, None, &form).await?;
    let body = change(app, move |tx| {
        let saved = catalog::create(tx, &form, sampled, now)?;
        let mut body = Vec::new();
        saved.collection.write_json(&mut body);
        Ok((body, saved.schema))
    })
    .await?;
    shape.apply(body)
}

/// Changes a collection.
pub async fn update(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    form: Map<String, Json>,
) -> Result<Vec<u8>> {
    let id = app.snapshot().collection(collection).map(|e| e.id.clone());
    let before = id.and_then(|id| known(app).remove(&id).map(|before| (id, before)));
    let body = update_with_events(app, ctx, collection, form).await?;
    if let Some((id, before)) = before.filter(|_| writes_migrations(app, ctx))
        && let Some(after) = known(app).remove(&id)
    {
        migrations::write(app, Change::Updated { before, after }).await;
    }
    Ok(body)
}

async fn update_with_events(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    form: Map<String, Json>,
) -> Result<Vec<u8>> {
    let entry = app.snapshot().collection(collection).cloned();
    if !events::listens(app, events::UPDATE, entry.as_deref()) {
        return update_now(app, ctx, collection, form).await;
    }
    let collection = collection.to_owned();
    let run: events::Run = Box::new(|app, ctx, form| {
        Box::pin(async move { update_now(&app, &ctx, &collection, form).await })
    });
    Box::pin(events::change(app, ctx, events::UPDATE, entry, form, run)).await
}

async fn update_now(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    form: Map<String, Json>,
) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let (now, form) = (ctx.now, Json::Object(form));
    let sampled = sample(app, Some(collection), &form).await?;
    let (app, collection) = (app.clone(), collection.to_owned());
    // Files go with their fields even if the caller leaves in between.
    let body = to_the_end(async move {
        let (body, removed_files) = change(&app, move |tx| {
            let saved = catalog::update(tx, &collection, &form, sampled, now)?;
            let mut body = Vec::new();
            saved.collection.write_json(&mut body);
            Ok(((body, saved.removed_files), saved.schema))
        })
        .await?;
        forget_removed_files(&app, removed_files).await;
        Ok(body)
    })
    .await?;
    shape.apply(body)
}

/// Deletes a collection with its records and their files.
pub async fn delete(app: &App, ctx: &Ctx, collection: &str) -> Result<()> {
    let id = app.snapshot().collection(collection).map(|e| e.id.clone());
    let before = id.and_then(|id| known(app).remove(&id));
    delete_with_events(app, ctx, collection).await?;
    if let Some(before) = before.filter(|_| writes_migrations(app, ctx)) {
        migrations::write(app, Change::Deleted(before)).await;
    }
    Ok(())
}

async fn delete_with_events(app: &App, ctx: &Ctx, collection: &str) -> Result<()> {
    let entry = app.snapshot().collection(collection).cloned();
    if !events::listens(app, events::DELETE, entry.as_deref()) {
        return delete_now(app, collection).await;
    }
    let collection = collection.to_owned();
    let definition = entry.as_ref().map(|entry| {
        let mut body = Vec::new();
        entry.write_json(&mut body);
        serde_json::from_slice(&body).unwrap_or_default()
    });
    let definition = definition.unwrap_or_default();
    let run: events::Run = Box::new(|app, _, _| {
        Box::pin(async move { delete_now(&app, &collection).await.map(|()| Vec::new()) })
    });
    let change = events::change(app, ctx, events::DELETE, entry, definition, run);
    Box::pin(change).await.map(drop)
}

async fn delete_now(app: &App, collection: &str) -> Result<()> {
    let (app, collection) = (app.clone(), collection.to_owned());
    // Files go with their collection even if the caller leaves in between.
    to_the_end(async move {
        let id = change(&app, move |tx| {
            let deleted = catalog::delete(tx, &collection)?;
            Ok((deleted.collection.id, deleted.schema))
        })
        .await?;
        forget_collection_files(&app, &id).await;
        Ok(())
    })
    .await
}

/// Deletes all records of a collection.
pub async fn truncate(app: &App, ctx: &Ctx, collection: &str) -> Result<()> {
    let snapshot = app.snapshot();
    let entry = snapshot
        .collection(collection)
        .ok_or(Error::NotFound(None))?;
    if entry.is_view() {
        return Err(Error::bad_request(
            "View collections cannot be truncated since they don't store their own records.",
        ));
    }
    // Somebody has to be able to sign in afterwards.
    if entry.is_superusers() {
        return Err(Error::bad_request(NOT_TRUNCATED));
    }
    let (app, id, now) = (app.clone(), entry.id.clone(), ctx.now);
    // Files go with their records even if the caller leaves in between.
    to_the_end(async move {
        let job_app = app.clone();
        let deleted = app
            .engine()
            .write(move |tx| {
                let snapshot = job_app.snapshot();
                let entry = snapshot
                    .collection_by_id(&id)
                    .ok_or(Error::NotFound(None))?;
                record::truncate(tx, &snapshot, now, entry)
            })
            .await
            .map_err(not_truncated)?;
        forget_files(&app, &deleted).await;
        Ok(())
    })
    .await
}

/// What is said of a record that could not be deleted, as said of all of them.
fn not_truncated(error: Error) -> Error {
    let reason = error.reason().map(str::to_owned);
    let told = match error.into_told() {
        Error::BadRequest(_) => Error::bad_request(NOT_TRUNCATED),
        Error::Invalid { issues, .. } => Error::invalid(NOT_TRUNCATED, *issues),
        other => other,
    };
    match reason {
        Some(reason) => told.because(reason),
        None => told,
    }
}

/// Refuses a collection that there is not.
pub fn check_known(app: &App, collection: &str) -> Result<()> {
    let snapshot = app.snapshot();
    let known = snapshot.collection(collection);
    known.map(drop).ok_or(Error::NotFound(None))
}

/// What a new collection of each type starts from.
pub fn scaffolds(ctx: &Ctx) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let mut body = Vec::new();
    for kind in [
        CollectionKind::Base,
        CollectionKind::Auth,
        CollectionKind::View,
    ] {
        body.push(if body.is_empty() { b'{' } else { b',' });
        json::write_string(&mut body, kind.as_str());
        body.push(b':');
        scaffold::scaffold(kind).write_json(&mut body);
    }
    body.push(b'}');
    shape.apply(body)
}

/// The OAuth2 providers that auth collections may use.
pub fn oauth2_providers(ctx: &Ctx) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let mut body = Vec::new();
    json::write_value(&mut body, &catalog::providers::to_json());
    shape.apply(body)
}

/// Runs a change of the schema and publishes its outcome.
async fn change<T: Send + 'static>(
    app: &App,
    run: impl FnOnce(&Tx) -> Result<(T, Schema)> + Send + 'static,
) -> Result<T> {
    let (job_app, publish) = (app.clone(), app.clone());
    let work = move |tx: &Tx| {
        let (outcome, schema) = run(tx)?;
        Ok::<_, Error>(Changed {
            outcome,
            settings: rename_in_settings(tx, &job_app, &schema)?,
            snapshot: Arc::new(Snapshot::new(schema)),
        })
    };
    let published = move |changed: &Changed<T>| {
        publish.publish_snapshot(Arc::clone(&changed.snapshot));
        if let Some(settings) = &changed.settings {
            publish.publish_settings(Arc::new(settings.clone()));
        }
    };
    let changed = match app.transaction() {
        None => app.engine().exclusive(work, published).await?,
        // A migration: nobody else is served, so the next step may see the new schema before the commit.
        Some(transaction) => {
            let changed = transaction.run(work).await?;
            published(&changed);
            changed
        }
    };
    rules::after_change(app);
    Ok(changed.outcome)
}

/// What a change leads to besides what it was made for.
struct Changed<T> {
    outcome: T,
    snapshot: Arc<Snapshot>,
    /// The settings, if they changed as well.
    settings: Option<Settings>,
}

/// Settings name collections: rate limits follow collections that are renamed.
fn rename_in_settings(tx: &Tx, app: &App, schema: &Schema) -> Result<Option<Settings>> {
    let before = app.snapshot();
    let mut renames = schema
        .collections()
        .filter_map(|entry| {
            let old = before.collection_by_id(&entry.id)?;
            (old.name != entry.name).then_some((&old.name, &entry.name))
        })
        .peekable();
    if renames.peek().is_none() {
        return Ok(None);
    }
    let key = app.config().encryption_key.as_ref();
    // What is stored may be somebody else's work: see `settings::follow_others`.
    let mut settings = settings::read(tx, key)?;
    let mut is_changed = false;
    for (old, new) in renames {
        is_changed |= settings.rate_limits.rename_collection(old, new);
    }
    if !is_changed {
        return Ok(None);
    }
    // A limit that the new name has already would make settings that cannot be saved again.
    let issues = settings.issues();
    if !issues.is_empty() {
        return Err(Error::invalid("Failed to update collection.", issues));
    }
    let stored = settings.to_storage(key)?;
    settings::store(tx, stored, Timestamp::now())?;
    Ok(Some(settings))
}
