//! The guide for those who come from JavaScript hooks: nothing of theirs is left out, and what it names exists.

use std::collections::BTreeSet;

use super::every_function::{functions, properties};

const GUIDE: &str = include_str!("../../../docs/hooks/porting.md");
const REFERENCE: &str = include_str!("../../../docs/hooks/reference.md");

/// What JavaScript hooks can call, and their events.
const HOST_NAMES: &str = include_str!("host_names.txt");

/// Names of the language itself, and of data, that the guide uses.
const LANGUAGE: [&str; 13] = [
    "_mfas",
    "_otps",
    "as_string",
    "filter",
    "import",
    "map",
    "method",
    "name",
    "print",
    "public",
    "throw",
    "to_blob",
    "type",
];

/// The rows of the table: JavaScript, Rhai.
fn rows() -> Vec<(String, String)> {
    let cells = |line: &str| -> Option<(String, String)> {
        let line = line.strip_prefix("| ")?.strip_suffix(" |")?;
        let line = line.replace("\\|", "\u{1}");
        let (left, right) = line.split_once(" | ")?;
        Some((left.replace('\u{1}', "|"), right.replace('\u{1}', "|")))
    };
    let rows: Vec<(String, String)> = GUIDE.lines().filter_map(cells).skip(1).collect();
    assert!(rows.len() > 100, "{}", rows.len());
    rows
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| !word.is_empty())
}

/// The pieces of a cell that are code.
fn codes(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// `onRecordAuthWithOTPRequest` as `on_record_auth_with_otp_request`.
fn snake(name: &str) -> String {
    let name = name.replace("OAuth2", "Oauth2").replace("OTP", "Otp");
    let mut snake = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

#[test]
fn everything_of_javascript_hooks_has_a_row() {
    let rows = rows();
    let named: BTreeSet<&str> = rows.iter().flat_map(|(left, _)| words(left)).collect();
    let events: BTreeSet<String> = functions().into_iter().map(|(_, name)| name).collect();
    let missing: Vec<&str> = HOST_NAMES
        .lines()
        .filter(|name| !name.starts_with('#'))
        .filter(|name| {
            let is_event =
                name.starts_with("on") && name.chars().nth(2).is_some_and(char::is_uppercase);
            // Models are records and collections here; one row says so of all of them.
            let is_named = named.contains(name) || name.starts_with("onModel");
            !(is_named || is_event && events.contains(&snake(name)))
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn everything_the_guide_names_exists() {
    let functions = functions();
    let members = properties();
    let exists = |name: &str| {
        functions.iter().any(|(_, other)| other == name)
            || members.contains(name)
            || LANGUAGE.contains(&name)
            || REFERENCE.contains(&format!("`{name}`"))
    };
    let mut missing = Vec::new();
    for (_, right) in rows() {
        for code in codes(&right) {
            // Texts in quotes are data.
            let code: String = code.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
            let mut rest = code.as_str();
            while let Some(at) = rest.find('(') {
                let before = &rest[..at];
                let begin = before
                    .rfind(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .map_or(0, |i| i + 1);
                let name = &before[begin..];
                let namespace = before[..begin]
                    .strip_suffix("::")
                    .and_then(|b| words(b).last());
                let is_there = match namespace {
                    Some(namespace) => functions
                        .iter()
                        .any(|(ns, other)| ns == namespace && other == name),
                    None => name.is_empty() || exists(name),
                };
                if !is_there {
                    missing.push(format!("{code}: {name}"));
                }
                rest = &rest[at + 1..];
            }
            let is_name = code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            if is_name && !code.is_empty() && !exists(&code) {
                missing.push(code);
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_function_is_in_the_guide_or_the_reference() {
    let missing: Vec<String> = functions()
        .into_iter()
        .map(|(namespace, name)| match namespace.as_str() {
            "" => format!("`{name}"),
            namespace => format!("`{namespace}::{name}"),
        })
        .filter(|name| !REFERENCE.contains(name.as_str()) && !GUIDE.contains(name.as_str()))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
