//! Taking the ids of deleted records out of what refers to them.

use std::collections::HashSet;

use crate::base::error::Result;
use crate::base::time::Timestamp;
use crate::engine::{self, Change, Tx};
use crate::record::lookup::load_cells;
use crate::record::write::not_allowed;
use crate::schema::{Entry, Field, FieldKind};
use crate::sql::{Ident, Sql, Value};

use super::REQUIRED_ELSEWHERE;
use super::order::Order;

/// Takes the deleted ids out of a relation field, but for records that are about to be deleted. Returns the records
/// that would be left without any value; those keep their stored value for now.
pub(super) fn unlink(
    tx: &Tx,
    source: &Entry,
    field: &Field,
    gone: &Value,
    leaving: &HashSet<&str>,
    now: Timestamp,
    order: Option<&mut Order>,
) -> Result<Vec<String>> {
    let (table, column) = (Ident::new(&source.name), Ident::new(&field.name));
    if !field.is_multiple() {
        let mut sql: Sql = Sql::from_text("SELECT id FROM ");
        sql.ident(&table).text(" WHERE ").ident(&column);
        sql.text(" IN (SELECT value FROM json_each(")
            .bind(gone.clone())
            .text("))");
        let found = tx.all(&sql, |row| row.text(0).to_owned());
        let mut found = found.map_err(|error| not_allowed(error, source, REQUIRED_ELSEWHERE))?;
        found.retain(|id| !leaving.contains(id.as_str()));
        return Ok(found);
    }
    let mut touched: Vec<(String, String, String)> = Vec::new();
    let mut emptied = Vec::new();
    let mut sql: Sql = Sql::from_text("SELECT t.id, t.");
    sql.ident(&column)
        .text(", (SELECT json_group_array(j.value) FROM json_each(t.");
    sql.ident(&column)
        .text(") j WHERE j.value NOT IN (SELECT value FROM json_each(")
        .bind(gone.clone());
    sql.text("))) FROM ")
        .ident(&table)
        .text(" t WHERE json_valid(t.")
        .ident(&column);
    sql.text(") AND EXISTS (SELECT 1 FROM json_each(t.")
        .ident(&column);
    sql.text(") j WHERE j.value IN (SELECT value FROM json_each(")
        .bind(gone.clone())
        .text(")))");
    let found = tx.all(&sql, |row| {
        let text = |i| row.text(i).to_owned();
        (text(0), text(1), text(2))
    });
    let found = found.map_err(|error| not_allowed(error, source, REQUIRED_ELSEWHERE))?;
    for (id, before, rest) in found {
        if leaving.contains(id.as_str()) {
            continue;
        }
        if rest == "[]" {
            emptied.push(id);
        } else {
            touched.push((id, before, rest));
        }
    }
    if let Some(order) = order {
        for (id, before, _) in &touched {
            order.shortens(source, field, id, before);
        }
    }
    for (id, _, rest) in touched {
        store(tx, source, &column, &id, Value::Text(rest), now)?;
    }
    Ok(emptied)
}

/// Empties a relation field of records.
pub(super) fn clear(
    tx: &Tx,
    source: &Entry,
    field: &Field,
    ids: &[String],
    now: Timestamp,
) -> Result<()> {
    let column = Ident::new(&field.name);
    for id in ids {
        store(tx, source, &column, id, field.zero().to_sql(), now)?;
    }
    Ok(())
}

/// Stores one cell of one record, as a save would: update dates move and the change is logged.
fn store(
    tx: &Tx,
    source: &Entry,
    column: &Ident,
    id: &str,
    value: Value,
    now: Timestamp,
) -> Result<()> {
    let mut sql: Sql = Sql::from_text("UPDATE ");
    sql.ident(&Ident::new(&source.name))
        .text(" SET ")
        .ident(column)
        .text(" = ")
        .bind(value);
    for field in &source.fields {
        if matches!(&field.kind, FieldKind::Autodate(options) if options.on_update) {
            sql.text(", ")
                .ident(&Ident::new(&field.name))
                .text(" = ")
                .bind(now.to_string());
        }
    }
    sql.text(" WHERE id = ").bind(id);
    tx.execute(&sql)
        .map_err(|error| not_allowed(error, source, REQUIRED_ELSEWHERE))?;
    let cells = if tx.is_followed(&source.id) {
        load_cells(tx, source, id)?
    } else {
        None
    };
    tx.log_change(&Change {
        collection: &source.id,
        record: id,
        action: engine::Action::Update,
        at: now,
        data: None,
        cells: cells.as_deref(),
    })?;
    Ok(())
}
