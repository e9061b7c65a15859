//! Tests of rules that superusers keep: who asks for what, and whether they are to get through. They belong to a
//! collection by its id, so that they follow renames, and are run after every change of the collections.
//!
//! They are rows of `_params`, which PocketBase leaves alone, and travel with an exported schema.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Instant;

use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::app::rules::{INVALID, LIMIT, collection, explain, parse_action, refused};
use crate::base::cast;
use crate::base::error::{Error, Result};
use crate::base::ids::{self, LOWER_ALNUM};
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::engine::{Reader, Tx};
use crate::query::Snapshot;
use crate::sql::{Sql, Value};

/// Rows of `_params` with this beginning are tests.
const PREFIX: &str = "stead.ruletest.";

/// Most tests.
const MAX_TESTS: usize = 500;

/// Longest test, as JSON text.
const MAX_TEST: usize = 16 * 1024;

/// What of a test is kept.
const MEMBERS: [&str; 8] = [
    "name",
    "collection",
    "action",
    "as",
    "record",
    "body",
    "query",
    "headers",
];

/// What became of a test.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub name: String,
    pub passed: bool,
    /// What was wrong, if it did not pass.
    pub reason: String,
    json: Json,
}

/// All tests.
pub fn list_tests(app: &App) -> Result<Vec<u8>> {
    let tests = app.engine().read(export)?;
    Ok(json!({ "items": tests }).to_string().into_bytes())
}

/// Keeps a test under an id, a new one if there is none.
pub async fn put_test(app: &App, id: Option<&str>, form: Map<String, Json>) -> Result<Vec<u8>> {
    let snapshot = app.snapshot();
    let id = match id {
        Some(id) => id.to_owned(),
        None => ids::random_string(15, LOWER_ALNUM),
    };
    let test = read(&snapshot, &id, form)?;
    let stored = test.clone();
    app.engine().write(move |tx| write(tx, &stored)).await?;
    Ok(test.to_string().into_bytes())
}

/// Forgets a test.
pub async fn delete_test(app: &App, id: &str) -> Result<()> {
    let mut sql: Sql = Sql::from_text("DELETE FROM _params WHERE id = ");
    sql.bind(format!("{PREFIX}{id}"));
    let deleted = app
        .engine()
        .write(move |tx| tx.execute(&sql).map_err(Error::from))
        .await?;
    if deleted == 0 {
        return Err(Error::NotFound(None));
    }
    Ok(())
}

/// Runs the tests and tells what became of them. With `collection`, `action` and `rule` as if that rule were saved.
pub async fn run_tests(app: &App, ctx: &Ctx, form: Map<String, Json>) -> Result<Vec<u8>> {
    let outcomes = run_with(app, ctx, Some(form)).await?;
    let failed = outcomes.iter().filter(|outcome| !outcome.passed).count();
    let results: Vec<Json> = outcomes
        .iter()
        .map(|outcome| outcome.json.clone())
        .collect();
    let answer = json!({
        "passed": outcomes.len() - failed, "failed": failed, "results": results,
    });
    Ok(answer.to_string().into_bytes())
}

/// Runs the tests.
pub async fn run(app: &App) -> Result<Vec<Outcome>> {
    run_with(app, &Ctx::system(), None).await
}

async fn run_with(app: &App, ctx: &Ctx, form: Option<Map<String, Json>>) -> Result<Vec<Outcome>> {
    let ctx = ctx.clone();
    app.read_pooled(move |reader, snapshot| {
        let tests = export(reader)?;
        let form = form.as_ref().filter(|form| form.contains_key("rule"));
        let candidate = match form {
            Some(form) => Some((collection(snapshot, form)?.id.clone(), form)),
            None => None,
        };
        let mut outcomes = Vec::new();
        for test in tests {
            let mut question = test.as_object().cloned().unwrap_or_default();
            if let Some((id, form)) = &candidate
                && question.get("collection").map(cast::to_text).as_deref() == Some(id)
                && question.get("action") == form.get("action")
                && let Some(rule) = form.get("rule")
            {
                question.insert("rule".to_owned(), rule.clone());
            }
            outcomes.push(run_one(reader, snapshot, &ctx, &test, &question));
        }
        Ok(outcomes)
    })
    .await
}

fn run_one(
    reader: &Reader,
    snapshot: &Arc<Snapshot>,
    ctx: &Ctx,
    test: &Json,
    question: &Map<String, Json>,
) -> Outcome {
    let deadline = Instant::now() + LIMIT;
    let decision = reader.until(deadline, |reader| {
        explain::decide(reader, snapshot, ctx, question, deadline)
    });
    let name = test["name"].as_str().unwrap_or_default().to_owned();
    let expect = &test["expect"];
    let mut reasons = Vec::new();
    let (mut allowed, mut status) = (Json::Null, Json::Null);
    match decision {
        Ok(decision) => {
            (allowed, status) = (json!(decision.allowed), json!(decision.status));
            let wanted = [("allowed", &allowed), ("wireStatus", &status)];
            for (member, got) in wanted {
                if !expect[member].is_null() && expect[member] != *got {
                    reasons.push(format!("{member} is {got}, not {}", expect[member]));
                }
            }
        }
        Err(error) => reasons.push(error.to_wire().message.into_owned()),
    }
    let reason = reasons.join("; ");
    Outcome {
        passed: reason.is_empty(),
        json: json!({
            "id": test["id"], "name": name, "passed": reason.is_empty(), "expect": expect,
            "allowed": allowed, "wireStatus": status, "reason": reason,
        }),
        name,
        reason,
    }
}

