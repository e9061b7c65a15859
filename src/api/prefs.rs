//! What superusers keep about the admin UI.

use crate::api::answer::{self, Response};
use crate::api::body::Submitted;
use crate::api::call::Call;
use crate::api::reading::{DEFAULT_LIMIT, Unreadable};
use crate::app::prefs;
use crate::base::error::{Error, Result};

/// `GET /api/stead/prefs`
pub(super) fn list(call: &Call) -> Result<Response> {
    Ok(answer::json(prefs::list(&call.app, &call.ctx)?))
}

/// `PUT /api/stead/prefs/{scope}/{key}`
pub(super) async fn set(mut call: Call) -> Result<Response> {
    let submitted = call.read(DEFAULT_LIMIT).await;
    let form = submitted
        .and_then(Submitted::into_object)
        .map_err(Unreadable::plain)?;
    let Some(value) = form.get("value") else {
        return Err(Error::BadRequest(None));
    };
    let (scope, key) = (call.param("scope"), call.param("key"));
    prefs::set(&call.app, &call.ctx, scope, key, Some(value)).await?;
    Ok(answer::no_content())
}

/// `DELETE /api/stead/prefs/{scope}/{key}`
pub(super) async fn remove(call: Call) -> Result<Response> {
    let (scope, key) = (call.param("scope"), call.param("key"));
    prefs::set(&call.app, &call.ctx, scope, key, None).await?;
    Ok(answer::no_content())
}
