//! Changes of the collections as a plan that can be looked at before it is carried out: what would be run, what would
//! be lost, and what else names the things that get another name.
//!
//! A plan changes nothing: it is worked out by a rehearsal on an empty copy ([`catalog::rehearse`]). Applying it does
//! the same as an import, in one transaction, if nothing moved since; scripts follow after the commit (`scripts`).

mod apply;
mod definitions;
mod loss;
mod reference;
mod references;
mod scan;
mod scripts;

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value as Json, json};
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::app::schema_plan::loss::Loss;
use crate::app::schema_plan::reference::{Place, Reference};
use crate::base::cast;
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::base::text::hex;
use crate::base::time::Timestamp;
use crate::catalog::{self, Missing, Rehearsal};
use crate::ctx::Ctx;
use crate::engine::Reader;
use crate::query::{self, Snapshot};
use crate::schema::{Entry, Schema};

pub use apply::{apply, apply_as_operator, recover};
pub use scripts::list as list_scripts;

const INVALID: &str = "An error occurred while validating the submitted data.";

/// What somebody wants the collections to be.
#[derive(Clone, Debug)]
pub struct Wanted {
    items: Vec<Json>,
    missing: Missing,
    fix: Fix,
}

/// Which references follow renames.
#[derive(Clone, Debug)]
enum Fix {
    /// Those that are certain.
    Suggested,
    /// These, by their ids.
    These(BTreeSet<String>),
}

/// What would happen.
#[derive(Debug)]
pub struct Plan {
    /// Stands for what was planned on what.
    pub hash: String,
    /// The state of the collections it was made on.
    state: String,
    /// The definitions with what follows renames.
    items: Vec<Json>,
    missing: Missing,
    /// What becomes of definitions.
    changes: Vec<Json>,
    steps: Vec<Json>,
    loss: Vec<Loss>,
    references: Vec<Reference>,
    edits: Vec<scripts::Edited>,
    /// What no longer works afterwards.
    broken: Vec<Json>,
    /// Why it cannot be carried out.
    blocked: Option<Error>,
}

impl Wanted {
    /// Reads a form: `collections`, `deleteMissing`, `deleteFields`, `fixRefs`.
    pub fn read(form: &Map<String, Json>) -> Result<Self> {
        let refused = |member| {
            Err(Error::invalid(
                INVALID,
                Issues::one(member, Issue::required()),
            ))
        };
        let items = match form.get("collections") {
            Some(Json::Array(items)) if items.iter().all(Json::is_object) => items.clone(),
            _ => return refused("collections"),
        };
        let missing = match form.get("deleteMissing") {
            Some(Json::Bool(true)) => Missing::Delete,
            _ if form.get("deleteFields") == Some(&Json::Bool(true)) => Missing::DeleteFields,
            _ => Missing::Keep,
        };
        // Nothing at all is no schema; it would delete everything.
        if items.is_empty() {
            return refused("collections");
        }
        let fix = match form.get("fixRefs") {
            Some(Json::Array(ids)) => Fix::These(ids.iter().map(cast::to_text).collect()),
            _ => Fix::Suggested,
        };
        Ok(Self {
            items,
            missing,
            fix,
        })
    }
}

impl Fix {
    fn takes(&self, reference: &Reference) -> bool {
        match self {
            Self::Suggested => reference.is_certain,
            Self::These(ids) => ids.contains(&reference.id),
        }
    }
}

impl Plan {
    /// Says whether values or records would be lost.
    pub const fn loses(&self) -> bool {
        !self.loss.is_empty()
    }

    /// Says whether it can be carried out.
    pub const fn is_possible(&self) -> bool {
        self.blocked.is_none()
    }

    /// Says whether there is nothing to do.
    pub const fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.blocked.is_none()
    }

    /// For whoever decides about it.
    pub fn to_json(&self) -> Json {
        let blocked: Vec<Json> = self
            .blocked
            .iter()
            .map(|error| {
                let wire = error.to_wire();
                json!({"message": wire.message, "data": wire.data})
            })
            .collect();
        json!({
            "hash": self.hash,
            "changes": self.changes,
            "steps": self.steps,
            "loss": self.loss.iter().map(Loss::to_json).collect::<Vec<_>>(),
            "refs": self.references.iter().map(Reference::to_json).collect::<Vec<_>>(),
            "broken": self.broken,
            "blocked": blocked,
        })
    }
}

/// Works out what would happen.
pub async fn plan(app: &App, ctx: &Ctx, form: &Map<String, Json>) -> Result<Vec<u8>> {
    let plan = make(app, ctx.now, Wanted::read(form)?, may_edit(app)).await?;
    Ok(plan.to_json().to_string().into_bytes())
}

