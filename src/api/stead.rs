//! What this server has beyond the contract.

use serde_json::json;

use crate::api::answer::{self, Response};
use crate::api::call::Call;
use crate::base::error::Result;

/// `GET /api/stead/capabilities`
pub(super) async fn capabilities(_call: Call) -> Result<Response> {
    let body = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "commit": option_env!("STEAD_COMMIT").unwrap_or_default(),
        "features": [],
    });
    Ok(answer::json(body.to_string().into_bytes()))
}
