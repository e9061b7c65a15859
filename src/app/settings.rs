//! Reading and changing the settings.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::app::answer::Shape;
use crate::base::error::{Error, Result};
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::engine::Tx;
use crate::events::{Event, Kind};
use crate::sql::{Sql, Value};

/// The settings without secrets.
pub fn view(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    shape.apply(app.settings().to_public_json()?)
}

/// Merges a change into the settings and answers the result. Changes happen on the writer, one after the other, so that
/// none is lost.
pub async fn update(app: &App, ctx: &Ctx, patch: Map<String, Json>) -> Result<Vec<u8>> {
    if !app.events().wants(Kind::SettingsUpdateRequest, None) {
        return update_now(app, ctx, patch).await;
    }
    let event = Event::new(Kind::SettingsUpdateRequest, ctx);
    event
        .members
        .set("old_settings", to_json(&app.settings().to_public_json()?));
    event.members.set("new_settings", Json::Object(patch));
    let (members, inner, ctx) = (event.members.clone(), app.clone(), ctx.clone());
    app.events()
        .around(event, async move {
            let patch = match members.get("new_settings") {
                Json::Object(patch) => patch,
                _ => Map::new(),
            };
            update_now(&inner, &ctx, patch).await
        })
        .await
}

fn to_json(body: &[u8]) -> Json {
    serde_json::from_slice(body).unwrap_or_default()
}

async fn update_now(app: &App, ctx: &Ctx, patch: Map<String, Json>) -> Result<Vec<u8>> {
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
    app.events()
        .tell(Event::new(Kind::SettingsReload, ctx))
        .await;
    view(app, ctx)
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
