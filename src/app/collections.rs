//! Reading and changing collections. Superusers only, which the route table says.
//!
//! Every change runs in a transaction of its own; the new schema is published on the writer thread right after the
//! commit, before any other write.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::app::answer::Shape;
use crate::app::records;
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::catalog::{self, Missing, providers};
use crate::ctx::Ctx;
use crate::engine::Tx;
use crate::query::{Restricted, Snapshot};
use crate::record::{self, ListParams};
use crate::schema::{Collection, CollectionKind, Schema, scaffold};
use crate::sql::Sql;

/// Columns by which collections can be filtered and sorted.
const SEARCHABLE: [&str; 6] = ["id", "created", "updated", "name", "system", "type"];

/// Longest view query that can be tried out, in characters.
const MAX_DRY_RUN: usize = 5000;

/// A page of collections.
pub async fn list(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let params = ListParams::from_request(&ctx.request)?;
    let restricted = Restricted::new(&SEARCHABLE, &[]);
    let plain = |_| Error::BadRequest(None);
    let filter = restricted.filter(ctx, &params.filter).map_err(plain)?;
    let sort = restricted.sort(ctx, &params.sort).map_err(plain)?;
    let body = app
        .read_pooled(move |reader, snapshot| {
            let mut sql: Sql = Sql::from_text("SELECT id FROM _collections");
            if !filter.is_empty() {
                sql.text(" WHERE ").append(filter.clone());
            }
            if sort.is_empty() {
                sql.text(" ORDER BY rowid");
            } else {
                sql.text(" ORDER BY ").append(sort.clone());
            }
            let ids = reader.all(&sql, |row| row.text(0).to_owned())?;
            let page = ids.iter().skip(params.offset()).take(params.limit());
            let mut items = Vec::new();
            for collection in page.filter_map(|id| snapshot.collection_by_id(id)) {
                if !items.is_empty() {
                    items.push(b',');
                }
                collection.write_json(&mut items);
            }
            Ok(params.envelope(&items, (!params.skip_total).then_some(ids.len() as u64)))
        })
        .await?;
    shape.apply(body)
}

/// One collection by id or name.
pub async fn view(app: &App, ctx: &Ctx, collection: &str) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let snapshot = app.snapshot();
    let entry = snapshot
        .collection(collection)
        .ok_or(Error::NotFound(None))?;
    shape.apply(public_json(entry))
}

/// Makes a collection.
pub async fn create(app: &App, ctx: &Ctx, form: Map<String, Json>) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let now = ctx.now;
    let body = Json::Object(form);
    let collection = change(app, move |tx| {
        let saved = catalog::create(tx, &body, now)?;
        Ok((saved.collection, saved.schema))
    })
    .await?;
    shape.apply(public_json(&collection))
}

/// Changes a collection.
pub async fn update(
    app: &App,
    ctx: &Ctx,
    collection: &str,
    form: Map<String, Json>,
) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let (now, id) = (ctx.now, collection.to_owned());
    let body = Json::Object(form);
    let collection = change(app, move |tx| {
        let saved = catalog::update(tx, &id, &body, now)?;
        Ok((saved.collection, saved.schema))
    })
    .await?;
    shape.apply(public_json(&collection))
}

/// Deletes a collection with its records and files.
pub async fn delete(app: &App, _ctx: &Ctx, collection: &str) -> Result<()> {
    let id = collection.to_owned();
    let deleted = change(app, move |tx| {
        let deleted = catalog::delete(tx, &id)?;
        Ok((deleted.collection, deleted.schema))
    })
    .await?;
    forget_files(app, &deleted).await;
    Ok(())
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
    let (job_app, now, id) = (app.clone(), ctx.now, entry.id.clone());
    let truncated = app
        .engine()
        .exclusive(
            move |tx| {
                let snapshot = job_app.snapshot();
                let entry = snapshot.collection_by_id(&id).ok_or(Error::NotFound(None))?;
                record::truncate(tx, &snapshot, now, entry)
            },
            |_| (),
        )
        .await
        .map_err(|error| match error {
            Error::BadRequest(_) => Error::bad_request(
                "Failed to truncate collection (most likely due to required cascade delete record references).",
            ),
            other => other,
        })?;
    records::forget_files(app, &truncated).await;
    Ok(())
}

