//! The collections themselves. Superusers only.

use serde_json::{Map, Value as Json};

use crate::api::answer::{self, Response};
use crate::api::call::Call;
use crate::api::form::{Kind, Member, member};
use crate::api::reading::{DEFAULT_LIMIT, Unreadable};
use crate::app::collections;
use crate::base::error::Result;
use crate::schema::Collection;

const NOT_LOADED: &str = "An error occurred while loading the submitted data.";
const IMPORT: [Member; 2] = [
    member("collections", Kind::List),
    member("deleteMissing", Kind::Flag),
];
const DRY_RUN: [Member; 1] = [member("query", Kind::Text)];

/// `GET /api/collections`
pub(super) async fn list(call: Call) -> Result<Response> {
    let body = collections::list(&call.app, &call.ctx).await?;
    Ok(answer::json(body))
}

/// `GET /api/collections/{collection}`
pub(super) async fn view(call: Call) -> Result<Response> {
    let body = collections::view(&call.app, &call.ctx, call.param("collection")).await?;
    Ok(answer::json(body))
}

/// `POST /api/collections`
pub(super) async fn create(mut call: Call) -> Result<Response> {
    let message = "Failed to load the collection type data due to invalid formatting.";
    let definition = definition(&mut call, message).await?;
    let body = collections::create(&call.app, &call.ctx, definition).await?;
    Ok(answer::json(body))
}

/// `PATCH /api/collections/{collection}`
pub(super) async fn update(mut call: Call) -> Result<Response> {
    collections::check_known(&call.app, call.param("collection"))?;
    let message = "Failed to load the submitted data due to invalid formatting.";
    let definition = definition(&mut call, message).await?;
    let collection = call.param("collection");
    let body = collections::update(&call.app, &call.ctx, collection, definition).await?;
    Ok(answer::json(body))
}

/// `DELETE /api/collections/{collection}`
pub(super) async fn delete(call: Call) -> Result<Response> {
    collections::delete(&call.app, &call.ctx, call.param("collection")).await?;
    Ok(answer::no_content())
}

/// `DELETE /api/collections/{collection}/truncate`
pub(super) async fn truncate(call: Call) -> Result<Response> {
    collections::truncate(&call.app, &call.ctx, call.param("collection")).await?;
    Ok(answer::no_content())
}

/// `PUT /api/collections/import`
pub(super) async fn import(mut call: Call) -> Result<Response> {
    let form = form(&mut call, &IMPORT).await?;
    collections::import(&call.app, &call.ctx, form).await?;
    Ok(answer::no_content())
}

/// `GET /api/collections/meta/scaffolds`
pub(super) fn scaffolds(call: &Call) -> Result<Response> {
    let body = collections::scaffolds(&call.ctx)?;
    Ok(answer::json(body))
}

/// `GET /api/collections/meta/oauth2-providers`
pub(super) fn oauth2_providers(call: &Call) -> Result<Response> {
    let body = collections::oauth2_providers(&call.ctx)?;
    Ok(answer::json(body))
}

/// `POST /api/collections/meta/dry-run-view`
pub(super) async fn dry_run_view(mut call: Call) -> Result<Response> {
    let form = form(&mut call, &DRY_RUN).await?;
    let body = collections::dry_run_view(&call.app, &call.ctx, form).await?;
    Ok(answer::json(body))
}

async fn definition(call: &mut Call, message: &'static str) -> Result<Map<String, Json>> {
    let object = call
        .read(DEFAULT_LIMIT)
        .await
        .and_then(|body| body.into_document(Collection::template));
    object.map_err(|reason: Unreadable| reason.or(message))
}

async fn form(call: &mut Call, known: &[Member]) -> Result<Map<String, Json>> {
    let form = call
        .read(DEFAULT_LIMIT)
        .await
        .and_then(|body| body.form(known));
    form.map_err(|reason: Unreadable| reason.named_or(NOT_LOADED))
}
