//! Rows of the `_collections` table.
//!
//! Reading is tolerant of how a value is stored (text or blob), but a definition that cannot be understood is an error:
//! a collection that is silently left out would lose its rules.

use crate::base::error::{Error, Result};
use crate::engine::{Error as EngineError, Reader, Row, Tx};
use crate::schema::{Collection, CollectionKind, Rules, Schema, scaffold};
use crate::sql::{Sql, Value, ValueRef};

const SELECT: &str = "SELECT id, type, name, system, listRule, viewRule, createRule, updateRule, deleteRule, \
    created, updated, fields, indexes, options FROM _collections ORDER BY rowid";

const INSERT: &str = "INSERT INTO _collections (id, type, name, system, listRule, viewRule, createRule, updateRule, \
    deleteRule, created, updated, fields, indexes, options) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const UPDATE: &str = "UPDATE _collections SET id = ?, type = ?, name = ?, system = ?, listRule = ?, viewRule = ?, \
    createRule = ?, updateRule = ?, deleteRule = ?, created = ?, updated = ?, fields = ?, indexes = ?, options = ? \
    WHERE id = ?";

/// Reads all collections.
pub fn load(reader: &Reader) -> Result<Schema> {
    load_all(reader).map(Schema::new)
}

/// Reads all collections in the order in which they were made.
pub(super) fn load_all(reader: &Reader) -> Result<Vec<Collection>> {
    let mut rows = Vec::new();
    reader.query(SELECT, &[], |row| {
        rows.push(read_row(row));
        Ok::<(), EngineError>(())
    })?;
    rows.into_iter().collect()
}

pub(super) fn insert(tx: &Tx, collection: &Collection) -> Result<(), EngineError> {
    tx.run(INSERT, &columns(collection)).map(drop)
}

pub(super) fn update(tx: &Tx, collection: &Collection) -> Result<(), EngineError> {
    let mut binds = columns(collection);
    binds.push(collection.id.as_str().into());
    tx.run(UPDATE, &binds).map(drop)
}

pub(super) fn delete(tx: &Tx, id: &str) -> Result<(), EngineError> {
    let mut sql = Sql::from_text("DELETE FROM _collections WHERE id = ");
    sql.bind(id);
    tx.execute(&sql).map(drop)
}

fn columns(collection: &Collection) -> Vec<Value> {
    let rules = &collection.rules;
    vec![
        collection.id.as_str().into(),
        collection.kind().as_str().into(),
        collection.name.as_str().into(),
        collection.system.into(),
        rules.list.clone().into(),
        rules.view.clone().into(),
        rules.create.clone().into(),
        rules.update.clone().into(),
        rules.delete.clone().into(),
        collection.created.as_str().into(),
        collection.updated.as_str().into(),
        collection.stored_fields().into(),
        collection.stored_indexes().into(),
        collection.stored_options().into(),
    ]
}

fn read_row(row: &Row<'_>) -> Result<Collection> {
    let text = |column| text(row.get(column));
    let rule = |column| match row.get(column) {
        ValueRef::Null => None,
        other => Some(self::text(other)),
    };
    let name = text(2);
    let broken = |what: &str| {
        Error::internal(format!(
            "the stored definition of the collection {name:?} cannot be understood: {what}"
        ))
    };
    let kind = CollectionKind::parse(&text(1)).ok_or_else(|| broken("unknown type"))?;
    let mut collection = Collection {
        id: text(0),
        name: name.clone(),
        system: row.int(3) != 0,
        rules: Rules {
            list: rule(4),
            view: rule(5),
            create: rule(6),
            update: rule(7),
            delete: rule(8),
        },
        created: text(9),
        updated: text(10),
        ..scaffold::blank(kind)
    };
    collection
        .read_stored(&text(11), &text(12), &text(13))
        .map_err(|error| broken(&error.to_string()))?;
    Ok(collection)
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Text(text) => text.to_owned(),
        ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ValueRef::Null | ValueRef::Int(_) | ValueRef::Real(_) => String::new(),
    }
}
