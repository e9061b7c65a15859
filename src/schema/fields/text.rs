//! Text fields: one line or more of plain text, and the primary key.

use serde_json::Value as Json;

use crate::schema::fields::autogenerate;
use crate::schema::fields::json_form::{FieldFormError, Members};
use crate::schema::fields::pattern::Pattern;

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
        autogenerate::generate(&self.autogenerate_pattern).ok()
    }
}
