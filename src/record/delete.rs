//! Deleting records with everything that hangs on them, in set-based SQL.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use crate::base::error::{Error, Result};
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::engine::{self, Change, Reader, Tx};
use crate::query::{self, Action, Output, Select, Snapshot};
use crate::record::lookup::load_record;
use crate::record::model::Record;
use crate::record::reason::{broken, not_found};
use crate::record::remains;
use crate::record::unreadable::unreadable;
use crate::record::view::by_id;
use crate::record::write::{INSTALLER_EMAIL, RULES_LIMIT, not_allowed};
use crate::schema::{AUTH_REFERENCES, Entry, Field};
use crate::sql::{Ident, Sql, Value};

mod order;
mod unlink;

use order::Order;
use unlink::{clear, unlink};

const LAST_SUPERUSER: &str = "You can't delete the only existing superuser.";

const REQUIRED_ELSEWHERE: &str = "Failed to delete record. Make sure that the record is not part of a required relation reference.";

/// Records that a truncation deletes at a time.
const TRUNCATE_BATCH: i64 = 500;

/// What a delete removed, for the work that follows the commit.
#[derive(Debug, Default)]
pub struct Deleted {
    /// `(collection id, record id)` of every deleted record that may have files.
    pub with_files: Vec<(String, String)>,
}

/// Deletes one record if the caller may, and whatever cascades from it.
pub fn delete(
    tx: &Tx,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
) -> Result<Deleted> {
    let until = Instant::now() + RULES_LIMIT;
    tx.until(until, |tx| check_rule(tx, snapshot, ctx, entry, id))?;
    if entry.is_superusers() && count_superusers(tx)? <= 1 {
        return Err(Error::bad_request(LAST_SUPERUSER));
    }
    let mut deleted = Deleted::default();
    delete_ids(
        tx,
        snapshot,
        ctx.now,
        entry,
        vec![id.to_owned()],
        &mut deleted,
    )?;
    Ok(deleted)
}

/// The record a delete would remove, if the caller may, for handlers to look at.
pub fn deletable(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
) -> Result<Record> {
    check_rule(reader, snapshot, ctx, entry, id)?;
    load_record(reader, entry, id)?.ok_or(Error::NotFound(None))
}

/// Says whether records that require this one would keep it from being deleted. Only those that refer to it themselves
/// are looked at, not those behind a cascade, nor whether one takes them along first.
pub fn check_delete(
    reader: &Reader,
    snapshot: &Snapshot,
    entry: &Arc<Entry>,
    id: &str,
) -> Result<()> {
    if entry.is_superusers() && count_superusers(reader)? <= 1 {
        return Err(Error::bad_request(LAST_SUPERUSER));
    }
    for (source, field) in references(snapshot, entry) {
        if cascades_on(field) || !field.required {
            continue;
        }
        let column = Ident::new(&field.name);
        let mut sql: Sql = Sql::from_text("SELECT 1 FROM ");
        sql.ident(&Ident::new(&source.name)).text(" WHERE (");
        sql.ident(&column).text(" = ").bind(id);
        if field.is_multiple() {
            sql.text(" OR ").ident(&column).text(" = ");
            sql.bind(id_array(&[id.to_owned()]));
        }
        sql.text(")");
        // What refers to itself goes with itself.
        if source.id == entry.id {
            sql.text(" AND id <> ").bind(id);
        }
        if reader.exists(&sql)? {
            return Err(Error::bad_request(REQUIRED_ELSEWHERE));
        }
    }
    Ok(())
}

fn check_rule(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
) -> Result<()> {
    let rule = query::rule_for(ctx, entry, Action::Delete)?;
    let select = Select {
        output: Output::Exists,
        ..by_id(entry, id, rule)
    };
    let statement = snapshot
        .select(ctx, &select)
        .map_err(|error| broken(entry, Action::Delete, rule, &error))?;
    let mut found = false;
    let read = reader.query::<Error>(&statement.text, &statement.binds, |row| {
        found = row.int(0) != 0;
        Ok(())
    });
    read.map_err(|error| unreadable(error, entry, Error::NotFound(None)))?;
    if found {
        Ok(())
    } else {
        Err(not_found(entry, Action::Delete, rule))
    }
}

