//! The product's errors, independent of HTTP: what happened and what a client may read of it.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::panic::Location;
use std::time::Duration;

use serde_json::Value;

use crate::base::issues::Issues;
use crate::base::text;

/// Result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Text = Cow<'static, str>;

/// Why an operation did not succeed. Messages are sentences for clients; `None` stands for the contract's default text.
#[derive(Debug)]
pub enum Error {
    /// The submitted data has issues (400 with `data`).
    Invalid { message: Text, issues: Box<Issues> },
    /// The request cannot be served as it is (400 without `data`).
    BadRequest(Option<Text>),
    /// Valid authentication is missing (401).
    Unauthenticated(Option<Text>),
    /// The caller may not do this (403).
    Forbidden(Option<Text>),
    /// There is no such thing, or the caller may not know of it (404).
    NotFound(Option<Text>),
    /// The body exceeds its limit (413).
    TooLarge,
    /// Too many requests (429).
    RateLimited(Option<Text>),
    /// A bounded queue is full or the server is stopping (503).
    Unavailable { retry_after: Duration },
    /// An answer made elsewhere, such as the one of a failing batch item (status, message, `data`).
    Wire {
        status: u16,
        message: Text,
        data: Value,
    },
    /// An error whose reason is for operators: the request log holds it, the client does not read it.
    Because(Box<Because>),
    /// A handler answered in the operation's place; no failure, but the operation's own answer is not wanted.
    Answered(Box<Answer>),
    /// The disk, or a file on it, cannot be used (507 when it is full, else 503); the cause is for operators only.
    Disk { trouble: Trouble, fault: Box<Fault> },
    /// A fault of the server (500); the cause is for operators only.
    Internal(Box<Fault>),
}

/// What a client is told, and why. See [`Error::because`].
#[derive(Debug)]
pub struct Because {
    told: Error,
    reason: Text,
}

/// What is wrong with the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// There is no space left.
    Full,
    /// Another process uses the database.
    Locked,
    /// Reading or writing fails.
    Failing,
}

impl Trouble {
    /// The trouble behind an error of the file system, if it is one of the disk.
    pub fn of(error: &io::Error) -> Option<Self> {
        use io::ErrorKind::{
            FileTooLarge, PermissionDenied, QuotaExceeded, ReadOnlyFilesystem, StorageFull,
        };
        /// Input/output error; it has no name in the standard library.
        const EIO: i32 = 5;
        match error.kind() {
            StorageFull | QuotaExceeded | FileTooLarge => Some(Self::Full),
            ReadOnlyFilesystem | PermissionDenied => Some(Self::Failing),
            _ if cfg!(unix) && error.raw_os_error() == Some(EIO) => Some(Self::Failing),
            _ => None,
        }
    }

    /// The status and the message for clients.
    pub const fn wire(self) -> (u16, &'static str) {
        match self {
            Self::Full => (507, "There is no space left on the server's disk."),
            Self::Locked => (
                503,
                "The database is locked by another process, please try again later.",
            ),
            Self::Failing => (
                503,
                "The server's disk cannot be used at the moment, please try again later.",
            ),
        }
    }

    /// When to try again.
    pub const fn retry_after(self) -> Duration {
        match self {
            Self::Locked => Duration::from_secs(1),
            Self::Full | Self::Failing => Duration::from_secs(5),
        }
    }
}

/// An answer to a request that a handler made.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    /// Header lines, `content-type` included.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// The cause of an internal error, never shown to clients.
#[derive(Debug)]
pub struct Fault {
    context: Text,
    source: Option<Box<dyn StdError + Send + Sync>>,
    location: &'static Location<'static>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} ({}:{})",
            self.context,
            self.location.file(),
            self.location.line()
        )?;
        let mut source = self.source.as_deref().map(|s| s as &dyn StdError);
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl Fault {
    /// The error behind it, if it is one of this type.
    pub fn source<E: StdError + 'static>(&self) -> Option<&E> {
        self.source.as_deref()?.downcast_ref()
    }

    /// What happened, without the place in the sources.
    pub fn describe(&self) -> String {
        let mut text = self.context.to_string();
        let mut source = self.source.as_deref().map(|s| s as &dyn StdError);
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        text
    }
}

