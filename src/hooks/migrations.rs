//! Migrations: scripts that change collections and data, once each, in the order of their names and all together or not
//! at all.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;

use crate::app::{App, migrations as applied};
use crate::base::error::{Error, Result};
use crate::events::Transaction;
use crate::hooks::app::ScriptApp;
use crate::hooks::call::{self, Call, Told};
use crate::hooks::registered::Migration;
use crate::hooks::set::Set;
use crate::hooks::thread;
use crate::hooks::{fault, folder, frames, loading};

/// How long all pending migrations may take together.
const LIMIT: Duration = Duration::from_mins(30);

/// Why migrations were not applied: a line for the operator.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Failed(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// Applies the migrations of a folder that were not applied yet; returns their names.
pub async fn up(app: &App, folder: &Path) -> Result<Vec<String>, Failed> {
    let files = names(folder)?;
    if files.is_empty() {
        return Ok(files);
    }
    let known = applied::applied(app).map_err(|error| Failed(error.to_string()))?;
    let pending: Vec<String> = files
        .into_iter()
        .filter(|file| !known.contains(file))
        .collect();
    if pending.is_empty() {
        return Ok(pending);
    }
    run(app, folder, pending, Way::Up).await
}

/// Takes the last `n` migrations back, all of them when it is negative; returns their names.
pub async fn down(app: &App, folder: &Path, n: i64) -> Result<Vec<String>, Failed> {
    let files = names(folder)?;
    let known = applied::applied(app).map_err(|error| Failed(error.to_string()))?;
    let n = usize::try_from(n).unwrap_or(usize::MAX);
    let wanted: Vec<String> = known
        .into_iter()
        .rev()
        .filter(|file| files.contains(file))
        .take(n)
        .collect();
    if wanted.is_empty() {
        return Ok(wanted);
    }
    run(app, folder, wanted, Way::Down).await
}

/// Forgets that migrations were applied whose files are gone; returns their names.
pub async fn sync_history(app: &App, folder: &Path) -> Result<Vec<String>, Failed> {
    let files = names(folder)?;
    applied::forget_missing(app, &files)
        .await
        .map_err(|error| Failed(error.to_string()))
}

fn names(folder: &Path) -> Result<Vec<String>, Failed> {
    let files = folder::script_files(folder)
        .map_err(|error| Failed(format!("cannot read {}: {error}", folder.display())))?;
    Ok(files.into_iter().map(|(name, _)| name).collect())
}

/// Runs migrations on a thread with a stack for scripts.
async fn run(
    app: &App,
    folder: &Path,
    files: Vec<String>,
    way: Way,
) -> Result<Vec<String>, Failed> {
    let (app, folder, handle) = (app.clone(), folder.to_owned(), Handle::current());
    let work = move || run_here(&app, &folder, files, way);
    thread::once(handle, work)
        .await
        .unwrap_or_else(|| Err(Failed("the migrations were lost".to_owned())))
}

fn run_here(app: &App, folder: &Path, files: Vec<String>, way: Way) -> Result<Vec<String>, Failed> {
    let set =
        loading::load_migrations(folder, &app.settings().hooks, &files).map_err(|reports| {
            let lines: Vec<String> = reports.iter().map(ToString::to_string).collect();
            Failed(format!("failed to load a migration: {}", lines.join("; ")))
        })?;
    let set = Arc::new(set);
    let before = (app.snapshot(), app.settings());
    let transaction = thread::block_on(app.begin(LIMIT))
        .map_err(|error| Failed(format!("cannot begin: {error}")))?;
    let result = run_within(app, &set, &transaction, &files, way);
    let result = match result {
        Ok(()) => thread::block_on(transaction.commit())
            .map_err(|error| Failed(format!("cannot commit the migrations: {error}"))),
        Err(failed) => {
            thread::block_on(transaction.roll_back());
            Err(failed)
        }
    };
    if result.is_err() {
        applied::put_back(app, before);
    }
    result.map(|()| files)
}

fn run_within(
    app: &App,
    set: &Arc<Set>,
    transaction: &Arc<Transaction>,
    files: &[String],
    way: Way,
) -> Result<(), Failed> {
    let inside = app.within(transaction);
    for file in files {
        let failed = |what: String| {
            let verb = match way {
                Way::Up => "apply",
                Way::Down => "revert",
            };
            Failed(format!("failed to {verb} migration {file}: {what}"))
        };
        let position = set.scripts.iter().position(|script| script.name == *file);
        let found = set.migrations.iter().filter(|m| Some(m.script) == position);
        let found: Vec<&Migration> = found.collect();
        let [migration] = found.as_slice() else {
            return Err(failed("it must call migrate(…) once".to_owned()));
        };
        let function = match way {
            Way::Up => Some(&migration.up),
            Way::Down => migration.down.as_ref(),
        };
        let Some(function) = function else {
            return Err(failed("it has no way down".to_owned()));
        };
        let label = format!("migration {file}");
        let entered = frames::enter(inside.clone(), LIMIT, label.clone().into(), false)
            .map_err(|error| failed(error.to_string()))?;
        frames::begin_migration();
        let call = Call {
            script: migration.script,
            line: migration.line,
            event: &label,
            told: Told::Caller,
        };
        let outcome = call::attempt(set, &call, function, (ScriptApp,));
        frames::end_migration();
        drop(entered);
        outcome.map(drop).map_err(|(error, failure)| {
            let message = shown(&error);
            failed(match failure {
                // What an operation refuses does not say who asked for it.
                Some(failure) => {
                    let place = fault::report(file, "", &failure);
                    fault::Report { message, ..place }.to_string()
                }
                None => message,
            })
        })?;
        let noted = match way {
            Way::Up => thread::block_on(applied::note(&inside, file)),
            Way::Down => thread::block_on(applied::forget(&inside, file)),
        };
        noted.map_err(|error| failed(error.to_string()))?;
    }
    Ok(())
}

/// An error with what a client would read of it, and what only operators read.
fn shown(error: &Error) -> String {
    let wire = error.to_wire();
    let has_data = wire.data.as_object().is_some_and(|data| !data.is_empty());
    match error {
        Error::Internal(fault) | Error::Disk { fault, .. } => fault.describe(),
        _ if has_data => format!("{} {}", wire.message, wire.data),
        _ => wire.message.into_owned(),
    }
}
