//! The rows a statement reads besides the main one, each shared by all paths that name it.
//!
//! A row is found through its parent (a relation of it, a list of it, records pointing to it) or through the request.
//! Every row is joined as `LEFT JOIN` means it: without a match there is one row of NULLs.

use crate::query::scalar::{JoinId, Scalar};
use crate::query::slot::Slot;
use crate::sql::Ident;

/// SQLite joins at most 64 tables, the main one included.
const MAX_JOINS: usize = 63;

/// What is joined and how.
#[derive(Clone, Debug)]
pub(super) struct Join {
    pub(super) parent: Option<JoinId>,
    pub(super) source: Source,
    pub(super) on: On,
    /// One parent row may have several such rows.
    pub(super) many: bool,
    /// Reached without the main row.
    pub(super) constant: bool,
}

/// Where the rows come from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Table(Ident),
    /// The items of a list column or list value.
    Items(Scalar),
    /// The items of a bound JSON array.
    List(Slot),
}

/// Which rows of the source belong to the parent.
#[derive(Clone, Debug)]
pub(super) enum On {
    Always,
    /// The row's column has this value.
    Equal(Ident, Scalar),
    /// The row's list column contains this value.
    Contains(Ident, Scalar),
}

/// All joined rows of a statement.
#[derive(Debug, Default)]
pub(super) struct Joins {
    rows: Vec<Join>,
    keys: Vec<String>,
}

impl Joins {
    /// The row of a key, joined now if it is not there yet.
    pub(super) fn add(&mut self, key: String, join: impl FnOnce() -> Join) -> JoinId {
        if let Some(index) = self.keys.iter().position(|known| *known == key) {
            return JoinId(index);
        }
        self.rows.push(join());
        self.keys.push(key);
        JoinId(self.rows.len() - 1)
    }

    /// Says whether the statement reads the main row alone.
    pub(super) const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Says whether there are more rows than SQLite joins in one statement.
    pub(super) const fn are_too_many(&self) -> bool {
        self.rows.len() > MAX_JOINS
    }

    /// The key of a row, the start of the keys of rows found through it.
    pub(super) fn key(&self, id: JoinId) -> &str {
        self.keys.get(id.0).expect("BUG: join of another statement")
    }

    /// All rows with their keys, in the order in which they were joined.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &Join)> {
        self.keys.iter().map(String::as_str).zip(&self.rows)
    }

    pub(super) fn get(&self, id: JoinId) -> &Join {
        self.rows.get(id.0).expect("BUG: join of another statement")
    }

    /// The row and what it is found through, outermost first.
    pub(super) fn chain(&self, id: JoinId) -> Vec<JoinId> {
        let mut chain = vec![id];
        let mut current = id;
        while let Some(parent) = self.get(current).parent {
            chain.push(parent);
            current = parent;
        }
        chain.reverse();
        chain
    }

    /// The outermost row of the chain of which there may be several per main row.
    pub(super) fn many_root(&self, id: JoinId) -> Option<JoinId> {
        self.chain(id).into_iter().find(|row| self.get(*row).many)
    }
}
