//! Keeping the database files in shape.

use crate::app::App;
use crate::base::error::Result;
use crate::base::time::Timestamp;
use crate::sql::Sql;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Refreshes the planner's statistics and empties the write-ahead logs.
pub(super) async fn optimize(app: App) -> Result<()> {
    app.engine().optimize().await?;
    app.logs_engine().optimize().await?;
    Ok(())
}

/// Deletes log entries that are older than the settings say, or less important.
pub(super) async fn trim_logs(app: App) -> Result<()> {
    let logs = app.settings().logs.clone();
    let oldest = Timestamp::from_unix_ms(
        Timestamp::now()
            .unix_ms()
            .saturating_sub(logs.max_days.max(0).saturating_mul(DAY_MS)),
    );
    let mut sql: Sql = Sql::from_text("DELETE FROM _logs WHERE created <= ");
    sql.bind(oldest.to_string().as_str())
        .text(" OR level < ")
        .bind(logs.min_level);
    app.logs_engine()
        .write(move |tx| tx.execute(&sql).map(drop))
        .await?;
    Ok(())
}
