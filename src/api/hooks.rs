//! Scripts for administrators: what is loaded, and editing where the operator allows it. Superusers only.

use serde_json::{Map, Value as Json};

use crate::api::answer::{self, Response};
use crate::api::body::Submitted;
use crate::api::call::Call;
use crate::api::reading::{DEFAULT_LIMIT, Unreadable};
use crate::app::App;
use crate::base::cast;
use crate::base::error::{Error, Result};
use crate::base::json;
use crate::events::{Edit, Save};

/// `GET /api/stead/hooks`
pub(super) fn overview(call: &Call) -> Result<Response> {
    let listener = call.app.events().listener().ok_or(Error::NotFound(None))?;
    Ok(shown(&listener.overview()))
}

/// `GET /api/stead/hooks/{path}`
pub(super) async fn read(call: Call) -> Result<Response> {
    let path = call.param("path").to_owned();
    edit(&call.app, Edit::Read { path }).await
}

/// `PUT /api/stead/hooks/{path}`
pub(super) async fn write(mut call: Call) -> Result<Response> {
    let path = call.param("path").to_owned();
    let form = form(&mut call).await?;
    let save = Save {
        text: text(&form, "text"),
        etag: form.contains_key("etag").then(|| text(&form, "etag")),
        may_wait: form.get("pending").is_some_and(cast::to_bool),
    };
    edit(&call.app, Edit::Write { path, save }).await
}

/// `GET /api/stead/hooks/{path}/revisions`
pub(super) async fn revisions(call: Call) -> Result<Response> {
    let (path, number) = (call.param("path").to_owned(), None);
    edit(&call.app, Edit::Revisions { path, number }).await
}

/// `GET /api/stead/hooks/{path}/revisions/{number}`
pub(super) async fn revision(call: Call) -> Result<Response> {
    let path = call.param("path").to_owned();
    let number = Some(call.param("number").to_owned());
    edit(&call.app, Edit::Revisions { path, number }).await
}

/// `DELETE /api/stead/hooks/{path}`
pub(super) async fn delete(call: Call) -> Result<Response> {
    let path = call.param("path").to_owned();
    edit(&call.app, Edit::Delete { path }).await?;
    Ok(answer::no_content())
}

/// `POST /api/stead/hooks/check`
pub(super) async fn check(mut call: Call) -> Result<Response> {
    let form = form(&mut call).await?;
    let (path, text) = (text(&form, "path"), text(&form, "text"));
    edit(&call.app, Edit::Check { path, text }).await
}

/// `GET /api/stead/hooks/symbols`
pub(super) async fn symbols(call: Call) -> Result<Response> {
    edit(&call.app, Edit::Symbols).await
}

/// `POST /api/stead/hooks/dry-run`
pub(super) async fn dry_run(mut call: Call) -> Result<Response> {
    let members = form(&mut call).await?;
    edit(&call.app, Edit::Try { members }).await
}

/// `POST /api/stead/hooks/reload`
pub(super) async fn reload(call: Call) -> Result<Response> {
    edit(&call.app, Edit::Reload).await
}

async fn edit(app: &App, edit: Edit) -> Result<Response> {
    let listener = app.events().listener().ok_or(Error::NotFound(None))?;
    Ok(shown(&listener.edit(edit).await?))
}

async fn form(call: &mut Call) -> Result<Map<String, Json>> {
    let object = call
        .read(DEFAULT_LIMIT)
        .await
        .and_then(Submitted::into_object);
    object.map_err(Unreadable::plain)
}

fn text(form: &Map<String, Json>, name: &str) -> String {
    form.get(name).map(cast::to_text).unwrap_or_default()
}

fn shown(value: &Json) -> Response {
    let mut body = Vec::new();
    json::write_value(&mut body, value);
    answer::json(body)
}
