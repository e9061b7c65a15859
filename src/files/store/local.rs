//! The store in a directory: what `disk` does, on threads that may block.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use tokio::sync::Semaphore;
use tokio::task;

use crate::files::error::{Error, Result};
use crate::files::key::FileKey;
use crate::files::store::disk::Disk;
use crate::files::store::{Child, StoredFile};
use crate::files::upload::Upload;

/// How many operations may use the file system at once; the others wait without holding a thread.
const MAX_CONCURRENT: usize = 16;

/// The storage of a data directory. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LocalStore {
    disk: Arc<Disk>,
    permits: Arc<Semaphore>,
}

impl LocalStore {
    /// Names the directory; creates nothing.
    pub(super) fn new(dir: PathBuf, temp: PathBuf) -> Self {
        Self {
            disk: Arc::new(Disk {
                storage: dir,
                temp,
                durable: Mutex::default(),
            }),
            permits: Arc::new(Semaphore::new(MAX_CONCURRENT)),
        }
    }

    pub(super) fn temp(&self) -> &Path {
        &self.disk.temp
    }

    pub(super) async fn put(&self, key: FileKey, upload: Upload) -> Result<()> {
        self.run(move |disk| disk.put(&key, upload)).await
    }

    pub(super) async fn put_derived(
        &self,
        key: FileKey,
        content_type: &'static str,
        bytes: Vec<u8>,
    ) -> Result<()> {
        self.run(move |disk| disk.put_derived(&key, content_type, &bytes))
            .await
    }

    pub(super) async fn open(&self, key: FileKey) -> Result<StoredFile> {
        self.run(move |disk| disk.open(&key)).await
    }

    pub(super) async fn read(&self, key: FileKey, max_bytes: u64) -> Result<Vec<u8>> {
        self.run(move |disk| disk.read(&key, max_bytes)).await
    }

    pub(super) async fn delete(&self, keys: Vec<FileKey>) -> Result<()> {
        // One that cannot be removed keeps no other.
        self.run(move |disk| {
            let removed = keys.iter().map(|key| disk.delete(key));
            removed.fold(Ok(()), Result::and)
        })
        .await
    }

    pub(super) async fn delete_folder(&self, key: FileKey) -> Result<()> {
        self.run(move |disk| disk.delete_folder(&key)).await
    }

    pub(super) async fn children(
        &self,
        folder: Option<FileKey>,
        after: Option<String>,
    ) -> Result<(Vec<Child>, Option<String>)> {
        self.run(move |disk| disk.children(folder.as_ref(), after.as_deref()))
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
