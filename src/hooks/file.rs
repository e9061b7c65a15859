//! Files in scripts, on their way from one place to another.

use std::sync::Arc;

use crate::events::Upload;
use crate::files::{names, sniff};
use crate::record::PendingFile;

/// A file in a script; copies share the bytes.
#[derive(Clone)]
pub(super) struct ScriptFile {
    pub(super) name: String,
    pub(super) content_type: String,
    pub(super) bytes: Arc<[u8]>,
}

impl ScriptFile {
    pub(super) fn new(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            name: names::original_name(name).to_owned(),
            content_type: sniff::sniff(&bytes).mime,
            bytes: bytes.into(),
        }
    }

    /// A file called as the last part of an address.
    pub(super) fn of_url(url: &str, bytes: Vec<u8>) -> Self {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        // What stands behind the scheme alone is no name but a server.
        let path = path.split_once("://").map_or(path, |(_, path)| path);
        let name = path.split('/').skip(1).last();
        Self::new(
            name.filter(|name| !name.is_empty()).unwrap_or("file"),
            bytes,
        )
    }

    /// A file that came with a request.
    pub(super) fn of_upload(upload: &Upload) -> std::io::Result<Self> {
        Ok(Self {
            name: upload.file_name.clone(),
            content_type: upload.content_type.mime.clone(),
            bytes: upload.bytes()?.into(),
        })
    }

    /// The file as a record takes it, with the name it will have there.
    pub(super) fn pending(&self, field: &str) -> PendingFile {
        let extension = sniff::sniff(&self.bytes).extension;
        PendingFile {
            field: field.to_owned(),
            stored_name: names::stored_name(&self.name, extension),
            original_name: self.name.clone(),
            bytes: Arc::clone(&self.bytes),
        }
    }
}
