//! Which ways of signing in a collection offers.

use serde_json::{Value as Json, json};

use crate::app::App;
use crate::app::answer::Shape;
use crate::app::auth::account::{auth_collection, options_of};
use crate::auth::oauth2::{Provider, Start};
use crate::base::error::Result;
use crate::catalog::providers;
use crate::ctx::Ctx;
use crate::schema::OAuth2;

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
    let starts = starts(&options.oauth2);
    let services = |with_logo: bool| -> Vec<Json> {
        let shown = starts.iter();
        shown
            .map(|(provider, start)| describe(provider, start, with_logo))
            .collect()
    };
    let body = json!({
        "password": { "identityFields": identity_fields, "enabled": options.password_auth.enabled },
        "oauth2": { "providers": services(true), "enabled": options.oauth2.enabled },
        "mfa": { "enabled": options.mfa.enabled, "duration": duration(options.mfa.enabled, options.mfa.duration) },
        "otp": { "enabled": options.otp.enabled, "duration": duration(options.otp.enabled, options.otp.duration) },
        "authProviders": services(false),
        "usernamePassword": has("username"),
        "emailPassword": has("email"),
    });
    shape.apply(body.to_string().into_bytes())
}

/// A beginning with each service of a collection.
fn starts(oauth2: &OAuth2) -> Vec<(Provider<'_>, Start)> {
    if !oauth2.enabled {
        return Vec::new();
    }
    let known = oauth2.providers.iter().filter_map(Provider::of);
    known.map(|provider| (provider, provider.start())).collect()
}

fn describe(provider: &Provider<'_>, start: &Start, with_logo: bool) -> Json {
    let logo = if with_logo {
        providers::logo_of(provider.name())
    } else {
        String::new()
    };
    json!({
        "name": provider.name(),
        "displayName": provider.display_name(),
        "logo": logo,
        "state": start.state,
        "authURL": start.auth_url,
        "authUrl": start.auth_url,
        "codeVerifier": start.code_verifier,
        "codeChallenge": start.code_challenge,
        "codeChallengeMethod": start.code_challenge_method,
    })
}
