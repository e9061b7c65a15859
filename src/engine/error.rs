//! What can go wrong in the database, told apart as far as a caller or an operator can act on it.
//!
//! The texts of SQLite are kept for operators; nothing here is meant for clients.

use std::time::Duration;

use rusqlite::ErrorCode;
use rusqlite::ffi;
use thiserror::Error;

use crate::base::error::{Error as BaseError, FaultExt as _, Trouble};

const CONTEXT: &str = "in the database";

/// Why the database did not do what it was asked for.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// Another process held the write lock for longer than the busy timeout.
    #[error("the database is locked by another process")]
    Busy,
    /// The bounded queue of waiting reads or writes is full.
    #[error("too many requests are waiting for the database")]
    Full,
    /// A statement, or a leased transaction, ran longer than its limit.
    #[error("the database took longer than the time limit")]
    Timeout,
    /// The statement was stopped because nobody waits for it or the engine closes.
    #[error("the statement was interrupted")]
    Interrupted,
    /// The engine has been closed.
    #[error("the database is closed")]
    Closed,
    /// The work itself was fine, but the transaction it shared was lost; trying again is safe.
    #[error("the transaction was rolled back because of another failure")]
    RolledBack,
    /// The closure of a job panicked; its changes are rolled back.
    #[error("a database job panicked: {0}")]
    Panicked(String),
    /// A constraint of a table does not hold.
    #[error("{message}")]
    Constraint {
        /// Which sort of constraint.
        kind: ConstraintKind,
        /// The (table, column) pairs that SQLite names; empty for an index on expressions.
        columns: Vec<(String, String)>,
        /// The name of the index, which SQLite tells for indexes on expressions only.
        index: Option<String>,
        /// SQLite's own words.
        message: String,
    },
    /// The file is damaged or is no SQLite database.
    #[error("the database file is damaged: {0}")]
    Corrupt(String),
    /// There is no space left for the write.
    #[error("the disk is full")]
    DiskFull,
    /// The file or its directory cannot be written.
    #[error("the database cannot be written: {0}")]
    ReadOnly(String),
    /// The file cannot be opened at all.
    #[error("the database cannot be opened: {0}")]
    CannotOpen(String),
    /// The file was moved or deleted while it was open.
    #[error("the database is no more where it was opened")]
    Away,
    /// The SQLite library is older than what is safe with a write-ahead log.
    #[error("SQLite {found} is too old, {needed} or newer is needed")]
    Version {
        /// The version of the library in use.
        found: String,
        /// The oldest one accepted.
        needed: &'static str,
    },
    /// The statement is wrong: syntax, unknown names, wrong number of values.
    #[error("{0}")]
    Sql(String),
    /// Reading or writing the file failed.
    #[error("the database file cannot be read or written: {0}")]
    Io(String),
    /// Committed changes could not be brought to the disk. They may be there after a crash or not.
    #[error("the disk did not take what was written: {0}")]
    Flush(String),
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

/// The sorts of constraints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    Unique,
    PrimaryKey,
    NotNull,
    ForeignKey,
    Check,
    Other,
}

impl Error {
    /// Says whether a unique index or a primary key was violated.
    pub const fn is_unique_violation(&self) -> bool {
        matches!(
            self,
            Self::Constraint {
                kind: ConstraintKind::Unique | ConstraintKind::PrimaryKey,
                ..
            }
        )
    }

