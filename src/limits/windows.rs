//! Counting in fixed windows that begin with their first request. Bounded in memory.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const SHARDS: usize = 16;

/// Most windows of a shard. Beyond, some are forgotten early: whoever has so many addresses is not stopped by counting.
const MAX_WINDOWS: usize = 8_192;

/// What is counted separately.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) rule: usize,
    pub(super) bucket: u64,
    pub(super) ip: Option<IpAddr>,
}

#[derive(Debug, Default)]
pub(super) struct Windows {
    shards: [Mutex<HashMap<Key, Window>>; SHARDS],
    hasher: RandomState,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    ends: Instant,
    count: u64,
}

impl Windows {
    /// A number for whatever a rule counts separately.
    pub(super) fn bucket(&self, of: &impl Hash) -> u64 {
        self.hasher.hash_one(of)
    }

    /// Counts one more; the answer includes it.
    pub(super) fn count(&self, key: Key, length: Duration, now: Instant) -> u64 {
        let mut shard = self.shard(&key);
        if let Some(window) = shard.get_mut(&key)
            && now < window.ends
        {
            window.count += 1;
            return window.count;
        }
        if shard.len() >= MAX_WINDOWS {
            make_room(&mut shard, now);
        }
        let ends = now.checked_add(length).unwrap_or(now);
        shard.insert(key, Window { ends, count: 1 });
        1
    }

    /// Forgets windows that have ended.
    pub(super) fn clean_up(&self, now: Instant) {
        for shard in &self.shards {
            let mut shard = locked(shard);
            shard.retain(|_, window| now < window.ends);
            shard.shrink_to_fit();
        }
    }

    fn shard(&self, key: &Key) -> MutexGuard<'_, HashMap<Key, Window>> {
        let index = usize::try_from(self.hasher.hash_one(key) % SHARDS as u64).unwrap_or(0);
        locked(self.shards.get(index).unwrap_or(&self.shards[0]))
    }
}

/// Forgets what has ended, and half of the rest if that is nothing, so that the next call is far away.
fn make_room(shard: &mut HashMap<Key, Window>, now: Instant) {
    shard.retain(|_, window| now < window.ends);
    if shard.len() > MAX_WINDOWS / 2 {
        let mut keep = false;
        shard.retain(|_, _| {
            keep = !keep;
            keep
        });
    }
}

fn locked(shard: &Mutex<HashMap<Key, Window>>) -> MutexGuard<'_, HashMap<Key, Window>> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;
    use std::time::{Duration, Instant};

    use super::{Key, MAX_WINDOWS, SHARDS, Windows};

    #[test]
    fn a_flood_of_addresses_does_not_fill_the_memory() {
        let windows = Windows::default();
        let now = Instant::now();
        for n in 0..(SHARDS * MAX_WINDOWS * 3 / 2) as u128 {
            let key = Key {
                rule: 0,
                bucket: 0,
                ip: Some(Ipv6Addr::from_bits(n).into()),
            };
            windows.count(key, Duration::from_secs(10), now);
        }
        let kept: usize = windows
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap().len())
            .sum();
        assert!((SHARDS..=SHARDS * MAX_WINDOWS).contains(&kept), "{kept}");
        windows.clean_up(now + Duration::from_secs(11));
        assert!(
            windows
                .shards
                .iter()
                .all(|shard| shard.lock().unwrap().is_empty())
        );
    }
}
