//! A name for every request, on its answer and in the log: the one a proxy gave it, else a new one.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;

use crate::api::answer::Response;
use crate::base::ids::{self, LOWER_ALNUM};

pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest name that is taken over.
const MAX_TAKEN: usize = 64;

/// What the names of one process begin with, and the digits behind it.
const PREFIX: usize = 8;
const DIGITS: usize = 8;

static PROCESS: LazyLock<[u8; PREFIX]> = LazyLock::new(|| {
    let random = ids::random_string(PREFIX, LOWER_ALNUM);
    let mut prefix = [b'0'; PREFIX];
    for (place, byte) in prefix.iter_mut().zip(random.bytes()) {
        *place = byte;
    }
    prefix
});

static NEXT: AtomicU64 = AtomicU64::new(0);

/// The name a proxy gave the request, if it is one.
pub(super) fn taken(headers: &HeaderMap) -> Option<HeaderValue> {
    let value = headers.get(&REQUEST_ID)?;
    let is_name = (1..=MAX_TAKEN).contains(&value.len())
        && value
            .as_bytes()
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    is_name.then(|| value.clone())
}

/// Names an answer that has no name yet.
pub(super) fn put(response: &mut Response, taken: Option<HeaderValue>) {
    response
        .headers_mut()
        .entry(REQUEST_ID)
        .or_insert_with(|| taken.unwrap_or_else(fresh));
}

/// Perf: every request gets one, so it is counted rather than drawn.
fn fresh() -> HeaderValue {
    let mut name = [b'0'; PREFIX + DIGITS];
    name[..PREFIX].copy_from_slice(&*PROCESS);
    let mut number = NEXT.fetch_add(1, Relaxed);
    for place in name[PREFIX..].iter_mut().rev() {
        *place = LOWER_ALNUM[(number % 36) as usize];
        number /= 36;
    }
    HeaderValue::from_maybe_shared(Bytes::copy_from_slice(&name))
        .unwrap_or(HeaderValue::from_static("0"))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderMap, HeaderValue};

    use super::{REQUEST_ID, fresh, taken};

    #[test]
    fn only_plain_names_are_taken_over() {
        for (value, is_taken) in [
            ("4f2c-9.A_z", true),
            ("", false),
            ("a b", false),
            ("a\"b", false),
            (&"x".repeat(64), true),
            (&"x".repeat(65), false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(REQUEST_ID, HeaderValue::from_str(value).unwrap());
            assert_eq!(taken(&headers).is_some(), is_taken, "{value}");
        }
    }

    #[test]
    fn fresh_names_differ() {
        let (one, other) = (fresh(), fresh());
        assert_ne!(one, other);
        assert_eq!((one.len(), other.len()), (16, 16));
        assert_eq!(one.as_bytes()[..8], other.as_bytes()[..8]);
    }
}
