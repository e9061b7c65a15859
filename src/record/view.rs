//! One record as JSON.

use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::engine::Reader;
use crate::query::{self, Action, Only, Select, Snapshot, Statement};
use crate::record::expand;
use crate::record::reason::{broken, not_found};
use crate::record::render::{self, Visibility};
use crate::record::rows::Rows;
use crate::record::unreadable::unreadable;
use crate::schema::Entry;

/// The record with this id, if the caller may see it.
pub fn view(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
    expand: &str,
) -> Result<Vec<u8>> {
    let rule = query::rule_for(ctx, entry, Action::View)?;
    let statement = snapshot
        .select(ctx, &by_id(entry, id, rule))
        .map_err(|error| broken(entry, Action::View, rule, &error))?;
    let out = if !expand.is_empty() || entry.is_auth() {
        let mut rows = Rows::load(reader, snapshot, ctx, entry, &statement)
            .map_err(|error| unreadable(error, entry, Error::NotFound(None)))?;
        expand::expand(reader, snapshot, ctx, &mut rows, expand)?;
        let mut out = Vec::with_capacity(512);
        rows.write(&mut out, 0);
        out
    } else if statement.is_repeatable {
        // The statement is one for superusers or one for others, so it says what is shown as well.
        reader.once(&statement.text, &statement.binds, |reader| {
            plain(reader, ctx, entry, &statement)
        })?
    } else {
        plain(reader, ctx, entry, &statement)?
    };
    if out.is_empty() {
        Err(not_found(entry, Action::View, rule))
    } else {
        Ok(out)
    }
}

/// The record that a statement finds, without what other records say of it or show of themselves; empty if there is none.
fn plain(reader: &Reader, ctx: &Ctx, entry: &Entry, statement: &Statement) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(512);
    let read = reader.query::<Error>(&statement.text, &statement.binds, |row| {
        // The ids of a view are only as unique as its query makes them.
        if out.is_empty() {
            render::write_record(&mut out, entry, Visibility::of(ctx), |i| row.get(i), None);
        }
        Ok(())
    });
    read.map_err(|error| unreadable(error, entry, Error::NotFound(None)))?;
    Ok(out)
}

/// The record with this id, if the caller may see it, before it is written out.
pub fn view_rows(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
    expand: &str,
) -> Result<Rows> {
    let rule = query::rule_for(ctx, entry, Action::View)?;
    let statement = snapshot
        .select(ctx, &by_id(entry, id, rule))
        .map_err(|error| broken(entry, Action::View, rule, &error))?;
    let mut rows = Rows::load(reader, snapshot, ctx, entry, &statement)
        .map_err(|error| unreadable(error, entry, Error::NotFound(None)))?;
    if rows.is_empty() {
        return Err(not_found(entry, Action::View, rule));
    }
    expand::expand(reader, snapshot, ctx, &mut rows, expand)?;
    Ok(rows)
}

/// The selection of one record under a rule.
pub(crate) const fn by_id<'a>(
    entry: &'a Arc<Entry>,
    id: &'a str,
    rule: Option<&'a str>,
) -> Select<'a> {
    Select {
        rule,
        only: Only::Id(id),
        ..Select::all(entry)
    }
}
