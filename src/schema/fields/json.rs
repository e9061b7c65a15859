//! JSON fields: any JSON value.

use serde_json::Value as Json;

use crate::schema::fields::json_form::{FieldFormError, Members};

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

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("maxSize", self.max_size.into());
    }
}
