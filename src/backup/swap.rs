//! Putting a checked directory in the place of the data directory, in steps that survive a crash between any two.
//!
//! Everything happens by renaming inside the data directory. A marker file says how far it has come:
//!
//! | marker | what is where |
//! |---|---|
//! | `ready` | the new data in `new`, complete; the old is in place, perhaps partly in `old` already |
//! | `emptied` | the old data is in `old`; the new is in `new`, perhaps partly in place already |
//! | `swapped` | the new data is in place, the old in `old`, until opening it has succeeded |
//! | `undoing` | it has not, or the swap failed: the new data goes back to `new` |
//! | `returning` | the old data comes back from `old` |
//!
//! New data is only taken back by the process that put it in place. Data that an earlier process left unproven may have
//! been worked with since, so nothing but [`confirm`] becomes of it, and what could be of worth is set aside rather
//! than deleted.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::backup::error::{Error, Result};
use crate::backup::flush::{Flush, sync_folder};
use crate::backup::lock;
use crate::backup::members::{RESTORE, is_left_out};
use crate::base::time::Timestamp;

/// Why the last restore came to nothing, for whoever asked for it. It is made beforehand and goes with success, so that
/// a full disk does not pass for one.
const VERDICT: &str = ".stead_restore.failed";

const READY: &str = "ready";
const EMPTIED: &str = "emptied";
const SWAPPED: &str = "swapped";
const UNDOING: &str = "undoing";
const RETURNING: &str = "returning";
const MARKERS: [&str; 5] = [READY, EMPTIED, SWAPPED, UNDOING, RETURNING];

/// What became of a restore that was found in the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// There is none any more.
    Settled,
    /// The new data has taken its place just now: [`confirm`] or [`undo`] has to follow.
    New,
    /// The new data has been in place since an earlier process: [`confirm`] has to follow as soon as it can be opened.
    Found,
}

/// New data that is being unpacked.
#[derive(Debug)]
pub(super) struct Staged {
    data_dir: PathBuf,
    folder: PathBuf,
    new: PathBuf,
    flush: Flush,
    is_ready: bool,
    /// What tells that somebody is at it.
    lock: Option<File>,
}

impl Staged {
    /// Makes room for new data; what an earlier attempt left is removed.
    pub(super) fn prepare(data_dir: &Path) -> Result<Self> {
        let folder = data_dir.join(RESTORE);
        if is_under_way(data_dir) {
            return Err(Error::refused("another restore is under way"));
        }
        clear(data_dir)?;
        forget(data_dir)?;
        let new = folder.join("new");
        fs::create_dir_all(&new).map_err(Error::at(&new))?;
        let lock = lock::hold(&folder)?;
        let flush = Flush::of(&new)?;
        Ok(Self {
            data_dir: data_dir.to_owned(),
            folder,
            new,
            flush,
            is_ready: false,
            lock,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.new
    }

    /// Says that the data is complete; it takes its place when the directory is opened next.
    pub(super) fn ready(mut self) -> Result<()> {
        // What checking has left beside the databases.
        for name in ["data.db-shm", "auxiliary.db-shm"] {
            drop(fs::remove_file(self.new.join(name)));
        }
        self.flush.everything()?;
        let verdict = self.data_dir.join(VERDICT);
        fs::write(&verdict, "it did not come to its end; the log says why")
            .map_err(Error::at(&verdict))?;
        let marker = self.folder.join(READY);
        File::create(&marker)
            .and_then(|file| file.sync_all())
            .map_err(Error::at(&marker))?;
        sync_folder(&self.folder)?;
        self.is_ready = true;
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        // Not everywhere can be removed what is open.
        drop(self.lock.take());
        if !self.is_ready
            && let Err(error) = remove(&self.folder)
        {
            tracing::warn!(%error, "failed to remove what was unpacked");
        }
    }
}

/// Says whether new data waits to take its place.
pub fn is_waiting(data_dir: &Path) -> bool {
    data_dir.join(RESTORE).join(READY).exists()
}

/// Says whether a restore has not come to its end yet.
pub fn is_under_way(data_dir: &Path) -> bool {
    let folder = data_dir.join(RESTORE);
    MARKERS.iter().any(|marker| folder.join(marker).exists())
}

/// What to say of data that an earlier process has restored and that cannot be opened.
pub fn unproven(data_dir: &Path, error: &dyn Display) -> String {
    format!(
        "{error}. This is restored data that no server has opened yet. Nothing was changed; the data from before the restore is in {}",
        old_data(data_dir).display()
    )
}

/// Where the old data is while the new is unproven.
fn old_data(data_dir: &Path) -> PathBuf {
    data_dir.join(RESTORE).join("old")
}

/// Gives a restore up that could not be carried out while all of the old data is in its place. What was unpacked goes;
/// where it belongs to somebody else it is set aside.
pub fn give_up(data_dir: &Path) -> Result<()> {
    let folder = data_dir.join(RESTORE);
    let has_moved = [EMPTIED, SWAPPED, UNDOING]
        .iter()
        .any(|marker| folder.join(marker).exists());
    let old = old_data(data_dir);
    let is_empty = match fs::read_dir(&old) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    if has_moved || !is_empty {
        return Err(Error::refused(format!(
            "a part of the old data is in {}",
            old.display()
        )));
    }
    clear(data_dir)
}

/// Finishes a swap that has begun or waits. Call it while nobody has the directory open.
pub fn recover(data_dir: &Path) -> Result<State> {
    let folder = data_dir.join(RESTORE);
    let has = |marker: &str| folder.join(marker).exists();
    if has(SWAPPED) {
        return Ok(State::Found);
    }
    if has(READY) {
        let old = old_data(data_dir);
        fs::create_dir_all(&old).map_err(Error::at(&old))?;
        move_all(data_dir, &old)?;
        mark(&folder, READY, EMPTIED)?;
    }
    if has(EMPTIED) {
        move_all(&folder.join("new"), data_dir)?;
        mark(&folder, EMPTIED, SWAPPED)?;
        return Ok(State::New);
    }
    // The old data was on its way back, or unpacking was interrupted.
    let was_in_place = has(UNDOING) || has(RETURNING);
    put_back(data_dir)?;
    if was_in_place {
        // Nobody knows what has happened to it since.
        let kept = set_aside(data_dir)?;
        tracing::warn!(kept = %kept.display(), "the old data is back; what was in its place is kept");
    } else {
        clear(data_dir)?;
    }
    Ok(State::Settled)
}

/// Says that the new data could be opened; the old is deleted.
pub fn confirm(data_dir: &Path) -> Result<()> {
    forget(data_dir)?;
    let folder = data_dir.join(RESTORE);
    let marker = folder.join(SWAPPED);
    match fs::remove_file(&marker) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return set_aside(data_dir).map(drop);
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::at(&marker)(error)),
        Ok(()) => {}
    }
    // The restore is over; what is left only takes room, and the next one removes it.
    if let Err(error) = sync_folder(&folder).and_then(|()| clear(data_dir)) {
        tracing::warn!(%error, "the data from before the restore stays behind");
    }
    Ok(())
}

