//! Select fields: one or more of a fixed list of texts.

use serde_json::Value as Json;

use crate::schema::fields::json_form::{FieldFormError, Members};

/// Options of select fields; more than one value when `max_select` > 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectOptions {
    pub values: Vec<String>,
    pub max_select: i64,
}

impl SelectOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            values: members.texts("values")?,
            max_select: members.int("maxSelect")?,
        })
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("values", self.values.clone().into());
        put("maxSelect", self.max_select.into());
    }
}
