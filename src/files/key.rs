//! Keys of stored files: paths that cannot lead anywhere else.

use std::fmt;

use crate::files::THUMBS_PREFIX;
use crate::files::error::{Error, Result};

/// Longest name of a file or directory.
const MAX_COMPONENT_BYTES: usize = 255;

/// Where a file is, relative to its store. Its parts are safe to be put into a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileKey {
    /// With `/` between its parts.
    path: String,
}

/// Says whether a text is the name of a file or directory and nothing else.
///
/// Security: the only gate between names from outside and paths.
fn is_component(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_COMPONENT_BYTES
        && name != "."
        && name != ".."
        && !name.contains(['/', '\\', ':', '\0'])
}

impl FileKey {
    /// The key of a file of a record. Refuses names that are not plain names of a file or directory.
    pub fn new(collection_id: &str, record_id: &str, name: &str) -> Result<Self> {
        Self::of(&[collection_id, record_id, name])
    }

    /// The key of a file or folder that lies so deep, such as `["backup.zip"]`.
    pub fn of(parts: &[&str]) -> Result<Self> {
        if parts.is_empty() || !parts.iter().all(|part| is_component(part)) {
            return Err(Error::InvalidName);
        }
        Ok(Self {
            path: parts.join("/"),
        })
    }

    /// The key of a thumbnail of the file.
    pub(super) fn thumb(&self, size: &str, to_webp: bool) -> Result<Self> {
        let suffix = if to_webp { ".webp" } else { "" };
        let thumb = format!("{size}_{}{suffix}", self.name());
        let folder = self.thumbs();
        let mut parts: Vec<&str> = folder.path.split('/').collect();
        parts.push(&thumb);
        Self::of(&parts)
    }

    /// The folder of all thumbnails of the file.
    pub(super) fn thumbs(&self) -> Self {
        let name = format!("{THUMBS_PREFIX}{}", self.name());
        let path = match self.path.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{name}"),
            None => name,
        };
        Self { path }
    }

    /// The path below the store.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What the file is called.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}
