//! What is asked of a collection: which records, in which order, and what of them.

use std::sync::Arc;

use crate::schema::Entry;
use crate::sql::Value;

/// Which records of a collection are wanted, and what of them.
#[derive(Clone, Copy, Debug)]
pub struct Select<'a> {
    pub collection: &'a Arc<Entry>,
    /// Must hold; `None` and `""` restrict nothing. Sees hidden fields. Whether it applies is decided already,
    /// see [`crate::query::rule_for`].
    pub rule: Option<&'a str>,
    /// The client's filter; `""` for none. Names only what the caller may list, unless that is a superuser.
    pub filter: &'a str,
    /// The client's sort; `""` for none.
    pub sort: &'a str,
    pub only: Only<'a>,
    pub page: Option<Page>,
    pub output: Output,
    /// A row that is looked at instead of the stored ones: column values in the order of the fields.
    pub draft: Option<&'a [Value]>,
}

impl<'a> Select<'a> {
    /// All records of a collection.
    pub const fn all(collection: &'a Arc<Entry>) -> Self {
        Self {
            collection,
            rule: None,
            filter: "",
            sort: "",
            only: Only::All,
            page: None,
            output: Output::Columns,
            draft: None,
        }
    }
}

/// Restricts a selection to known ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Only<'a> {
    All,
    Id(&'a str),
    Ids(&'a [String]),
}

/// A window of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    pub limit: i64,
    pub offset: i64,
}

/// What a statement yields per record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Output {
    /// All columns in the order of the collection's fields.
    Columns,
    /// The id alone.
    Id,
    /// One row with the number of records.
    Count,
    /// One row if there is any record, else none.
    Exists,
}
