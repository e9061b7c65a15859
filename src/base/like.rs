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
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// `%literal%`, in lower case and without U+FFFD, so that bytes can be compared whatever the text is.
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
            kind: Kind::of(pattern.split('\0').next().unwrap_or_default(), escape),
        }
    }

    /// Says whether a text matches.
    pub fn matches(&self, text: &str) -> bool {
        self.matches_bytes(text.as_bytes())
    }

    /// Says whether a text matches that may not be one: what is not UTF-8 counts as U+FFFD.
    pub fn matches_bytes(&self, text: &[u8]) -> bool {
        let text = until_nul(text);
        match &self.kind {
            Kind::Contains(finder) => contains(finder, text),
            Kind::Pieces(pieces) => match str::from_utf8(text) {
                Ok(text) => matches(pieces, text),
                Err(_) => matches(pieces, &String::from_utf8_lossy(text)),
            },
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
        Piece::Char(char::REPLACEMENT_CHARACTER) | Piece::One | Piece::Many => None,
        Piece::Char(c) => Some(c.to_ascii_lowercase()),
    });
    let literal: String = chars.collect::<Option<_>>()?;
    Some(literal.into_bytes())
}

fn contains(finder: &Finder<'_>, text: &[u8]) -> bool {
    if text.len() < finder.needle().len() {
        return false;
    }
    LOWER.with_borrow_mut(|lower| {
        copy_in_lower_case(text, lower);
        let found = finder.find(lower).is_some();
        if lower.capacity() > KEPT {
            *lower = Vec::new();
        }
        found
    })
}

/// Replaces what is in `lower` by a text in lower case.
///
/// Perf: in words, without a branch. Left to itself the compiler, told by a profile that capitals are rare, looks at one byte
/// after the other.
fn copy_in_lower_case(text: &[u8], lower: &mut Vec<u8>) {
    lower.clear();
    lower.extend_from_slice(text);
    let (words, rest) = lower.as_chunks_mut::<8>();
    for word in words {
        *word = in_lower_case(u64::from_ne_bytes(*word)).to_ne_bytes();
    }
    rest.make_ascii_lowercase();
}

/// Eight bytes with the letters among them in lower case.
const fn in_lower_case(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let low = word & (0x7f * EACH);
    // The highest bit of a byte tells of a carry out of its lower seven.
    let from_a = low + (0x80 - b'A' as u64) * EACH;
    let beyond_z = low + (0x7f - b'Z' as u64) * EACH;
    let capital = (from_a ^ beyond_z) & !word & (0x80 * EACH);
    word | (capital >> 2)
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

fn until_nul(text: &[u8]) -> &[u8] {
    match memchr::memchr(0, text) {
        Some(end) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{Like, copy_in_lower_case};

    #[test]
    fn every_byte_has_its_lower_case_wherever_it_is() {
        let all: Vec<u8> = (0..=u8::MAX).collect();
        let mut lower = Vec::new();
        for start in 0..8 {
            let text = &all[start..];
            copy_in_lower_case(text, &mut lower);
            assert_eq!(lower, text.to_ascii_lowercase());
        }
    }

    #[test]
    fn what_is_no_text_is_searched_all_the_same() {
        let text = b"caf\xe9 \xe2\x82ABC";
        for (pattern, expect) in [
            ("%bc%", true),
            ("%\u{fffd} %", true),
            ("caf_ _abc", true),
            ("%é%", false),
        ] {
            assert_eq!(
                Like::new(pattern, None).matches_bytes(text),
                expect,
                "{pattern:?}"
            );
        }
    }

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
