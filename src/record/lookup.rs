//! Questions about single records that are not answered with the record itself.

use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::base::secret::Secret;
use crate::ctx::Ctx;
use crate::engine::Reader;
use crate::query::{self, Action, Output, Select, Snapshot, Statement};
use crate::record::cell;
use crate::record::expand;
use crate::record::model::Record;
use crate::record::rows::{Rows, matching_ids};
use crate::record::unreadable::readable;
use crate::record::view::by_id;
use crate::schema::{Collection, Entry, Field, FieldKind, FieldValue};
use crate::sql::{Ident, Sql, Value};

/// Says whether a stored record satisfies a rule; not when the rule cannot be asked.
pub fn satisfies(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    rule: &str,
    id: &str,
) -> Result<bool> {
    let answer = asked(reader, snapshot, ctx, entry, rule, id)?;
    Ok(answer.unwrap_or(false))
}

/// Says whether a stored record satisfies a rule; `None` when the rule cannot be asked: it no longer compiles, or leads
/// to a view that cannot be read.
pub fn asked(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    rule: &str,
    id: &str,
) -> Result<Option<bool>> {
    let ids = [id.to_owned()];
    let matching = matching_ids(reader, snapshot, ctx, entry, rule, &ids)?;
    Ok(matching.map(|ids| !ids.is_empty()))
}

/// Says whether a record given by its cells satisfies a rule and a client's filter; not when one does not compile.
pub fn cells_satisfy(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    cells: &[Value],
    (rule, filter): (Option<&str>, &str),
) -> Result<bool> {
    match of_cells(snapshot, ctx, entry, cells, (rule, filter)) {
        Ok(statement) => finds_a_row(reader, &statement),
        Err(_) => Ok(false),
    }
}

/// Says whether a record that does not exist yet satisfies a rule; an error when the rule does not compile.
pub(crate) fn draft_satisfies(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    rule: &str,
    cells: &[Value],
) -> Result<bool> {
    let statement = of_cells(snapshot, ctx, entry, cells, (Some(rule), "")).map_err(|error| {
        let mistake = error.describe(rule);
        Error::BadRequest(None).because(format!("a rule of {} is wrong: {mistake}", entry.name))
    })?;
    finds_a_row(reader, &statement)
}

/// Looks at cells in the place of a stored record.
fn of_cells(
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    cells: &[Value],
    (rule, filter): (Option<&str>, &str),
) -> Result<Statement, query::Error> {
    let select = Select {
        rule,
        filter,
        output: Output::Exists,
        draft: Some(cells),
        ..Select::all(entry)
    };
    snapshot.select(ctx, &select)
}

fn finds_a_row(reader: &Reader, statement: &Statement) -> Result<bool> {
    let mut found = false;
    reader.query::<Error>(&statement.text, &statement.binds, |row| {
        found = row.int(0) != 0;
        Ok(())
    })?;
    Ok(found)
}

/// Says whether the caller may view a record.
pub fn is_visible(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
) -> Result<bool> {
    match query::rule_for(ctx, entry, Action::View) {
        Ok(rule) => satisfies(reader, snapshot, ctx, entry, rule.unwrap_or_default(), id),
        Err(_) => Ok(false),
    }
}

/// One record by id with everything expanded, whatever its rules say.
pub fn load_one(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    entry: &Arc<Entry>,
    id: &str,
    expand: &str,
) -> Result<Rows> {
    let statement = snapshot
        .select(ctx, &by_id(entry, id, None))
        .map_err(|_| Error::NotFound(None))?;
    let mut rows = Rows::load(reader, snapshot, ctx, entry, &statement)?;
    expand::expand(reader, snapshot, ctx, &mut rows, expand)?;
    Ok(rows)
}

/// A stored record whatever its rules say.
pub fn load_record(reader: &Reader, entry: &Arc<Entry>, id: &str) -> Result<Option<Record>> {
    let sql = columns_by_id(entry, entry.fields.iter(), id);
    Ok(reader.first(&sql, |row| Record::of_cells(entry, |i| row.get(i)))?)
}

