//! Ending calls that nobody waits for any more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use tokio::sync::Notify;

/// Tells a call that nobody waits for it any more.
#[derive(Clone, Debug, Default)]
pub(super) struct Cancel(Arc<Cancelled>);

#[derive(Debug, Default)]
pub(super) struct Cancelled {
    is_set: AtomicBool,
    wake: Notify,
}

impl Cancel {
    pub(super) const fn of(cancelled: Arc<Cancelled>) -> Self {
        Self(cancelled)
    }

    pub(super) fn downgrade(&self) -> Weak<Cancelled> {
        Arc::downgrade(&self.0)
    }

    /// Ends the call soon.
    pub(super) fn cancel(&self) {
        self.0.is_set.store(true, Ordering::Release);
        self.0.wake.notify_waiters();
    }

    pub(super) fn is_set(&self) -> bool {
        self.0.is_set.load(Ordering::Acquire)
    }

    pub(super) async fn cancelled(&self) {
        loop {
            let notified = self.0.wake.notified();
            if self.is_set() {
                return;
            }
            notified.await;
        }
    }
}

/// Cancels when it is dropped.
#[derive(Debug)]
pub(super) struct CancelOnDrop(Option<Cancel>);

impl CancelOnDrop {
    pub(super) const fn new(cancel: Cancel) -> Self {
        Self(Some(cancel))
    }

    /// Lets the call go on.
    pub(super) fn disarm(mut self) {
        self.0 = None;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if let Some(cancel) = &self.0 {
            cancel.cancel();
        }
    }
}
