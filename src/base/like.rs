//! SQL's `LIKE` as SQLite defines it: `%` is any text, `_` one character, and letters of ASCII match in both cases.
//!
//! The engine runs it in place of SQLite's own, which looks at one character after another; the filter evaluator of
//! realtime asks the same code.

use std::cell::RefCell;

use memchr::memmem::{self, Finder};

/// What stands for anything that is no text.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// Buffers that were needed for a longer text are given back.
const KEPT: usize = 64 << 10;

/// How many bytes are looked at between two questions whether to go on, roughly a few dozen microseconds of work.
const TURN: usize = 64 << 10;

/// `_` and `%` in a pattern that was read: bytes that no text has.
const ONE: u8 = 0xfe;
const MANY: u8 = 0xff;

/// A pattern to compare many texts with.
#[derive(Debug)]
pub struct Like {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    /// `%literal%`, in lower case and without U+FFFD, so that bytes can be compared whatever the text is.
    Contains(Box<Finder<'static>>),
    /// Anything else, in lower case, with [`ONE`] and [`MANY`].
    Pieces(Vec<u8>),
    /// It ends within an escape, which nothing matches.
    Never,
}

/// The comparison was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GivenUp;

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

    /// Says whether a text matches that may not be one: what is not UTF-8 counts as U+FFFD.
    ///
    /// Some patterns take the product of both lengths. `goes_on` is told every now and then how many bytes were looked
    /// at since it was last asked, and decides.
    pub fn matches(
        &self,
        text: &[u8],
        mut goes_on: impl FnMut(usize) -> bool,
    ) -> Result<bool, GivenUp> {
        let text = until_nul(text);
        let mut effort = Effort {
            since: 0,
            goes_on: &mut goes_on,
        };
        effort.spend(text.len())?;
        match &self.kind {
            Kind::Contains(finder) if text.len() < finder.needle().len() => Ok(false),
            Kind::Contains(finder) => Ok(in_lower(text, |lower| finder.find(lower).is_some())),
            Kind::Pieces(pieces) => {
                let text = String::from_utf8_lossy(text);
                in_lower(text.as_bytes(), |lower| matches(pieces, lower, &mut effort))
            }
            Kind::Never => Ok(false),
        }
    }
}

/// What a comparison costs, told in turns.
struct Effort<'a> {
    since: usize,
    goes_on: &'a mut dyn FnMut(usize) -> bool,
}

impl Effort<'_> {
    fn spend(&mut self, bytes: usize) -> Result<(), GivenUp> {
        self.since = self.since.saturating_add(bytes);
        if self.since < TURN || (self.goes_on)(std::mem::take(&mut self.since)) {
            Ok(())
        } else {
            Err(GivenUp)
        }
    }
}

impl Kind {
    fn of(pattern: &str, escape: Option<char>) -> Self {
        let mut pieces = Vec::with_capacity(pattern.len());
        let mut chars = pattern.chars();
        while let Some(c) = chars.next() {
            let c = match c {
                c if Some(c) == escape => match chars.next() {
                    Some(c) => c,
                    None => return Self::Never,
                },
                '%' => {
                    pieces.push(MANY);
                    continue;
                }
                '_' => {
                    pieces.push(ONE);
                    continue;
                }
                c => c,
            };
            let mut bytes = [0; 4];
            let lower = c.to_ascii_lowercase();
            pieces.extend_from_slice(lower.encode_utf8(&mut bytes).as_bytes());
        }
        match contained(&pieces) {
            Some(literal) => Self::Contains(Box::new(Finder::new(literal).into_owned())),
            None => Self::Pieces(pieces),
        }
    }
}

/// The literal of `%literal%`.
fn contained(pieces: &[u8]) -> Option<&[u8]> {
    let [MANY, literal @ .., MANY] = pieces else {
        return None;
    };
    let is_plain = !literal.iter().any(|byte| matches!(*byte, ONE | MANY))
        && memmem::find(literal, REPLACEMENT).is_none();
    is_plain.then_some(literal)
}

/// Does something with a text in lower case.
fn in_lower<T>(text: &[u8], work: impl FnOnce(&[u8]) -> T) -> T {
    LOWER.with_borrow_mut(|lower| {
        copy_in_lower_case(text, lower);
        let result = work(lower);
        if lower.capacity() > KEPT {
            *lower = Vec::new();
        }
        result
    })
}

/// Replaces what is in `lower` by a text in lower case.
///
/// Perf: in words, without a branch. Left to itself the compiler, told by a profile that capitals are rare, looks at
/// one byte after the other.
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

