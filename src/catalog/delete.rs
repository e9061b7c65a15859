//! Deleting collections.
//!
//! Files are not touched here; the caller removes them after the commit.

use crate::base::error::{Error, Result};
use crate::catalog::failure::Failure;
use crate::catalog::{store, table, views};
use crate::engine::{Error as EngineError, Tx};
use crate::schema::{AUTH_REFERENCES, Collection, Schema};
use crate::sql::{Ident, Sql};

/// What a deletion left behind.
#[derive(Debug)]
pub struct Deleted {
    /// The collection that is gone.
    pub collection: Collection,
    /// The remaining collections.
    pub schema: Schema,
}

/// Removes a collection with its records, unless something else needs it.
pub fn delete(tx: &Tx, id_or_name: &str) -> Result<Deleted> {
    let stored = store::load(tx)?;
    let entry = stored.collection(id_or_name).ok_or(Error::NotFound(None))?;
    if entry.system {
        return Err(failed(""));
    }
    let referring = referring(&stored, entry);
    if !referring.is_empty() {
        let names = referring.join(", ");
        return Err(failed(&format!(
            " probably due to existing reference in {names}"
        )));
    }
    let collection = Collection::clone(entry);
    let remaining: Vec<Collection> = stored
        .collections()
        .filter(|other| other.id != collection.id)
        .map(|other| Collection::clone(other))
        .collect();
    let schema = Schema::new(remaining);
    let working = views::working(tx, &schema);
    remove(tx, &collection).map_err(refused)?;
    if working.iter().any(|view| !views::is_working(tx, view)) {
        return Err(failed(""));
    }
    Ok(Deleted { collection, schema })
}

/// Removes table or view, the row, what belongs to auth records of the collection, and what the change log tells of its
/// records. Checks nothing.
pub(super) fn remove(tx: &Tx, collection: &Collection) -> Result<(), EngineError> {
    if collection.is_view() {
        views::drop_view(tx, &collection.name)?;
    } else {
        table::drop_table(tx, &collection.name)?;
    }
    if collection.is_auth() {
        for name in AUTH_REFERENCES {
            let mut sql = Sql::from_text("DELETE FROM ");
            sql.ident(&Ident::new(name))
                .text(" WHERE collectionRef = ")
                .bind(collection.id.as_str());
            tx.execute(&sql)?;
        }
    }
    tx.forget_collection(&collection.id)?;
    store::delete(tx, &collection.id)
}

/// Names of the other collections whose relations point to this one, views among them.
fn referring(schema: &Schema, collection: &Collection) -> Vec<String> {
    let points_here = |other: &Collection| {
        other.fields.iter().any(|field| {
            let relation = field.relation();
            relation.is_some_and(|relation| relation.collection_id == collection.id)
        })
    };
    schema
        .collections()
        .filter(|other| other.id != collection.id && points_here(other))
        .map(|other| other.name.clone())
        .collect()
}

/// What the database says is for the request log, such as that a table is a view by now.
fn refused(error: EngineError) -> Error {
    match Failure::from(error) {
        Failure::Raw(words) => failed("").because(format!("refused by the database: {words}")),
        other => other.into_error("Failed to delete collection."),
    }
}

fn failed(reason: &str) -> Error {
    Error::bad_request(format!("Failed to delete collection{reason}."))
}
