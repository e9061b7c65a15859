//! The file system under [`super::LocalStore`]: blocking, durable, confined to the storage directory.
//!
//! Invariant: every path is made of the storage directory and the parts of a [`FileKey`].

use std::collections::{BinaryHeap, HashSet};
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

use md5::{Digest as _, Md5};

use crate::base::time::Timestamp;
use crate::files::error::{Error, Result};
use crate::files::key::FileKey;
use crate::files::store::attrs;
use crate::files::store::{Child, ChildKind, Content, StoredFile};
use crate::files::upload::{self, TempFile, Upload};

/// Most entries of a folder in one page.
const PAGE: usize = 10_000;

/// How often a folder is made for a file while others remove it.
const FOLDER_TRIES: u32 = 100;

/// Where files are and where they are put together.
#[derive(Debug)]
pub(super) struct Disk {
    pub(super) storage: PathBuf,
    pub(super) temp: PathBuf,
    /// Folders of collections, and what is above them, whose place on the disk is sure.
    pub(super) durable: Mutex<HashSet<PathBuf>>,
}

impl Disk {
    /// Stores an upload. When this returns, it survives a power cut.
    pub(super) fn put(&self, key: &FileKey, upload: Upload) -> Result<()> {
        let path = self.path(key);
        let dir = path.parent().ok_or(Error::InvalidName)?;
        fs::create_dir_all(&self.temp)?;
        let sidecar = attrs::write(
            &upload.content_type.mime,
            Some(&upload.file_name),
            &upload.md5,
        );
        let sidecar = self.write_temp(sidecar.as_bytes())?;
        let content = match upload.content {
            upload::Content::Memory(bytes) => self.write_temp(&bytes)?,
            upload::Content::Temp(file) => {
                File::options().write(true).open(file.path())?.sync_all()?;
                file
            }
        };
        self.create_folder(dir)?;
        // The sidecar goes first: a file that can be seen has its type.
        for _ in 0..FOLDER_TRIES {
            match place(&sidecar, &sidecar_path(&path)) {
                // Whoever removed the last file in it took the folder along.
                Err(Error::NotFound) => self.create_folder(dir)?,
                placed => {
                    placed?;
                    break;
                }
            }
        }
        place(&content, &path)?;
        Ok(sync_dir(dir)?)
    }

    /// Creates the folder of a record such that it survives a power cut. What somebody outside of this program removed
    /// from above it is made again.
    fn create_folder(&self, dir: &Path) -> Result<()> {
        match self.create_below_known(dir) {
            Err(Error::NotFound) => {
                self.durable().retain(|folder| !dir.starts_with(folder));
                self.create_below_known(dir)
            }
            created => created,
        }
    }

    /// That a folder is there is not enough: whoever made it may not have flushed its parent yet.
    fn create_below_known(&self, dir: &Path) -> Result<()> {
        let parent = dir.parent().ok_or(Error::InvalidName)?;
        let is_known = |folder: &Path| self.durable().contains(folder);
        if !is_known(parent) {
            let mut missing: Vec<&Path> = parent
                .ancestors()
                .take_while(|folder| folder.starts_with(&self.storage) && !is_known(folder))
                .collect();
            while let Some(folder) = missing.pop() {
                create_dir_durable(folder)?;
                if let Some(above) = folder.parent() {
                    sync_dir(above)?;
                }
                self.durable().insert(folder.to_owned());
            }
        }
        make_dir(dir)?;
        Ok(sync_dir(parent)?)
    }

