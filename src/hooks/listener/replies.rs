//! Calls of routes and middleware, and what their values mean as answers.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::{BUSY, Hooks};
use crate::base::error::{Answer, Error, Result};
use crate::ctx::Ctx;
use crate::events::{Event, HttpRequest, Kind, Reply, Route};
use crate::hooks::call::{self, Call, Told};
use crate::hooks::cancel::Cancel;
use crate::hooks::event::{ScriptAnswer, ScriptEvent};
use crate::hooks::file::ScriptFile;
use crate::hooks::frames::Label;
use crate::hooks::registered::RouteHandler;
use crate::hooks::set::Set;
use crate::hooks::stream::ScriptStream;
use crate::hooks::{fault, frames, routes, stream, thread, values};

/// Largest body that a brief handler gets, in bytes; it may turn all of it into an answer.
const MAX_BRIEF_BODY: usize = 64 << 10;

impl Hooks {
    /// Runs the handler of a route, and lets what it streams be written elsewhere.
    pub(super) fn reply(
        &self,
        route: Route,
        ctx: &Ctx,
        mut request: HttpRequest,
        cancel: &Cancel,
        reply: oneshot::Sender<Result<Reply>>,
    ) {
        let (set, index) = match route.set.downcast::<Set>() {
            Ok(set) => (set, route.index),
            Err(_) => return drop(reply.send(Err(Error::NotFound(None)))),
        };
        let Some(handler) = set.routes.get(index) else {
            return drop(reply.send(Err(Error::NotFound(None))));
        };
        request.params = route.params.into_iter().collect();
        let request = Arc::new(request);
        let outcome = self.answer_route(&set, handler, ctx, &request, Some(cancel));
        match outcome {
            Err(error) => drop(reply.send(Err(error))),
            Ok((answer, None)) => drop(reply.send(Ok(Reply { answer, rest: None }))),
            Ok((answer, Some(stream))) => {
                let (writer, rest) = stream::writer();
                let (hooks, cancel) = (self.clone(), cancel.clone());
                let (script, line) = (handler.script, handler.line);
                let label = format!("the stream of {} {}", request.method, request.path);
                let started = self.0.streams.start(move || {
                    let call = Call {
                        script,
                        line,
                        event: &"a stream",
                        told: Told::Caller,
                    };
                    let app = hooks.0.app.clone();
                    let entered = frames::enter(app, stream::LIMIT, label.into(), false);
                    let Ok(_entered) = entered else {
                        return;
                    };
                    frames::cancel_with(&cancel);
                    match call::attempt(&set, &call, &stream.work, (writer.clone(),)) {
                        Ok(_) => writer.finish(),
                        // The client has its answer, so only the operator can be told; not that the client has left.
                        Err((_, Some(thrown))) if !writer.is_in_vain() => {
                            call::unheard(&set, &call, &thrown);
                        }
                        Err(_) => {}
                    }
                });
                let rest = Some(rest);
                drop(reply.send(match started {
                    Ok(()) => Ok(Reply { answer, rest }),
                    Err(_) => Err(BUSY),
                }));
            }
        }
    }

    /// The answer of a route's handler, and what it goes on with when that is on its way.
    fn answer_route(
        &self,
        set: &Arc<Set>,
        handler: &RouteHandler,
        ctx: &Ctx,
        request: &Arc<HttpRequest>,
        cancel: Option<&Cancel>,
    ) -> Result<(Answer, Option<ScriptStream>)> {
        let key = || format!("{} {} {}", request.real_ip, handler.method, handler.path);
        routes::check(&handler.guards, ctx, &request.params, key)?;
        let (mut answer, stream) = self.run_route(set, handler, ctx, request, cancel)?;
        if stream.is_none() {
            routes::pack(&handler.guards, ctx, &mut answer);
        }
        Ok((answer, stream))
    }

    /// The same whoever asks, for a client that takes the answer as it is.
    pub(in crate::hooks) fn run_route(
        &self,
        set: &Arc<Set>,
        handler: &RouteHandler,
        ctx: &Ctx,
        request: &Arc<HttpRequest>,
        cancel: Option<&Cancel>,
    ) -> Result<(Answer, Option<ScriptStream>)> {
        let (value, headers) = self.call_route(set, handler, ctx, request, cancel)?;
        if let Some(stream) = value.read_lock::<ScriptStream>() {
            return Ok((stream.answer.clone(), Some(stream.clone())));
        }
        if let Some(message) = unanswerable(&value) {
            let label = Label::Request(Arc::clone(request));
            return Err(call::useless(set, &call_of(handler, &label), &message));
        }
        Ok((answer_of(ctx, &value, headers)?, None))
    }

