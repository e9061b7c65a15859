//! Making an archive while the server works.
//!
//! The databases are copied first, each as of one moment, by a reader that holds nobody up. Files are linked before and
//! after that into a folder of their own, so that every file the copied records name is still there when its turn
//! comes, however long packing takes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::backup::archive::Writer;
use crate::backup::error::{Error, Result};
use crate::backup::folder::Folder;
use crate::backup::members::{DATABASES, is_left_out};
use crate::backup::work::Work;
use crate::engine;

/// Makes an archive of a data directory in its folder of archives. Blocks for as long as that takes.
///
/// `left_out` are more names at the top of the directory that do not go into it.
pub fn create(data_dir: &Path, key: &str, left_out: &[String]) -> Result<()> {
    let work = make(data_dir, left_out)?;
    Folder::of(data_dir).keep(&work, key)
}

/// Makes an archive that has no name yet.
pub(super) fn make(data_dir: &Path, left_out: &[String]) -> Result<Work> {
    let work = Work::new(data_dir)?;
    pack(data_dir, work.path(), &work.archive(), left_out)?;
    Ok(work)
}

fn pack(data_dir: &Path, work: &Path, archive: &Path, left_out: &[String]) -> Result<()> {
    let links = work.join("files");
    fs::create_dir_all(&links).map_err(Error::at(&links))?;
    gather(data_dir, &links, left_out)?;
    let mut archive = Writer::create(archive)?;
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
        Ok(data) if data.is_dir() => Err(refused(
            "to a folder; put the whole data directory there instead",
        )),
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
