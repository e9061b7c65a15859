//! Signing in through other services.

use axum::http::StatusCode;

use crate::api::answer::{self, Response};
use crate::api::body::{DEFAULT_LIMIT, Unreadable};
use crate::api::call::Call;
use crate::api::form::{Kind, Member, member};
use crate::app::auth::{SignIn, oauth2};
use crate::base::error::Result;

const NOT_LOADED: &str = "An error occurred while loading the submitted data.";
const SIGN_IN: [Member; 7] = [
    member("provider", Kind::Text),
    member("code", Kind::Text),
    member("codeVerifier", Kind::Text),
    member("redirectURL", Kind::Text),
    member("redirectUrl", Kind::Text),
    member("createData", Kind::Object),
    member("mfaId", Kind::Text),
];
const APPLE: [Member; 5] = [
    member("clientId", Kind::Text),
    member("teamId", Kind::Text),
    member("keyId", Kind::Text),
    member("privateKey", Kind::Text),
    member("duration", Kind::Integer),
];

/// `POST /api/collections/{collection}/auth-with-oauth2`
pub(super) async fn sign_in(mut call: Call) -> Result<Response> {
    oauth2::check_enabled(&call.app, call.param("collection"))?;
    let submitted = call.read(DEFAULT_LIMIT).await;
    let form = submitted
        .and_then(|body| body.into_form(&SIGN_IN))
        .map_err(|reason| match reason {
            Unreadable::UnsupportedType => reason.plain(),
            _ => reason.or(NOT_LOADED),
        })?;
    let signed_in =
        oauth2::with_oauth2(&call.app, &call.ctx, call.param("collection"), form).await?;
    Ok(match signed_in {
        SignIn::Complete(body) => answer::json(body),
        SignIn::NeedsSecondFactor(body) => answer::json_with_status(StatusCode::UNAUTHORIZED, body),
    })
}

/// `POST /api/settings/apple/generate-client-secret`
pub(super) async fn generate_apple_secret(mut call: Call) -> Result<Response> {
    let submitted = call.read(DEFAULT_LIMIT).await;
    let form = submitted
        .and_then(|body| body.into_form(&APPLE))
        .map_err(|reason| reason.or(NOT_LOADED))?;
    let body = oauth2::generate_client_secret(&call.ctx, &form)?;
    Ok(answer::json(body))
}
