//! The admin UI, embedded: its files with cache and security headers, and the page for every route.
//!
//! The files are built from `admin-ui/` and committed; nothing here runs Node. `build.rs` compresses them, and as such
//! they are kept and sent; whoever does not take gzip has them unpacked.

use std::io::{self, Read as _};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, LOCATION, REFERRER_POLICY, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use axum::routing::any;
use flate2::read::GzDecoder;

use crate::api::{refuse, respond};
use crate::app::App;
use crate::base::error::Error;

const PREFIX: &str = "/_/";
const INDEX: &str = "index.html";
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");

const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; \
     font-src 'self'; connect-src 'self'; frame-src 'self' blob:; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'",
);
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const REVALIDATE: HeaderValue = HeaderValue::from_static("no-cache");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
// The window of an OAuth2 sign-in test has to reach the page that opened it.
const POPUPS: HeaderValue = HeaderValue::from_static("same-origin-allow-popups");
const GZIP: HeaderValue = HeaderValue::from_static("gzip");
const SCRIPT: HeaderValue = HeaderValue::from_static("text/javascript");
const BY_ENCODING: HeaderValue = HeaderValue::from_static("Accept-Encoding");

/// A file of the UI.
#[derive(Clone, Copy)]
struct File {
    /// Its path below `/_/`.
    name: &'static str,
    /// Differs between contents: their checksum and length.
    tag: &'static str,
    /// The data are compressed.
    gzip: bool,
    data: &'static [u8],
}

/// All files in the order of their names.
static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/ui.rs"));

impl File {
    fn named(name: &str) -> Option<Self> {
        let found = FILES.binary_search_by(|file| file.name.cmp(name)).ok()?;
        FILES.get(found).copied()
    }

    /// What was compressed; a few milliseconds for the largest file.
    fn unpacked(self) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        GzDecoder::new(self.data).read_to_end(&mut plain)?;
        Ok(plain)
    }
}

/// Adds the UI to a router for GET requests.
pub fn mount(router: Router, app: &App) -> Router {
    let app = app.clone();
    let page = move |request: Request<Body>| {
        let app = app.clone();
        async move {
            let path = request.uri().path();
            let path = path.strip_prefix(PREFIX).unwrap_or_default();
            let response = match find(path) {
                Some(file) if file.name == INDEX && path.contains('/') => up(path),
                Some(file) => answer(file, request.headers().clone()).await,
                None => refuse(&app, &request, &Error::not_found("File not found.")),
            };
            decorated(response)
        }
    };
    router
        .route("/_/", any(page.clone()))
        .route("/_/{*path}", any(page))
        .route("/_/extensions.js", any(no_extensions))
}

/// The hash of the sources the embedded UI was built from.
pub fn source_hash() -> Option<String> {
    let text = String::from_utf8(File::named("SOURCE_HASH")?.unpacked().ok()?).ok()?;
    Some(text.trim().to_owned())
}

/// Extensions of the UI are scripts of the operator; there is no way to register one.
async fn no_extensions() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    response.headers_mut().insert(CONTENT_TYPE, SCRIPT);
    response.headers_mut().insert(CACHE_CONTROL, REVALIDATE);
    std::future::ready(decorated(response)).await
}

async fn answer(file: File, headers: HeaderMap) -> Response<Body> {
    let headers = &headers;
    let mut response = Response::new(Body::empty());
    let out = response.headers_mut();
    let tag = format!("W/\"{}\"", file.tag);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        out.insert(ETAG, tag);
    }
    let caching = if file.name.starts_with("assets/") {
        IMMUTABLE
    } else {
        REVALIDATE
    };
    out.insert(CACHE_CONTROL, caching);
    if matches_tag(headers, &tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    out.insert(CONTENT_TYPE, content_type(file.name));
    *response.body_mut() = if !file.gzip {
        Body::from(Bytes::from_static(file.data))
    } else if accepts_gzip(headers) {
        out.insert(CONTENT_ENCODING, GZIP);
        Body::from(Bytes::from_static(file.data))
    } else {
        match tokio::task::spawn_blocking(move || file.unpacked()).await {
            Ok(Ok(plain)) => Body::from(plain),
            _ => return respond(&Error::internal("The file cannot be unpacked.")),
        }
    };
    response
}

/// A file of the UI; routes of the single page lead to it, names with an extension only themselves.
fn find(path: &str) -> Option<File> {
    File::named(path).or_else(|| {
        let last = path.rsplit('/').next().unwrap_or_default();
        if last.contains('.') {
            None
        } else {
            File::named(INDEX)
        }
    })
}

/// Leads from a path below the page to the page. What the page names, and this, is relative: a proxy may have the whole
/// server below a path that is not known here.
fn up(path: &str) -> Response<Body> {
    let target = "../".repeat(path.matches('/').count());
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::TEMPORARY_REDIRECT;
    if let Ok(target) = HeaderValue::from_str(&target) {
        response.headers_mut().insert(LOCATION, target);
    }
    response
}

fn decorated(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(REFERRER_POLICY, NO_REFERRER);
    headers.insert(OPENER_POLICY, POPUPS);
    headers.append(VARY, BY_ENCODING);
    response
}

/// The tag is a weak one, since the compressed and the plain form share it.
fn matches_tag(headers: &HeaderMap, etag: &str) -> bool {
    let Some(sent) = headers.get(IF_NONE_MATCH) else {
        return false;
    };
    let strong = etag.trim_start_matches("W/");
    sent.to_str().is_ok_and(|sent| {
        sent.split(',')
            .any(|tag| tag.trim() == "*" || tag.trim().trim_start_matches("W/") == strong)
    })
}

fn accepts_gzip(headers: &HeaderMap) -> bool {
    headers
        .get(ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            value.split(',').any(|coding| {
                let mut parts = coding.split(';').map(str::trim);
                parts.next() == Some("gzip") && !matches!(parts.next(), Some("q=0" | "q=0.0"))
            })
        })
}

fn content_type(name: &str) -> HeaderValue {
    let guessed = mime_guess::from_path(name)
        .first_raw()
        .unwrap_or("text/plain");
    if guessed.starts_with("text/") {
        return HeaderValue::from_str(&format!("{guessed}; charset=utf-8"))
            .unwrap_or(HeaderValue::from_static("text/plain"));
    }
    HeaderValue::from_static(guessed)
}
