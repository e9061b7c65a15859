//! The settings document. Superusers only.

use crate::api::answer::{self, Response};
use crate::api::body::{DEFAULT_LIMIT, Submitted};
use crate::api::call::Call;
use crate::app::settings;
use crate::base::error::Result;

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
        .map_err(|reason| reason.or("An error occurred while loading the submitted data."))?;
    let body = settings::update(&call.app, &call.ctx, changes).await?;
    Ok(answer::json(body))
}
