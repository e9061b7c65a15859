//! The values of a record as texts, for mail templates.

use std::sync::Arc;

use crate::base::error::Result;
use crate::base::json;
use crate::engine::Reader;
use crate::record::lookup::columns_by_id;
use crate::schema::{Entry, Field, FieldKind, FieldValue};

/// One visible field of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldText {
    pub name: String,
    pub text: String,
    /// The text comes from a client and may contain markup.
    pub is_free: bool,
}

/// The fields of a stored record that are not hidden; `None` when there is no such record.
pub fn texts(reader: &Reader, entry: &Arc<Entry>, id: &str) -> Result<Option<Vec<FieldText>>> {
    let sql = columns_by_id(entry, entry.fields.iter(), id);
    Ok(reader.first(&sql, |row| {
        let values = entry
            .fields
            .iter()
            .enumerate()
            .map(|(i, field)| field.read_stored(row.get(i)));
        describe(entry, values)
    })?)
}

/// The same of a record that is made up: texts say of which field they are.
pub fn sample_texts(entry: &Entry) -> Vec<FieldText> {
    describe(entry, entry.fields.iter().map(sample))
}

fn sample(field: &Field) -> FieldValue {
    let text = format!("__pb_test_{}__", field.name);
    match (&field.kind, field.zero()) {
        (FieldKind::Autodate(_) | FieldKind::Date(_), zero) => zero,
        (_, FieldValue::Text(_)) => FieldValue::Text(text),
        (_, FieldValue::Json(_)) => FieldValue::Json(format!("\"{text}\"")),
        (_, zero) => zero,
    }
}

fn describe(entry: &Entry, values: impl Iterator<Item = FieldValue>) -> Vec<FieldText> {
    entry
        .fields
        .iter()
        .zip(values)
        .filter(|(field, _)| !field.hidden && !matches!(field.kind, FieldKind::Password(_)))
        .map(|(field, value)| FieldText {
            name: field.name.clone(),
            text: text_of(&value),
            is_free: !matches!(
                field.kind,
                FieldKind::Autodate(_)
                    | FieldKind::Date(_)
                    | FieldKind::Bool
                    | FieldKind::Number(_)
            ),
        })
        .collect()
}

/// Compat: lists have no text.
fn text_of(value: &FieldValue) -> String {
    match value {
        FieldValue::Text(text) | FieldValue::Json(text) => text.clone(),
        FieldValue::Bool(flag) => flag.to_string(),
        FieldValue::Number(number) => {
            let mut out = Vec::new();
            json::write_number(&mut out, *number);
            String::from_utf8(out).unwrap_or_default()
        }
        FieldValue::Geo { .. } => {
            let mut out = Vec::new();
            value.write_json(&mut out);
            String::from_utf8(out).unwrap_or_default()
        }
        FieldValue::List(_) | FieldValue::Password(_) => String::new(),
    }
}
