//! Requests that scripts answer, and those they only look at.
//!
//! Scripts are asked before the route table; they cannot register paths that are in it.

use std::future::ready;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, Request};
use futures_util::{StreamExt as _, stream};
use serde_json::{Map, Value as Json};

use crate::api::answer::{self, Response};
use crate::api::body::Submitted;
use crate::api::call::{Call, Line};
use crate::api::error;
use crate::api::params::Params;
use crate::api::reading::{BodyPool, DEFAULT_LIMIT, Unreadable};
use crate::api::request_log::RequestLog;
use crate::app::App;
use crate::base::error::Result;
use crate::ctx::Notes;
use crate::events::{HttpRequest, Listener, Route, Upload};

/// What is needed to hand requests to scripts.
#[derive(Clone, Debug)]
pub(super) struct Scripts {
    app: App,
    bodies: BodyPool,
}

/// What scripts made of a request.
pub(super) enum Looked {
    /// They answered it.
    Answered(Response),
    /// It goes on, and the answer gets these headers.
    Passed(Request<Body>, Vec<(String, String)>),
}

impl Scripts {
    pub(super) fn new(app: &App) -> Self {
        Self {
            app: app.clone(),
            bodies: BodyPool::new(app.config().request_memory),
        }
    }

    /// Says whether scripts have anything to do with a request.
    pub(super) fn want(&self, request: &Request<Body>) -> bool {
        let (method, path) = (request.method().as_str(), request.uri().path());
        self.app.events().wants_request(method, path)
    }

    /// Shows a request to scripts.
    pub(super) async fn look(&self, request: Request<Body>, line: &Line) -> Looked {
        let Some(listener) = self.app.events().listener() else {
            return Looked::Passed(request, Vec::new());
        };
        let route = listener.route(request.method().as_str(), request.uri().path());
        let has_middleware = listener.has_middleware();
        if route.is_none() && !has_middleware {
            return Looked::Passed(request, Vec::new());
        }
        let (mut headers, mut request) = (Vec::new(), request);
        let notes = Notes::default();
        request.extensions_mut().insert(notes.clone());
        if has_middleware {
            let mut log = RequestLog::begin(&self.app, &request, line);
            match self.before(&*listener, request, line, &mut log).await {
                Ok((passed, added)) => (request, headers) = (passed, added),
                Err(error) => {
                    let mut response = error::respond(&error);
                    if let Some(log) = log {
                        log.failed(&self.app, &mut response, &error);
                    }
                    add_headers(&mut response, &notes.take_headers());
                    return Looked::Answered(response);
                }
            }
        }
        let Some(route) = route else {
            return Looked::Passed(request, headers);
        };
        let mut log = RequestLog::begin(&self.app, &request, line);
        let is_logged = route.is_logged;
        let mut response = match self.answer(&listener, route, request, line, &mut log).await {
            Ok(mut response) => {
                if let Some(log) = log.filter(|_| is_logged) {
                    log.served(&self.app, &mut response);
                }
                response
            }
            Err(error) => {
                let mut response = error::respond(&error);
                if let Some(log) = log {
                    log.failed(&self.app, &mut response, &error);
                }
                response
            }
        };
        headers.extend(notes.take_headers());
        add_headers(&mut response, &headers);
        Looked::Answered(response)
    }

    fn call(&self, request: Request<Body>, line: &Line) -> Result<Call> {
        let (app, budget) = (self.app.clone(), self.bodies.budget());
        let notes = request.extensions().get::<Notes>().cloned();
        let mut call = Call::new(app, budget, request, Params::default(), line)?;
        call.show_target();
        call.ctx.request_mut().notes = Some(notes.unwrap_or_default());
        Ok(call)
    }

    async fn before(
        &self,
        listener: &dyn Listener,
        request: Request<Body>,
        line: &Line,
        log: &mut Option<RequestLog>,
    ) -> Result<(Request<Body>, Vec<(String, String)>)> {
        let (parts, body) = request.into_parts();
        let mut head = Request::new(Body::empty());
        *head.method_mut() = parts.method.clone();
        *head.uri_mut() = parts.uri.clone();
        *head.headers_mut() = parts.headers.clone();
        *head.extensions_mut() = parts.extensions.clone();
        let call = self.call(head, line)?;
        if let Some(log) = log {
            log.caller(&call.ctx);
        }
        let shown = shown(&call);
        let headers = listener.before(call.into_ctx(), shown).await?;
        Ok((Request::from_parts(parts, body), headers))
    }

