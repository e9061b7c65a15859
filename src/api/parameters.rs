//! Values with parameters, such as `form-data; name="t"` and `multipart/form-data; boundary=x`. Pure.

use std::borrow::Cow;
use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

/// A value and what is said about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parameters {
    /// What stands in front of the first `;`, in lower case.
    pub(super) kind: String,
    /// As they are written, stars and numbers included; names in lower case.
    members: BTreeMap<String, String>,
}

impl Parameters {
    /// Reads a header; `None` when any of it is malformed or says two things about one name.
    pub(super) fn read(header: &str) -> Option<Self> {
        let (kind, mut rest) = header.split_at_checked(header.find(';').unwrap_or(header.len()))?;
        let kind = kind.trim();
        is_kind(kind).then_some(())?;
        let mut members = BTreeMap::new();
        loop {
            rest = rest.trim_start();
            if rest.is_empty() || rest.trim_end() == ";" {
                break;
            }
            let (name, value, after) = parameter(rest)?;
            rest = after;
            let name = name.to_ascii_lowercase();
            if members.get(&name).is_some_and(|known| *known != value) {
                return None;
            }
            members.insert(name, value.into_owned());
        }
        Some(Self {
            kind: kind.to_ascii_lowercase(),
            members,
        })
    }

    /// The parameter of a name. Its encoded form (RFC 5987) goes before its pieces (RFC 2231), and these before the
    /// plain one.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let plain = || self.members.get(name).cloned();
        match self.members.get(&format!("{name}*")) {
            Some(encoded) => decoded(encoded).or_else(plain),
            None => self.pieces(name).or_else(plain),
        }
    }

    fn pieces(&self, name: &str) -> Option<String> {
        let piece = |number: usize| {
            let plain = self.members.get(&format!("{name}*{number}"));
            plain.cloned().or_else(|| {
                let encoded = self.members.get(&format!("{name}*{number}*"))?;
                let text = if number == 0 {
                    decoded(encoded)
                } else {
                    unescaped(encoded)
                };
                // What cannot be decoded is there, but says nothing.
                Some(text.unwrap_or_default())
            })
        };
        let mut whole = piece(0)?;
        whole.extend((1..).map_while(piece));
        Some(whole)
    }
}

/// Decodes `charset'language'text`; `None` in a charset that is not known.
fn decoded(value: &str) -> Option<String> {
    let mut pieces = value.splitn(3, '\'');
    let (charset, _, text) = (pieces.next()?, pieces.next()?, pieces.next()?);
    let is_known = ["utf-8", "us-ascii"]
        .iter()
        .any(|known| charset.eq_ignore_ascii_case(known));
    unescaped(text).filter(|_| is_known)
}

/// Decodes `%` and two digits; `None` when digits are missing.
fn unescaped(text: &str) -> Option<String> {
    let mut escapes = text.split('%').skip(1);
    let is_whole = escapes.all(|piece| {
        let digits = piece.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    is_whole.then(|| percent_decode_str(text).decode_utf8_lossy().into_owned())
}

/// A token, or two with a slash between them.
fn is_kind(text: &str) -> bool {
    let (first, rest) = token(text);
    let second = rest.strip_prefix('/').map(token);
    !first.is_empty()
        && match second {
            None => rest.is_empty(),
            Some((second, rest)) => !second.is_empty() && rest.is_empty(),
        }
}

/// Takes `;name=value` off the front.
fn parameter(text: &str) -> Option<(&str, Cow<'_, str>, &str)> {
    let text = text.strip_prefix(';')?.trim_start();
    let (name, text) = token(text);
    let text = text.trim_start().strip_prefix('=')?.trim_start();
    let (value, rest) = if let Some(quoted) = text.strip_prefix('"') {
        unquoted(quoted)?
    } else {
        let (value, rest) = token(text);
        (!value.is_empty()).then_some((value.into(), rest))?
    };
    (!name.is_empty()).then_some((name, value, rest))
}

/// Takes a text in quotes off the front, of which the first quote is gone.
fn unquoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let special = rest.find(['"', '\\'])?;
        value.push_str(rest.get(..special)?);
        let after = rest.get(special + 1..)?;
        if rest.as_bytes().get(special) == Some(&b'"') {
            return Some((value.into(), after));
        }
        // Compat: a backslash is one unless something that needs it follows, for paths that Windows' programs send.
        let escaped = after.chars().next().filter(|next| is_special(*next));
        value.push(escaped.unwrap_or('\\'));
        rest = after.get(escaped.map_or(0, char::len_utf8)..)?;
    }
}

