//! At most one mail of a kind to an account within a while.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::base::time::Timestamp;

/// Time between two mails about the same.
const PAUSE: Duration = Duration::from_mins(2);

/// Most entries kept; when all of them are recent, nothing more is sent for a while.
const CAPACITY: usize = 50_000;

/// What was sent lately.
#[derive(Debug, Default)]
pub struct Throttle(Mutex<HashMap<String, i64>>);

impl Throttle {
    /// Says whether something may be sent now, and remembers that it was.
    pub fn take(&self, about: &str, now: Timestamp) -> bool {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pause = i64::try_from(PAUSE.as_millis()).unwrap_or(i64::MAX);
        let is_recent = |at: i64| now.unix_ms().saturating_sub(at) < pause;
        if sent.get(about).is_some_and(|at| is_recent(*at)) {
            return false;
        }
        if sent.len() >= CAPACITY {
            sent.retain(|_, at| is_recent(*at));
            if sent.len() >= CAPACITY {
                return false;
            }
        }
        sent.insert(about.to_owned(), now.unix_ms());
        true
    }

    /// Forgets a mail that could not be sent.
    pub fn give_back(&self, about: &str) {
        let mut sent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sent.remove(about);
    }
}

#[cfg(test)]
mod tests {
    use super::Throttle;
    use crate::base::time::Timestamp;

    #[test]
    fn the_same_is_sent_again_after_a_while() {
        let throttle = Throttle::default();
        let at = |seconds: i64| Timestamp::from_unix_ms(seconds * 1000);
        assert!(throttle.take("a", at(0)));
        assert!(!throttle.take("a", at(119)));
        assert!(throttle.take("b", at(119)));
        assert!(throttle.take("a", at(120)));
        throttle.give_back("a");
        assert!(throttle.take("a", at(121)));
    }
}
