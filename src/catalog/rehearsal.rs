//! Trying a change of the collections on an empty copy of the database: the same code, the same statements, no rows.
//!
//! What a change does and whether it is accepted is found out this way without touching the data or keeping the writer.
//! Only what depends on rows is not seen, such as values that a new unique index would refuse.

use std::time::Duration;

use serde_json::Value as Json;

use crate::base::error::Result;
use crate::base::time::Timestamp;
use crate::catalog::import::{self, Missing};
use crate::catalog::{store, views};
use crate::engine::{self, Reader, Tx};
use crate::schema::{CollectionOptions, Schema};
use crate::sql::Sql;

/// How long one statement of a rehearsal may take; there are no rows.
const LIMIT: Duration = Duration::from_secs(5);

/// What came of it.
#[derive(Debug)]
pub struct Rehearsal {
    /// What would be run, in order.
    pub statements: Vec<String>,
    /// All collections afterwards.
    pub schema: Schema,
    /// Views that work now and would not afterwards, and why.
    pub broken_views: Vec<(String, String)>,
}

/// Imports definitions into an empty copy of the database.
pub fn rehearse(
    reader: &Reader,
    items: &[Json],
    missing: Missing,
    now: Timestamp,
) -> Result<Rehearsal> {
    let copy = empty_copy(reader)?;
    let before = store::load(&copy)?;
    let worked = views::working(&copy, &before);
    copy.note_statements();
    let imported = import::import(&copy, items, missing, now)?;
    let statements = copy.noted_statements();
    let mut broken_views = Vec::new();
    for entry in imported
        .schema
        .collections()
        .filter(|entry| entry.is_view())
    {
        let old = before.collection_by_id(&entry.id);
        if old.is_some_and(|old| worked.contains(&old.name))
            && let CollectionOptions::View { query } = &entry.options
            && let Err(error) = views::fields(&copy, &imported.schema, query)
        {
            broken_views.push((entry.name.clone(), error.to_string()));
        }
    }
    Ok(Rehearsal {
        statements,
        schema: imported.schema,
        broken_views,
    })
}

/// A database with the same tables, indexes, views and definitions of collections.
pub fn empty_copy(reader: &Reader) -> Result<Tx> {
    let sql: Sql = Sql::from_text(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END, rowid",
    );
    let statements = reader.all(&sql, |row| row.text(0).to_owned())?;
    let copy = engine::scratch(LIMIT)?;
    for statement in statements {
        // What is not ours, such as the tables behind a virtual one, may not be possible to make again.
        if let Err(error) = copy.batch(Sql::new().superuser_text(&statement)) {
            tracing::debug!(%error, "left out of a rehearsal");
        }
    }
    for collection in store::load_all(reader)? {
        store::insert(&copy, &collection)?;
    }
    Ok(copy)
}
