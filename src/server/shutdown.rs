//! Asking the server to stop.

use tokio::sync::watch;

/// Tells all connections that the server is stopping. Clones share the state.
#[derive(Clone, Debug)]
pub struct Stop(watch::Sender<bool>);

impl Default for Stop {
    fn default() -> Self {
        Self(watch::Sender::new(false))
    }
}

impl Stop {
    /// Starts the shutdown; doing it again changes nothing.
    pub fn trigger(&self) {
        self.0.send_replace(true);
    }

    /// Waits until the shutdown starts.
    pub async fn triggered(&self) {
        // The sender lives in `self`, so waiting cannot fail.
        let mut receiver = self.0.subscribe();
        drop(receiver.wait_for(|stop| *stop).await);
    }
}
