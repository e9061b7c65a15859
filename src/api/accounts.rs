//! Proving an address, choosing a new password, changing the address: each asked for by mail and then confirmed.

use crate::api::answer::{self, Response};
use crate::api::call::Call;
use crate::api::form::{Kind, Member, member};
use crate::app::auth::{self, Way};
use crate::base::error::Result;
use serde_json::{Map, Value as Json};

const NOT_LOADED: &str = "An error occurred while loading the submitted data.";
const EMAIL: [Member; 1] = [member("email", Kind::Text)];
const NEW_EMAIL: [Member; 1] = [member("newEmail", Kind::Text)];
const TOKEN: [Member; 1] = [member("token", Kind::Text)];
const TOKEN_AND_PASSWORD: [Member; 2] =
    [member("token", Kind::Text), member("password", Kind::Text)];
const NEW_PASSWORD: [Member; 3] = [
    member("token", Kind::Text),
    member("password", Kind::Text),
    member("passwordConfirm", Kind::Text),
];

/// The members of a form of the auth endpoints, where the collection has a use for them.
pub(super) async fn form(call: &mut Call, known: &[Member], way: Way) -> Result<Map<String, Json>> {
    auth::check_way(&call.app, call.param("collection"), way)?;
    let form = call.form(known).await;
    form.map_err(|reason| reason.named_or(NOT_LOADED))
}

/// `POST /api/collections/{collection}/request-verification`
pub(super) async fn request_verification(mut call: Call) -> Result<Response> {
    let form = form(&mut call, &EMAIL, Way::Verification).await?;
    auth::request_verification(&call.app, &call.ctx, call.param("collection"), &form).await?;
    Ok(answer::no_content())
}

/// `POST /api/collections/{collection}/confirm-verification`
pub(super) async fn confirm_verification(mut call: Call) -> Result<Response> {
    let form = form(&mut call, &TOKEN, Way::Verification).await?;
    auth::confirm_verification(&call.app, &call.ctx, call.param("collection"), &form).await?;
    Ok(answer::no_content())
}

/// `POST /api/collections/{collection}/request-password-reset`
pub(super) async fn request_password_reset(mut call: Call) -> Result<Response> {
    let form = form(&mut call, &EMAIL, Way::PasswordReset).await?;
    auth::request_password_reset(&call.app, &call.ctx, call.param("collection"), &form).await?;
    Ok(answer::no_content())
}

/// `POST /api/collections/{collection}/confirm-password-reset`
pub(super) async fn confirm_password_reset(mut call: Call) -> Result<Response> {
    auth::check_way(&call.app, call.param("collection"), Way::NewPassword)?;
    // Compat: the one form that does not tell an unknown content type from a malformed body.
    let form = call.form(&NEW_PASSWORD).await;
    let form = form.map_err(|reason| reason.or(NOT_LOADED))?;
    auth::confirm_password_reset(&call.app, &call.ctx, call.param("collection"), &form).await?;
    Ok(answer::no_content())
}

/// `POST /api/collections/{collection}/request-email-change`
pub(super) async fn request_email_change(mut call: Call) -> Result<Response> {
    let form = form(&mut call, &NEW_EMAIL, Way::EmailChange).await?;
    auth::request_email_change(&call.app, &call.ctx, call.param("collection"), &form).await?;
    Ok(answer::no_content())
}

/// `POST /api/collections/{collection}/confirm-email-change`
pub(super) async fn confirm_email_change(mut call: Call) -> Result<Response> {
    let form = form(&mut call, &TOKEN_AND_PASSWORD, Way::EmailChange).await?;
    auth::confirm_email_change(&call.app, &call.ctx, call.param("collection"), &form).await?;
    Ok(answer::no_content())
}
