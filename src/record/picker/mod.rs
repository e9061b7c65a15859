//! The `fields` parameter: which members of an answer are kept, and the `excerpt` modifier.
//!
//! Works on any JSON; knows nothing of collections.

mod deep;
mod excerpt;
mod paths;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use crate::base::{cast, json, tokenize};
use excerpt::Excerpt;
use paths::{Choice, Path, Wanted, in_order};

/// Answers up to this size are not weighed.
const SMALL: usize = 1 << 20;

/// Bytes that the tree of an answer may take. What would take more is picked from as it is written.
const MAX_TREE: usize = 128 << 20;

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

impl Fields {
    /// Reads a comma list such as `id,author.name,text:excerpt(80,true)`; `None` means that everything is kept.
    pub fn parse(text: &str) -> Result<Option<Self>, FieldsError> {
        let paths = tokenize::split(text, &[','])?
            .iter()
            .map(|token| Path::parse(token))
            .collect::<Result<Vec<_>, _>>()?;
        let paths = in_order(paths);
        Ok((!paths.is_empty()).then_some(Self { paths }))
    }

    /// Keeps what was asked for of a text of JSON. A list envelope is recognised by its members and stays whole but for
    /// its items.
    pub fn pick_text(&self, answer: &[u8]) -> serde_json::Result<Vec<u8>> {
        if answer.len() > SMALL && json::weight(answer) > MAX_TREE {
            return deep::pick(answer, self.wanted());
        }
        match serde_json::from_slice(answer) {
            Ok(value) => {
                let mut out = Vec::with_capacity(answer.len() / 2);
                json::write_value(&mut out, &self.pick(value));
                Ok(out)
            }
            // A json field may be nested as deeply as a tree may be, and the record is around it.
            Err(_) => deep::pick(answer, self.wanted()),
        }
    }

    fn pick(&self, answer: Value) -> Value {
        match answer {
            Value::Object(mut members) if is_envelope(|name| members.contains_key(name)) => {
                if let Some(items) = members.get_mut("items") {
                    *items = pick(items.take(), self.wanted());
                }
                Value::Object(members)
            }
            other => pick(other, self.wanted()),
        }
    }

    fn wanted(&self) -> Wanted<'_> {
        Wanted::new(&self.paths)
    }
}

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

fn pick(value: Value, wanted: Wanted<'_>) -> Value {
    match value {
        Value::Object(members) => Value::Object(pick_members(members, wanted)),
        Value::Array(items) => {
            Value::Array(items.into_iter().map(|item| pick(item, wanted)).collect())
        }
        scalar => scalar,
    }
}

fn pick_members(members: Map<String, Value>, wanted: Wanted<'_>) -> Map<String, Value> {
    let mut kept = Map::new();
    for (key, value) in members {
        let value = match wanted.choose(&key) {
            Choice::Whole(excerpt) => apply(excerpt, value),
            Choice::Below(below) => pick(value, below),
            Choice::Not => continue,
        };
        kept.insert(key, value);
    }
    kept
}

fn apply(excerpt: Option<Excerpt>, value: Value) -> Value {
    match (excerpt, value) {
        (Some(excerpt), Value::String(text)) => Value::String(excerpt.of(&text)),
        (_, value) => value,
    }
}
