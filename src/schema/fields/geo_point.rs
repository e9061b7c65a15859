//! Geo point fields: a longitude and a latitude in degrees.

use serde_json::Value as Json;

use crate::base::issues::Issue;
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
    // Compat: the longitude is read first, and what cannot be read ends the reading.
    let (lon, lat) = match degrees("lon") {
        None => (0.0, 0.0),
        Some(lon) => (lon, degrees("lat").unwrap_or(0.0)),
    };
    FieldValue::Geo { lon, lat }
}

pub(super) fn validate(value: &FieldValue) -> Result<(), Issue> {
    let FieldValue::Geo { lon, lat } = value else {
        return Ok(());
    };
    if !(-90.0..=90.0).contains(lat) {
        return Err(Issue::new(
            "validation_invalid_latitude",
            "Latitude must be between -90 and 90 degrees.",
        ));
    }
    if !(-180.0..=180.0).contains(lon) {
        return Err(Issue::new(
            "validation_invalid_longitude",
            "Longitude must be between -180 and 180 degrees.",
        ));
    }
    Ok(())
}
