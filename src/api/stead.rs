//! What this server has beyond the contract.

use serde_json::json;

use crate::api::answer::{self, Response};
use crate::api::call::Call;
use crate::app::realtime::changes;
use crate::app::{insights, replica};
use crate::base::error::Result;
use crate::describe;

/// `GET /api/stead/capabilities`
pub(super) fn capabilities() -> Response {
    let body = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commit": option_env!("STEAD_COMMIT").unwrap_or_default(),
        "features": [
            "resumable-uploads", "webp-thumbnails", "realtime-resume", "changes", "replica",
            "prefs", "job-runs", "rules", "rule-tests", "schema-plan", "insights", "hook-symbols", "hook-dry-run", "hook-revisions",
        ],
    });
    answer::json(body.to_string().into_bytes())
}

/// `GET /api/stead/openapi.json`
pub(super) fn openapi(call: &Call) -> Response {
    let is_whole = call.ctx.is_superuser();
    let mut models = describe::models(&call.app.snapshot());
    if !is_whole {
        models = describe::public(models);
    }
    let settings = call.app.settings();
    let url = settings.meta.app_url.trim_end_matches('/');
    let server = if url.is_empty() { "/" } else { url };
    let document = describe::openapi(&models, server, is_whole);
    answer::json(document.to_string().into_bytes())
}

/// `GET /api/stead/insights`
pub(super) async fn insights(call: Call) -> Result<Response> {
    Ok(answer::json(insights::show(&call.app, &call.ctx).await?))
}

/// `GET /api/stead/replica`
pub(super) fn replica(call: &Call) -> Response {
    answer::json(replica::describe(&call.app).to_string().into_bytes())
}

/// `GET /api/stead/changes`
pub(super) async fn changes(call: Call) -> Result<Response> {
    Ok(answer::json(changes::list(&call.app, &call.ctx).await?))
}
