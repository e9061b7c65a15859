//! Patterns of text and password fields: compiled once, in the contract's syntax (see [`mod@translate`]).

mod class;
mod scanner;
mod translate;

use std::fmt;
use std::sync::OnceLock;

use regex::Regex;

use crate::base::issues::Issue;
use crate::schema::codes;

pub(super) use translate::translate;

/// Why a text is no pattern, in the words of the contract's server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("error parsing regexp: {problem}: `{part}`")]
pub struct PatternError {
    problem: &'static str,
    part: String,
}

impl PatternError {
    fn new(problem: &'static str, part: impl Into<String>) -> Self {
        let part = part.into();
        Self { problem, part }
    }
}

/// A regular expression as it was submitted; compiled when it is first used. Empty = everything matches.
#[derive(Clone, Default)]
pub struct Pattern {
    text: String,
    compiled: OnceLock<Result<Regex, PatternError>>,
}

impl Pattern {
    /// The pattern as it was submitted.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Says whether there is no pattern.
    pub const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Says whether the text matches; nothing matches a broken pattern.
    pub fn is_match(&self, text: &str) -> bool {
        self.is_empty() || self.compiled().is_ok_and(|regex| regex.is_match(text))
    }

    /// Says what is wrong with the pattern.
    pub fn problem(&self) -> Option<PatternError> {
        self.compiled().err()
    }

    /// The same as an issue.
    pub(super) fn check(&self) -> Result<(), Issue> {
        match self.problem() {
            None => Ok(()),
            Some(error) => Err(codes::invalid_regex(error.to_string())),
        }
    }

    fn compiled(&self) -> Result<&Regex, PatternError> {
        self.compiled
            .get_or_init(|| compile(&self.text))
            .as_ref()
            .map_err(Clone::clone)
    }
}

fn compile(pattern: &str) -> Result<Regex, PatternError> {
    Regex::new(&translate(pattern)?).map_err(|_| PatternError::new("expression too large", pattern))
}

impl From<String> for Pattern {
    fn from(text: String) -> Self {
        Self {
            text,
            compiled: OnceLock::new(),
        }
    }
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl PartialEq<str> for Pattern {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}