/// Takes a token off the front.
fn token(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_graphic() || is_special(c));
    text.split_at_checked(end.unwrap_or(text.len()))
        .unwrap_or((text, ""))
}

const fn is_special(character: char) -> bool {
    matches!(
        character,
        '(' | ')' | '<' | '>' | '@' | ',' | ';' | ':' | '\\' | '"' | '/' | '[' | ']' | '?' | '='
    )
}

#[cfg(test)]
mod tests {
    use super::Parameters;

    #[track_caller]
    fn check(header: &str, name: Option<&str>) {
        let read = Parameters::read(header);
        let found = read.and_then(|read| read.get("name"));
        assert_eq!(found.as_deref(), name, "{header}");
    }

    #[test]
    fn parameters_are_read() {
        for parameters in [
            "name=t",
            "name=\"t\"",
            "name = t",
            "NAME= \"t\" ;",
            "name=t\t;\ta=b",
            "name=\"t\"\u{a0}; a=b",
            "name=t; Name=t",
            "x=\"\"; name=t",
            "name=t; a=\"x\ty;=z\"",
            "name*=UTF-8''t",
            "name=n; name*=utf-8'en'%74",
            "name*=us-ascii''t; name=n",
            "name*=koi8-r''x; name=t",
            "name*=x; name=t",
            "name*=utf-8''%zz; name=t",
            "name*0=t",
            "name*0=\"\"; name*1=t",
            "name*0=t; name*2=x",
            "name*0=t; name=n",
            "name*0*=utf-8''%74; name*1*=%zz",
            "*=x; name=t",
        ] {
            check(&format!("form-data; {parameters}"), Some("t"));
        }
        check(
            "form-data; name*0*=UTF-8''%c3%a4; name*1=\"b c\"; name*2*=%41",
            Some("äb cA"),
        );
        check(r#"form-data; name="C:\dir\\a\"b""#, Some(r#"C:\dir\a"b"#));
        check("form-data; name=\"ä\"", Some("ä"));
        check("form-data; name=\"\"", Some(""));
    }

    #[test]
    fn what_is_malformed_says_nothing() {
        for parameters in [
            "name=t; name=n",
            "name=t; NAME=n",
            "name=t; foo",
            "name=t;;",
            "name=t;; x=y",
            "name=\"t",
            "name=\"t\\",
            "name=t x",
            "name=\"t\"x",
            "name=\"t\" x=y",
            "name=ü",
            "name=t;x=",
            "name=; x=y",
            ";name=t",
            "name=t; a=x/y",
            "name=t; a=x[y]",
            "name*1=t",
            "name*x=t",
            "name*00=t",
            "name**=utf-8''t",
            "name*=utf-8''%7",
            "name*=utf-8't",
        ] {
            check(&format!("form-data; {parameters}"), None);
        }
    }

    #[test]
    fn kinds_are_one_or_two_tokens() {
        let kind = |header| Parameters::read(header).map(|read| read.kind);
        assert_eq!(kind(" FORM-Data ; name=t").as_deref(), Some("form-data"));
        assert_eq!(kind("a/B").as_deref(), Some("a/b"));
        for header in [
            "", ";a=b", "a b; c=d", "a/; b=c", "/a", "a/b/c", "a, b", "\"a\"",
        ] {
            assert_eq!(kind(header), None, "{header}");
        }
    }
}
