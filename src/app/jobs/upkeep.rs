//! Keeping the database files in shape.

use crate::app::App;
use crate::base::error::Result;
use crate::logs;

/// Refreshes the planner's statistics and empties the write-ahead logs.
pub(super) async fn optimize(app: App) -> Result<()> {
    app.engine().optimize().await?;
    app.logs().engine().optimize().await?;
    Ok(())
}

/// Does once what the job of this name does on its schedule.
pub(super) async fn trim_logs_now(app: &App) {
    if let Err(error) = trim_logs(app.clone()).await {
        tracing::warn!(%error, "old log entries cannot be deleted");
    }
}

/// Deletes log entries that are older than the settings say, or less important.
pub(super) async fn trim_logs(app: App) -> Result<()> {
    let settings = app.settings();
    logs::trim(app.logs().engine(), &settings.logs).await?;
    Ok(())
}
