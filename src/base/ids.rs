//! The only source of randomness: ids, secrets, names of uploaded files.

use rand::RngExt as _;

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
