//! Names that a service told the redirect address and nobody else, kept until the sign-in that follows.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::base::time::Timestamp;

/// How long a name is kept.
const KEPT: Duration = Duration::from_mins(1);
/// Names kept at a time; more are not taken.
const MAX_NAMES: usize = 10_000;
/// Longest name, in bytes.
const MAX_LENGTH: usize = 150;

/// Names by the code that came with them. Only a hash of the code is kept.
#[derive(Debug, Default)]
pub struct RedirectNames(Mutex<HashMap<[u8; 32], Kept>>);

#[derive(Debug)]
struct Kept {
    name: String,
    until_ms: i64,
}

impl RedirectNames {
    /// Keeps a name for the sign-in with this code.
    pub fn put(&self, code: &str, name: &str, now: Timestamp) {
        if code.is_empty() || name.is_empty() || name.len() > MAX_LENGTH {
            return;
        }
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.retain(|_, kept| kept.until_ms > now.unix_ms());
        if names.len() < MAX_NAMES {
            let kept = i64::try_from(KEPT.as_millis()).unwrap_or_default();
            let kept = Kept {
                name: name.to_owned(),
                until_ms: now.unix_ms().saturating_add(kept),
            };
            names.insert(key(code), kept);
        }
    }

    /// Takes the name that came with a code; empty when there is none.
    pub fn take(&self, code: &str, now: Timestamp) -> String {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names
            .remove(&key(code))
            .filter(|kept| kept.until_ms > now.unix_ms())
            .map(|kept| kept.name)
            .unwrap_or_default()
    }
}

fn key(code: &str) -> [u8; 32] {
    Sha256::digest(code).into()
}

#[cfg(test)]
mod tests {
    use super::RedirectNames;
    use crate::base::time::Timestamp;

    #[test]
    fn a_name_is_there_once_and_for_a_minute() {
        let names = RedirectNames::default();
        let at = Timestamp::from_unix_ms;
        names.put("a", "Ada L.", at(0));
        names.put("b", "Bob", at(0));
        names.put("c", &"x".repeat(151), at(0));
        assert_eq!(names.take("a", at(59_000)), "Ada L.");
        assert_eq!(names.take("a", at(59_000)), "");
        assert_eq!(names.take("b", at(61_000)), "");
        assert_eq!(names.take("c", at(0)), "");
    }
}
