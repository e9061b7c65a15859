//! Guessing is slowed per account, name, place and address, whatever the rate limits of the settings say.
//!
//! Only failures count, so nobody who knows the password notices. After [`ACCOUNT`]'s burst of wrong guesses an account
//! takes one every few seconds, after [`ADDRESS`]'s an address; nobody waits longer than [`LONGEST_PAUSE`] for the next.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::base::time::Timestamp;

/// So many failures at once, then one per interval.
#[derive(Clone, Copy, Debug)]
struct Limit {
    burst: i64,
    interval_ms: i64,
}

/// For one account or name from wherever, and for one account from one place.
const ACCOUNT: Limit = Limit {
    burst: 20,
    interval_ms: 3_000,
};

/// For one address (a /64 of IPv6), at whatever accounts. Offices share one.
const ADDRESS: Limit = Limit {
    burst: 100,
    interval_ms: 500,
};

/// Parallel guesses may overdraw a limit; the pause they earn ends after this.
const LONGEST_PAUSE: i64 = 60_000;

/// Most entries kept. An entry is worthless a few seconds after its last failure.
const CAPACITY: usize = 100_000;

/// Tries at the codes of one account from one address.
const CODE_TRIES: u32 = 5;
/// Length of the window they are counted in.
const CODE_WINDOW_MS: i64 = 180_000;

/// Who failed lately.
#[derive(Debug, Default)]
pub struct Attempts {
    keys: RandomState,
    /// The moment at which the failures of a key are forgotten, in milliseconds since the Unix epoch.
    failures: Mutex<HashMap<u64, i64>>,
    /// Tries at codes, and when their window ends.
    codes: Mutex<HashMap<u64, (u32, i64)>>,
}

/// What is slowed.
#[derive(Clone, Copy, Debug, Hash)]
pub enum Target<'a> {
    /// An account: the ids of its collection and record.
    Account(&'a str, &'a str),
    /// Who someone claims to be: the collection's id and the name. It counts whether somebody has this name or not, so
    /// that nobody learns which.
    Name(&'a str, &'a str),
    /// An account as tried from one place: the ids of its collection and record, and what tells the place from others.
    Place(&'a str, &'a str, &'a str),
    /// Where requests come from.
    Address(IpAddr),
}

impl Target<'_> {
    const fn limit(self) -> Limit {
        match self {
            Self::Account(..) | Self::Name(..) | Self::Place(..) => ACCOUNT,
            Self::Address(_) => ADDRESS,
        }
    }
}

impl Attempts {
    /// Says whether the next attempt has to wait.
    pub fn is_slowed(&self, target: Target<'_>, now: Timestamp) -> bool {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let ends = failures.get(&self.key(target)).copied().unwrap_or_default();
        let limit = target.limit();
        ends - (limit.burst - 1) * limit.interval_ms > now.unix_ms()
    }

    /// Counts a failure.
    pub fn failed(&self, target: Target<'_>, now: Timestamp) {
        let (key, limit, now) = (self.key(target), target.limit(), now.unix_ms());
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= CAPACITY {
            failures.retain(|_, ends| *ends > now);
            if failures.len() >= CAPACITY {
                return;
            }
        }
        let ends = failures.entry(key).or_default();
        let latest = now + (limit.burst - 1) * limit.interval_ms + LONGEST_PAUSE;
        *ends = ((*ends).max(now) + limit.interval_ms).min(latest);
    }

    /// Counts a try at a code of an account; `false` when there were too many.
    pub fn try_code(&self, record: &str, address: Option<IpAddr>, now: Timestamp) -> bool {
        let (key, now) = (self.keys.hash_one((record, address)), now.unix_ms());
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        if codes.len() >= CAPACITY {
            codes.retain(|_, (_, ends)| *ends > now);
            if codes.len() >= CAPACITY {
                return false;
            }
        }
        let (tries, ends) = codes.entry(key).or_insert((0, now + CODE_WINDOW_MS));
        if *ends <= now {
            (*tries, *ends) = (0, now + CODE_WINDOW_MS);
        }
        *tries = tries.saturating_add(1);
        *tries <= CODE_TRIES
    }

    fn key(&self, target: Target<'_>) -> u64 {
        match target {
            Target::Account(..) | Target::Name(..) | Target::Place(..) => {
                self.keys.hash_one(target)
            }
            Target::Address(address) => self.keys.hash_one(network(address)),
        }
    }
}

/// What one subscriber of a provider has: an IPv4 address, or 64 bits of an IPv6 one.
fn network(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_bits().into(),
        IpAddr::V6(v6) => v6.to_bits() | u128::from(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::{ACCOUNT, ADDRESS, Attempts, Target};
    use crate::base::time::Timestamp;

    fn at(ms: i64) -> Timestamp {
        Timestamp::from_unix_ms(ms)
    }

    #[test]
    fn failures_slow_the_next_ones() {
        let attempts = Attempts::default();
        let account = Target::Account("users", "ann");
        for n in 0..ACCOUNT.burst {
            assert!(!attempts.is_slowed(account, at(0)), "{n}");
            attempts.failed(account, at(0));
        }
        assert!(attempts.is_slowed(account, at(0)));
        assert!(!attempts.is_slowed(Target::Account("users", "bob"), at(0)));
        assert!(!attempts.is_slowed(Target::Name("users", "ann"), at(0)));
        assert!(!attempts.is_slowed(Target::Place("users", "ann", "home"), at(0)));
        assert!(attempts.is_slowed(account, at(ACCOUNT.interval_ms - 1)));
        assert!(!attempts.is_slowed(account, at(ACCOUNT.interval_ms)));
        attempts.failed(account, at(ACCOUNT.interval_ms));
        assert!(attempts.is_slowed(account, at(ACCOUNT.interval_ms)));
    }

    #[test]
    fn nobody_is_locked_out_for_long() {
        let attempts = Attempts::default();
        let account = Target::Account("users", "ann");
        for _ in 0..1000 {
            attempts.failed(account, at(0));
        }
        assert!(attempts.is_slowed(account, at(super::LONGEST_PAUSE - 1)));
        assert!(!attempts.is_slowed(account, at(super::LONGEST_PAUSE)));
    }

    #[test]
    fn addresses_of_one_subscriber_count_together() {
        let attempts = Attempts::default();
        let address = |text: &str| Target::Address(text.parse::<IpAddr>().unwrap());
        for _ in 0..ADDRESS.burst {
            attempts.failed(address("2001:db8::1"), at(0));
        }
        assert!(attempts.is_slowed(address("2001:db8::2"), at(0)));
        assert!(!attempts.is_slowed(address("2001:db8:0:1::1"), at(0)));
        assert!(!attempts.is_slowed(address("192.0.2.1"), at(0)));
    }

    #[test]
    fn codes_are_tried_a_few_times() {
        let attempts = Attempts::default();
        let tries = |at: Timestamp| (0..6).filter(|_| attempts.try_code("r", None, at)).count();
        assert_eq!(tries(at(0)), 5);
        assert_eq!(tries(at(179_999)), 0);
        assert_eq!(tries(at(180_000)), 5);
    }
}
