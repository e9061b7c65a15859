//! The admin UI, embedded: its files with cache and security headers, gzip on demand, and the page for every route.
//!
//! The files are built from `admin-ui/` and committed; nothing here runs Node.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, RwLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    IF_NONE_MATCH, REFERRER_POLICY, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use axum::routing::any;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::api::respond;
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

#[derive(RustEmbed)]
#[folder = "admin-ui/dist/"]
struct Dist;

/// Compressed files by name, each made when it is first asked for. Only embedded names enter.
type Compressed = Arc<RwLock<HashMap<String, Bytes>>>;

/// Adds the UI to a router for GET requests.
pub fn mount(router: Router) -> Router {
    let compressed = Compressed::default();
    let page = move |request: Request<Body>| {
        let compressed = Arc::clone(&compressed);
        async move {
            let (head, _) = request.into_parts();
            decorated(answer(head.uri.path(), &head.headers, &compressed).await)
        }
    };
    router
        .route("/_/", any(page.clone()))
        .route("/_/{*path}", any(page))
        .route("/_/extensions.js", any(no_extensions))
}

/// The hash of the sources the embedded UI was built from.
pub fn source_hash() -> Option<String> {
    let file = Dist::get("SOURCE_HASH")?;
    let text = std::str::from_utf8(&file.data).ok()?;
    Some(text.trim().to_owned())
}

/// Extensions of the UI are scripts of the operator; there is no way to register one.
async fn no_extensions() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    response.headers_mut().insert(CONTENT_TYPE, SCRIPT);
    response.headers_mut().insert(CACHE_CONTROL, REVALIDATE);
    std::future::ready(decorated(response)).await
}

async fn answer(path: &str, headers: &HeaderMap, compressed: &Compressed) -> Response<Body> {
    let path = path.strip_prefix(PREFIX).unwrap_or_default();
    let Some((name, file)) = find(path) else {
        return respond(&Error::not_found("File not found."));
    };
    let etag = etag(&file);
    let caching = if name.starts_with("assets/") {
        IMMUTABLE
    } else {
        REVALIDATE
    };
    if matches_tag(headers, &etag) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response.headers_mut().insert(ETAG, etag);
        response.headers_mut().insert(CACHE_CONTROL, caching);
        return response;
    }
    let content_type = content_type(&name);
    let mut response = Response::new(Body::empty());
    let data = match file.data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    };
    let wants_gzip = accepts_gzip(headers) && is_text(&content_type);
    let compressed = if wants_gzip {
        gzipped(name, data.clone(), compressed).await
    } else {
        None
    };
    if compressed.is_some() {
        response.headers_mut().insert(CONTENT_ENCODING, GZIP);
    }
    *response.body_mut() = Body::from(compressed.unwrap_or(data));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(ETAG, etag);
    headers.insert(CACHE_CONTROL, caching);
    response
}

/// A file of the UI; routes of the single page get the page, names with an extension only themselves.
fn find(path: &str) -> Option<(String, EmbeddedFile)> {
    if let Some(file) = Dist::get(path) {
        return Some((path.to_owned(), file));
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.contains('.') {
        return None;
    }
    Some((INDEX.to_owned(), Dist::get(INDEX)?))
}

fn decorated(mut response: Response<Body>) -> Response<Body> {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(REFERRER_POLICY, NO_REFERRER);
    headers.insert(OPENER_POLICY, POPUPS);
    headers.append(VARY, BY_ENCODING);
    response
}

/// A weak tag, since the compressed and the plain form share it.
fn etag(file: &EmbeddedFile) -> HeaderValue {
    let hash = URL_SAFE_NO_PAD.encode(file.metadata.sha256_hash());
    HeaderValue::from_str(&format!("W/\"{hash}\"")).unwrap_or(HeaderValue::from_static("W/\"0\""))
}

fn matches_tag(headers: &HeaderMap, etag: &HeaderValue) -> bool {
    let (Some(sent), Ok(etag)) = (headers.get(IF_NONE_MATCH), etag.to_str()) else {
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

fn is_text(content_type: &HeaderValue) -> bool {
    content_type.to_str().is_ok_and(|kind| {
        kind.starts_with("text/")
            || kind.contains("json")
            || kind.contains("xml")
            || kind.contains("javascript")
    })
}

async fn gzipped(name: String, data: Bytes, compressed: &Compressed) -> Option<Bytes> {
    let known = compressed.read().ok()?.get(&name).cloned();
    if known.is_some() {
        return known;
    }
    let work = tokio::task::spawn_blocking(move || {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&data).and_then(|()| encoder.finish())
    });
    let bytes = Bytes::from(work.await.ok()?.ok()?);
    compressed.write().ok()?.insert(name, bytes.clone());
    Some(bytes)
}
