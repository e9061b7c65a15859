//! What there is to say about a rule, filter or sort while it is typed.

use std::time::Instant;

use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::app::rules::{
    INVALID, LIMIT, MAX_TEXT, Subject, collection, is_guest, reach, refused, somebody, units,
};
use crate::base::cast;
use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::engine::{Reader, index_of_step};
use crate::query::{Action, Finding, Kind, Output, Review, Select, Severity, Snapshot};

/// Most identities whose reach is told.
const MAX_IDENTITIES: usize = 10;

/// Looks at a text.
pub async fn check(app: &App, ctx: &Ctx, form: Map<String, Json>) -> Result<Vec<u8>> {
    let kind = match form.get("kind").and_then(Json::as_str) {
        None | Some("" | "rule") => Kind::Rule,
        Some("filter") => Kind::Filter,
        Some("sort") => Kind::Sort,
        Some(_) => return Err(refused("kind", "Must be one of rule, filter, sort.")),
    };
    let ctx = ctx.clone();
    let answer = app
        .read_pooled(move |reader, snapshot| {
            reader.until(Instant::now() + LIMIT, |reader| {
                if kind == Kind::Rule {
                    of_rule(
                        reader,
                        &Subject::of(snapshot, &form)?,
                        snapshot,
                        &ctx,
                        &form,
                    )
                } else {
                    let entry = collection(snapshot, &form)?;
                    let text = form.get("text").map(cast::to_text).unwrap_or_default();
                    if text.len() > MAX_TEXT {
                        return Err(Error::TooLarge);
                    }
                    let caller = somebody(snapshot, ctx.now);
                    let caller = if form.get("client") == Some(&Json::Bool(true)) {
                        caller
                    } else {
                        ctx.clone()
                    };
                    let review = snapshot.review(&caller, &entry, kind, &text);
                    let select = if kind == Kind::Filter {
                        Select {
                            filter: &text,
                            ..Select::all(&entry)
                        }
                    } else {
                        Select {
                            sort: &text,
                            ..Select::all(&entry)
                        }
                    };
                    let plan = plan(reader, snapshot, &caller, &select);
                    Ok(told(snapshot, &text, &review, &plan))
                }
            })
        })
        .await?;
    Ok(Json::Object(answer).to_string().into_bytes())
}

fn of_rule(
    reader: &Reader,
    subject: &Subject,
    stored: &Snapshot,
    ctx: &Ctx,
    form: &Map<String, Json>,
) -> Result<Map<String, Json>> {
    let Some(rule) = &subject.rule else {
        let mut answer = told(&subject.snapshot, "", &Review::default(), &[]);
        answer.insert("words".to_owned(), json!("Superusers only."));
        add_reach(reader, subject, stored, ctx, form, &mut answer)?;
        return Ok(answer);
    };
    let caller = somebody(&subject.snapshot, ctx.now);
    let review = subject
        .snapshot
        .review(&caller, &subject.entry, Kind::Rule, rule);
    let select = Select {
        rule: Some(rule),
        ..Select::all(&subject.entry)
    };
    // Only a list is looked for without an id.
    let plan = if subject.action == Action::List {
        plan(reader, &subject.snapshot, &caller, &select)
    } else {
        Vec::new()
    };
    let mut answer = told(&subject.snapshot, rule, &review, &plan);
    add_reach(reader, subject, stored, ctx, form, &mut answer)?;
    Ok(answer)
}

/// Whom the rule lets through and whom the stored one did, if that is asked for.
fn add_reach(
    reader: &Reader,
    subject: &Subject,
    stored: &Snapshot,
    ctx: &Ctx,
    form: &Map<String, Json>,
    answer: &mut Map<String, Json>,
) -> Result<()> {
    if form.get("reach") != Some(&Json::Bool(true)) {
        return Ok(());
    }
    let mut identities = vec![Json::from("guest")];
    if let Some(Json::Array(others)) = form.get("identities") {
        if others.len() > MAX_IDENTITIES {
            return Err(Error::bad_request(INVALID));
        }
        // The guest is always looked at.
        identities.extend(others.iter().filter(|&other| !is_guest(other)).cloned());
    }
    answer.insert(
        "reach".to_owned(),
        reach::compare(reader, subject, stored, ctx, &identities)?,
    );
    Ok(())
}

