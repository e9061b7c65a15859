//! Date fields: a moment in canonical form, or empty.

use serde_json::Value as Json;

use crate::base::time;
use crate::schema::fields::json_form::{FieldFormError, Members};

/// Options of date fields; canonical dates or empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DateOptions {
    pub min: String,
    pub max: String,
}

impl DateOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            min: members.date("min")?,
            max: members.date("max")?,
        })
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("min", self.min.clone().into());
        put("max", self.max.clone().into());
    }
}

/// A date in canonical form; what is no date is empty, and so is the year 1's first moment, the contract's "no date".
pub(super) fn canonical(text: &str) -> String {
    const ZERO_UNIX_MS: i64 = -62_135_596_800_000;
    match time::parse(text) {
        Some(date) if date.unix_ms() != ZERO_UNIX_MS => date.to_string(),
        _ => String::new(),
    }
}
