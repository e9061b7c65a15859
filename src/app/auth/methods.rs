//! Which ways of signing in a collection offers.

use serde_json::json;

use crate::app::App;
use crate::app::answer::Shape;
use crate::app::auth::account::{auth_collection, options_of};
use crate::base::error::Result;
use crate::ctx::Ctx;

/// Which ways of signing in a collection offers.
pub fn methods(app: &App, ctx: &Ctx, collection: &str) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let entry = auth_collection(app, collection)?;
    let options = options_of(&entry)?;
    let identity_fields: &[String] = if options.password_auth.enabled {
        &options.password_auth.identity_fields
    } else {
        &[]
    };
    let has = |name: &str| {
        options.password_auth.enabled && identity_fields.iter().any(|field| field == name)
    };
    let duration = |enabled: bool, seconds: i64| if enabled { seconds } else { 0 };
    let body = json!({
        "password": { "identityFields": identity_fields, "enabled": options.password_auth.enabled },
        "oauth2": { "providers": [], "enabled": options.oauth2.enabled },
        "mfa": { "enabled": options.mfa.enabled, "duration": duration(options.mfa.enabled, options.mfa.duration) },
        "otp": { "enabled": options.otp.enabled, "duration": duration(options.otp.enabled, options.otp.duration) },
        "authProviders": [],
        "usernamePassword": has("username"),
        "emailPassword": has("email"),
    });
    shape.apply(body.to_string().into_bytes())
}
