//! The rule lab: what a rule says, why somebody gets through or not, and whom it lets through. For superusers; `api`
//! has checked that before it calls.
//!
//! Nothing here decides anything: verdicts come from the statements and operations that requests go through.

mod check;
mod explain;
mod reach;
mod saved;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value as Json};

use crate::app::data::principal_of;
use crate::base::cast;
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::base::time::Timestamp;
use crate::ctx::{AuthRecord, Ctx, Principal, RequestContext, RequestInfo};
use crate::engine::Reader;
use crate::query::{Action, Snapshot, stored_rule};
use crate::record;
use crate::schema::{Collection, CollectionOptions, Entry, Schema};

pub use check::check;
pub use explain::explain;
pub(crate) use saved::after_change;
pub use saved::{Outcome, delete_test, export, import, list_tests, put_test, run, run_tests};

/// Longest an answer may take; what is not known by then stays out of it.
const LIMIT: Duration = Duration::from_secs(1);

/// Longest rule that is looked at, in bytes. Stored ones may be longer, but hardly are.
const MAX_TEXT: usize = 200_000;

const INVALID: &str = "Failed to read the question.";

/// A rule and the collection it belongs to, as if it were saved.
struct Subject {
    snapshot: Arc<Snapshot>,
    entry: Arc<Entry>,
    action: Action,
    rule: Option<String>,
}

impl Subject {
    /// What a form asks about: the stored rule of an action, or one in its place.
    fn of(snapshot: &Arc<Snapshot>, form: &Map<String, Json>) -> Result<Self> {
        let entry = collection(snapshot, form)?;
        let action = action(form)?;
        let stored = stored_rule(&entry, action).map(str::to_owned);
        let rule = match form.get("rule").or_else(|| form.get("text")) {
            None => stored.clone(),
            Some(Json::Null) => None,
            Some(rule) => Some(cast::to_text(rule)),
        };
        if rule.as_ref().is_some_and(|rule| rule.len() > MAX_TEXT) {
            return Err(Error::TooLarge);
        }
        if rule == stored {
            return Ok(Self {
                snapshot: Arc::clone(snapshot),
                entry,
                action,
                rule,
            });
        }
        let mut changed = Collection::clone(&entry);
        set_rule(&mut changed, action, rule.clone());
        let snapshot = Arc::new(with(snapshot, &changed));
        let entry = snapshot.collection_by_id(&entry.id);
        let entry = Arc::clone(entry.ok_or(Error::NotFound(None))?);
        Ok(Self {
            snapshot,
            entry,
            action,
            rule,
        })
    }
}

/// The collections with one of them replaced.
fn with(snapshot: &Snapshot, changed: &Collection) -> Snapshot {
    let collections = snapshot.collections().map(|entry| {
        if entry.id == changed.id {
            changed.clone()
        } else {
            Collection::clone(entry)
        }
    });
    Snapshot::new(Schema::new(collections.collect()))
}

fn collection(snapshot: &Snapshot, form: &Map<String, Json>) -> Result<Arc<Entry>> {
    let name = form
        .get("collection")
        .map(cast::to_text)
        .unwrap_or_default();
    match snapshot.collection(&name) {
        Some(entry) => Ok(Arc::clone(entry)),
        None => Err(refused("collection", "There is no such collection.")),
    }
}

fn action(form: &Map<String, Json>) -> Result<Action> {
    let name = form.get("action").map(cast::to_text).unwrap_or_default();
    parse_action(&name).ok_or_else(|| {
        refused(
            "action",
            "Must be one of list, view, create, update, delete, manage.",
        )
    })
}

fn parse_action(name: &str) -> Option<Action> {
    Some(match name {
        "list" | "" => Action::List,
        "view" => Action::View,
        "create" => Action::Create,
        "update" => Action::Update,
        "delete" => Action::Delete,
        "manage" => Action::Manage,
        _ => return None,
    })
}

fn set_rule(collection: &mut Collection, action: Action, rule: Option<String>) {
    let rules = &mut collection.rules;
    match action {
        Action::List => rules.list = rule,
        Action::View => rules.view = rule,
        Action::Create => rules.create = rule,
        Action::Update => rules.update = rule,
        Action::Delete => rules.delete = rule,
        Action::Manage => {
            if let CollectionOptions::Auth(options) = &mut collection.options {
                options.manage_rule = rule;
            }
        }
    }
}

/// Who a question is asked for.
fn principal(reader: &Reader, snapshot: &Snapshot, identity: Option<&Json>) -> Result<Principal> {
    let unknown = || refused("as", "There is no such identity.");
    match identity {
        None => Ok(Principal::Guest),
        Some(identity) if is_guest(identity) => Ok(Principal::Guest),
        Some(Json::String(name)) if name == "superuser" => Ok(Principal::System),
        Some(Json::Object(members)) => {
            let text = |name: &str| members.get(name).map(cast::to_text).unwrap_or_default();
            let entry = snapshot.collection(&text("collection"));
            let entry = entry.filter(|entry| entry.is_auth()).ok_or_else(unknown)?;
            let record = record::load_record(reader, entry, &text("id"))?;
            Ok(principal_of(&record.ok_or_else(unknown)?))
        }
        Some(_) => Err(unknown()),
    }
}

/// Whether this names nobody in particular.
fn is_guest(identity: &Json) -> bool {
    match identity {
        Json::Null => true,
        Json::String(name) => name.is_empty() || name == "guest",
        _ => false,
    }
}

/// The request that a form describes.
fn request(form: &Map<String, Json>, action: Action) -> RequestInfo {
    let pairs = |name: &str| -> Vec<(String, String)> {
        let members = form.get(name).and_then(Json::as_object);
        members
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), cast::to_text(value)))
            .collect()
    };
    let method = match action {
        Action::List | Action::View => "GET",
        Action::Create => "POST",
        Action::Update | Action::Manage => "PATCH",
        Action::Delete => "DELETE",
    };
    RequestInfo {
        context: RequestContext::Default,
        method: method.into(),
        query: pairs("query"),
        headers: pairs("headers").into_iter().collect(),
        ..RequestInfo::default()
    }
}

/// Somebody signed in, so that what a rule asks about them is compiled as it is for most.
pub(crate) fn somebody(snapshot: &Snapshot, now: Timestamp) -> Ctx {
    let auth = snapshot
        .collections()
        .find(|entry| entry.is_auth() && !entry.is_superusers());
    Ctx {
        principal: auth.map_or(Principal::Guest, |entry| {
            Principal::User(AuthRecord {
                id: "000000000000000".to_owned(),
                collection_id: entry.id.clone(),
                collection_name: entry.name.clone(),
                email: "somebody@example.com".to_owned(),
                email_visibility: false,
                verified: true,
            })
        }),
        request: RequestInfo {
            method: "GET".into(),
            ..RequestInfo::default()
        }
        .into(),
        now,
    }
}

fn ctx_for(base: &Ctx, principal: Principal, request: RequestInfo) -> Ctx {
    Ctx {
        principal,
        request: request.into(),
        now: base.now,
    }
}

fn refused(member: &'static str, message: &'static str) -> Error {
    Error::invalid(
        INVALID,
        Issues::one(member, Issue::new("validation_invalid_value", message)),
    )
}

/// A byte offset as UTF-16 units, which is what editors in browsers count.
fn units(text: &str, offset: usize) -> usize {
    text.get(..offset).map_or_else(
        || text.encode_utf16().count(),
        |before| before.encode_utf16().count(),
    )
}
