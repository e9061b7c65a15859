//! Signing in and staying signed in.

use axum::http::StatusCode;

use crate::api::accounts::form;
use crate::api::answer::{self, Response};
use crate::api::call::Call;
use crate::api::form::{Kind, Member, member};
use crate::api::reading::Unreadable;
use crate::app::auth::{self, SignIn, Way};
use crate::base::error::Result;

const NOT_LOADED: &str = "An error occurred while loading the submitted data.";
const PASSWORD: [Member; 3] = [
    member("identity", Kind::Text),
    member("password", Kind::Text),
    member("identityField", Kind::Text),
];
const IMPERSONATE: [Member; 1] = [member("duration", Kind::Integer)];

/// `GET /api/collections/{collection}/auth-methods`
pub(super) fn methods(call: &Call) -> Result<Response> {
    let body = auth::methods(&call.app, &call.ctx, call.param("collection"))?;
    Ok(answer::json(body))
}

/// `POST /api/collections/{collection}/auth-with-password`
pub(super) async fn with_password(mut call: Call) -> Result<Response> {
    let form = form(&mut call, &PASSWORD, Way::Password).await?;
    let result = auth::with_password(&call.app, &call.ctx, call.param("collection"), &form).await?;
    Ok(signed_in(result))
}

/// The answer to a sign-in that is complete, or needs a second factor.
pub(super) fn signed_in(result: SignIn) -> Response {
    match result {
        SignIn::Complete(body) => answer::json(body),
        SignIn::NeedsSecondFactor(body) => answer::json_with_status(StatusCode::UNAUTHORIZED, body),
    }
}

/// `POST /api/collections/{collection}/auth-refresh`
pub(super) async fn refresh(mut call: Call) -> Result<Response> {
    auth::check_refreshable(&call.app, &call.ctx, call.param("collection"))?;
    // It has no members of its own, but the auth rule may ask for some.
    call.form(&[]).await.map_err(Unreadable::plain)?;
    let token = call.token().unwrap_or_default();
    let body = auth::refresh(&call.app, &call.ctx, call.param("collection"), token).await?;
    Ok(answer::json(body))
}

/// `POST /api/collections/{collection}/impersonate/{id}`
pub(super) async fn impersonate(mut call: Call) -> Result<Response> {
    auth::check_impersonated(&call.app, call.param("collection"), call.param("id"))?;
    let form = call.form(&IMPERSONATE).await;
    let form = form.map_err(|reason| reason.or(NOT_LOADED))?;
    let (collection, id) = (call.param("collection"), call.param("id"));
    let body = auth::impersonate(&call.app, &call.ctx, collection, id, &form).await?;
    Ok(answer::json(body))
}
