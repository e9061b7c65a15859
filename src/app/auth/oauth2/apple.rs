//! Making Apple's client secret from the operator's key. Nothing is stored.

use serde_json::{Map, Value as Json, json};

use crate::app::answer::Shape;
use crate::auth::oauth2::apple::{self, SecretParts};
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::base::secret::Secret;
use crate::ctx::Ctx;
use crate::schema::codes;

/// Length of Apple's ids of teams and keys.
const ID_LENGTH: usize = 10;
/// Longest lifetime that Apple accepts, in seconds: half a year.
const MAX_DURATION: i64 = 15_777_000;

/// Makes a client secret.
pub fn generate_client_secret(ctx: &Ctx, form: &Map<String, Json>) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let text = |name: &str| form.get(name).and_then(Json::as_str).unwrap_or_default();
    let parts = SecretParts {
        client_id: text("clientId"),
        team_id: text("teamId"),
        key_id: text("keyId"),
        private_key: Secret::new(text("privateKey")),
        duration: form
            .get("duration")
            .and_then(Json::as_i64)
            .unwrap_or_default(),
    };
    check(&parts)
        .into_result()
        .map_err(|issues| Error::invalid("Invalid client secret data.", issues))?;
    let secret = apple::client_secret(&parts, ctx.now).map_err(|reason| {
        Error::bad_request(format!(
            "Failed to generate client secret. Raw error: \n{reason}"
        ))
    })?;
    shape.apply(json!({ "secret": secret }).to_string().into_bytes())
}

fn check(parts: &SecretParts<'_>) -> Issues {
    let mut issues = Issues::new();
    let key = parts.private_key.expose();
    for (name, text) in [
        ("clientId", parts.client_id),
        ("teamId", parts.team_id),
        ("keyId", parts.key_id),
        ("privateKey", key),
    ] {
        if text.is_empty() {
            issues.add(name, Issue::required());
        }
    }
    for (name, text) in [("teamId", parts.team_id), ("keyId", parts.key_id)] {
        if text.len() != ID_LENGTH {
            issues.add(name, length_invalid());
        }
    }
    if !apple::is_private_key(key) {
        issues.add("privateKey", codes::match_invalid());
    }
    if parts.duration == 0 {
        issues.add("duration", Issue::required());
    }
    issues.check("duration", codes::in_range(parts.duration, 1, MAX_DURATION));
    issues
}

fn length_invalid() -> Issue {
    let message = format!("The length must be exactly {ID_LENGTH}.");
    Issue::new("validation_length_invalid", message)
        .with("min", ID_LENGTH)
        .with("max", ID_LENGTH)
}
