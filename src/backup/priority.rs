//! Packing takes a processor for a while: its thread steps back for those that answer requests.

/// How far a thread steps back: far enough for it to matter, not so far that it stands still under load.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 10;

/// Lets the system prefer every other thread to this one. Where that cannot be said, nothing happens.
#[cfg(target_os = "linux")]
pub(super) fn step_back() {
    // On Linux the priority of a "process" is that of a thread.
    let own = rustix::thread::gettid();
    if let Err(error) = rustix::process::setpriority_process(Some(own), NICENESS) {
        tracing::warn!(%error, "the thread that packs keeps its priority");
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) const fn step_back() {}
