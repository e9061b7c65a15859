//! What happens to every request before and after its handler: what is no HTTP, CORS, panics, common headers.
//!
//! One function does it in the order of the contract; there is no stack of layers around the router.

use std::panic::{self, AssertUnwindSafe};

use axum::Router;
use axum::body::Body;
use axum::http::header::{
    CONNECTION, CONTENT_TYPE, EXPECT, HOST, TRANSFER_ENCODING, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS, X_XSS_PROTECTION,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Version};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tower_service::Service as _;

use crate::api::answer::{self, Framable, Response};
use crate::api::call::Line;
use crate::api::cors::Cors;
use crate::api::dispatch::{Dispatch, Running};
use crate::api::divert::Divert;
use crate::api::paths::{clean_target, has_broken_escape, unescaped};
use crate::api::scripts::{self, Looked, Scripts};
use crate::api::{error, request_id};
use crate::app::App;
use crate::base::text::escape_html;

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const SAME_ORIGIN_FRAMES: HeaderValue = HeaderValue::from_static("SAMEORIGIN");
const XSS_BLOCK: HeaderValue = HeaderValue::from_static("1; mode=block");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const CLOSE: HeaderValue = HeaderValue::from_static("close");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Everything a connection needs to answer requests.
#[derive(Clone, Debug)]
pub struct Edge {
    /// What is there to be read beside the API.
    site: Router,
    cors: Cors,
    api: Option<Api>,
    divert: Option<Divert>,
}

#[derive(Clone, Debug)]
struct Api {
    dispatch: Dispatch,
    scripts: Scripts,
}

impl Edge {
    /// Puts a site behind the common steps.
    pub fn new(site: Router, cors: Cors) -> Self {
        Self {
            site,
            cors,
            api: None,
            divert: None,
        }
    }

    /// Lets something answer requests before anything else looks at them.
    #[must_use]
    pub fn with_divert(mut self, divert: Divert) -> Self {
        self.divert = Some(divert);
        self
    }

    /// Lets the route table and scripts answer requests before the site is asked.
    #[must_use]
    pub fn with_api(mut self, app: &App) -> Self {
        self.api = Some(Api {
            dispatch: Dispatch::new(app),
            scripts: Scripts::new(app),
        });
        self
    }

    /// Answers a request. Never fails and never panics.
    pub async fn handle(&self, mut request: Request<Body>, line: &Line) -> Response {
        if let Some(fault) = host_fault(&request) {
            return unusable(StatusCode::BAD_REQUEST, fault);
        }
        if expects_something(request.headers()) {
            return unusable(StatusCode::EXPECTATION_FAILED, "");
        }
        if let Some(divert) = &self.divert
            && let Some(response) = divert.of(&request)
        {
            return response;
        }
        if has_broken_escape(request.uri().path()) {
            return unusable(StatusCode::BAD_REQUEST, "400 Bad Request");
        }
        if is_encoded(request.headers()) {
            let text = "Unsupported transfer encoding";
            return unusable(StatusCode::NOT_IMPLEMENTED, text);
        }
        if let Some(target) = clean_target(request.uri(), request.method()) {
            return moved(request.method(), &target);
        }
        if let Some(uri) = unescaped(request.uri()) {
            *request.uri_mut() = uri;
        }
        if request.method() == Method::OPTIONS {
            return self.cors.preflight(request.headers());
        }
        let origin = self.cors.allowed(request.headers());
        let id = request_id::taken(request.headers());
        let mut response = match panic::catch_unwind(AssertUnwindSafe(|| self.begin(request, line)))
        {
            Ok(begun) => match AssertUnwindSafe(self.finish(begun)).catch_unwind().await {
                Ok(response) => response,
                Err(payload) => error::respond_to_panic(payload.as_ref()),
            },
            Err(payload) => error::respond_to_panic(payload.as_ref()),
        };
        request_id::put(&mut response, id);
        let framable = response.extensions().get::<Framable>().is_some();
        let headers = response.headers_mut();
        Cors::decorate(origin, headers);
        secure(headers, framable);
        response
    }

    /// Sends a request on its way. Perf: what is waited for afterwards is small; a request is not moved through a stack
    /// of futures.
    fn begin<'a>(&'a self, request: Request<Body>, line: &'a Line) -> Begun<'a> {
        match &self.api {
            None => Begun::Other(Box::pin(self.read_site(request, line))),
            Some(api) if api.scripts.want(&request) => {
                Begun::Other(Box::pin(self.ask_scripts(api, request, line)))
            }
            Some(api) => self.begin_built_in(api, request, line),
        }
    }

