//! At most one mail of a kind to an account within a while, and some to wherever else one account has mails sent.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Time between two mails about the same; and between two of one account after the first [`BURST`].
const PAUSE: Duration = Duration::from_mins(2);

/// Mails about different things that one account may cause at once.
const BURST: u32 = 10;

/// Most entries kept; when all of them are recent, nothing more is sent for a while.
const CAPACITY: usize = 50_000;

/// What was sent lately. Measured with a clock that nobody sets: one that is put back must not hold mails up.
#[derive(Debug, Default)]
pub struct MailPace {
    sent: Mutex<HashMap<String, Instant>>,
    /// The moment at which the mails an account caused are forgotten.
    caused: Mutex<HashMap<String, Instant>>,
}

impl MailPace {
    /// Says whether something may be sent now, and remembers that it was.
    pub fn take(&self, about: &str, now: Instant) -> bool {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |at: Instant| now.saturating_duration_since(at) < PAUSE;
        if sent.get(about).is_some_and(|at| is_recent(*at)) {
            return false;
        }
        if sent.len() >= CAPACITY {
            sent.retain(|_, at| is_recent(*at));
            if sent.len() >= CAPACITY {
                return false;
            }
        }
        sent.insert(about.to_owned(), now);
        true
    }

    /// Forgets a mail that could not be sent, or was of use.
    pub fn give_back(&self, about: &str) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.remove(about);
    }

    /// Says whether an account may cause one more mail of a kind, whatever it is about, and remembers that it did.
    pub fn take_from(&self, account: &str, now: Instant) -> bool {
        let mut caused = self.caused.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = caused.get(account).copied().unwrap_or(now).max(now);
        if ends.saturating_duration_since(now) > PAUSE * (BURST - 1) {
            return false;
        }
        if caused.len() >= CAPACITY {
            caused.retain(|_, ends| *ends > now);
            if caused.len() >= CAPACITY {
                return false;
            }
        }
        caused.insert(account.to_owned(), ends + PAUSE);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{BURST, MailPace};

    #[test]
    fn the_same_is_sent_again_after_a_while() {
        let (pace, start) = (MailPace::default(), Instant::now());
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        assert!(pace.take("a", at(0)));
        assert!(!pace.take("a", at(119)));
        assert!(pace.take("b", at(119)));
        assert!(pace.take("a", at(120)));
        pace.give_back("a");
        assert!(pace.take("a", at(121)));
    }

    #[test]
    fn an_account_causes_a_few_mails() {
        let (pace, start) = (MailPace::default(), Instant::now());
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        for n in 0..BURST {
            assert!(pace.take_from("ann", at(0)), "{n}");
        }
        assert!(!pace.take_from("ann", at(119)));
        assert!(pace.take_from("bob", at(119)));
        assert!(pace.take_from("ann", at(120)));
        assert!(!pace.take_from("ann", at(120)));
    }
}
