//! What can go wrong with files.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use crate::base::error::{self, FaultExt as _, Trouble};

const CONTEXT: &str = "while accessing stored files";

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
    /// Another server that keeps files gives no usable answer now.
    #[error("the file storage does not answer: {0}")]
    Unreachable(String),
    /// Another server that keeps files refused; asking again will not help.
    #[error("the file storage refused: {0}")]
    Refused(String),
    /// The file system refused.
    #[error("file system error: {0}")]
    Io(io::Error),
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
            Error::Unreachable(what) => {
                tracing::error!(what, "the file storage does not answer");
                Self::Unavailable {
                    retry_after: Duration::from_secs(5),
                }
            }
            Error::Refused(what) => Self::internal(format!("the file storage refused: {what}")),
            Error::Io(error) => {
                if let Some(trouble) = Trouble::of(&error) {
                    return Self::disk(trouble, CONTEXT, error);
                }
                match Err::<Infallible, _>(error).fault(CONTEXT) {
                    Err(error) => error,
                    Ok(never) => match never {},
                }
            }
        }
    }
}
