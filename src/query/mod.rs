//! Names to SQL: rules, filters and sorts of a collection become one statement with binds. Pure; `engine` runs it.
//!
//! [`Snapshot::select`] is the way in. A filter is parsed (`expr`), its names are resolved against the schema
//! (`names`, `request`, `modifiers`, `functions`) to operands over joined rows (`joins`, `scalar`, `scope`), comparisons become
//! conditions (`compare`, `operators`, `multi_match`), conditions become a `WHERE` with semi-joins (`condition`), and `select` puts
//! the statement together. Statements are compiled once and kept in the snapshot (`cache`); what differs between
//! requests is bound (`slot`).

mod batch;
mod cache;
mod compare;
mod compiler;
mod condition;
mod error;
mod explain;
mod functions;
mod joins;
mod keyed;
mod main_row;
mod memory;
mod modifiers;
mod multi_match;
mod names;
mod operators;
mod request;
mod restricted;
mod review;
mod scalar;
mod scope;
mod select;
mod selection;
mod slot;
mod sort;
mod statement;
mod visibility;

#[cfg(test)]
mod tests;

use std::ops::Deref;
use std::sync::Arc;

pub use batch::{Batch, batch};
pub use compiler::Touch;
pub use error::{Error, Reason};
pub use explain::{Compared, Explained, How, Step};
pub use keyed::Keyed;
pub use memory::Predicate;
pub use restricted::Restricted;
pub use review::{Finding, Fix, Joined, Kind, Review, Severity};
pub use selection::{Only, Output, Page, Select};
pub use sort::{MAX_SORT_ITEM, MAX_SORT_ITEMS};
pub use statement::Statement;
pub use visibility::{Action, check_rule, check_words, rule_for, stored_rule};

use crate::ctx::Ctx;
use crate::query::cache::Cache;
use crate::schema::{Entry, Schema};

/// Longest filter a client may send, in characters. Rules have no such limit.
pub const MAX_FILTER: usize = 3500;

/// The schema of one moment with the statements compiled for it.
#[derive(Debug, Default)]
pub struct Snapshot {
    schema: Schema,
    cache: Cache,
}

impl Snapshot {
    /// Makes a snapshot without compiled statements.
    pub fn new(schema: Schema) -> Self {
        Self {
            schema,
            cache: Cache::default(),
        }
    }

    /// A rule and a client's filter as a predicate over single records; nothing if they need the database.
    ///
    /// It holds for all requests of the same kind of principal: nobody, or records of the same collection.
    pub fn predicate(
        &self,
        ctx: &Ctx,
        collection: &Arc<Entry>,
        rule: Option<&str>,
        filter: &str,
    ) -> Result<Option<Predicate>, Error> {
        let select = Select {
            rule,
            filter,
            ..Select::all(collection)
        };
        check_words(ctx, select.filter, select.sort)?;
        Predicate::compile(&self.schema, ctx, collection.definition(), rule, filter)
    }

    /// The rule of a selection taken apart: how each piece of it is asked about one record.
    pub fn explain(&self, ctx: &Ctx, select: &Select<'_>) -> Result<Explained, Error> {
        explain::explain(&self.schema, ctx, select)
    }

    /// What there is to say about a text before it is used.
    pub fn review(&self, ctx: &Ctx, collection: &Arc<Entry>, kind: Kind, text: &str) -> Review {
        review::review(&self.schema, ctx, collection.definition(), kind, text)
    }

    /// The places of a rule that name fields and collections, for this kind of caller.
    pub fn names_in(
        &self,
        ctx: &Ctx,
        collection: &Arc<Entry>,
        rule: &str,
    ) -> Result<Vec<Touch>, Error> {
        review::names(&self.schema, ctx, collection.definition(), rule)
    }

    /// The statement that answers a selection for one request.
    pub fn select(&self, ctx: &Ctx, select: &Select<'_>) -> Result<Statement, Error> {
        check_words(ctx, select.filter, select.sort)?;
        self.cache
            .statement(ctx, select, || select::compile(&self.schema, ctx, select))
    }
}

#[cfg(test)]
impl Snapshot {
    /// How many selections have compiled statements.
    fn cached(&self) -> usize {
        self.cache.len()
    }
}

impl Deref for Snapshot {
    type Target = Schema;

    fn deref(&self) -> &Schema {
        &self.schema
    }
}