    fn begin_built_in<'a>(
        &'a self,
        api: &'a Api,
        request: Request<Body>,
        line: &'a Line,
    ) -> Begun<'a> {
        match api.dispatch.find(&request) {
            Some(row) => Begun::Route(&api.dispatch, api.dispatch.begin(row, request, line)),
            None if matches!(*request.method(), Method::GET | Method::HEAD) => {
                Begun::Other(Box::pin(self.read_site(request, line)))
            }
            None => Begun::Answered(api.dispatch.nowhere(&request, line)),
        }
    }

    async fn finish(&self, begun: Begun<'_>) -> Response {
        match begun {
            Begun::Route(dispatch, running) => dispatch.finish(running).await,
            Begun::Other(answering) => answering.await,
            Begun::Answered(response) => response,
        }
    }

    async fn ask_scripts(&self, api: &Api, request: Request<Body>, line: &Line) -> Response {
        match api.scripts.look(request, line).await {
            Looked::Answered(response) => response,
            Looked::Passed(request, headers) => {
                let mut response = self.finish(self.begin_built_in(api, request, line)).await;
                scripts::add_headers(&mut response, &headers);
                response
            }
        }
    }

    async fn read_site(&self, mut request: Request<Body>, line: &Line) -> Response {
        request.extensions_mut().insert(line.clone());
        match self.site.clone().call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// A request on its way.
enum Begun<'a> {
    Route(&'a Dispatch, Running),
    Other(BoxFuture<'a, Response>),
    Answered(Response),
}

/// The answer to a request that is not HTTP as it should be.
fn unusable(status: StatusCode, text: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    if !text.is_empty() {
        headers.insert(CONTENT_TYPE, PLAIN);
    }
    headers.insert(CONNECTION, CLOSE);
    response
}

/// What is wrong with the name of the host that is asked for. Later versions of HTTP name it in the target.
fn host_fault(request: &Request<Body>) -> Option<&'static str> {
    let mut hosts = request.headers().get_all(HOST).iter();
    let Some(host) = hosts.next() else {
        return (request.version() == Version::HTTP_11)
            .then_some("400 Bad Request: missing required Host header");
    };
    if hosts.next().is_some() {
        return Some("400 Bad Request");
    }
    let is_part = |byte: &u8| {
        byte.is_ascii_graphic()
            && !matches!(
                byte,
                b'"' | b'#'
                    | b'/'
                    | b'<'
                    | b'>'
                    | b'?'
                    | b'@'
                    | b'\\'
                    | b'^'
                    | b'`'
                    | b'{'
                    | b'|'
                    | b'}'
            )
    };
    (!host.as_bytes().iter().all(is_part)).then_some("400 Bad Request: malformed Host header")
}

/// Says whether a client expects something else than to be told that it may send its body.
fn expects_something(headers: &HeaderMap) -> bool {
    headers.get(EXPECT).is_some_and(|expectation| {
        let expectation = expectation.as_bytes();
        !expectation.is_empty() && !expectation.eq_ignore_ascii_case(b"100-continue")
    })
}

/// Says whether a body is encoded in another way than in chunks, so that what arrives is not what was meant.
fn is_encoded(headers: &HeaderMap) -> bool {
    let mut encodings = headers.get_all(TRANSFER_ENCODING).iter();
    encodings.next().is_some_and(|encoding| {
        !encoding.as_bytes().eq_ignore_ascii_case(b"chunked") || encodings.next().is_some()
    })
}

/// A redirect with a page for readers whose client does not follow it.
fn moved(method: &Method, target: &str) -> Response {
    let mut response = answer::redirect(StatusCode::TEMPORARY_REDIRECT, target);
    if matches!(*method, Method::GET | Method::HEAD) {
        let link = escape_html(target);
        *response.body_mut() =
            Body::from(format!("<a href=\"{link}\">Temporary Redirect</a>.\n\n"));
        response.headers_mut().insert(CONTENT_TYPE, HTML);
    }
    response
}

/// Adds the security headers an answer does not set itself.
fn secure(headers: &mut HeaderMap, framable: bool) {
    headers.insert(X_XSS_PROTECTION, XSS_BLOCK);
    headers.insert(X_CONTENT_TYPE_OPTIONS, NOSNIFF);
    if !framable {
        headers.insert(X_FRAME_OPTIONS, SAME_ORIGIN_FRAMES);
    }
    headers.entry(OPENER_POLICY).or_insert(SAME_ORIGIN);
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::{Edge, expects_something, host_fault};
    use crate::api::Cors;
    use crate::api::call::Line;
    use crate::realtime::Hangup;
    use axum::Router;
    use axum::body::Body;
    use axum::http::{Request, StatusCode, Version};
    use axum::routing::any;

    #[tokio::test]
    async fn a_panicking_handler_is_an_ordinary_error_for_its_client() {
        let site = Router::new().route("/", any(async || -> StatusCode { panic!("on purpose") }));
        let edge = Edge::new(site, Cors::Any);
        let line = Line {
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            hangup: Hangup::default(),
        };
        let request = Request::get("/").header("host", "a").body(Body::empty());
        let response = edge.handle(request.unwrap(), &line).await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert!(response.headers().contains_key("x-request-id"));
    }

    #[test]
    fn one_host_is_named() {
        for (version, hosts, expect) in [
            (Version::HTTP_11, &[][..], "missing required Host header"),
            (Version::HTTP_10, &[], ""),
            (Version::HTTP_2, &[], ""),
            (Version::HTTP_11, &[""], ""),
            (Version::HTTP_11, &["example.com:8090"], ""),
            (Version::HTTP_11, &["[fe80::1%25a]:80"], ""),
            (Version::HTTP_11, &["a", "a"], "400 Bad Request"),
            (Version::HTTP_10, &["a", "b"], "400 Bad Request"),
            (Version::HTTP_11, &["a b"], "malformed Host header"),
            (Version::HTTP_11, &["a/b"], "malformed Host header"),
            (Version::HTTP_11, &["a@b"], "malformed Host header"),
        ] {
            let mut request = Request::get("/").version(version);
            for host in hosts {
                request = request.header("host", *host);
            }
            let fault = host_fault(&request.body(Body::empty()).unwrap());
            let fault = fault.map_or("", |fault| fault.trim_start_matches("400 Bad Request: "));
            assert_eq!(fault, expect, "{version:?} {hosts:?}");
        }
    }

    #[test]
    fn nothing_is_expected_but_to_go_on() {
        for (expectation, expect) in [("", false), ("100-Continue", false), ("foo", true)] {
            let request = Request::get("/").header("expect", expectation);
            let request = request.body(Body::empty()).unwrap();
            assert_eq!(
                expects_something(request.headers()),
                expect,
                "{expectation}"
            );
        }
    }
}
