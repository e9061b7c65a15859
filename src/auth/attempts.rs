//! Guessing is slowed per account, name, place and address, whatever the rate limits of the settings say.
//!
//! Only failures count, so nobody who knows the password notices. After [`ACCOUNT`]'s burst of wrong guesses an account
//! takes one every few seconds, after [`ADDRESS`]'s an address; nobody waits longer than [`LONGEST_PAUSE`] for the
//! next.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many failures at once, then one per interval.
#[derive(Clone, Copy, Debug)]
struct Limit {
    burst: u32,
    interval: Duration,
}

impl Limit {
    /// How far ahead the end of what failed may lie before the next attempt has to wait.
    fn leeway(self) -> Duration {
        self.interval * (self.burst - 1)
    }
}

/// For one account or name from wherever, and for one account from one place.
const ACCOUNT: Limit = Limit {
    burst: 20,
    interval: Duration::from_secs(3),
};

/// For one address (a /64 of IPv6), at whatever accounts. Offices share one.
const ADDRESS: Limit = Limit {
    burst: 100,
    interval: Duration::from_millis(500),
};

/// Parallel guesses may overdraw a limit; the pause they earn ends after this.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Most entries kept. An entry is worthless a few seconds after its last failure.
const CAPACITY: usize = 100_000;

/// Tries at the codes of one account from one address (a /64 of IPv6).
const CODE_TRIES: u32 = 5;
/// Length of the window they are counted in.
const CODE_WINDOW: Duration = Duration::from_mins(3);

/// Who failed lately. Measured with a clock that nobody sets: one that is put back must not keep anybody waiting.
#[derive(Debug, Default)]
pub struct Attempts {
    keys: RandomState,
    /// The moment at which the failures of a key are forgotten.
    failures: Mutex<HashMap<u64, Instant>>,
    /// Tries at codes, and when their window ends.
    codes: Mutex<HashMap<u64, (u32, Instant)>>,
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
    pub fn is_slowed(&self, target: Target<'_>, now: Instant) -> bool {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures
            .get(&self.key(target))
            .is_some_and(|ends| ends.saturating_duration_since(now) > target.limit().leeway())
    }

    /// Counts a failure.
    pub fn failed(&self, target: Target<'_>, now: Instant) {
        let (key, limit) = (self.key(target), target.limit());
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= CAPACITY {
            failures.retain(|_, ends| *ends > now);
            if failures.len() >= CAPACITY {
                return;
            }
        }
        let ends = failures.entry(key).or_insert(now);
        let latest = now + limit.leeway() + LONGEST_PAUSE;
        *ends = ((*ends).max(now) + limit.interval).min(latest);
    }

    /// Counts a try at a code of an account; `false` when there were too many.
    pub fn try_code(&self, record: &str, address: Option<IpAddr>, now: Instant) -> bool {
        let key = self.keys.hash_one((record, address.map(network)));
        let mut codes = self.codes.lock().unwrap_or_else(PoisonError::into_inner);
        if codes.len() >= CAPACITY {
            codes.retain(|_, (_, ends)| *ends > now);
            if codes.len() >= CAPACITY {
                return false;
            }
        }
        let (tries, ends) = codes.entry(key).or_insert((0, now + CODE_WINDOW));
        if *ends <= now {
            (*tries, *ends) = (0, now + CODE_WINDOW);
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
    use std::time::{Duration, Instant};

    use super::{ACCOUNT, ADDRESS, Attempts, CODE_WINDOW, LONGEST_PAUSE, Target};

    fn almost(time: Duration) -> Duration {
        time.saturating_sub(Duration::from_millis(1))
    }

    #[test]
    fn failures_slow_the_next_ones() {
        let (attempts, start) = (Attempts::default(), Instant::now());
        let account = Target::Account("users", "ann");
        for n in 0..ACCOUNT.burst {
            assert!(!attempts.is_slowed(account, start), "{n}");
            attempts.failed(account, start);
        }
        assert!(attempts.is_slowed(account, start));
        assert!(!attempts.is_slowed(Target::Account("users", "bob"), start));
        assert!(!attempts.is_slowed(Target::Name("users", "ann"), start));
        assert!(!attempts.is_slowed(Target::Place("users", "ann", "home"), start));
        assert!(attempts.is_slowed(account, start + almost(ACCOUNT.interval)));
        assert!(!attempts.is_slowed(account, start + ACCOUNT.interval));
        attempts.failed(account, start + ACCOUNT.interval);
        assert!(attempts.is_slowed(account, start + ACCOUNT.interval));
    }

    #[test]
    fn nobody_is_locked_out_for_long() {
        let (attempts, start) = (Attempts::default(), Instant::now());
        let account = Target::Account("users", "ann");
        for _ in 0..1000 {
            attempts.failed(account, start);
        }
        assert!(attempts.is_slowed(account, start + almost(LONGEST_PAUSE)));
        assert!(!attempts.is_slowed(account, start + LONGEST_PAUSE));
    }

    #[test]
    fn addresses_of_one_subscriber_count_together() {
        let (attempts, start) = (Attempts::default(), Instant::now());
        let address = |text: &str| Target::Address(text.parse::<IpAddr>().unwrap());
        for _ in 0..ADDRESS.burst {
            attempts.failed(address("2001:db8::1"), start);
        }
        assert!(attempts.is_slowed(address("2001:db8::2"), start));
        assert!(!attempts.is_slowed(address("2001:db8:0:1::1"), start));
        assert!(!attempts.is_slowed(address("192.0.2.1"), start));
    }

    #[test]
    fn codes_are_tried_a_few_times() {
        let (attempts, start) = (Attempts::default(), Instant::now());
        let tries = |at: Instant| (0..6).filter(|_| attempts.try_code("r", None, at)).count();
        assert_eq!(tries(start), 5);
        assert_eq!(tries(start + almost(CODE_WINDOW)), 0);
        assert_eq!(tries(start + CODE_WINDOW), 5);
    }

    #[test]
    fn one_subscriber_tries_codes_from_one_address() {
        let (attempts, start) = (Attempts::default(), Instant::now());
        let tried = |text: &str| {
            let address = text.parse::<IpAddr>().unwrap();
            attempts.try_code("r", Some(address), start)
        };
        for n in 1..=5 {
            assert!(tried(&format!("2001:db8::{n}")));
        }
        assert!(!tried("2001:db8::6"));
        assert!(tried("2001:db8:0:1::1"));
        assert!(tried("192.0.2.1"));
    }
}