/// Deletes all records of a collection with everything that cascades from them, without asking any rule.
pub fn truncate(
    tx: &Tx,
    snapshot: &Snapshot,
    now: Timestamp,
    entry: &Arc<Entry>,
) -> Result<Deleted> {
    let mut deleted = Deleted::default();
    let by_age = has_row_numbers(tx, entry)?;
    let mut last = Vec::new();
    loop {
        let mut sql: Sql = Sql::from_text("SELECT id FROM ");
        // The order decides which of two records that belong together goes first.
        sql.ident(&Ident::new(&entry.name))
            .text(if by_age {
                " ORDER BY _rowid_"
            } else {
                " ORDER BY id"
            })
            .text(" LIMIT ")
            .integer(TRUNCATE_BATCH);
        let ids = tx.all(&sql, |row| row.text(0).to_owned());
        let ids = ids.map_err(|error| not_allowed(error, entry, REQUIRED_ELSEWHERE))?;
        if ids.is_empty() {
            return Ok(deleted);
        }
        // A trigger that ignores deletes, say, or an id that another program has stored as bytes.
        if ids == last {
            return Err(Error::bad_request(REQUIRED_ELSEWHERE).because(format!(
                "records of {} stay when they are deleted",
                entry.name
            )));
        }
        last.clone_from(&ids);
        delete_ids(tx, snapshot, now, entry, ids, &mut deleted)?;
    }
}

/// Number of superusers, not counting the one the installer uses.
fn count_superusers(reader: &Reader) -> Result<i64> {
    let mut sql: Sql = Sql::from_text("SELECT count(*) FROM _superusers WHERE email <> ");
    sql.bind(INSTALLER_EMAIL);
    Ok(reader.first(&sql, |row| row.int(0))?.unwrap_or(0))
}

/// Deletes records of one collection by id without asking any rule.
///
/// Follows relations breadth-first with a work list, so that chains of any length need no stack. What that cannot tell,
/// because it depends on which record goes first, is left to [`Order`].
fn delete_ids(
    tx: &Tx,
    snapshot: &Snapshot,
    now: Timestamp,
    entry: &Arc<Entry>,
    ids: Vec<String>,
    deleted: &mut Deleted,
) -> Result<()> {
    let mut order = Order::new(snapshot, entry);
    let mut pending = vec![(Arc::clone(entry), ids)];
    let mut is_first = true;
    while let Some((entry, ids)) = pending.pop() {
        let gone = delete_rows(tx, &entry, &ids, now, order.as_mut())?;
        if let Some(order) = order.as_mut().filter(|_| is_first) {
            order.begins();
        }
        is_first = false;
        if gone.is_empty() {
            continue;
        }
        if entry.has_files() {
            deleted
                .with_files
                .extend(gone.iter().map(|id| (entry.id.clone(), id.clone())));
        }
        if entry.is_auth() {
            delete_auth_references(tx, snapshot, &entry, &gone)?;
        }
        let gone = id_array(&gone);
        let mut cascades: BTreeMap<String, (Arc<Entry>, Vec<String>)> = BTreeMap::new();
        for (source, field) in references(snapshot, &entry) {
            // Nobody is told of a change of what an earlier field has deleted. Where a record is required, that is for
            // the order to judge.
            let leaving: HashSet<&str> = match cascades.get(&source.id) {
                Some((_, ids)) if !cascades_on(field) && !field.required => {
                    ids.iter().map(String::as_str).collect()
                }
                _ => HashSet::new(),
            };
            let emptied = unlink(tx, source, field, &gone, &leaving, now, order.as_mut())?;
            if emptied.is_empty() {
                continue;
            }
            if cascades_on(field) {
                let slot = cascades
                    .entry(source.id.clone())
                    .or_insert_with(|| (Arc::clone(source), Vec::new()));
                slot.1.extend(emptied);
            } else if !field.required {
                clear(tx, source, field, &emptied, now)?;
            } else if let Some(order) = order.as_mut().filter(|order| order.reaches(source)) {
                order.must_go(source, emptied);
            } else {
                return Err(Error::bad_request(REQUIRED_ELSEWHERE));
            }
        }
        pending.extend(cascades.into_values());
    }
    match order {
        Some(order) if !order.allows() => Err(Error::bad_request(REQUIRED_ELSEWHERE)),
        _ => Ok(()),
    }
}

