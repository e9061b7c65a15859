//! Why somebody gets through a rule or not: every piece of it as the database judges it, and what a client would get.
//!
//! The verdict is that of the statement a request runs; the status is that of the operation a request calls, up to the
//! point where it would write. What uniqueness of indexes would refuse is not known before.

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::app::rules::reach::{self, Counted};
use crate::app::rules::{LIMIT, Subject, ctx_for, principal, refused, request};
use crate::base::cast;
use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::engine::{Error as EngineError, Reader};
use crate::query::{Action, Only, Output, Select, Snapshot};
use crate::record::{self, Input, Question};
use crate::schema::Entry;

mod pieces;

/// Explains a decision.
pub async fn explain(app: &App, ctx: &Ctx, form: Map<String, Json>) -> Result<Vec<u8>> {
    let ctx = ctx.clone();
    let answer = app
        .read_pooled(move |reader, snapshot| {
            reader.consistent(|reader| {
                let deadline = Instant::now() + LIMIT;
                reader.until(deadline, |reader| {
                    let decision = decide(reader, snapshot, &ctx, &form, deadline)?;
                    Ok::<_, Error>(decision.to_json())
                })
            })
        })
        .await?;
    Ok(answer.to_string().into_bytes())
}

/// What was found out.
#[derive(Debug, Default)]
pub(super) struct Decision {
    /// Whether the rule lets the caller through to the record; not known without a record.
    pub(super) allowed: Option<bool>,
    /// What a client would get.
    pub(super) status: Option<u16>,
    message: Option<String>,
    data: Json,
    rule: Option<String>,
    /// Rules do not apply to this caller.
    skipped: bool,
    tree: Option<Json>,
    error: Option<String>,
    matched: Option<Counted>,
    total: Option<u64>,
    sql: Option<String>,
    plan: Vec<String>,
    /// The time was up before everything was known.
    partial: bool,
}

impl Decision {
    fn to_json(&self) -> Json {
        json!({
            "allowed": self.allowed,
            "wireStatus": self.status,
            "message": self.message,
            "data": self.data,
            "rule": self.rule,
            "skipped": self.skipped,
            "tree": self.tree,
            "error": self.error,
            "matched": self.matched.map(|counted| counted.found),
            "matchedComplete": self.matched.is_some_and(|counted| counted.is_complete),
            "total": self.total,
            "sql": self.sql,
            "plan": self.plan,
            "partial": self.partial,
        })
    }
}

/// Everything that is known about a question.
struct Asked<'a> {
    reader: &'a Reader,
    subject: Subject,
    ctx: Ctx,
    /// What a client submits.
    input: Input,
    record: Option<String>,
    deadline: Instant,
}

pub(super) fn decide(
    reader: &Reader,
    snapshot: &Arc<Snapshot>,
    base: &Ctx,
    form: &Map<String, Json>,
    deadline: Instant,
) -> Result<Decision> {
    let subject = Subject::of(snapshot, form)?;
    let who = principal(reader, snapshot, form.get("as"))?;
    let ctx = ctx_for(base, who, request(form, subject.action));
    let data = match form.get("body") {
        None | Some(Json::Null) => Map::new(),
        Some(Json::Object(members)) => members.clone(),
        Some(_) => return Err(refused("body", "Must be an object.")),
    };
    let mut input = Input {
        data,
        ..Input::default()
    };
    input.reserved_id = record::reserve_id(&subject.entry, &input.data);
    let record = form.get("record").map(cast::to_text);
    let asked = Asked {
        reader,
        subject,
        ctx,
        input,
        record: record.filter(|id| !id.is_empty()),
        deadline,
    };
    asked.decide().map_err(|error| {
        if !error.is_refused_sql() {
            return error;
        }
        // A table is gone, say, or an expression of a view fails.
        tracing::warn!(%error, "a rule cannot be explained");
        refused("rule", "The database cannot answer it.")
    })
}