/// The values of a stored record, if there is one; none where the collection cannot be read.
pub(crate) fn load_values(
    reader: &Reader,
    entry: &Arc<Entry>,
    id: &str,
) -> Result<Option<Vec<FieldValue>>> {
    let sql = columns_by_id(entry, entry.fields.iter(), id);
    let found = reader.first(&sql, |row| {
        entry
            .fields
            .iter()
            .enumerate()
            .map(|(i, field)| field.read_stored(row.get(i)))
            .collect()
    });
    readable(found, entry).map(Option::flatten)
}

/// The stored cells of a record in the order of the collection's fields.
pub fn load_cells(reader: &Reader, entry: &Entry, id: &str) -> Result<Option<Vec<Value>>> {
    let sql = columns_by_id(entry, entry.fields.iter(), id);
    let n_columns = entry.fields.len();
    Ok(reader.first(&sql, |row| (0..n_columns).map(|i| row.value(i)).collect())?)
}

/// The stored password hash of an auth record.
pub fn password_hash(reader: &Reader, entry: &Entry, id: &str) -> Result<Option<Secret<String>>> {
    let mut sql: Sql = Sql::from_text("SELECT password FROM ");
    sql.ident(&Ident::new(&entry.name))
        .text(" WHERE id = ")
        .bind(id);
    Ok(reader.first(&sql, |row| Secret::new(row.text_or_bytes(0).into_owned()))?)
}

/// Position of the file field of a record that holds this file name.
pub fn file_field(reader: &Reader, entry: &Entry, id: &str, name: &str) -> Result<Option<usize>> {
    let fields: Vec<(usize, &Field)> = entry
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| matches!(field.kind, FieldKind::File(_)))
        .collect();
    if fields.is_empty() {
        return Ok(None);
    }
    let sql = columns_by_id(entry, fields.iter().map(|(_, field)| *field), id);
    let found = reader.first(&sql, |row| {
        fields
            .iter()
            .enumerate()
            .find(|(index, (_, field))| {
                cell::texts(field, row.get(*index))
                    .iter()
                    .any(|stored| stored == name)
            })
            .map(|(_, (position, _))| *position)
    })?;
    Ok(found.flatten())
}

/// The names of all files of a record, `None` when there is no such record.
pub fn file_names(reader: &Reader, entry: &Arc<Entry>, id: &str) -> Result<Option<Vec<String>>> {
    let Some(values) = load_values(reader, entry, id)? else {
        return Ok(None);
    };
    let names = entry
        .fields
        .iter()
        .zip(values)
        .filter(|(field, _)| matches!(field.kind, FieldKind::File(_)))
        .flat_map(|(_, value)| value.texts().to_vec());
    Ok(Some(names.collect()))
}

/// The id of the record of a collection that has this file in a field.
pub fn file_owner(
    reader: &Reader,
    collection: &Collection,
    field: &Field,
    name: &str,
) -> Result<Option<String>> {
    let column = Ident::new(&field.name);
    let mut sql: Sql = Sql::from_text("SELECT t.id FROM ");
    sql.ident(&Ident::new(&collection.name)).text(" t WHERE ");
    if field.is_multiple() {
        sql.bind(name)
            .text(" IN (SELECT value FROM json_each(CASE WHEN json_valid(t.");
        sql.ident(&column)
            .text(") THEN t.")
            .ident(&column)
            .text(" ELSE '[]' END))");
    } else {
        sql.text("t.").ident(&column).text(" = ").bind(name);
    }
    sql.text(" LIMIT 1");
    Ok(reader.first(&sql, |row| row.text(0).to_owned())?)
}

/// Reads the columns of some fields of one record, in the order of the fields.
pub(crate) fn columns_by_id<'a>(
    entry: &Entry,
    fields: impl Iterator<Item = &'a Field>,
    id: &str,
) -> Sql {
    let mut sql = Sql::from_text("SELECT ");
    for (index, field) in fields.enumerate() {
        sql.text(if index > 0 { ", " } else { "" })
            .ident(&Ident::new(&field.name));
    }
    sql.text(" FROM ")
        .ident(&Ident::new(&entry.name))
        .text(" WHERE id = ")
        .bind(id);
    sql
}
