//! Finding collections by filter and sort.

use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::engine::Reader;
use crate::expr::{self, Expr, OperandKind, Term};
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

/// The condition of a filter; names with modifiers, which records have, are refused.
fn condition(ctx: &Ctx, filter: &str) -> Result<Sql> {
    let refused = || Error::BadRequest(None);
    if !filter.is_empty() {
        let parsed = expr::parse(filter).map_err(|_| refused())?;
        if has_modifier(&parsed) {
            return Err(refused());
        }
    }
    Restricted::new(&COLUMNS, &[])
        .filter(ctx, filter)
        .map_err(|_| refused())
}

/// Looks for a `:` in the names of a filter. Walks with a list of its own, so that nesting costs no stack.
fn has_modifier(filter: &Expr) -> bool {
    let mut groups = vec![filter];
    while let Some(group) = groups.pop() {
        for (_, term) in &group.terms {
            match term {
                Term::Group(inner) => groups.push(inner),
                Term::Compare { left, right, .. } => {
                    let mut operands = vec![left, right];
                    while let Some(operand) = operands.pop() {
                        match &operand.kind {
                            OperandKind::Identifier(name) if name.contains(':') => return true,
                            OperandKind::Call(call) => operands.extend(&call.arguments),
                            OperandKind::Identifier(_)
                            | OperandKind::Number(_)
                            | OperandKind::Text(_) => {}
                        }
                    }
                }
            }
        }
    }
    false
}
