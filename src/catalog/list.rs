//! Finding collections by filter and sort.

use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::engine::Reader;
use crate::query::{Page, Restricted};
use crate::sql::Sql;

/// What a filter or sort may name.
const COLUMNS: [&str; 6] = ["id", "created", "updated", "name", "system", "type"];

/// Ids of the collections on a page, in order.
pub fn ids(
    reader: &Reader,
    ctx: &Ctx,
    filter: &str,
    sort: &str,
    page: Page,
) -> Result<Vec<String>> {
    let mut sql = Sql::from_text("SELECT r.id FROM _collections r WHERE ");
    sql.append(condition(ctx, filter)?);
    let order = Restricted::new(&COLUMNS, &[])
        .sort(ctx, sort)
        .map_err(|_| Error::BadRequest(None))?;
    if order.is_empty() {
        sql.text(" ORDER BY r.rowid");
    } else {
        sql.append(order);
    }
    sql.text(" LIMIT ")
        .integer(page.limit)
        .text(" OFFSET ")
        .integer(page.offset);
    Ok(reader.all(&sql, |row| row.text(0).to_owned())?)
}

/// Number of collections that satisfy a filter.
pub fn count(reader: &Reader, ctx: &Ctx, filter: &str) -> Result<u64> {
    let mut sql = Sql::from_text("SELECT COUNT(*) FROM _collections r WHERE ");
    sql.append(condition(ctx, filter)?);
    let count = reader.first(&sql, |row| row.int(0))?.unwrap_or(0);
    Ok(u64::try_from(count).unwrap_or(0))
}

/// The condition of a filter.
fn condition(ctx: &Ctx, filter: &str) -> Result<Sql> {
    Restricted::new(&COLUMNS, &[])
        .filter(ctx, filter)
        .map_err(|_| Error::BadRequest(None))
}
