//! Jobs as superusers see them.

use crate::app::App;
use crate::app::answer::Shape;
use crate::base::error::{Error, FaultExt as _, Result};
use crate::cron::Start;
use crate::ctx::Ctx;

/// All jobs with their schedules.
pub fn list(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let body = serde_json::to_vec(&app.jobs().list()).fault("while listing the jobs")?;
    shape.apply(body)
}

/// What became of runs since the server started, newest first.
pub fn runs(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let body = serde_json::to_vec(&app.jobs().runs()).fault("while listing runs of jobs")?;
    shape.apply(body)
}

/// Starts a job in the background. One that runs already is left alone.
pub fn run(app: &App, id: &str) -> Result<()> {
    match app.jobs().start(id) {
        Start::Started | Start::Busy => Ok(()),
        Start::Unknown => Err(Error::not_found("Missing or invalid cron job.")),
    }
}
