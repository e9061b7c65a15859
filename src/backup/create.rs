//! Making an archive while the server works.
//!
//! The databases are copied first, each as of one moment, by a reader that holds nobody up. Files are linked before and
//! after that into a folder of their own, so that every file the copied records name is still there when its turn comes,
//! however long packing takes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::backup::archive::Writer;
use crate::backup::error::{Error, Result};
use crate::backup::folder::{self, Folder, Unfinished};
use crate::backup::{DATABASES, FOLDER, is_left_out};
use crate::base::ids;
use crate::engine;

/// What the names of working folders begin with.
const WORK_PREFIX: &str = ".work-";

/// Age at which what a process that ended in the middle has left is removed.
const STALE: Duration = Duration::from_hours(24);

/// Makes an archive of a data directory in its folder of archives. Blocks for as long as that takes.
///
/// `left_out` are more names at the top of the directory that do not go into it.
pub fn create(data_dir: &Path, key: &str, left_out: &[String]) -> Result<()> {
    let unfinished = make(data_dir, left_out)?;
    Folder::of(data_dir).keep(&unfinished, key)
}

/// Makes an archive that has no name yet.
pub(super) fn make(data_dir: &Path, left_out: &[String]) -> Result<Unfinished> {
    let unfinished = Folder::of(data_dir).unfinished()?;
    let work = Work::new(data_dir)?;
    pack(data_dir, &work.0, unfinished.path(), left_out)?;
    Ok(unfinished)
}

fn pack(data_dir: &Path, work: &Path, unfinished: &Path, left_out: &[String]) -> Result<()> {
    let links = work.join("files");
    fs::create_dir_all(&links).map_err(Error::at(&links))?;
    gather(data_dir, &links, left_out)?;
    let mut archive = Writer::create(unfinished)?;
    for name in DATABASES {
        let source = data_dir.join(name);
        if !source.exists() {
            continue;
        }
        let copy = work.join(name);
        engine::copy_database(&source, &copy).map_err(Error::Database)?;
        archive.add(name, &copy)?;
        fs::remove_file(&copy).map_err(Error::at(&copy))?;
    }
    gather(data_dir, &links, left_out)?;
    archive.add_folder(&links)?;
    archive.finish()
}

/// Links all files but databases and what is left out. Files that disappear meanwhile are left out, too.
fn gather(data_dir: &Path, links: &Path, left_out: &[String]) -> Result<()> {
    let mut folders = vec![PathBuf::new()];
    while let Some(relative) = folders.pop() {
        let folder = data_dir.join(&relative);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(Error::at(&folder)(error)),
        };
        for entry in entries {
            let entry = entry.map_err(Error::at(&folder))?;
            let name = entry.file_name();
            let shown = name.to_string_lossy();
            let is_top = relative.as_os_str().is_empty();
            if is_top && (has_no_place(&shown) || left_out.iter().any(|name| *name == shown)) {
                continue;
            }
            let path = relative.join(&name);
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            if kind.is_symlink() {
                follow(data_dir, &path, &links.join(&path))?;
            } else if kind.is_dir() {
                let target = links.join(&path);
                fs::create_dir_all(&target).map_err(Error::at(&target))?;
                folders.push(path);
            } else if kind.is_file() {
                link(&entry.path(), &links.join(&path))?;
            }
        }
    }
    Ok(())
}

/// Puts what a link leads to in its place: an archive has no links, and what one leads to could be anything.
fn follow(data_dir: &Path, path: &Path, target: &Path) -> Result<()> {
    let source = data_dir.join(path);
    let refused = |what: &str| {
        let link = path.display();
        Error::Unpackable(format!("{link} is a link {what}"))
    };
    match fs::metadata(&source) {
        Ok(data) if data.is_file() && target.exists() => Ok(()),
        Ok(data) if data.is_file() => {
            fs::copy(&source, target).map_err(Error::at(&source))?;
            Ok(())
        }
        Ok(data) if data.is_dir() => Err(refused("to a folder; mount the folder there instead")),
        Ok(_) => Ok(()),
        // It may have gone.
        Err(_) if !source.is_symlink() => Ok(()),
        Err(_) => Err(refused("that leads nowhere")),
    }
}

/// Says whether a file at the top of the directory is not packed like others.
fn has_no_place(name: &str) -> bool {
    is_left_out(name)
        || DATABASES.iter().any(|database| {
            name.strip_prefix(database)
                .is_some_and(|rest| matches!(rest, "" | "-wal" | "-shm" | "-journal"))
        })
}

/// A second name for a file; a copy where the file system has no such thing.
fn link(source: &Path, target: &Path) -> Result<()> {
    let is_fine = |error: &io::Error| {
        matches!(
            error.kind(),
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound
        )
    };
    match fs::hard_link(source, target) {
        Ok(()) => Ok(()),
        Err(error) if is_fine(&error) => Ok(()),
        Err(_) => match fs::copy(source, target) {
            Ok(_) => Ok(()),
            Err(error) if is_fine(&error) => Ok(()),
            Err(error) => Err(Error::at(source)(error)),
        },
    }
}

/// A folder that is gone when the work is done.
#[derive(Debug)]
pub(super) struct Work(pub(super) PathBuf);

impl Work {
    pub(super) fn new(data_dir: &Path) -> Result<Self> {
        let folder = data_dir.join(FOLDER);
        remove_stale(&folder);
        let name = format!("{WORK_PREFIX}{}", ids::random_string(10, ids::LOWER_ALNUM));
        let path = folder.join(name);
        fs::create_dir_all(&path).map_err(Error::at(&path))?;
        Ok(Self(path))
    }
}

/// Removes what processes have left that ended in the middle.
fn remove_stale(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_work = name.starts_with(WORK_PREFIX);
        let age = entry
            .metadata()
            .and_then(|data| data.modified())
            .ok()
            .and_then(|time| time.elapsed().ok());
        if !(is_work || folder::is_unfinished(&name)) || age.is_none_or(|age| age <= STALE) {
            continue;
        }
        let removed = if is_work {
            fs::remove_dir_all(entry.path())
        } else {
            fs::remove_file(entry.path())
        };
        if let Err(error) = removed {
            tracing::warn!(%error, %name, "failed to remove what is left of an old backup");
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "failed to remove a working folder");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::time::SystemTime;

    use tempfile::TempDir;

    use super::{STALE, Work};
    use crate::backup::Folder;

    #[test]
    fn what_was_left_in_the_middle_is_removed_when_it_is_old() {
        let dir = TempDir::new().unwrap();
        let archives = Folder::of(dir.path());
        let unfinished = [(); 2].map(|()| archives.unfinished().unwrap());
        let [old, new] = unfinished.each_ref().map(|one| one.path().to_owned());
        let kept = archives.path("kept.zip").unwrap();
        let left = Work::new(dir.path()).unwrap();
        let long_ago = SystemTime::now() - 2 * STALE;
        for path in [&old, &new, &kept] {
            fs::write(path, "").unwrap();
        }
        for path in [&old, &kept, &left.0] {
            File::open(path).unwrap().set_modified(long_ago).unwrap();
        }
        let work = Work::new(dir.path()).unwrap();
        let exist = [&old, &left.0, &new, &kept, &work.0].map(|path| path.exists());
        assert_eq!(exist, [false, false, true, true, true]);
        fs::create_dir_all(&left.0).unwrap();
    }
}
