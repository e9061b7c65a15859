//! Why a filter, rule or sort does not compile. [`Error::describe`] is for superusers; other clients see what
//! [`Error::for_client`] says.

use std::fmt;

use crate::base;
use crate::expr::{ParseError, Span};

/// Why a filter, rule or sort does not compile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// It is not written in the filter language.
    Parse(ParseError),
    /// A piece of it has no meaning here.
    Name {
        /// The piece.
        token: String,
        /// Where it stands in the text.
        span: Span,
        /// What is wrong with it.
        reason: Reason,
    },
    /// Only superusers may use this word in a filter or sort.
    Forbidden(&'static str),
    /// A sort has more items than [`crate::query::MAX_SORT_ITEMS`].
    TooManySortItems,
    /// A sort item is longer than [`crate::query::MAX_SORT_ITEM`].
    SortItemTooLong,
    /// Its paths lead through more rows than one statement can join.
    TooManyJoins,
    /// A client's filter is longer than [`crate::query::MAX_FILTER`].
    FilterTooLong,
    /// It is the sort that does not compile, not the filter.
    Sort(Box<Self>),
}

/// What is wrong with an identifier or a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    UnknownField,
    UnknownCollection,
    UnknownFunction,
    UnknownModifier,
    /// The modifier cannot be used on this kind of value.
    ModifierNotApplicable,
    /// The path goes on behind a field that leads nowhere.
    NotARelation,
    NotABackRelation,
    /// The path follows more relations than allowed.
    TooManyLevels,
    /// A macro or `@request` path that does not exist.
    UnknownIdentifier,
    /// The caller may not refer to this field or collection.
    NotAllowed,
    WrongArgumentCount,
    WrongArgument,
}

/// A piece of input, for errors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    pub(super) span: Span,
}

impl Token<'_> {
    pub(super) fn error(&self, reason: Reason) -> Error {
        Error::name(self.text, self.span, reason)
    }
}

impl Error {
    pub(super) fn name(token: &str, span: Span, reason: Reason) -> Self {
        Self::Name {
            token: token.to_owned(),
            span,
            reason,
        }
    }

    /// The answer to a client whose filter or sort this is: details stay here.
    pub fn for_client(&self) -> base::error::Error {
        match self {
            Self::Forbidden(word) => {
                base::error::Error::forbidden(format!("Only superusers can filter by {word}"))
            }
            Self::Sort(error) => error.for_client(),
            _ => base::error::Error::BadRequest(None),
        }
    }

    /// What is wrong with a text, and where: positions are counted in characters from 1.
    pub fn describe(&self, text: &str) -> String {
        match self {
            Self::Name {
                token,
                span,
                reason,
            } => {
                let before = text.get(..span.start).unwrap_or(text);
                let position = before.chars().count() + 1;
                format!("{reason} at position {position}: {token:?}")
            }
            Self::Sort(error) => error.describe(text),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parse(error) => error.fmt(f),
            Self::Name { token, reason, .. } => write!(f, "{reason}: {token:?}"),
            Self::Forbidden(word) => write!(f, "only superusers can filter by {word:?}"),
            Self::TooManySortItems => f.write_str("too many sort items"),
            Self::SortItemTooLong => f.write_str("a sort item is too long"),
            Self::TooManyJoins => f.write_str("too many relations"),
            Self::FilterTooLong => f.write_str("the filter is too long"),
            Self::Sort(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Error {}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UnknownField => "unknown field",
            Self::UnknownCollection => "unknown collection",
            Self::UnknownFunction => "unknown function",
            Self::UnknownModifier => "unknown modifier",
            Self::ModifierNotApplicable => "modifier not applicable",
            Self::NotARelation => "not a relation",
            Self::NotABackRelation => "not a back-relation",
            Self::TooManyLevels => "too many relation levels",
            Self::UnknownIdentifier => "unknown identifier",
            Self::NotAllowed => "not allowed",
            Self::WrongArgumentCount => "wrong number of arguments",
            Self::WrongArgument => "wrong kind of argument",
        })
    }
}

impl From<ParseError> for Error {
    fn from(error: ParseError) -> Self {
        Self::Parse(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown(text: &str, token: &str) -> Error {
        let start = text.find(token).expect("BUG: the token is in the text");
        let end = start + token.len();
        Error::name(token, Span { start, end }, Reason::UnknownField)
    }

    #[test]
    fn positions_are_counted_in_characters() {
        let check = |text: &str, expect: &str| {
            let error = unknown(text, "nope");
            assert_eq!(error.describe(text), expect, "{text}");
            assert_eq!(
                Error::Sort(Box::new(error)).describe(text),
                expect,
                "{text}"
            );
        };
        check("nope = 1", r#"unknown field at position 1: "nope""#);
        check(
            "title = 'a' && nope = 1",
            r#"unknown field at position 16: "nope""#,
        );
        check(
            "title = 'ö🙂' && nope = 1",
            r#"unknown field at position 17: "nope""#,
        );
    }
}
