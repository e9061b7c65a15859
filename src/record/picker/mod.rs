//! The `fields` parameter: which members of an answer are kept, and the `excerpt` modifier.
//!
//! Works on any JSON; knows nothing of collections.

mod deep;
mod excerpt;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::base::{cast, json, tokenize};
use excerpt::Excerpt;

/// A parsed `fields` parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    paths: Vec<Path>,
}

/// Why a `fields` parameter was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldsError {
    /// Quotes or parentheses do not match.
    #[error("invalid fields: {0}")]
    Tokens(#[from] tokenize::TokenizeError),
    /// There is no such modifier, or it is not called right.
    #[error("invalid or unknown modifier `{0}`")]
    Modifier(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Path {
    name: String,
    excerpt: Option<Excerpt>,
}

impl Fields {
    /// Reads a comma list such as `id,author.name,text:excerpt(80,true)`; `None` means that everything is kept.
    pub fn parse(text: &str) -> Result<Option<Self>, FieldsError> {
        let paths = tokenize::split(text, &[','])?
            .iter()
            .map(|token| Path::parse(token))
            .collect::<Result<Vec<_>, _>>()?;
        Ok((!paths.is_empty()).then_some(Self { paths }))
    }

    /// Keeps what was asked for of a text of JSON. A list envelope is recognised by its members and stays whole but for
    /// its items.
    pub fn pick_text(&self, answer: &[u8]) -> serde_json::Result<Vec<u8>> {
        match serde_json::from_slice(answer) {
            Ok(value) => {
                let mut out = Vec::with_capacity(answer.len() / 2);
                json::write_value(&mut out, &self.pick(value));
                Ok(out)
            }
            // A json field may be nested as deeply as a tree may be, and the record is around it.
            Err(_) => deep::pick(answer, &self.wanted()),
        }
    }

    fn pick(&self, answer: Value) -> Value {
        match answer {
            Value::Object(mut members) if is_envelope(|name| members.contains_key(name)) => {
                if let Some(items) = members.get_mut("items") {
                    *items = pick(items.take(), &self.wanted());
                }
                Value::Object(members)
            }
            other => pick(other, &self.wanted()),
        }
    }

    fn wanted(&self) -> Vec<Wanted<'_>> {
        self.paths
            .iter()
            .map(|path| (path.name.as_str(), path.excerpt))
            .collect()
    }
}

/// What is left of a path below the level looked at, and its modifier.
type Wanted<'a> = (&'a str, Option<Excerpt>);

impl Path {
    fn parse(token: &str) -> Result<Self, FieldsError> {
        let (name, modifier) = match token.split_once(':') {
            Some((name, modifier)) => (name, Some(modifier)),
            None => (token, None),
        };
        Ok(Self {
            name: name.to_owned(),
            excerpt: modifier.map(parse_modifier).transpose()?,
        })
    }
}

fn parse_modifier(text: &str) -> Result<Excerpt, FieldsError> {
    let refuse = || FieldsError::Modifier(text.trim().to_owned());
    let (name, rest) = text.split_once('(').ok_or_else(refuse)?;
    let (arguments, behind) = rest.rsplit_once(')').ok_or_else(refuse)?;
    let arguments = tokenize::split(arguments, &[',']).map_err(|_| refuse())?;
    let (max, with_ellipsis) = match arguments.as_slice() {
        // Compat: only behind a single argument is anything passed over.
        [max] => (max, false),
        [max, flag] if behind.trim().is_empty() => (max, cast::is_true(flag)),
        _ => return Err(refuse()),
    };
    let max = max.split('.').next().unwrap_or_default().parse::<usize>();
    match (name.trim(), max) {
        ("excerpt", Ok(max_chars)) if max_chars > 0 => Ok(Excerpt {
            max_chars,
            with_ellipsis,
        }),
        _ => Err(refuse()),
    }
}

fn is_envelope(has: impl Fn(&str) -> bool) -> bool {
    ["page", "perPage", "totalItems", "totalPages", "items"]
        .iter()
        .all(|name| has(name))
}

fn pick(value: Value, wanted: &[Wanted<'_>]) -> Value {
    match value {
        Value::Object(members) => Value::Object(pick_members(members, wanted)),
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| pick(item, wanted)).collect())
        }
        scalar => scalar,
    }
}

fn pick_members(members: Map<String, Value>, wanted: &[Wanted<'_>]) -> Map<String, Value> {
    let mut kept = Map::new();
    for (key, value) in members {
        let value = match choose(&key, wanted) {
            Choice::Whole(excerpt) => apply(excerpt, value),
            Choice::Below(below) => pick(value, &below),
            Choice::Not => continue,
        };
        kept.insert(key, value);
    }
    kept
}

/// What becomes of a member.
enum Choice<'a> {
    Whole(Option<Excerpt>),
    Below(Vec<Wanted<'a>>),
    Not,
}

/// A member named itself is kept whole, one that is the start of paths is looked into, `*` keeps the rest.
fn choose<'a>(key: &str, wanted: &[Wanted<'a>]) -> Choice<'a> {
    let last_named = |key: &str| wanted.iter().rev().find(|(name, _)| *name == key);
    if let Some((_, excerpt)) = last_named(key) {
        return Choice::Whole(*excerpt);
    }
    let below: Vec<Wanted<'a>> = wanted
        .iter()
        .filter_map(|(name, excerpt)| {
            let rest = name.strip_prefix(key)?.strip_prefix('.')?;
            Some((rest, *excerpt))
        })
        .collect();
    // `j.` ends where it leads: it is all of `j`.
    if let Some((_, excerpt)) = below.iter().rev().find(|(rest, _)| rest.is_empty()) {
        return Choice::Whole(*excerpt);
    }
    match last_named("*") {
        _ if !below.is_empty() => Choice::Below(below),
        Some((_, excerpt)) => Choice::Whole(*excerpt),
        None => Choice::Not,
    }
}

fn apply(excerpt: Option<Excerpt>, value: Value) -> Value {
    match (excerpt, value) {
        (Some(excerpt), Value::String(text)) => Value::String(excerpt.of(&text)),
        (_, value) => value,
    }
}
