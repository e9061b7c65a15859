//! The paths of requests: other ways to write one, and those that lead elsewhere. Pure.

use axum::http::{Method, Uri};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What a path has only as `%xx`. Security: browsers read `/\host` in an answer as another site.
const NO_PART_OF_PATHS: &AsciiSet = &(CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>'))
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Says whether a path has a `%` without two hexadecimal digits behind it.
pub(super) fn has_broken_escape(path: &str) -> bool {
    path.split('%').skip(1).any(|rest| {
        !rest
            .as_bytes()
            .get(..2)
            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
    })
}

/// The address with letters and digits of its path written as such: `%61` is only another way to write `a`.
pub(super) fn unescaped(uri: &Uri) -> Option<Uri> {
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
pub(super) fn clean_target(uri: &Uri, method: &Method) -> Option<String> {
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
    let cleaned = utf8_percent_encode(&cleaned, NO_PART_OF_PATHS);
    Some(match uri.query() {
        Some(query) => format!("{cleaned}?{query}"),
        None => cleaned.to_string(),
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
    use super::{clean_target, has_broken_escape, unescaped};
    use axum::http::{Method, Uri};

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
            ("/\\\\b//x?y=\\", "/%5C%5Cb/x?y=\\"),
            ("/.//\\b", "/%5Cb"),
            ("/a//\u{e4}%20(b)", "/a/%C3%A4%20(b)"),
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
