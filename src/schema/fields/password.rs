//! Password fields: a bcrypt hash that nobody reads back.

use serde_json::Value as Json;

use crate::schema::fields::json_form::{FieldFormError, Members};
use crate::schema::fields::pattern::Pattern;

/// Options of password fields; lengths in code points, `cost` is bcrypt's, 0 = default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PasswordOptions {
    pub min: i64,
    pub max: i64,
    pub pattern: Pattern,
    pub cost: i64,
}

impl PasswordOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            min: members.int("min")?,
            max: members.int("max")?,
            pattern: members.text("pattern")?.into(),
            cost: members.int("cost")?,
        })
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("min", self.min.into());
        put("max", self.max.into());
        put("pattern", self.pattern.as_str().into());
        put("cost", self.cost.into());
    }
}