/// How the records would be found; empty for what does not compile.
fn plan(reader: &Reader, snapshot: &Snapshot, caller: &Ctx, select: &Select<'_>) -> Vec<String> {
    let select = Select {
        output: Output::Id,
        ..*select
    };
    let statement = snapshot.select(caller, &select).ok();
    statement
        .and_then(|statement| reader.plan(&statement.text).ok())
        .unwrap_or_default()
}

fn told(snapshot: &Snapshot, text: &str, review: &Review, plan: &[String]) -> Map<String, Json> {
    let has_errors = |severity| {
        review
            .findings
            .iter()
            .any(|finding| finding.severity == severity)
    };
    let joins: Vec<Json> = review
        .joins
        .iter()
        .map(|join| json!({"path": readable(snapshot, &join.path), "many": join.many}))
        .collect();
    let mut refs: Vec<Json> = Vec::new();
    for name in &review.names {
        let Some(entry) = snapshot.collection_by_id(&name.collection_id) else {
            continue;
        };
        let of = json!({"collection": entry.name, "field": name.field});
        if !refs.contains(&of) {
            refs.push(of);
        }
    }
    let main = plan.iter().find(|step| is_main(step)).cloned();
    let index = main.as_deref().and_then(index_of_step).map(str::to_owned);
    let scans = main.as_deref().is_some_and(|step| step.starts_with("SCAN"));
    let mut diagnostics: Vec<Json> = review
        .findings
        .iter()
        .map(|finding| diagnostic(text, finding))
        .collect();
    if scans && index.is_none() && !text.trim().is_empty() {
        diagnostics.push(json!({
            "from": 0,
            "to": units(text, text.len()),
            "severity": "info",
            "code": "noIndex",
            "message": "No index leads to the records, so a list looks at all of them.",
        }));
    }
    let answer = json!({
        "ok": !has_errors(Severity::Error),
        "diagnostics": diagnostics,
        "words": review.words,
        "conditions": review.comparisons,
        "joins": joins,
        "refs": refs,
        "index": index,
        "scans": scans,
        "plan": plan,
    });
    match answer {
        Json::Object(members) => members,
        _ => Map::new(),
    }
}

fn diagnostic(text: &str, finding: &Finding) -> Json {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "info",
    };
    let mut told = json!({
        "from": units(text, finding.span.start),
        "to": units(text, finding.span.end),
        "severity": severity,
        "code": finding.code,
        "message": finding.message,
    });
    if let (Some(fix), Some(members)) = (&finding.fix, told.as_object_mut()) {
        let fix = json!({
            "from": units(text, fix.span.start),
            "to": units(text, fix.span.end),
            "text": fix.text,
        });
        members.insert("fix".to_owned(), fix);
    }
    told
}

/// A path of joined rows with names in the place of ids.
fn readable(snapshot: &Snapshot, path: &str) -> String {
    let segment = |segment: &str| match segment.split_once("_via_") {
        Some((id, field)) => {
            let name = snapshot
                .collection_by_id(id)
                .map(|entry| entry.name.clone());
            format!("{}_via_{field}", name.unwrap_or_else(|| id.to_owned()))
        }
        None => segment.to_owned(),
    };
    path.split('.').map(segment).collect::<Vec<_>>().join(".")
}

/// Says whether a step of a plan is about the records themselves.
fn is_main(step: &str) -> bool {
    let mut words = step.split_whitespace();
    words.next();
    words.next() == Some("r")
}
