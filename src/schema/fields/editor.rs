//! Editor fields: rich text as HTML, stored as it comes.

use serde_json::Value as Json;

use crate::base::issues::{Issue, Issues};
use crate::schema::codes::{self, MAX_SAFE_INTEGER};
use crate::schema::fields::members::{FieldFormError, Members};

/// Bytes a text has at most unless the field says otherwise.
const DEFAULT_MAX_SIZE: i64 = 5 << 20;

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

    /// Bytes a value has at most.
    pub const fn max_bytes(&self) -> i64 {
        if self.max_size > 0 {
            self.max_size
        } else {
            DEFAULT_MAX_SIZE
        }
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("maxSize", self.max_size.into());
        put("convertURLs", self.convert_urls.into());
    }

    pub(super) fn validate(&self, text: &str) -> Result<(), Issue> {
        let max_size = self.max_bytes();
        if i64::try_from(text.len()).is_ok_and(|size| size <= max_size) {
            return Ok(());
        }
        let message = format!("The maximum allowed content size is {max_size} bytes.");
        Err(Issue::new("validation_content_size_limit", message).with("maxSize", max_size))
    }

    pub(super) fn check(&self, issues: &mut Issues) {
        issues.check(
            "maxSize",
            codes::in_range(self.max_size, 0, MAX_SAFE_INTEGER),
        );
    }
}
