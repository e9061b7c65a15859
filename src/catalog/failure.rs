//! How a change of the catalog can fail, before it is known what it was part of.

use crate::base::error::Error;
use crate::base::issues::{Issue, Issues};
use crate::engine::Error as EngineError;

/// Why a collection could not be saved, deleted or imported.
#[derive(Debug)]
pub(super) enum Failure {
    /// The definition has issues.
    Issues(Issues),
    /// The database refused; the text is shown to the superuser.
    Raw(String),
    /// Something that is not about this definition.
    Other(Error),
}

impl Failure {
    /// One issue under one key.
    pub(super) fn issue(key: &str, issue: Issue) -> Self {
        Self::Issues(Issues::one(key, issue))
    }

    /// Says what the database was asked to do when it refused.
    pub(super) fn context(self, doing: impl FnOnce() -> String) -> Self {
        match self {
            Self::Raw(text) => Self::Raw(format!("{} - {text}", doing())),
            other => other,
        }
    }

    /// Says what was being done when something refused.
    pub(super) fn within(self, doing: &str) -> Self {
        match self {
            Self::Raw(text) => Self::Raw(format!("{doing}: {text}")),
            other => other,
        }
    }

    /// The answer of an operation; `message` is its sentence, such as "Failed to create collection."
    pub(super) fn into_error(self, message: &'static str) -> Error {
        match self {
            Self::Issues(issues) => Error::invalid(message, issues),
            Self::Raw(text) => Error::bad_request(format!("{message} Raw error: \n{text}")),
            Self::Other(error) => error,
        }
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Sql(_) | EngineError::Constraint { .. } | EngineError::Other(_) => {
                Self::Raw(error.to_string())
            }
            error => Self::Other(error.into()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<Issues> for Failure {
    fn from(issues: Issues) -> Self {
        Self::Issues(issues)
    }
}
