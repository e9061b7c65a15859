//! A record that has just been written, as the caller may see it.

use std::sync::Arc;

use crate::base::error::Result;
use crate::ctx::Ctx;
use crate::engine::Reader;
use crate::query::Snapshot;
use crate::record::expand;
use crate::record::rows::Rows;
use crate::record::write::{Written, with_body};
use crate::schema::Entry;
use crate::sql::Value;

/// The saved record as the caller may see it, which takes its cells.
pub fn render_written(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    written: &mut Written,
    expand: &str,
) -> Result<Vec<u8>> {
    let cells = written.take_cells();
    match written.take_body() {
        Some(body) => {
            let ctx = with_body(ctx, body);
            render_cells(reader, snapshot, &ctx, entry, cells, expand)
        }
        None => render_cells(reader, snapshot, ctx, entry, cells, expand),
    }
}

/// A record given by its cells as the caller may see it.
pub fn render_cells(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    cells: Vec<Value>,
    expand: &str,
) -> Result<Vec<u8>> {
    let rows = written_rows(reader, snapshot, ctx, entry, cells, expand)?;
    let mut out = Vec::with_capacity(512);
    rows.write(&mut out, 0);
    Ok(out)
}

/// A record given by its cells, with everything expanded that was asked for.
pub fn written_rows(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    cells: Vec<Value>,
    expand: &str,
) -> Result<Rows> {
    let mut rows = Rows::of_cells(reader, snapshot, ctx, entry, cells)?;
    expand::expand(reader, snapshot, ctx, &mut rows, expand)?;
    Ok(rows)
}

/// A record given by its cells, if what the caller sees of it is known without a look into the database.
pub fn rows_at_hand(ctx: &Ctx, entry: &Arc<Entry>, cells: Vec<Value>) -> Option<Rows> {
    Rows::at_hand(ctx, entry, cells)
}
