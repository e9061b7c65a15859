//! The normalised value of one field of one record.

use serde_json::{Value as Json, json};

use crate::base::json;
use crate::sql::Value;

/// A field's value after casting; each field type holds exactly one of the variants.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue {
    /// text, email, url, editor, date, autodate; password (the hash); single select, relation, file.
    Text(String),
    /// number.
    Number(f64),
    /// bool.
    Bool(bool),
    /// Multiple select, relation, file.
    List(Vec<String>),
    /// json.
    Json(Json),
    /// geoPoint, in degrees.
    Geo { lon: f64, lat: f64 },
}

impl FieldValue {
    /// The value as JSON, as a rule's `@request.body.*` and the API see it.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => Json::String(text.clone()),
            Self::Number(number) => json::number(*number),
            Self::Bool(flag) => Json::Bool(*flag),
            Self::List(items) => Json::Array(items.iter().cloned().map(Json::String).collect()),
            Self::Json(value) => value.clone(),
            Self::Geo { lon, lat } => {
                json!({ "lon": json::number(*lon), "lat": json::number(*lat) })
            }
        }
    }

    /// The value as it is stored in its column.
    pub fn to_sql(&self) -> Value {
        match self {
            Self::Text(text) => Value::Text(text.clone()),
            Self::Number(number) => Value::Real(*number),
            Self::Bool(flag) => Value::Int(i64::from(*flag)),
            Self::Json(Json::Null) => Value::Null,
            Self::List(_) | Self::Json(_) | Self::Geo { .. } => {
                Value::Text(self.to_json().to_string())
            }
        }
    }

    /// Says whether this is the zero value, which `required` refuses.
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Number(number) => *number == 0.0,
            Self::Bool(flag) => !flag,
            Self::List(items) => items.is_empty(),
            Self::Json(value) => match value {
                Json::Null => true,
                Json::String(text) => text.is_empty(),
                Json::Array(items) => items.is_empty(),
                Json::Object(members) => members.is_empty(),
                Json::Bool(_) | Json::Number(_) => false,
            },
            Self::Geo { lon, lat } => *lon == 0.0 && *lat == 0.0,
        }
    }

    /// The text of a [`Self::Text`], else `""`.
    pub fn as_text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            _ => "",
        }
    }

    /// The texts of a text or list value: none for an empty text.
    pub fn texts(&self) -> &[String] {
        match self {
            Self::Text(text) if !text.is_empty() => std::slice::from_ref(text),
            Self::List(items) => items,
            _ => &[],
        }
    }
}
