//! The archives kept on local disk.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::backup::error::{Error, Result};
use crate::backup::flush::sync_folder;
use crate::backup::members::FOLDER;
use crate::backup::names::{self, SIDECAR};
use crate::backup::work::Work;
use crate::base::time::Timestamp;

/// An archive as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub modified: Timestamp,
    pub key: String,
    pub size: u64,
}

/// The folder of a data directory's archives.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// Names the folder; creates nothing.
    pub fn of(data_dir: &Path) -> Self {
        Self(data_dir.join(FOLDER))
    }

    /// All archives by name.
    pub fn list(&self) -> Result<Vec<Listed>> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(Error::at(&self.0)(error)),
        };
        let mut all = Vec::new();
        for entry in entries {
            let entry = entry.map_err(Error::at(&self.0))?;
            let Ok(key) = entry.file_name().into_string() else {
                continue;
            };
            // It may be deleted at this very moment.
            let Ok(data) = entry.metadata() else {
                continue;
            };
            if data.is_file() && names::is_archive(&key) {
                all.push(Listed {
                    modified: modified(&data),
                    key,
                    size: data.len(),
                });
            }
        }
        all.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(all)
    }

    /// Where an archive of this name is, or would be; nothing for what is no name.
    pub fn path(&self, key: &str) -> Option<PathBuf> {
        names::is_plain(key).then(|| self.0.join(key))
    }

    /// Says whether there is an archive of this name.
    pub fn has(&self, key: &str) -> bool {
        self.path(key).is_some_and(|path| path.is_file())
    }

    /// Opens an archive.
    pub fn open(&self, key: &str) -> io::Result<(File, Listed)> {
        let path = self.path(key).ok_or(io::ErrorKind::NotFound)?;
        let file = File::open(&path)?;
        let data = file.metadata()?;
        if !data.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let listed = Listed {
            modified: modified(&data),
            key: key.to_owned(),
            size: data.len(),
        };
        Ok((file, listed))
    }

    /// Deletes an archive with its sidecar.
    pub fn delete(&self, key: &str) -> io::Result<()> {
        let path = self.path(key).ok_or(io::ErrorKind::NotFound)?;
        fs::remove_file(&path)?;
        let sidecar = self.0.join(format!("{key}{SIDECAR}"));
        match fs::remove_file(sidecar) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Gives a complete archive its name, unless that is taken.
    pub fn keep(&self, work: &Work, key: &str) -> Result<()> {
        fs::create_dir_all(&self.0).map_err(Error::at(&self.0))?;
        let path = self
            .path(key)
            .ok_or_else(|| Error::refused(format!("{key:?} is no name of an archive")))?;
        let archive = work.archive();
        File::open(&archive)
            .and_then(|file| file.sync_all())
            .map_err(Error::at(&archive))?;
        rename_new(&archive, &path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Error::refused(format!("there is a {key} already")),
            _ => Error::at(&path)(error),
        })?;
        sync_folder(&self.0)
    }
}

/// Gives a file a name that no other file has.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => fs::remove_file(from),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(error),
        // Not all file systems have second names; a name that is taken in between is lost there.
        Err(_) if to.exists() => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

fn modified(data: &fs::Metadata) -> Timestamp {
    data.modified().unwrap_or(UNIX_EPOCH).into()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::Folder;
    use crate::backup::work::Work;

    #[test]
    fn archives_of_one_name_are_written_apart_and_one_of_them_is_kept() {
        let dir = TempDir::new().unwrap();
        let archives = Folder::of(dir.path());
        let key = format!("{}.zip", "x".repeat(250));
        let [first, second] = [(); 2].map(|()| Work::new(dir.path()).unwrap());
        fs::write(first.archive(), "first").unwrap();
        fs::write(second.archive(), "second").unwrap();
        archives.keep(&first, &key).unwrap();
        assert!(archives.keep(&second, &key).is_err());
        let kept = archives.path(&key).unwrap();
        assert_eq!(fs::read(kept).unwrap(), b"first");
        drop((first, second));
        assert!(archives.has(&key));
    }
}