impl Error {
    /// 400 with issues.
    pub fn invalid(message: impl Into<Text>, issues: Issues) -> Self {
        Self::Invalid {
            message: message.into(),
            issues: Box::new(issues),
        }
    }

    /// 400 with a message of its own.
    pub fn bad_request(message: impl Into<Text>) -> Self {
        Self::BadRequest(Some(message.into()))
    }

    /// 403 with a message of its own.
    pub fn forbidden(message: impl Into<Text>) -> Self {
        Self::Forbidden(Some(message.into()))
    }

    /// 404 with a message of its own.
    pub fn not_found(message: impl Into<Text>) -> Self {
        Self::NotFound(Some(message.into()))
    }

    /// 401 with a message of its own.
    pub fn unauthenticated(message: impl Into<Text>) -> Self {
        Self::Unauthenticated(Some(message.into()))
    }

    /// 507 or 503 with a cause for operators.
    #[track_caller]
    pub fn disk(
        trouble: Trouble,
        context: impl Into<Text>,
        source: impl StdError + Send + Sync + 'static,
    ) -> Self {
        Self::Disk {
            trouble,
            fault: Box::new(Fault {
                context: context.into(),
                source: Some(Box::new(source)),
                location: Location::caller(),
            }),
        }
    }

    /// The cause of a fault of the server, for operators.
    pub fn cause(&self) -> Option<&Fault> {
        match self.told() {
            Self::Internal(fault) | Self::Disk { fault, .. } => Some(fault),
            _ => None,
        }
    }

    /// The same error with a reason that operators read in the request log. It must not hold secrets of a request. An
    /// error that has one already keeps it.
    #[must_use]
    pub fn because(self, reason: impl Into<Text>) -> Self {
        match self {
            Self::Because(_) => self,
            told => Self::Because(Box::new(Because {
                told,
                reason: reason.into(),
            })),
        }
    }

    /// The error as the client is told it, without its reason.
    pub fn told(&self) -> &Self {
        match self {
            Self::Because(because) => &because.told,
            error => error,
        }
    }

    /// The same, taken apart.
    #[must_use]
    pub fn into_told(self) -> Self {
        match self {
            Self::Because(because) => because.told,
            error => error,
        }
    }

    /// Why the client is told this, where that is known beyond the error itself.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Because(because) => Some(&because.reason),
            _ => None,
        }
    }

    /// 500 with the place it was raised at.
    #[track_caller]
    pub fn internal(context: impl Into<Text>) -> Self {
        Self::Internal(Box::new(Fault {
            context: context.into(),
            source: None,
            location: Location::caller(),
        }))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { message, issues } => write!(f, "{message} {}", issues.to_json()),
            Self::BadRequest(message) => f.write_str(message.as_deref().unwrap_or("bad request")),
            Self::Unauthenticated(message) => {
                f.write_str(message.as_deref().unwrap_or("unauthenticated"))
            }
            Self::Forbidden(message) => f.write_str(message.as_deref().unwrap_or("forbidden")),
            Self::NotFound(message) => f.write_str(message.as_deref().unwrap_or("not found")),
            Self::TooLarge => f.write_str("request entity too large"),
            Self::RateLimited(message) => {
                f.write_str(message.as_deref().unwrap_or("too many requests"))
            }
            Self::Unavailable { .. } => f.write_str("the server is busy"),
            Self::Wire {
                status, message, ..
            } => write!(f, "{status} {message}"),
            Self::Because(because) => write!(f, "{}: {}", because.told, because.reason),
            Self::Answered(answer) => write!(f, "answered with {} by a handler", answer.status),
            Self::Internal(fault) | Self::Disk { fault, .. } => fault.fmt(f),
        }
    }
}