/// Imports many collections at once.
pub async fn import(app: &App, ctx: &Ctx, form: Map<String, Json>) -> Result<()> {
    let load_error = || Error::bad_request("An error occurred while loading the submitted data.");
    let items = match form.get("collections") {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Array(items)) => items.clone(),
        Some(_) => return Err(load_error()),
    };
    let missing = match form.get("deleteMissing") {
        None | Some(Json::Null | Json::Bool(false)) => Missing::Keep,
        Some(Json::Bool(true)) => Missing::Delete,
        Some(_) => return Err(load_error()),
    };
    if items.is_empty() {
        return Err(Error::invalid(
            "An error occurred while validating the submitted data.",
            Issues::one("collections", Issue::required()),
        ));
    }
    let now = ctx.now;
    let deleted = change(app, move |tx| {
        let imported = catalog::import(tx, &items, missing, now)?;
        Ok((imported.deleted, imported.schema))
    })
    .await?;
    for collection in &deleted {
        forget_files(app, collection).await;
    }
    Ok(())
}

/// A blank collection of each type.
pub async fn scaffolds(_app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let blank = |kind| scaffold::scaffold(kind).to_json();
    let body = json!({
        "base": blank(CollectionKind::Base),
        "auth": blank(CollectionKind::Auth),
        "view": blank(CollectionKind::View),
    });
    shape.apply(body.to_string().into_bytes())
}

/// The OAuth2 providers a collection may be configured with.
pub async fn oauth2_providers(_app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    Shape::of(ctx)?.apply(providers::to_json().to_string().into_bytes())
}

/// Tries out a view query: the fields it would have and its first records.
pub async fn dry_run_view(app: &App, ctx: &Ctx, form: Map<String, Json>) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let query = match form.get("query") {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(query)) => query.clone(),
        Some(_) => {
            return Err(Error::bad_request(
                "An error occurred while loading the submitted data.",
            ));
        }
    };
    let issue = if query.is_empty() {
        Some(Issue::required())
    } else if query.chars().count() > MAX_DRY_RUN {
        let message = format!("The length must be between 1 and {MAX_DRY_RUN}.");
        Some(
            Issue::new("validation_length_out_of_range", message)
                .with("min", 1)
                .with("max", MAX_DRY_RUN),
        )
    } else {
        None
    };
    if let Some(issue) = issue {
        return Err(Error::invalid(
            "An error occurred while validating the submitted data.",
            Issues::one("query", issue),
        ));
    }
    let _ = (app, shape);
    Err(Error::NotFound(None))
}

/// Runs a change of the schema and publishes the result.
async fn change<T: Send + 'static>(
    app: &App,
    job: impl FnOnce(&Tx) -> Result<(T, Schema)> + Send + 'static,
) -> Result<T> {
    let publish = app.clone();
    let (result, _) = app
        .engine()
        .exclusive(
            move |tx| job(tx).map(|(result, schema)| (result, Arc::new(Snapshot::new(schema)))),
            move |(_, snapshot)| publish.publish_snapshot(Arc::clone(snapshot)),
        )
        .await?;
    Ok(result)
}

/// Removes the files of a deleted collection; a failure is only logged.
async fn forget_files(app: &App, collection: &Collection) {
    if let Err(error) = app.storage().delete_collection(collection.id.clone()).await {
        tracing::warn!(collection.name, %error, "files of a deleted collection stay behind");
    }
}

fn public_json(collection: &Collection) -> Vec<u8> {
    let mut body = Vec::with_capacity(1024);
    collection.write_json(&mut body);
    body
}