/// Compares a pattern with a text, both in lower case.
///
/// What stands between two `%` is looked for from the left, once what stands before the first and behind the last is
/// there.
fn matches(pattern: &[u8], text: &[u8], effort: &mut Effort<'_>) -> Result<bool, GivenUp> {
    let mut segments = pattern.split(|byte| *byte == MANY);
    let first = segments.next().unwrap_or_default();
    let Some(mut rest) = behind(first, text) else {
        return Ok(false);
    };
    let Some(last) = segments.next_back() else {
        return Ok(rest.is_empty());
    };
    rest = match before(last, rest) {
        Some(rest) => rest,
        None => return Ok(false),
    };
    for segment in segments {
        rest = match behind_first(segment, rest, effort)? {
            Some(rest) => rest,
            None => return Ok(false),
        };
    }
    Ok(true)
}

/// What is left of a text behind a segment, which it has to begin with.
fn behind<'a>(segment: &[u8], mut text: &'a [u8]) -> Option<&'a [u8]> {
    for (index, run) in segment.split(|byte| *byte == ONE).enumerate() {
        if index > 0 {
            let (_, rest) = text.split_first()?;
            let inner = rest.iter().take_while(|byte| is_inner(**byte)).count();
            text = rest.get(inner..)?;
        }
        text = text.strip_prefix(run)?;
    }
    Some(text)
}

/// What is left of a text before a segment, which it has to end with.
fn before<'a>(segment: &[u8], mut text: &'a [u8]) -> Option<&'a [u8]> {
    for (index, run) in segment.rsplit(|byte| *byte == ONE).enumerate() {
        if index > 0 {
            let inner = text
                .iter()
                .rev()
                .take_while(|byte| is_inner(**byte))
                .count();
            text = text.get(..text.len().checked_sub(inner + 1)?)?;
        }
        text = text.strip_suffix(run)?;
    }
    Some(text)
}

/// Says whether a byte belongs to a character that began before it.
const fn is_inner(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// What is left of a text behind the first place where a segment is found: by its longest run without `_`.
fn behind_first<'a>(
    segment: &[u8],
    text: &'a [u8],
    effort: &mut Effort<'_>,
) -> Result<Option<&'a [u8]>, GivenUp> {
    let (mut start, mut run) = (0, &[][..]);
    let mut at = 0;
    for next in segment.split(|byte| *byte == ONE) {
        if next.len() > run.len() {
            (start, run) = (at, next);
        }
        at += next.len() + 1;
    }
    if run.is_empty() {
        return Ok(behind(segment, text));
    }
    let (head, tail) = (
        segment.get(..start).unwrap_or_default(),
        segment.get(start + run.len()..).unwrap_or_default(),
    );
    let finder = Finder::new(run);
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|text| finder.find(text)) {
        effort.spend(found + segment.len())?;
        let at = from + found;
        let (left, right) = (text.get(..at), text.get(at + run.len()..));
        if left.is_some_and(|left| before(head, left).is_some())
            && let Some(rest) = right.and_then(|right| behind(tail, right))
        {
            return Ok(Some(rest));
        }
        from = at + 1;
    }
    effort.spend(text.len() - from.min(text.len()))?;
    Ok(None)
}

fn until_nul(text: &[u8]) -> &[u8] {
    match memchr::memchr(0, text) {
        Some(end) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::{GivenUp, Like, copy_in_lower_case};

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
                Like::new(pattern, None).matches(text, |_| true),
                Ok(expect),
                "{pattern:?}"
            );
        }
    }

    #[test]
    fn what_takes_long_is_given_up_when_told_to() {
        let (text, letters) = ("a".repeat(1 << 20), "a".repeat(1000));
        for pattern in [format!("%{letters}_b%"), format!("%b_{letters}%c%")] {
            let (mut asked, mut looked_at) = (0, 0);
            let outcome = Like::new(&pattern, None).matches(text.as_bytes(), |bytes| {
                (asked, looked_at) = (asked + 1, looked_at + bytes);
                asked < 10
            });
            assert_eq!((outcome, asked), (Err(GivenUp), 10));
            assert!(looked_at < 4 << 20, "{looked_at}");
        }
        let quick = Like::new("%a_c%", None).matches(b"xaac", |_| false);
        assert_eq!(quick, Ok(true), "nobody is asked about little");
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
            ("%a_c%d", "abaacabcxd", true),
            ("%_%_", "a", false),
            ("%_%_", "aä", true),
            ("%__ä%", "ßäxä", true),
            ("%__ä%", "xä", false),
            ("ab%ba", "aba", false),
            ("%é_%é", "éé", false),
            ("_%é__%", "aéßä", true),
        ] {
            let like = Like::new(pattern, Some('\\'));
            assert_eq!(
                like.matches(text.as_bytes(), |_| true),
                Ok(expect),
                "{text:?} LIKE {pattern:?}"
            );
        }
        let is_like = |text: &str, pattern, escape| {
            Like::new(pattern, escape).matches(text.as_bytes(), |_| true)
        };
        assert_eq!(is_like("50%", "50%%", Some('%')), Ok(true));
        assert_eq!(is_like(r"a\b", r"a\%", None), Ok(true));
    }
}
