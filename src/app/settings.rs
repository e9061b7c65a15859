//! Reading and changing the settings.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::app::answer::Shape;
use crate::app::{App, backups, limits};
use crate::base::error::{Error, Result};
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::engine::Tx;
use crate::logs;
use crate::sql::{Sql, Value};

/// The settings without secrets.
pub fn view(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    shape.apply(app.settings().to_public_json()?)
}

/// Merges a change into the settings and answers the result. Changes happen on the writer, one after the other, so that
/// none is lost.
pub async fn update(app: &App, ctx: &Ctx, patch: Map<String, Json>) -> Result<Vec<u8>> {
    let patch = Json::Object(patch);
    let (job, publish) = (app.clone(), app.clone());
    app.engine()
        .exclusive(
            move |tx| {
                let settings = job.settings().merge(&patch)?;
                let stored = settings.to_storage(job.config().encryption_key.as_ref())?;
                store(tx, stored, Timestamp::now())?;
                Ok::<_, Error>(Arc::new(settings))
            },
            move |settings| publish.publish_settings(Arc::clone(settings)),
        )
        .await?;
    follow(app);
    view(app, ctx)
}

/// Sees to what follows from changed settings without anybody waiting for it.
fn follow(app: &App) {
    let settings = app.settings();
    if !settings.rate_limits.enabled {
        app.jobs().remove(limits::CLEANING_JOB);
    }
    backups::schedule(app);
    let app = app.clone();
    drop(tokio::spawn(async move {
        if let Err(error) = logs::trim(app.logs().engine(), &app.settings().logs).await {
            tracing::warn!(%error, "failed to delete log entries that are kept no longer");
        }
    }));
}

/// Writes the settings row; `stored` is what the settings look like at rest.
pub(crate) fn store(tx: &Tx, stored: Vec<u8>, now: Timestamp) -> Result<()> {
    let now = now.to_string();
    let mut sql: Sql =
        Sql::from_text("INSERT INTO _params (id, value, created, updated) VALUES ('settings', ");
    sql.bind(Value::Blob(stored))
        .text(", ")
        .bind(now.as_str())
        .text(", ")
        .bind(now.as_str());
    sql.text(") ON CONFLICT (id) DO UPDATE SET value = excluded.value, updated = excluded.updated");
    tx.execute(&sql)?;
    Ok(())
}
