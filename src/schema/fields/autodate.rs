//! Autodate fields: set by the server when a record is created or updated.

use serde_json::Value as Json;

use crate::schema::fields::json_form::{FieldFormError, Members};

/// Options of autodate fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AutodateOptions {
    pub on_create: bool,
    pub on_update: bool,
}

impl AutodateOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            on_create: members.flag("onCreate")?,
            on_update: members.flag("onUpdate")?,
        })
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("onCreate", self.on_create.into());
        put("onUpdate", self.on_update.into());
    }
}
