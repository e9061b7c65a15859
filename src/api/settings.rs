//! The settings document. Superusers only.

use axum::http::StatusCode;
use serde_json::Value as Json;

use crate::api::answer::{self, Response};
use crate::api::call::Call;
use crate::api::form::{Kind, Member, member};
use crate::api::reading::DEFAULT_LIMIT;
use crate::app::{auth, settings};
use crate::base::error::Result;
use crate::settings::Settings;

const NOT_LOADED: &str = "An error occurred while loading the submitted data.";
const TEST_EMAIL: [Member; 3] = [
    member("template", Kind::Text),
    member("email", Kind::Text),
    member("collection", Kind::Text),
];

/// `GET /api/settings`
pub(super) async fn view(call: Call) -> Result<Response> {
    let body = settings::list(&call.app, &call.ctx).await?;
    Ok(answer::json(body))
}

/// `PATCH /api/settings`
pub(super) async fn update(mut call: Call) -> Result<Response> {
    let submitted = call.read(DEFAULT_LIMIT).await;
    let changes = submitted
        .and_then(|body| body.into_document(Settings::template))
        .map_err(|reason| reason.or(NOT_LOADED))?;
    let body = settings::update(&call.app, &call.ctx, changes).await?;
    Ok(answer::json(body))
}

/// `POST /api/settings/test/email`
pub(super) async fn test_email(mut call: Call) -> Result<Response> {
    let submitted = call.read(DEFAULT_LIMIT).await;
    let form = submitted
        .and_then(|body| body.form(&TEST_EMAIL))
        .map_err(|reason| reason.or(NOT_LOADED))?;
    auth::send_test_mail(&call.app, &call.ctx, &form).await?;
    Ok(answer::no_content())
}

/// `POST /api/settings/test/s3`
pub(super) async fn test_s3(mut call: Call) -> Result<Response> {
    let submitted = call.read(DEFAULT_LIMIT).await;
    let form = submitted
        .and_then(|submitted| submitted.form(&[member("filesystem", Kind::Text)]))
        .map_err(|reason| reason.or("An error occurred while loading the submitted data."))?;
    let filesystem = form.get("filesystem").and_then(Json::as_str);
    settings::test_s3(&call.app, filesystem.unwrap_or_default()).await?;
    Ok(answer::empty(StatusCode::NO_CONTENT))
}
