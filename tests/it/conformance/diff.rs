//! Compares an expected answer with the one received.
//!
//! Member order does not matter and numbers are compared as doubles. Diagnostics of the SQL engine
//! or a parser, such as the text behind "Raw error:", are not compared. Numbered placeholders need
//! not have the same number: within a scenario each must only stand for the same one on the other
//! side throughout, so that one extra random value does not spoil everything that follows.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// Longest value shown in a report.
const SHOWN: usize = 400;

/// Everything behind one of these is free text.
const FREE_TEXT: [&str; 5] = [
    "Raw error:",
    "Invalid query -",
    "Failed to create index ",
    "Error parsing regexp",
    "Unsupported pattern operator",
];

/// One place where two answers differ. `at` is `status` or a path like `body/items/0/name`.
#[derive(Debug)]
pub(super) struct Difference {
    pub(super) at: String,
    expected: String,
    got: String,
}

impl Difference {
    pub(super) fn missing_recording() -> Self {
        Self {
            at: "status".to_owned(),
            expected: "a recorded answer".to_owned(),
            got: "none (run the record mode)".to_owned(),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: expected {}, got {}",
            self.at, self.expected, self.got
        )
    }
}

static PLACEHOLDER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<[a-z]+ \d+>").expect("BUG: a fixed pattern"));

/// Compares the answers of one scenario in order.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    /// Which received placeholder an expected one stands for, and the reverse.
    forth: BTreeMap<String, String>,
    back: BTreeMap<String, String>,
}

impl Comparison {
    /// Lists the differences between two normalised answers.
    pub(super) fn differences(&mut self, expected: &Value, got: &Value) -> Vec<Difference> {
        let mut found = Vec::new();
        self.compare("", Some(expected), Some(got), &mut found);
        found
    }

    fn compare(
        &mut self,
        at: &str,
        expected: Option<&Value>,
        got: Option<&Value>,
        found: &mut Vec<Difference>,
    ) {
        match (expected, got) {
            (Some(Value::Object(want)), Some(Value::Object(have))) => {
                let mut keys: Vec<&String> = want.keys().chain(have.keys()).collect();
                keys.sort();
                keys.dedup();
                for key in keys {
                    self.compare(&join(at, key), want.get(key), have.get(key), found);
                }
            }
            (Some(Value::Array(want)), Some(Value::Array(have))) => {
                for index in 0..want.len().max(have.len()) {
                    let at = join(at, &index.to_string());
                    self.compare(&at, want.get(index), have.get(index), found);
                }
            }
            (Some(want), Some(have)) if self.equal(want, have) => {}
            _ => found.push(Difference {
                at: at.to_owned(),
                expected: show(expected),
                got: show(got),
            }),
        }
    }

    fn equal(&mut self, want: &Value, have: &Value) -> bool {
        match (want, have) {
            (Value::Number(want), Value::Number(have)) => want.as_f64() == have.as_f64(),
            (Value::String(want), Value::String(have)) => {
                self.equal_text(fixed_part(want), fixed_part(have))
            }
            _ => want == have,
        }
    }

    fn equal_text(&mut self, want: &str, have: &str) -> bool {
        let literal = |text: &str| PLACEHOLDER.replace_all(text, "<>").into_owned();
        if want == have && !want.contains('<') {
            return true;
        }
        if literal(want) != literal(have) {
            return false;
        }
        let pairs = PLACEHOLDER.find_iter(want).zip(PLACEHOLDER.find_iter(have));
        pairs.fold(true, |same, (want, have)| {
            self.stands_for(want.as_str(), have.as_str()) && same
        })
    }

    fn stands_for(&mut self, want: &str, have: &str) -> bool {
        let forth = self
            .forth
            .entry(want.to_owned())
            .or_insert_with(|| have.to_owned());
        let back = self
            .back
            .entry(have.to_owned())
            .or_insert_with(|| want.to_owned());
        forth == have && back == want
    }
}

fn join(at: &str, key: &str) -> String {
    if at.is_empty() {
        key.to_owned()
    } else {
        format!("{at}/{key}")
    }
}

fn fixed_part(text: &str) -> &str {
    let end = FREE_TEXT
        .iter()
        .filter_map(|mark| text.find(mark).map(|at| at + mark.len()))
        .min();
    end.map_or(text, |end| &text[..end])
}

fn show(value: Option<&Value>) -> String {
    let Some(value) = value else {
        return "nothing".to_owned();
    };
    let text = value.to_string();
    if text.chars().count() <= SHOWN {
        return text;
    }
    text.chars().take(SHOWN).chain("…".chars()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Comparison;

    fn check(expected: &Value, got: &Value, places: &[&str]) {
        let found = Comparison::default().differences(expected, got);
        let found: Vec<&str> = found
            .iter()
            .map(|difference| difference.at.as_str())
            .collect();
        assert_eq!(found, places, "{expected} and {got}");
    }

    #[test]
    fn differences_name_their_place() {
        check(
            &json!({"a": 1, "b": [1, 2]}),
            &json!({"b": [1, 2], "a": 1.0}),
            &[],
        );
        check(
            &json!({"a": {"b": [1, 2]}}),
            &json!({"a": {"b": [1, 3]}}),
            &["a/b/1"],
        );
        check(&json!({"a": [1]}), &json!({"a": [1, 2]}), &["a/1"]);
        check(&json!({"a": null}), &json!({}), &["a"]);
        check(&json!("Raw error:\nx."), &json!("Raw error:\ny."), &[]);
        check(
            &json!("Failed. Raw error: x"),
            &json!("Fails. Raw error: x"),
            &[""],
        );
    }

    #[test]
    fn placeholders_stand_for_the_same_value_throughout() {
        check(
            &json!(["<id 1>", "<id 2>"]),
            &json!(["<id 7>", "<id 1>"]),
            &[],
        );
        check(
            &json!(["<id 1>", "<id 1>"]),
            &json!(["<id 1>", "<id 2>"]),
            &["1"],
        );
        check(
            &json!(["<id 1>", "<id 2>"]),
            &json!(["<id 1>", "<id 1>"]),
            &["1"],
        );
        check(&json!("a<file 1>.txt"), &json!("b<file 1>.txt"), &[""]);
    }
}
