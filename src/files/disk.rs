//! The file system under [`super::LocalStore`]: blocking, durable, confined to the storage directory.
//!
//! Invariant: every path is made of the storage directory and components that passed [`is_component`].

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use md5::{Digest as _, Md5};

use crate::base::time::Timestamp;
use crate::files::error::{Error, Result};
use crate::files::local::{FileKey, StoredFile};
use crate::files::upload::{Content, TempFile, Upload};
use crate::files::{THUMBS_PREFIX, attrs};

/// Longest name of a file or directory.
const MAX_COMPONENT_BYTES: usize = 255;

/// Where files are and where they are put together.
#[derive(Debug)]
pub(super) struct Disk {
    pub(super) storage: PathBuf,
    pub(super) temp: PathBuf,
}

/// Says whether a text is the name of a file or directory and nothing else.
///
/// Security: the only gate between names from outside and paths.
pub(super) fn is_component(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= MAX_COMPONENT_BYTES
        && name != "."
        && name != ".."
        && !name.contains(['/', '\\', ':', '\0'])
}

impl Disk {
    /// Removes what an interrupted run left behind.
    pub(super) fn clear_temp(&self) -> Result<()> {
        ignore_missing(fs::remove_dir_all(&self.temp))
    }

    /// Stores an upload. When this returns, it survives a power cut.
    pub(super) fn put(&self, key: &FileKey, upload: Upload) -> Result<()> {
        let path = self.path(key);
        let dir = path.parent().ok_or(Error::InvalidName)?;
        create_dir_durable(dir)?;
        fs::create_dir_all(&self.temp)?;
        let sidecar = attrs::write(
            &upload.content_type.mime,
            Some(&upload.file_name),
            &upload.md5,
        );
        // The sidecar goes first: a file that can be seen has its type.
        let sidecar = self.write_temp(sidecar.as_bytes())?;
        place(&sidecar, &sidecar_path(&path))?;
        let content = match upload.content {
            Content::Memory(bytes) => self.write_temp(&bytes)?,
            Content::Temp(file) => {
                File::options().write(true).open(file.path())?.sync_all()?;
                file
            }
        };
        place(&content, &path)?;
        sync_dir(dir)
    }

    /// Stores what can be made again: whole or not at all, but not necessarily for longer than the system runs.
    pub(super) fn put_derived(
        &self,
        key: &FileKey,
        content_type: &str,
        bytes: &[u8],
    ) -> Result<()> {
        let path = self.path(key);
        fs::create_dir_all(path.parent().ok_or(Error::InvalidName)?)?;
        fs::create_dir_all(&self.temp)?;
        let sidecar = attrs::write(content_type, None, &Md5::digest(bytes));
        for (bytes, target) in [(sidecar.as_bytes(), &sidecar_path(&path)), (bytes, &path)] {
            let temp = TempFile::new_in(&self.temp);
            fs::write(temp.path(), bytes)?;
            place(&temp, target)?;
        }
        Ok(())
    }

    /// Reads a whole file, which must not be longer than so many bytes.
    pub(super) fn read(&self, key: &FileKey, max_bytes: u64) -> Result<Vec<u8>> {
        let file = self.open(key)?;
        if file.size > max_bytes {
            return Err(Error::TooLarge);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(file.size).unwrap_or(0));
        file.file.take(max_bytes).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn write_temp(&self, bytes: &[u8]) -> Result<TempFile> {
        let temp = TempFile::new_in(&self.temp);
        let mut file = File::create_new(temp.path())?;
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(temp)
    }

    /// Opens a stored file.
    pub(super) fn open(&self, key: &FileKey) -> Result<StoredFile> {
        let path = self.path(key);
        let file = File::open(&path).map_err(|error| match error.kind() {
            ErrorKind::NotADirectory => Error::NotFound,
            _ => error.into(),
        })?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(Error::NotFound);
        }
        let modified = metadata.modified()?.duration_since(UNIX_EPOCH);
        let modified_ms = modified.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(0));
        Ok(StoredFile {
            name: key.name().to_owned(),
            content_type: attrs::content_type(&read_sidecar(&path)?),
            size: metadata.len(),
            modified: Timestamp::from_unix_ms(modified_ms),
            file,
        })
    }

    /// Removes a file with its sidecar and thumbs; nothing happens if it is gone already.
    pub(super) fn delete(&self, key: &FileKey) -> Result<()> {
        let path = self.path(key);
        ignore_missing(fs::remove_file(&path))?;
        ignore_missing(fs::remove_file(sidecar_path(&path)))?;
        ignore_missing(fs::remove_dir_all(
            path.with_file_name(format!("{THUMBS_PREFIX}{}", key.name())),
        ))
    }

    /// Removes all files of a record.
    pub(super) fn delete_record(&self, collection_id: &str, record_id: &str) -> Result<()> {
        if !is_component(collection_id) || !is_component(record_id) {
            return Err(Error::InvalidName);
        }
        ignore_missing(fs::remove_dir_all(
            self.storage.join(collection_id).join(record_id),
        ))
    }

    /// Removes all files of a collection.
    pub(super) fn delete_collection(&self, collection_id: &str) -> Result<()> {
        if !is_component(collection_id) {
            return Err(Error::InvalidName);
        }
        ignore_missing(fs::remove_dir_all(self.storage.join(collection_id)))
    }

    fn path(&self, key: &FileKey) -> PathBuf {
        key.path
            .split('/')
            .fold(self.storage.clone(), |path, part| path.join(part))
    }
}

fn sidecar_path(path: &Path) -> PathBuf {
    let mut sidecar = path.as_os_str().to_owned();
    sidecar.push(attrs::SUFFIX);
    sidecar.into()
}

fn read_sidecar(path: &Path) -> Result<Vec<u8>> {
    let mut sidecar = Vec::new();
    match File::open(sidecar_path(path)) {
        Ok(file) => {
            file.take(attrs::MAX_BYTES).read_to_end(&mut sidecar)?;
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    Ok(sidecar)
}

fn ignore_missing(result: io::Result<()>) -> Result<()> {
    match result {
        Err(error) if !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Err(Error::Io(error))
        }
        _ => Ok(()),
    }
}

/// Moves a finished file to its place, by copying if that is on another file system.
fn place(temp: &TempFile, target: &Path) -> Result<()> {
    match fs::rename(temp.path(), target) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            let beside = TempFile::new_in(target.parent().unwrap_or(target));
            fs::copy(temp.path(), beside.path())?;
            File::options()
                .write(true)
                .open(beside.path())?
                .sync_all()?;
            Ok(fs::rename(beside.path(), target)?)
        }
        result => Ok(result?),
    }
}

/// Creates a directory and its parents such that they survive a power cut.
fn create_dir_durable(dir: &Path) -> Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        create_dir_durable(parent)?;
    }
    match fs::create_dir(dir) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error.into()),
        _ => {}
    }
    parent.map_or(Ok(()), sync_dir)
}

/// Makes renames in a directory durable, where the system has directories that can be synced.
fn sync_dir(dir: &Path) -> Result<()> {
    if cfg!(unix) {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}
