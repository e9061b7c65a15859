//! How threads share processors: none interrupts another, and those that work long step back for those that answer.

#[cfg(target_os = "linux")]
use preempt_rt::sched::{self, Pid, Scheduler, SchedulerParams};
#[cfg(target_os = "linux")]
use rustix::{
    io,
    process::{getpid, getpriority_process, setpriority_process},
    thread::gettid,
};

/// How far a thread steps back, as a difference in niceness.
#[derive(Clone, Copy, Debug)]
pub enum Back {
    /// For work that somebody waits for: against a full load of others a quarter of a processor is left.
    Slow = 5,
    /// For work that takes a processor for a while: it matters, but does not stand still under load.
    Background = 10,
}

/// Has the calling thread, and whatever it starts from now on, wait for its turn when it is woken, instead of
/// interrupting the thread that runs. An operator who chose another policy knows better.
#[cfg(target_os = "linux")]
pub fn take_turns() {
    let this = Pid::current_thread();
    let outcome = match sched::get_scheduler(this) {
        Ok(Scheduler::SCHED_NORMAL) => sched::set_scheduler(
            this,
            Scheduler::SCHED_BATCH,
            SchedulerParams { priority: 0 },
        ),
        other => other.map(drop),
    };
    if let Err(error) = outcome {
        tracing::debug!(%error, "threads may interrupt each other");
    }
}

#[cfg(not(target_os = "linux"))]
pub const fn take_turns() {}

/// Lets the system prefer every other thread to this one, for good.
#[cfg(target_os = "linux")]
pub fn step_back(back: Back) {
    if let Err(error) = to_niceness(back) {
        tracing::warn!(%error, "a thread for slow work keeps its priority");
    }
}

#[cfg(not(target_os = "linux"))]
pub const fn step_back(_: Back) {}

/// Counts from the first thread, which has what the operator gave the program: that of the calling one is inherited
/// from whoever started it, and may be behind already.
#[cfg(target_os = "linux")]
fn to_niceness(back: Back) -> io::Result<()> {
    // On Linux the priority of a "process" is that of a thread.
    let own = Some(gettid());
    let niceness = getpriority_process(Some(getpid()))? + back as i32;
    if getpriority_process(own)? >= niceness {
        return Ok(());
    }
    setpriority_process(own, niceness)
}
