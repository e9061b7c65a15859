//! The only source of randomness: ids, secrets, names of uploaded files.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rand::RngExt as _;

/// Length of a record id.
const RECORD_ID: usize = 15;

/// How many characters the record ids of a burst begin with alike, how many ids a burst has at most, and how long it
/// lasts.
const BURST_PREFIX: usize = 3;
const BURST_IDS: u32 = 128;
const BURST_TIME: Duration = Duration::from_millis(20);

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
/// Ids made in quick succession share their first three characters, which are drawn anew for every burst. So they lie
/// next to each other in an index, and a group of creates changes few of its pages; see
/// `docs/decisions/0009-ids-of-a-burst.md`. At least twelve characters of every id are its own.
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
/// Perf: one random number has room for all of them; those beyond the last multiple of what is needed are drawn again, lest
/// some ids be more likely than others.
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
#[derive(Debug)]
struct Burst {
    prefix: String,
    began: Instant,
    left: u32,
}

impl Burst {
    /// The beginning of the next id.
    fn prefix(burst: &mut Option<Self>, now: Instant) -> String {
        let burst = match burst {
            Some(burst)
                if burst.left > 0 && now.saturating_duration_since(burst.began) < BURST_TIME =>
            {
                burst
            }
            ended => ended.insert(Self {
                prefix: random_string(BURST_PREFIX, LOWER_ALNUM),
                began: now,
                left: BURST_IDS,
            }),
        };
        burst.left -= 1;
        let mut id = String::with_capacity(RECORD_ID);
        id.push_str(&burst.prefix);
        id
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

    use super::{BURST_IDS, BURST_TIME, Burst, LOWER_ALNUM, record_id};

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
    fn a_burst_ends_by_number_and_by_time() {
        let start = Instant::now();
        let mut burst = None;
        let prefixes: Vec<String> = (0..4 * BURST_IDS)
            .map(|_| Burst::prefix(&mut burst, start))
            .collect();
        let size = usize::try_from(BURST_IDS).unwrap();
        assert!(
            prefixes
                .chunks(size)
                .all(|chunk| chunk.iter().all(|prefix| *prefix == chunk[0]))
        );
        // Four draws out of 46,656 that are all the same would be a miracle.
        let later: HashSet<String> = (1..=4)
            .map(|n| Burst::prefix(&mut burst, start + BURST_TIME * n))
            .collect();
        assert!(later.len() > 1);
        let different: HashSet<&String> = prefixes.iter().collect();
        assert!(different.len() > 1);
    }
}
