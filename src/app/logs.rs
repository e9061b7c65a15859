//! The log as superusers see it.

use crate::app::App;
use crate::app::answer::Shape;
use crate::base::error::{Error, FaultExt as _, Result};
use crate::ctx::Ctx;
use crate::logs::{self, List};
use crate::query::Page;
use crate::record::{self, ListParams, Numbers};

/// A page of entries.
pub async fn list(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let params = ListParams::from_request(&ctx.request)?;
    let shape = Shape::of(ctx)?;
    app.logs().flush().await;
    let ctx = ctx.clone();
    let body = app
        .logs()
        .engine()
        .read_pooled(move |reader| {
            reader.consistent(|reader| {
                let wanted = List {
                    filter: &params.filter,
                    sort: &params.sort,
                    page: Page {
                        limit: i64::try_from(params.per_page).unwrap_or(i64::MAX),
                        offset: i64::try_from(params.offset()).unwrap_or(i64::MAX),
                    },
                };
                let items = logs::list(reader, &ctx, &wanted)?;
                let total = if params.skip_total {
                    None
                } else {
                    Some(logs::count(reader, &ctx, &params.filter)?)
                };
                Ok::<_, Error>(record::envelope(&items, &Numbers::of(&params, total)))
            })
        })
        .await?;
    shape.apply(body)
}

/// One entry.
pub async fn view(app: &App, ctx: &Ctx, id: &str) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    app.logs().flush().await;
    let id = id.to_owned();
    let found = app
        .logs()
        .engine()
        .read_pooled(move |reader| logs::one(reader, &id))
        .await?;
    shape.apply(found.ok_or(Error::NotFound(None))?)
}

/// How many entries there are per hour.
pub async fn stats(app: &App, ctx: &Ctx) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    app.logs().flush().await;
    let ctx = ctx.clone();
    let body = app
        .logs()
        .engine()
        .read_pooled(move |reader| {
            let filter = ctx.request.query_param("filter").unwrap_or_default();
            logs::stats(reader, &ctx, filter)
        })
        .await?;
    shape.apply(body)
}

/// Deletes everything.
pub async fn clear(app: &App) -> Result<()> {
    app.logs().flush().await;
    logs::delete_all(app.logs().engine())
        .await
        .fault("while deleting the log")
}
