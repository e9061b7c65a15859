//! Many statements of one text as one query: the same question for many callers.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::query::Statement;
use crate::sql::Value;

/// A question asked for several callers at once. It yields the number of each caller for whom there is a row.
#[derive(Debug)]
pub struct Batch {
    pub text: String,
    pub binds: Vec<Value>,
}

/// Puts statements of [`Output::Exists`](crate::query::Output::Exists) together, one query for all of the same text.
/// Their numbers are their positions.
pub fn batch(statements: &[Statement]) -> Vec<Batch> {
    let mut by_text: HashMap<&Arc<str>, Map<String, Json>> = HashMap::new();
    for (index, statement) in statements.iter().enumerate() {
        let binds = statement.binds.iter().map(to_json).collect();
        let callers = by_text.entry(&statement.text).or_default();
        callers.insert(index.to_string(), Json::Array(binds));
    }
    by_text
        .into_iter()
        .map(|(text, callers)| Batch {
            text: wrap(text),
            binds: vec![Value::Text(Json::Object(callers).to_string())],
        })
        .collect()
}

/// The statement for each caller, its values taken from a JSON array instead of placeholders.
fn wrap(text: &str) -> String {
    let mut wrapped = String::with_capacity(text.len() * 2 + 128);
    wrapped.push_str(
        "SELECT CAST(callers.key AS INTEGER) FROM json_each(?) AS callers WHERE EXISTS (",
    );
    let mut quote = None;
    let mut placeholder = 0;
    for c in text.chars() {
        match (quote, c) {
            (None, '?') => {
                wrapped.push_str("json_extract(callers.value, '$[");
                wrapped.push_str(&placeholder.to_string());
                wrapped.push_str("]')");
                placeholder += 1;
                continue;
            }
            (None, '\'' | '"' | '`') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        wrapped.push(c);
    }
    wrapped.push(')');
    wrapped
}

/// The JSON that `json_extract` reads back as the same value.
fn to_json(value: &Value) -> Json {
    match value {
        Value::Null | Value::Blob(_) => Json::Null,
        Value::Int(number) => Json::from(*number),
        Value::Real(number) => Json::from(*number),
        Value::Text(text) => Json::from(text.as_str()),
    }
}
