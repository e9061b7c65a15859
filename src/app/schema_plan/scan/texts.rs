//! What texts of a script say: names in filters and lists, and what stands in the place of names.

use crate::app::schema_plan::scan::known::Renamed;
use crate::app::schema_plan::scan::sql;
use crate::app::schema_plan::scan::tokens::Token;

/// Words of the language that no property and no key can have without quotes.
const RESERVED: &[&str] = &[
    "as",
    "async",
    "await",
    "break",
    "call",
    "case",
    "catch",
    "const",
    "continue",
    "curry",
    "debug",
    "default",
    "do",
    "each",
    "else",
    "eval",
    "every",
    "exit",
    "export",
    "false",
    "fn",
    "for",
    "global",
    "go",
    "goto",
    "if",
    "import",
    "in",
    "is",
    "is_def_fn",
    "is_def_var",
    "is_shared",
    "let",
    "loop",
    "match",
    "module",
    "new",
    "null",
    "nil",
    "package",
    "print",
    "private",
    "protected",
    "public",
    "return",
    "shared",
    "spawn",
    "static",
    "super",
    "switch",
    "sync",
    "then",
    "this",
    "thread",
    "throw",
    "true",
    "try",
    "type_of",
    "unless",
    "until",
    "use",
    "var",
    "void",
    "when",
    "while",
    "with",
    "yield",
    "Fn",
];

/// A text without code in it, at the same places; what is escaped is left out too.
pub(super) fn cleaned(written: &str, token: &Token) -> String {
    let mut bytes = written.as_bytes().to_vec();
    for (start, end) in &token.holes {
        let inside = start.saturating_sub(token.start)..end.saturating_sub(token.start);
        if let Some(hole) = bytes.get_mut(inside) {
            hole.fill(b' ');
            // Whatever it gives, it is a value.
            if let Some(first) = hole.first_mut() {
                *first = b'0';
            }
        }
    }
    let mut escapes = bytes.clone();
    let mut at = 0;
    while at + 1 < bytes.len() {
        if bytes.get(at) == Some(&b'\\') {
            let escaped = bytes.get(at + 1).copied().unwrap_or(b' ');
            let meant = if matches!(escaped, b'"' | b'\'') || !escaped.is_ascii() {
                escaped
            } else {
                b' '
            };
            if let Some([first, second]) = escapes.get_mut(at..at + 2) {
                (*first, *second) = (b' ', meant);
            }
            at += 1;
        }
        at += 1;
    }
    String::from_utf8(escapes).unwrap_or_default()
}

/// A filter with values in place of what is filled in.
pub(super) fn fillable(filter: &str) -> String {
    let mut text = String::new();
    let mut rest = filter;
    while let Some((before, behind)) = rest.split_once("{:") {
        let Some((name, after)) = behind.split_once('}') else {
            break;
        };
        text.push_str(before);
        text.push('\'');
        text.push_str(&"x".repeat(name.len() + 1));
        text.push('\'');
        rest = after;
    }
    text.push_str(rest);
    text
}

/// The place of a name that is all of a text, up to a modifier such as in `count+`.
pub(super) fn modified(own: &str, name: &str) -> Option<(usize, usize)> {
    if own == name {
        return Some((0, name.len()));
    }
    let signs = ['+', '-'];
    if own.strip_prefix(signs) == Some(name) {
        return Some((1, own.len()));
    }
    (own.strip_suffix(signs) == Some(name)).then_some((0, name.len()))
}

/// The places in a text of unknown purpose that look as if they meant a name.
pub(super) fn guesses(own: &str, rename: &Renamed) -> Vec<(usize, usize)> {
    let is_filter = own.contains(['=', '~', '<', '>'])
        || own.starts_with(['-', '+'])
        || (own.contains([',', '.']) && !own.contains(' '))
        || own.starts_with('@')
        || sql::is_statement(own);
    if is_filter {
        words_in(own, rename)
    } else {
        Vec::new()
    }
}

/// The places of a filter, sort or list of fields that use a name. What stands in quotes of its own is a value.
fn words_in(filter: &str, rename: &Renamed) -> Vec<(usize, usize)> {
    let is_field = rename.collection.is_some();
    let mut found = Vec::new();
    let mut quote = None;
    let mut start = None;
    for (at, c) in filter.char_indices().chain([(filter.len(), ' ')]) {
        if let Some(open) = quote {
            if c == open {
                quote = None;
            }
            continue;
        }
        if c.is_alphanumeric() || c == '_' {
            start.get_or_insert(at);
            continue;
        }
        if let Some(begin) = start.take()
            && let Some(word) = filter.get(begin..at)
        {
            let before = filter.get(..begin).unwrap_or_default();
            let is_path = before.ends_with("@collection.");
            if word == rename.from && is_path != is_field && !before.ends_with(':') {
                found.push((begin, at));
            }
            if let Some((from, to)) = via(word, rename) {
                found.push((begin + from, begin + to));
            }
        }
        if matches!(c, '\'' | '"') {
            quote = Some(c);
        }
    }
    found
}

/// The renamed part of a name such as `posts_via_author`.
pub(super) fn via(word: &str, rename: &Renamed) -> Option<(usize, usize)> {
    let (collection, field) = word.split_once("_via_")?;
    match &rename.collection {
        None => (collection == rename.from).then_some((0, collection.len())),
        Some(own) => (field == rename.from && own == collection)
            .then_some((word.len() - field.len(), word.len())),
    }
}

/// Says whether a name can be a property or key as it is.
pub(super) fn is_plain(name: &str) -> bool {
    !RESERVED.contains(&name) && !name.starts_with(|first: char| first.is_ascii_digit())
}
