//! The collections that callers name, as they are by now, and those whose records can be written.

use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::query::Snapshot;
use crate::schema::Entry;

/// The collection a path names.
pub(crate) fn collection_of<'a>(
    snapshot: &'a Snapshot,
    id_or_name: &str,
) -> Result<&'a Arc<Entry>> {
    snapshot
        .collection(id_or_name)
        .ok_or_else(|| no_collection().because(format!("there is no collection {id_or_name:?}")))
}

/// The collection a path names, if records can be written to it.
pub(crate) fn writable(snapshot: &Snapshot, id_or_name: &str) -> Result<Arc<Entry>> {
    with_own_records(collection_of(snapshot, id_or_name)?)
}

/// A collection found before, as it is by now. Its id may be the name of another one.
pub(crate) fn by_id<'a>(snapshot: &'a Snapshot, id: &str) -> Result<&'a Arc<Entry>> {
    snapshot.collection_by_id(id).ok_or_else(no_collection)
}

/// A collection found before, if records can still be written to it.
pub(crate) fn writable_by_id(snapshot: &Snapshot, id: &str) -> Result<Arc<Entry>> {
    with_own_records(by_id(snapshot, id)?)
}

fn with_own_records(entry: &Arc<Entry>) -> Result<Arc<Entry>> {
    if entry.is_view() {
        return Err(Error::bad_request("Unsupported collection type."));
    }
    Ok(Arc::clone(entry))
}

fn no_collection() -> Error {
    Error::not_found("Missing collection context.")
}
