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

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::backup::LEFT_OUT;
use crate::backup::error::{Error, Result};
use crate::backup::folder::sync_folder;

/// Folder of a restore under way.
pub const FOLDER: &str = ".stead_restore";

const READY: &str = "ready";
const EMPTIED: &str = "emptied";
const SWAPPED: &str = "swapped";
const UNDOING: &str = "undoing";
const RETURNING: &str = "returning";
const MARKERS: [&str; 5] = [READY, EMPTIED, SWAPPED, UNDOING, RETURNING];

/// New data that is being unpacked.
#[derive(Debug)]
pub(super) struct Staged {
    folder: PathBuf,
    new: PathBuf,
    is_ready: bool,
}

impl Staged {
    /// Makes room for new data; what an earlier attempt left is removed.
    pub(super) fn prepare(data_dir: &Path) -> Result<Self> {
        let folder = data_dir.join(FOLDER);
        if is_under_way(data_dir) {
            return Err(Error::refused("another restore is under way"));
        }
        remove(&folder)?;
        let new = folder.join("new");
        fs::create_dir_all(&new).map_err(Error::at(&new))?;
        Ok(Self {
            folder,
            new,
            is_ready: false,
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
        sync_folder(&self.new)?;
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
        if !self.is_ready
            && let Err(error) = remove(&self.folder)
        {
            tracing::warn!(%error, "failed to remove what was unpacked");
        }
    }
}

/// Says whether new data waits to take its place.
pub fn is_waiting(data_dir: &Path) -> bool {
    data_dir.join(FOLDER).join(READY).exists()
}

/// Says whether a restore has not come to its end yet.
pub fn is_under_way(data_dir: &Path) -> bool {
    let folder = data_dir.join(FOLDER);
    MARKERS.iter().any(|marker| folder.join(marker).exists())
}

/// Gives new data up that waits to take its place.
pub fn abandon(data_dir: &Path) -> Result<()> {
    remove(&data_dir.join(FOLDER))
}

/// Finishes a swap that has begun or waits. Call it while nobody has the directory open. Says whether the data in place is
/// new and unproven: then [`confirm`] or [`undo`] has to follow.
pub fn recover(data_dir: &Path) -> Result<bool> {
    let folder = data_dir.join(FOLDER);
    let has = |marker: &str| folder.join(marker).exists();
    let old = folder.join("old");
    if has(READY) {
        fs::create_dir_all(&old).map_err(Error::at(&old))?;
        move_all(data_dir, &old)?;
        mark(&folder, READY, EMPTIED)?;
    }
    if has(EMPTIED) {
        move_all(&folder.join("new"), data_dir)?;
        mark(&folder, EMPTIED, SWAPPED)?;
    }
    if has(SWAPPED) {
        return Ok(true);
    }
    // The old data was on its way back, or unpacking was interrupted.
    undo(data_dir)?;
    Ok(false)
}

/// Says that the new data could be opened; the old is deleted.
pub fn confirm(data_dir: &Path) -> Result<()> {
    let folder = data_dir.join(FOLDER);
    let marker = folder.join(SWAPPED);
    fs::remove_file(&marker).map_err(Error::at(&marker))?;
    sync_folder(&folder)?;
    remove(&folder)
}

/// Puts the old data back, however far the swap has come.
pub fn undo(data_dir: &Path) -> Result<()> {
    let folder = data_dir.join(FOLDER);
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
    remove(&folder)
}

/// Moves everything that belongs to a data directory.
fn move_all(from: &Path, to: &Path) -> Result<()> {
    for name in names(from)? {
        if !LEFT_OUT.iter().any(|left_out| name == *left_out) {
            rename(&from.join(&name), &to.join(&name))?;
        }
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
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::Path;

    use tempfile::TempDir;

    use super::{Staged, confirm, recover, undo};

    fn contents(dir: &Path) -> BTreeMap<String, String> {
        let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
        entries
            .filter(|entry| entry.file_type().unwrap().is_file())
            .map(|entry| {
                let name = entry.file_name().into_string().unwrap();
                (name, fs::read_to_string(entry.path()).unwrap())
            })
            .collect()
    }

    fn staged() -> TempDir {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("data.db"), "old").unwrap();
        fs::write(dir.path().join("data.db-wal"), "old log").unwrap();
        let staged = Staged::prepare(dir.path()).unwrap();
        fs::write(staged.path().join("data.db"), "new").unwrap();
        fs::write(staged.path().join("extra"), "new").unwrap();
        staged.ready().unwrap();
        assert!(Staged::prepare(dir.path()).is_err());
        dir
    }

    fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect()
    }

    #[test]
    fn new_data_takes_the_place_of_the_old() {
        let dir = staged();
        assert!(recover(dir.path()).unwrap());
        assert!(recover(dir.path()).unwrap(), "asking again changes nothing");
        assert_eq!(
            contents(dir.path()),
            texts(&[("data.db", "new"), ("extra", "new")])
        );
        confirm(dir.path()).unwrap();
        assert!(!recover(dir.path()).unwrap());
        assert!(!dir.path().join(".stead_restore").exists());
    }

    #[test]
    fn the_old_data_comes_back() {
        let dir = staged();
        assert!(recover(dir.path()).unwrap());
        undo(dir.path()).unwrap();
        let old = texts(&[("data.db", "old"), ("data.db-wal", "old log")]);
        assert_eq!(contents(dir.path()), old);
        assert!(!recover(dir.path()).unwrap());
        assert!(!dir.path().join(".stead_restore").exists());
    }

    #[test]
    fn an_interrupted_swap_is_finished() {
        let dir = staged();
        // As if the process had ended after the first of the renames.
        let old = dir.path().join(".stead_restore/old");
        fs::create_dir_all(&old).unwrap();
        fs::rename(dir.path().join("data.db-wal"), old.join("data.db-wal")).unwrap();
        assert!(recover(dir.path()).unwrap());
        assert_eq!(contents(dir.path())["data.db"], "new");
        assert_eq!(
            fs::read_to_string(old.join("data.db-wal")).unwrap(),
            "old log"
        );
    }

    #[test]
    fn the_old_data_comes_back_from_a_swap_that_cannot_go_on() {
        let old = texts(&[("data.db", "old"), ("data.db-wal", "old log")]);
        // A folder that is not empty cannot be replaced by a file of its name.
        for blocked in [".stead_restore/old/data.db/x", "extra/x"] {
            let dir = staged();
            fs::create_dir_all(dir.path().join(blocked)).unwrap();
            if blocked.starts_with("extra") {
                // It was not there when the old data was moved.
                let folder = dir.path().join(".stead_restore");
                fs::create_dir_all(folder.join("old")).unwrap();
                for name in old.keys() {
                    fs::rename(dir.path().join(name), folder.join("old").join(name)).unwrap();
                }
                fs::rename(folder.join("ready"), folder.join("emptied")).unwrap();
            }
            assert!(recover(dir.path()).is_err());
            fs::remove_dir_all(dir.path().join(blocked).parent().unwrap()).unwrap();
            undo(dir.path()).unwrap();
            assert_eq!(contents(dir.path()), old, "{blocked}");
            assert!(!dir.path().join(".stead_restore").exists());
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn files_of_any_name_move() {
        use std::os::unix::ffi::OsStrExt as _;
        let dir = staged();
        let odd = dir.path().join(std::ffi::OsStr::from_bytes(b"\xff.txt"));
        fs::write(&odd, "odd").unwrap();
        assert!(recover(dir.path()).unwrap());
        assert!(!odd.exists());
        undo(dir.path()).unwrap();
        assert_eq!(fs::read_to_string(odd).unwrap(), "odd");
    }

    #[test]
    fn interrupted_unpacking_leaves_no_trace() {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("data.db"), "old").unwrap();
        let staged = Staged::prepare(dir.path()).unwrap();
        drop(staged);
        assert!(!recover(dir.path()).unwrap());
        assert_eq!(contents(dir.path()), texts(&[("data.db", "old")]));
    }
}
