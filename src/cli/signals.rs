//! Requests to end the process, from the system.

#[cfg(unix)]
use std::future::pending;
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

    /// Waits for something to be done, and remembers if the process is asked to end meanwhile. Nothing if it is asked
    /// again: then it is to end at once.
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
    /// The terminal is gone. Nothing where that is to be ignored.
    hangup: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl SystemSignals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: if is_hangup_left_alone() {
                None
            } else {
                Some(signal(SignalKind::hangup())?)
            },
        })
    }

    async fn next(&mut self) {
        let hangup = async {
            match &mut self.hangup {
                Some(hangup) => hangup.recv().await,
                None => pending().await,
            }
        };
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = hangup => {}
        }
    }
}

/// Whether the end of the terminal is nobody's business here: whoever started the process had it ignored (`nohup`),
/// which listening to the signal would undo, or that cannot be told.
#[cfg(unix)]
fn is_hangup_left_alone() -> bool {
    const HANGUP: u64 = 1;
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_none_or(|mask| mask & (1 << (HANGUP - 1)) != 0)
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
