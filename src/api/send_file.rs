//! Sending a file: conditional requests, byte ranges, and streaming in chunks.

use std::future::ready;

use axum::body::{Body, Bytes};
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, IF_MATCH, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED, RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use futures_util::future::Either;
use futures_util::{StreamExt as _, stream};

use crate::api::byte_ranges::{Part, Wanted};
use crate::api::{answer, http_date};
use crate::base::ids;
use crate::base::time::Timestamp;
use crate::files::{self, Content};

/// Type of content nothing is known about.
pub const UNKNOWN_TYPE: HeaderValue = HeaderValue::from_static("application/octet-stream");

const BYTES: HeaderValue = HeaderValue::from_static("bytes");
/// Length of what separates the parts of an answer.
const BOUNDARY_LENGTH: usize = 60;

const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// An opened file and what is known about it.
#[derive(Debug)]
pub struct Source {
    pub content: Content,
    pub size: u64,
    pub modified: Timestamp,
    pub content_type: HeaderValue,
}

/// Answers a GET or HEAD request with the file or the parts of it the client asks for. Fails when the file cannot be
/// read, which is not known yet for all that is sent.
pub async fn send(
    is_head: bool,
    request: &HeaderMap,
    source: Source,
) -> Result<Response<Body>, files::Error> {
    if let Some(status) = precondition(request, source.modified) {
        let mut response = answer::empty(status);
        let headers = response.headers_mut();
        set_modified(headers, source.modified);
        if status != StatusCode::NOT_MODIFIED {
            headers.insert(CONTENT_TYPE, source.content_type);
        }
        return Ok(response);
    }
    let modified = source.modified;
    let mut response = match requested(request, &source) {
        Wanted::Whole => whole(source, is_head).await?,
        Wanted::Part(part) => one_part(source, part, is_head).await?,
        Wanted::Parts(parts) => several_parts(source, parts, is_head).await?,
        Wanted::Invalid => return Ok(refused(None)),
        Wanted::Outside => return Ok(refused(Some(source.size))),
    };
    let headers = response.headers_mut();
    headers.insert(ACCEPT_RANGES, BYTES);
    set_modified(headers, modified);
    Ok(response)
}

/// Content that is begun, unless nobody wants more than its head.
async fn content(
    content: Content,
    start: u64,
    length: u64,
    is_head: bool,
) -> Result<Body, files::Error> {
    if is_head {
        // Nobody takes anything of it.
        return Ok(Body::from_stream(content.stream(start, length)));
    }
    Ok(Body::from_stream(content.begin(start, length).await?))
}

async fn whole(source: Source, is_head: bool) -> Result<Response<Body>, files::Error> {
    let body = content(source.content, 0, source.size, is_head).await?;
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, source.content_type);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(source.size));
    Ok(response)
}

async fn one_part(
    source: Source,
    part: Part,
    is_head: bool,
) -> Result<Response<Body>, files::Error> {
    let body = content(source.content, part.start, part.length, is_head).await?;
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, source.content_type);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(part.length));
    if let Ok(range) = HeaderValue::from_str(&part.content_range(source.size)) {
        headers.insert(CONTENT_RANGE, range);
    }
    Ok(response)
}

/// The parts one after the other as `multipart/byteranges`. Each is read when it is its turn.
async fn several_parts(
    source: Source,
    parts: Vec<Part>,
    is_head: bool,
) -> Result<Response<Body>, files::Error> {
    let Source {
        content,
        size,
        content_type,
        ..
    } = source;
    let boundary = ids::random_string(BOUNDARY_LENGTH, ids::ALNUM);
    let content_type = content_type.to_str().unwrap_or_default().to_owned();
    let end = format!("\r\n--{boundary}--\r\n");
    let separator = boundary.clone();
    let head = move |number: usize, part: &Part| {
        let line = if number == 0 { "" } else { "\r\n" };
        let range = part.content_range(size);
        format!(
            "{line}--{separator}\r\nContent-Range: {range}\r\nContent-Type: {content_type}\r\n\r\n"
        )
    };
    let heads = parts.iter().enumerate();
    let length = heads
        .map(|(number, part)| head(number, part).len() as u64 + part.length)
        .sum::<u64>()
        + end.len() as u64;
    let mut begun = match parts.first().filter(|_| !is_head) {
        Some(first) => Some(content.clone().begin(first.start, first.length).await?),
        None => None,
    };
    let pieces = stream::iter(parts.into_iter().enumerate())
        .flat_map(move |(number, part)| {
            let head = Bytes::from(head(number, &part));
            let content = match begun.take() {
                Some(begun) => Either::Left(begun),
                None => Either::Right(content.clone().stream(part.start, part.length)),
            };
            stream::once(ready(Ok(head))).chain(content)
        })
        .chain(stream::once(ready(Ok(Bytes::from(end)))));
    let mut response = Response::new(Body::from_stream(pieces));
    *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    let headers = response.headers_mut();
    let kind = format!("multipart/byteranges; boundary={boundary}");
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        headers.insert(CONTENT_TYPE, kind);
    }
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    Ok(response)
}

