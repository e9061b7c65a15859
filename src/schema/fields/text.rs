//! Text fields: one line or more of plain text, and the primary key.

use serde_json::Value as Json;

use crate::base::ids;
use crate::base::issues::{Issue, Issues};
use crate::schema::codes::{self, MAX_SAFE_INTEGER};
use crate::schema::fields::Field;
use crate::schema::fields::autogenerate;
use crate::schema::fields::autogenerate::AutogenerateError;
use crate::schema::fields::members::{FieldFormError, Members};
use crate::schema::fields::pattern::Pattern;

/// The pattern of record ids unless the collection has its own.
pub const DEFAULT_ID_PATTERN: &str = "^[a-z0-9]+$";

/// What record ids are generated from unless the collection has a pattern of its own.
pub const DEFAULT_ID_AUTOGENERATE_PATTERN: &str = "[a-z0-9]{15}";

/// How many code points a text has at most unless the field says otherwise.
const DEFAULT_MAX: i64 = 5000;
/// Characters that paths, URLs or filters could trip over.
const FORBIDDEN_IN_KEYS: &[char] = &[
    '.', '/', '\\', '|', '"', '\'', '`', '<', '>', ':', '?', '*', '%', '$', '\0', '\t', '\n', '\r',
    ' ',
];
/// Device names of some file systems; `COM` and `LPT` go with a digit from 1 to 9.
const RESERVED_KEYS: &[&str] = &["CON", "PRN", "AUX", "NUL"];

/// Options of text fields; lengths in code points, 0 = default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextOptions {
    pub min: i64,
    pub max: i64,
    pub pattern: Pattern,
    pub autogenerate_pattern: String,
    pub primary_key: bool,
}

impl TextOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            min: members.int("min")?,
            max: members.int("max")?,
            pattern: members.text("pattern")?.into(),
            autogenerate_pattern: members.text("autogeneratePattern")?,
            primary_key: members.flag("primaryKey")?,
        })
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("min", self.min.into());
        put("max", self.max.into());
        put("pattern", self.pattern.as_str().into());
        put(
            "autogeneratePattern",
            self.autogenerate_pattern.clone().into(),
        );
        put("primaryKey", self.primary_key.into());
    }

    /// A text that follows the autogenerate pattern, if there is one.
    pub fn autogenerate(&self) -> Option<String> {
        if self.autogenerate_pattern.is_empty() {
            return None;
        }
        if self.primary_key && self.autogenerate_pattern == DEFAULT_ID_AUTOGENERATE_PATTERN {
            return Some(ids::record_id());
        }
        autogenerate::generate(&self.autogenerate_pattern).ok()
    }

    /// Says whether keys need no checks of their own, because the pattern is the default one of ids.
    pub fn has_plain_keys(&self) -> bool {
        &self.pattern == DEFAULT_ID_PATTERN
    }

    pub(super) fn validate(&self, text: &str) -> Result<(), Issue> {
        if text.is_empty() {
            return Ok(());
        }
        let max = if self.max > 0 { self.max } else { DEFAULT_MAX };
        let length = char_count(text);
        if self.min > 0 && length < self.min {
            return Err(codes::text_too_short(self.min).with("min", self.min));
        }
        if length > max {
            let message = format!("Must be no more than {max} character(s).");
            return Err(Issue::new("validation_max_text_constraint", message).with("max", max));
        }
        if !self.pattern.is_match(text) {
            return Err(codes::invalid_format());
        }
        if self.primary_key && !self.has_plain_keys() {
            check_key(text)?;
        }
        Ok(())
    }

    pub(super) fn check(&self, field: &Field, primary_keys: usize, issues: &mut Issues) {
        if self.primary_key {
            if field.name != "id" {
                let message = r#"The primary key must be named "id"."#;
                issues.add("name", Issue::new("validation_in_invalid", message));
            }
            if field.hidden {
                issues.add("hidden", codes::empty());
            }
            if !field.required {
                issues.add("required", Issue::required());
            }
            if primary_keys > 1 {
                let message =
                    "Composite PKs are not supported and the collection must have only 1 PK.";
                issues.add(
                    "primaryKey",
                    Issue::new("validation_unsupported_composite_pk", message),
                );
            }
            if self.pattern.is_empty() {
                issues.add("pattern", Issue::required());
            }
        }
        issues.check("min", codes::in_range(self.min, 0, MAX_SAFE_INTEGER));
        issues.check("max", codes::in_range(self.max, self.min, MAX_SAFE_INTEGER));
        issues.check("pattern", self.pattern.check());
        issues.check(
            "autogeneratePattern",
            self.check_autogenerate(field.required),
        );
    }

    /// Tries the pattern a few times: what it generates must be a valid value.
    fn check_autogenerate(&self, required: bool) -> Result<(), Issue> {
        const SAMPLES: usize = 10;
        if self.autogenerate_pattern.is_empty() {
            return Ok(());
        }
        for _ in 0..SAMPLES {
            let sample =
                autogenerate::generate(&self.autogenerate_pattern).map_err(
                    |error| match error {
                        AutogenerateError::Pattern(error) => {
                            codes::invalid_regex(error.to_string())
                        }
                        other => {
                            Issue::new("validation_invalid_autogenerate_pattern", other.to_string())
                        }
                    },
                )?;
            if (required && sample.is_empty()) || self.validate(&sample).is_err() {
                let message = format!(
                    "The provided autogenerate pattern could produce invalid field values, ex.: {}.",
                    quoted(&sample)
                );
                return Err(Issue::new(
                    "validation_invalid_autogenerate_pattern_value",
                    message,
                ));
            }
        }
        Ok(())
    }
}

/// The number of code points.
pub(super) fn char_count(text: &str) -> i64 {
    i64::try_from(text.chars().count()).unwrap_or(i64::MAX)
}

/// Keys are directory names too, and parts of URLs.
fn check_key(key: &str) -> Result<(), Issue> {
    if let Some(c) = key.chars().find(|c| FORBIDDEN_IN_KEYS.contains(c)) {
        let message = format!("'{c}' is not a valid primary key character.");
        return Err(
            Issue::new("validation_forbidden_pk_character", message).with("ch", c.to_string())
        );
    }
    let upper = key.to_ascii_uppercase();
    let numbered = upper
        .strip_prefix("COM")
        .or_else(|| upper.strip_prefix("LPT"))
        .is_some_and(|digit| matches!(digit.as_bytes(), [b'1'..=b'9']));
    if numbered || RESERVED_KEYS.contains(&upper.as_str()) {
        let message = format!("The primary key '{upper}' is reserved and cannot be used.");
        return Err(Issue::new("validation_reserved_pk", message).with("reserved", upper));
    }
    Ok(())
}

/// A text in quotes, with escapes for what cannot be read.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\'' => out.push('\''),
            '\0'..='\x1f' | '\x7f' if !matches!(c, '\n' | '\r' | '\t') => {
                out.extend(["\\x", &format!("{:02x}", u32::from(c))]);
            }
            _ => {
                let escaped = c.escape_debug();
                if escaped.len() > 2 {
                    out.extend(["\\u", &format!("{:04x}", u32::from(c))]);
                } else {
                    out.extend(escaped);
                }
            }
        }
    }
    out.push('"');
    out
}
