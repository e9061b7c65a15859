//! Text fields: one line or more of plain text, and the primary key.

use serde_json::Value as Json;

use crate::schema::fields::json_form::{FieldFormError, Members};

/// Options of text fields; lengths in code points, 0 = default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextOptions {
    pub min: i64,
    pub max: i64,
    pub pattern: String,
    pub autogenerate_pattern: String,
    pub primary_key: bool,
}

impl TextOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            min: members.int("min")?,
            max: members.int("max")?,
            pattern: members.text("pattern")?,
            autogenerate_pattern: members.text("autogeneratePattern")?,
            primary_key: members.flag("primaryKey")?,
        })
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("min", self.min.into());
        put("max", self.max.into());
        put("pattern", self.pattern.clone().into());
        put(
            "autogeneratePattern",
            self.autogenerate_pattern.clone().into(),
        );
        put("primaryKey", self.primary_key.into());
    }
}
