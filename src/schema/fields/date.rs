//! Date fields: a moment in canonical form, or empty.

use serde_json::Value as Json;

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
