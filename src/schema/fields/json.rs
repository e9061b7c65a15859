//! JSON fields: any JSON value.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::base::issues::{Issue, Issues};
use crate::base::json;
use crate::schema::codes::{self, MAX_SAFE_INTEGER};
use crate::schema::fields::members::{FieldFormError, Members};
use crate::sql::ValueRef;

/// Bytes a value has at most unless the field says otherwise.
const DEFAULT_MAX_SIZE: i64 = 1 << 20;

/// Options of json fields; `max_size` in bytes, 0 = 1 MiB.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonOptions {
    pub max_size: i64,
}

impl JsonOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            max_size: members.int("maxSize")?,
        })
    }

    /// Bytes a value has at most.
    pub const fn max_bytes(&self) -> i64 {
        if self.max_size > 0 {
            self.max_size
        } else {
            DEFAULT_MAX_SIZE
        }
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("maxSize", self.max_size.into());
    }

    pub(super) fn validate_size(&self, text: &str) -> Result<(), Issue> {
        let max_size = self.max_bytes();
        if i64::try_from(text.len()).is_ok_and(|size| size <= max_size) {
            return Ok(());
        }
        let message = format!("The maximum allowed JSON size is {max_size} bytes.");
        Err(Issue::new("validation_json_size_limit", message).with("maxSize", max_size))
    }

    pub(super) fn check(&self, issues: &mut Issues) {
        issues.check(
            "maxSize",
            codes::in_range(self.max_size, 0, MAX_SAFE_INTEGER),
        );
    }
}

/// The JSON text of what a client sent. A text that looks like JSON and is JSON is taken as such, other texts are
/// quoted.
pub(super) fn coerce(value: &Json) -> String {
    match value {
        Json::String(text) if is_literal(text) => text.clone(),
        // Compat: a text with NUL in it is refused; unquoted it does not pass as JSON.
        Json::String(text) if text.contains('\0') => text.clone(),
        Json::String(text) => quoted(text),
        other => other.to_string(),
    }
}

/// The JSON text of what a column holds; text that is no JSON is shown as a string.
pub(super) fn stored(stored: ValueRef<'_>) -> Cow<'_, str> {
    match stored {
        ValueRef::Null => Cow::Borrowed("null"),
        ValueRef::Int(value) => Cow::Owned(value.to_string()),
        ValueRef::Real(value) => Cow::Owned(json::number(value).to_string()),
        ValueRef::Text(_) | ValueRef::Blob(_) => {
            let text = stored.to_text();
            if json::is_valid(&text) {
                text
            } else {
                Cow::Owned(quoted(&text))
            }
        }
    }
}

fn is_literal(text: &str) -> bool {
    matches!(text, "null" | "true" | "false")
        || (text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '"' | '[' | '{'))
            && json::is_valid(text))
}

fn quoted(text: &str) -> String {
    Json::String(text.to_owned()).to_string()
}

/// Says whether a text is JSON that is nested more deeply than what is submitted may be.
pub(super) fn is_deep(text: &str) -> bool {
    json::depth(text) >= json::MAX_DEPTH && json::is_valid(text)
}

/// Checks that a text is JSON in the contract's strict dialect.
pub(super) fn validate(text: &str) -> Result<(), Issue> {
    if json::parse_whole(text).is_ok() {
        Ok(())
    } else {
        Err(Issue::new(
            "validation_invalid_json",
            "Must be a valid json value.",
        ))
    }
}
