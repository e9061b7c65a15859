//! The tables of a data directory: made on a fresh start, checked on every other one.
//!
//! A fresh directory looks exactly like one the contract's server makes, so that it can be opened there as well.

use std::collections::BTreeSet;

use crate::base::error::{Error, Result};
use crate::base::time::Timestamp;
use crate::catalog::failure::Failure;
use crate::catalog::{store, system, table};
use crate::engine::{Error as EngineError, Reader, Tx};
use crate::schema::Schema;
use crate::sql::{Sql, Value};

const DATA_DDL: &str = include_str!("ddl/data.sql");

const AUXILIARY_DDL: &str = include_str!("ddl/auxiliary.sql");

/// Since 0.34 the mail about a sign-in from a new place says from where.
pub(super) const ALERT_MAILS: &str = "1763020353_update_default_auth_alert_templates.go";

/// Since 0.38 the indexes of tables are in the definitions of their collections.
pub(super) const INDEXES: &str = "1778828400_normalize_indexes.go";

/// What a fresh directory has applied from the beginning.
const MIGRATIONS: [&str; 8] = [
    "1640988000_aux_init.go",
    "1640988000_init.go",
    "1717233556_v0.23_migrate.go",
    "1717233557_v0.23_migrate2.go",
    "1717233558_v0.23_migrate3.go",
    "1717233559_v0.23_migrate4.go",
    ALERT_MAILS,
    INDEXES,
];

/// The columns of `_collections` in alphabetical order.
const COLLECTIONS_COLUMNS: [&str; 14] = [
    "createRule",
    "created",
    "deleteRule",
    "fields",
    "id",
    "indexes",
    "listRule",
    "name",
    "options",
    "system",
    "type",
    "updateRule",
    "updated",
    "viewRule",
];

/// The columns of the log of changes in alphabetical order.
const CHANGES_COLUMNS: [&str; 6] = ["action", "at", "collection", "data", "record", "seq"];

/// What a data file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataFile {
    /// Nothing is in it yet.
    Fresh,
    /// It can be used as it is.
    Current,
}

/// Looks at a data file before anything in it is changed; an error says why it cannot be used.
pub fn inspect(reader: &Reader) -> Result<DataFile> {
    let columns = columns(reader, "_collections")?;
    if columns.is_empty() {
        let has_params = !self::columns(reader, "_params")?.is_empty();
        return if has_params {
            Err(Error::internal(
                "the data file has settings but no collections; it is damaged or was made by another program",
            ))
        } else {
            Ok(DataFile::Fresh)
        };
    }
    if columns.contains("schema") && !columns.contains("fields") {
        return Err(Error::internal(
            "the data directory was made before version 0.23; \
             open it once with a PocketBase of version 0.23 or newer, which upgrades it",
        ));
    }
    if !columns.iter().eq(COLLECTIONS_COLUMNS) {
        return Err(Error::internal(
            "the data directory was made by a newer version than this program understands",
        ));
    }
    let log = self::columns(reader, "_changes")?;
    if !log.is_empty() && !log.iter().eq(CHANGES_COLUMNS) {
        // No write would succeed.
        return Err(Error::internal(
            "the data file has a collection or table called _changes, which is the name of Stead's log of changes; \
             rename it first: a collection in PocketBase, any other table with `sqlite3`",
        ));
    }
    Ok(DataFile::Current)
}

/// Makes all tables and collections of a fresh data file. `settings` is the JSON of the settings row.
pub fn create(tx: &Tx, settings: &[u8], now: Timestamp) -> Result<Schema> {
    tx.batch(&Sql::from_text(DATA_DDL))?;
    insert_migrations(tx, now)?;
    insert_settings(tx, settings, now)?;
    let mut collections = system::fresh();
    for collection in &mut collections {
        collection.created = now.to_string();
        collection.updated = now.to_string();
        store::insert(tx, collection)?;
        table::sync(tx, None, collection).map_err(fault)?;
    }
    Ok(Schema::new(collections))
}

/// The settings as they are at rest, if there are any.
pub fn stored_settings(reader: &Reader) -> Result<Option<Vec<u8>>> {
    let sql: Sql = Sql::from_text("SELECT value FROM _params WHERE id = 'settings'");
    Ok(match reader.first(&sql, |row| row.value(0))? {
        Some(Value::Blob(bytes)) => Some(bytes),
        Some(Value::Text(text)) => Some(text.into_bytes()),
        _ => None,
    })
}

/// Makes what is missing in the file of logs.
pub fn create_auxiliary(tx: &Tx) -> Result<(), EngineError> {
    tx.batch(&Sql::from_text(AUXILIARY_DDL))
}

fn insert_migrations(tx: &Tx, now: Timestamp) -> Result<()> {
    for file in MIGRATIONS {
        note_migration(tx, file, now)?;
    }
    Ok(())
}

/// Remembers that a migration was applied.
pub fn note_migration(tx: &Tx, file: &str, now: Timestamp) -> Result<()> {
    let mut sql = Sql::from_text(
        "INSERT OR IGNORE INTO _migrations (file, applied) \
         SELECT ",
    );
    sql.bind(file);
    // Times count up also when the clock does not.
    sql.text(", max(coalesce(max(applied), 0) + 1, ")
        .integer(now.unix_ms().saturating_mul(1000))
        .text(") FROM _migrations");
    tx.execute(&sql)?;
    Ok(())
}

fn insert_settings(tx: &Tx, settings: &[u8], now: Timestamp) -> Result<()> {
    let mut sql =
        Sql::from_text("INSERT INTO _params (id, value, created, updated) VALUES ('settings', ");
    sql.bind(Value::Blob(settings.to_vec()))
        .text(", ")
        .bind(now.to_string())
        .text(", ")
        .bind(now.to_string())
        .text(")");
    tx.execute(&sql)?;
    Ok(())
}

pub(super) fn columns(reader: &Reader, table: &str) -> Result<BTreeSet<String>> {
    let mut sql = Sql::from_text("SELECT name FROM pragma_table_info(");
    sql.bind(table).text(")");
    let names = reader.all(&sql, |row| row.text(0).to_owned())?;
    Ok(names.into_iter().collect())
}

fn fault(failure: Failure) -> Error {
    match failure {
        Failure::Issues(issues) => Error::internal(issues.to_json().to_string()),
        Failure::Raw(text) => Error::internal(text),
        Failure::Other(error) => error,
    }
}
