//! How a part of the product adds a job of its own.

use std::sync::Arc;

use crate::app::App;
use crate::base::cron::CronError;
use crate::base::error::Result;
use crate::cron;

/// Adds a job that works with the application, or replaces the one of that name.
pub fn add<F, R>(app: &App, id: &str, expression: &str, job: F) -> Result<(), CronError>
where
    F: Fn(App) -> R + Send + Sync + 'static,
    R: Future<Output = Result<()>> + Send + 'static,
{
    let handle = app.clone();
    let job: cron::Job = Arc::new(move || Box::pin(job(handle.clone())));
    app.jobs().add(id, expression, job)
}
