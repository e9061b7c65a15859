//! The threads scripts run on: few, with large stacks, and a bounded queue in front of them.
//!
//! A script thread may wait, for a database or for another operation; that is what it is for. What it waits for is
//! driven here as well ([`block_on`]), so that an event in an operation that a script started is handled on the same
//! thread and no thread ever waits for another one of the pool.

use std::cell::Cell;
use std::collections::VecDeque;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use crate::base::metrics::SCRIPTS;
use crate::hooks::cancel::{Cancel, Cancelled};
use crate::hooks::limits::size;
use crate::settings::Hooks as Limits;

/// Scripts may nest calls and saves; deep recursion is ended by the script limits long before this is used up.
const STACK: usize = 64 << 20;

/// A thread without work for this long ends.
const IDLE: Duration = Duration::from_secs(20);

type Job = Box<dyn FnOnce() + Send>;

/// The pool; clones share it.
#[derive(Clone, Debug)]
pub(super) struct Pool(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    arrived: Condvar,
    max_threads: AtomicUsize,
    /// Jobs that may wait for a thread.
    max_waiting: AtomicUsize,
    runtime: Handle,
    /// Calls that end when the server stops.
    calls: Mutex<Vec<Weak<Cancelled>>>,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    n_threads: usize,
    n_idle: usize,
    /// A thread was woken, or started, and has not come for a job yet.
    is_one_coming: bool,
    closed: bool,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State")
            .field("waiting", &self.waiting.len())
            .field("threads", &self.n_threads)
            .finish_non_exhaustive()
    }
}

/// Why a job was not taken.
#[derive(Clone, Copy, Debug)]
pub(super) struct Refused;

thread_local! {
    static IS_SCRIPT_THREAD: Cell<bool> = const { Cell::new(false) };
}

/// Says whether this is a thread of the pool.
pub(super) fn is_script_thread() -> bool {
    IS_SCRIPT_THREAD.get()
}

/// Does something on a thread of the pool as if it were none: events in it go through the pool.
pub(super) fn as_outside<T>(work: impl FnOnce() -> T) -> T {
    let was = IS_SCRIPT_THREAD.replace(false);
    let result = work();
    IS_SCRIPT_THREAD.set(was);
    result
}

impl Pool {
    /// A pool with the default limits; threads are started when needed.
    pub(super) fn new(runtime: Handle) -> Self {
        let pool = Self::of(runtime, 0);
        pool.configure(&Limits::default());
        pool
    }

    /// A pool of so many threads, for which as many jobs may wait.
    pub(super) fn of(runtime: Handle, threads: usize) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::default(),
            arrived: Condvar::new(),
            max_threads: AtomicUsize::new(threads),
            max_waiting: AtomicUsize::new(threads),
            runtime,
            calls: Mutex::default(),
        }))
    }

    /// Follows the settings.
    pub(super) fn configure(&self, limits: &Limits) {
        let threads = match size(limits.concurrent) {
            0 => thread::available_parallelism().map_or(1, usize::from) * 4,
            n => n,
        };
        self.0.max_threads.store(threads, Ordering::Relaxed);
        let waiting = size(limits.queue);
        self.0.max_waiting.store(waiting, Ordering::Relaxed);
    }

    /// A way to end a call, which the pool uses when the server stops.
    pub(super) fn cancel(&self) -> Cancel {
        let cancel = Cancel::default();
        let mut calls = self.0.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.retain(|call| call.strong_count() > 0);
        calls.push(cancel.downgrade());
        cancel
    }

    /// Ends the calls that can be ended.
    pub(super) fn cancel_all(&self) {
        let calls = self.0.calls.lock().unwrap_or_else(PoisonError::into_inner);
        for call in calls.iter().filter_map(Weak::upgrade) {
            Cancel::of(call).cancel();
        }
    }

    /// Hands over a job.
    pub(super) fn submit(&self, job: Job) -> Result<(), Refused> {
        let mut state = self.0.lock();
        if state.closed || state.waiting.len() >= self.0.max_waiting.load(Ordering::Relaxed).max(1)
        {
            return Err(Refused);
        }
        state.waiting.push_back(job);
        self.0.call_one(state);
        Ok(())
    }

    /// Refuses jobs from now on; threads end when they have none.
    pub(super) fn close(&self) {
        self.0.lock().closed = true;
        self.0.arrived.notify_all();
    }
}

