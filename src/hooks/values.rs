//! Values between scripts and everything else.

use rhai::{Array, Dynamic, Map};
use serde_json::Value as Json;

use crate::base::json;
use crate::hooks::record::ScriptRecord;
use crate::schema::Entry;

/// Levels of nesting that are followed; deeper ones become null.
const MAX_DEPTH: usize = 64;

/// A script's value as JSON. Records are what an answer would show of them, other objects their text.
pub(super) fn to_json(value: &Dynamic) -> Json {
    json_at(value, 0)
}

/// Says whether a value is more in JSON than the name of its type.
pub(super) fn has_json(value: &Dynamic) -> bool {
    value.is_unit()
        || value.is_bool()
        || value.is_int()
        || value.is_float()
        || value.is_char()
        || value.is_string()
        || value.is_array()
        || value.is_map()
        || value.is_blob()
        || value.is::<ScriptRecord>()
}

fn json_at(value: &Dynamic, depth: usize) -> Json {
    if depth > MAX_DEPTH || value.is_unit() {
        return Json::Null;
    }
    if let Ok(flag) = value.as_bool() {
        return Json::Bool(flag);
    }
    if let Ok(number) = value.as_int() {
        return Json::from(number);
    }
    if let Ok(number) = value.as_float() {
        return json::number(number);
    }
    if let Some(text) = value.read_lock::<rhai::ImmutableString>() {
        return Json::String(text.to_string());
    }
    if let Some(items) = value.read_lock::<Array>() {
        return items.iter().map(|item| json_at(item, depth + 1)).collect();
    }
    if let Some(map) = value.read_lock::<Map>() {
        let members = map
            .iter()
            .map(|(key, value)| (key.to_string(), json_at(value, depth + 1)));
        return Json::Object(members.collect());
    }
    if let Some(record) = value.read_lock::<ScriptRecord>() {
        return Json::Object(record.shown());
    }
    if let Some(bytes) = value.read_lock::<rhai::Blob>() {
        return bytes.iter().map(|byte| Json::from(*byte)).collect();
    }
    Json::String(value.to_string())
}

/// JSON as a script's value; whole numbers become integers.
pub(super) fn from_json(value: &Json) -> Dynamic {
    match value {
        Json::Null => Dynamic::UNIT,
        Json::Bool(flag) => Dynamic::from_bool(*flag),
        Json::Number(number) => match number.as_i64() {
            Some(number) => Dynamic::from_int(number),
            None => from_number(number.as_f64().unwrap_or_default()),
        },
        Json::String(text) => Dynamic::from(text.clone()),
        Json::Array(items) => Dynamic::from_array(items.iter().map(from_json).collect()),
        Json::Object(members) => Dynamic::from_map(map_from_json(members)),
    }
}

/// A number as an integer if it is whole.
fn from_number(number: f64) -> Dynamic {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.fract() == 0.0 && number.abs() <= EXACT {
        #[expect(clippy::cast_possible_truncation, reason = "whole and in range")]
        return Dynamic::from_int(number as i64);
    }
    Dynamic::from_float(number)
}

/// A JSON object as a script's map.
pub(super) fn map_from_json(members: &serde_json::Map<String, Json>) -> Map {
    members
        .iter()
        .map(|(key, value)| (key.as_str().into(), from_json(value)))
        .collect()
}

/// A script's map as a JSON object.
pub(super) fn map_to_json(map: &Map) -> serde_json::Map<String, Json> {
    map.iter()
        .map(|(key, value)| (key.to_string(), to_json(value)))
        .collect()
}

/// A collection's definition.
pub(super) fn collection_map(entry: &Entry) -> Map {
    let mut body = Vec::new();
    entry.write_json(&mut body);
    match serde_json::from_slice(&body) {
        Ok(Json::Object(definition)) => map_from_json(&definition),
        _ => Map::new(),
    }
}
