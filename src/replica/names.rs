//! Names of generations and their pieces; they tell all that choosing needs.

use crate::base::ids::{self, LOWER_ALNUM};
use crate::base::time::Timestamp;

/// Digits of a segment's number: names sort like numbers.
const DIGITS: usize = 10;

/// A new generation; later ones sort behind earlier ones.
pub(super) fn generation(now: Timestamp) -> String {
    format!(
        "{:014}-{}",
        now.unix_ms().max(0),
        ids::random_string(8, LOWER_ALNUM)
    )
}

/// Says whether a name is that of a generation.
pub(super) fn is_generation(name: &str) -> bool {
    name.split_once('-').is_some_and(|(time, rest)| {
        time.len() == 14
            && time.bytes().all(|b| b.is_ascii_digit())
            && rest.len() == 8
            && rest.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

/// A segment: its number, and the moment up to which everything is in it or in an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Segment {
    pub number: u64,
    pub at: Timestamp,
}

impl Segment {
    pub(super) fn name(self) -> String {
        format!("{:0DIGITS$}-{}.seg", self.number, self.at.unix_ms())
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        let (number, at) = name.strip_suffix(".seg")?.split_once('-')?;
        Some(Self {
            number: number.parse().ok()?,
            at: Timestamp::from_unix_ms(at.parse().ok()?),
        })
    }
}

/// A complete image: good with the segments from `first` on, as soon as those up to `settled` are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Base {
    pub first: u64,
    /// One less than `first` when nothing changed while it was copied.
    pub settled: u64,
    pub at: Timestamp,
}

impl Base {
    pub(super) fn name(self) -> String {
        format!(
            "base-{:0DIGITS$}-{:0DIGITS$}-{}.json",
            self.first,
            self.settled,
            self.at.unix_ms()
        )
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        let rest = name.strip_prefix("base-")?.strip_suffix(".json")?;
        let mut parts = rest.split('-');
        let base = Self {
            first: parts.next()?.parse().ok()?,
            settled: parts.next()?.parse().ok()?,
            at: Timestamp::from_unix_ms(parts.next()?.parse().ok()?),
        };
        parts.next().is_none().then_some(base)
    }

    /// The folder of an image that begins with this segment.
    pub(super) fn folder(first: u64) -> String {
        format!("base-{first:0DIGITS$}")
    }

    pub(super) fn chunk(index: usize) -> String {
        format!("{index:06}.chunk")
    }
}

/// The newest moment that pieces of a generation tell of.
pub(super) fn newest<'a>(pieces: impl Iterator<Item = &'a str>) -> Option<Timestamp> {
    pieces
        .filter_map(|name| {
            let segment = Segment::parse(name).map(|segment| segment.at);
            segment.or_else(|| Base::parse(name).map(|base| base.at))
        })
        .max()
}

#[cfg(test)]
mod tests {
    use super::{Base, Segment, generation, is_generation};
    use crate::base::time::Timestamp;

    #[test]
    fn names_are_read_as_they_are_written() {
        let at = Timestamp::from_unix_ms(1_764_000_000_123);
        assert!(is_generation(&generation(at)));
        assert!(!is_generation("00001764000000123-abc"));
        let segment = Segment { number: 12, at };
        assert_eq!(segment.name(), "0000000012-1764000000123.seg");
        assert_eq!(Segment::parse(&segment.name()), Some(segment));
        let base = Base {
            first: 3,
            settled: 2,
            at,
        };
        assert_eq!(Base::parse(&base.name()), Some(base));
        for other in ["base-0000000003", "x.seg", "base-1-2.json", ".x.part"] {
            assert_eq!(Segment::parse(other), None, "{other}");
            assert_eq!(Base::parse(other), None, "{other}");
        }
    }
}