/// The plan for a command line, which is the operator's own.
pub async fn plan_as_operator(app: &App, wanted: Wanted) -> Result<Plan> {
    make(app, Timestamp::now(), wanted, true).await
}

/// Scripts run on the server, so writing them is for the operator to allow.
fn may_edit(app: &App) -> bool {
    app.config()
        .scripts
        .as_ref()
        .is_some_and(|scripts| scripts.editable)
}

async fn make(app: &App, now: Timestamp, wanted: Wanted, may_edit: bool) -> Result<Plan> {
    let folder = app
        .config()
        .scripts
        .as_ref()
        .map(|scripts| scripts.folder.clone());
    app.read_pooled(move |reader, snapshot| {
        let files = folder.as_deref().map(scripts::read).unwrap_or_default();
        work_out(reader, snapshot, now, &wanted, &files, may_edit)
    })
    .await
}

fn work_out(
    reader: &Reader,
    snapshot: &Snapshot,
    now: Timestamp,
    wanted: &Wanted,
    files: &[scripts::File],
    may_edit: bool,
) -> Result<Plan> {
    let targets = catalog::targets(snapshot, &wanted.items, wanted.missing)?;
    let mut references = references::find(snapshot, &targets, wanted.missing, files)?;
    for reference in &mut references {
        let is_script = matches!(reference.place, Place::Script { .. });
        reference.is_fixable = !is_script || may_edit;
        reference.is_fixed = reference.is_fixable && wanted.fix.takes(reference);
    }
    let items = definitions::fixed(&wanted.items, &targets, snapshot, &references);
    let edits = scripts::edit(files, &references);
    let loss = loss::find(reader, snapshot, &targets, wanted.missing)?;
    let state = state(snapshot);
    let mut plan = Plan {
        hash: hash(&state, wanted, files),
        state,
        items,
        missing: wanted.missing,
        changes: Vec::new(),
        steps: Vec::new(),
        loss,
        references,
        edits,
        broken: Vec::new(),
        blocked: None,
    };
    match catalog::rehearse(reader, &plan.items, plan.missing, now) {
        Ok(rehearsal) => {
            plan.changes = changes(snapshot, &rehearsal.schema);
            plan.steps = steps(reader, snapshot, &targets, &rehearsal)?;
            // A view is always made anew, even as it was.
            plan.steps.retain(|step| {
                let is_view = [json!("createView"), json!("dropView")].contains(&step["kind"]);
                let changes = || {
                    plan.changes
                        .iter()
                        .any(|change| change["collection"] == step["collection"])
                };
                !is_view || changes()
            });
            plan.broken = broken(snapshot, &rehearsal);
        }
        Err(error @ Error::Internal(_)) => return Err(error),
        Err(error) => plan.blocked = Some(error),
    }
    Ok(plan)
}

/// Stands for the definitions of all collections.
fn state(schema: &Schema) -> String {
    let mut digest = Sha256::new();
    for entry in schema.collections() {
        let rules = &entry.rules;
        for text in [
            &entry.id,
            &entry.name,
            &entry.updated,
            &entry.stored_fields(),
            &entry.stored_indexes(),
            &entry.stored_options(),
        ] {
            digest.update(text.as_bytes());
            digest.update([0]);
        }
        for rule in [
            &rules.list,
            &rules.view,
            &rules.create,
            &rules.update,
            &rules.delete,
        ] {
            digest.update(rule.as_deref().unwrap_or("\0").as_bytes());
            digest.update([0]);
        }
    }
    hex(&digest.finalize())
}

fn hash(state: &str, wanted: &Wanted, files: &[scripts::File]) -> String {
    let mut digest = Sha256::new();
    digest.update(state.as_bytes());
    digest.update([match wanted.missing {
        Missing::Keep => 0,
        Missing::DeleteFields => 1,
        Missing::Delete => 2,
    }]);
    digest.update(Json::from(wanted.items.clone()).to_string().as_bytes());
    for file in files {
        digest.update(file.path.as_bytes());
        digest.update([0]);
        digest.update(file.hash.as_bytes());
    }
    hex(&digest.finalize())
}

/// Collections that come, go, or get other definitions; of these, which members change.
fn changes(before: &Schema, after: &Schema) -> Vec<Json> {
    let mut changes = Vec::new();
    for entry in after.collections() {
        let Some(old) = before.collection_by_id(&entry.id) else {
            changes.push(json!({"kind": "create", "collection": entry.name, "members": []}));
            continue;
        };
        let members = changed_members(&definition(old), &definition(entry));
        if !members.is_empty() {
            changes.push(json!({"kind": "update", "collection": old.name, "members": members}));
        }
    }
    for entry in before.collections() {
        if after.collection_by_id(&entry.id).is_none() {
            changes.push(json!({"kind": "delete", "collection": entry.name, "members": []}));
        }
    }
    changes
}