/// Puts the old data back, however far the swap has come in this process. The new data is a copy of the archive; it
/// goes.
pub fn undo(data_dir: &Path) -> Result<()> {
    put_back(data_dir)?;
    clear(data_dir)
}

/// Leaves word why a restore came to nothing, for the command that waits for its end.
pub fn tell(data_dir: &Path, reason: &str) {
    let path = data_dir.join(VERDICT);
    if let Err(error) = fs::write(&path, reason) {
        tracing::warn!(%error, "whoever waits for the restore is not told why it failed");
    }
}

/// Why the last restore came to nothing, if it did.
pub fn verdict(data_dir: &Path) -> Option<String> {
    fs::read_to_string(data_dir.join(VERDICT)).ok()
}

/// Removes the word that the last restore left.
pub fn forget(data_dir: &Path) -> Result<()> {
    let path = data_dir.join(VERDICT);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::at(&path)(error)),
        _ => Ok(()),
    }
}

fn put_back(data_dir: &Path) -> Result<()> {
    let folder = data_dir.join(RESTORE);
    for (from, to) in [(READY, RETURNING), (EMPTIED, UNDOING), (SWAPPED, UNDOING)] {
        if folder.join(from).exists() {
            mark(&folder, from, to)?;
        }
    }
    if folder.join(UNDOING).exists() {
        // Its log, too, must not be taken for that of the old.
        move_all(data_dir, &folder.join("new"))?;
        mark(&folder, UNDOING, RETURNING)?;
    }
    if folder.join(RETURNING).exists() {
        let old = folder.join("old");
        // There is none if it could not even be made.
        if old.is_dir() {
            move_all(&old, data_dir)?;
        }
        let marker = folder.join(RETURNING);
        fs::remove_file(&marker).map_err(Error::at(&marker))?;
        sync_folder(&folder)?;
    }
    Ok(())
}

/// Removes the folder of a restore, or gives it another name where it belongs to somebody else.
fn clear(data_dir: &Path) -> Result<()> {
    match remove(&data_dir.join(RESTORE)) {
        Err(Error::File { source, .. }) if source.kind() == io::ErrorKind::PermissionDenied => {
            let kept = set_aside(data_dir)?;
            tracing::warn!(kept = %kept.display(), "what a restore has left belongs to another user and was set aside");
            Ok(())
        }
        removed => removed,
    }
}

/// Gives the folder of a restore a name under which nobody looks for one, and tells which.
fn set_aside(data_dir: &Path) -> Result<PathBuf> {
    let name = format!("{RESTORE}-{}", Timestamp::now().unix_ms());
    let kept = data_dir.join(name);
    rename(&data_dir.join(RESTORE), &kept)?;
    sync_folder(data_dir)?;
    Ok(kept)
}

/// Moves everything that belongs to a data directory, or nothing if something is in the way: whoever has made it
/// meanwhile would lose it.
fn move_all(from: &Path, to: &Path) -> Result<()> {
    let mut names = names(from)?;
    names.retain(|name| !is_left_out(&name.to_string_lossy()));
    for target in names.iter().map(|name| to.join(name)) {
        if target.symlink_metadata().is_ok() {
            return Err(Error::at(&target)(io::ErrorKind::AlreadyExists.into()));
        }
    }
    for name in names {
        rename(&from.join(&name), &to.join(&name))?;
    }
    sync_folder(from)?;
    sync_folder(to)
}

fn names(folder: &Path) -> Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::at(folder))? {
        names.push(entry.map_err(Error::at(folder))?.file_name());
    }
    // Whatever belongs to a database moves before it: a database without its log is an older state of it.
    names.sort_by_key(|name| (!name.to_string_lossy().contains(".db-"), name.clone()));
    Ok(names)
}

fn mark(folder: &Path, from: &str, to: &str) -> Result<()> {
    rename(&folder.join(from), &folder.join(to))?;
    sync_folder(folder)
}

fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).map_err(Error::at(from))
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::at(folder)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
