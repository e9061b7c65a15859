//! The `e` of a handler: its members, `next()`, and the chain of handlers behind it.

mod answers;
mod requests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::{Dynamic, ImmutableString, Map, Module, NativeCallContext};
use serde_json::Value as Json;

use crate::base::error::{Answer, Error, Result};
use crate::ctx::{Ctx, Principal};
use crate::events::{Action, Event, Kind, Transaction};
use crate::hooks::app::ScriptApp;
use crate::hooks::call::{self, Call, Told};
use crate::hooks::define::{function, property};
use crate::hooks::fault::{Failure, fault, misuse, thrown};
use crate::hooks::record::ScriptRecord;
use crate::hooks::set::Set;
use crate::hooks::{frames, page, values};

/// An event in a script; copies are the same event.
#[derive(Clone)]
pub(super) struct ScriptEvent(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) event: Event,
    pub(super) set: Arc<Set>,
    /// The transaction that what it is about belongs to.
    transaction: Option<Arc<Transaction>>,
    /// The handlers, first to last.
    pub(super) handlers: Vec<usize>,
    chain: Mutex<Chain>,
    extra: Mutex<Extra>,
}

struct Chain {
    /// The handler that is running.
    current: usize,
    /// Which handlers have called `next`.
    called: Vec<bool>,
    action: Option<Action>,
}

/// What handlers leave at the event.
#[derive(Default)]
struct Extra {
    store: Map,
    headers: Vec<(String, String)>,
    auth: Option<Dynamic>,
}

const NOT_THERE: &str = "e.next() cannot be called within app.transaction: what the event is about is no part of that transaction and would wait for its end; call it before or after";

/// A response a handler made.
#[derive(Clone, Debug)]
pub(super) struct ScriptAnswer(pub(super) Answer);

impl ScriptEvent {
    /// An event that happens in what is in progress.
    pub(super) fn new(event: Event, set: Arc<Set>, handlers: Vec<usize>, action: Action) -> Self {
        let called = vec![false; handlers.len()];
        Self(Arc::new(Inner {
            event,
            set,
            transaction: frames::transaction(),
            handlers,
            chain: Mutex::new(Chain {
                current: 0,
                called,
                action: Some(action),
            }),
            extra: Mutex::default(),
        }))
    }

