//! Opening a data directory to serve it, with restored data in its place if there is any.

use std::fmt::Display;
use std::path::Path;
use std::time::{Duration, Instant};

use tokio::task::spawn_blocking;
use tokio::time::sleep;

use crate::app::{App, Config};
use crate::backup;
use crate::backup::swap::{self, State};
use crate::cli::console::Failure;
use crate::cli::lock::{self, Seen};

/// How often restored data is looked for; it may come from another process.
const LOOK_FOR_RESTORED: Duration = Duration::from_millis(250);

/// How long a command may have the directory to itself, and how often it is looked whether it is done.
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);

/// Waits until restored data is complete and checked.
pub(super) async fn restored(dir: &Path) {
    while !swap::is_waiting(dir) {
        sleep(LOOK_FOR_RESTORED).await;
    }
}

/// Opens the data directory, with restored data in its place if there is any, or with the old one if that cannot be
/// opened.
pub(super) async fn open(config: &Config) -> Result<(App, lock::Shared), Failure> {
    let deadline = Instant::now() + PATIENCE;
    let mut state = State::Settled;
    loop {
        if let Some(opened) = attempt(config, &mut state).await? {
            return Ok(opened);
        }
        if Instant::now() > deadline {
            return Err(Failure::new(
                "another command, such as a restore, has the data directory to itself; start again when it is done",
            ));
        }
        sleep(PAUSE).await;
    }
}

/// Nothing while a command has the directory to itself.
async fn attempt(
    config: &Config,
    state: &mut State,
) -> Result<Option<(App, lock::Shared)>, Failure> {
    let dir = &config.dir;
    if swap::is_under_way(dir) {
        match lock::look(dir) {
            Seen::Nobody(_held) => {
                let found = carry_out(dir)?;
                // What this process has put in its place is still new after waiting for a command.
                if (*state, found) != (State::New, State::Found) {
                    *state = found;
                }
            }
            Seen::Command => return Ok(None),
            Seen::Servers | Seen::Unknown(_) => {
                let reason = "another process serves the data directory, or it cannot be locked";
                tracing::error!("{reason}; the restore is given up");
                swap::tell(dir, reason);
                swap::give_up(dir).map_err(failed)?;
            }
        }
    }
    let (is_alone, is_shared) = match lock::peek(dir) {
        Seen::Nobody(held) => (true, held.is_some()),
        Seen::Servers => (false, true),
        Seen::Command => return Ok(None),
        Seen::Unknown(_) => (false, false),
    };
    // Nobody takes the data away while it is opened. In a directory that may be refused, nothing is made.
    let mut held = None;
    if is_shared {
        held = lock::shared(dir);
        if held.is_none() {
            return Ok(None);
        }
    }
    let app = match App::open(config.clone()).await {
        Ok(app) => app,
        Err(error) if *state == State::New => {
            put_back(dir, "the restored data cannot be opened", &error)?;
            *state = State::Settled;
            App::open(config.clone())
                .await
                .map_err(|error| Failure::new(error.to_string()))?
        }
        Err(error) if *state == State::Found => {
            return Err(Failure::new(swap::unproven(dir, &error)));
        }
        Err(error) => return Err(Failure::new(error.to_string())),
    };
    if *state != State::Settled {
        swap::confirm(dir).map_err(failed)?;
        *state = State::Settled;
    }
    let Some(held) = held.or_else(|| lock::shared(dir)) else {
        app.close().await;
        return Ok(None);
    };
    if is_alone {
        if let Err(error) = app.clear_temp() {
            tracing::warn!(%error, "temporary files of an earlier run stay behind");
        }
        match backup::unpacked(dir) {
            // That may take a while, and nobody has to wait for it.
            Ok(left) => drop(spawn_blocking(move || drop(left))),
            Err(error) => tracing::warn!(%error, "what an earlier restore has left stays behind"),
        }
    } else if is_shared {
        tracing::warn!(
            "another server has the data directory open; neither sees the other's changes of collections and settings"
        );
    }
    Ok(Some((app, held)))
}

/// Puts restored data in its place, or the old data back.
fn carry_out(dir: &Path) -> Result<State, Failure> {
    match swap::recover(dir) {
        Ok(state) => Ok(state),
        Err(error) => {
            put_back(dir, "the restored data cannot take its place", &error)?;
            Ok(State::Settled)
        }
    }
}

/// The old data is better than none: only what is not all in its place keeps the server from going on.
fn put_back(dir: &Path, what: &str, why: &dyn Display) -> Result<(), Failure> {
    tracing::error!(error = %why, "{what}; the old data is put back");
    // Before the restore is over, so that whoever waits for that finds it.
    swap::tell(dir, &format!("{what}: {why}"));
    swap::undo(dir).or_else(|error| {
        tracing::error!(%error, "the restore cannot be undone in order; it is given up");
        swap::give_up(dir).map_err(|_| failed(error))
    })
}

#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn failed(error: backup::Error) -> Failure {
    Failure::new(format!("cannot restore the backup: {error}"))
}
