//! Folders that hold what is in the making, each for as long as somebody works in it.
//!
//! What a process leaves that ended in the middle is removed soon, for it may be as large as everything else, and keeps
//! files from going that were deleted meanwhile.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use crate::backup::error::{Error, Result};
use crate::backup::lock::{hold, is_abandoned};
use crate::backup::members::{FOLDER, RESTORE};
use crate::backup::swap;
use crate::base::ids::{self, LOWER_ALNUM};

/// What the names of the folders begin with.
const PREFIX: &str = ".work-";

/// Members of such a folder.
const CONTENT: &str = "content";
const ARCHIVE: &str = "archive.zip";

/// A folder that is gone when the work is done.
#[derive(Debug)]
pub struct Work {
    folder: PathBuf,
    content: PathBuf,
    lock: Option<File>,
}

impl Work {
    /// Makes one in a data directory's folder of archives.
    pub(super) fn new(data_dir: &Path) -> Result<Self> {
        remove_abandoned(data_dir);
        let name = format!("{PREFIX}{}", ids::random_string(10, LOWER_ALNUM));
        let folder = data_dir.join(FOLDER).join(name);
        let content = folder.join(CONTENT);
        fs::create_dir_all(&content).map_err(Error::at(&content))?;
        let lock = hold(&folder).inspect_err(|_| drop(fs::remove_dir_all(&folder)))?;
        Ok(Self {
            folder,
            content,
            lock,
        })
    }

    /// Where files can be put.
    pub(super) fn path(&self) -> &Path {
        &self.content
    }

    /// Where an archive can be written, see [`crate::backup::Folder::keep`].
    pub fn archive(&self) -> PathBuf {
        self.folder.join(ARCHIVE)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        // Not everywhere can be removed what is open.
        drop(self.lock.take());
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            tracing::warn!(%error, "failed to remove a working folder");
        }
    }
}

/// Takes what a restore has left out of its place that was ended while it unpacked, or before it could tidy up; to be
/// asked before anything is served. It goes with the answer.
pub fn unpacked(data_dir: &Path) -> Result<Option<Work>> {
    let folder = data_dir.join(RESTORE);
    if swap::is_under_way(data_dir) || !is_abandoned(&folder) {
        return Ok(None);
    }
    let work = Work::new(data_dir)?;
    fs::rename(&folder, work.path().join("restore")).map_err(Error::at(&folder))?;
    Ok(Some(work))
}

/// Removes what processes have left that ended in the middle of making or checking an archive.
pub fn remove_abandoned(data_dir: &Path) {
    let Ok(entries) = fs::read_dir(data_dir.join(FOLDER)) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        if !name.to_string_lossy().starts_with(PREFIX) || !is_abandoned(&entry.path()) {
            continue;
        }
        if let Err(error) = fs::remove_dir_all(entry.path()) {
            tracing::warn!(%error, ?name, "failed to remove what is left of an old backup");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use tempfile::TempDir;

    use super::{Work, hold, remove_abandoned, unpacked};
    use crate::backup::lock::{LOCK, STALE};

    fn make_older(folder: &Path, by: Duration) {
        let folder = File::open(folder).unwrap();
        folder.set_modified(SystemTime::now() - by).unwrap();
    }

    #[test]
    fn what_was_left_in_the_middle_is_removed() {
        let dir = TempDir::new().unwrap();
        let under_way = Work::new(dir.path()).unwrap();
        fs::write(under_way.archive(), "x").unwrap();
        let left = ["killed", "new", "old", "unlocked", "kept.zip"];
        let backups = dir.path().join("backups");
        let left = left.map(|name| match name {
            "kept.zip" => backups.join(name),
            name => backups.join(format!(".work-{name}")),
        });
        for folder in &left {
            fs::create_dir_all(folder.join("content")).unwrap();
        }
        let [killed, new, old, unlocked, kept] = &left;
        for folder in [killed, new] {
            fs::write(folder.join(LOCK), "").unwrap();
        }
        make_older(&under_way.folder, 2 * STALE);
        make_older(killed, Duration::from_mins(1));
        make_older(old, 2 * STALE);
        make_older(unlocked, STALE / 2);
        make_older(kept, 2 * STALE);
        remove_abandoned(dir.path());
        let exist = left.each_ref().map(|folder| folder.exists());
        assert_eq!(exist, [false, true, false, true, true]);
        assert!(under_way.archive().exists());
        let folder = under_way.folder.clone();
        drop(under_way);
        assert!(!folder.exists());
    }

    #[test]
    fn what_was_unpacked_in_vain_is_removed() {
        let dir = TempDir::new().unwrap();
        let folder = dir.path().join(".stead_restore");
        assert!(unpacked(dir.path()).unwrap().is_none());
        fs::create_dir_all(folder.join("new")).unwrap();
        let lock = hold(&folder).unwrap();
        make_older(&folder, Duration::from_mins(1));
        assert!(unpacked(dir.path()).unwrap().is_none(), "it is under way");
        drop(lock);
        fs::write(folder.join("ready"), "").unwrap();
        make_older(&folder, Duration::from_mins(1));
        assert!(unpacked(dir.path()).unwrap().is_none(), "it waits");
        fs::remove_file(folder.join("ready")).unwrap();
        assert!(unpacked(dir.path()).unwrap().is_none(), "it is new");
        make_older(&folder, Duration::from_mins(1));
        drop(unpacked(dir.path()).unwrap().unwrap());
        assert!(!folder.exists());
        assert_eq!(fs::read_dir(dir.path().join("backups")).unwrap().count(), 0);
    }
}
