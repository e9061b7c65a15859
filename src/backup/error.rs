//! Why a backup cannot be made or put back.

use std::io;
use std::path::Path;

use zip::result::ZipError;

use crate::base::error::Trouble;
use crate::engine;
use crate::files;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a backup cannot be made or put back; sentences for operators.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path}: {source}")]
    File { path: String, source: io::Error },
    #[error("the database cannot be copied: {0}")]
    Database(engine::Error),
    #[error("the archive cannot be written or read: {0}")]
    Zip(#[from] ZipError),
    #[error("the archive is refused: {0}")]
    Refused(String),
    #[error("the data directory cannot be packed or replaced: {0}")]
    Unpackable(String),
    #[error("the bucket: {0}")]
    Bucket(#[from] files::Error),
    #[error("the database in the archive is unusable: {0}")]
    Unusable(String),
}

impl Error {
    /// Names the path an operation failed at.
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::File { path, source }
    }

    /// The trouble with the disk behind it, if there is any.
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::File { source, .. } | Self::Zip(ZipError::Io(source)) => Trouble::of(source),
            Self::Database(engine::Error::DiskFull) => Some(Trouble::Full),
            _ => None,
        }
    }

    pub(super) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused(reason.into())
    }
}
