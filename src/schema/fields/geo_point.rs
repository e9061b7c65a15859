//! Geo point fields: a longitude and a latitude in degrees.

use serde_json::Value as Json;

use crate::base::json;
use crate::schema::value::FieldValue;

/// Casts what a client sent: an object, or a text with one in it. What is no point becomes 0,0.
pub(super) fn coerce(value: &Json) -> FieldValue {
    match value {
        Json::String(text) => from_text(text),
        other => from_json(other),
    }
}

/// Reads the stored text, an object with `lon` and `lat`.
pub(super) fn from_text(text: &str) -> FieldValue {
    from_json(&json::parse_first(text.as_bytes()).unwrap_or(Json::Null))
}

fn from_json(value: &Json) -> FieldValue {
    let degrees = |member: &str| match value.get(member) {
        None | Some(Json::Null) => Some(0.0),
        Some(degrees) => degrees.as_f64(),
    };
    let (lon, lat) = degrees("lon").zip(degrees("lat")).unwrap_or_default();
    FieldValue::Geo { lon, lat }
}
