//! What the change log keeps of a deleted record: its cells as JSON, by the ids of the fields, so that they can still
//! be read after the schema has changed. Those of a field that is removed are taken out of the log.

use serde_json::{Map, Value as Json};

use crate::schema::{Entry, Field, FieldKind};
use crate::sql::Value;

/// Longer texts are not kept; the record is delivered without them once only the log knows it.
const MAX_TEXT: usize = 64 << 10;

/// Writes the cells of a record that is deleted.
pub fn write(entry: &Entry, cells: &[Value]) -> String {
    let mut members = Map::new();
    for (field, cell) in entry.fields.iter().zip(cells) {
        if is_secret(entry, field) {
            continue;
        }
        let value = match cell {
            Value::Null | Value::Blob(_) => Json::Null,
            Value::Int(number) => Json::from(*number),
            Value::Real(number) => Json::from(*number),
            Value::Text(text) if text.len() > MAX_TEXT => continue,
            Value::Text(text) => Json::from(text.as_str()),
        };
        members.insert(field.id.clone(), value);
    }
    Json::Object(members).to_string()
}

/// The cells of a deleted record in the order of the fields the collection has now.
pub fn read(entry: &Entry, record: &str, data: &str) -> Vec<Value> {
    let members: Map<String, Json> = serde_json::from_str(data).unwrap_or_default();
    entry
        .fields
        .iter()
        .map(|field| match members.get(&field.id) {
            Some(Json::String(text)) => Value::Text(text.clone()),
            Some(Json::Number(number)) => match number.as_i64() {
                Some(integer) => Value::Int(integer),
                None => Value::Real(number.as_f64().unwrap_or_default()),
            },
            Some(Json::Null) => Value::Null,
            _ if field.name == "id" => record.into(),
            _ => field.zero().to_sql(),
        })
        .collect()
}

/// Security: password hashes and token keys have no use after their record.
fn is_secret(entry: &Entry, field: &Field) -> bool {
    matches!(field.kind, FieldKind::Password(_)) || (entry.is_auth() && field.name == "tokenKey")
}
