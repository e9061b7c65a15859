//! What the database refuses to read although the statement compiled: a view does not fit its tables any more, or an
//! expression of one fails on a row. That is the superuser's to mend, and no fault of the server.

use crate::base::error::{Error, Result};
use crate::schema::Entry;

/// What is answered where a collection cannot be read; other errors stay as they are.
pub(super) fn unreadable(error: Error, entry: &Entry, answer: Error) -> Error {
    if !error.is_refused_sql() {
        return error;
    }
    tracing::warn!(collection.name = entry.name, %error, "a collection cannot be read");
    answer
}

/// What was read of a collection; nothing where it cannot be read.
#[track_caller]
pub(super) fn readable<T>(read: Result<T, impl Into<Error>>, entry: &Entry) -> Result<Option<T>> {
    let error = match read {
        Ok(found) => return Ok(Some(found)),
        Err(error) => error.into(),
    };
    if !error.is_refused_sql() {
        return Err(error);
    }
    tracing::warn!(collection.name = entry.name, %error, "a collection cannot be read");
    Ok(None)
}
