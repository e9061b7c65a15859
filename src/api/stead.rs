//! What this server has beyond the contract.

use serde_json::json;

use crate::api::answer::{self, Response};

/// `GET /api/stead/capabilities`
pub(super) fn capabilities() -> Response {
    let body = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commit": option_env!("STEAD_COMMIT").unwrap_or_default(),
        "features": ["resumable-uploads", "webp-thumbnails"],
    });
    answer::json(body.to_string().into_bytes())
}