impl Asked<'_> {
    fn decide(mut self) -> Result<Decision> {
        let entry = Arc::clone(&self.subject.entry);
        let mut decision = Decision {
            rule: self.subject.rule.clone(),
            skipped: self.ctx.is_superuser(),
            ..Decision::default()
        };
        self.ask_status(&mut decision);
        let question = self.question()?;
        if let Some(question) = &question {
            let request = self.ctx.request_mut();
            request.body.clone_from(&question.body);
            request.is_body_of_record = true;
        }
        let row = question.and_then(|question| question.row);
        let rule = self.subject.rule.clone();
        let mut select = Select {
            rule: rule.as_deref(),
            output: Output::Exists,
            draft: row.as_deref(),
            ..Select::all(&entry)
        };
        let is_draft = row.is_some();
        let id = self.record.clone();
        if let Some(id) = &id
            && !is_draft
        {
            select.only = Only::Id(id);
        }
        let has_row = is_draft || id.is_some();
        decision.allowed = self.verdict(&select, has_row, &mut decision)?;
        if has_row && rule.as_deref().is_some_and(|rule| !rule.trim().is_empty()) {
            self.ask_pieces(&select, &mut decision)?;
        }
        self.ask_numbers(&entry, &mut decision)?;
        decision.partial |= Instant::now() >= self.deadline;
        Ok(decision)
    }

    /// What the rule is asked about, if something is submitted.
    fn question(&self) -> Result<Option<Question>> {
        let id = match self.subject.action {
            Action::Create => None,
            Action::Update | Action::Manage => self.record.as_deref(),
            Action::List | Action::View | Action::Delete => return Ok(None),
        };
        if id.is_none() && self.subject.action != Action::Create {
            return Ok(None);
        }
        record::question(self.reader, &self.ctx, &self.subject.entry, id, &self.input)
    }

    /// Runs the very statement that a request would run.
    fn verdict(
        &self,
        select: &Select<'_>,
        has_row: bool,
        decision: &mut Decision,
    ) -> Result<Option<bool>> {
        let needs_row = !matches!(self.subject.action, Action::List);
        if self.ctx.is_superuser() {
            return Ok(if has_row || !needs_row {
                Some(true)
            } else {
                None
            });
        }
        let Some(rule) = &self.subject.rule else {
            return Ok(Some(false));
        };
        if !has_row {
            return Ok(rule.trim().is_empty().then_some(true));
        }
        let statement = match self.subject.snapshot.select(&self.ctx, select) {
            Ok(statement) => statement,
            Err(error) => {
                decision.error = Some(error.describe(rule));
                return Ok(Some(false));
            }
        };
        decision.sql = Some(statement.text.to_string());
        decision.plan = self.reader.plan(&statement.text).unwrap_or_default();
        let mut found = false;
        let asked = self
            .reader
            .query::<EngineError>(&statement.text, &statement.binds, |row| {
                found |= row.int(0) != 0;
                Ok(())
            });
        match asked {
            Ok(()) => Ok(Some(found)),
            Err(EngineError::Timeout) => {
                decision.partial = true;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What the operation behind the action answers, as far as it goes without writing.
    fn ask_status(&self, decision: &mut Decision) {
        let (reader, ctx, input) = (self.reader, &self.ctx, &self.input);
        let (snapshot, entry) = (&self.subject.snapshot, &self.subject.entry);
        let id = self.record.as_deref();
        if entry.is_view()
            && matches!(
                self.subject.action,
                Action::Create | Action::Update | Action::Delete
            )
        {
            decision.status = Some(400);
            decision.message = Some("Unsupported collection type.".to_owned());
            return;
        }
        let answered = match (self.subject.action, id) {
            (Action::List, _) => self.list(),
            (Action::View, Some(id)) => {
                record::view(reader, snapshot, ctx, entry, id, "").map(|_| 200)
            }
            (Action::Create, _) => record::draft_create(reader, snapshot, ctx, entry, input)
                .and_then(|mut record| {
                    record.generate(ctx, input);
                    record::check_record(reader, snapshot, &record, input)
                })
                .map(|()| 200),
            (Action::Update, Some(id)) => {
                record::draft_update(reader, snapshot, ctx, entry, id, input)
                    .and_then(|mut record| {
                        record.generate(ctx, input);
                        record::check_record(reader, snapshot, &record, input)
                    })
                    .map(|()| 200)
            }
            (Action::Delete, Some(id)) => record::deletable(reader, snapshot, ctx, entry, id)
                .and_then(|_| record::check_delete(reader, snapshot, entry, id))
                .map(|()| 204),
            (Action::Manage, _) | (_, None) => return,
        };
        if Instant::now() >= self.deadline {
            decision.partial = true;
            return;
        }
        match answered {
            Ok(status) => decision.status = Some(status),
            Err(error) => {
                let wire = error.to_wire();
                decision.status = Some(wire.status);
                decision.message = Some(wire.message.into_owned());
                decision.data = wire.data;
            }
        }
    }

    /// A list is answered whenever its rule compiles: what it does not let through is left out.
    fn list(&self) -> Result<u16> {
        let rule = crate::query::rule_for(&self.ctx, &self.subject.entry, Action::List)?;
        let select = Select {
            rule,
            ..Select::all(&self.subject.entry)
        };
        match self.subject.snapshot.select(&self.ctx, &select) {
            Ok(_) => Ok(200),
            Err(error) => Err(error.for_client()),
        }
    }

    fn ask_numbers(&self, entry: &Arc<Entry>, decision: &mut Decision) -> Result<()> {
        if self.subject.action == Action::Create {
            return Ok(());
        }
        decision.total = reach::total(self.reader, entry)?;
        decision.matched = if self.ctx.is_superuser() {
            decision.total.map(|found| Counted {
                found,
                is_complete: true,
            })
        } else {
            match self.subject.rule.as_deref() {
                None => Some(Counted {
                    found: 0,
                    is_complete: true,
                }),
                rule => reach::count(self.reader, &self.subject.snapshot, &self.ctx, entry, rule)?,
            }
        };
        Ok(())
    }
}
