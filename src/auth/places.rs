//! Places that accounts signed in from lately, kept in memory for collections that do not store them.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

/// Most places kept of an account; one that signs in from many forgets its own, nobody else's.
const PER_ACCOUNT: usize = 5;

/// Accounts in one generation. Two are kept, so what was used lately stays.
const GENERATION: usize = 20_000;

/// Where accounts signed in from.
#[derive(Debug, Default)]
pub struct Places {
    keys: RandomState,
    kept: Mutex<Kept>,
}

/// The places of accounts, the latest of each last.
#[derive(Debug, Default)]
struct Kept {
    young: HashMap<u64, Vec<u64>>,
    old: HashMap<u64, Vec<u64>>,
}

impl Places {
    /// Keeps a place of an account; both are ids and what tells the place from others.
    pub fn remember(&self, collection: &str, record: &str, place: &str) {
        let (account, place) = self.key(collection, record, place);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let mut places = match kept.young.remove(&account) {
            Some(places) => places,
            None => kept.old.remove(&account).unwrap_or_default(),
        };
        places.retain(|known| *known != place);
        if places.len() >= PER_ACCOUNT {
            places.remove(0);
        }
        places.push(place);
        if kept.young.len() >= GENERATION {
            kept.old = std::mem::take(&mut kept.young);
        }
        kept.young.insert(account, places);
    }

    /// Says whether an account signed in from a place lately.
    pub fn knows(&self, collection: &str, record: &str, place: &str) -> bool {
        let (account, place) = self.key(collection, record, place);
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        [&kept.young, &kept.old]
            .into_iter()
            .filter_map(|generation| generation.get(&account))
            .any(|places| places.contains(&place))
    }

    fn key(&self, collection: &str, record: &str, place: &str) -> (u64, u64) {
        (
            self.keys.hash_one((collection, record)),
            self.keys.hash_one(place),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::{GENERATION, PER_ACCOUNT, Places};

    #[test]
    fn an_account_forgets_its_oldest_places() {
        let places = Places::default();
        places.remember("users", "bob", "home");
        for n in 0..=PER_ACCOUNT {
            places.remember("users", "ann", &n.to_string());
        }
        assert!(!places.knows("users", "ann", "0"));
        assert!((1..=PER_ACCOUNT).all(|n| places.knows("users", "ann", &n.to_string())));
        assert!(places.knows("users", "bob", "home"));
        assert!(!places.knows("users", "ann", "home"));
        assert!(!places.knows("clients", "bob", "home"));
    }

    #[test]
    fn what_was_used_lately_is_kept_among_many() {
        let places = Places::default();
        places.remember("users", "ann", "home");
        places.remember("users", "bob", "home");
        for n in 0..GENERATION {
            places.remember("users", &n.to_string(), "home");
        }
        places.remember("users", "ann", "home");
        for n in 0..GENERATION {
            places.remember("more", &n.to_string(), "home");
        }
        assert!(places.knows("users", "ann", "home"));
        assert!(!places.knows("users", "bob", "home"));
    }
}