impl StdError for Error {}

/// Turns a foreign error into an internal one, naming what was being done.
pub trait FaultExt<T> {
    /// `context` is a lower-case fragment, such as "while reading the settings".
    fn fault(self, context: &'static str) -> Result<T>;
}

impl<T, E: StdError + Send + Sync + 'static> FaultExt<T> for std::result::Result<T, E> {
    #[track_caller]
    fn fault(self, context: &'static str) -> Result<T> {
        // `map_err` with a closure would lose the caller's location.
        match self {
            Ok(value) => Ok(value),
            Err(error) => Err(Error::Internal(Box::new(Fault {
                context: Cow::Borrowed(context),
                source: Some(Box::new(error)),
                location: Location::caller(),
            }))),
        }
    }
}

impl Error {
    /// The error for someone else to look at, while the original goes its own way. Causes of faults stay with the
    /// original.
    #[must_use]
    pub fn retold(&self) -> Self {
        if let Self::Answered(answer) = self {
            return Self::Answered(answer.clone());
        }
        let Wire {
            status,
            message,
            data,
        } = self.to_wire();
        Self::Wire {
            status,
            message,
            data,
        }
    }

    /// Says whether this is another error retold.
    pub fn is_retold(&self, original: &Self) -> bool {
        !matches!(
            self,
            Self::Internal(_) | Self::Disk { .. } | Self::Answered(_)
        ) && self.to_wire() == original.to_wire()
    }
}

/// An error as clients read it.
#[derive(Clone, Debug, PartialEq)]
pub struct Wire {
    pub status: u16,
    pub message: Text,
    /// The `data` member, an object.
    pub data: Value,
}

impl Wire {
    /// As an object.
    pub fn to_json(&self) -> Value {
        serde_json::json!({ "status": self.status, "message": self.message, "data": self.data })
    }
}

impl Error {
    /// What a client reads of the error: the one mapping to statuses and default messages.
    pub fn to_wire(&self) -> Wire {
        let (status, message, default) = match self {
            Self::Invalid { message, issues } => {
                return Wire {
                    status: 400,
                    message: message.clone(),
                    data: issues.to_json(),
                };
            }
            Self::Wire {
                status,
                message,
                data,
            } => {
                return Wire {
                    status: *status,
                    message: message.clone(),
                    data: data.clone(),
                };
            }
            Self::BadRequest(message) => (400, message.as_ref(), SOMETHING_WRONG),
            Self::Unauthenticated(message) => {
                (401, message.as_ref(), "Missing or invalid authentication.")
            }
            Self::Forbidden(message) => (
                403,
                message.as_ref(),
                "You are not allowed to perform this request.",
            ),
            Self::NotFound(message) => (
                404,
                message.as_ref(),
                "The requested resource wasn't found.",
            ),
            Self::TooLarge => (413, None, "Request entity too large."),
            Self::RateLimited(message) => (429, message.as_ref(), "Too Many Requests."),
            Self::Unavailable { .. } => (503, None, "The server is busy, please try again later."),
            Self::Because(because) => return because.told.to_wire(),
            Self::Answered(answer) => {
                return Wire {
                    status: answer.status,
                    message: Cow::Borrowed(""),
                    data: Value::Null,
                };
            }
            Self::Disk { trouble, .. } => {
                let (status, message) = trouble.wire();
                (status, None, message)
            }
            Self::Internal(_) => (500, None, SOMETHING_WRONG),
        };
        let message = message.cloned().unwrap_or(Cow::Borrowed(default));
        Wire {
            status,
            message: Cow::Owned(text::sentence(&message)),
            data: Value::Object(serde_json::Map::new()),
        }
    }
}

/// What clients are told where there is nothing definite to say.
pub const SOMETHING_WRONG: &str = "Something went wrong while processing your request.";
