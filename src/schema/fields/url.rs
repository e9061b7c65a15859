//! URL fields: one address, with or without a scheme.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use regex::Regex;

use crate::base::issues::Issue;
use crate::schema::fields::DomainOptions;

/// Checks a value; empty ones pass.
pub(super) fn validate(url: &str, options: &DomainOptions) -> Result<(), Issue> {
    if url.is_empty() {
        return Ok(());
    }
    if !is_url(url) {
        return Err(Issue::new("validation_invalid_url", "Must be a valid url."));
    }
    if options.allow(host(url)) {
        Ok(())
    } else {
        Err(Issue::new(
            "validation_url_domain_not_allowed",
            "Url domain is not allowed.",
        ))
    }
}

/// Host and port of a URL that has `//` in front of them, else nothing.
fn host(url: &str) -> &str {
    let parts = Parts::of(url);
    match parts.authority {
        Some(authority) if !parts.scheme.is_empty() || url.starts_with("//") => authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host),
        _ => "",
    }
}

/// Says whether a text is a URL of a web, file transfer or socket scheme, or the part of one behind the scheme.
pub fn is_url(text: &str) -> bool {
    const LENGTHS: std::ops::Range<usize> = 4..2083;
    if text.len() < LENGTHS.start || text.chars().count() >= LENGTHS.end || text.starts_with('.') {
        return false;
    }
    if text.contains([' ', '\t', '\n', '\r', '\x0c']) || !Parts::of(text).are_sound() {
        return false;
    }
    let bare = [
        "http://", "https://", "ws://", "wss://", "ftp://", "tcp://", "udp://",
    ]
    .iter()
    .find_map(|scheme| text.strip_prefix(scheme))
    .unwrap_or(text);
    // Anything may stand before an `@`: a user, a password, or a scheme of another kind.
    is_host_and_path(bare)
        || text
            .match_indices('@')
            .any(|(index, _)| index > 0 && is_host_and_path(&text[index + 1..]))
}

/// The parts of a URL that are separated by what no part contains.
struct Parts<'a> {
    /// Between `://` and the path.
    authority: Option<&'a str>,
    scheme: &'a str,
    path: &'a str,
    query: &'a str,
    fragment: &'a str,
}

impl<'a> Parts<'a> {
    fn of(text: &'a str) -> Self {
        let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        // Without `//` everything up to the path is taken as the authority of a web address.
        let (scheme, rest) = match rest.split_once("://") {
            Some((scheme, rest)) if !scheme.contains('/') => (scheme, Some(rest)),
            _ if rest.starts_with("//") => ("", rest.strip_prefix("//")),
            _ if text.contains(':') && !text.contains("://") => ("", Some(rest)),
            _ => ("", None),
        };
        let (authority, path) = match rest {
            None => (None, text.split(['?', '#']).next().unwrap_or("")),
            Some(rest) => {
                let end = rest.find('/').unwrap_or(rest.len());
                let (authority, path) = rest.split_at(end);
                (Some(authority), path)
            }
        };
        Self {
            authority,
            scheme,
            path,
            query,
            fragment,
        }
    }

    fn are_sound(&self) -> bool {
        let authority = self.authority.unwrap_or("");
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let user_is_sound = user
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&b));
        let scheme_is_sound = self.scheme.is_empty()
            || (self.scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && (self.scheme.bytes()).all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)));
        let no_controls = |text: &str| !text.bytes().any(|b| b.is_ascii_control());
        user_is_sound
            && scheme_is_sound
            && !host.starts_with('.')
            && (!host.starts_with('[') || host.contains(']'))
            && [authority, self.path, self.query]
                .into_iter()
                .all(no_controls)
            && [user, self.path, self.fragment]
                .into_iter()
                .all(has_whole_escapes)
            && (!host.is_empty() || self.path.is_empty() || self.path.contains('.'))
    }
}

fn has_whole_escapes(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| {
        rest.as_bytes()
            .get(..2)
            .is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    })
}

/// A host, an optional port of up to five digits, and whatever follows `/`, `?` or `#`.
fn is_host_and_path(text: &str) -> bool {
    let end = text.find(['/', '?', '#']).unwrap_or(text.len());
    let host_and_port = text.get(..end).unwrap_or("");
    let host = match host_and_port.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            if !(1..=5).contains(&port.len()) || !port.bytes().all(|b| b.is_ascii_digit()) {
                return false;
            }
            host
        }
        _ => host_and_port,
    };
    let host = host.strip_suffix('.').unwrap_or(host);
    is_ip(host) || is_name(host)
}

fn is_ip(host: &str) -> bool {
    if let Some(inner) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return inner.parse::<Ipv6Addr>().is_ok();
    }
    host.parse::<Ipv4Addr>().is_ok_and(|address| {
        let [first, .., last] = address.octets();
        !matches!(first, 0 | 224..=239) && last != 255
    })
}

/// Labels of ASCII letters and digits, then one that may have letters of all scripts, then letters.
///
/// Hyphens and underscores join what is inside a label. The first of several labels has two characters or more.
fn is_name(host: &str) -> bool {
    const PATTERN: &str = r"(?x) ^
        (?:
            ALNUM [0-9A-Za-z_\-]* ALNUM (?: [\-.] ALNUM+ )*
          | ALNUM+ (?: [\-_.]? ALNUM )* ALNUM \. ALNUM+
          | www\.
        )?
        (?: WIDE+ -{0,2} )* WIDE
        (?: \. [a-zA-Z\u{a1}-\u{ffff}]+ )? $";
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = PATTERN
            .replace("ALNUM", "[0-9A-Za-z]")
            .replace("WIDE", r"[0-9A-Za-z\u{a1}-\u{ffff}]");
        Regex::new(&pattern).expect("BUG: the pattern of host names is valid")
    });
    NAME.is_match(host)
}
