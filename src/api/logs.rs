//! The log: list, view, statistics, delete. Superusers only.

use crate::api::answer::{self, Response};
use crate::api::call::Call;
use crate::app::logs;
use crate::base::error::Result;

/// `GET /api/logs`
pub(super) async fn list(call: Call) -> Result<Response> {
    Ok(answer::json(logs::list(&call.app, &call.ctx).await?))
}

/// `GET /api/logs/stats`
pub(super) async fn stats(call: Call) -> Result<Response> {
    Ok(answer::json(logs::stats(&call.app, &call.ctx).await?))
}

/// `GET /api/logs/{id}`
pub(super) async fn view(call: Call) -> Result<Response> {
    let body = logs::view(&call.app, &call.ctx, call.param("id")).await?;
    Ok(answer::json(body))
}

/// `DELETE /api/logs`
pub(super) async fn clear(call: Call) -> Result<Response> {
    logs::clear(&call.app).await?;
    Ok(answer::no_content())
}
