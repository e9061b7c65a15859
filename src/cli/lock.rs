//! Telling whether a server has a data directory open. Advisory: where files cannot be locked, nobody is seen.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use crate::cli::console::Failure;

const FILE: &str = ".stead.lock";

/// Held by a server for as long as it runs; several may hold it.
#[derive(Debug)]
pub(super) struct Shared(#[expect(dead_code, reason = "held for the lock on it")] Option<File>);

/// Who has a directory open.
#[derive(Debug)]
pub(super) enum Seen {
    /// Nobody, for as long as this is kept.
    Nobody(Option<File>),
    /// Servers.
    Servers,
    /// A command that has it to itself for a while.
    Command,
    /// It cannot be told.
    Unknown(io::Error),
}

/// Says that this process serves the directory. Nothing when a command has the directory to itself.
pub(super) fn shared(dir: &Path) -> Option<Shared> {
    let locked = open(dir).and_then(|file| match file.try_lock_shared() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    });
    match locked {
        Ok(file) => file.map(|file| Shared(Some(file))),
        Err(error) => {
            tracing::warn!(
                %error,
                "{FILE} cannot be locked: a restore on the command line would not see this server and take its data away"
            );
            Some(Shared(None))
        }
    }
}

/// A hold on a directory that no server has open.
pub(super) fn alone(dir: &Path) -> Option<File> {
    let file = open(dir).ok()?;
    file.try_lock().is_ok().then_some(file)
}

/// Looks who has a directory open.
pub(super) fn look(dir: &Path) -> Seen {
    match open(dir) {
        Ok(file) => seen(file),
        Err(error) => Seen::Unknown(error),
    }
}

/// The same, and leaves no trace.
pub(super) fn peek(dir: &Path) -> Seen {
    match File::open(dir.join(FILE)) {
        Ok(file) => seen(file),
        // The first to open a directory makes it.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Seen::Nobody(None),
        Err(error) => Seen::Unknown(error),
    }
}

fn seen(file: File) -> Seen {
    match file.try_lock() {
        Ok(()) => Seen::Nobody(Some(file)),
        Err(TryLockError::Error(error)) => Seen::Unknown(error),
        Err(TryLockError::WouldBlock) => match file.try_lock_shared() {
            Ok(()) => Seen::Servers,
            Err(TryLockError::WouldBlock) => Seen::Command,
            Err(TryLockError::Error(error)) => Seen::Unknown(error),
        },
    }
}

/// A hold for a command that changes what a server keeps in memory, such as the collections: it would not notice.
pub(super) fn without_server(dir: &Path) -> Result<Option<File>, Failure> {
    let Ok(file) = open(dir) else {
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

fn open(dir: &Path) -> io::Result<File> {
    let path = dir.join(FILE);
    let made = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path);
    // Another user may have made it. To lock it, reading is enough.
    made.or_else(|error| File::open(&path).map_err(|_| error))
}
