//! Telling whether a server has a data directory open. Advisory: where files cannot be locked, nobody is seen.

use std::fs::{File, TryLockError};
use std::path::Path;

use crate::cli::console::Failure;

const FILE: &str = ".stead.lock";

/// Held by a server for as long as it runs; several may hold it.
#[derive(Debug)]
pub(super) struct Shared(#[expect(dead_code, reason = "held for the lock on it")] Option<File>);

/// Says that this process serves the directory.
pub(super) fn shared(dir: &Path) -> Shared {
    let file = open(dir);
    if let Some(file) = &file
        && let Err(error) = file.try_lock_shared()
    {
        tracing::warn!(%error, "a restore or another program has the data directory to itself");
    }
    Shared(file)
}

/// A hold on a directory that no server has open.
pub(super) fn alone(dir: &Path) -> Option<File> {
    let file = open(dir)?;
    file.try_lock().is_ok().then_some(file)
}

/// The same for a command that changes what a server keeps in memory, such as the collections: it would not notice.
pub(super) fn without_server(dir: &Path) -> Result<Option<File>, Failure> {
    let Some(file) = open(dir) else {
        return Ok(None);
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(Failure::new(
            "a server has the data directory open; stop it, or use the admin UI",
        )),
        Err(TryLockError::Error(_)) => Ok(None),
    }
}

fn open(dir: &Path) -> Option<File> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(dir.join(FILE))
        .ok()
}
