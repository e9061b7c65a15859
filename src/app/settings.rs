//! Reading and changing the settings.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::app::answer::Shape;
use crate::base::error::{Error, Result};
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::settings::Settings;
use crate::sql::{Sql, Value};

/// The settings without secrets.
pub fn view(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    shape.apply(app.settings().to_public_json()?)
}

/// Merges a change into the settings and answers the result.
pub async fn update(app: &App, ctx: &Ctx, patch: Map<String, Json>) -> Result<Vec<u8>> {
    let patch = Json::Object(patch);
    change(app, move |settings| settings.merge(&patch)).await?;
    view(app, ctx)
}

/// Rewrites rate limit labels of a collection that got another name.
pub(crate) async fn rename_collection(app: &App, old: &str, new: &str) -> Result<()> {
    let prefix = format!("{old}:");
    if !app
        .settings()
        .rate_limits
        .rules
        .iter()
        .any(|rule| rule.label.starts_with(&prefix))
    {
        return Ok(());
    }
    let new = new.to_owned();
    change(app, move |settings| {
        let mut settings = settings.clone();
        for rule in &mut settings.rate_limits.rules {
            if let Some(tag) = rule.label.strip_prefix(&prefix) {
                rule.label = format!("{new}:{tag}");
            }
        }
        Ok(settings)
    })
    .await
}

/// Works out new settings from the present ones, stores and publishes them. It happens on the writer, one change after
/// the other, so that none is lost.
async fn change(
    app: &App,
    next: impl FnOnce(&Settings) -> Result<Settings> + Send + 'static,
) -> Result<()> {
    let (job, publish) = (app.clone(), app.clone());
    app.engine()
        .exclusive(
            move |tx| {
                let settings = next(&job.settings())?;
                let stored = settings.to_storage(job.config().encryption_key.as_ref())?;
                let now = Timestamp::now().to_string();
                let mut sql: Sql =
                    Sql::from_text("INSERT INTO _params (id, value, created, updated) VALUES ('settings', ");
                sql.bind(Value::Blob(stored)).text(", ").bind(now.as_str()).text(", ").bind(now.as_str());
                sql.text(") ON CONFLICT (id) DO UPDATE SET value = excluded.value, updated = excluded.updated");
                tx.execute(&sql)?;
                Ok::<_, Error>(Arc::new(settings))
            },
            move |settings| publish.publish_settings(Arc::clone(settings)),
        )
        .await?;
    Ok(())
}
