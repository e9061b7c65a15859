//! Signing in through other services.

use axum::http::StatusCode;
use serde_json::Value as Json;

use crate::api::accounts::form;
use crate::api::answer::{self, Response};
use crate::api::auth::signed_in;
use crate::api::call::Call;
use crate::api::form::{Kind, Member, member};
use crate::api::reading::DEFAULT_LIMIT;
use crate::app::auth::Way;
use crate::app::auth::oauth2::{self, Returned};
use crate::base::error::Result;

const NOT_LOADED: &str = "An error occurred while loading the submitted data.";
const SIGN_IN: [Member; 6] = [
    member("provider", Kind::Text),
    member("code", Kind::Text),
    member("codeVerifier", Kind::Text),
    member("redirectURL", Kind::Text),
    member("redirectUrl", Kind::Text),
    member("createData", Kind::Object),
];
const REDIRECT: [Member; 4] = [
    member("state", Kind::Text),
    member("code", Kind::Text),
    member("error", Kind::Text),
    member("user", Kind::Text),
];
/// Largest form of a redirect, in bytes.
const MAX_REDIRECT: usize = 64 << 10;
const APPLE: [Member; 5] = [
    member("clientId", Kind::Text),
    member("teamId", Kind::Text),
    member("keyId", Kind::Text),
    member("privateKey", Kind::Text),
    member("duration", Kind::Integer),
];

/// `POST /api/collections/{collection}/auth-with-oauth2`
pub(super) async fn sign_in(mut call: Call) -> Result<Response> {
    let form = form(&mut call, &SIGN_IN, Way::OAuth2).await?;
    let result = oauth2::with_oauth2(&call.app, &call.ctx, call.param("collection"), form).await?;
    Ok(signed_in(result))
}

/// `POST /api/settings/apple/generate-client-secret`
pub(super) async fn generate_apple_secret(mut call: Call) -> Result<Response> {
    let submitted = call.read(DEFAULT_LIMIT).await;
    let form = submitted
        .and_then(|body| body.form(&APPLE))
        .map_err(|reason| reason.or(NOT_LOADED))?;
    let body = oauth2::generate_client_secret(&call.ctx, &form)?;
    Ok(answer::json(body))
}

/// `GET /api/oauth2-redirect` and, for services that post a form, `POST /api/oauth2-redirect`
pub(super) async fn redirect(mut call: Call) -> Result<Response> {
    let status = if call.ctx.request.method == "GET" {
        StatusCode::TEMPORARY_REDIRECT
    } else {
        // The page is to be fetched with a GET.
        StatusCode::SEE_OTHER
    };
    let returned = if call.ctx.request.method == "POST" {
        let form = call.read(MAX_REDIRECT).await;
        form.and_then(|body| body.form(&REDIRECT))
            .map(|form| returned(|name| form.get(name).and_then(Json::as_str)))
            .unwrap_or_default()
    } else {
        returned(|name| call.ctx.request.query_param(name))
    };
    let success = oauth2::hand_on(&call.app, &call.ctx, &returned);
    let page = if success { "success" } else { "failure" };
    Ok(answer::redirect(
        status,
        &format!("../_/#/auth/oauth2-redirect-{page}"),
    ))
}

fn returned<'a>(text: impl Fn(&str) -> Option<&'a str>) -> Returned {
    let text = |name| text(name).unwrap_or_default().to_owned();
    Returned {
        state: text("state"),
        code: text("code"),
        error: text("error"),
        user: text("user"),
    }
}