/// Runs the tests after a change of the collections and logs those that fail. Many changes in a row share a run.
pub(crate) fn after_change(app: &App) {
    static WAITING: AtomicBool = AtomicBool::new(false);
    if app.transaction().is_some() || WAITING.swap(true, SeqCst) {
        return;
    }
    let app = app.clone();
    drop(tokio::spawn(async move {
        WAITING.store(false, SeqCst);
        match run(&app).await {
            Ok(outcomes) => {
                for outcome in outcomes.iter().filter(|outcome| !outcome.passed) {
                    tracing::warn!(
                        test = outcome.name,
                        reason = outcome.reason,
                        "a rule test fails since the collections changed"
                    );
                }
            }
            // The server stops, most likely.
            Err(error) => tracing::debug!(%error, "the rule tests could not be run"),
        }
    }));
}

/// All tests as they travel with a schema.
pub fn export(reader: &Reader) -> Result<Vec<Json>> {
    let mut sql: Sql = Sql::from_text("SELECT value FROM _params WHERE id >= ");
    sql.bind(PREFIX)
        .text(" AND id < ")
        .bind(format!("{PREFIX}\u{10FFFF}"))
        .text(" ORDER BY created, rowid");
    let values = reader.all(&sql, |row| row.value(0))?;
    Ok(values
        .iter()
        .filter_map(|value| match value {
            Value::Text(text) => serde_json::from_str(text).ok(),
            Value::Blob(bytes) => serde_json::from_slice(bytes).ok(),
            _ => None,
        })
        .collect())
}

/// Takes tests in that travelled with a schema; those of collections that are not here are left out.
pub async fn import(app: &App, tests: Vec<Json>) -> Result<usize> {
    let snapshot = app.snapshot();
    let mut taken = Vec::new();
    for test in tests {
        let Json::Object(form) = test else { continue };
        let id = form.get("id").map(cast::to_text).unwrap_or_default();
        let id = if is_id(&id) {
            id
        } else {
            ids::random_string(15, LOWER_ALNUM)
        };
        if let Ok(test) = read(&snapshot, &id, form) {
            taken.push(test);
        }
    }
    let n = taken.len();
    app.engine()
        .write(move |tx| taken.iter().try_for_each(|test| write(tx, test)))
        .await?;
    Ok(n)
}

fn is_id(id: &str) -> bool {
    (1..=50).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn read(snapshot: &Snapshot, id: &str, mut form: Map<String, Json>) -> Result<Json> {
    if !is_id(id) {
        return Err(refused("id", "Must be letters and digits."));
    }
    let entry = collection(snapshot, &form)?;
    let action = form.get("action").map(cast::to_text).unwrap_or_default();
    if parse_action(&action).is_none() {
        return Err(refused("action", "There is no such action."));
    }
    let expect = form.remove("expect").unwrap_or_default();
    let is_told = expect["allowed"].is_boolean() || expect["wireStatus"].is_u64();
    if !is_told {
        return Err(refused("expect", "Must have allowed or wireStatus."));
    }
    let mut test = Map::new();
    test.insert("id".to_owned(), Json::from(id));
    for member in MEMBERS {
        if let Some(value) = form.remove(member) {
            test.insert(member.to_owned(), value);
        }
    }
    test.insert("collection".to_owned(), Json::from(entry.id.as_str()));
    test.insert(
        "expect".to_owned(),
        json!({"allowed": expect["allowed"], "wireStatus": expect["wireStatus"]}),
    );
    let test = Json::Object(test);
    if test.to_string().len() > MAX_TEST {
        return Err(Error::TooLarge);
    }
    Ok(test)
}

fn write(tx: &Tx, test: &Json) -> Result<()> {
    let id = format!("{PREFIX}{}", test["id"].as_str().unwrap_or_default());
    let mut others: Sql = Sql::from_text("SELECT COUNT(*) FROM _params WHERE id >= ");
    others
        .bind(PREFIX)
        .text(" AND id < ")
        .bind(format!("{PREFIX}\u{10FFFF}"));
    others.text(" AND id <> ").bind(id.as_str());
    let known = tx.first(&others, |row| row.int(0))?.unwrap_or(0);
    if usize::try_from(known).unwrap_or(usize::MAX) >= MAX_TESTS {
        return Err(Error::bad_request(INVALID));
    }
    let now = Timestamp::now().to_string();
    let mut sql: Sql = Sql::from_text("INSERT INTO _params (id, value, created, updated) VALUES (");
    sql.bind(id).text(", ").bind(test.to_string()).text(", ");
    sql.bind(now.as_str()).text(", ").bind(now.as_str());
    sql.text(") ON CONFLICT (id) DO UPDATE SET value = excluded.value, updated = excluded.updated");
    tx.execute(&sql)?;
    Ok(())
}
