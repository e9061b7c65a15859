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
pub(super) fn readable<T>(read: Result<T>, entry: &Entry) -> Result<Option<T>> {
    match read {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.is_refused_sql() => {
            tracing::warn!(collection.name = entry.name, %error, "a collection cannot be read");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
