//! Lists, views and answers to saves where handlers have a say in what is shown.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::app::App;
use crate::app::answer::Shape;
use crate::app::entries::by_id;
use crate::base::error::Result;
use crate::base::json;
use crate::ctx::Ctx;
use crate::events::{Event, Item, Items, Kind, KindSet, Members};
use crate::record::{self, ListParams, Numbers, RowPath, Rows, SharedRecord};
use crate::schema::Entry;

/// Kinds that make a list go step by step.
pub(super) const LIST: KindSet = KindSet::of(&[Kind::RecordsListRequest, Kind::RecordEnrich]);

/// Kinds that make a view go step by step.
pub(super) const VIEW: KindSet = KindSet::of(&[Kind::RecordViewRequest, Kind::RecordEnrich]);

/// Says whether handlers have a say: in what is done to a collection's records, or in how one is shown that they are
/// expanded with.
pub(super) fn is_wanted(app: &App, ctx: &Ctx, kinds: KindSet, entry: &Entry) -> bool {
    let expand = ctx.request.query_param("expand").unwrap_or_default();
    app.events().wants_any(kinds, entry)
        || (!expand.is_empty() && app.events().wants_somewhere(Kind::RecordEnrich))
}

/// A page of records.
pub(super) async fn list(
    app: &App,
    ctx: &Ctx,
    entry: Arc<Entry>,
    params: ListParams,
) -> Result<Vec<u8>> {
    let (inner, ctx) = (app.clone(), ctx.clone());
    app.events()
        .host(async move {
            let (read_ctx, id, wanted) = (ctx.clone(), entry.id.clone(), params.clone());
            let (rows, total) = inner
                .look(move |reader, snapshot| {
                    let entry = by_id(snapshot, &id)?;
                    record::list_rows(reader, snapshot, &read_ctx, entry, &wanted)
                })
                .await?;
            let mut event = Event::new(Kind::RecordsListRequest, &ctx).of(&entry);
            event.records = (0..rows.len())
                .map(|row| SharedRecord::new(rows.record(row)))
                .collect();
            let numbers = Numbers::of(&params, total);
            event.members.set(
                "result",
                json!({
                    "page": numbers.page, "perPage": numbers.per_page,
                    "totalItems": numbers.total_items, "totalPages": numbers.total_pages,
                }),
            );
            let (records, members, items) = (
                event.records.clone(),
                event.members.clone(),
                event.items.clone(),
            );
            let app = inner.clone();
            inner
                .events()
                .around(event, async move {
                    let rows = enriched(&app, &ctx, rows, &records).await?;
                    let numbers = left(&members.get("result"), numbers);
                    Ok(record::envelope(&written(&rows, &items)?, &numbers))
                })
                .await
        })
        .await
}

/// The numbers of a page as handlers left them.
fn left(result: &Json, numbers: Numbers) -> Numbers {
    let number = |name: &str, otherwise: i64| {
        let value = result.get(name).and_then(Json::as_i64);
        value.unwrap_or(otherwise)
    };
    Numbers {
        page: number("page", numbers.page),
        per_page: number("perPage", numbers.per_page),
        total_items: number("totalItems", numbers.total_items),
        total_pages: number("totalPages", numbers.total_pages),
    }
}

/// The items of a page, one behind the other with commas between: its rows, or what handlers put in their place.
fn written(rows: &Rows, items: &Items) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(256 * rows.len());
    let mut add = |write: &mut dyn FnMut(&mut Vec<u8>)| {
        if !out.is_empty() {
            out.push(b',');
        }
        write(&mut out);
        record::check_size(out.len())
    };
    match &*items.lock() {
        None => {
            for row in 0..rows.len() {
                add(&mut |out| rows.write(out, row))?;
            }
        }
        Some(items) => {
            for item in items {
                match item {
                    Item::Row(row) => add(&mut |out| rows.write(out, *row))?,
                    Item::Other(value) => add(&mut |out| json::write_value(out, value))?,
                }
            }
        }
    }
    Ok(out)
}

/// One record.
pub(super) async fn view(
    app: &App,
    ctx: &Ctx,
    entry: Arc<Entry>,
    id: &str,
    shape: Shape,
) -> Result<Vec<u8>> {
    let (inner, ctx, id) = (app.clone(), ctx.clone(), id.to_owned());
    app.events()
        .host(async move {
            let (read_ctx, entry_id) = (ctx.clone(), entry.id.clone());
            let rows = inner
                .look(move |reader, snapshot| {
                    let expand = read_ctx.request.query_param("expand").unwrap_or_default();
                    let entry = by_id(snapshot, &entry_id)?;
                    record::view_rows(reader, snapshot, &read_ctx, entry, &id, expand)
                })
                .await?;
            let record = SharedRecord::new(rows.record(0));
            let event = Event::new(Kind::RecordViewRequest, &ctx).about(&record);
            let app = inner.clone();
            inner
                .events()
                .around(event, async move {
                    let rows = enriched(&app, &ctx, rows, &[record]).await?;
                    Ok(record::render_one(&rows))
                })
                .await
                .and_then(|body| shape.apply(body))
        })
        .await
}

/// The answer to a save.
pub(super) async fn saved(
    app: &App,
    ctx: &Ctx,
    record: &SharedRecord,
    shape: &Shape,
) -> Result<Vec<u8>> {
    let (cells, entry) = {
        let record = record.lock();
        (record.cells(), record.collection())
    };
    let expands = !ctx
        .request
        .query_param("expand")
        .unwrap_or_default()
        .is_empty();
    if !expands && let Some(rows) = record::rows_at_hand(ctx, &entry, cells.clone()) {
        let rows = enriched(app, ctx, rows, std::slice::from_ref(record)).await?;
        return shape.apply(record::render_one(&rows));
    }
    let read_ctx = ctx.clone();
    let rows = app
        .look(move |reader, snapshot| {
            let expand = read_ctx.request.query_param("expand").unwrap_or_default();
            let entry = by_id(snapshot, &entry.id)?;
            record::written_rows(reader, snapshot, &read_ctx, entry, cells.clone(), expand)
        })
        .await?;
    let rows = enriched(app, ctx, rows, std::slice::from_ref(record)).await?;
    shape.apply(record::render_one(&rows))
}

/// Lets handlers decide how each record is shown; `known` are those of the rows that handlers hold already.
pub(crate) async fn enriched(
    app: &App,
    ctx: &Ctx,
    mut rows: Rows,
    known: &[SharedRecord],
) -> Result<Rows> {
    let events = app.events();
    let found = rows.records(&|entry| events.wants(Kind::RecordEnrich, Some(entry)));
    for (place, loaded) in found {
        let record = match place.top_row().and_then(|row| known.get(row)) {
            Some(record) => record.clone(),
            None => SharedRecord::new(loaded),
        };
        let members = Members::default();
        let event = Event::new(Kind::RecordEnrich, ctx)
            .about(&record)
            .with(&members)
            .within(app.transaction());
        events.around(event, async { Ok(()) }).await?;
        rows.adopt(&place, &record.lock());
    }
    // What handlers of other events made of the records counts, too.
    for (row, record) in known.iter().enumerate() {
        rows.adopt(&RowPath::top(row), &record.lock());
    }
    Ok(rows)
}
