//! Why a text is not a filter, and where.

use std::fmt;

use crate::expr::ast::Span;

/// Longest piece of the input an error repeats, in characters.
const MAX_TOKEN_CHARS: usize = 40;

/// A syntax error in a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong.
    pub kind: ParseErrorKind,
    /// Where the offending token stands, as byte offsets.
    pub span: Span,
    /// Where it starts, as a character count from 1.
    pub position: usize,
    /// The offending token, shortened if long; empty at the end of the input.
    pub token: String,
}

/// What is wrong with a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParseErrorKind {
    /// There is nothing but whitespace and comments.
    Empty,
    /// A character that starts no token.
    UnexpectedCharacter,
    /// A quote is opened and never closed.
    UnclosedText,
    /// Such as `1.` or `--1`.
    InvalidNumber,
    /// Such as `a.` or `@`.
    InvalidIdentifier,
    /// Such as `==`.
    InvalidOperator,
    /// A lone `&` or `|`.
    InvalidJoin,
    /// A field, function, text or number has to stand here.
    ExpectedOperand,
    /// A comparison operator has to stand here.
    ExpectedOperator,
    /// Two items without `&&` or `||` between them.
    ExpectedJoin,
    /// A parenthesis is opened and never closed.
    UnclosedGroup,
    /// A parenthesis is closed that was never opened.
    UnexpectedClose,
    /// An argument has to stand here.
    ExpectedArgument,
    /// Two arguments without a comma between them, or a call that is never closed.
    ExpectedComma,
    /// Calls are nested deeper than [`crate::expr::MAX_CALL_DEPTH`].
    CallsTooDeep,
    /// There are more comparisons than [`crate::expr::MAX_COMPARISONS`].
    TooManyComparisons,
}

impl ParseError {
    pub(super) fn new(input: &str, span: Span, kind: ParseErrorKind) -> Self {
        let before = input.get(..span.start).unwrap_or(input);
        let token = input.get(span.start..span.end).unwrap_or_default();
        let mut chars = token.chars();
        let mut shown: String = chars.by_ref().take(MAX_TOKEN_CHARS).collect();
        if chars.next().is_some() {
            shown.push('…');
        }
        Self {
            kind,
            span,
            position: before.chars().count() + 1,
            token: shown,
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at position {}", self.kind, self.position)?;
        if self.token.is_empty() {
            f.write_str(" (end of the expression)")
        } else {
            write!(f, " near `{}`", self.token)
        }
    }
}

impl std::error::Error for ParseError {}

impl fmt::Display for ParseErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty expression",
            Self::UnexpectedCharacter => "unexpected character",
            Self::UnclosedText => "unclosed text",
            Self::InvalidNumber => "invalid number",
            Self::InvalidIdentifier => "invalid identifier",
            Self::InvalidOperator => "invalid operator",
            Self::InvalidJoin => "invalid join (use && or ||)",
            Self::ExpectedOperand => "expected a field, function, text or number",
            Self::ExpectedOperator => "expected a comparison operator",
            Self::ExpectedJoin => "expected && or ||",
            Self::UnclosedGroup => "expected a closing parenthesis",
            Self::UnexpectedClose => "unexpected closing parenthesis",
            Self::ExpectedArgument => "expected an argument",
            Self::ExpectedComma => "expected a comma or a closing parenthesis",
            Self::CallsTooDeep => "too many nested function calls",
            Self::TooManyComparisons => "too many comparisons",
        })
    }
}
