//! Carrying a plan out.

use serde_json::{Map, Value as Json};

use crate::app::records::to_the_end;
use crate::app::schema_plan::{INVALID, Plan, Wanted, make, may_edit, scripts, state};
use crate::app::{App, collections};
use crate::base::cast;
use crate::base::error::{Error, FaultExt as _, Result};
use crate::base::issues::{Issue, Issues};
use crate::catalog;
use crate::ctx::Ctx;
use crate::engine::Tx;
use crate::events::Edit;

const MOVED: &str = "The schema changed since the plan was made.";

/// Carries out what a plan said, if it still says the same.
pub async fn apply(app: &App, ctx: &Ctx, form: &Map<String, Json>) -> Result<()> {
    let hash = form.get("hash").map(cast::to_text).unwrap_or_default();
    if hash.is_empty() {
        return Err(Error::invalid(
            INVALID,
            Issues::one("hash", Issue::required()),
        ));
    }
    let plan = make(app, ctx.now, Wanted::read(form)?, may_edit(app)).await?;
    if plan.hash != hash {
        return Err(moved(&plan));
    }
    // What is committed is also finished, even if the caller leaves in between.
    let (app, ctx) = (app.clone(), ctx.clone());
    to_the_end(async move { carry_out(&app, &ctx, plan).await }).await
}

/// The same on a command line, with a plan made a moment ago.
pub async fn apply_as_operator(app: &App, plan: Plan) -> Result<()> {
    carry_out(app, &Ctx::system(), plan).await
}

async fn carry_out(app: &App, ctx: &Ctx, plan: Plan) -> Result<()> {
    if let Some(error) = plan.blocked {
        return Err(error);
    }
    // What an earlier change left to be written comes first; if that fails, so would this.
    finish(app).await?;
    let Plan {
        state: expected,
        items,
        missing,
        edits,
        ..
    } = plan;
    let has_edits = !edits.is_empty();
    let guard = move |tx: &Tx| {
        if state(&catalog::load(tx)?) != expected {
            return Err(Error::Wire {
                status: 409,
                message: MOVED.into(),
                data: Json::Object(Map::new()),
            });
        }
        scripts::intend(tx, &edits)
    };
    collections::import_guarded(app, ctx, items, missing, Box::new(guard)).await?;
    if has_edits {
        // The change is committed; what is not written now is written at the next start.
        if let Err(error) = finish(app).await {
            tracing::error!(%error, "scripts do not follow the change of the collections yet");
        } else if let Some(listener) = app.events().listener()
            && let Err(error) = listener.edit(Edit::Reload).await
        {
            tracing::warn!(%error, "scripts were not loaded again");
        }
    }
    Ok(())
}

/// Finishes what was interrupted. For the start, before scripts are loaded.
pub async fn recover(app: &App) {
    if let Err(error) = finish(app).await {
        tracing::error!(%error, "scripts do not follow the change of the collections yet");
    }
}

/// Writes the scripts that a committed change is waiting for.
async fn finish(app: &App) -> Result<()> {
    let Some(edits) = app.engine().read(scripts::intended)? else {
        return Ok(());
    };
    let Some(place) = &app.config().scripts else {
        return Ok(());
    };
    let folder = place.folder.clone();
    tokio::task::spawn_blocking(move || scripts::write(&folder, &edits))
        .await
        .fault("while writing scripts")??;
    app.engine().write(scripts::settle).await
}

fn moved(plan: &Plan) -> Error {
    let mut data = Map::new();
    data.insert("plan".to_owned(), plan.to_json());
    Error::Wire {
        status: 409,
        message: MOVED.into(),
        data: Json::Object(data),
    }
}
