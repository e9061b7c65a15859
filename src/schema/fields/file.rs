//! File fields: names of files stored with the record.

use std::collections::{HashMap, HashSet};

use serde_json::Value as Json;

use crate::base::issues::{Issue, Issues};
use crate::schema::codes::{self, MAX_SAFE_INTEGER};
use crate::schema::fields::members::{FieldFormError, Members};
use crate::schema::fields::mime;
use crate::schema::value::FieldValue;

/// Bytes a file has at most unless the field says otherwise.
const DEFAULT_MAX_SIZE: i64 = 5 << 20;

/// What validation knows of an uploaded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// The name it gets in storage and in the record.
    pub stored_name: String,
    /// The name the client gave it.
    pub original_name: String,
    /// In bytes.
    pub size: u64,
    /// Found by looking at the content.
    pub mime_type: String,
}

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

    /// Bytes a file has at most.
    pub const fn max_bytes(&self) -> i64 {
        if self.max_size > 0 {
            self.max_size
        } else {
            DEFAULT_MAX_SIZE
        }
    }

    pub(super) fn validate(
        &self,
        value: &FieldValue,
        previous: Option<&FieldValue>,
        new_files: &[NewFile],
    ) -> Result<(), Issue> {
        let stored = previous.map_or(&[][..], FieldValue::texts);
        let names = value.texts();
        let new: HashMap<&String, &NewFile> = (new_files.iter())
            .map(|file| (&file.stored_name, file))
            .collect();
        // A body may name far more files than there are.
        let known: HashSet<&String> = stored.iter().collect();
        let unknown: Vec<&str> = (names.iter())
            .filter(|name| !known.contains(name) && !new.contains_key(name))
            .map(String::as_str)
            .collect();
        if !unknown.is_empty() {
            let message = format!("Invalid new files: [{}].", unknown.join(" "));
            return Err(
                Issue::new("validation_invalid_file", message).with("invalidFiles", unknown)
            );
        }
        let max = self.max_select.max(1);
        if i64::try_from(names.len()).is_ok_and(|count| count > max) {
            let message = format!("The maximum allowed files is {max}.");
            return Err(Issue::new("validation_too_many_files", message).with("maxSelect", max));
        }
        names
            .iter()
            .filter_map(|name| new.get(name))
            .try_for_each(|file| self.validate_new(file))
    }

    fn validate_new(&self, file: &NewFile) -> Result<(), Issue> {
        check_name(&file.stored_name)?;
        let max_size = self.max_bytes();
        if u64::try_from(max_size).is_ok_and(|max| file.size > max) {
            let message = format!(
                "Failed to upload {} - the maximum allowed file size is {max_size} bytes.",
                file.original_name
            );
            return Err(Issue::new("validation_file_size_limit", message)
                .with("file", file.original_name.as_str())
                .with("maxSize", max_size));
        }
        let is_meant = |listed: &String| mime::is_meant(listed, &file.mime_type);
        if !self.mime_types.is_empty() && !self.mime_types.iter().any(is_meant) {
            let message = format!(
                "\"{}\" mime type must be one of: {}.",
                file.stored_name,
                self.mime_types.join(", ")
            );
            return Err(Issue::new("validation_invalid_mime_type", message));
        }
        Ok(())
    }

    pub(super) fn check(&self, issues: &mut Issues) {
        issues.check(
            "maxSize",
            codes::in_range(self.max_size, 0, MAX_SAFE_INTEGER),
        );
        issues.check(
            "maxSelect",
            codes::in_range(self.max_select, 0, MAX_SAFE_INTEGER),
        );
        let mut thumbs = Issues::new();
        for (index, size) in self.thumbs.iter().enumerate() {
            thumbs.check(&index.to_string(), check_thumb(size));
        }
        issues.nest("thumbs", thumbs);
    }
}

fn check_name(name: &str) -> Result<(), Issue> {
    const MAX_LENGTH: i64 = 150;
    if !i64::try_from(name.len()).is_ok_and(|length| (1..=MAX_LENGTH).contains(&length)) {
        return Err(codes::length_out_of_range(1, MAX_LENGTH));
    }
    if name.len() < 2 || name.starts_with('.') || name.contains(['/', '\\']) {
        return Err(codes::match_invalid());
    }
    Ok(())
}

/// `WxH` with an optional `t`, `b` or `f`; not all of it may be zero.
fn check_thumb(size: &str) -> Result<(), Issue> {
    if size.is_empty() {
        return Ok(());
    }
    if matches!(size, "0x0" | "0x0t" | "0x0b" | "0x0f") {
        return Err(codes::not_in_invalid());
    }
    let plain = size.strip_suffix(['t', 'b', 'f']).unwrap_or(size);
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match plain.split_once('x') {
        Some((width, height)) if is_number(width) && is_number(height) => Ok(()),
        _ => Err(codes::match_invalid()),
    }
}
