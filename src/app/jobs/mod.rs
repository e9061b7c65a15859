//! The server's own jobs, under the contract's names.
//!
//! A part of the product that has a job adds it with [`add()`]; the schedule runs only in a process that serves
//! ([`run`]).

mod add;
mod expired;
mod upkeep;

use crate::app::{App, backups, settings, uploads};
use crate::base::cron::CronError;
use crate::cron;

pub use add::add;

/// Adds the server's jobs and runs all jobs on their schedule, and looks after what others change and what has expired,
/// until the future is dropped.
///
/// Old log entries go at once: a server that never runs at the hours of the job must not keep them.
pub async fn run(app: &App) {
    if let Err(error) = add_system(app) {
        tracing::error!(%error, "the server's own jobs are incomplete");
    }
    backups::schedule(app);
    tokio::join!(
        cron::run(app.jobs().clone()),
        settings::follow_others(app),
        uploads::expire(app),
        upkeep::trim_logs_now(app)
    );
}

fn add_system(app: &App) -> Result<(), CronError> {
    add(app, "__pbDBOptimize__", "0 0 * * *", upkeep::optimize)?;
    add(
        app,
        "__pbMFACleanup__",
        "0 * * * *",
        expired::delete_sessions,
    )?;
    add(
        app,
        "__pbOTPCleanup__",
        "0 * * * *",
        expired::delete_passwords,
    )?;
    add(app, "__pbLogsCleanup__", "0 */6 * * *", upkeep::trim_logs)?;
    Ok(())
}
