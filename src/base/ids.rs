//! The only source of randomness: ids, secrets, names of uploaded files.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rand::RngExt as _;

/// Length of a record id.
const RECORD_ID: usize = 15;

/// How many characters the record ids of a burst begin with alike, how many ids a burst has at most, and how long it
/// lasts.
const BURST_PREFIX: u32 = 3;
const BURST_IDS: u32 = 128;
const BURST_TIME: Duration = Duration::from_millis(20);

/// How many bursts that had all their ids in time follow each other in order.
const RUN_BURSTS: u32 = 16;

/// The beginnings there are.
const PREFIXES: u32 = 36_u32.pow(BURST_PREFIX);

/// The alphabet of record ids in the order of an index.
const SORTED: [u8; 36] = *b"0123456789abcdefghijklmnopqrstuvwxyz";

/// How many characters of an id are its own.
const OWN_PART: u32 = 12;

/// Lower-case letters and digits, the alphabet of record ids and file name suffixes.
pub const LOWER_ALNUM: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// Letters and digits, the alphabet of secrets and client ids.
pub const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Returns `length` characters drawn uniformly from an ASCII alphabet, from a cryptographic generator.
pub fn random_string(length: usize, alphabet: &[u8]) -> String {
    let mut rng = rand::rng();
    (0..length)
        .map(|_| char::from(alphabet[rng.random_range(0..alphabet.len())]))
        .collect()
}

/// Returns a record id: 15 lower-case letters and digits.
///
/// Ids made in quick succession share their first three characters. So they lie next to each other in an index, and a
/// group of creates changes few of its pages. The next burst takes the next three characters if the load is high, up to
/// a limit; otherwise they are drawn anew. See `docs/decisions/0009-ids-of-a-burst.md`. Twelve characters of every id
/// are its own.
pub fn record_id() -> String {
    static BURST: Mutex<Option<Burst>> = Mutex::new(None);
    let mut id = {
        let mut burst = BURST.lock().unwrap_or_else(PoisonError::into_inner);
        Burst::prefix(&mut burst, Instant::now())
    };
    push_own_part(&mut id);
    id
}

/// Appends twelve characters drawn uniformly.
///
/// Perf: one random number has room for all of them; those beyond the last multiple of what is needed are drawn again,
/// lest some ids be more likely than others.
fn push_own_part(id: &mut String) {
    const LETTERS: u64 = LOWER_ALNUM.len() as u64;
    const IDS: u64 = LETTERS.pow(OWN_PART);
    let mut rng = rand::rng();
    let mut rest = loop {
        let number: u64 = rng.random();
        if number < u64::MAX / IDS * IDS {
            break number % IDS;
        }
    };
    for _ in 0..OWN_PART {
        let letter = usize::try_from(rest % LETTERS).unwrap_or_default();
        id.push(char::from(LOWER_ALNUM[letter]));
        rest /= LETTERS;
    }
}

/// Record ids that begin alike.
#[derive(Clone, Copy, Debug)]
struct Burst {
    /// The place of their beginning among all.
    prefix: u32,
    began: Instant,
    left: u32,
    /// Bursts that may still follow this one in order.
    followers: u32,
}

impl Burst {
    /// The beginning of the next id.
    fn prefix(burst: &mut Option<Self>, now: Instant) -> String {
        let current = match *burst {
            Some(burst) if now.saturating_duration_since(burst.began) < BURST_TIME => {
                if burst.left > 0 {
                    burst
                } else {
                    burst.next(now)
                }
            }
            _ => Self::anew(now),
        };
        *burst = Some(Self {
            left: current.left - 1,
            ..current
        });
        let mut id = String::with_capacity(RECORD_ID);
        for place in (0..BURST_PREFIX).rev() {
            let letter = current.prefix / 36_u32.pow(place) % 36;
            id.push(char::from(SORTED[letter as usize]));
        }
        id
    }

    fn anew(now: Instant) -> Self {
        Self {
            prefix: rand::rng().random_range(0..PREFIXES),
            began: now,
            left: BURST_IDS,
            followers: RUN_BURSTS - 1,
        }
    }

    /// The burst after one that had all its ids.
    fn next(self, now: Instant) -> Self {
        if self.followers == 0 {
            return Self::anew(now);
        }
        Self {
            prefix: (self.prefix + 1) % PREFIXES,
            began: now,
            left: BURST_IDS,
            followers: self.followers - 1,
        }
    }
}

/// Returns a number in `0..bound`; 0 when `bound` is 0.
pub fn random_below(bound: usize) -> usize {
    if bound == 0 {
        0
    } else {
        rand::rng().random_range(0..bound)
    }
}

/// Fills a buffer with random bytes.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    rand::rng().random()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::time::Instant;

    use super::{BURST_IDS, BURST_TIME, Burst, LOWER_ALNUM, PREFIXES, RUN_BURSTS, record_id};

    #[test]
    fn record_ids_are_fifteen_of_the_alphabet_and_never_the_same() {
        let ids: HashSet<String> = (0..10_000).map(|_| record_id()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(
            ids.iter()
                .all(|id| id.len() == 15 && id.bytes().all(|byte| LOWER_ALNUM.contains(&byte)))
        );
    }

    #[test]
    fn bursts_follow_each_other_while_ids_are_made_quickly() {
        let start = Instant::now();
        let mut burst = None;
        let all = RUN_BURSTS * 3 * BURST_IDS;
        let prefixes: Vec<String> = (0..all).map(|_| Burst::prefix(&mut burst, start)).collect();
        let size = usize::try_from(BURST_IDS).unwrap();
        assert!(
            prefixes
                .chunks(size)
                .all(|chunk| chunk.iter().all(|prefix| *prefix == chunk[0]))
        );
        let place = |prefix: &str| u32::from_str_radix(prefix, 36).unwrap();
        let bursts: Vec<u32> = prefixes
            .iter()
            .step_by(size)
            .map(|prefix| place(prefix))
            .collect();
        for run in bursts.chunks(usize::try_from(RUN_BURSTS).unwrap()) {
            assert!(run.is_sorted_by(|a, b| *b == (a + 1) % PREFIXES), "{run:?}");
        }
        // Each of three runs beginning where the last ended would be a miracle.
        assert!(!bursts.is_sorted_by(|a, b| *b == (a + 1) % PREFIXES));
    }

    #[test]
    fn a_burst_that_took_too_long_is_not_followed() {
        let start = Instant::now();
        let mut burst = None;
        // Five draws out of 46,656 that are all the same would be a miracle.
        let prefixes: HashSet<String> = (0..5)
            .map(|n| Burst::prefix(&mut burst, start + BURST_TIME * n))
            .collect();
        assert!(prefixes.len() > 1);
    }
}
