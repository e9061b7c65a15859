//! What is read from a stored cell other than its JSON.

use crate::schema::{Field, FieldValue};
use crate::sql::ValueRef;

/// The texts of a select, file or relation cell, unique and in stored order.
pub(crate) fn texts(field: &Field, cell: ValueRef<'_>) -> Vec<String> {
    match field.read_stored(cell) {
        FieldValue::List(items) => items,
        FieldValue::Text(text) if !text.is_empty() => vec![text],
        _ => Vec::new(),
    }
}