    fn from_code(code: ffi::Error, message: Option<String>) -> Self {
        let text = message.unwrap_or_else(|| code.to_string());
        match code.code {
            ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
            ErrorCode::OperationInterrupted => Self::Interrupted,
            ErrorCode::ConstraintViolation => constraint(code.extended_code, text),
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Corrupt(text),
            ErrorCode::DiskFull => Self::DiskFull,
            ErrorCode::ReadOnly | ErrorCode::PermissionDenied => Self::ReadOnly(text),
            ErrorCode::CannotOpen => Self::CannotOpen(text),
            // No room for the index of the log.
            ErrorCode::SystemIoFailure if code.extended_code == ffi::SQLITE_IOERR_SHMSIZE => {
                Self::DiskFull
            }
            ErrorCode::SystemIoFailure => {
                Self::Io(format!("{text} (SQLite code {})", code.extended_code))
            }
            // The latter two are about values: a text as the number of a row, one of a gigabyte.
            ErrorCode::Unknown | ErrorCode::TypeMismatch | ErrorCode::TooBig => Self::Sql(text),
            _ => Self::Other(text),
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(code, message) => Self::from_code(code, message),
            rusqlite::Error::SqlInputError {
                msg, sql, offset, ..
            } => {
                let near: String = usize::try_from(offset)
                    .ok()
                    .and_then(|offset| sql.get(offset..))
                    .unwrap_or_default()
                    .chars()
                    .take(40)
                    .collect();
                Self::Sql(format!("{msg} at `{near}`"))
            }
            rusqlite::Error::MultipleStatement => Self::Sql("more than one statement".to_owned()),
            rusqlite::Error::ExecuteReturnedResults => {
                Self::Sql("the statement returns rows".to_owned())
            }
            other => Self::Other(other.to_string()),
        }
    }
}

impl BaseError {
    /// Says whether the database refused a statement for what it says, or for what it met in a row: nothing that is
    /// wrong with the server or its disk.
    pub fn is_refused_sql(&self) -> bool {
        let source = self.cause().and_then(|fault| fault.source());
        matches!(source, Some(Error::Sql(_)))
    }
}

impl From<Error> for BaseError {
    #[track_caller]
    fn from(error: Error) -> Self {
        match error {
            // An interrupted statement is answered only while the server stops.
            Error::Full | Error::Closed | Error::Interrupted | Error::RolledBack => {
                Self::Unavailable {
                    retry_after: Duration::from_secs(1),
                }
            }
            Error::Timeout => {
                Self::bad_request("The request took longer than the time limit of the server.")
            }
            Error::DiskFull => Self::disk(Trouble::Full, CONTEXT, error),
            Error::Busy => Self::disk(Trouble::Locked, CONTEXT, error),
            Error::Flush(_)
            | Error::Io(_)
            | Error::ReadOnly(_)
            | Error::Away
            | Error::CannotOpen(_)
            | Error::Corrupt(_) => Self::disk(Trouble::Failing, CONTEXT, error),
            other => match Err::<Self, _>(other).fault(CONTEXT) {
                Ok(error) | Err(error) => error,
            },
        }
    }
}

fn constraint(extended_code: i32, message: String) -> Error {
    let kind = match extended_code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_ROWID => ConstraintKind::Unique,
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY => ConstraintKind::PrimaryKey,
        ffi::SQLITE_CONSTRAINT_NOTNULL => ConstraintKind::NotNull,
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => ConstraintKind::ForeignKey,
        ffi::SQLITE_CONSTRAINT_CHECK => ConstraintKind::Check,
        _ => ConstraintKind::Other,
    };
    let (columns, index) = match kind {
        ConstraintKind::Unique | ConstraintKind::PrimaryKey | ConstraintKind::NotNull => {
            subject(&message)
        }
        ConstraintKind::ForeignKey | ConstraintKind::Check | ConstraintKind::Other => {
            (Vec::new(), None)
        }
    };
    Error::Constraint {
        kind,
        columns,
        index,
        message,
    }
}

/// Reads `… failed: t.a, t.b` and `… failed: index 'name'`.
fn subject(message: &str) -> (Vec<(String, String)>, Option<String>) {
    let Some((_, subject)) = message.split_once(" failed: ") else {
        return (Vec::new(), None);
    };
    if let Some(name) = subject
        .strip_prefix("index '")
        .and_then(|rest| rest.strip_suffix('\''))
    {
        return (Vec::new(), Some(name.replace("''", "'")));
    }
    let columns = subject
        .split(", ")
        .filter_map(|pair| pair.split_once('.'))
        .map(|(table, column)| (table.to_owned(), column.to_owned()))
        .collect();
    (columns, None)
}
