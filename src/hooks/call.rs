//! Calling a script's function: limits, and what becomes of its result or failure.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Instant;

use rhai::{Dynamic, FnPtr, FuncArgs, ImmutableString};

use crate::base::error::{Error, Result};
use crate::hooks::fault::{self, Cause, Failure, Report};
use crate::hooks::set::{Script, Set};
use crate::hooks::{deadline, frames, notes};

/// Operations between two looks at the clock.
const CLOCK_EVERY: u64 = 0x3ff;

thread_local! {
    /// Operations of the call in progress.
    static OPERATIONS: Cell<u64> = const { Cell::new(0) };
}

thread_local! {
    /// The script whose function is being called.
    static SOURCE: RefCell<ImmutableString> = RefCell::default();
}

thread_local! {
    /// The fault that was logged last, with its script, for calls it goes through on its way up.
    static LOGGED: RefCell<String> = const { RefCell::new(String::new()) };
}

/// The script whose function is being called, where the interpreter does not say it.
pub(super) fn source(known: Option<&str>) -> ImmutableString {
    let known = known.filter(|known| !known.is_empty());
    known.map_or_else(|| SOURCE.with_borrow(Clone::clone), Into::into)
}

/// Asked by the engine after each operation; a reason ends the script.
pub(super) fn progress(operations: u64) -> Option<Dynamic> {
    OPERATIONS.set(operations);
    if operations & CLOCK_EVERY != 0 {
        return None;
    }
    let reason = frames::must_end().or_else(|| {
        let is_late = deadline::get().is_some_and(|end| Instant::now() > end);
        is_late.then_some("the script ran out of time")
    });
    reason.map(|reason| Dynamic::from(reason.to_owned()))
}

/// What is being called, for errors.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) script: usize,
    /// Where the function is, for failures that do not know their place.
    pub(super) line: usize,
    pub(super) event: &'a dyn fmt::Display,
    pub(super) told: Told,
}

/// Who is told that a call failed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// Whoever asked: what the script throws on purpose is theirs, everything else is a fault of the server.
    Caller,
    /// The same, but that the script failed says that their data is wrong.
    Sender,
    /// The operator alone: nobody waits for it, so whatever the script throws is logged with its place.
    Operator,
}

/// Calls a function of a script.
pub(super) fn function(
    set: &Set,
    call: &Call<'_>,
    function: &FnPtr,
    arguments: impl FuncArgs,
) -> Result<Dynamic> {
    attempt(set, call, function, arguments).map_err(|(error, _)| error)
}

/// The same. An error that the script threw for whoever asked comes with the failure, which knows its place.
pub(super) fn attempt(
    set: &Set,
    call: &Call<'_>,
    function: &FnPtr,
    arguments: impl FuncArgs,
) -> Result<Dynamic, (Error, Option<Failure>)> {
    let (Some(script), Some(engine)) = (set.scripts.get(call.script), set.engine()) else {
        return Ok(Dynamic::UNIT);
    };
    LOGGED.take();
    let began = Instant::now();
    let outer = (OPERATIONS.replace(0), SOURCE.replace(script.source.clone()));
    let result = function.call::<Dynamic>(engine, &script.ast, arguments);
    SOURCE.set(outer.1);
    let operations = OPERATIONS.replace(outer.0);
    let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    script.counts.calls.fetch_add(1, Relaxed);
    script.counts.micros.fetch_add(micros, Relaxed);
    tracing::debug!(
        target: "stead::script",
        script = script.name,
        event = %call.event,
        line = call.line,
        duration_us = micros,
        operations,
        failed = result.is_err(),
        "called"
    );
    let failure = match result {
        Ok(value) => {
            notes::end(operations, None);
            return Ok(value);
        }
        Err(failure) => failure,
    };
    let (report, passed) = match fault::cause(&script.name, &script.text, &failure) {
        Cause::Thrown(_) if call.told == Told::Operator => {
            (fault::report(&script.name, &script.text, &failure), None)
        }
        Cause::Thrown(error) => {
            notes::end(operations, None);
            return Err((error, Some(failure)));
        }
        Cause::Passed(error, report) => {
            if LOGGED.with_borrow(|logged| *logged == report.message) {
                notes::end(operations, None);
                return Err((error, None));
            }
            (report, Some(error))
        }
        Cause::Fault(report) => (report, None),
    };
    let fault = log(script, call, operations, report);
    if call.told == Told::Sender && passed.is_none() {
        return Err((Error::BadRequest(None), None));
    }
    Err((fault, None))
}

/// Logs what a script threw for whoever asked, who cannot be told any more.
pub(super) fn unheard(set: &Set, call: &Call<'_>, thrown: &Failure) {
    if let Some(script) = set.scripts.get(call.script) {
        log(
            script,
            call,
            0,
            fault::report(&script.name, &script.text, thrown),
        );
    }
}

/// The fault of a call that went well but whose value is of no use.
pub(super) fn useless(set: &Set, call: &Call<'_>, message: &str) -> Error {
    let Some(script) = set.scripts.get(call.script) else {
        return Error::internal(message.to_owned());
    };
    log(script, call, 0, Report::of_file(&script.name, message))
}

/// Logs where a call failed; the fault that it is to whoever waits for it.
fn log(script: &Script, call: &Call<'_>, operations: u64, mut report: Report) -> Error {
    script.counts.errors.fetch_add(1, Relaxed);
    if report.line == 0 {
        report.line = call.line;
    }
    notes::end(operations, Some(&report));
    tracing::error!(
        target: "stead::script",
        script = script.name,
        file = report.file,
        line = report.line,
        event = %call.event,
        "{}", report.message
    );
    point_out(&script.name, &script.text, &report);
    let told = format!("in {} at {report}", call.event);
    LOGGED.set(told.clone());
    Error::internal(told)
}

/// Shows the place of a failure to whoever develops the script.
fn point_out(script: &str, text: &str, report: &Report) {
    if report.file != script {
        return;
    }
    let line = report.line.checked_sub(1).and_then(|n| text.lines().nth(n));
    if let Some(line) = line {
        let caret = " ".repeat(report.column.saturating_sub(1));
        tracing::debug!(target: "stead::script", "\n{line}\n{caret}^");
    }
}
