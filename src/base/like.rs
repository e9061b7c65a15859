//! SQL's `LIKE` as SQLite defines it: `%` is any text, `_` one character, and letters of ASCII match in both cases.
//!
//! The engine runs it in place of SQLite's own, which looks at one character after another; the filter evaluator of
//! realtime asks the same code.

use std::cell::RefCell;

use memchr::memmem::Finder;

/// Buffers that were needed for a longer text are given back.
const KEPT: usize = 64 << 10;

/// A pattern to compare many texts with.
#[derive(Debug)]
pub struct Like {
    escape: Option<char>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// `%literal%`, in lower case.
    Contains(Box<Finder<'static>>),
    Pieces(Vec<Piece>),
    /// It ends within an escape, which nothing matches.
    Never,
}

#[derive(Clone, Copy, Debug)]
enum Piece {
    Char(char),
    One,
    Many,
}

thread_local! {
    static LOWER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl Like {
    /// Reads a pattern; it ends at its first NUL, as does a text.
    pub fn new(pattern: &str, escape: Option<char>) -> Self {
        Self {
            escape,
            kind: Kind::of(until_nul(pattern), escape),
        }
    }

    /// The character that takes the meaning from the next one.
    pub const fn escape(&self) -> Option<char> {
        self.escape
    }

    /// Says whether a text matches.
    pub fn matches(&self, text: &str) -> bool {
        let text = until_nul(text);
        match &self.kind {
            Kind::Contains(finder) => contains(finder, text.as_bytes()),
            Kind::Pieces(pieces) => matches(pieces, text),
            Kind::Never => false,
        }
    }
}

impl Kind {
    fn of(pattern: &str, escape: Option<char>) -> Self {
        let mut pieces = Vec::with_capacity(pattern.len());
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            pieces.push(match c {
                c if Some(c) == escape => match chars.next() {
                    Some(c) => Piece::Char(c),
                    None => return Self::Never,
                },
                '%' => Piece::Many,
                '_' => Piece::One,
                c => Piece::Char(c),
            });
        }
        match contained(&pieces) {
            Some(literal) => Self::Contains(Box::new(Finder::new(&literal).into_owned())),
            None => Self::Pieces(pieces),
        }
    }
}

/// The literal of `%literal%`, in lower case.
fn contained(pieces: &[Piece]) -> Option<Vec<u8>> {
    let [Piece::Many, inner @ .., Piece::Many] = pieces else {
        return None;
    };
    let chars = inner.iter().map(|piece| match piece {
        Piece::Char(c) => Some(c.to_ascii_lowercase()),
        Piece::One | Piece::Many => None,
    });
    let literal: String = chars.collect::<Option<_>>()?;
    Some(literal.into_bytes())
}

/// Perf: lowering and searching are both done many bytes at a time.
fn contains(finder: &Finder<'_>, text: &[u8]) -> bool {
    if text.len() < finder.needle().len() {
        return false;
    }
    LOWER.with_borrow_mut(|lower| {
        lower.clear();
        lower.extend(text.iter().map(u8::to_ascii_lowercase));
        let found = finder.find(lower).is_some();
        if lower.capacity() > KEPT {
            *lower = Vec::new();
        }
        found
    })
}

fn matches(pieces: &[Piece], text: &str) -> bool {
    let (mut rest, mut piece) = (text.chars(), 0);
    // Where to go on when what follows the last `%` does not match here.
    let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        if let Some(Piece::Many) = pieces.get(piece) {
            piece += 1;
            retry = Some((piece, rest.clone()));
            continue;
        }
        let mut ahead = rest.clone();
        let Some(c) = ahead.next() else {
            return piece == pieces.len();
        };
        let fits = match pieces.get(piece) {
            Some(Piece::One) => true,
            Some(Piece::Char(expected)) => expected.eq_ignore_ascii_case(&c),
            Some(Piece::Many) | None => false,
        };
        if fits {
            rest = ahead;
            piece += 1;
            continue;
        }
        let Some((after, mut from)) = retry else {
            return false;
        };
        if from.next().is_none() {
            return false;
        }
        piece = after;
        rest = from.clone();
        retry = Some((after, from));
    }
}

fn until_nul(text: &str) -> &str {
    match memchr::memchr(0, text.as_bytes()) {
        Some(end) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::Like;

    #[test]
    fn patterns_match_as_in_sqlite() {
        for (pattern, text, expect) in [
            ("%b%", "aBc", true),
            ("%%", "", true),
            ("%", "", true),
            ("", "", true),
            ("", "a", false),
            ("a", "A", true),
            ("ä", "Ä", false),
            ("a_c", "aäc", true),
            ("a%c", "abcbc", true),
            ("a%c", "abcb", false),
            ("%a%b", "xaxb", true),
            ("%a%b", "xaxbx", false),
            ("_", "", false),
            (r"%5\%%", "15% off", true),
            (r"%5\%%", "15 off", false),
            (r"a\", "a", false),
            ("%b%", "a\0b", false),
        ] {
            let like = Like::new(pattern, Some('\\'));
            assert_eq!(like.matches(text), expect, "{text:?} LIKE {pattern:?}");
        }
        assert!(Like::new("50%%", Some('%')).matches("50%"));
        assert!(Like::new(r"a\%", None).matches(r"a\b"));
    }
}
