//! File fields: names of files stored with the record.

use serde_json::Value as Json;

use crate::schema::fields::json_form::{FieldFormError, Members};

/// Options of file fields; `max_size` in bytes per file, 0 = 5 MiB.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileOptions {
    pub max_size: i64,
    pub max_select: i64,
    pub mime_types: Vec<String>,
    pub thumbs: Vec<String>,
    pub protected: bool,
}

impl FileOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            max_size: members.int("maxSize")?,
            max_select: members.int("maxSelect")?,
            mime_types: members.texts("mimeTypes")?,
            thumbs: members.texts("thumbs")?,
            protected: members.flag("protected")?,
        })
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("maxSize", self.max_size.into());
        put("maxSelect", self.max_select.into());
        put("mimeTypes", self.mime_types.clone().into());
        put("thumbs", self.thumbs.clone().into());
        put("protected", self.protected.into());
    }
}
