//! A row of a result, borrowed from the statement that yields it.
//!
//! Reading a column does not allocate; whoever keeps a value copies it.

use std::borrow::Cow;

use rusqlite::types::ValueRef as Raw;

use crate::sql::{Value, ValueRef};

/// The row a statement stands on.
#[derive(Debug)]
pub struct Row<'a> {
    inner: &'a rusqlite::Row<'a>,
}

impl<'a> Row<'a> {
    pub(super) const fn new(inner: &'a rusqlite::Row<'a>) -> Self {
        Self { inner }
    }

    /// The value of a column; `Null` beyond the last one.
    pub fn get(&self, column: usize) -> ValueRef<'_> {
        match self.inner.get_ref(column) {
            Ok(Raw::Integer(value)) => ValueRef::Int(value),
            Ok(Raw::Real(value)) => ValueRef::Real(value),
            Ok(Raw::Text(bytes)) => {
                str::from_utf8(bytes).map_or(ValueRef::Blob(bytes), ValueRef::Text)
            }
            Ok(Raw::Blob(bytes)) => ValueRef::Blob(bytes),
            Ok(Raw::Null) | Err(_) => ValueRef::Null,
        }
    }

    /// A text column; `""` if it holds anything else.
    pub fn text(&self, column: usize) -> &str {
        match self.get(column) {
            ValueRef::Text(text) => text,
            _ => "",
        }
    }

    /// A text column that another program may have stored as bytes; `""` if it holds anything else.
    pub fn text_or_bytes(&self, column: usize) -> Cow<'_, str> {
        match self.get(column) {
            ValueRef::Text(text) => Cow::Borrowed(text),
            ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes),
            _ => Cow::Borrowed(""),
        }
    }

    /// An integer column; `0` if it holds anything else.
    pub fn int(&self, column: usize) -> i64 {
        match self.get(column) {
            ValueRef::Int(value) => value,
            _ => 0,
        }
    }

    /// A numeric column; `0` if it holds anything else.
    #[expect(
        clippy::cast_precision_loss,
        reason = "numbers of the API are doubles anyway"
    )]
    pub fn real(&self, column: usize) -> f64 {
        match self.get(column) {
            ValueRef::Real(value) => value,
            ValueRef::Int(value) => value as f64,
            _ => 0.0,
        }
    }

    /// An owned copy of a column's value.
    pub fn value(&self, column: usize) -> Value {
        self.get(column).to_value()
    }
}
