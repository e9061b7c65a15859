//! What the calls on a script thread are in the middle of: for which app, until when, and through which events.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::app::App;
use crate::base::error::{Error, Result};
use crate::events::{HttpRequest, Kind, Transaction};
use crate::hooks::cancel::Cancel;
use crate::hooks::{deadline, thread};
use crate::schema::Entry;

/// Saves and deletes that handlers may cause within each other.
const MAX_NESTED_EVENTS: usize = 16;

/// One call in progress.
#[derive(Debug)]
struct Frame {
    app: App,
    deadline: Instant,
    label: Label,
    /// Counts towards the limit of events within each other.
    is_nested: bool,
    /// Nobody waits for the outcome any more.
    cancelled: Option<Cancel>,
}

/// What is being handled. Perf: put into words only when somebody asks.
#[derive(Clone, Debug)]
pub(super) enum Label {
    /// Such as `record_create of posts`.
    Event(Kind, Option<Arc<Entry>>),
    /// Such as `GET /api/app/hello`.
    Request(Arc<HttpRequest>),
    Text(String),
}

impl From<String> for Label {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(kind, None) => f.write_str(kind.name()),
            Self::Event(kind, Some(entry)) => write!(f, "{} of {}", kind.name(), entry.name),
            Self::Request(request) => write!(f, "{} {}", request.method, request.path),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// Set once for the process: whether it runs with `--dev`.
static IS_DEV: AtomicBool = AtomicBool::new(false);

pub(super) fn set_dev(is_dev: bool) {
    IS_DEV.store(is_dev, Ordering::Relaxed);
}

pub(super) fn is_dev() -> bool {
    IS_DEV.load(Ordering::Relaxed)
}

static VARIABLES: OnceLock<Vec<String>> = OnceLock::new();

/// Says which environment variables scripts may read; a name that ends with `*` stands for all that begin so.
pub(super) fn set_variables(names: &[String]) {
    VARIABLES.get_or_init(|| names.to_owned());
}

/// Says whether the operator lets scripts read an environment variable.
pub(super) fn may_read_variable(name: &str) -> bool {
    let allowed = VARIABLES.get().map_or(&[][..], Vec::as_slice);
    allowed
        .iter()
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(begin) => name.starts_with(begin),
            None => pattern == name,
        })
}

static PUBLIC: OnceLock<PathBuf> = OnceLock::new();

/// Says where static files are.
pub(super) fn set_public(folder: &Path) {
    PUBLIC.get_or_init(|| folder.to_owned());
}

/// Where static files are.
pub(super) fn public() -> Option<&'static Path> {
    PUBLIC.get().map(PathBuf::as_path)
}

/// Lets the call that has begun last be cancelled, and all within it.
pub(super) fn cancel_with(cancel: &Cancel) {
    FRAMES.with_borrow_mut(|frames| {
        if let Some(frame) = frames.last_mut() {
            frame.cancelled = Some(cancel.clone());
        }
    });
}

/// Says why the call has to end, if it does.
pub(super) fn must_end() -> Option<&'static str> {
    FRAMES.with_borrow(|frames| {
        let frame = frames.last()?;
        if frame.cancelled.as_ref().is_some_and(Cancel::is_set) {
            return Some("nobody waits for the script any more");
        }
        (Instant::now() > frame.deadline).then_some("the script ran out of time")
    })
}

thread_local! {
    static FRAMES: RefCell<Vec<Frame>> = const { RefCell::new(Vec::new()) };
}

/// Ends its call when dropped.
#[derive(Debug)]
pub(super) struct Entered(());

impl Drop for Entered {
    fn drop(&mut self) {
        FRAMES.with_borrow_mut(|frames| {
            frames.pop();
        });
    }
}

thread_local! {
    static IS_MIGRATING: Cell<bool> = const { Cell::new(false) };
}

/// Lets collections and settings be changed within the transaction: nobody else is served meanwhile.
pub(super) fn begin_migration() {
    IS_MIGRATING.set(true);
}

pub(super) fn end_migration() {
    IS_MIGRATING.set(false);
}

/// Says whether a migration runs on this thread.
pub(super) fn is_migrating() -> bool {
    IS_MIGRATING.get()
}

/// Begins a call.
pub(super) fn enter(app: App, limit: Duration, label: Label, is_nested: bool) -> Result<Entered> {
    FRAMES.with_borrow_mut(|frames| {
        let chain = frames.iter().filter(|frame| frame.is_nested);
        if is_nested && chain.clone().count() >= MAX_NESTED_EVENTS {
            let names: Vec<String> = chain.map(|frame| frame.label.to_string()).collect();
            return Err(Error::internal(format!(
                "handlers keep saving within each other: {} > {label}",
                names.join(" > ")
            )));
        }
        let mut deadline = Instant::now() + limit;
        // A transaction's deadline holds for everything in it.
        if let Some(outer) = frames.last()
            && outer.app.transaction().is_some()
        {
            deadline = deadline.min(outer.deadline);
        }
        let cancelled = frames.last().and_then(|outer| outer.cancelled.clone());
        frames.push(Frame {
            app,
            deadline,
            label,
            is_nested,
            cancelled,
        });
        Ok(Entered(()))
    })
}

/// The app for whatever is in progress.
pub(super) fn app() -> Option<App> {
    FRAMES.with_borrow(|frames| frames.last().map(|frame| frame.app.clone()))
}

/// The transaction that whatever is in progress belongs to.
pub(super) fn transaction() -> Option<Arc<Transaction>> {
    FRAMES.with_borrow(|frames| frames.last()?.app.transaction().map(Arc::clone))
}

/// What is in progress, for messages.
pub(super) fn label() -> String {
    FRAMES.with_borrow(|frames| {
        frames
            .last()
            .map_or_else(String::new, |frame| frame.label.to_string())
    })
}

/// Waits for an operation that a script asked for, at most until the call's deadline.
pub(super) fn wait<T>(operation: impl Future<Output = Result<T>>) -> Result<T> {
    let limits = FRAMES.with_borrow(|frames| {
        let frame = frames.last()?;
        Some((frame.deadline, frame.cancelled.clone()))
    });
    let Some((deadline, cancel)) = limits else {
        // The top level of a script has a time of its own.
        return match deadline::get() {
            Some(end) => thread::block_on(in_time(end, operation)),
            None => thread::block_on(operation),
        };
    };
    let cancelled = async {
        match cancel {
            Some(cancel) => cancel.cancelled().await,
            None => std::future::pending().await,
        }
    };
    thread::block_on(async {
        tokio::select! {
            biased;
            result = in_time(deadline, operation) => result,
            () = cancelled => Err(Error::internal("nobody waits for the script any more")),
        }
    })
}

async fn in_time<T>(end: Instant, operation: impl Future<Output = Result<T>>) -> Result<T> {
    let outcome = tokio::time::timeout_at(end.into(), operation).await;
    outcome.unwrap_or_else(|_| Err(Error::internal("a script ran out of time while it waited")))
}

/// Does what the server does anyway; it does not count towards the call's time.
pub(super) fn wait_unmetered<T>(operation: impl Future<Output = T>) -> T {
    let began = Instant::now();
    let result = thread::block_on(operation);
    let taken = began.elapsed();
    FRAMES.with_borrow_mut(|frames| {
        if let Some(frame) = frames.last_mut()
            && frame.app.transaction().is_none()
        {
            frame.deadline += taken;
        }
    });
    result
}