/// Runs a call of a script, measures it and survives it; `None` if it panics.
pub(super) fn guarded<T>(call: impl FnOnce() -> T) -> Option<T> {
    let began = Instant::now();
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(call));
    SCRIPTS.took(began.elapsed());
    if outcome.is_err() {
        tracing::error!("a script call panicked");
    }
    outcome.ok()
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees to it that a thread comes for the job that waits, if there is one left.
    ///
    /// Perf: one at a time, and it calls the next one. Jobs are over sooner than a thread is awake, so a thread for
    /// each would mostly find nothing.
    fn call_one(self: &Arc<Self>, mut state: MutexGuard<'_, State>) {
        if state.is_one_coming || state.waiting.is_empty() {
            return;
        }
        if state.n_idle > 0 {
            state.is_one_coming = true;
            drop(state);
            self.arrived.notify_one();
            return;
        }
        if state.n_threads >= self.max_threads.load(Ordering::Relaxed) {
            return;
        }
        state.is_one_coming = true;
        state.n_threads += 1;
        drop(state);
        let shared = Arc::clone(self);
        let started = thread::Builder::new()
            .name("script".to_owned())
            .stack_size(STACK)
            .spawn(move || shared.serve());
        if let Err(error) = started {
            tracing::error!(%error, "cannot start a thread for scripts");
            let mut state = self.lock();
            state.is_one_coming = false;
            state.n_threads -= 1;
        }
    }

    fn serve(self: &Arc<Self>) {
        IS_SCRIPT_THREAD.set(true);
        let _runtime = self.runtime.enter();
        let mut state = self.lock();
        state.is_one_coming = false;
        loop {
            if let Some(job) = state.waiting.pop_front() {
                self.call_one(state);
                // Whoever waits for a job that panics learns it from its dropped reply.
                let _ = guarded(job);
                IS_SCRIPT_THREAD.set(true);
                state = self.lock();
                continue;
            }
            if state.closed {
                break;
            }
            state.n_idle += 1;
            let (woken, timeout) = self
                .arrived
                .wait_timeout(state, IDLE)
                .unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.n_idle -= 1;
            // Whoever wakes up, for whatever reason, looks for jobs.
            state.is_one_coming = false;
            if timeout.timed_out() && state.waiting.is_empty() {
                break;
            }
        }
        state.n_threads -= 1;
    }
}

/// Runs work on a thread of its own with a stack for scripts; `None` when it panics or cannot be started.
pub(super) async fn once<T: Send + 'static>(
    runtime: Handle,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (reply, result) = tokio::sync::oneshot::channel();
    let started = thread::Builder::new()
        .name("script".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            IS_SCRIPT_THREAD.set(true);
            let _runtime = runtime.enter();
            drop(reply.send(work()));
        });
    started.ok()?;
    result.await.ok()
}

/// Wakes a thread that drives a future.
struct Unpark {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// Drives a future on this thread to its end. Unlike the runtime's own it may be used while another future is driven by
/// the same thread further up.
pub(super) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let unpark = Arc::new(Unpark {
        thread: thread::current(),
        woken: AtomicBool::new(false),
    });
    let waker = Waker::from(Arc::clone(&unpark));
    let mut context = Context::from_waker(&waker);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        // The token of `park` is shared with the calls further up; only the flag says that this one was meant.
        while !unpark.woken.swap(false, Ordering::Acquire) {
            thread::park();
        }
    }
}
