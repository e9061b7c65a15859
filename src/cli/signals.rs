//! Requests to end the process, from the system.

use std::pin::pin;

/// Requests to end the process. All that arrive after this was made are seen.
pub(super) struct Signals {
    system: SystemSignals,
    /// Whether the process was asked to end and has not begun to.
    pub(super) is_asked: bool,
}

impl Signals {
    pub(super) fn new() -> std::io::Result<Self> {
        Ok(Self {
            system: SystemSignals::new()?,
            is_asked: false,
        })
    }

    /// Waits until the process is asked to end.
    pub(super) async fn next(&mut self) {
        if !std::mem::take(&mut self.is_asked) {
            self.system.next().await;
        }
    }

    /// Waits for something to be done, and remembers if the process is asked to end meanwhile. Nothing if it is asked again:
    /// then it is to end at once.
    pub(super) async fn during<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                done = work.as_mut() => return Some(done),
                () = self.system.next() => {
                    if std::mem::replace(&mut self.is_asked, true) {
                        return None;
                    }
                    tracing::warn!("asked to end while starting; what runs is brought to its end first");
                }
            }
        }
    }
}

#[cfg(unix)]
struct SystemSignals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl SystemSignals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(windows)]
struct SystemSignals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl SystemSignals {
    fn new() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) {
        self.0.recv().await;
    }
}
