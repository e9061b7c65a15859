//! A pattern, character by character.

use std::iter::Peekable;
use std::str::CharIndices;

/// The pattern's characters and their positions.
pub(super) struct Scanner<'a> {
    pub(super) source: &'a str,
    chars: Peekable<CharIndices<'a>>,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self {
            source,
            chars: source.char_indices().peekable(),
        }
    }

    pub(super) fn next(&mut self) -> Option<(usize, char)> {
        self.chars.next()
    }

    pub(super) fn peek(&mut self) -> Option<char> {
        self.chars.peek().map(|(_, c)| *c)
    }

    /// Takes the next character if it is the expected one.
    pub(super) fn take(&mut self, expected: char) -> bool {
        self.chars.next_if(|(_, c)| *c == expected).is_some()
    }

    /// Position of the next character, or the end.
    pub(super) fn position(&mut self) -> usize {
        self.chars.peek().map_or(self.source.len(), |(i, _)| *i)
    }

    /// What has not been read.
    pub(super) fn rest(&mut self) -> &'a str {
        let position = self.position();
        self.source.get(position..).unwrap_or("")
    }

    /// What has been read since a position.
    pub(super) fn since(&mut self, start: usize) -> &'a str {
        let position = self.position();
        self.source.get(start..position).unwrap_or("")
    }

    /// Moves on by a number of bytes that ends at a character boundary.
    pub(super) fn skip(&mut self, bytes: usize) {
        let end = self.position() + bytes;
        while self.position() < end {
            self.next();
        }
    }
}
