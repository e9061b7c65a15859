//! What can go wrong with files.

use std::convert::Infallible;
use std::io;

use crate::base::error::{self, FaultExt as _};

/// Result of a file operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a file operation failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such file.
    #[error("no such file")]
    NotFound,
    /// A name from outside cannot be part of a path.
    #[error("invalid file or directory name")]
    InvalidName,
    /// A file is longer than what it is wanted for allows.
    #[error("the file is too large")]
    TooLarge,
    /// The file system refused.
    #[error("file system error")]
    Io(#[source] io::Error),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound {
            Self::NotFound
        } else {
            Self::Io(error)
        }
    }
}

impl From<Error> for error::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound | Error::InvalidName => Self::NotFound(None),
            Error::TooLarge => Self::TooLarge,
            Error::Io(error) => {
                match Err::<Infallible, _>(error).fault("while accessing stored files") {
                    Err(error) => error,
                    Ok(never) => match never {},
                }
            }
        }
    }
}
