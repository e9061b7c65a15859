//! Why a replica cannot be written or brought back.

use std::io;

use crate::{engine, files};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a replica cannot be written or brought back; sentences for operators.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{path}: {source}")]
    File { path: String, source: io::Error },
    #[error("the bucket: {0}")]
    Bucket(#[from] files::Error),
    #[error("{0}")]
    Database(engine::Error),
    /// What is in the place is not what was put there.
    #[error("{name} is damaged: {what}")]
    Damaged { name: String, what: &'static str },
    #[error("{0}")]
    Refused(String),
}

impl Error {
    pub(super) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused(reason.into())
    }
}
