//! How threads share processors: none interrupts another, and those that work long step back for those that answer.

#[cfg(target_os = "linux")]
use preempt_rt::sched::{self, Pid, Scheduler, SchedulerParams};

/// How far: against a full load of others a quarter of a processor is left.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// Has the calling thread, and whatever it starts from now on, wait for its turn when it is woken, instead of interrupting
/// the thread that runs. An operator who chose another policy knows better.
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
pub fn step_back() {
    // On Linux the priority of a "process" is that of a thread.
    let own = rustix::thread::gettid();
    if let Err(error) = rustix::process::setpriority_process(Some(own), NICENESS) {
        tracing::warn!(%error, "a thread for slow work keeps its priority");
    }
}

#[cfg(not(target_os = "linux"))]
pub const fn step_back() {}