    async fn answer(
        &self,
        listener: &Arc<dyn Listener>,
        route: Route,
        request: Request<Body>,
        line: &Line,
        log: &mut Option<RequestLog>,
    ) -> Result<Response> {
        let mut call = self.call(request, line)?;
        if let Some(log) = log {
            log.caller(&call.ctx);
        }
        let limit = route.body_limit.unwrap_or(DEFAULT_LIMIT);
        let sent = read(&mut call, limit).await?;
        let shown = HttpRequest {
            is_malformed: sent.data.is_none(),
            body: sent.data.unwrap_or_default(),
            raw: sent.raw,
            uploads: sent.uploads,
            ..shown(&call)
        };
        let reply = listener.answer(route, call.into_ctx(), shown).await?;
        let mut response = answer::of_handler(&reply.answer);
        if let Some(mut rest) = reply.rest {
            let begin = stream::once(ready(Ok(Bytes::from(reply.answer.body))));
            let pieces = stream::poll_fn(move |cx| rest.poll_next(cx));
            *response.body_mut() = Body::from_stream(begin.chain(pieces));
        }
        Ok(response)
    }
}

/// Adds what middleware wants on an answer.
pub(super) fn add_headers(response: &mut Response, headers: &[(String, String)]) {
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_bytes(value.as_bytes()),
        ) {
            response.headers_mut().append(name, value);
        }
    }
}

fn shown(call: &Call) -> HttpRequest {
    let (peer, client) = (call.peer(), call.ctx.request.ip);
    let remote_ip = peer.to_string();
    let real_ip = match client {
        Some(ip) if ip == peer => remote_ip.clone(),
        Some(ip) => ip.to_string(),
        None => String::new(),
    };
    HttpRequest {
        method: call.ctx.request.method.to_string(),
        url: call.uri().to_string(),
        path: call.uri().path().to_owned(),
        real_ip,
        remote_ip,
        ..HttpRequest::default()
    }
}

/// A body as it was sent.
struct Sent {
    /// Nothing when it is not what its type says.
    data: Option<Json>,
    raw: Vec<u8>,
    uploads: Vec<Upload>,
}

/// The body as data and as it came; multipart forms are data alone.
async fn read(call: &mut Call, limit: usize) -> Result<Sent> {
    let content_type = call.content_type().to_ascii_lowercase();
    if content_type.starts_with("multipart/form-data") {
        let submitted = call.read(limit).await.and_then(Submitted::into_record);
        let (data, uploads) = match submitted {
            Ok((data, uploads)) => (Some(Json::Object(data)), uploads),
            Err(Unreadable::Malformed | Unreadable::NotJson(_)) => (None, Vec::new()),
            Err(unreadable) => return Err(unreadable.plain()),
        };
        let raw = Vec::new();
        return Ok(Sent { data, raw, uploads });
    }
    let raw = call.read_bytes(limit).await.map_err(Unreadable::plain)?;
    let data = if content_type.starts_with("application/json") && !raw.is_empty() {
        match call.parse(raw.clone()).await {
            Ok(data) => Some(data),
            Err(Unreadable::NotJson(_)) => None,
            Err(unreadable) => return Err(unreadable.plain()),
        }
    } else if content_type.starts_with("application/x-www-form-urlencoded") {
        Some(Json::Object(form(&raw)))
    } else {
        Some(Json::Null)
    };
    Ok(Sent {
        data,
        raw: raw.to_vec(),
        uploads: Vec::new(),
    })
}

fn form(raw: &[u8]) -> Map<String, Json> {
    let mut members = Map::new();
    for (name, value) in form_urlencoded::parse(raw) {
        let value = Json::String(value.into_owned());
        match members.get_mut(name.as_ref()) {
            Some(Json::Array(values)) => values.push(value),
            Some(first) => *first = Json::Array(vec![first.take(), value]),
            None => {
                members.insert(name.into_owned(), value);
            }
        }
    }
    members
}
