//! Casting of submitted values to what a field holds (contract §25.3). Casting never fails: what has no meaning becomes zero.

use serde_json::Value;

use crate::base::json;

/// Casts to text: strings as they are, numbers in shortest form, everything else that is not a scalar to `""`.
pub fn to_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Bool(flag) => flag.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// Casts to a number: trimmed decimal text is read, everything unreadable is 0.
pub fn to_number(value: &Value) -> f64 {
    match value {
        Value::Number(number) => number.as_f64().unwrap_or(0.0),
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        Value::String(text) => {
            let text = text.trim();
            let numeric = text
                .bytes()
                .all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E'));
            if numeric {
                text.parse().unwrap_or(0.0)
            } else {
                0.0
            }
        }
        Value::Null | Value::Array(_) | Value::Object(_) => 0.0,
    }
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
pub fn to_unique_list(value: &Value) -> Vec<String> {
    let mut list = Vec::new();
    let mut push = |text: String| {
        if !text.is_empty() && !list.contains(&text) {
            list.push(text);
        }
    };
    match value {
        Value::Null => {}
        Value::Array(items) => items.iter().map(to_text).for_each(push),
        Value::String(text) => {
            let parsed = if text.contains('[') {
                json::parse_whole(text).ok()
            } else {
                None
            };
            match parsed {
                Some(Value::Array(items)) => items.iter().map(to_text).for_each(push),
                _ => push(text.clone()),
            }
        }
        other => push(to_text(other)),
    }
    list
}

#[cfg(test)]
mod tests {
    use super::{to_bool, to_number, to_text, to_unique_list};
    use serde_json::json;

    #[test]
    fn numbers_from_anything() {
        for (value, expect) in [
            (json!(" 1.5 "), 1.5),
            (json!("1e3"), 1000.0),
            (json!("x"), 0.0),
            (json!(true), 1.0),
            (json!(null), 0.0),
            (json!([1]), 0.0),
            (json!("inf"), 0.0),
        ] {
            assert!((to_number(&value) - expect).abs() < f64::EPSILON, "{value}");
        }
    }

    #[test]
    fn flags_and_texts_from_anything() {
        assert!(
            to_bool(&json!("t"))
                && to_bool(&json!(2))
                && !to_bool(&json!("yes"))
                && !to_bool(&json!([]))
        );
        assert_eq!(to_text(&json!(1.5)), "1.5");
        assert_eq!(to_text(&json!({"a": 1})), "");
    }

    #[test]
    fn lists_are_unique_and_ordered() {
        assert_eq!(
            to_unique_list(&json!(["b", "a", "b", "", 1])),
            ["b", "a", "1"]
        );
        assert_eq!(to_unique_list(&json!("[\"x\",\"y\"]")), ["x", "y"]);
        assert_eq!(to_unique_list(&json!("plain")), ["plain"]);
        assert_eq!(to_unique_list(&json!("[broken")), ["[broken"]);
    }
}
