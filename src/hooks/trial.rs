//! Trying a script out: an event or a route in a transaction that is undone. Whatever would leave the server is noted
//! instead of done: requests to others, mails, messages of streams.
//!
//! All of it happens on one script thread, which knows that it is trying; nobody else sees the script meanwhile.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Map, Value as Json, json};

use crate::app::{App, data, records};
use crate::base::cast;
use crate::base::error::{Error, Result};
use crate::ctx::{Ctx, Principal, RequestInfo};
use crate::events::{Event, Group, HttpRequest, Kind};
use crate::hooks::cancel::Cancel;
use crate::hooks::listener::Hooks;
use crate::hooks::set::Set;
use crate::hooks::{editing, frames, loading, notes, routes, store, thread};
use crate::record::SharedRecord;

/// How long a trial may take: nobody else writes meanwhile.
const LIMIT: Duration = Duration::from_secs(3);

/// Largest part of an answer's body that is shown.
const MAX_BODY: usize = 64 << 10;

/// One trial.
#[derive(Debug)]
pub(super) struct Trial {
    pub(super) set: Arc<Set>,
    /// Belongs to the transaction that is undone.
    pub(super) app: App,
    /// It only has to be undone yet.
    is_over: AtomicBool,
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Trial>>> = const { RefCell::new(None) };
}

/// The trial that this thread is in the middle of.
pub(super) fn current() -> Option<Arc<Trial>> {
    CURRENT.with_borrow(Clone::clone)
}

impl Trial {
    /// Says whether handlers are still to be called.
    pub(super) fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }
}

/// Ends the trial of this thread when dropped.
struct Entered;

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(None);
    }
}

/// What is tried.
struct Wanted {
    members: Map<String, Json>,
}

impl Wanted {
    fn text(&self, name: &str) -> String {
        self.members
            .get(name)
            .map(cast::to_text)
            .unwrap_or_default()
    }

    fn object(&self, name: &str) -> Map<String, Json> {
        let value = self.members.get(name).and_then(Json::as_object);
        value.cloned().unwrap_or_default()
    }
}

/// Tries an event or a route with the scripts as they would be with a changed one. For a script thread.
pub(super) fn run(hooks: &Hooks, members: Map<String, Json>) -> Result<Json> {
    let wanted = Wanted { members };
    let path = wanted.text("path");
    let changed = wanted
        .members
        .contains_key("text")
        .then(|| wanted.text("text"));
    if changed.is_some() {
        // Running what somebody sends is as much as keeping it.
        editing::may_edit(hooks.options())?;
        editing::place(hooks.options(), &path)?;
    }
    let changed = changed.as_deref().map(|text| (path.as_str(), text));
    let app = hooks.app();
    let set = match loading::load_changed(&hooks.options().folder, &app.settings().hooks, changed) {
        Ok(set) => Arc::new(set),
        Err(problems) => return Ok(json!({ "ok": false, "problems": problems })),
    };
    let transaction = thread::block_on(app.begin(LIMIT))?;
    let trial = Arc::new(Trial {
        set,
        app: app.within(&transaction),
        is_over: AtomicBool::default(),
    });
    CURRENT.set(Some(Arc::clone(&trial)));
    let entered = (Entered, store::TriedOut::begin());
    let notes = notes::Taking::begin();
    let began = Instant::now();
    let outcome = frames::enter(
        trial.app.clone(),
        LIMIT,
        "a dry run".to_owned().into(),
        false,
    )
    .and_then(|_entered| perform(hooks, &trial, &wanted));
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    trial.is_over.store(true, Ordering::Relaxed);
    thread::block_on(transaction.roll_back());
    drop(entered);
    let (is_fine, result) = match outcome {
        Ok(result) => (true, result),
        Err(Error::Answered(answer)) => (
            true,
            json!({ "answer": shown(&answer.headers, answer.status, &answer.body) }),
        ),
        Err(error) => {
            let error = error.to_wire().to_json();
            (false, json!({ "error": error }))
        }
    };
    let notes = notes.end();
    let mut all = json!({
        "ok": is_fine, "problems": notes.faults, "calls": notes.calls, "log": notes.lines,
        "micros": micros, "operations": notes.operations,
    });
    if let (Some(all), Json::Object(result)) = (all.as_object_mut(), result) {
        all.extend(result);
    }
    Ok(all)
}

fn perform(hooks: &Hooks, trial: &Trial, wanted: &Wanted) -> Result<Json> {
    let ctx = ctx_of(trial, wanted)?;
    if wanted.members.contains_key("url") {
        return route(hooks, trial, wanted, &ctx);
    }
    let name = wanted.text("event");
    let kind = Kind::of_name(name.trim_start_matches("on_"))
        .ok_or_else(|| Error::bad_request(format!("There is no event {name}.")))?;
    match kind.group() {
        Group::Record | Group::RecordRequest if kind != Kind::RecordsListRequest => {
            record_event(trial, wanted, &ctx, kind)
        }
        _ => {
            let event = Event::new(kind, &ctx).within(trial.app.transaction());
            fire(trial, event)?;
            Ok(json!({}))
        }
    }
}

