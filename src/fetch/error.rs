//! Why another server gave no usable answer.

use std::error::Error as StdError;
use std::fmt;

/// Result of an exchange.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why there is no answer. Addresses are left out: their queries may hold secrets.
#[derive(Debug)]
pub enum Error {
    /// The address is none, or not one of `http` and `https`.
    InvalidUrl,
    /// The address belongs to this machine or a private network, and only public ones were allowed.
    NotPublic,
    /// There was no complete answer in time.
    TimedOut,
    /// The answer is larger than allowed.
    TooLarge,
    /// The answer leads on more often than allowed.
    TooManyRedirects,
    /// The connection or the answer failed; the causes as one text.
    Failed(String),
}

impl Error {
    pub(super) fn from_cause(error: &(dyn StdError + 'static)) -> Self {
        let mut text = String::new();
        let mut cause = Some(error);
        while let Some(error) = cause {
            if error.is::<NotPublic>() {
                return Self::NotPublic;
            }
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&error.to_string());
            cause = error.source();
        }
        Self::Failed(text)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InvalidUrl => "not an http or https address",
            Self::NotPublic => "the address is not public",
            Self::TimedOut => "no complete answer in time",
            Self::TooLarge => "the answer is too large",
            Self::TooManyRedirects => "too many redirects",
            Self::Failed(text) => text,
        })
    }
}

impl StdError for Error {}

/// What the resolver answers for names that lead nowhere public.
#[derive(Debug)]
pub(super) struct NotPublic;

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the address is not public")
    }
}

impl StdError for NotPublic {}
