//! Files in the data directory: `storage/<collection id>/<record id>/<file>`.

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task;

use crate::base::time::Timestamp;
use crate::files::disk::{Disk, is_component};
use crate::files::error::{Error, Result};
use crate::files::upload::{Spool, Upload};
use crate::files::{STORAGE_DIR, TEMP_DIR, THUMBS_PREFIX};

/// How many operations may use the file system at once; the others wait without holding a thread.
const MAX_CONCURRENT: usize = 16;

/// Which file of which record. Its parts are safe to be put into a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileKey {
    /// Relative to the storage, with `/` between its parts.
    pub(super) path: String,
}

impl FileKey {
    /// Refuses names that are not plain names of a file or directory.
    pub fn new(collection_id: &str, record_id: &str, name: &str) -> Result<Self> {
        Self::of(&[collection_id, record_id, name])
    }

    /// The key of a thumbnail of the file.
    pub(super) fn thumb(&self, size: &str, to_webp: bool) -> Result<Self> {
        let (dir, name) = self.path.rsplit_once('/').ok_or(Error::InvalidName)?;
        let (collection_id, record_id) = dir.split_once('/').ok_or(Error::InvalidName)?;
        let suffix = if to_webp { ".webp" } else { "" };
        let thumb = format!("{size}_{name}{suffix}");
        Self::of(&[
            collection_id,
            record_id,
            &format!("{THUMBS_PREFIX}{name}"),
            &thumb,
        ])
    }

    fn of(parts: &[&str]) -> Result<Self> {
        if !parts.iter().all(|part| is_component(part)) {
            return Err(Error::InvalidName);
        }
        Ok(Self {
            path: parts.join("/"),
        })
    }

    /// What the file is called.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

impl fmt::Display for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.path)
    }
}

/// An opened file and what is known about it.
#[derive(Debug)]
pub struct StoredFile {
    /// The stored name.
    pub name: String,
    /// The type it was stored with.
    pub content_type: String,
    /// Length in bytes.
    pub size: u64,
    /// When it was written.
    pub modified: Timestamp,
    /// The content, at its start.
    pub file: File,
}

/// The storage of a data directory. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LocalStore {
    disk: Arc<Disk>,
    permits: Arc<Semaphore>,
}

impl LocalStore {
    /// Names the storage of a data directory; creates nothing.
    pub fn new(data_dir: &Path) -> Self {
        Self {
            disk: Arc::new(Disk {
                storage: data_dir.join(STORAGE_DIR),
                temp: data_dir.join(TEMP_DIR),
            }),
            permits: Arc::new(Semaphore::new(MAX_CONCURRENT)),
        }
    }

    /// Starts taking an upload in.
    pub fn spool(&self) -> Spool {
        Spool::new(&*self.disk.temp)
    }

    /// Removes what an interrupted run left behind. To be called once, before the first upload.
    pub async fn clear_temp(&self) -> Result<()> {
        self.run(Disk::clear_temp).await
    }

    /// Stores an upload. When this returns, it survives a power cut.
    pub async fn put(&self, key: FileKey, upload: Upload) -> Result<()> {
        self.run(move |disk| disk.put(&key, upload)).await
    }

    /// Stores what can be made again at any time; it does not have to survive a power cut.
    pub(super) async fn put_derived(
        &self,
        key: FileKey,
        content_type: &'static str,
        bytes: Vec<u8>,
    ) -> Result<()> {
        self.run(move |disk| disk.put_derived(&key, content_type, &bytes))
            .await
    }

    /// Reads a whole file, which must not be longer than so many bytes.
    pub(super) async fn read(&self, key: FileKey, max_bytes: u64) -> Result<Vec<u8>> {
        self.run(move |disk| disk.read(&key, max_bytes)).await
    }

    /// Opens a stored file.
    pub async fn open(&self, key: FileKey) -> Result<StoredFile> {
        self.run(move |disk| disk.open(&key)).await
    }

    /// Removes files with their thumbs; those that are gone already are skipped.
    pub async fn delete(&self, keys: Vec<FileKey>) -> Result<()> {
        self.run(move |disk| keys.iter().try_for_each(|key| disk.delete(key)))
            .await
    }

    /// Removes all files of a record.
    pub async fn delete_record(&self, collection_id: String, record_id: String) -> Result<()> {
        self.run(move |disk| disk.delete_record(&collection_id, &record_id))
            .await
    }

    /// Removes all files of a collection.
    pub async fn delete_collection(&self, collection_id: String) -> Result<()> {
        self.run(move |disk| disk.delete_collection(&collection_id))
            .await
    }

    /// Runs blocking work on a thread of its own. Work that has begun ends even if nobody waits for it any more.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Disk) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        let disk = Arc::clone(&self.disk);
        let done = task::spawn_blocking(move || {
            let result = work(&disk);
            drop(permit);
            result
        });
        done.await
            .unwrap_or_else(|error| Err(Error::Io(std::io::Error::other(error))))
    }
}
