//! JSON in the contract's dialect: strict reading (no duplicate keys, bounded depth), direct writing.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why a text is not JSON in the contract's dialect.
#[derive(Debug, thiserror::Error)]
#[error("invalid JSON: {0}")]
pub struct ParseError(#[from] serde_json::Error);

/// Where a text is no JSON. Both count from 1; columns are bytes, and 0 is the end of the line before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

impl ParseError {
    /// Where reading ended.
    pub fn place(&self) -> Place {
        Place {
            line: self.0.line(),
            column: self.0.column(),
        }
    }
}

/// Reads the first JSON value of a body; what follows it is ignored.
///
/// Duplicate object keys, invalid UTF-8 and [too many levels](MAX_DEPTH) of nesting are errors.
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
///
/// Whole values have no exponent as far as 64 bits reach, so that clients with integers of that size can read them.
pub fn number(value: f64) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    const WIDEST: f64 = 18_446_744_073_709_551_616.0;
    // Minus zero keeps its sign, as the contract's server does.
    if value.fract() == 0.0 && value.abs() <= EXACT && (value != 0.0 || value.is_sign_positive()) {
        #[expect(clippy::cast_possible_truncation, reason = "whole and within 2^53")]
        return Value::Number(Number::from(value as i64));
    }
    if value.fract() == 0.0 && value.abs() > EXACT && value.abs() < WIDEST {
        // The shortest digits that say this double, filled up with zeros.
        let digits = value.to_string();
        let signed = digits.parse::<i64>().map(Number::from);
        if let Ok(whole) = signed.or_else(|_| digits.parse::<u64>().map(Number::from)) {
            return Value::Number(whole);
        }
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

/// Appends a double as JSON text.
pub fn write_number(out: &mut Vec<u8>, value: f64) {
    if value == 0.0 && value.is_sign_negative() {
        return out.extend_from_slice(b"-0");
    }
    out.extend_from_slice(number(value).to_string().as_bytes());
}

/// Appends a JSON string literal.
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut rest = text.as_bytes();
    // Perf: nearly all texts need no escape, and this loop is what the compiler can make wide.
    while let Some(index) = first_special(rest) {
        let (plain, special) = rest.split_at(index);
        out.extend_from_slice(plain);
        let Some((byte, behind)) = special.split_first() else {
            break;
        };
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            _ => {
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
        }
        rest = behind;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

/// Position of the first byte that a JSON string cannot hold as it is.
fn first_special(bytes: &[u8]) -> Option<usize> {
    const CHUNK: usize = 16;
    let is_special = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    let mut start = 0;
    for chunk in bytes.chunks_exact(CHUNK) {
        if chunk
            .iter()
            .fold(false, |found, byte| found | is_special(*byte))
        {
            break;
        }
        start += CHUNK;
    }
    bytes[start..]
        .iter()
        .position(|byte| is_special(*byte))
        .map(|index| start + index)
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

/// Appends a whole number.
pub fn write_integer(out: &mut Vec<u8>, value: i64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        start -= 1;
        // A digit fits a byte.
        digits[start] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[start..]);
}

/// Items up to which [`is_plain_list`] compares each with each.
const PLAIN_ITEMS: usize = 8;

/// Says whether a text is a short JSON array of different, non-empty texts, written without spaces and escapes: the
/// form in which lists are stored. False says nothing.
pub fn is_plain_list(text: &str) -> bool {
    let Some(inside) = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    else {
        return false;
    };
    if inside.is_empty() {
        return true;
    }
    let mut items = [""; PLAIN_ITEMS];
    let mut count = 0;
    let mut rest = inside;
    loop {
        let Some(opened) = rest.strip_prefix('"') else {
            return false;
        };
        let Some(end) = opened
            .bytes()
            .position(|b| matches!(b, b'"' | b'\\' | 0..=0x1f))
        else {
            return false;
        };
        let (item, closed) = opened.split_at(end);
        if item.is_empty() || count == PLAIN_ITEMS || items[..count].contains(&item) {
            return false;
        }
        items[count] = item;
        count += 1;
        match closed.strip_prefix("\",") {
            Some(next) => rest = next,
            None => return closed == "\"",
        }
    }
}

/// Levels of nesting at which reading ends.
pub const MAX_DEPTH: usize = 128;

/// About how many bytes the value of a JSON text takes beyond those of the text, see [`parse_first`].
pub fn weight(text: &[u8]) -> usize {
    /// A name and its value.
    const MEMBER: usize = size_of::<String>() + size_of::<Value>();
    /// What an object with a single member takes: members are kept in nodes with room for so many.
    const NODE: usize = 11 * MEMBER;
    let mut weight = size_of::<Value>();
    let (mut is_quoted, mut is_escaped) = (false, false);
    for byte in text {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            b'[' | b',' => weight += size_of::<Value>(),
            b':' => weight += MEMBER,
            b'{' => weight += NODE,
            _ => {}
        }
    }
    weight
}

/// How deeply the arrays and objects of a JSON text are nested.
pub fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut is_quoted, mut is_escaped) = (false, false);
    for byte in text.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Says whether a text is one valid JSON value, however deeply it is nested; builds nothing.
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
    use super::{
        MAX_DEPTH, depth, is_plain_list, is_valid, parse_first, parse_whole, weight, write_integer,
        write_number, write_string, write_value,
    };
    use serde_json::{Value, json};

    #[track_caller]
    fn check(input: &[u8], expect: &str) {
        let shown =
            parse_first(input).map_or_else(|_| "error".to_owned(), |value| value.to_string());
        assert_eq!(shown, expect);
    }

    #[test]
    fn whole_doubles_have_no_exponent_within_64_bits() {
        for (value, expect) in [
            (1e16, "10000000000000000"),
            (-1.5e18, "-1500000000000000000"),
            (9_223_372_036_854_775_808.0, "9223372036854776000"),
            (1e19, "10000000000000000000"),
            (1e21, "1e+21"),
            (-0.0, "-0"),
        ] {
            let mut out = Vec::new();
            write_number(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), expect);
        }
    }

    #[test]
    fn whole_numbers_are_written_in_decimals() {
        for value in [0, 7, -1, 10, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            write_integer(&mut out, value);
            assert_eq!(out, value.to_string().into_bytes());
        }
    }

    #[test]
    fn strings_are_escaped_wherever_they_need_it() {
        for at in 0..40 {
            for special in ['"', '\\', '\n', '\u{1}', '\u{1f}', 'é', '\u{7f}'] {
                let mut text = "abcdefghij".repeat(4);
                text.insert(at, special);
                let mut out = Vec::new();
                write_string(&mut out, &text);
                let read: String = serde_json::from_slice(&out).unwrap();
                assert_eq!(read, text);
            }
        }
    }

    #[test]
    fn plain_lists_are_known_by_their_form() {
        for list in ["[]", r#"["a"]"#, r#"["a","b","é]["]"#] {
            assert!(is_plain_list(list), "{list}");
        }
        for other in [
            "",
            "[",
            "x",
            "[1]",
            r#"[""]"#,
            r#"["a","a"]"#,
            r#"["a", "b"]"#,
            r#"["a\n"]"#,
            r#"["a",]"#,
            r#"["a"],"b"]"#,
            r#"["a"]]"#,
            r#"["a]"#,
            "[\"a\nb\"]",
            r#"["1","2","3","4","5","6","7","8","9"]"#,
        ] {
            assert!(!is_plain_list(other), "{other}");
        }
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
    fn levels_are_counted_outside_of_texts() {
        for (text, expect) in [
            ("1", 0),
            (r#"["[[", "\"[", {}]"#, 2),
            (r#"{"a\\": [[]], "b": []}"#, 3),
        ] {
            assert_eq!(depth(text), expect, "{text}");
        }
        for (levels, is_read) in [(MAX_DEPTH - 1, true), (MAX_DEPTH, false)] {
            let text = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
            assert_eq!(parse_whole(&text).is_ok(), is_read, "{levels}");
            assert!(is_valid(&text));
        }
        assert!(is_valid(&format!(
            "{}{}",
            "[".repeat(1_000_000),
            "]".repeat(1_000_000)
        )));
    }

    #[test]
    fn weights_count_what_stands_outside_of_texts() {
        let value = size_of::<Value>();
        assert_eq!(weight(br#""[,{:\",""#), value);
        assert_eq!(weight(b"[1,2,3]"), 4 * value);
        assert!(weight(br#"{"a":1}"#) > 11 * value);
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