/// The relation fields that lead to a collection, with their collections: by the name of the collection, then in the
/// order of its fields.
fn references<'a>(
    snapshot: &'a Snapshot,
    entry: &'a Entry,
) -> impl Iterator<Item = (&'a Arc<Entry>, &'a Field)> {
    entry.referenced_by().iter().filter_map(|back| {
        let source = snapshot.collection_by_id(&back.collection_id)?;
        Some((source, source.field(&back.field)?))
    })
}

/// Says whether a record goes with the last one that the field names.
fn cascades_on(field: &Field) -> bool {
    field
        .relation()
        .is_some_and(|relation| relation.cascade_delete)
}

/// Deletes rows and returns the ids that existed.
fn delete_rows(
    tx: &Tx,
    entry: &Arc<Entry>,
    ids: &[String],
    now: Timestamp,
    mut order: Option<&mut Order>,
) -> Result<Vec<String>> {
    let by_age = order.is_some() && has_row_numbers(tx, entry)?;
    let mut sql: Sql = Sql::from_text("DELETE FROM ");
    sql.ident(&Ident::new(&entry.name))
        .text(" WHERE id IN (SELECT value FROM json_each(")
        .bind(id_array(ids));
    sql.text(")) RETURNING id, ")
        .text(if by_age { "_rowid_" } else { "0" });
    for field in &entry.fields {
        sql.text(", ").ident(&Ident::new(&field.name));
    }
    let n_columns = entry.fields.len();
    let rows = tx.all(&sql, |row| {
        let cells: Vec<Value> = (2..n_columns + 2).map(|i| row.value(i)).collect();
        (row.int(1), row.text(0).to_owned(), cells)
    });
    let rows = rows.map_err(|error| not_allowed(error, entry, REQUIRED_ELSEWHERE))?;
    let mut gone = Vec::with_capacity(rows.len());
    for (number, id, cells) in rows {
        tx.log_change(&Change {
            collection: &entry.id,
            record: &id,
            action: engine::Action::Delete,
            at: now,
            data: Some(&remains::write(entry, &cells)),
            cells: Some(&cells),
        })?;
        if let Some(order) = order.as_mut() {
            order.goes(entry, &id, number, &cells);
        }
        gone.push(id);
    }
    Ok(gone)
}

/// Says whether the rows of a collection's table have numbers, of which older ones are smaller; a table that was made
/// by hand may do without (`WITHOUT ROWID`).
fn has_row_numbers(reader: &Reader, entry: &Entry) -> Result<bool> {
    let mut sql: Sql = Sql::from_text("SELECT 1 FROM pragma_table_list(");
    sql.bind(entry.name.as_str())
        .text(") WHERE schema = 'main' AND type = 'table' AND wr = 0");
    Ok(reader.exists(&sql)?)
}

fn delete_auth_references(
    tx: &Tx,
    snapshot: &Snapshot,
    entry: &Entry,
    ids: &[String],
) -> Result<()> {
    for name in AUTH_REFERENCES {
        if snapshot.collection_by_name(name).is_none() {
            continue;
        }
        let mut sql: Sql = Sql::from_text("DELETE FROM ");
        sql.ident(&Ident::new(name))
            .text(" WHERE collectionRef = ")
            .bind(entry.id.as_str());
        sql.text(" AND recordRef IN (SELECT value FROM json_each(")
            .bind(id_array(ids))
            .text("))");
        tx.execute(&sql)
            .map_err(|error| not_allowed(error, entry, REQUIRED_ELSEWHERE))?;
    }
    Ok(())
}

fn id_array(ids: &[String]) -> Value {
    Value::Text(serde_json::Value::from(ids.to_vec()).to_string())
}
