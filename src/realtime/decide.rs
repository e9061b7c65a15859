//! Who may know of a change: rule and filter, decided once per audience.
//!
//! What the record's own fields and the request decide is decided in memory; the rest asks the database, one query for
//! all audiences whose question has the same text.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::engine::Reader;
use crate::query::{self, Action, Output, Predicate, Select, Snapshot};
use crate::realtime::topic::Audience;
use crate::schema::Entry;
use crate::sql::Value;

/// Rules and filters that are kept compiled; beyond this the cache starts over.
const MAX_COMPILED: usize = 2000;

/// Callers that one query asks for.
const MAX_BATCH: usize = 500;

/// The record that a change is about, as it was then.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'a> {
    pub(super) reader: &'a Reader,
    pub(super) snapshot: &'a Snapshot,
    pub(super) entry: &'a Arc<Entry>,
    pub(super) cells: &'a [Value],
    pub(super) now: Timestamp,
}

/// Compiled rules and filters of one schema.
#[derive(Debug, Default)]
pub struct Compiled {
    /// By collection, rule, filter and kind of principal.
    by_text: HashMap<String, Arc<Condition>>,
}

/// A rule with a filter, for one kind of principal.
#[derive(Debug)]
enum Condition {
    Always,
    /// It does not compile, so nobody gets anything.
    Never,
    Memory {
        predicate: Predicate,
        /// It names the present time.
        timely: bool,
    },
    Database,
}

/// What audiences with the same condition have in common, as far as one change is concerned.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Kind<'a> {
    filter: &'a str,
    auth_collection: &'a str,
    superuser: bool,
}

/// Which of the audiences may know. `action` is the rule that applies.
pub(super) fn decide(
    subject: Subject<'_>,
    compiled: &mut Compiled,
    action: Action,
    audiences: &[&Audience],
) -> Result<Vec<bool>> {
    let mut conditions: HashMap<Kind<'_>, Arc<Condition>> = HashMap::new();
    let mut decisions = vec![false; audiences.len()];
    let mut open = Vec::new();
    for (index, audience) in audiences.iter().enumerate() {
        let auth = audience.ctx.auth();
        let kind = Kind {
            filter: &audience.filter,
            auth_collection: auth.map_or("", |auth| auth.collection_id.as_str()),
            superuser: audience.ctx.is_superuser(),
        };
        let condition = conditions
            .entry(kind)
            .or_insert_with(|| compiled.condition(subject, action, audience, kind));
        let decision = match &**condition {
            Condition::Always => Some(true),
            Condition::Never => Some(false),
            Condition::Memory {
                predicate,
                timely: false,
            } => predicate.holds(&audience.ctx, subject.cells),
            Condition::Memory { predicate, .. } => {
                predicate.holds(&audience.at(subject.now), subject.cells)
            }
            Condition::Database => None,
        };
        match (decisions.get_mut(index), decision) {
            (Some(slot), Some(decision)) => *slot = decision,
            _ => open.push(index),
        }
    }
    for open in open.chunks(MAX_BATCH) {
        ask(subject, action, audiences, open, &mut decisions)?;
    }
    Ok(decisions)
}

/// Decides for some audiences with the database.
fn ask(
    subject: Subject<'_>,
    action: Action,
    audiences: &[&Audience],
    open: &[usize],
    decisions: &mut [bool],
) -> Result<()> {
    let mut statements = Vec::with_capacity(open.len());
    let mut asked = Vec::with_capacity(open.len());
    for index in open {
        let Some(audience) = audiences.get(*index) else {
            continue;
        };
        let ctx = audience.at(subject.now);
        let Ok(rule) = query::rule_for(&ctx, subject.entry, action) else {
            continue;
        };
        let select = Select {
            rule,
            filter: &audience.filter,
            output: Output::Exists,
            draft: Some(subject.cells),
            ..Select::all(subject.entry)
        };
        if let Ok(statement) = subject.snapshot.select(&ctx, &select) {
            statements.push(statement);
            asked.push(*index);
        }
    }
    for batch in query::batch(&statements) {
        subject
            .reader
            .query::<Error>(&batch.text, &batch.binds, |row| {
                let number = usize::try_from(row.int(0)).ok();
                let index = number.and_then(|number| asked.get(number));
                if let Some(slot) = index.and_then(|index| decisions.get_mut(*index)) {
                    *slot = true;
                }
                Ok(())
            })?;
    }
    Ok(())
}

impl Compiled {
    fn condition(
        &mut self,
        subject: Subject<'_>,
        action: Action,
        audience: &Audience,
        kind: Kind<'_>,
    ) -> Arc<Condition> {
        let Ok(rule) = query::rule_for(&audience.ctx, subject.entry, action) else {
            return Arc::new(Condition::Never);
        };
        if rule.is_none() && kind.filter.is_empty() {
            return Arc::new(Condition::Always);
        }
        let key = format!(
            "{}\n{}\n{}\n{}\n{}",
            subject.entry.id,
            kind.auth_collection,
            kind.superuser,
            rule.unwrap_or_default(),
            kind.filter
        );
        if self.by_text.len() >= MAX_COMPILED {
            self.by_text.clear();
        }
        let condition = self
            .by_text
            .entry(key)
            .or_insert_with(|| Arc::new(compile(subject, &audience.ctx, rule, kind.filter)));
        Arc::clone(condition)
    }
}

fn compile(subject: Subject<'_>, ctx: &Ctx, rule: Option<&str>, filter: &str) -> Condition {
    match subject.snapshot.predicate(ctx, subject.entry, rule, filter) {
        Err(_) => Condition::Never,
        Ok(None) => Condition::Database,
        Ok(Some(predicate)) => {
            let texts = [rule.unwrap_or_default(), filter];
            // Every name that is not the request's and begins like this is about time.
            let timely = |text: &str| text.replace("@request.", "").contains('@');
            Condition::Memory {
                predicate,
                timely: texts.into_iter().any(timely),
            }
        }
    }
}
