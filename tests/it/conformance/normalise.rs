//! Replaces what is random or depends on the clock by placeholders.
//!
//! Equal values get the same placeholder within a scenario, so identity is still compared. Values
//! that occur literally in the requests of the file are never replaced. Tokens become their claims,
//! with the expiry turned into the remaining lifetime. Texts and images that are a product's own and
//! not part of the contract (bodies of default mails, logos) are reduced to what must be in them.

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use regex::Regex;
use serde_json::{Map, Value};

use crate::support::provider::Provider;

/// Members with random texts.
const RANDOM_MEMBERS: [&str; 4] = ["state", "codeVerifier", "codeChallenge", "otp"];

const SECONDS_PER_DAY: u64 = 86_400;

/// Default field ids are derived from the type and the name; some are as long as a random id.
static FIELD_ID: LazyLock<Regex> = LazyLock::new(|| {
    let types = "text|number|bool|email|url|editor|date|select|json|file|relation|password";
    Regex::new(&format!(r"^({types})\d+$")).expect("BUG: a fixed pattern")
});

/// What random values look like: pattern, then the kind named in the placeholder. Only the group is
/// random.
static RULES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let rule = |pattern: &str, kind| (Regex::new(pattern).expect("BUG: a fixed pattern"), kind);
    vec![
        rule(r"^([a-z0-9]{15})$", "id"),
        rule(r"^_clone_([A-Za-z0-9]{4})$", "clone"),
        rule(r"temp_view_([A-Za-z0-9]+)", "view"),
        // A stored file name; names shorter than three characters are filled up first, and batch
        // requests name a file twice.
        rule(
            r#"(?:^|")\w{0,2}([a-z0-9]{10}(?:_[a-z0-9]{10})+)\.[^" ]+(?:$|")"#,
            "file",
        ),
        rule(
            r#"(?:^|")[\w-]+?_([a-z0-9]{10}(?:_[a-z0-9]{10})*)\.[^" ]+(?:$|")"#,
            "file",
        ),
        rule(r#"(?:^|")[\w-]+_([a-z0-9]{10})\.[^" ]+(?:$|")"#, "file"),
        rule(r"idx_tokenKey_([A-Za-z0-9]{10})`", "index"),
        rule(r"idx_email_([A-Za-z0-9]{10})`", "index"),
    ]
});

static DATE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d\.\d{3}Z").expect("BUG: a fixed pattern")
});

/// A placeholder or path of a mail template.
static MAIL_VALUE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{[A-Z_]+\}(?:/_/#/auth/[a-z-]+/\{[A-Z_]+\})?").expect("BUG: a fixed pattern")
});

static TOKEN: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^eyJ[\w-]+\.([\w-]+)\.[\w-]+$").expect("BUG: a fixed pattern"));

/// The placeholders of one scenario.
#[derive(Debug)]
pub(super) struct Normaliser<'a> {
    sent: &'a str,
    names: BTreeMap<String, String>,
    counts: BTreeMap<&'static str, usize>,
}

impl<'a> Normaliser<'a> {
    /// `sent` is the text of all requests, see [`super::corpus::CorpusFile::sent_text`].
    pub(super) fn new(sent: &'a str) -> Self {
        Self {
            sent,
            names: BTreeMap::new(),
            counts: BTreeMap::new(),
        }
    }

    /// Returns the answer with placeholders.
    pub(super) fn apply(&mut self, answer: &Value) -> Value {
        self.collect(answer);
        self.replace(answer)
    }