    fn durable(&self) -> MutexGuard<'_, HashSet<PathBuf>> {
        self.durable.lock().unwrap_or_else(PoisonError::into_inner)
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
        let mut bytes = Vec::new();
        let (file, metadata) = open_regular(&self.path(key))?;
        if metadata.len() > max_bytes {
            return Err(Error::TooLarge);
        }
        file.take(max_bytes).read_to_end(&mut bytes)?;
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
        let (file, metadata) = open_regular(&path).map_err(|error| match error.kind() {
            ErrorKind::NotADirectory => Error::NotFound,
            _ => error.into(),
        })?;
        Ok(StoredFile {
            name: key.name().to_owned(),
            content_type: attrs::content_type(&read_sidecar(&path)?),
            size: metadata.len(),
            modified: modified(&metadata),
            content: Content::File(file.into()),
        })
    }

    /// Removes a file with its sidecar and thumbs, and the folder it was the last in; nothing happens if it is gone
    /// already.
    pub(super) fn delete(&self, key: &FileKey) -> Result<()> {
        let path = self.path(key);
        ignore_missing(fs::remove_file(&path))?;
        ignore_missing(fs::remove_file(sidecar_path(&path)))?;
        self.delete_folder(&key.thumbs())?;
        // Who may name a folder could otherwise fill the storage with empty ones.
        match path.parent() {
            Some(dir) if dir != self.storage => ignore_occupied(fs::remove_dir(dir)),
            _ => Ok(()),
        }
    }

    /// Removes a folder and all in it.
    pub(super) fn delete_folder(&self, key: &FileKey) -> Result<()> {
        let path = self.path(key);
        self.durable().retain(|folder| !folder.starts_with(&path));
        ignore_missing(fs::remove_dir_all(path))
    }

    /// The entries of a folder whose names follow `after`. Sidecars are only told of where their file is missing.
    pub(super) fn children(
        &self,
        folder: Option<&FileKey>,
        after: Option<&str>,
    ) -> Result<(Vec<Child>, Option<String>)> {
        let dir = folder.map_or_else(|| self.storage.clone(), |folder| self.path(folder));
        let entries = match fs::read_dir(dir) {
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok((Vec::new(), None));
            }
            entries => entries?,
        };
        // The smallest names that follow, so that memory is bounded whatever the folder holds.
        let mut names = BinaryHeap::new();
        let mut is_cut = false;
        for entry in entries {
            let entry = entry?;
            let Ok(mut name) = entry.file_name().into_string() else {
                continue;
            };
            if let Some(length) = name.strip_suffix(attrs::SUFFIX).map(str::len) {
                name.truncate(length);
                if fs::symlink_metadata(entry.path().with_file_name(&name)).is_ok() {
                    continue;
                }
            }
            if after.is_some_and(|after| name.as_str() <= after) {
                continue;
            }
            names.push(name);
            if names.len() > PAGE {
                names.pop();
                is_cut = true;
            }
        }
        let names = names.into_sorted_vec();
        let next = names.last().filter(|_| is_cut).cloned();
        let dir = folder.map_or_else(|| self.storage.clone(), |folder| self.path(folder));
        let children = names.into_iter().filter_map(|name| {
            let path = dir.join(&name);
            let Ok(metadata) = fs::symlink_metadata(&path) else {
                // What vanished meanwhile is left out.
                let note = fs::symlink_metadata(sidecar_path(&path)).ok()?;
                let kind = ChildKind::Note {
                    modified: modified(&note),
                };
                return Some(Child { name, kind });
            };
            let kind = if metadata.is_dir() {
                ChildKind::Folder
            } else if metadata.is_file() {
                ChildKind::File {
                    size: metadata.len(),
                    modified: modified(&metadata),
                }
            } else {
                return None;
            };
            Some(Child { name, kind })
        });
        Ok((children.collect(), next))
    }

    fn path(&self, key: &FileKey) -> PathBuf {
        key.path()
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
    match open_regular(&sidecar_path(path)) {
        Ok((file, _)) => {
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

fn ignore_occupied(result: io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() == ErrorKind::DirectoryNotEmpty => Ok(()),
        result => ignore_missing(result),
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

/// Opens a regular file; anything else counts as missing. It is looked at first, because opening a pipe waits for
/// whoever writes into it, and opening a device may do anything.
pub fn open_regular(path: &Path) -> io::Result<(File, Metadata)> {
    let regular = |metadata: Metadata| {
        let found = metadata.is_file().then_some(metadata);
        found.ok_or_else(|| io::Error::from(ErrorKind::NotFound))
    };
    let metadata = fs::metadata(path).map_err(|error| {
        if leads_nowhere(&error) {
            ErrorKind::NotFound.into()
        } else {
            error
        }
    });
    regular(metadata?)?;
    let file = File::open(path)?;
    let metadata = regular(file.metadata()?)?;
    Ok((file, metadata))
}

/// Says whether there can be no file of this name: it is too long, or its links lead in a circle.
fn leads_nowhere(error: &io::Error) -> bool {
    #[cfg(target_os = "linux")]
    let circle = Some(rustix::io::Errno::LOOP.raw_os_error());
    // Elsewhere the number is another.
    #[cfg(not(target_os = "linux"))]
    let circle = cfg!(target_os = "macos").then_some(62);
    error.kind() == ErrorKind::InvalidFilename || circle.is_some() && error.raw_os_error() == circle
}

/// Creates a directory and its parents such that they survive a power cut.
pub fn create_dir_durable(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let parent = dir.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        create_dir_durable(parent)?;
    }
    make_dir(dir)?;
    sync_dir(parent.unwrap_or(Path::new(".")))
}

fn make_dir(dir: &Path) -> io::Result<()> {
    match fs::create_dir(dir) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Makes renames in a directory durable, where the system has directories that can be synced.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}

fn modified(metadata: &Metadata) -> Timestamp {
    metadata.modified().unwrap_or(UNIX_EPOCH).into()
}
