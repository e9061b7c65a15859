//! Who may do what: the one place that decides whether a collection's rule applies, and what clients may not write.

use std::sync::Arc;

use crate::base::error::Error as BaseError;
use crate::base::time::Timestamp;
use crate::ctx::{Ctx, Principal};
use crate::query::MAX_FILTER;
use crate::query::compiler::{Access, Base, Compiler};
use crate::query::error::Error;
use crate::schema::{Collection, Schema};

/// What is done with records, as far as rules tell it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    List,
    View,
    Create,
    Update,
    Delete,
    /// Changing what only an owner may change, auth collections only.
    Manage,
}

impl Action {
    /// What its rule is called, without "rule".
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::View => "view",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Manage => "manage",
        }
    }
}

/// The rule that records must satisfy for the caller: `Ok(None)` when there is none to satisfy, an error when the
/// action is for superusers only.
///
/// Security: nothing else may skip a rule.
pub fn rule_for<'a>(
    ctx: &Ctx,
    collection: &'a Collection,
    action: Action,
) -> Result<Option<&'a str>, BaseError> {
    if ctx.is_superuser() {
        return Ok(None);
    }
    // Nobody who is not signed in manages accounts, whatever the rule makes of the lack of one.
    let stored = stored_rule(collection, action)
        .filter(|_| action != Action::Manage || ctx.auth().is_some());
    match stored {
        None => Err(BaseError::forbidden(
            "Only superusers can perform this action.",
        )),
        Some(rule) if rule.trim().is_empty() => Ok(None),
        Some(rule) => Ok(Some(rule)),
    }
}

/// The rule of an action as it is stored; `None` is for superusers only. Not to be asked who may do what: see
/// [`rule_for`].
pub fn stored_rule(collection: &Collection, action: Action) -> Option<&str> {
    let rules = &collection.rules;
    match action {
        Action::List => rules.list.as_deref(),
        Action::View => rules.view.as_deref(),
        Action::Create => rules.create.as_deref(),
        Action::Update => rules.update.as_deref(),
        Action::Delete => rules.delete.as_deref(),
        Action::Manage => collection
            .auth_options()
            .and_then(|options| options.manage_rule.as_deref()),
    }
}

/// Checks that a rule compiles. The collection may be newer than the one in the schema, or not in it at all.
pub fn check_rule(schema: &Schema, collection: &Collection, rule: &str) -> Result<(), Error> {
    if rule.trim().is_empty() {
        return Ok(());
    }
    let ctx = Ctx {
        principal: Principal::Guest,
        request: Arc::default(),
        now: Timestamp::from_unix_ms(0),
    };
    let mut compiler = Compiler::new(schema, collection, &ctx);
    let base = Base {
        collection,
        row: None,
        access: Access::Full,
    };
    compiler.filter(base, rule)?;
    if compiler.joins.are_too_many() {
        return Err(Error::TooManyJoins);
    }
    Ok(())
}

/// Refuses texts that only superusers may send.
pub fn check_words(ctx: &Ctx, filter: &str, sort: &str) -> Result<(), Error> {
    if !ctx.is_superuser() {
        for text in [filter, sort] {
            for word in ["@collection.", "@request."] {
                if text.contains(word) {
                    return Err(Error::Forbidden(word));
                }
            }
        }
    }
    if filter.len() > MAX_FILTER {
        return Err(Error::FilterTooLong);
    }
    Ok(())
}