fn set_modified(headers: &mut HeaderMap, modified: Timestamp) {
    if let Ok(value) = HeaderValue::from_str(&http_date::write(modified)) {
        headers.insert(LAST_MODIFIED, value);
    }
}

/// A header; an empty one is none.
fn text<'a>(request: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let text = request.get(name)?.to_str().ok()?;
    (!text.is_empty()).then_some(text)
}

/// Says whether a list of entity tags has a `*`. What stands behind something that is no tag is not read.
fn has_any(tags: &str) -> bool {
    let mut rest = tags;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.starts_with('*') {
            return true;
        }
        let tag = rest.strip_prefix("W/").unwrap_or(rest);
        match tag.strip_prefix('"').and_then(|tag| tag.split_once('"')) {
            Some((tag, behind)) if !tag.contains([' ', '\t']) => rest = behind,
            _ => return false,
        }
    }
}

/// Whether the file changed after the moment a header names; `None` without a readable header.
fn changed_since(request: &HeaderMap, name: &HeaderName, modified: Timestamp) -> Option<bool> {
    let since = http_date::read(text(request, name)?)?;
    Some(modified.unix_seconds() > since)
}

/// The status that spares the client the content, if a condition of the request asks for it.
fn precondition(request: &HeaderMap, modified: Timestamp) -> Option<StatusCode> {
    // Files have no entity tags; only `*` can match.
    let is_other = match text(request, &IF_MATCH) {
        Some(tags) => !has_any(tags),
        None => changed_since(request, &IF_UNMODIFIED_SINCE, modified) == Some(true),
    };
    if is_other {
        return Some(StatusCode::PRECONDITION_FAILED);
    }
    if let Some(tags) = text(request, &IF_NONE_MATCH) {
        return has_any(tags).then_some(StatusCode::NOT_MODIFIED);
    }
    (changed_since(request, &IF_MODIFIED_SINCE, modified) == Some(false))
        .then_some(StatusCode::NOT_MODIFIED)
}

fn requested(request: &HeaderMap, source: &Source) -> Wanted {
    let Some(range) = text(request, &RANGE) else {
        return Wanted::Whole;
    };
    if let Some(condition) = text(request, &IF_RANGE)
        && http_date::read(condition) != Some(source.modified.unix_seconds())
    {
        return Wanted::Whole;
    }
    Wanted::read(range, source.size)
}

fn refused(size: Option<u64>) -> Response<Body> {
    let message = if size.is_some() {
        "invalid range: failed to overlap\n"
    } else {
        "invalid range\n"
    };
    let mut response = Response::new(Body::from(message));
    *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
    response.headers_mut().insert(CONTENT_TYPE, PLAIN);
    if let Some(range) = size.and_then(|n| HeaderValue::from_str(&format!("bytes */{n}")).ok()) {
        response.headers_mut().insert(CONTENT_RANGE, range);
    }
    response
}

#[cfg(test)]
mod tests {
    use axum::http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
    use axum::http::{HeaderMap, HeaderValue, StatusCode};

    use super::precondition;
    use crate::base::time::Timestamp;

    #[test]
    fn no_file_is_the_one_with_a_tag() {
        for (tags, is_other) in [
            ("\"a\"", true),
            ("*", false),
            ("\"a\", *", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_MATCH, HeaderValue::from_static(tags));
            let expect = is_other.then_some(StatusCode::PRECONDITION_FAILED);
            let modified = Timestamp::from_unix_ms(1000);
            assert_eq!(precondition(&headers, modified), expect, "{tags}");
        }
        let mut headers = HeaderMap::new();
        let before = HeaderValue::from_static("Thu, 01 Jan 1970 00:00:00 GMT");
        headers.insert(IF_UNMODIFIED_SINCE, before);
        let modified = Timestamp::from_unix_ms(1000);
        let expect = Some(StatusCode::PRECONDITION_FAILED);
        assert_eq!(precondition(&headers, modified), expect);
        headers.insert(IF_MATCH, HeaderValue::from_static("*"));
        assert_eq!(precondition(&headers, modified), None);
    }

    #[test]
    fn what_is_not_known_to_have_changed_is_not_sent_again() {
        let date = "Thu, 01 Jan 1970 00:00:01 GMT";
        for (tags, since, is_spared) in [
            ("", date, true),
            ("", "1970-01-01 00:00:01Z", false),
            ("*", "", true),
            ("\"a\", *", "", true),
            ("a, *", "", false),
            ("\"a\"", date, false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(IF_NONE_MATCH, HeaderValue::from_static(tags));
            headers.insert(IF_MODIFIED_SINCE, HeaderValue::from_static(since));
            let expect = is_spared.then_some(StatusCode::NOT_MODIFIED);
            let modified = Timestamp::from_unix_ms(1500);
            assert_eq!(precondition(&headers, modified), expect, "{tags} {since}");
        }
    }
}
