//! The settings document. Superusers only.

use crate::api::answer::{self, Response};
use crate::api::body::{DEFAULT_LIMIT, Submitted};
use crate::api::call::Call;
use crate::api::form::{Kind, Member, member};
use crate::app::{auth, settings};
use crate::base::error::Result;

const NOT_LOADED: &str = "An error occurred while loading the submitted data.";
const TEST_EMAIL: [Member; 3] = [
    member("template", Kind::Text),
    member("email", Kind::Text),
    member("collection", Kind::Text),
];

/// `GET /api/settings`
pub(super) fn view(call: &Call) -> Result<Response> {
    let body = settings::view(&call.app, &call.ctx)?;
    Ok(answer::json(body))
}

/// `PATCH /api/settings`
pub(super) async fn update(mut call: Call) -> Result<Response> {
    let submitted = call.read(DEFAULT_LIMIT).await;
    let changes = submitted
        .and_then(Submitted::into_object)
        .map_err(|reason| reason.or(NOT_LOADED))?;
    let body = settings::update(&call.app, &call.ctx, changes).await?;
    Ok(answer::json(body))
}

/// `POST /api/settings/test/email`
pub(super) async fn test_email(mut call: Call) -> Result<Response> {
    let submitted = call.read(DEFAULT_LIMIT).await;
    let form = submitted
        .and_then(|body| body.into_form(&TEST_EMAIL))
        .map_err(|reason| reason.or(NOT_LOADED))?;
    auth::send_test_mail(&call.app, &call.ctx, &form).await?;
    Ok(answer::no_content())
}
