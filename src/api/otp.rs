//! One-time passwords: asking for one, signing in with it.

use crate::api::accounts::form;
use crate::api::answer::{self, Response};
use crate::api::auth::signed_in;
use crate::api::call::Call;
use crate::api::form::{Kind, Member, member};
use crate::app::auth::{self, Way};
use crate::base::error::Result;

const EMAIL: [Member; 1] = [member("email", Kind::Text)];
const CODE: [Member; 2] = [member("otpId", Kind::Text), member("password", Kind::Text)];

/// `POST /api/collections/{collection}/request-otp`
pub(super) async fn request(mut call: Call) -> Result<Response> {
    let form = form(&mut call, &EMAIL, Way::OneTimePassword).await?;
    let body = auth::request_otp(&call.app, &call.ctx, call.param("collection"), &form).await?;
    Ok(answer::json(body))
}

/// `POST /api/collections/{collection}/auth-with-otp`
pub(super) async fn sign_in(mut call: Call) -> Result<Response> {
    let form = form(&mut call, &CODE, Way::OneTimePassword).await?;
    let result = auth::with_otp(&call.app, &call.ctx, call.param("collection"), &form).await?;
    Ok(signed_in(result))
}