fn fire(trial: &Trial, event: Event) -> Result<()> {
    frames::wait(trial.app.events().around(event, async { Ok(()) }))
}

/// Creates, changes or deletes a record, or tells that it was; then what becomes of it afterwards.
fn record_event(trial: &Trial, wanted: &Wanted, ctx: &Ctx, kind: Kind) -> Result<Json> {
    let app = &trial.app;
    let collection = wanted.text("collection");
    let name = kind.name();
    let is_create = name.contains("create");
    let record = if is_create && wanted.text("id").is_empty() {
        data::new_record(app, &collection)?
    } else {
        frames::wait(data::find(app, &collection, &wanted.text("id")))?
    };
    for (name, value) in wanted.object("record") {
        record.lock().set(&name, value);
    }
    let before = record.lock().to_json();
    let about = |kind| {
        Event::new(kind, ctx)
            .about(&record)
            .within(app.transaction())
    };
    let is_after =
        name.contains("_after_") || matches!(kind, Kind::RecordEnrich | Kind::RecordViewRequest);
    if is_after {
        fire(trial, about(kind))?;
    } else {
        let (inner, saved) = (app.clone(), record.clone());
        let is_delete = name.contains("delete");
        let work = async move {
            if is_delete {
                records::delete_model(&inner, &saved).await
            } else {
                records::save_model(&inner, &saved, false).await
            }
        };
        if kind.is_request() {
            frames::wait(app.events().around(about(kind), work))?;
        } else {
            frames::wait(work)?;
        }
        // What waits for the commit is told now: there will be none.
        let after = if is_delete {
            Kind::RecordAfterDeleteSuccess
        } else if is_create {
            Kind::RecordAfterCreateSuccess
        } else {
            Kind::RecordAfterUpdateSuccess
        };
        fire(trial, about(after))?;
    }
    let after = record.lock().to_json();
    Ok(json!({ "before": before, "after": after, "shown": shown_members(&record) }))
}

fn shown_members(record: &SharedRecord) -> Json {
    Json::Object(crate::hooks::record::ScriptRecord(record.clone()).shown())
}

fn route(hooks: &Hooks, trial: &Trial, wanted: &Wanted, ctx: &Ctx) -> Result<Json> {
    let url = wanted.text("url");
    let path = url.split_once('?').map_or(url.as_str(), |(path, _)| path);
    let method = ctx.request.method.to_string();
    let found = trial.set.table.find(&method, path);
    let (index, params) =
        found.ok_or_else(|| Error::bad_request(format!("No script answers {method} {path}.")))?;
    let handler = trial.set.routes.get(index).ok_or(Error::NotFound(None))?;
    let params = params.into_iter().collect();
    routes::check(&handler.guards, ctx, &params, || "a dry run".to_owned())?;
    let request = Arc::new(HttpRequest {
        method,
        path: path.to_owned(),
        url: url.clone(),
        params,
        body: wanted.members.get("body").cloned().unwrap_or_default(),
        ..HttpRequest::default()
    });
    let cancel = Cancel::default();
    let (answer, _) = hooks.run_route(&trial.set, handler, ctx, &request, Some(&cancel))?;
    Ok(json!({ "answer": shown(&answer.headers, answer.status, &answer.body) }))
}

fn shown(headers: &[(String, String)], status: u16, body: &[u8]) -> Json {
    let body = String::from_utf8_lossy(body.get(..MAX_BODY).unwrap_or(body));
    json!({ "status": status, "headers": headers, "body": body })
}

fn ctx_of(trial: &Trial, wanted: &Wanted) -> Result<Ctx> {
    let auth = wanted.object("auth");
    let member = |name: &str| auth.get(name).map(cast::to_text).unwrap_or_default();
    let principal = if auth.is_empty() {
        Principal::Guest
    } else {
        let (collection, id) = (member("collection"), member("id"));
        let record = frames::wait(data::find(&trial.app, &collection, &id))?;
        data::principal_of(&record.lock())
    };
    let method = Some(wanted.text("method")).filter(|method| !method.is_empty());
    let url = wanted.text("url");
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let headers = wanted.object("headers");
    Ok(Ctx {
        principal,
        request: Arc::new(RequestInfo {
            method: method.map_or("GET".into(), |method| method.to_uppercase().into()),
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            headers: headers
                .iter()
                .map(|(name, value)| (name, cast::to_text(value)))
                .collect(),
            body: wanted.object("body"),
            url: url.clone(),
            ..RequestInfo::default()
        }),
        ..Ctx::system()
    })
}
