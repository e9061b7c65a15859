//! The `e` of a handler: its members, `next()`, and the chain of handlers behind it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rhai::{Blob, Dynamic, FnPtr, ImmutableString, Map, Module, NativeCallContext};
use serde_json::Value as Json;

use crate::base::error::{Answer, Error, Result};
use crate::ctx::{Ctx, Principal};
use crate::events::{Action, Event, Kind, Transaction};
use crate::hooks::app::ScriptApp;
use crate::hooks::define::{function, property};
use crate::hooks::fault::{Failure, fault, misuse, thrown};
use crate::hooks::names::files::ScriptFile;
use crate::hooks::record::ScriptRecord;
use crate::hooks::set::Set;
use crate::hooks::stream::ScriptStream;
use crate::hooks::{call, frames, page, values};

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
        let result = call::handler(&self.0.set, *handler, self);
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

    pub(super) fn member(&self, name: &str) -> Dynamic {
        let event = &self.0.event;
        match name {
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
                    Dynamic::from_map(super::app::collection_map(entry))
                })
            }
            "app" => Dynamic::from(ScriptApp),
            "auth" => self.auth(),
            "request_info" => Dynamic::from_map(self.request_info()),
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
        }
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
                let (collection, id) = (auth.collection_id.clone(), auth.id.clone());
                frames::wait(async move { crate::app::data::find(&app, &collection, &id).await })
                    .ok()
            }
            _ => None,
        };
        let found = found.as_ref().map_or(Dynamic::UNIT, ScriptRecord::dynamic);
        self.extra().auth = Some(found.clone());
        found
    }

    fn request_info(&self) -> Map {
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
        info.insert("body".into(), values::from_json(&self.body()));
        info.insert("auth".into(), self.auth());
        info
    }

    fn body(&self) -> Json {
        match &self.0.event.request {
            Some(request) => request.body.clone(),
            None => Json::Object(self.ctx().request.body.clone()),
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

    fn answer(&self, status: i64, content_type: &str, body: Vec<u8>) -> ScriptAnswer {
        let mut headers = self.take_headers();
        if !content_type.is_empty() {
            headers.push(("content-type".to_owned(), content_type.to_owned()));
        }
        ScriptAnswer(Answer {
            status: u16::try_from(status).unwrap_or(500),
            headers,
            body,
        })
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
    let _ = module.set_indexer_get_fn(|event: &mut ScriptEvent, name: ImmutableString| {
        Ok(event.member(&name))
    });
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
    requests(&mut module);
    answers(&mut module);
    module
}

fn requests(module: &mut Module) {
    function!(
        *module,
        "path(e: Event, name: string) -> string",
        "The value of a placeholder of the route's path.",
        |event: &mut ScriptEvent, name: ImmutableString| {
            let request = event.0.event.request.as_ref();
            request
                .and_then(|request| request.params.get(name.as_str()).cloned())
                .unwrap_or_default()
        }
    );
    function!(
        *module,
        "query(e: Event, name: string) -> string",
        "A parameter of the URL, `\"\"` when there is none.",
        |event: &mut ScriptEvent, name: ImmutableString| {
            event
                .ctx()
                .request
                .query_param(&name)
                .unwrap_or_default()
                .to_owned()
        }
    );
    function!(
        *module,
        "header(e: Event, name: string) -> string",
        "A header of the request, `\"\"` when there is none.",
        |event: &mut ScriptEvent, name: ImmutableString| {
            let name = crate::base::text::snake_case(&name);
            event
                .ctx()
                .request
                .header(&name)
                .unwrap_or_default()
                .to_owned()
        }
    );
    function!(
        *module,
        "cookie(e: Event, name: string) -> string",
        "A cookie of the request, `\"\"` when there is none.",
        |event: &mut ScriptEvent, name: ImmutableString| {
            let cookies = event.ctx().request.header("cookie").unwrap_or_default();
            cookies
                .split(';')
                .filter_map(|pair| pair.trim().split_once('='))
                .find(|(key, _)| *key == name.as_str())
                .map_or_else(String::new, |(_, value)| value.to_owned())
        }
    );
    function!(
        *module,
        "body(e: Event) -> map",
        "The submitted data, from JSON or a form.",
        |event: &mut ScriptEvent| match event.body() {
            Json::Null => Dynamic::from_map(Map::new()),
            body => values::from_json(&body),
        }
    );
    function!(
        *module,
        "files(e: Event, key: string) -> array",
        "The files that came under a key of a multipart form. For routes; files of records are in their fields.",
        |event: &mut ScriptEvent, key: ImmutableString| -> Result<rhai::Array, Failure> {
            let request = event.0.event.request.as_ref();
            let uploads = request.into_iter().flat_map(|request| &request.uploads);
            uploads
                .filter(|upload| upload.key == key.as_str())
                .map(|upload| match ScriptFile::of_upload(upload) {
                    Ok(file) => Ok(Dynamic::from(file)),
                    Err(error) => Err(misuse(format!("The file cannot be read: {error}."))),
                })
                .collect()
        }
    );
    function!(
        *module,
        "raw_body(e: Event) -> string",
        "The body as it was sent; for checking signatures.",
        |event: &mut ScriptEvent| {
            let request = event.0.event.request.as_ref();
            request.map_or_else(String::new, |request| {
                String::from_utf8_lossy(&request.raw).into_owned()
            })
        }
    );
    function!(
        *module,
        "is_superuser(e: Event) -> bool",
        "Says whether a superuser sent the request.",
        |event: &mut ScriptEvent| is_superuser(event.ctx())
    );
    function!(
        *module,
        "real_ip(e: Event) -> string",
        "The client's address, as the trusted proxies tell it.",
        |event: &mut ScriptEvent| {
            let request = event.0.event.request.as_ref();
            let known = request.map(|request| request.real_ip.clone());
            known.unwrap_or_else(|| {
                let ip = event.ctx().request.ip;
                ip.map_or_else(String::new, |ip| ip.to_string())
            })
        }
    );
    function!(
        *module,
        "remote_ip(e: Event) -> string",
        "The address of the other end of the connection.",
        |event: &mut ScriptEvent| {
            let request = event.0.event.request.as_ref();
            let known = request.map(|request| request.remote_ip.clone());
            known.unwrap_or_else(|| {
                let ip = event.ctx().request.peer;
                ip.map_or_else(String::new, |ip| ip.to_string())
            })
        }
    );
    function!(
        *module,
        "request_info(e: Event) -> map",
        "The request as rules see it: `context`, `method`, `query`, `headers`, `body`, `auth`.",
        |event: &mut ScriptEvent| event.request_info()
    );
    function!(
        *module,
        "get(e: Event, key: string) -> ?",
        "A value that a handler or middleware left at this request with `set`; `()` when there is none.",
        |event: &mut ScriptEvent, key: ImmutableString| {
            event.with_store(|store| store.get(key.as_str()).cloned().unwrap_or_default())
        }
    );
    function!(
        *module,
        "set(e: Event, key: string, value: ?)",
        "Leaves a value for all handlers that see this request later.",
        |event: &mut ScriptEvent, key: ImmutableString, value: Dynamic| {
            event.with_store(|store| store.insert(key.as_str().into(), value));
        }
    );
}

fn answers(module: &mut Module) {
    function!(
        *module,
        "json(e: Event, status: int, value: ?) -> Answer",
        "Answers JSON. The `fields` parameter of the request picks from it.",
        |event: &mut ScriptEvent, status: i64, value: Dynamic| -> Result<ScriptAnswer, Failure> {
            let value = values::to_json(&value);
            let body = crate::app::data::shaped(event.ctx(), &value).map_err(|e| thrown(&e))?;
            Ok(event.answer(status, "application/json", body))
        }
    );
    function!(
        *module,
        "text(e: Event, status: int, text: string) -> Answer",
        "Answers plain text.",
        |event: &mut ScriptEvent, status: i64, text: ImmutableString| {
            event.answer(
                status,
                "text/plain; charset=utf-8",
                text.as_bytes().to_vec(),
            )
        }
    );
    function!(
        *module,
        "html(e: Event, status: int, html: string) -> Answer",
        "Answers HTML.",
        |event: &mut ScriptEvent, status: i64, text: ImmutableString| {
            event.answer(status, "text/html; charset=utf-8", text.as_bytes().to_vec())
        }
    );
    function!(
        *module,
        "blob(e: Event, status: int, content_type: string, bytes: blob) -> Answer",
        "Answers bytes.",
        |event: &mut ScriptEvent, status: i64, content_type: ImmutableString, bytes: Blob| {
            event.answer(status, &content_type, bytes)
        }
    );
    function!(
        *module,
        "blob(e: Event, status: int, content_type: string, text: string) -> Answer",
        "Answers text of another type, such as CSV.",
        |event: &mut ScriptEvent,
         status: i64,
         content_type: ImmutableString,
         text: ImmutableString| {
            event.answer(status, &content_type, text.as_bytes().to_vec())
        }
    );
    function!(
        *module,
        "redirect(e: Event, status: int, url: string) -> Answer",
        "Sends the client elsewhere; the status is one of 300-308.",
        |event: &mut ScriptEvent,
         status: i64,
         url: ImmutableString|
         -> Result<ScriptAnswer, Failure> {
            if !(300..=308).contains(&status) {
                return Err(misuse("The status of a redirect is one of 300-308."));
            }
            event
                .extra()
                .headers
                .push(("location".to_owned(), url.to_string()));
            Ok(event.answer(status, "", Vec::new()))
        }
    );
    function!(
        *module,
        "file(e: Event, status: int, path: string) -> Answer",
        "Answers a file: one of the folder of static files, or `storage/COLLECTION/RECORD/NAME`. At most 64 MiB.",
        |event: &mut ScriptEvent,
         status: i64,
         path: ImmutableString|
         -> Result<ScriptAnswer, Failure> {
            let app = super::app::current()?;
            let (kind, bytes) = frames::wait(async move { super::stream::file(&app, &path).await })
                .map_err(|error| thrown(&error))?;
            Ok(event.answer(status, &kind, bytes))
        }
    );
    function!(
        *module,
        "stream(e: Event, status: int, content_type: string, work: Fn) -> Stream",
        "Answers piece by piece: `|out| { out.write(\"…\"); }` runs while the client reads, for at most ten minutes. For routes.",
        |event: &mut ScriptEvent, status: i64, content_type: ImmutableString, work: FnPtr| {
            ScriptStream {
                answer: event.answer(status, &content_type, Vec::new()).0,
                work,
            }
        }
    );
    function!(
        *module,
        "no_content(e: Event, status: int) -> Answer",
        "Answers without a body.",
        |event: &mut ScriptEvent, status: i64| event.answer(status, "", Vec::new())
    );
    function!(
        *module,
        "no_content(e: Event) -> Answer",
        "Answers 204.",
        |event: &mut ScriptEvent| event.answer(204, "", Vec::new())
    );
    function!(
        *module,
        "set_header(e: Event, name: string, value: string)",
        "Adds a header to the answer.",
        |event: &mut ScriptEvent, name: ImmutableString, value: ImmutableString| {
            event.add_header(&name.to_lowercase(), &value);
        }
    );
    function!(
        *module,
        "set_cookie(e: Event, cookie: map)",
        "Sets a cookie: `name`, `value`, and if wanted `path`, `domain`, `max_age`, `same_site`, `secure`, `http_only`.",
        |event: &mut ScriptEvent, cookie: Map| {
            event.add_header("set-cookie", &cookie_line(&cookie));
        }
    );
}

fn cookie_line(cookie: &Map) -> String {
    let text = |name: &str| {
        cookie
            .get(name)
            .map(|value| value.to_string().replace([';', '\r', '\n'], ""))
    };
    let flag = |name: &str| {
        cookie
            .get(name)
            .and_then(|value| value.as_bool().ok())
            .unwrap_or(false)
    };
    let mut line = format!(
        "{}={}; Path={}",
        text("name").unwrap_or_default(),
        text("value").unwrap_or_default(),
        text("path").unwrap_or_else(|| "/".to_owned())
    );
    for (name, attribute) in [
        ("domain", "Domain"),
        ("max_age", "Max-Age"),
        ("same_site", "SameSite"),
    ] {
        if let Some(value) = text(name) {
            line = format!("{line}; {attribute}={value}");
        }
    }
    if flag("secure") {
        line.push_str("; Secure");
    }
    if flag("http_only") {
        line.push_str("; HttpOnly");
    }
    line
}
