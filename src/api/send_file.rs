//! Sending a file: conditional requests, one byte range, and streaming in chunks.

use axum::body::Body;
use axum::http::header::{
    ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    IF_RANGE, IF_UNMODIFIED_SINCE, LAST_MODIFIED, RANGE,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use crate::api::answer;
use crate::base::time::{self, Timestamp};
use crate::files::Content;

/// Type of content nothing is known about.
pub const UNKNOWN_TYPE: HeaderValue = HeaderValue::from_static("application/octet-stream");

const BYTES: HeaderValue = HeaderValue::from_static("bytes");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// An opened file and what is known about it.
#[derive(Debug)]
pub struct Source {
    pub content: Content,
    pub size: u64,
    pub modified: Timestamp,
    pub content_type: HeaderValue,
}

/// Answers a GET or HEAD request with the file or the part of it the client asks for.
///
/// A request for several ranges at once gets the whole file, which HTTP allows.
pub fn send(request: &HeaderMap, source: Source) -> Response<Body> {
    if let Some(status) = precondition(request, source.modified) {
        let mut response = answer::empty(status);
        set_modified(response.headers_mut(), source.modified);
        return response;
    }
    let (start, length, status) = match requested(request, &source) {
        Range::Whole => (0, source.size, StatusCode::OK),
        Range::Part { start, length } => (start, length, StatusCode::PARTIAL_CONTENT),
        Range::Invalid => return refused(None),
        Range::Outside => return refused(Some(source.size)),
    };
    let content = source.content.stream(start, length);
    let mut response = Response::new(Body::from_stream(content));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, source.content_type);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(ACCEPT_RANGES, BYTES);
    set_modified(headers, source.modified);
    if status == StatusCode::PARTIAL_CONTENT {
        let range = format!("bytes {start}-{}/{}", start + length - 1, source.size);
        if let Ok(range) = HeaderValue::from_str(&range) {
            headers.insert(CONTENT_RANGE, range);
        }
    }
    response
}

fn set_modified(headers: &mut HeaderMap, modified: Timestamp) {
    if let Ok(value) = HeaderValue::from_str(&http_date(modified)) {
        headers.insert(LAST_MODIFIED, value);
    }
}

fn http_date(moment: Timestamp) -> String {
    jiff::Timestamp::from_second(moment.unix_seconds())
        .ok()
        .and_then(|moment| {
            jiff::fmt::rfc2822::DateTimePrinter::new()
                .timestamp_to_rfc9110_string(&moment)
                .ok()
        })
        .unwrap_or_default()
}

fn text<'a>(request: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    request.get(name)?.to_str().ok()
}

/// Whether the file changed after the moment a header names; `None` without a readable header.
fn changed_since(request: &HeaderMap, name: &HeaderName, modified: Timestamp) -> Option<bool> {
    let since = time::parse(text(request, name)?)?;
    Some(modified.unix_seconds() > since.unix_seconds())
}

/// The status that spares the client the content, if a condition of the request asks for it.
fn precondition(request: &HeaderMap, modified: Timestamp) -> Option<StatusCode> {
    if changed_since(request, &IF_UNMODIFIED_SINCE, modified) == Some(true) {
        return Some(StatusCode::PRECONDITION_FAILED);
    }
    // Files have no entity tags; only `*` can match.
    if let Some(tags) = text(request, &IF_NONE_MATCH) {
        return (tags.trim() == "*").then_some(StatusCode::NOT_MODIFIED);
    }
    (changed_since(request, &IF_MODIFIED_SINCE, modified) == Some(false))
        .then_some(StatusCode::NOT_MODIFIED)
}

#[derive(Debug, PartialEq, Eq)]
enum Range {
    Whole,
    Part { start: u64, length: u64 },
    Invalid,
    Outside,
}

fn requested(request: &HeaderMap, source: &Source) -> Range {
    let Some(range) = text(request, &RANGE).filter(|range| !range.is_empty()) else {
        return Range::Whole;
    };
    if let Some(condition) = text(request, &IF_RANGE) {
        let same = time::parse(condition)
            .is_some_and(|moment| moment.unix_seconds() == source.modified.unix_seconds());
        if !same {
            return Range::Whole;
        }
    }
    parse_range(range, source.size)
}

fn parse_range(range: &str, size: u64) -> Range {
    let Some(spec) = range.strip_prefix("bytes=") else {
        return Range::Invalid;
    };
    if spec.contains(',') {
        return Range::Whole;
    }
    let Some((first, last)) = spec.trim().split_once('-') else {
        return Range::Invalid;
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let (first, last) = (first.trim(), last.trim());
    if first.is_empty() {
        let Some(suffix) = number(last) else {
            return Range::Invalid;
        };
        let length = suffix.min(size);
        if length == 0 {
            return Range::Outside;
        }
        return Range::Part {
            start: size - length,
            length,
        };
    }
    let Some(start) = number(first) else {
        return Range::Invalid;
    };
    let end = if last.is_empty() {
        Some(u64::MAX)
    } else {
        number(last)
    };
    match end {
        Some(end) if end >= start => {
            if start >= size {
                return Range::Outside;
            }
            Range::Part {
                start,
                length: end.min(size - 1) - start + 1,
            }
        }
        _ => Range::Invalid,
    }
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
    use super::{Range, http_date, parse_range};
    use crate::base::time::Timestamp;

    #[test]
    fn ranges_are_cut_to_the_file() {
        let part = |start, length| Range::Part { start, length };
        for (range, expect) in [
            ("bytes=1-3", part(1, 3)),
            ("bytes=2-", part(2, 4)),
            ("bytes=-2", part(4, 2)),
            ("bytes=-20", part(0, 6)),
            ("bytes=0-99999999999999999999", part(0, 6)),
            ("bytes=0-1,3-4", Range::Whole),
            ("bytes=9-20", Range::Outside),
            ("bytes=-0", Range::Outside),
            ("bytes=3-1", Range::Invalid),
            ("bytes=x-1", Range::Invalid),
            ("bytes=+1-2", Range::Invalid),
            ("bytes=5", Range::Invalid),
            ("x=1-2", Range::Invalid),
        ] {
            assert_eq!(parse_range(range, 6), expect, "{range}");
        }
        assert_eq!(parse_range("bytes=0-0", 0), Range::Outside);
    }

    #[test]
    fn dates_are_written_as_http_wants_them() {
        let moment = Timestamp::from_unix_ms(784_111_777_000);
        assert_eq!(http_date(moment), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
