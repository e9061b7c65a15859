//! How a replica is doing, for whoever watches.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::time::Timestamp;

/// The state of a replica. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Status(Arc<Mutex<Facts>>);

/// What is known about a replica.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Where it is; nothing while there is none.
    pub place: Option<String>,
    pub generation: String,
    /// Everything committed before this moment is in the place.
    pub up_to: Option<Timestamp>,
    /// When the newest image was complete.
    pub base_at: Option<Timestamp>,
    /// Segments and bytes that were put since the server started.
    pub segments: u64,
    pub bytes: u64,
    /// Why nothing goes through at the moment.
    pub error: Option<String>,
}

impl Facts {
    /// How long ago the moment was of which the place has everything.
    pub fn lag_ms(&self, now: Timestamp) -> Option<i64> {
        let up_to = self.up_to?;
        Some(now.unix_ms().saturating_sub(up_to.unix_ms()).max(0))
    }
}

impl Status {
    /// What is known now.
    pub fn facts(&self) -> Facts {
        self.lock().clone()
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Facts)) {
        change(&mut self.lock());
    }

    fn lock(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
