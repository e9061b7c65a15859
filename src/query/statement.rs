//! What a selection becomes: a compiled statement, and one with the values of a request.

use std::sync::Arc;

use crate::ctx::Ctx;
use crate::query::compiler::Seen;
use crate::query::keyed::Keyed;
use crate::query::selection::Select;
use crate::query::slot::Slot;
use crate::sql::Value;

/// A statement ready to run.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Equal for all requests of the same shape.
    pub text: Arc<str>,
    pub binds: Vec<Value>,
    /// Another way to the same rows.
    pub keyed: Option<Arc<Keyed>>,
    /// What it finds changes only when the database does.
    pub is_repeatable: bool,
}

/// A statement for all requests of the same shape.
#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) text: Arc<str>,
    pub(super) slots: Vec<Slot>,
    pub(super) keyed: Option<Arc<Keyed>>,
    pub(super) is_repeatable: bool,
    /// The requests it is for.
    pub(super) seen: Vec<Seen>,
}

impl Compiled {
    /// The statement for one request.
    pub(super) fn bind(&self, ctx: &Ctx, select: &Select<'_>) -> Statement {
        Statement {
            text: Arc::clone(&self.text),
            binds: self
                .slots
                .iter()
                .map(|slot| slot.value(ctx, Some(select)))
                .collect(),
            keyed: self.keyed.clone(),
            is_repeatable: self.is_repeatable,
        }
    }

    /// Says whether it is for requests like this one.
    pub(super) fn fits(&self, ctx: &Ctx) -> bool {
        self.seen.iter().all(|seen| seen.holds(ctx))
    }
}