fn changed_members(before: &Map<String, Json>, after: &Map<String, Json>) -> Vec<String> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    names
        .into_iter()
        .filter(|name| before.get(*name) != after.get(*name))
        .cloned()
        .collect()
}

/// A definition without what is set anew whenever it is saved.
fn definition(entry: &Entry) -> Map<String, Json> {
    let mut body = Vec::new();
    entry.write_json(&mut body);
    let mut members: Map<String, Json> = serde_json::from_slice(&body).unwrap_or_default();
    members.remove("updated");
    if entry.is_view()
        && let Some(Json::Array(fields)) = members.get_mut("fields")
    {
        // The fields of a view get new ids each time.
        for field in fields.iter_mut().filter_map(Json::as_object_mut) {
            field.remove("id");
        }
    }
    members
}

/// What would be run, with the number of rows of each table.
fn steps(
    reader: &Reader,
    snapshot: &Snapshot,
    targets: &[catalog::Target],
    rehearsal: &Rehearsal,
) -> Result<Vec<Json>> {
    let mut steps = Vec::new();
    let mut counts: HashMap<String, Option<u64>> = HashMap::new();
    for sql in &rehearsal.statements {
        let Some(kind) = kind(sql) else { continue };
        let table = table(sql);
        // A table that gets another name still has the one before.
        let renamed = targets.iter().find_map(|target| {
            let old = target.old.as_ref()?;
            (target.new.name == table && old.name != table).then(|| old.name.clone())
        });
        let stored = renamed.unwrap_or_else(|| table.clone());
        let rows = match snapshot.collection_by_name(&stored) {
            Some(entry) if !entry.is_view() => {
                if !counts.contains_key(&entry.name) {
                    counts.insert(entry.name.clone(), loss::count(reader, entry, None)?);
                }
                counts.get(&entry.name).copied().flatten()
            }
            _ => None,
        };
        steps.push(json!({
            "kind": kind,
            "collection": table,
            "sql": sql,
            "rows": rows,
            "rewrites": matches!(kind, "dropColumn" | "convert"),
        }));
    }
    Ok(steps)
}

/// What a statement does; nothing for the bookkeeping.
fn kind(sql: &str) -> Option<&'static str> {
    let is = |start: &str| sql.starts_with(start);
    if sql.starts_with("UPDATE _collections ") {
        return None;
    }
    Some(match () {
        () if is("CREATE TABLE") => "createTable",
        () if is("DROP TABLE") => "dropTable",
        () if is("CREATE VIEW") => "createView",
        () if is("DROP VIEW") => "dropView",
        () if is("CREATE") => "createIndex",
        () if is("DROP INDEX") => "dropIndex",
        () if is("UPDATE") => "convert",
        () if is("ALTER TABLE") && sql.contains(" RENAME TO ") => "renameTable",
        () if is("ALTER TABLE") && sql.contains(" RENAME COLUMN ") => "renameColumn",
        () if is("ALTER TABLE") && sql.contains(" DROP COLUMN ") => "dropColumn",
        () if is("ALTER TABLE") => "addColumn",
        () => return None,
    })
}

/// The first quoted name of a statement, behind `ON` for an index.
fn table(sql: &str) -> String {
    let rest = if sql.starts_with("CREATE") && sql.contains(" INDEX ") {
        sql.split_once(" ON ").map_or(sql, |(_, rest)| rest)
    } else {
        sql
    };
    rest.split('`').nth(1).unwrap_or_default().to_owned()
}

/// Rules and views that work now and would not afterwards.
fn broken(before: &Snapshot, rehearsal: &Rehearsal) -> Vec<Json> {
    let mut broken = Vec::new();
    for entry in rehearsal.schema.collections() {
        let Some(old) = before.collection_by_id(&entry.id) else {
            continue;
        };
        for (name, rule) in references::rules(entry) {
            let Err(error) = query::check_rule(&rehearsal.schema, entry, rule) else {
                continue;
            };
            let worked = references::rules(old)
                .into_iter()
                .find(|(old_name, _)| *old_name == name)
                .is_some_and(|(_, rule)| query::check_rule(before, old, rule).is_ok());
            if worked {
                broken.push(json!({
                    "kind": "rule",
                    "where": format!("{}.{name}", entry.name),
                    "text": rule,
                    "error": error.describe(rule),
                }));
            }
        }
    }
    for (view, error) in &rehearsal.broken_views {
        broken.push(json!({"kind": "view", "where": view, "error": error}));
    }
    broken
}
