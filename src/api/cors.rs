//! Which other sites may call the API from a browser, and the answers to their preflights.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_REQUEST_HEADERS, ORIGIN, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};

use crate::api::answer::{self, Response};

const ANY: HeaderValue = HeaderValue::from_static("*");
const METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
const VARY_ORIGIN: HeaderValue = HeaderValue::from_static("Origin");
const VARY_METHOD: HeaderValue = HeaderValue::from_static("Access-Control-Request-Method");
const VARY_HEADERS: HeaderValue = HeaderValue::from_static("Access-Control-Request-Headers");

/// Longest origin that is compared with a pattern: scheme, separator, host name and port.
const MAX_ORIGIN: usize = 261;

/// The sites that may call.
#[derive(Clone, Debug)]
pub enum Cors {
    /// Every site.
    Any,
    /// Sites that match one of the patterns; `*` stands for any text and `?` for one character.
    Only(Vec<String>),
}

impl Cors {
    /// Reads a list of patterns; a list without any or a `*` alone in it means every site.
    pub fn new(patterns: &[String]) -> Self {
        let patterns: Vec<String> = patterns
            .iter()
            .filter(|pattern| !pattern.is_empty())
            .cloned()
            .collect();
        if patterns.is_empty() || patterns.iter().any(|pattern| pattern == "*") {
            Self::Any
        } else {
            Self::Only(patterns)
        }
    }

    /// The value of `Access-Control-Allow-Origin` for a request, if its site may call.
    pub(super) fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let origin = headers.get(ORIGIN).filter(|origin| !origin.is_empty())?;
        match self {
            Self::Any => Some(ANY),
            Self::Only(patterns) => {
                let text = origin.to_str().ok()?;
                patterns
                    .iter()
                    .any(|pattern| matches(pattern, text))
                    .then(|| origin.clone())
            }
        }
    }

    /// The answer to any OPTIONS request.
    pub(super) fn preflight(&self, headers: &HeaderMap) -> Response {
        let mut response = answer::empty(StatusCode::NO_CONTENT);
        let out = response.headers_mut();
        out.insert(VARY, VARY_ORIGIN);
        if let Some(origin) = self.allowed(headers) {
            out.append(VARY, VARY_METHOD);
            out.append(VARY, VARY_HEADERS);
            out.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            out.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            if let Some(requested) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
                out.insert(ACCESS_CONTROL_ALLOW_HEADERS, requested.clone());
            }
        }
        response
    }

    /// Adds what belongs on every other answer.
    pub(super) fn decorate(origin: Option<HeaderValue>, headers: &mut HeaderMap) {
        headers.append(VARY, VARY_ORIGIN);
        if let Some(origin) = origin {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
    }
}

/// Says whether an origin matches a pattern; the scheme and the host are compared as they are written.
fn matches(pattern: &str, origin: &str) -> bool {
    if pattern == origin {
        return true;
    }
    if origin.len() > MAX_ORIGIN || !origin.contains("://") {
        return false;
    }
    glob(pattern.as_bytes(), origin.as_bytes())
}

/// Matches `*` (any text) and `?` (one byte) in time linear in `text` times the number of stars.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    // Where to resume when the last star has to take one byte more.
    let mut resume: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                resume = Some((p + 1, t));
                p += 1;
            }
            Some(b'?') => {
                p += 1;
                t += 1;
            }
            Some(expected) if expected == byte => {
                p += 1;
                t += 1;
            }
            _ => match resume {
                Some((star, taken)) => {
                    p = star;
                    t = taken + 1;
                    resume = Some((star, taken + 1));
                }
                None => return false,
            },
        }
    }
    pattern
        .get(p..)
        .unwrap_or_default()
        .iter()
        .all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::{Cors, matches};

    #[test]
    fn a_list_without_patterns_means_every_site() {
        for (patterns, is_any) in [
            (&[][..], true),
            (&[""], true),
            (&["https://a.com", "*"], true),
            (&["https://a.com", ""], false),
        ] {
            let patterns: Vec<String> = patterns.iter().map(ToString::to_string).collect();
            let cors = Cors::new(&patterns);
            assert_eq!(matches!(cors, Cors::Any), is_any, "{patterns:?}");
        }
    }

    #[test]
    fn patterns_choose_origins() {
        for (pattern, origin, expect) in [
            ("http://a.com", "http://a.com", true),
            ("http://a.com", "http://A.com", false),
            ("http://a.com", "http://a.com.evil.org", false),
            ("https://*.b.com", "https://q.b.com", true),
            ("https://*.b.com", "https://q.r.b.com", true),
            ("https://*.b.com", "https://b.com", false),
            ("http://c?.com", "http://c1.com", true),
            ("http://c?.com", "http://c.com", false),
            ("http://*", "null", false),
            ("*://*:*", "http://x:1", true),
        ] {
            assert_eq!(matches(pattern, origin), expect, "{pattern} {origin}");
        }
    }
}
