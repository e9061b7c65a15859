//! Casting of submitted values to what a field holds. Casting never fails: what has no meaning becomes zero.

use std::collections::HashSet;

use serde_json::Value;

use crate::base::json;

/// Casts to text: strings as they are, numbers in decimals without an exponent, lists and objects to `""`.
pub fn to_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(double) if number.is_f64() => double.to_string(),
            _ => number.to_string(),
        },
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// Casts to a number: decimal text is read, everything unreadable is 0.
///
/// The words for infinity and "not a number" give NaN, which number fields refuse.
pub fn to_number(value: &Value) -> f64 {
    match value {
        Value::Number(number) => number.as_f64().unwrap_or(0.0),
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        Value::String(text) => text_to_number(text),
        Value::Null | Value::Array(_) | Value::Object(_) => 0.0,
    }
}

/// Reads decimal text as [`to_number`] does.
pub fn text_to_number(text: &str) -> f64 {
    let word = text.strip_prefix(['+', '-']).unwrap_or(text);
    if word.eq_ignore_ascii_case("inf")
        || word.eq_ignore_ascii_case("infinity")
        || text.eq_ignore_ascii_case("nan")
    {
        return f64::NAN;
    }
    if let Some(number) = hex_to_number(word) {
        return if text.starts_with('-') {
            -number
        } else {
            number
        };
    }
    let numeric = text
        .bytes()
        .all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E' | b'_'));
    // Compat: single underscores between digits are read as in source code, `1_000`.
    let bare = text
        .split('_')
        .zip(text.split('_').skip(1))
        .all(|(left, right)| {
            left.ends_with(|c: char| c.is_ascii_digit())
                && right.starts_with(|c: char| c.is_ascii_digit())
        });
    if !numeric || !bare {
        return 0.0;
    }
    match text.replace('_', "").parse::<f64>() {
        Ok(number) if number.is_finite() => number,
        _ => 0.0,
    }
}

/// Reads `0x1.8p3`: hexadecimal digits and a power of two, which has to be there.
fn hex_to_number(text: &str) -> Option<f64> {
    let digits = text
        .strip_prefix("0x")
        .or_else(|| text.strip_prefix("0X"))?;
    let is_bare = |part: &str| {
        // Single underscores stand between digits, or behind the prefix.
        !part.ends_with('_') && !part.contains("__") && !part.contains("_.") && !part.contains("._")
    };
    let (digits, power) = digits.split_once(['p', 'P'])?;
    let sign = power.starts_with(['+', '-']);
    let unsigned = if sign { power.get(1..)? } else { power };
    if !is_bare(digits) || !is_bare(unsigned) || !unsigned.starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let mut power: i32 = power.replace('_', "").parse().ok()?;
    let (mut value, mut n_digits, mut behind_point) = (0.0, 0, false);
    for c in digits.chars() {
        match c {
            '_' => {}
            '.' if !behind_point => behind_point = true,
            c => {
                value = value * 16.0 + f64::from(c.to_digit(16)?);
                n_digits += 1;
                power = power.checked_sub(if behind_point { 4 } else { 0 })?;
            }
        }
    }
    let number = value * 2_f64.powi(power);
    (n_digits > 0 && number.is_finite()).then_some(number)
}

/// Casts to a flag: `true`, non-zero numbers, and the texts `1 t T TRUE true True`.
pub fn to_bool(value: &Value) -> bool {
    match value {
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64().is_some_and(|n| n != 0.0),
        Value::String(text) => is_true(text),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// Says whether a text means true: `1 t T TRUE true True`.
pub fn is_true(text: &str) -> bool {
    matches!(text, "1" | "t" | "T" | "TRUE" | "true" | "True")
}

/// Casts to a list of unique non-empty texts, keeping the order. A text with a JSON array in it is read as that array.
///
/// A list with a list or an object in it has no meaning as a whole and is empty.
pub fn to_unique_list(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text_to_unique_list(text),
        Value::Array(items) if items.iter().any(|i| i.is_array() || i.is_object()) => Vec::new(),
        Value::Array(items) => unique(items.iter().map(to_text)),
        other => unique([to_text(other)]),
    }
}

/// Casts to a list as [`to_unique_list`] does, but takes the texts out of lists in the list as well, so that none is
/// lost. Objects have no meaning.
pub fn to_flat_list(value: &Value) -> Vec<String> {
    let mut texts = Vec::new();
    flatten(value, &mut texts);
    unique(texts)
}

/// Recursion ends with the depth of the value, which reading JSON bounds.
fn flatten(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| flatten(item, texts)),
        Value::String(text) => texts.extend(text_to_unique_list(text)),
        other => texts.push(to_text(other)),
    }
}

