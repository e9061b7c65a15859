//! The number of the schema's state, and waiting for a change of it to be over.
//!
//! The number is odd while an exclusive transaction is being made visible: between its commit and the moment when
//! everything that was derived from the old schema has been replaced. That takes as long as one flush to disk.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

#[derive(Debug, Default)]
pub(super) struct Epoch {
    number: AtomicU64,
    lock: Mutex<()>,
    settled: Condvar,
}

impl Epoch {
    pub(super) fn number(&self) -> u64 {
        self.number.load(SeqCst)
    }

    /// The number as soon as it is even; blocks for as long as it is not.
    pub(super) fn settled(&self) -> u64 {
        let number = self.number();
        if number.is_multiple_of(2) {
            return number;
        }
        let guard = self.locked();
        let waited = self
            .settled
            .wait_while(guard, |()| !self.number().is_multiple_of(2));
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        self.number()
    }

    /// Makes the number odd until the answer is dropped.
    pub(super) fn turn(&self) -> Turn<'_> {
        self.number.fetch_add(1, SeqCst);
        Turn(self)
    }

    fn locked(&self) -> MutexGuard<'_, ()> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A change that is being made visible. However it ends, nobody waits for it in vain.
#[derive(Debug)]
pub(super) struct Turn<'a>(&'a Epoch);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // Under the lock, so that nobody misses it between looking and waiting.
        let _guard = self.0.locked();
        self.0.number.fetch_add(1, SeqCst);
        self.0.settled.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::Epoch;

    #[test]
    fn a_change_is_waited_for() {
        let epoch = Epoch::default();
        let turn = epoch.turn();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| epoch.settled());
            drop(turn);
            assert_eq!(waiting.join().ok(), Some(2));
        });
        assert_eq!(epoch.settled(), 2);
    }
}
