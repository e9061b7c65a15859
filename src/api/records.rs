//! Records: list, view, create, update, delete.

use crate::api::answer::{self, Response};
use crate::api::body::{self, Submitted};
use crate::api::call::Call;
use crate::api::reading::Unreadable;
use crate::app::records::{self, RecordInput};
use crate::base::error::{Error, Result};

/// `GET /api/collections/{collection}/records`
pub(super) async fn list(mut call: Call) -> Result<Response> {
    if call.has_body() {
        Box::pin(show_body(&mut call)).await?;
    }
    let body = records::list(&call.app, &call.ctx, call.param("collection")).await?;
    Ok(answer::json(body))
}

/// `GET /api/collections/{collection}/records/{id}`
pub(super) async fn view(mut call: Call) -> Result<Response> {
    if call.has_body() {
        Box::pin(show_body(&mut call)).await?;
    }
    let (collection, id) = (call.param("collection"), call.param("id"));
    let body = records::view(&call.app, &call.ctx, collection, id).await?;
    Ok(answer::json(body))
}

/// `POST /api/collections/{collection}/records`
pub(super) async fn create(mut call: Call) -> Result<Response> {
    let input = input(&mut call).await?;
    let body = records::create(&call.app, &call.ctx, call.param("collection"), input).await?;
    Ok(answer::json(body))
}

/// `PATCH /api/collections/{collection}/records/{id}`
pub(super) async fn update(mut call: Call) -> Result<Response> {
    let input = input(&mut call).await?;
    let (collection, id) = (call.param("collection"), call.param("id"));
    let body = records::update(&call.app, &call.ctx, collection, id, input).await?;
    Ok(answer::json(body))
}

/// `DELETE /api/collections/{collection}/records/{id}`
pub(super) async fn delete(mut call: Call) -> Result<Response> {
    if call.has_body() {
        records::check_writable(&call.app, call.param("collection"))?;
        Box::pin(show_body(&mut call)).await?;
    }
    let (collection, id) = (call.param("collection"), call.param("id"));
    records::delete(&call.app, &call.ctx, collection, id).await?;
    Ok(answer::no_content())
}

/// Lets rules see a body that says nothing about a record. Perf: few requests have one, so those without pay nothing
/// for it.
async fn show_body(call: &mut Call) -> Result<()> {
    records::check_known(&call.app, call.param("collection"))?;
    call.show_body().await.map_err(Unreadable::plain)
}

/// Reads the body, at most as much as the collection's fields ask for.
async fn input(call: &mut Call) -> Result<RecordInput> {
    let limit = records::body_limit(&call.app, call.param("collection"))?;
    let submitted = call.read(limit).await.map_err(Unreadable::plain)?;
    // Compat: a form without content is only missed where files are looked for in it.
    if matches!(submitted, Submitted::Nothing)
        && body::is_multipart(call.content_type())
        && records::takes_files(&call.app, call.param("collection"))
    {
        let (collection, id) = (call.param("collection"), call.param("id"));
        if !id.is_empty() {
            records::check_updatable(&call.app, &call.ctx, collection, id)?;
        }
        return Err(Error::bad_request("Failed to read the submitted data."));
    }
    let (data, uploads) = submitted.into_record().map_err(Unreadable::plain)?;
    Ok(RecordInput { data, uploads })
}