/// Reads a text as [`to_unique_list`] does.
pub fn text_to_unique_list(text: &str) -> Vec<String> {
    let parsed = if text.contains('[') {
        json::parse_whole(text).ok()
    } else {
        None
    };
    let Some(Value::Array(items)) = parsed else {
        return unique([text.to_owned()]);
    };
    // Compat: an item that is no text ends the reading, and the whole text takes its place.
    let mut texts = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Value::String(item) => texts.push(item),
            Value::Null => {}
            _ => {
                texts.push(text.to_owned());
                break;
            }
        }
    }
    unique(texts)
}

/// Drops empty and repeated texts.
pub fn unique(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    // Perf: most lists are so short that looking through them is cheaper than a set of copies.
    const SHORT: usize = 16;
    let mut list: Vec<String> = Vec::new();
    let mut seen = HashSet::new();
    for text in texts {
        if text.is_empty() {
            continue;
        }
        if list.len() == SHORT && seen.is_empty() {
            seen.extend(list.iter().cloned());
        }
        let is_new = if list.len() < SHORT {
            !list.contains(&text)
        } else {
            seen.insert(text.clone())
        };
        if is_new {
            list.push(text);
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::{to_bool, to_flat_list, to_number, to_text, to_unique_list, unique};
    use serde_json::json;

    #[test]
    fn numbers_from_anything() {
        for (value, expect) in [
            (json!("1.5"), 1.5),
            (json!("1e3"), 1000.0),
            (json!("+5."), 5.0),
            (json!("0x1p3"), 8.0),
            (json!("-0X_1.8p+1_0"), -1536.0),
            (json!("0x.8p0"), 0.5),
            (json!("0x10"), 0.0),
            (json!("0xp1"), 0.0),
            (json!("0x1p"), 0.0),
            (json!("0x1p2000"), 0.0),
            (json!(" 2 "), 0.0),
            (json!("1_000"), 1000.0),
            (json!("1__0"), 0.0),
            (json!("_1"), 0.0),
            (json!("1_"), 0.0),
            (json!("0x10"), 0.0),
            (json!("x"), 0.0),
            (json!(""), 0.0),
            (json!("1e400"), 0.0),
            (json!(true), 1.0),
            (json!(null), 0.0),
            (json!([1]), 0.0),
        ] {
            assert!((to_number(&value) - expect).abs() < f64::EPSILON, "{value}");
        }
        for word in ["NaN", "inf", "-Infinity"] {
            assert!(to_number(&json!(word)).is_nan(), "{word}");
        }
    }

    #[test]
    fn flags_from_anything() {
        assert!(to_bool(&json!("t")) && to_bool(&json!(2)));
        assert!(!to_bool(&json!("yes")) && !to_bool(&json!([])));
    }

    #[test]
    fn texts_from_anything() {
        for (value, expect) in [
            (json!(1.5), "1.5"),
            (json!(1e21), "1000000000000000000000"),
            (json!(1e-7), "0.0000001"),
            (
                json!(123_456_789_012_345_678_901.0),
                "123456789012345680000",
            ),
            (json!(true), "true"),
            (json!({"a": 1}), ""),
        ] {
            assert_eq!(to_text(&value), expect);
        }
    }

    #[test]
    fn lists_are_unique_and_ordered() {
        for (value, expect) in [
            (json!(["b", "a", "b", "", 1, null]), vec!["b", "a", "1"]),
            (json!([["a"], "b"]), vec![]),
            (json!({"a": "b"}), vec![]),
            (json!(1.5), vec!["1.5"]),
            (json!(" [\"x\",\"y\",\"x\",null]"), vec!["x", "y"]),
            (json!("plain"), vec!["plain"]),
            (json!(""), vec![]),
            (json!("[broken"), vec!["[broken"]),
            (json!("[\"a\",1]"), vec!["a", "[\"a\",1]"]),
            (json!("{\"a\":[1]}"), vec!["{\"a\":[1]}"]),
        ] {
            assert_eq!(to_unique_list(&value), expect, "{value}");
        }
    }

    #[test]
    fn lists_of_lists_are_flat() {
        for (value, expect) in [
            (json!([["b"], "a", ["b"]]), vec!["b", "a"]),
            (json!(["c", [["a", ["b"]]]]), vec!["c", "a", "b"]),
            (json!(["[\"b\"]", "[\"a\",\"c\"]"]), vec!["b", "a", "c"]),
            (json!(["a", {"x": "b"}, null, []]), vec!["a"]),
            (json!([[1], true]), vec!["1", "true"]),
            (json!({"x": "b"}), vec![]),
            (json!("[\"a\"]"), vec!["a"]),
            (json!("[[\"a\"]]"), vec!["[[\"a\"]]"]),
        ] {
            assert_eq!(to_flat_list(&value), expect, "{value}");
        }
    }

    #[test]
    fn long_lists_are_unique_and_ordered_too() {
        let texts = (0..200).map(|n| (n % 40).to_string());
        let expect: Vec<String> = (0..40).map(|n| n.to_string()).collect();
        assert_eq!(unique(texts), expect);
        let few = ["b", "", "a", "b"].map(str::to_owned);
        assert_eq!(unique(few), ["b", "a"]);
    }
}
