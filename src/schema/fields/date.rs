//! Date fields: a moment in canonical form, or empty.

use serde_json::Value as Json;

use crate::base::issues::Issue;
use crate::base::time;
use crate::schema::codes;
use crate::schema::fields::members::{FieldFormError, Members};

/// Options of date fields; canonical dates or empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DateOptions {
    pub min: String,
    pub max: String,
}

impl DateOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            min: canonical(&members.text("min")?),
            max: canonical(&members.text("max")?),
        })
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("min", self.min.clone().into());
        put("max", self.max.clone().into());
    }

    pub(super) fn validate(&self, date: &str) -> Result<(), Issue> {
        // Canonical dates are ordered as texts.
        if date.is_empty() {
            Ok(())
        } else if !self.min.is_empty() && date < self.min.as_str() {
            Err(codes::no_less_than(&shown(&self.min), threshold(&self.min)))
        } else if !self.max.is_empty() && date > self.max.as_str() {
            Err(codes::no_greater_than(
                &shown(&self.max),
                threshold(&self.max),
            ))
        } else {
            Ok(())
        }
    }
}

/// The year 1's first moment.
const ZERO: &str = "0001-01-01 00:00:00.000Z";
const ZERO_UNIX_MS: i64 = -62_135_596_800_000;

/// A date in canonical form; what is no date is empty, and so is the year 1's first moment, the contract's "no date".
pub(super) fn canonical(text: &str) -> String {
    match time::parse(text) {
        Some(date) if date.unix_ms() != ZERO_UNIX_MS => date.to_string(),
        _ => String::new(),
    }
}

/// Says whether [`canonical`] would change nothing.
pub(super) fn is_canonical(text: &str) -> bool {
    text.is_empty() || (time::is_canonical(text) && text != ZERO)
}

/// A canonical date without its `Z` and without zeros at the end of the fraction.
fn trimmed(date: &str) -> &str {
    date.trim_end_matches('Z')
        .trim_end_matches('0')
        .trim_end_matches('.')
}

/// A date as messages have it.
fn shown(date: &str) -> String {
    format!("{} +0000 UTC", trimmed(date))
}

/// A date as a parameter.
fn threshold(date: &str) -> String {
    format!("{}Z", trimmed(date).replace(' ', "T"))
}
