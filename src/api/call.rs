//! One request on its way to an operation: who asks for what, with the body still unread.

use std::borrow::Cow;
use std::net::IpAddr;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use axum::body::{Body, Bytes, HttpBody as _};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use serde_json::{Map, Value as Json};

use crate::api::body::{self, Submitted};
use crate::api::form::{self, Member};
use crate::api::params::Params;
use crate::api::reading::{Budget, DEFAULT_LIMIT, Reading, SILENCE, Unreadable};
use crate::api::remote;
use crate::app::{App, auth};
use crate::base::error::Result;
use crate::base::time::Timestamp;
use crate::ctx::{Ctx, HeaderLines, Principal, RequestContext, RequestInfo};
use crate::realtime::Hangup;

/// The connection a request came over.
#[derive(Clone, Debug)]
pub struct Line {
    /// Address of the other end.
    pub peer: IpAddr,
    /// Ends the connection.
    pub hangup: Hangup,
}

/// What a handler gets. Perf: boxed, because it is handed on many times.
#[derive(Debug)]
pub(super) struct Call(Box<Parts>);

#[derive(Debug)]
pub(super) struct Parts {
    pub(super) app: App,
    pub(super) ctx: Ctx,
    pub(super) headers: HeaderMap,
    line: Line,
    params: Params,
    uri: Uri,
    body: Body,
    budget: Budget,
}

impl Call {
    /// Reads everything but the body; finds out who asks.
    pub(super) fn new(
        app: App,
        budget: Budget,
        request: Request<Body>,
        params: Params,
        line: &Line,
    ) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let now = Timestamp::now();
        let principal = match token(&parts.headers) {
            Some(token) => auth::authenticate(&app, token, now)?,
            None => Principal::Guest,
        };
        let request = RequestInfo {
            ip: remote::real_ip(
                Some(line.peer),
                &parts.headers,
                &app.settings().trusted_proxy,
            ),
            peer: Some(line.peer),
            context: RequestContext::Default,
            method: shown_method(&parts.method),
            query: form::query(parts.uri.query().unwrap_or_default()),
            headers: shown_headers(&parts.headers),
            ..RequestInfo::default()
        };
        Ok(Self(Box::new(Parts {
            app,
            ctx: Ctx {
                principal,
                request: Arc::new(request),
                now,
            },
            line: line.clone(),
            headers: parts.headers,
            params,
            uri: parts.uri,
            body,
            budget,
        })))
    }

    /// Lets scripts see the target as it was sent; nobody else asks for it.
    pub(super) fn show_target(&mut self) {
        let target = self.uri.path_and_query();
        let url = target.map_or_else(String::new, |target| target.as_str().to_owned());
        self.ctx.request_mut().url = url;
    }

    /// Who asks, when nothing else is needed any more.
    pub(super) fn into_ctx(self) -> Ctx {
        self.0.ctx
    }

    /// The path as it was asked for.
    pub(super) fn path(&self) -> &str {
        self.uri.path()
    }

    /// A decoded path parameter; `""` when the route has none of that name.
    pub(super) fn param(&self, name: &str) -> &str {
        self.params.get(name)
    }

    /// The token of the `Authorization` header.
    pub(super) fn token(&self) -> Option<&str> {
        token(&self.headers)
    }

    /// Address of the other end of the connection.
    pub(super) fn peer(&self) -> IpAddr {
        self.line.peer
    }

    /// Ends the connection when asked to.
    pub(super) fn hangup(&self) -> &Hangup {
        &self.line.hangup
    }

    /// The target as it was sent.
    pub(super) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The `Content-Type` header, `""` when there is none.
    pub(super) fn content_type(&self) -> &str {
        content_type(&self.headers)
    }

    /// The announced length of the body.
    pub(super) fn content_length(&self) -> Option<u64> {
        self.headers
            .get(CONTENT_LENGTH)?
            .to_str()
            .ok()?
            .trim()
            .parse()
            .ok()
    }

    /// Hands the body over as it comes.
    pub(super) fn take_body(&mut self) -> Body {
        std::mem::take(&mut self.body)
    }

    /// Reads a body that has these members. All that was submitted is what rules see as `@request.body`.
    pub(super) async fn form(&mut self, known: &[Member]) -> Result<Map<String, Json>, Unreadable> {
        let submitted = self.read(DEFAULT_LIMIT).await?;
        let form = submitted.form(known)?;
        self.ctx.request_mut().body = submitted.into_shown()?;
        Ok(form)
    }

    /// Says whether there is a body to read.
    pub(super) fn has_body(&self) -> bool {
        !self.body.is_end_stream()
    }

    /// Lets rules see a body that the route itself has no use for.
    pub(super) async fn show_body(&mut self) -> Result<(), Unreadable> {
        let submitted = self.read(DEFAULT_LIMIT).await?;
        self.ctx.request_mut().body = submitted.into_shown()?;
        Ok(())
    }

    /// Reads the body, at most `limit` bytes of it.
    pub(super) async fn read(&mut self, limit: usize) -> Result<Submitted, Unreadable> {
        if self
            .content_length()
            .is_some_and(|length| length > limit as u64)
        {
            return Err(Unreadable::TooLarge);
        }
        let body = self.take_body();
        let storage = self.app.storage();
        let is_empty = self.content_length() == Some(0) || body.is_end_stream();
        let parts = &mut *self.0;
        let how = Reading {
            content_type: content_type(&parts.headers),
            is_empty,
            takes_form: !matches!(&*parts.ctx.request.method, "GET" | "HEAD" | "DELETE"),
            query: parts.uri.query().unwrap_or_default(),
            limit,
            silence: SILENCE,
            store: &storage,
        };
        body::read(body, &how, &mut parts.budget).await
    }

    /// Reads the body as it comes, whatever its content type says.
    pub(super) async fn read_bytes(&mut self, limit: usize) -> Result<Bytes, Unreadable> {
        if self.content_length() > Some(limit as u64) {
            return Err(Unreadable::TooLarge);
        }
        let body = self.take_body();
        body::read_bytes(body, limit, &mut self.0.budget).await
    }

    /// Makes values of JSON that was read.
    pub(super) async fn parse(&mut self, bytes: Bytes) -> Result<Json, Unreadable> {
        body::parse(bytes, &mut self.0.budget).await
    }
}

impl Deref for Call {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl DerefMut for Call {
    fn deref_mut(&mut self) -> &mut Parts {
        &mut self.0
    }
}

fn content_type(headers: &HeaderMap) -> &str {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
        .unwrap_or_default()
}

/// The token of an `Authorization` header; the word `Bearer` and one space before it are optional.
pub(super) fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let token = match value.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer ") => token,
        _ => value,
    };
    Some(token).filter(|token| !token.is_empty())
}

/// The method as rules see it. The usual ones need no text of their own.
fn shown_method(method: &Method) -> Cow<'static, str> {
    let usual = ["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"];
    match usual.into_iter().find(|name| *name == method.as_str()) {
        Some(name) => Cow::Borrowed(name),
        None => Cow::Owned(method.as_str().to_owned()),
    }
}

fn shown_headers(headers: &HeaderMap) -> HeaderLines {
    let length = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
    let mut lines = HeaderLines::with_capacity(headers.len(), headers.iter().map(length).sum());
    for (name, value) in headers {
        lines.push(name.as_str(), &String::from_utf8_lossy(value.as_bytes()));
    }
    lines
}
