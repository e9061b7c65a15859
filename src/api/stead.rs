//! What this server has beyond the contract.

use serde_json::json;

use crate::api::answer::{self, Response};
use crate::api::call::Call;
use crate::app::realtime::changes;
use crate::app::replica;
use crate::base::error::Result;

/// `GET /api/stead/capabilities`
pub(super) fn capabilities() -> Response {
    let body = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commit": option_env!("STEAD_COMMIT").unwrap_or_default(),
        "features": [
            "resumable-uploads", "webp-thumbnails", "realtime-resume", "changes", "replica",
            "prefs", "job-runs",
        ],
    });
    answer::json(body.to_string().into_bytes())
}

/// `GET /api/stead/replica`
pub(super) fn replica(call: &Call) -> Response {
    answer::json(replica::describe(&call.app).to_string().into_bytes())
}

/// `GET /api/stead/changes`
pub(super) async fn changes(call: Call) -> Result<Response> {
    Ok(answer::json(changes::list(&call.app, &call.ctx).await?))
}
