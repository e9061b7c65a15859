//! What happens to every request before and after its handler: path cleaning, CORS, panics, common headers.
//!
//! One function does it in the order of the contract; there is no stack of layers around the router.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::body::Body;
use axum::http::header::{
    CONNECTION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS, X_XSS_PROTECTION,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use futures_util::FutureExt as _;
use tower_service::Service as _;

use crate::api::answer::{self, Framable, Response};
use crate::api::cors::Cors;
use crate::api::error;
use crate::api::scripts::{self, Looked, Scripts};
use crate::app::App;
use crate::base::error::Error;

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const SAME_ORIGIN: HeaderValue = HeaderValue::from_static("same-origin");
const SAME_ORIGIN_FRAMES: HeaderValue = HeaderValue::from_static("SAMEORIGIN");
const XSS_BLOCK: HeaderValue = HeaderValue::from_static("1; mode=block");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const CLOSE: HeaderValue = HeaderValue::from_static("close");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

/// Address of the other end of the connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// One router per method, so that a path known for one method is simply unknown for another.
#[derive(Clone, Debug, Default)]
pub struct Routers {
    pub get: Router,
    pub post: Router,
    pub put: Router,
    pub patch: Router,
    pub delete: Router,
}

impl Routers {
    /// Changes all of them alike.
    #[must_use]
    pub fn map(self, change: impl Fn(Router) -> Router) -> Self {
        Self {
            get: change(self.get),
            post: change(self.post),
            put: change(self.put),
            patch: change(self.patch),
            delete: change(self.delete),
        }
    }
}

/// Everything a connection needs to answer requests.
#[derive(Clone, Debug)]
pub struct Edge {
    routers: Routers,
    cors: Cors,
    scripts: Option<Scripts>,
}

impl Edge {
    /// Puts the routers behind the common steps.
    pub fn new(routers: Routers, cors: Cors) -> Self {
        Self {
            routers,
            cors,
            scripts: None,
        }
    }

    /// Lets scripts answer requests.
    #[must_use]
    pub fn with_scripts(mut self, app: &App) -> Self {
        self.scripts = Some(Scripts::new(app));
        self
    }

    /// Answers a request. Never fails and never panics.
    pub async fn handle(&self, mut request: Request<Body>, peer: IpAddr) -> Response {
        if has_broken_escape(request.uri().path()) {
            return malformed();
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
        request.extensions_mut().insert(Peer(peer));
        let mut response = match AssertUnwindSafe(self.route(request)).catch_unwind().await {
            Ok(response) => response,
            Err(payload) => error::respond_to_panic(payload.as_ref()),
        };
        let framable = response.extensions().get::<Framable>().is_some();
        let headers = response.headers_mut();
        Cors::decorate(origin, headers);
        secure(headers, framable);
        response
    }

    async fn route(&self, request: Request<Body>) -> Response {
        let Some(scripts) = &self.scripts else {
            return self.built_in(request).await;
        };
        match Box::pin(scripts.look(request)).await {
            Looked::Answered(response) => response,
            Looked::Passed(request, headers) => {
                let mut response = self.built_in(request).await;
                scripts::add_headers(&mut response, &headers);
                response
            }
        }
    }

    async fn built_in(&self, request: Request<Body>) -> Response {
        let router = match request.method().as_str() {
            "GET" | "HEAD" => &self.routers.get,
            "POST" => &self.routers.post,
            "PUT" => &self.routers.put,
            "PATCH" => &self.routers.patch,
            "DELETE" => &self.routers.delete,
            _ => return error::respond(&Error::NotFound(None)),
        };
        match router.clone().call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}

/// The answer to a request that is not HTTP as it should be.
fn malformed() -> Response {
    let mut response = Response::new(Body::from("400 Bad Request"));
    *response.status_mut() = StatusCode::BAD_REQUEST;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, PLAIN);
    headers.insert(CONNECTION, CLOSE);
    response
}

/// A redirect with a page for readers whose client does not follow it.
fn moved(method: &Method, target: &str) -> Response {
    let mut response = answer::redirect(StatusCode::TEMPORARY_REDIRECT, target);
    if matches!(*method, Method::GET | Method::HEAD) {
        let link = target
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&#34;")
            .replace('\'', "&#39;");
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

/// Says whether a path has a `%` without two hexadecimal digits behind it.
fn has_broken_escape(path: &str) -> bool {
    path.split('%').skip(1).any(|rest| {
        !rest
            .as_bytes()
            .get(..2)
            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    })
}

/// The address with letters and digits of its path written as such: `%61` is only another way to write `a`.
fn unescaped(uri: &Uri) -> Option<Uri> {
    let path = uri.path();
    let (first, rest) = path.split_once('%')?;
    let mut written = first.to_owned();
    for escaped in rest.split('%') {
        let (code, behind) = escaped.split_at_checked(2)?;
        match u8::from_str_radix(code, 16) {
            Ok(byte) if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') => {
                written.push(char::from(byte));
            }
            _ => {
                written.push('%');
                written.push_str(code);
            }
        }
        written.push_str(behind);
    }
    if let Some(query) = uri.query() {
        written.push('?');
        written.push_str(query);
    }
    written.parse().ok()
}

/// Where to send a request whose path has empty, `.` or `..` segments, or lacks the slash of the admin UI.
fn clean_target(uri: &Uri, method: &Method) -> Option<String> {
    let path = uri.path();
    let cleaned = if path == "/_" && matches!(*method, Method::GET | Method::HEAD) {
        "/_/".to_owned()
    } else if path.contains("//") || path.contains("/.") {
        clean(path)
    } else {
        return None;
    };
    if cleaned == path {
        return None;
    }
    Some(match uri.query() {
        Some(query) => format!("{cleaned}?{query}"),
        None => cleaned,
    })
}

/// Resolves empty, `.` and `..` segments; a trailing slash stays.
fn clean(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            other => kept.push(other),
        }
    }
    let mut cleaned = String::with_capacity(path.len());
    for segment in &kept {
        cleaned.push('/');
        cleaned.push_str(segment);
    }
    if cleaned.is_empty() || path.ends_with('/') {
        cleaned.push('/');
    }
    cleaned
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::{Edge, Routers, clean_target, has_broken_escape, unescaped};
    use crate::api::Cors;
    use axum::Router;
    use axum::body::Body;
    use axum::http::{Method, Request, StatusCode, Uri};
    use axum::routing::any;

    #[tokio::test]
    async fn a_panicking_handler_is_an_ordinary_error_for_its_client() {
        let routers = Routers {
            get: Router::new().route("/", any(async || -> StatusCode { panic!("on purpose") })),
            ..Routers::default()
        };
        let edge = Edge::new(routers, Cors::Any);
        let response = edge
            .handle(Request::new(Body::empty()), IpAddr::V4(Ipv4Addr::LOCALHOST))
            .await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(response.headers()["x-content-type-options"], "nosniff");
        assert!(response.headers().contains_key("x-request-id"));
    }

    #[test]
    fn odd_paths_are_sent_to_their_clean_form() {
        for (path, expect) in [
            ("/api/health", ""),
            ("//api/health?x=1&y=%zz", "/api/health?x=1&y=%zz"),
            ("/api//health", "/api/health"),
            ("/api/./health", "/api/health"),
            ("/api/x/../health", "/api/health"),
            ("/a/../../../b", "/b"),
            ("/x/..", "/"),
            ("/x/.", "/x"),
            ("/x//", "/x/"),
            ("/.well-known/x", ""),
            ("/%2e%2e/x", ""),
            ("/_", "/_/"),
            ("/_?x=1", "/_/?x=1"),
            ("/", ""),
        ] {
            let uri: Uri = path.parse().unwrap();
            let target = clean_target(&uri, &Method::GET).unwrap_or_default();
            assert_eq!(target, expect, "{path}");
        }
    }

    #[test]
    fn escapes_in_paths_have_two_digits() {
        for (path, expect) in [
            ("/", false),
            ("/%2e%2E/%25zz", false),
            ("/%", true),
            ("/%2", true),
            ("/%2g/x", true),
            ("/%%20", true),
        ] {
            assert_eq!(has_broken_escape(path), expect, "{path}");
        }
    }

    #[test]
    fn letters_are_unescaped() {
        for (target, expect) in [
            ("/a%62c%5F%2D%31?x=%61", "/abc_-1?x=%61"),
            ("/%2e%2E/%2F%25%c3%a4", "/%2e%2E/%2F%25%c3%a4"),
        ] {
            let uri: Uri = target.parse().unwrap();
            assert_eq!(unescaped(&uri).unwrap(), expect, "{target}");
        }
    }

    #[test]
    fn the_ui_slash_is_added_for_readers_only() {
        let uri: Uri = "/_".parse().unwrap();
        assert_eq!(clean_target(&uri, &Method::POST), None);
    }
}
