//! `stead backup …`: archives of the data directory, also while a server has it open.

use std::fs::File;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use clap::Subcommand;

use crate::app::backups;
use crate::backup::swap::State;
use crate::backup::{self, Key, names, swap};
use crate::base::time::Timestamp;
use crate::cli::console::{self, Failure};
use crate::cli::lock;
use crate::cli::shared::Shared;
use crate::cli::work;

/// How long a running server may take to follow a restore.
const FOLLOW_TIMEOUT: Duration = Duration::from_mins(5);
const FOLLOW_PAUSE: Duration = Duration::from_millis(100);

/// What to do with backups. An archive is a name in the data directory's `backups` folder, or a path.
#[derive(Debug, Subcommand)]
pub(super) enum Backup {
    /// Make a backup.
    Create {
        /// Its name: small letters, digits, `_` and `-`, ending in `.zip`.
        name: Option<String>,
    },
    /// Say whether a backup could be restored.
    Verify { archive: String },
    /// Put the data of a backup in the place of the present data.
    Restore { archive: String },
}

pub(super) fn run(shared: &Shared, action: Backup) -> Result<(), Failure> {
    let dir = &shared.dir;
    let key = shared.config()?.encryption_key;
    let key = Key::given(key.as_ref());
    // A restore is what brings a lost database back.
    let is_usable = match action {
        Backup::Create { .. } => dir.join("data.db").is_file(),
        Backup::Verify { .. } | Backup::Restore { .. } => dir.is_dir(),
    };
    if !is_usable {
        return Err(work::no_directory(dir));
    }
    let said = match action {
        Backup::Create { name } => create(dir, name),
        Backup::Verify { archive } => {
            let path = find(dir, &archive)?;
            let needs_key = backup::verify(dir, &path, key).map_err(failed)?;
            Ok(if needs_key {
                format!(
                    "{archive} can be restored; its settings are encrypted, and without --encryption-env it is not known whether with \
                     the right key."
                )
            } else {
                format!("{archive} can be restored.")
            })
        }
        Backup::Restore { archive } => restore(dir, &archive, key),
    }?;
    console::out(&said);
    Ok(())
}

fn create(dir: &Path, name: Option<String>) -> Result<String, Failure> {
    let key = name.unwrap_or_else(|| names::manual("stead", Timestamp::now()));
    if !names::is_chosen(&key) || key.len() > names::MAX_NAME {
        return Err(Failure::new(
            "the name of a backup has small letters, digits, _ and -, and ends in .zip",
        ));
    }
    backup::create(dir, &key, &[]).map_err(failed)?;
    Ok(format!("Successfully created backup \"{key}\"!"))
}

/// Without a server the data is put in place at once; a server does it itself when it finds it waiting.
fn restore(dir: &Path, archive: &str, key: Key<'_>) -> Result<String, Failure> {
    let path = find(dir, archive)?;
    if swap::is_under_way(dir)
        && let Some(_held) = lock::alone(dir)
    {
        // An earlier one that has not come to its end.
        settle(dir, key)?;
    }
    backup::stage(dir, &path, key).map_err(failed)?;
    if let Some(_held) = lock::alone(dir) {
        settle(dir, key)?;
        return Ok(format!("Successfully restored \"{archive}\"!"));
    }
    let deadline = Instant::now() + FOLLOW_TIMEOUT;
    while swap::is_under_way(dir) {
        if Instant::now() > deadline {
            return Err(Failure::new(
                "the running server does not follow; restart it to finish the restore",
            ));
        }
        sleep(FOLLOW_PAUSE);
    }
    if let Some(reason) = swap::verdict(dir) {
        swap::forget(dir).map_err(failed)?;
        return Err(Failure::new(format!(
            "\"{archive}\" was not restored, the running server goes on with the old data: {reason}"
        )));
    }
    Ok(format!(
        "Successfully restored \"{archive}\"; the running server has been opened anew."
    ))
}

/// Brings a restore to its end while nobody has the directory open: afterwards it is final.
fn settle(dir: &Path, key: Key<'_>) -> Result<(), Failure> {
    let undone = |error| {
        swap::undo(dir).map_err(failed)?;
        Err(failed(error))
    };
    let state = match swap::recover(dir) {
        Ok(State::Settled) => return Ok(()),
        Ok(state) => state,
        Err(error) => return undone(error),
    };
    match backup::opens(dir, key).and_then(|()| swap::confirm(dir)) {
        Ok(()) => Ok(()),
        Err(error) if state == State::Found => Err(Failure::new(swap::unproven(dir, &error))),
        Err(error) => undone(error),
    }
}

fn find(dir: &Path, archive: &str) -> Result<std::path::PathBuf, Failure> {
    backups::locate(dir, archive)
        .filter(|path| File::open(path).is_ok())
        .ok_or_else(|| Failure::new(format!("there is no backup {archive:?}")))
}

#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
fn failed(error: backup::Error) -> Failure {
    Failure::new(error.to_string())
}
