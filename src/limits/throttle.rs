//! Slowing down those who guess: lists that find nothing, again and again.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use crate::limits::windows::{Key, Windows};

const WINDOW: Duration = Duration::from_secs(3);

/// Empty answers per window that are not slowed.
const FREE: u64 = 3;

/// Longest delay, in milliseconds.
const MAX_DELAY_MS: u64 = 500;

/// Counts filtered lists without results, by address and collection.
#[derive(Debug, Default)]
pub struct Throttle(Windows);

impl Throttle {
    /// Counts an empty answer; how long it has to wait. Random, so that its length tells nothing.
    pub fn delay(&self, ip: Option<IpAddr>, collection_id: &str, now: Instant) -> Option<Duration> {
        let key = Key {
            rule: 0,
            bucket: self.0.bucket(&collection_id),
            ip,
        };
        (self.0.count(key, WINDOW, now) > FREE)
            .then(|| Duration::from_millis(rand::random_range(0..=MAX_DELAY_MS)))
    }

    /// Forgets counts whose time is over.
    pub fn clean_up(&self, now: Instant) {
        self.0.clean_up(now);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Throttle;

    #[test]
    fn the_fourth_empty_answer_waits() {
        let throttle = Throttle::default();
        let now = Instant::now();
        for _ in 0..3 {
            assert_eq!(throttle.delay(None, "a", now), None);
        }
        let delay = throttle.delay(None, "a", now);
        assert!(delay.is_some_and(|delay| delay <= Duration::from_millis(500)));
        assert_eq!(throttle.delay(None, "b", now), None);
        assert_eq!(
            throttle.delay(None, "a", now + Duration::from_secs(3)),
            None
        );
    }
}
