//! At most one mail of a kind to an account within a while, and some to wherever else one account has mails sent.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::base::time::Timestamp;

/// Time between two mails about the same; and between two of one account after the first [`BURST`].
const PAUSE: Duration = Duration::from_mins(2);

/// Mails about different things that one account may cause at once.
const BURST: i64 = 10;

/// Most entries kept; when all of them are recent, nothing more is sent for a while.
const CAPACITY: usize = 50_000;

/// What was sent lately.
#[derive(Debug, Default)]
pub struct Throttle {
    sent: Mutex<HashMap<String, i64>>,
    /// The moment at which the mails an account caused are forgotten.
    caused: Mutex<HashMap<String, i64>>,
}

impl Throttle {
    /// Says whether something may be sent now, and remembers that it was.
    pub fn take(&self, about: &str, now: Timestamp) -> bool {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |at: i64| now.unix_ms().saturating_sub(at) < pause_ms();
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
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.remove(about);
    }

    /// Says whether an account may cause one more mail of a kind, whatever it is about, and remembers that it did.
    pub fn take_from(&self, account: &str, now: Timestamp) -> bool {
        let mut caused = self.caused.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now.unix_ms();
        let ends = caused.get(account).copied().unwrap_or_default().max(now);
        if ends - (BURST - 1) * pause_ms() > now {
            return false;
        }
        if caused.len() >= CAPACITY {
            caused.retain(|_, ends| *ends > now);
            if caused.len() >= CAPACITY {
                return false;
            }
        }
        caused.insert(account.to_owned(), ends + pause_ms());
        true
    }
}

fn pause_ms() -> i64 {
    i64::try_from(PAUSE.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{BURST, Throttle};
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

    #[test]
    fn an_account_causes_a_few_mails() {
        let throttle = Throttle::default();
        let at = |seconds: i64| Timestamp::from_unix_ms(seconds * 1000);
        for n in 0..BURST {
            assert!(throttle.take_from("ann", at(0)), "{n}");
        }
        assert!(!throttle.take_from("ann", at(119)));
        assert!(throttle.take_from("bob", at(119)));
        assert!(throttle.take_from("ann", at(120)));
        assert!(!throttle.take_from("ann", at(120)));
    }
}
