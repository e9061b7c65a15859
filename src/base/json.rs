//! JSON in the contract's dialect: strict reading (no duplicate keys, bounded depth), direct writing.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why a text is not JSON in the contract's dialect.
#[derive(Debug, thiserror::Error)]
#[error("invalid JSON: {0}")]
pub struct ParseError(#[from] serde_json::Error);

/// Reads the first JSON value of a body; what follows it is ignored.
///
/// Duplicate object keys, invalid UTF-8 and more than 128 levels of nesting are errors.
/// Numbers become IEEE doubles, shown without a fraction when they are whole.
pub fn parse_first(bytes: &[u8]) -> Result<Value, ParseError> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    Ok(Strict.deserialize(&mut deserializer)?)
}

/// Reads a text that is one JSON value and nothing else.
pub fn parse_whole(text: &str) -> Result<Value, ParseError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = Strict.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(value)
}

/// A double as a JSON number: whole values without a fraction, `null` for what JSON cannot express.
pub fn number(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    // Minus zero keeps its sign, as the contract's server does.
    if value.fract() == 0.0 && value.abs() <= EXACT && (value != 0.0 || value.is_sign_positive()) {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
        return Value::Number(Number::from(value as i64));
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// Appends a double as JSON text.
pub fn write_number(out: &mut Vec<u8>, value: f64) {
    out.extend_from_slice(number(value).to_string().as_bytes());
}

/// Appends a JSON string literal.
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut start = 0;
    for (index, byte) in bytes.iter().enumerate() {
        let escape: &[u8] = match byte {
            b'"' => b"\\\"",
            b'\\' => b"\\\\",
            b'\n' => b"\\n",
            b'\r' => b"\\r",
            b'\t' => b"\\t",
            0x08 => b"\\b",
            0x0c => b"\\f",
            0x00..=0x1f => b"",
            _ => continue,
        };
        out.extend_from_slice(&bytes[start..index]);
        if escape.is_empty() {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
        } else {
            out.extend_from_slice(escape);
        }
        start = index + 1;
    }
    out.extend_from_slice(&bytes[start..]);
    out.push(b'"');
}

/// Appends a JSON value.
pub fn write_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_value(out, item);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            out.push(b'{');
            for (index, (key, item)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_string(out, key);
                out.push(b':');
                write_value(out, item);
            }
            out.push(b'}');
        }
    }
}

/// Says whether a text is one valid JSON value; builds nothing.
pub fn is_valid(text: &str) -> bool {
    serde_json::from_str::<de::IgnoredAny>(text).is_ok()
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "numbers are IEEE doubles by contract"
    )]
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(number(value as f64))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "numbers are IEEE doubles by contract"
    )]
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(number(value as f64))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        if value.is_finite() {
            Ok(number(value))
        } else {
            Err(E::custom("number out of range"))
        }
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(Self)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = access.next_key::<String>()? {
            let value = access.next_value_seed(Self)?;
            if members.insert(key, value).is_some() {
                return Err(de::Error::custom("duplicate object key"));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::{parse_first, parse_whole, write_string, write_value};
    use serde_json::json;

    #[track_caller]
    fn check(input: &[u8], expect: &str) {
        let shown =
            parse_first(input).map_or_else(|_| "error".to_owned(), |value| value.to_string());
        assert_eq!(shown, expect);
    }

    #[test]
    fn the_dialect_is_strict_where_the_contract_is() {
        check(
            br#"{"a":1,"b":[true,null,"x"]} trailing"#,
            r#"{"a":1,"b":[true,null,"x"]}"#,
        );
        check(br#"{"a":{"b":1,"b":2}}"#, "error");
        check(b"{\"a\":\"\xff\"}", "error");
        check(b"9007199254740993", "9007199254740992");
        check(b"1e400", "error");
        check(b"1.50", "1.5");
        check("[".repeat(10_000).as_bytes(), "error");
        check(b"", "error");
    }

    #[test]
    fn whole_texts_allow_nothing_behind_them() {
        assert!(parse_whole("1 2").is_err());
        assert!(parse_whole(" {} ").is_ok());
    }

    #[test]
    fn written_text_reads_back() {
        let value = json!({"k\"\\": ["\u{1}\n\t</a>é😀", 1.5, -3, null, true, {}]});
        let mut out = Vec::new();
        write_value(&mut out, &value);
        assert_eq!(parse_first(&out).unwrap(), value);
        let mut out = Vec::new();
        write_string(&mut out, "a\u{7f}\u{0}");
        assert_eq!(out, b"\"a\x7f\\u0000\"");
    }
}
