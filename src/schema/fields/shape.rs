//! How values of the field types are held: casting of what clients send, reading of what is stored, writing of answers.
//!
//! Nothing here fails: input without meaning becomes the zero value, as the contract asks, and odd
//! stored values (other types, broken JSON) are shown as well as they can be.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::base::cast;
use crate::base::json;
use crate::base::secret::Secret;
use crate::schema::fields::{Field, FieldKind, date, geo_point, json as json_type};
use crate::schema::value::{FieldValue, Password};
use crate::sql::ValueRef;

/// What the types have in common as far as their values are concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Text,
    Number,
    Bool,
    Date,
    /// At most one text of a list; the last one wins.
    One,
    Many,
    Json,
    Geo,
    Password,
}

impl Field {
    const fn shape(&self) -> Shape {
        match &self.kind {
            FieldKind::Text(_) | FieldKind::Email(_) | FieldKind::Url(_) | FieldKind::Editor(_) => {
                Shape::Text
            }
            FieldKind::Number(_) => Shape::Number,
            FieldKind::Bool => Shape::Bool,
            FieldKind::Date(_) | FieldKind::Autodate(_) => Shape::Date,
            FieldKind::Select(_) | FieldKind::File(_) | FieldKind::Relation(_) => {
                if self.is_multiple() {
                    Shape::Many
                } else {
                    Shape::One
                }
            }
            FieldKind::Json(_) => Shape::Json,
            FieldKind::GeoPoint => Shape::Geo,
            FieldKind::Password(_) => Shape::Password,
        }
    }

    /// The value of a record that was never given one.
    pub fn zero(&self) -> FieldValue {
        match self.shape() {
            Shape::Text | Shape::Date | Shape::One => FieldValue::Text(String::new()),
            Shape::Number => FieldValue::Number(0.0),
            Shape::Bool => FieldValue::Bool(false),
            Shape::Many => FieldValue::List(Vec::new()),
            Shape::Json => FieldValue::Json("null".to_owned()),
            Shape::Geo => FieldValue::Geo { lon: 0.0, lat: 0.0 },
            Shape::Password => FieldValue::Password(Password::none()),
        }
    }

    /// Casts what a client sent.
    pub fn coerce(&self, value: &Json) -> FieldValue {
        match self.shape() {
            Shape::Text => FieldValue::Text(cast::to_text(value)),
            Shape::Number => FieldValue::Number(cast::to_number(value)),
            Shape::Bool => FieldValue::Bool(cast::to_bool(value)),
            Shape::Date => FieldValue::Text(date::canonical(&cast::to_text(value))),
            Shape::One => FieldValue::Text(single(self.texts_of(value))),
            Shape::Many => FieldValue::List(self.texts_of(value)),
            Shape::Json => FieldValue::Json(json_type::coerce(value)),
            Shape::Geo => geo_point::coerce(value),
            Shape::Password => FieldValue::Password(match cast::to_text(value) {
                plain if plain.is_empty() => Password::none(),
                plain => Password::Plain(Secret::new(plain)),
            }),
        }
    }

    /// The texts of a list that a client sent. What a list leaves out is deleted in a file field, so that names are
    /// looked for in lists of lists as well.
    pub(super) fn texts_of(&self, value: &Json) -> Vec<String> {
        match &self.kind {
            FieldKind::File(_) => cast::to_flat_list(value),
            _ => cast::to_unique_list(value),
        }
    }

    /// Reads the field's column.
    pub fn read_stored(&self, stored: ValueRef<'_>) -> FieldValue {
        match self.shape() {
            Shape::Text => FieldValue::Text(stored.to_text().into_owned()),
            Shape::Number => FieldValue::Number(number(stored)),
            Shape::Bool => FieldValue::Bool(flag(stored)),
            Shape::Date => FieldValue::Text(stored_date(&stored.to_text()).into_owned()),
            Shape::One => FieldValue::Text(one(stored.to_text()).into_owned()),
            Shape::Many => FieldValue::List(cast::text_to_unique_list(&stored.to_text())),
            Shape::Json => FieldValue::Json(json_type::stored(stored).into_owned()),
            Shape::Geo => geo_point::from_text(&stored.to_text()),
            Shape::Password => {
                FieldValue::Password(Password::Hash(Secret::new(stored.to_text().into_owned())))
            }
        }
    }

    /// Appends the JSON of what the field's column holds: [`Self::read_stored`] and [`FieldValue::write_json`] in one,
    /// without a value in between where the stored form allows it.
    pub fn write_stored(&self, stored: ValueRef<'_>, out: &mut Vec<u8>) {
        match (self.shape(), stored) {
            (Shape::Text, _) => json::write_string(out, &stored.to_text()),
            (Shape::Date, _) => json::write_string(out, &stored_date(&stored.to_text())),
            (Shape::One, _) => json::write_string(out, &one(stored.to_text())),
            (Shape::Json, _) => out.extend_from_slice(json_type::stored(stored).as_bytes()),
            (Shape::Many, ValueRef::Text(list)) if json::is_plain_list(list) => {
                out.extend_from_slice(list.as_bytes());
            }
            (Shape::Number, ValueRef::Int(value)) if value.unsigned_abs() < MAX_EXACT => {
                json::write_integer(out, value);
            }
            (Shape::Bool, ValueRef::Int(value)) => {
                out.extend_from_slice(if value == 1 { b"true" } else { b"false" });
            }
            (Shape::Number | Shape::Bool | Shape::Many | Shape::Geo | Shape::Password, stored) => {
                self.read_stored(stored).write_json(out);
            }
        }
    }
}

/// Whole numbers below it are the same as doubles.
const MAX_EXACT: u64 = 1 << 53;

fn number(stored: ValueRef<'_>) -> f64 {
    match stored {
        ValueRef::Null => 0.0,
        #[expect(
            clippy::cast_precision_loss,
            reason = "numbers are IEEE doubles by contract"
        )]
        ValueRef::Int(value) => value as f64,
        ValueRef::Real(value) => value,
        ValueRef::Text(_) | ValueRef::Blob(_) => cast::text_to_number(&stored.to_text()),
    }
}

/// Only 1 and the words for true are true: the same values that a filter finds with `= true`.
fn flag(stored: ValueRef<'_>) -> bool {
    cast::is_true(&stored.to_text())
}

fn stored_date(text: &str) -> Cow<'_, str> {
    if date::is_canonical(text) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(date::canonical(text))
    }
}

/// A single value; the text of a list, as a column holds it that was multiple once, gives its last item.
fn one(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('[') {
        Cow::Owned(last_of(cast::text_to_unique_list(&text)))
    } else {
        text
    }
}

/// What a field with a single value keeps of several: the last, also of a list that is the last one as a text.
pub(super) fn single(texts: Vec<String>) -> String {
    one(Cow::Owned(last_of(texts))).into_owned()
}

fn last_of(mut texts: Vec<String>) -> String {
    texts.pop().unwrap_or_default()
}
