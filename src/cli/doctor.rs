//! `stead doctor`: looks for what would make trouble, changes nothing.

use std::fs;
use std::path::Path;
use std::time::Duration;

use crate::app::{self, Config, settings};
use crate::backup::{Folder, linked_folder, mounted_member, swap};
use crate::base::time::Timestamp;
use crate::catalog;
use crate::cli::console::{self, Failure};
use crate::cli::lock::{self, Seen};
use crate::cli::shared::Shared;
use crate::cli::version;
use crate::engine::{Engine, Options};

/// A clock that is behind this is wrong: 2024-01-01.
const EARLIEST_MS: i64 = 1_704_067_200_000;

/// Age of the newest backup that is worth a word.
const OLD_BACKUP: Duration = Duration::from_hours(24 * 7);

/// What came of a look.
enum Found {
    Good(String),
    /// Worth knowing.
    Note(String),
    /// To be put right.
    Bad(String),
}

use Found::{Bad, Good, Note};

pub(super) fn run(shared: &Shared) -> Result<(), Failure> {
    let mut found = vec![Good(format!("version {}", version())), clock()];
    found.extend(directory(&shared.dir));
    let config = shared.config();
    if shared.dir.join("data.db").is_file() {
        found.extend(database(&shared.dir, config.as_ref().ok()));
        found.push(backups(&shared.dir));
    }
    found.extend(app::what_is_lost(&shared.dir).map(|what| Bad(format!("data.db {what}"))));
    found.push(match (config, shared.missing_key()) {
        (Err(failure), _) => Bad(failure.0),
        (Ok(_), Some(variable)) => Bad(format!(
            "{variable} should have the key of the settings and is not set"
        )),
        (Ok(_), None) => Good("the flags and variables are consistent".to_owned()),
    });
    let mut bad = 0;
    for found in &found {
        let (mark, text) = match found {
            Good(text) => ("ok  ", text),
            Note(text) => ("note", text),
            Bad(text) => {
                bad += 1;
                ("BAD ", text)
            }
        };
        console::out(&format!("{mark}  {text}"));
    }
    match bad {
        0 => Ok(()),
        1 => Err(Failure::new("one thing has to be put right")),
        n => Err(Failure::new(format!("{n} things have to be put right"))),
    }
}

fn clock() -> Found {
    let now = Timestamp::now();
    if now.unix_ms() < EARLIEST_MS {
        return Bad(format!(
            "the clock says {now}: tokens and schedules will be wrong"
        ));
    }
    Good(format!("the clock says {now}"))
}

fn directory(dir: &Path) -> Vec<Found> {
    let shown = dir.display();
    let Ok(data) = fs::metadata(dir) else {
        return vec![Note(format!(
            "{shown} does not exist yet; `stead serve` makes it"
        ))];
    };
    if !data.is_dir() {
        return vec![Bad(format!("{shown} is not a directory"))];
    }
    let mut found = vec![writable(dir)];
    found.extend(private(dir, &data));
    found.push(match lock::peek(dir) {
        Seen::Nobody(_) => Good(format!("no server has {shown} open")),
        Seen::Servers => Note(format!("a server has {shown} open")),
        Seen::Command => Note(format!("another command has {shown} to itself")),
        Seen::Unknown(error) => Note(format!(
            "whether a server has {shown} open cannot be told: {error}"
        )),
    });
    if !swap::is_under_way(dir)
        && let Some(reason) = swap::verdict(dir)
    {
        found.push(Note(format!("the last restore came to nothing: {reason}")));
    }
    if let Ok(Some(link)) = linked_folder(dir) {
        found.push(Bad(format!(
            "{} is a link: no backup can be made or restored; put the whole data directory there instead",
            link.display()
        )));
    }
    if let Ok(Some(mounted)) = mounted_member(dir) {
        found.push(Bad(format!(
            "{} is mounted: no backup can be restored; mount the whole data directory instead",
            mounted.display()
        )));
    }
    found
}

fn writable(dir: &Path) -> Found {
    let probe = dir.join(format!(".doctor-{}", std::process::id()));
    let written = fs::write(&probe, b"x");
    // Nothing is there to remove if it could not be written.
    drop(fs::remove_file(&probe));
    match written {
        Ok(()) => Good(format!("{} can be written to", dir.display())),
        Err(error) => Bad(format!("{} cannot be written to: {error}", dir.display())),
    }
}

#[cfg(unix)]
fn private(dir: &Path, data: &fs::Metadata) -> Option<Found> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = data.permissions().mode() & 0o777;
    (mode & 0o007 != 0).then(|| {
        Note(format!(
            "{} is open to everyone on this machine (mode {mode:o}); it holds secrets",
            dir.display()
        ))
    })
}

#[cfg(not(unix))]
fn private(_: &Path, _: &fs::Metadata) -> Option<Found> {
    None
}

fn database(dir: &Path, config: Option<&Config>) -> Vec<Found> {
    let options = Options {
        statement_limit: Duration::from_hours(1),
        ..Options::default()
    };
    let engine = match Engine::open(&dir.join("data.db"), options) {
        Ok(engine) => engine,
        Err(error) => return vec![Bad(format!("data.db cannot be opened: {error}"))],
    };
    let mut found = vec![match engine.check_integrity() {
        Ok(()) => Good("data.db is whole".to_owned()),
        Err(error) => Bad(format!("data.db is damaged: {error}")),
    }];
    let layout = engine.read(catalog::inspect);
    let is_usable = layout.is_ok();
    found.push(match layout {
        Ok(_) => Good("data.db has a layout this version can use".to_owned()),
        Err(error) => Bad(error.to_string()),
    });
    if is_usable
        && let Ok(missing) = engine.read(catalog::missing_steps)
        && !missing.is_empty()
    {
        found.push(Note(format!(
            "data.db is of an earlier version; the next start brings it up to date ({})",
            missing.join(", ")
        )));
    }
    if let Some(config) = config {
        found.push(
            match settings::load(&engine, config.encryption_key.as_ref()) {
                Ok(_) => Good("the settings can be read".to_owned()),
                Err(error) => Bad(format!("the settings cannot be read: {error}")),
            },
        );
    }
    engine.shutdown();
    found
}

fn backups(dir: &Path) -> Found {
    let newest = match Folder::of(dir).list() {
        Ok(all) => all.into_iter().map(|entry| entry.modified).max(),
        Err(error) => return Bad(format!("the backups cannot be listed: {error}")),
    };
    let Some(newest) = newest else {
        return Note("there is no backup".to_owned());
    };
    if Timestamp::now().since(newest) > OLD_BACKUP {
        return Note(format!("the newest backup is of {newest}"));
    }
    Good(format!("the newest backup is of {newest}"))
}