    fn chain(&self) -> MutexGuard<'_, Chain> {
        self.0.chain.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn extra(&self) -> MutexGuard<'_, Extra> {
        self.0.extra.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Headers that handlers want on the answer.
    pub(super) fn take_headers(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.extra().headers)
    }

    /// Runs the handlers; the action comes back unless one of them has called `next()`.
    pub(super) fn run_handlers(&self) -> Result<Option<Action>> {
        for index in 0..self.0.handlers.len() {
            if self.run_handler(index)? {
                return Ok(None);
            }
        }
        Ok(self.chain().action.take())
    }

    /// Runs one handler and says whether it has called `next()`.
    fn run_handler(&self, index: usize) -> Result<bool> {
        let Some(handler) = self.0.handlers.get(index) else {
            return Ok(false);
        };
        let outer = std::mem::replace(&mut self.chain().current, index);
        let result = call_handler(&self.0.set, *handler, self);
        self.chain().current = outer;
        if let Some(answer) = result? {
            return Err(Error::Answered(Box::new(answer)));
        }
        Ok(self.chain().called.get(index).copied().unwrap_or(true))
    }

    /// Runs the handlers from one on, and the action behind the last.
    pub(super) fn run_from(&self, index: usize) -> Result<()> {
        if index < self.0.handlers.len() {
            return if self.run_handler(index)? {
                Ok(())
            } else {
                self.run_from(index + 1)
            };
        }
        let action = self.chain().action.take();
        match action {
            Some(action) => frames::wait_unmetered(action),
            None => Ok(()),
        }
    }

    /// `e.next()`, called at a place.
    fn next(&self, context: &NativeCallContext<'_>) -> Result<(), Failure> {
        let is_foreign = self.is_in_foreign_transaction();
        let index = {
            let mut chain = self.chain();
            let index = chain.current;
            match chain.called.get_mut(index) {
                Some(called) if *called => {
                    return Err(misuse(format!(
                        "next() was called twice in a handler of {}.",
                        self.0.event.kind.name()
                    )));
                }
                Some(_) if self.is_last(index, context) => return Ok(()),
                Some(_) if is_foreign => return Err(fault(NOT_THERE)),
                Some(called) => *called = true,
                None => return Ok(()),
            }
            index
        };
        let result = self.run_from(index + 1);
        self.chain().current = index;
        result.map_err(|error| thrown(&error))
    }

    /// Says whether what it is about would wait for a transaction that the handler itself has open.
    fn is_in_foreign_transaction(&self) -> bool {
        let own = self.0.transaction.as_ref();
        self.0.event.kind.changes_data()
            && frames::transaction()
                .is_some_and(|open| own.is_none_or(|own| !Arc::ptr_eq(own, &open)))
    }

    /// Says whether a call is the last thing that a handler does. Whatever follows then follows when it has returned.
    fn is_last(&self, index: usize, context: &NativeCallContext<'_>) -> bool {
        let handler = self.0.handlers.get(index);
        let handler = handler.and_then(|handler| self.0.set.handlers.get(*handler));
        handler.is_some_and(|handler| handler.tail == Some(context.call_position()))
            && context.call_level() <= 1
    }

    fn ctx(&self) -> &Ctx {
        &self.0.event.ctx
    }

    pub(super) fn member(&self, name: &str) -> Result<Dynamic, Failure> {
        let event = &self.0.event;
        let value = match name {
            "record" => event
                .record
                .as_ref()
                .map_or(Dynamic::UNIT, ScriptRecord::dynamic),
            "records" if event.kind == Kind::RecordsListRequest => {
                Dynamic::from_array(event.records.iter().map(ScriptRecord::dynamic).collect())
            }
            "result" if event.kind == Kind::RecordsListRequest => page::shown(event),
            "collection" if !event.members.has("collection") => {
                event.collection.as_ref().map_or(Dynamic::UNIT, |entry| {
                    Dynamic::from_map(values::collection_map(entry))
                })
            }
            "app" => Dynamic::from(ScriptApp),
            "auth" => self.auth(),
            "request_info" => Dynamic::from_map(self.request_info()?),
            "method" if event.kind.is_request() => {
                Dynamic::from(self.ctx().request.method.clone().into_owned())
            }
            "url" => Dynamic::from(
                event
                    .request
                    .as_ref()
                    .map_or_else(|| self.ctx().request.url.clone(), |r| r.url.clone()),
            ),
            "type" => Dynamic::from(event.kind.name().to_owned()),
            _ => values::from_json(&event.members.get(name)),
        };
        Ok(value)
    }

    pub(super) fn set_member(&self, name: &str, value: &Dynamic) {
        if matches!(
            name,
            "record" | "records" | "app" | "auth" | "method" | "url" | "type" | "request_info"
        ) {
            // Scripts write back what they read whenever they change something inside of it.
            return;
        }
        let event = &self.0.event;
        if name == "result" && event.kind == Kind::RecordsListRequest {
            return page::set(event, value);
        }
        event.members.set(name, values::to_json(value));
    }

    fn auth(&self) -> Dynamic {
        if let Some(known) = &self.extra().auth {
            return known.clone();
        }
        let found = match (self.ctx().auth(), frames::app()) {
            (Some(auth), Some(app)) => {
                // Its id may be the name of another collection.
                let (collection, id) = (auth.collection_name.clone(), auth.id.clone());
                frames::wait(async move { crate::app::data::find(&app, &collection, &id).await })
                    .ok()
            }
            _ => None,
        };
        let found = found.as_ref().map_or(Dynamic::UNIT, ScriptRecord::dynamic);
        self.extra().auth = Some(found.clone());
        found
    }

    fn request_info(&self) -> Result<Map, Failure> {
        let request = &self.ctx().request;
        let pairs = |pairs: &[(String, String)]| -> Map {
            let mut map = Map::new();
            for (name, value) in pairs {
                map.entry(name.as_str().into())
                    .or_insert_with(|| Dynamic::from(value.clone()));
            }
            map
        };
        let headers: Vec<(String, String)> = request
            .headers
            .iter()
            .map(|(name, value)| (crate::base::text::snake_case(name), value.to_owned()))
            .collect();
        let mut info = Map::new();
        info.insert("context".into(), request.context.as_str().into());
        info.insert("method".into(), request.method.as_ref().into());
        info.insert("query".into(), Dynamic::from_map(pairs(&request.query)));
        info.insert("headers".into(), Dynamic::from_map(pairs(&headers)));
        info.insert("body".into(), self.body()?);
        info.insert("auth".into(), self.auth());
        Ok(info)
    }

    /// The submitted data. A client whose body is not what it says is told so here, and not before: `raw_body` takes
    /// any.
    fn body(&self) -> Result<Dynamic, Failure> {
        let Some(request) = &self.0.event.request else {
            let members = values::map_from_json(&self.ctx().request.body);
            return Ok(Dynamic::from_map(members));
        };
        match &request.body {
            _ if request.is_malformed => Err(thrown(&Error::BadRequest(None))),
            Json::Null => Ok(Dynamic::from_map(Map::new())),
            body => Ok(values::from_json(body)),
        }
    }

    /// The values that handlers leave at the request, or at the event when there is no request.
    fn with_store<R>(&self, look: impl FnOnce(&mut Map) -> R) -> R {
        match &self.ctx().request.notes {
            Some(notes) => notes.with_values(look),
            None => look(&mut self.extra().store),
        }
    }

    /// Adds a header to the answer: the route's own, or that of the request the event is about.
    fn add_header(&self, name: &str, value: &str) {
        match (&self.0.event.request, &self.ctx().request.notes) {
            (None, Some(notes)) => notes.push_header(name, value),
            _ => self
                .extra()
                .headers
                .push((name.to_owned(), value.to_owned())),
        }
    }

    fn answer(
        &self,
        status: i64,
        content_type: &str,
        body: Vec<u8>,
    ) -> Result<ScriptAnswer, Failure> {
        let status = u16::try_from(status)
            .ok()
            .filter(|status| (200..=999).contains(status))
            .ok_or_else(|| misuse(format!("{status} is no status of an answer.")))?;
        let mut headers = self.take_headers();
        if !content_type.is_empty() {
            headers.push(("content-type".to_owned(), content_type.to_owned()));
        }
        Ok(ScriptAnswer(Answer {
            status,
            headers,
            body,
        }))
    }
}

