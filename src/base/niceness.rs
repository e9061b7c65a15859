//! Which threads step back when processors are short: those that work long, for those that answer.

/// How far: against a full load of others a quarter of a processor is left.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// Lets the system prefer every other thread to this one, for good.
#[cfg(target_os = "linux")]
pub fn step_back() {
    // On Linux the priority of a "process" is that of a thread.
    let own = rustix::thread::gettid();
    if let Err(error) = rustix::process::setpriority_process(Some(own), NICENESS) {
        tracing::warn!(%error, "a thread for slow work keeps its priority");
    }
}

#[cfg(not(target_os = "linux"))]
pub const fn step_back() {}