    /// The answer of a handler that is over at once, on this thread.
    pub(super) fn answer_here(
        &self,
        set: &Arc<Set>,
        route: Route,
        ctx: &Ctx,
        mut request: HttpRequest,
    ) -> Result<Reply> {
        let handler = set.routes.get(route.index).ok_or(Error::NotFound(None))?;
        request.params = route.params.into_iter().collect();
        let request = Arc::new(request);
        match thread::guarded(|| self.answer_route(set, handler, ctx, &request, None)) {
            Some(Ok((answer, None))) => Ok(Reply { answer, rest: None }),
            Some(Ok((_, Some(_)))) => Err(Error::internal("a stream that is no stream")),
            Some(Err(error)) => Err(error),
            None => Err(Error::internal("a script call was lost")),
        }
    }

    /// Calls the handler of a route or a middleware with its event.
    pub(super) fn call_route(
        &self,
        set: &Arc<Set>,
        handler: &RouteHandler,
        ctx: &Ctx,
        request: &Arc<HttpRequest>,
        cancel: Option<&Cancel>,
    ) -> Result<(rhai::Dynamic, Vec<(String, String)>)> {
        let label = Label::Request(Arc::clone(request));
        let _entered = frames::enter(self.app(), self.request_limit(), label.clone(), false)?;
        if let Some(cancel) = cancel {
            frames::cancel_with(cancel);
        }
        let mut event = Event::new(Kind::BatchRequest, ctx);
        event.request = Some(Arc::clone(request));
        let event = ScriptEvent::new(
            event,
            Arc::clone(set),
            Vec::new(),
            Box::pin(async { Ok(()) }),
        );
        let call = call_of(handler, &label);
        let outcome = call::function(set, &call, &handler.function, (event.clone(),));
        let headers = event.take_headers();
        match outcome {
            Ok(value) => Ok((value, headers)),
            Err(error) => {
                leave(ctx, headers);
                Err(error)
            }
        }
    }
}

const fn call_of<'a>(handler: &RouteHandler, label: &'a Label) -> Call<'a> {
    Call {
        script: handler.script,
        line: handler.line,
        event: label,
        told: Told::Caller,
    }
}

/// Why a handler's value is no answer, for whoever writes the script.
fn unanswerable(value: &rhai::Dynamic) -> Option<String> {
    if value.is::<ScriptFile>() {
        return Some(
            "a File is answered with e.blob(200, file.content_type, file), not by returning it"
                .to_owned(),
        );
    }
    let is_known = values::has_json(value) || value.is::<ScriptAnswer>();
    (!is_known).then(|| {
        let name = fault::known_type(value.type_name());
        format!("what the handler returns is sent as JSON, which there is none of for {name}")
    })
}

/// The scripts of a route if its handler is over at once with this request.
pub(super) fn brief(route: &Route, request: &HttpRequest) -> Option<Arc<Set>> {
    let set = Arc::clone(&route.set).downcast::<Set>().ok()?;
    let is_brief = set.routes.get(route.index)?.is_brief;
    // What a form came as is not kept, so its size is not known.
    let is_form =
        !request.uploads.is_empty() || (request.raw.is_empty() && !request.body.is_null());
    let is_small = request.raw.len() <= MAX_BRIEF_BODY && !is_form;
    (is_brief && is_small).then_some(set)
}

/// Keeps the headers that handlers set before one of them refused the request. Those that describe a body were for
/// another.
pub(super) fn leave(ctx: &Ctx, headers: Vec<(String, String)>) {
    let Some(notes) = &ctx.request.notes else {
        return;
    };
    for (name, value) in headers {
        if !name.to_ascii_lowercase().starts_with("content-") {
            notes.push_header(&name, &value);
        }
    }
}

/// What a handler's value means as an answer.
fn answer_of(ctx: &Ctx, value: &rhai::Dynamic, headers: Vec<(String, String)>) -> Result<Answer> {
    if let Some(answer) = value.read_lock::<ScriptAnswer>() {
        return Ok(answer.0.clone());
    }
    if value.is_unit() {
        return Ok(Answer {
            status: 204,
            headers,
            body: Vec::new(),
        });
    }
    let value = values::to_json(value);
    let mut answer = Answer {
        status: 200,
        headers,
        body: crate::app::data::shaped(ctx, &value)?,
    };
    answer
        .headers
        .push(("content-type".to_owned(), "application/json".to_owned()));
    Ok(answer)
}
