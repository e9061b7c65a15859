//! Who may know of a change: rule and filter, decided once per audience.
//!
//! What the record's own fields and the request decide is decided in memory; the rest asks the database, one query for
//! all audiences whose question has the same text. When that takes too long each is asked for alone, so that the one it
//! is due to keeps nobody else waiting.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::base::error::{Error, Result};
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::engine::{self, Reader};
use crate::query::{self, Action, Output, Predicate, Select, Snapshot};
use crate::realtime::topic::Audience;
use crate::schema::Entry;
use crate::sql::Value;

/// Rules and filters that are kept compiled; beyond this the cache starts over.
const MAX_COMPILED: usize = 2000;

/// Callers that one query asks for.
const MAX_BATCH: usize = 500;

/// How long the database may take over the question of one audience, once those of all together took too long.
const ALONE: Duration = Duration::from_millis(200);

/// How long deciding may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Time {
    /// For the questions of all audiences together.
    pub(super) together: Duration,
    /// When the rest is left undecided.
    pub(super) end: Instant,
}

/// Why an audience was not told of a change.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It takes long, or cannot be told right now: a matter for later.
    Late(Error),
    /// It will not be told.
    Failed(Error),
}

impl Trouble {
    /// What an error is, of something that had until a deadline.
    pub(super) fn of(error: Error, deadline: Instant) -> Self {
        let passes = matches!(error, Error::Unavailable { .. } | Error::Disk { .. });
        if passes || Instant::now() >= deadline {
            Self::Late(error)
        } else {
            Self::Failed(error)
        }
    }
}

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

/// Which of the audiences may know, as far as there is time to find out. `action` is the rule that applies.
pub(super) fn decide(
    subject: Subject<'_>,
    compiled: &mut Compiled,
    action: Action,
    audiences: &[&Audience],
    time: Time,
) -> Vec<Result<bool, Trouble>> {
    let mut conditions: HashMap<Kind<'_>, Arc<Condition>> = HashMap::new();
    let mut decisions: Vec<_> = audiences.iter().map(|_| Ok(false)).collect();
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
            (Some(slot), Some(decision)) => *slot = Ok(decision),
            _ => open.push(index),
        }
    }
    for open in open.chunks(MAX_BATCH) {
        let mut ask = |open: &[usize], limit: Duration| {
            let deadline = (Instant::now() + limit).min(time.end);
            let asked = subject.reader.until(deadline, |_| {
                ask(subject, action, audiences, open, &mut decisions)
            });
            let Err(error) = asked else { return true };
            if let &[index] = open
                && let Some(slot) = decisions.get_mut(index)
            {
                *slot = Err(match error {
                    engine::Error::Timeout => Trouble::Late(error.into()),
                    other => Trouble::of(other.into(), deadline),
                });
            }
            false
        };
        if !ask(open, time.together) && open.len() > 1 {
            for index in open {
                ask(&[*index], ALONE);
            }
        }
    }
    decisions
}

/// Decides for some audiences with the database.
fn ask(
    subject: Subject<'_>,
    action: Action,
    audiences: &[&Audience],
    open: &[usize],
    decisions: &mut [Result<bool, Trouble>],
) -> Result<(), engine::Error> {
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
            .query::<engine::Error>(&batch.text, &batch.binds, |row| {
                let number = usize::try_from(row.int(0)).ok();
                let index = number.and_then(|number| asked.get(number));
                if let Some(slot) = index.and_then(|index| decisions.get_mut(*index)) {
                    *slot = Ok(true);
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
