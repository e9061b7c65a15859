//! Editor fields: rich text as HTML, stored as it comes.

use serde_json::Value as Json;

use crate::schema::fields::json_form::{FieldFormError, Members};

/// Options of editor fields; `max_size` in bytes, 0 = 5 MiB.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EditorOptions {
    pub max_size: i64,
    pub convert_urls: bool,
}

impl EditorOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            max_size: members.int("maxSize")?,
            convert_urls: members.flag("convertURLs")?,
        })
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("maxSize", self.max_size.into());
        put("convertURLs", self.convert_urls.into());
    }
}
