//! Bringing a directory of an earlier version of the contract's server up to date.
//!
//! That server does the same at its start, and neither does again what the other one has done: the names in
//! `_migrations` are the same.

use sha2::{Digest as _, Sha256};

use crate::base::error::Result;
use crate::base::time::Timestamp;
use crate::catalog::bootstrap::{ALERT_MAILS, INDEXES, columns, note_migration};
use crate::catalog::store;
use crate::engine::{Error as EngineError, Reader, Tx};
use crate::schema::{Collection, Index, earlier_alert_digest, newest_alert_body};
use crate::sql::{Ident, Sql};

/// One step, and what it changed.
#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name in `_migrations`.
    pub file: &'static str,
    /// The collections whose definitions are others now.
    pub collections: Vec<String>,
}

/// The steps that a data file lacks, by their names in `_migrations`.
pub fn missing_steps(reader: &Reader) -> Result<Vec<&'static str>> {
    if columns(reader, "_migrations")?.is_empty() {
        // Not made by that server; there is nothing to bring up to date.
        return Ok(Vec::new());
    }
    let mut missing = Vec::new();
    for file in [ALERT_MAILS, INDEXES] {
        let mut sql: Sql = Sql::from_text("SELECT 1 FROM _migrations WHERE file = ");
        sql.bind(file);
        if !reader.exists(&sql)? {
            missing.push(file);
        }
    }
    Ok(missing)
}

/// Takes the missing steps.
pub fn upgrade(tx: &Tx, now: Timestamp) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for file in missing_steps(tx)? {
        let changed = if file == ALERT_MAILS {
            renew_alert_mails(tx)?
        } else {
            adopt_indexes(tx)?
        };
        let mut collections = Vec::with_capacity(changed.len());
        for mut collection in changed {
            collection.updated = now.to_string();
            store::update(tx, &collection)?;
            collections.push(collection.name);
        }
        note_migration(tx, file, now)?;
        steps.push(Step { file, collections });
    }
    Ok(steps)
}

/// The mail about a sign-in from a new place says from where since 0.34. Only the text that came with the server is
/// replaced, to the letter; a subject of one's own stays.
fn renew_alert_mails(tx: &Tx) -> Result<Vec<Collection>> {
    let mut changed = Vec::new();
    for mut collection in store::load_all(tx)? {
        let Some(options) = collection.auth_options_mut() else {
            continue;
        };
        let body = &mut options.auth_alert.email_template.body;
        if Sha256::digest(body.as_bytes()).as_slice() == earlier_alert_digest() {
            *body = newest_alert_body();
            changed.push(collection);
        }
    }
    Ok(changed)
}

/// An index of a table.
struct Found {
    table: String,
    name: String,
    /// As it would be in the definition of its collection; `None` when it cannot be understood.
    index: Option<Index>,
}

/// Writes indexes that were made by hand into the definitions of their collections, so that they are seen, and survive
/// what makes a table anew; of several that are alike one is kept.
///
/// Compat: the contract's server makes the adopted ones anew, refuses to start where it cannot, and drops an index that
/// is like a defined one even if that is missing in the table. Here what cannot be adopted stays as it is.
fn adopt_indexes(tx: &Tx) -> Result<Vec<Collection>> {
    let collections = store::load_all(tx)?;
    let found = found(tx)?;
    let mut names: Vec<String> = collections
        .iter()
        .flat_map(|collection| &collection.indexes)
        .filter_map(|text| Index::parse(text))
        .map(|index| index.name)
        .collect();
    let mut changed = Vec::new();
    for mut collection in collections {
        if collection.system || collection.is_view() {
            continue;
        }
        let mut kept: Vec<Index> = defined_in_table(&collection, &found);
        let defined: Vec<Index> = definitions(&collection);
        let mut adopted = Vec::new();
        // Of those that are alike the last one is kept.
        for one in found.iter().rev() {
            if !one.table.eq_ignore_ascii_case(&collection.name) || is_one_of(&names, &one.name) {
                continue;
            }
            let Some(mut index) = one.index.clone() else {
                tracing::warn!(
                    index = one.name,
                    table = one.table,
                    "the index stays outside its collection"
                );
                continue;
            };
            index.table.clone_from(&collection.name);
            let is_like = |other: &Index| other.definition() == index.definition();
            if kept.iter().any(is_like) {
                let mut sql: Sql = Sql::from_text("DROP INDEX ");
                sql.ident(&Ident::new(&one.name));
                tx.execute(&sql)?;
            } else if !defined.iter().any(is_like) {
                names.push(index.name.clone());
                adopted.push(index.to_string());
                kept.push(index);
            }
        }
        if !adopted.is_empty() {
            collection.indexes.extend(adopted.into_iter().rev());
            changed.push(collection);
        }
    }
    Ok(changed)
}

/// The indexes of all tables that statements made, in the order in which they were made.
fn found(tx: &Tx) -> Result<Vec<Found>> {
    let sql: Sql = Sql::from_text(
        "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY rowid",
    );
    let mut all = tx.all(&sql, |row| Found {
        table: row.text(0).to_owned(),
        name: row.text(1).to_owned(),
        index: Index::parse(row.text(2)),
    })?;
    for one in &mut all {
        if let Some(index) = &one.index
            && !can_be_made(tx, index)?
        {
            one.index = None;
        }
    }
    Ok(all)
}

/// Says whether the database understands an index in the form in which definitions have it.
fn can_be_made(tx: &Tx, index: &Index) -> Result<bool, EngineError> {
    let trial = Index {
        name: "_trial_of_index".to_owned(),
        ..index.clone()
    };
    let mut sql: Sql = Sql::from_text("EXPLAIN ");
    sql.superuser_text(&trial.to_string());
    match tx.all(&sql, |_| ()) {
        Ok(_) => Ok(true),
        Err(EngineError::Sql(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

fn definitions(collection: &Collection) -> Vec<Index> {
    let parsed = collection
        .indexes
        .iter()
        .filter_map(|text| Index::parse(text));
    let in_place = parsed.map(|index| Index {
        table: collection.name.clone(),
        optional: false,
        ..index
    });
    in_place.collect()
}

/// The defined indexes that the table has, and has as they are defined.
fn defined_in_table(collection: &Collection, found: &[Found]) -> Vec<Index> {
    let mut defined = definitions(collection);
    defined.retain(|index| {
        found.iter().any(|one| {
            one.name.eq_ignore_ascii_case(&index.name)
                && one.table.eq_ignore_ascii_case(&collection.name)
                && one.index.as_ref().is_some_and(|made| {
                    let made = Index {
                        table: collection.name.clone(),
                        ..made.clone()
                    };
                    made.definition() == index.definition()
                })
        })
    });
    defined
}

fn is_one_of(names: &[String], name: &str) -> bool {
    names.iter().any(|other| other.eq_ignore_ascii_case(name))
}
