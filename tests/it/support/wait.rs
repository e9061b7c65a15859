//! Waiting for what happens behind an answer.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Longest wait for anything: far more than it takes, even where much else runs.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Time left to the server between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until a condition holds.
#[track_caller]
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    until_some(what, || holds().then_some(()));
}

/// Waits until there is something, and gives it.
#[track_caller]
pub(crate) fn until_some<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}: waited in vain");
        std::thread::sleep(PAUSE);
    }
}

/// Sets a flag when dropped. Threads of a scope that go on until then end also when the test fails: the scope waits for
/// them before it tells.
#[derive(Debug)]
pub(crate) struct SetOnDrop<'a>(pub(crate) &'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
