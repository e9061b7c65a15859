//! The normalised value of one field of one record.

use serde_json::{Value as Json, json};

use crate::base::json;
use crate::base::secret::Secret;
use crate::sql::Value;

/// A field's value after casting; each field type holds exactly one of the variants.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldValue {
    /// text, email, url, editor, date, autodate; single select, relation, file.
    Text(String),
    /// number; NaN stands for input that validation refuses.
    Number(f64),
    /// bool.
    Bool(bool),
    /// Multiple select, relation, file.
    List(Vec<String>),
    /// json: the text as it is stored, `null` when there is none.
    ///
    /// Valid JSON in the contract's dialect once it is validated; its spacing, order and numbers are kept.
    Json(String),
    /// geoPoint, in degrees.
    Geo { lon: f64, lat: f64 },
    /// password.
    Password(Password),
}

/// A password on its way in, or as it is stored. Neither is ever shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Password {
    /// What a client typed; must become a hash before it is stored.
    Plain(Secret<String>),
    /// The stored hash; empty when there is no password.
    Hash(Secret<String>),
}

impl Password {
    /// No password.
    pub fn none() -> Self {
        Self::Hash(Secret::default())
    }

    /// The text that awaits hashing.
    pub fn plain(&self) -> Option<&str> {
        match self {
            Self::Plain(plain) => Some(plain.expose()),
            Self::Hash(_) => None,
        }
    }

    /// The hash; empty while there is none.
    pub fn hash(&self) -> &str {
        match self {
            Self::Plain(_) => "",
            Self::Hash(hash) => hash.expose(),
        }
    }

    /// Says whether there is no password at all.
    pub fn is_empty(&self) -> bool {
        let (Self::Plain(text) | Self::Hash(text)) = self;
        text.expose().is_empty()
    }
}

impl FieldValue {
    /// The value as JSON, as rules and scripts see it; passwords are `""`.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => Json::String(text.clone()),
            Self::Number(number) => json::number(*number),
            Self::Bool(flag) => Json::Bool(*flag),
            Self::List(items) => Json::Array(items.iter().cloned().map(Json::String).collect()),
            Self::Json(text) => {
                serde_json::from_str(text).unwrap_or_else(|_| Json::String(text.clone()))
            }
            Self::Geo { lon, lat } => {
                json!({ "lon": json::number(*lon), "lat": json::number(*lat) })
            }
            Self::Password(_) => Json::String(String::new()),
        }
    }

    /// Appends the value as JSON text, the same value that [`Self::to_json`] gives.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Self::Number(number) => json::write_number(out, *number),
            Self::Bool(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
            Self::List(items) => {
                out.push(b'[');
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        out.push(b',');
                    }
                    json::write_string(out, item);
                }
                out.push(b']');
            }
            Self::Json(text) if json::is_valid(text) => out.extend_from_slice(text.as_bytes()),
            Self::Text(text) | Self::Json(text) => json::write_string(out, text),
            Self::Geo { lon, lat } => {
                out.extend_from_slice(b"{\"lon\":");
                json::write_number(out, *lon);
                out.extend_from_slice(b",\"lat\":");
                json::write_number(out, *lat);
                out.push(b'}');
            }
            Self::Password(_) => out.extend_from_slice(b"\"\""),
        }
    }

    /// The value as it is stored in its column. A password that was never hashed is stored as none.
    pub fn to_sql(&self) -> Value {
        match self {
            Self::Number(number) => Value::Real(*number),
            Self::Bool(flag) => Value::Int(i64::from(*flag)),
            Self::Json(text) if text == "null" => Value::Null,
            Self::Text(text) | Self::Json(text) => Value::Text(text.clone()),
            Self::Password(password) => Value::Text(password.hash().to_owned()),
            Self::List(_) | Self::Geo { .. } => {
                let mut out = Vec::new();
                self.write_json(&mut out);
                Value::Text(String::from_utf8(out).unwrap_or_default())
            }
        }
    }

    /// The same for a value that is not needed any more.
    pub fn into_sql(self) -> Value {
        match self {
            Self::Text(text) => Value::Text(text),
            Self::Json(text) if text != "null" => Value::Text(text),
            other => other.to_sql(),
        }
    }

    /// Says whether this is the zero value, which `required` refuses.
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Text(text) => text.is_empty(),
            Self::Number(number) => *number == 0.0,
            Self::Bool(flag) => !flag,
            Self::List(items) => items.is_empty(),
            Self::Json(text) => matches!(text.trim(), "" | "null" | "\"\"" | "[]" | "{}"),
            Self::Geo { lon, lat } => *lon == 0.0 && *lat == 0.0,
            Self::Password(password) => password.is_empty(),
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
