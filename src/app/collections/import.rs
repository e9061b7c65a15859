//! Making and changing many collections at once.

use serde_json::{Map, Value as Json};

use super::removed_files::{forget_collection_files, forget_removed_files};
use super::{INVALID, NOT_LOADED, change};
use crate::app::App;
use crate::app::records::to_the_end;
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::catalog::{self, Missing};
use crate::ctx::Ctx;
use crate::engine::Tx;
use crate::events::{Event, Kind};

/// Makes and changes many collections at once.
pub async fn import(app: &App, ctx: &Ctx, form: Map<String, Json>) -> Result<()> {
    let items = match form.get("collections") {
        Some(Json::Array(items)) if items.iter().any(|item| !item.is_object()) => {
            return Err(Error::bad_request(NOT_LOADED));
        }
        Some(Json::Array(items)) if !items.is_empty() => items.clone(),
        _ => {
            return Err(Error::invalid(
                INVALID,
                Issues::one("collections", Issue::required()),
            ));
        }
    };
    let missing = match form.get("deleteMissing") {
        Some(Json::Bool(true)) => Missing::Delete,
        _ => Missing::Keep,
    };
    import_guarded(app, ctx, items, missing, Box::new(|_| Ok(()))).await
}

/// Makes and changes many collections at once, if something holds.
pub(crate) async fn import_guarded(
    app: &App,
    ctx: &Ctx,
    items: Vec<Json>,
    missing: Missing,
    guard: Guard,
) -> Result<()> {
    if app.events().wants(Kind::CollectionsImportRequest, None) {
        let event = Event::new(Kind::CollectionsImportRequest, ctx);
        event
            .members
            .set("collections", items.iter().cloned().collect());
        event
            .members
            .set("delete_missing", (missing == Missing::Delete).into());
        let (inner, ctx, members) = (app.clone(), ctx.clone(), event.members.clone());
        return app
            .events()
            .around(event, async move {
                let items = match members.get("collections") {
                    Json::Array(items) => items,
                    _ => items,
                };
                let missing = match members.get("delete_missing") {
                    Json::Bool(true) => Missing::Delete,
                    _ if missing == Missing::DeleteFields => missing,
                    _ => Missing::Keep,
                };
                import_now(&inner, &ctx, items, missing, guard).await
            })
            .await;
    }
    import_now(app, ctx, items, missing, guard).await
}

/// What has to hold, and what else is to be done, in the transaction of an import.
pub(crate) type Guard = Box<dyn FnOnce(&Tx) -> Result<()> + Send>;

async fn import_now(
    app: &App,
    ctx: &Ctx,
    items: Vec<Json>,
    missing: Missing,
    guard: Guard,
) -> Result<()> {
    let (app, now) = (app.clone(), ctx.now);
    to_the_end(async move {
        let (deleted, removed_files) = change(&app, move |tx| {
            guard(tx)?;
            let imported = catalog::import(tx, &items, missing, now)?;
            Ok(((imported.deleted, imported.removed_files), imported.schema))
        })
        .await?;
        forget_removed_files(&app, removed_files).await;
        for collection in deleted {
            forget_collection_files(&app, &collection.id).await;
        }
        Ok(())
    })
    .await
}
