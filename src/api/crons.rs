//! Jobs: listing them and running one at once. Superusers only.

use crate::api::answer::{self, Response};
use crate::api::call::Call;
use crate::app::crons;
use crate::base::error::Result;

/// `GET /api/crons`
pub(super) fn list(call: &Call) -> Result<Response> {
    Ok(answer::json(crons::list(&call.app, &call.ctx)?))
}

/// `GET /api/stead/jobs/runs`
pub(super) fn runs(call: &Call) -> Result<Response> {
    Ok(answer::json(crons::runs(&call.app, &call.ctx)?))
}

/// `POST /api/crons/{id}`
pub(super) fn run(call: &Call) -> Result<Response> {
    crons::run(&call.app, call.param("id"))?;
    Ok(answer::no_content())
}
