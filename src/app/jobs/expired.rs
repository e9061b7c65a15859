//! Deleting second-factor sessions and one-time passwords whose time is over.

use crate::app::App;
use crate::base::error::Result;
use crate::base::time::Timestamp;
use crate::engine::Error as EngineError;
use crate::schema::{AuthOptions, MFAS, OTPS};
use crate::sql::Sql;

/// Deletes the sessions that nobody can complete any more.
pub(super) async fn delete_sessions(app: App) -> Result<()> {
    delete(app, MFAS, |options| options.mfa.duration).await
}

/// Deletes the one-time passwords that nobody can use any more.
pub(super) async fn delete_passwords(app: App) -> Result<()> {
    delete(app, OTPS, |options| options.otp.duration).await
}

/// Deletes from a system table what is older than its auth collection allows, in seconds.
async fn delete(app: App, table: &'static str, lifetime: fn(&AuthOptions) -> i64) -> Result<()> {
    let now = Timestamp::now().unix_ms();
    let snapshot = app.snapshot();
    let statements: Vec<Sql> = snapshot
        .collections()
        .filter_map(|entry| {
            let options = entry.auth_options()?;
            let age_ms = lifetime(options).saturating_mul(1000);
            let oldest = Timestamp::from_unix_ms(now.saturating_sub(age_ms));
            let mut sql = Sql::from_text("DELETE FROM ");
            sql.text(table).text(" WHERE collectionRef = ");
            sql.bind(entry.id.as_str())
                .text(" AND created < ")
                .bind(oldest.to_string().as_str());
            Some(sql)
        })
        .collect();
    app.engine()
        .write(move |tx| {
            for sql in &statements {
                tx.execute(sql)?;
            }
            Ok::<_, EngineError>(())
        })
        .await?;
    Ok(())
}