/// Calls a handler of an event; an answer it returns ends the event.
fn call_handler(set: &Set, index: usize, event: &ScriptEvent) -> Result<Option<Answer>> {
    let Some(handler) = set.handlers.get(index) else {
        return Ok(None);
    };
    let call = Call {
        script: handler.script,
        line: handler.line,
        event: &handler.kind.name(),
        told: told_of(handler.kind),
    };
    let result = call::function(set, &call, &handler.function, (event.clone(),))?;
    Ok(result.try_cast::<ScriptAnswer>().map(|answer| answer.0))
}

fn told_of(kind: Kind) -> Told {
    match kind {
        Kind::RecordValidate | Kind::CollectionValidate => Told::Sender,
        kind if kind.is_aftermath() => Told::Operator,
        _ => Told::Caller,
    }
}

fn is_superuser(ctx: &Ctx) -> bool {
    matches!(ctx.principal, Principal::Superuser(_))
}

/// Everything a handler can do with its event.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    module.set_custom_type::<ScriptEvent>("Event");
    module.set_custom_type::<ScriptAnswer>("Answer");
    let _ = module
        .set_indexer_get_fn(|event: &mut ScriptEvent, name: ImmutableString| event.member(&name));
    let _ = module.set_indexer_set_fn(
        |event: &mut ScriptEvent, name: ImmutableString, value: Dynamic| {
            event.set_member(&name, &value);
            Ok(())
        },
    );
    property!(
        module,
        "record",
        "The record it is about.",
        |event: &mut ScriptEvent| { event.member("record") }
    );
    function!(
        module,
        "next(e: Event)",
        "Goes on: the handlers behind this one, and then what the event is about. Code after it sees the outcome. A handler that never calls it and neither throws nor answers goes on when it returns.",
        |context: NativeCallContext, event: &mut ScriptEvent| event.next(&context)
    );
    requests::add(&mut module);
    answers::add(&mut module);
    module
}