    /// First pass: names every random value. Members are visited in alphabetical order because the
    /// order in the answer is not part of the contract.
    fn collect(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.collect_text(text),
            Value::Array(items) => items.iter().for_each(|item| self.collect(item)),
            Value::Object(map) => {
                for key in sorted_keys(map) {
                    match &map[key] {
                        Value::String(text) if is_random(map, key, text) => {
                            self.name(text, "random");
                        }
                        other => self.collect(other),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn collect_text(&mut self, text: &str) {
        if FIELD_ID.is_match(text) {
            return;
        }
        for claim in token_claims(text)
            .into_iter()
            .flat_map(BTreeMap::into_values)
        {
            self.collect(&claim);
        }
        for (pattern, kind) in RULES.iter() {
            let random = pattern.captures(text).and_then(|found| found.get(1));
            if let Some(random) = random
                && !random
                    .as_str()
                    .split('_')
                    .any(|part| self.sent.contains(part))
            {
                self.name(random.as_str(), kind);
                return;
            }
        }
    }

    fn name(&mut self, value: &str, kind: &'static str) {
        if !self.names.contains_key(value) {
            let count = self.counts.entry(kind).or_default();
            *count += 1;
            self.names
                .insert(value.to_owned(), format!("<{kind} {count}>"));
        }
    }

    /// Second pass: replaces the named values wherever they occur, also inside longer texts.
    fn replace(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.replace_text(text)),
            Value::Array(items) => items.iter().map(|item| self.replace(item)).collect(),
            Value::Object(map) => {
                let members = map.iter().map(|(key, value)| {
                    let value = match value
                        .as_str()
                        .and_then(|text| self.own_text(map, key, text))
                    {
                        Some(summary) => Value::String(summary),
                        None => self.replace(value),
                    };
                    (self.replace_text(key), value)
                });
                Value::Object(members.collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// A summary of a member whose wording is up to the product: a logo, or the body of a mail
    /// template that no request has set.
    fn own_text(&self, map: &Map<String, Value>, key: &str, text: &str) -> Option<String> {
        if key == "logo" && text.starts_with("<svg") {
            return Some("<svg>".to_owned());
        }
        if key != "body"
            || !map.contains_key("subject")
            || text.is_empty()
            || self.sent.contains(text)
        {
            return None;
        }
        let mut used: Vec<&str> = MAIL_VALUE
            .find_iter(text)
            .map(|found| found.as_str())
            .collect();
        used.sort_unstable();
        used.dedup();
        Some(format!("<mail with {}>", used.join(" ")))
    }

    fn replace_text(&self, text: &str) -> String {
        if let Some(claims) = token_claims(text) {
            return self.replace_text(&describe_token(claims));
        }
        let mut text = DATE
            .replace_all(text, |found: &regex::Captures<'_>| {
                let date = &found[0];
                if is_recent(date) {
                    "<now>".to_owned()
                } else {
                    date.to_owned()
                }
            })
            .into_owned();
        let provider = Provider::shared().url();
        if text.contains(&provider) {
            text = text.replace(&provider, "<provider>");
        }
        for (value, name) in &self.names {
            if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), name);
            }
        }
        text
    }
}

/// Whether a member is random whatever it looks like. The id of a temporary view is derived from
/// its random name.
fn is_random(map: &Map<String, Value>, key: &str, text: &str) -> bool {
    let temporary = || {
        map.get("collectionName")
            .and_then(Value::as_str)
            .is_some_and(|name| name.starts_with("temp_view_"))
    };
    match key {
        "collectionId" => temporary(),
        _ => RANDOM_MEMBERS.contains(&key) && text.len() > 8,
    }
}

fn sorted_keys(map: &Map<String, Value>) -> Vec<&str> {
    let mut keys: Vec<&str> = map.keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

fn token_claims(text: &str) -> Option<BTreeMap<String, Value>> {
    let payload = TOKEN.captures(text)?;
    let bytes = URL_SAFE_NO_PAD.decode(&payload[1]).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Describes a token by its claims: `<token collectionId: "users", exp: ~300s, …>`.
fn describe_token(claims: BTreeMap<String, Value>) -> String {
    let mut shown = Vec::new();
    for (name, value) in claims {
        let value = match value.as_u64() {
            Some(expiry) if name == "exp" => {
                // Ten seconds of tolerance for slow machines.
                let left = expiry.saturating_sub(now()) + 5;
                format!("~{}s", left / 10 * 10)
            }
            _ => value.to_string(),
        };
        shown.push(format!("{name}: {value}"));
    }
    format!("<token {}>", shown.join(", "))
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| elapsed.as_secs())
}

/// Whether a date lies within a day of now.
fn is_recent(date: &str) -> bool {
    let today = now() / SECONDS_PER_DAY;
    (today.saturating_sub(1)..=today + 1).any(|day| date.starts_with(&civil(day)))
}

/// The calendar date of a day number since 1970-01-01 (Gregorian, by counting from March 1st of the
/// year 0 in 400-year eras).
fn civil(day: u64) -> String {
    let shifted = day + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Normaliser, civil};

    fn check(sent: &str, answer: &Value, expect: &Value) {
        assert_eq!(Normaliser::new(sent).apply(answer), *expect);
    }

    #[test]
    fn random_values_become_placeholders() {
        check(
            "",
            &json!({"id": "abcdefghij12345"}),
            &json!({"id": "<id 1>"}),
        );
        check(
            "abcdefghij12345",
            &json!("abcdefghij12345"),
            &json!("abcdefghij12345"),
        );
        check("", &json!("email1234567890"), &json!("email1234567890"));
        check(
            "",
            &json!("photo_abcdefgh12.png"),
            &json!("photo_<file 1>.png"),
        );
        check(
            "",
            &json!("aabcdefgh12_abcdefgh34.png"),
            &json!("a<file 1>.png"),
        );
        check(
            "collection",
            &json!("user_collection_abcdefgh12.png"),
            &json!("user_collection_<file 1>.png"),
        );
        check(
            "",
            &json!("2022-01-01 00:00:00.000Z"),
            &json!("2022-01-01 00:00:00.000Z"),
        );
        check(
            "",
            &json!({"subject": "s", "body": "Hi {TOKEN}"}),
            &json!({"subject": "s", "body": "<mail with {TOKEN}>"}),
        );
    }

    #[test]
    fn days_become_dates() {
        assert_eq!(civil(0), "1970-01-01");
        assert_eq!(civil(11_016), "2000-02-29");
        assert_eq!(civil(20_778), "2026-11-21");
    }
}
