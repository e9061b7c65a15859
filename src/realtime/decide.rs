//! Who may know of a change: rule and filter, decided once per audience.
//!
//! What the record's own fields and the request decide is decided in memory; the rest asks the database, one query for
//! all audiences whose question has the same text. When that takes too long each is asked for alone, so that the one it
//! is due to keeps nobody else waiting.
//!
//! The database is as it is now. Where a rule leads through a relation to a record that is gone, nobody can tell any
//! more who satisfied it, and what it says of nothing (which may well be true for guests) is no answer. For a live
//! delete the state before its transaction is at hand as a rule, and who could see the record then is told. Else nobody
//! is.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::base::error::{Error, Result};
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::engine::{self, Reader};
use crate::query::{self, Action, Output, Predicate, Select, Snapshot};
use crate::realtime::topic::Audience;
use crate::record;
use crate::schema::{Entry, FieldKind};
use crate::sql::{Ident, Sql, Value};

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
    /// The state before the transaction that made the change.
    pub(super) before: Option<&'a Reader>,
    pub(super) snapshot: &'a Snapshot,
    pub(super) entry: &'a Arc<Entry>,
    pub(super) record: &'a str,
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
    Database {
        leads: Vec<Lead>,
    },
}

/// A relation of the record that a rule goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Lead {
    /// Of the field among the record's cells.
    position: usize,
    /// Id of the collection it leads to.
    to: String,
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
    let mut leads_of: HashMap<usize, Arc<Condition>> = HashMap::new();
    let mut of_database = Vec::new();
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
            Condition::Database { .. } => None,
        };
        if let Condition::Database { leads } = &**condition {
            of_database.push(index);
            if !leads.is_empty() {
                leads_of.insert(index, Arc::clone(condition));
            }
        }
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
    hold_back(subject, &leads_of, time, &mut decisions);
    of_database.retain(|index| matches!(decisions.get(*index), Some(Ok(false))));
    recall(
        subject,
        action,
        audiences,
        &of_database,
        time,
        &mut decisions,
    );
    decisions
}

/// Decides in favour of those who could see a record right before the transaction that deleted it: what their right
/// follows from may have gone with it.
///
/// Security: only if the record was then what it was when it was deleted, so that they learn nothing that they could
/// not have read.
fn recall(
    subject: Subject<'_>,
    action: Action,
    audiences: &[&Audience],
    refused: &[usize],
    time: Time,
    decisions: &mut [Result<bool, Trouble>],
) {
    let Some(before) = subject.before.filter(|_| !refused.is_empty()) else {
        return;
    };
    let subject = Subject {
        reader: before,
        ..subject
    };
    let deadline = (Instant::now() + time.together).min(time.end);
    let recalled = before.until(deadline, |_| -> Result<(), Error> {
        let cells = record::load_cells(before, subject.entry, subject.record)?;
        if cells.is_some_and(|cells| cells == subject.cells) {
            for refused in refused.chunks(MAX_BATCH) {
                ask(subject, action, audiences, refused, decisions)?;
            }
        }
        Ok(())
    });
    if let Err(error) = recalled {
        tracing::debug!(%error, "nobody can tell any more who could see a deleted record");
    }
}

/// Takes decisions in somebody's favour back whose rule went by a relation to a record that is gone.
fn hold_back(
    subject: Subject<'_>,
    conditions: &HashMap<usize, Arc<Condition>>,
    time: Time,
    decisions: &mut [Result<bool, Trouble>],
) {
    let mut known: Vec<(&[Lead], bool)> = Vec::new();
    for (index, condition) in conditions {
        let Condition::Database { leads } = &**condition else {
            continue;
        };
        let Some(slot) = decisions.get_mut(*index) else {
            continue;
        };
        if !matches!(slot, Ok(true)) {
            continue;
        }
        if let Some((_, leads_somewhere)) = known.iter().find(|(known, _)| known == leads) {
            *slot = Ok(*leads_somewhere);
            continue;
        }
        let deadline = (Instant::now() + ALONE).min(time.end);
        let asked = subject
            .reader
            .until(deadline, |_| leads_somewhere(subject, leads));
        *slot = match asked {
            Ok(leads_somewhere) => {
                known.push((leads, leads_somewhere));
                Ok(leads_somewhere)
            }
            Err(engine::Error::Timeout) => Err(Trouble::Late(engine::Error::Timeout.into())),
            Err(error) => Err(Trouble::of(error.into(), deadline)),
        };
    }
}

/// Says whether all records are still there that relations of the record lead to.
fn leads_somewhere(subject: Subject<'_>, leads: &[Lead]) -> Result<bool, engine::Error> {
    for lead in leads {
        let ids = match subject.cells.get(lead.position) {
            Some(Value::Text(ids)) if ids.starts_with('[') => ids.clone(),
            Some(Value::Text(id)) if !id.is_empty() => json!([id]).to_string(),
            _ => continue,
        };
        let Some(target) = subject.snapshot.collection_by_id(&lead.to) else {
            return Ok(false);
        };
        let mut sql: Sql = Sql::from_text("SELECT 1 FROM json_each(");
        sql.bind(ids)
            .text(") AS wanted WHERE NOT EXISTS (SELECT 1 FROM ")
            .ident(&Ident::new(&target.name))
            .text(" WHERE id = wanted.value)");
        if subject.reader.first(&sql, |_| ())?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
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
        Ok(None) => Condition::Database {
            leads: leads(subject, ctx, rule.unwrap_or_default()),
        },
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

/// The relations of a record that a rule names.
fn leads(subject: Subject<'_>, ctx: &Ctx, rule: &str) -> Vec<Lead> {
    let named = subject.snapshot.names_in(ctx, subject.entry, rule);
    let named = named.unwrap_or_default();
    let named = named
        .iter()
        .filter(|touch| touch.collection_id == subject.entry.id);
    let mut leads: Vec<Lead> = Vec::new();
    for name in named.filter_map(|touch| touch.field.as_deref()) {
        if let Some(position) = subject.entry.position(name)
            && let Some(field) = subject.entry.fields.get(position)
            && let FieldKind::Relation(options) = &field.kind
            && leads.iter().all(|lead| lead.position != position)
        {
            leads.push(Lead {
                position,
                to: options.collection_id.clone(),
            });
        }
    }
    leads
}
