//! Where stored files are kept: a directory or a bucket, behind one set of operations.
//!
//! Content streams in and out; no operation holds a whole file in memory, except [`Store::read`] with its limit.

mod attrs;
mod disk;
mod local;
mod pieces;
mod s3;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::future::Either;

use crate::base::time::Timestamp;
use crate::fetch;
use crate::files::error::Result;
use crate::files::key::FileKey;
use crate::files::upload::{Spool, Upload};
use crate::settings::S3;
pub use disk::{create_dir_durable, open_regular, sync_dir};
pub use local::LocalStore;
pub use s3::S3Store;

/// A place for stored files. Cheap to clone.
#[derive(Clone, Debug)]
pub enum Store {
    Local(LocalStore),
    S3(S3Store),
}

/// A stored file and what is known about it.
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
    pub content: Content,
}

/// The bytes of a stored file, not read yet. Copies read the same.
#[derive(Clone, Debug)]
pub enum Content {
    File(Arc<std::fs::File>),
    Object(s3::Object),
}

impl Content {
    /// Reads `length` bytes from `start` on, piece by piece as they are taken. Ends with an error if there are not as
    /// many.
    pub fn stream(
        self,
        start: u64,
        length: u64,
    ) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
        match self {
            Self::File(file) => Either::Left(pieces::stream(file, start, length)),
            Self::Object(object) => Either::Right(object.stream(start, length)),
        }
    }

    /// The same, begun: what cannot be read is known before anything is promised.
    pub async fn begin(
        self,
        start: u64,
        length: u64,
    ) -> Result<impl Stream<Item = std::io::Result<Bytes>> + Send + 'static> {
        Ok(match self {
            Self::File(file) => Either::Left(pieces::stream(file, start, length)),
            Self::Object(object) => Either::Right(object.begin(start, length).await?),
        })
    }
}

/// Something in a folder of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    pub name: String,
    pub kind: ChildKind,
}

/// What something in a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChildKind {
    Folder,
    File {
        size: u64,
        modified: Timestamp,
    },
    /// What is noted about a file that is not there.
    Note {
        modified: Timestamp,
    },
}

impl Store {
    /// The store in a directory; `temp` is for files that are not finished.
    pub fn local(dir: PathBuf, temp: PathBuf) -> Self {
        Self::Local(LocalStore::new(dir, temp))
    }

    /// The store in a bucket. Fails if the settings cannot be an address.
    pub fn s3(settings: &S3, client: fetch::Client, temp: PathBuf) -> Result<Self> {
        Ok(Self::S3(S3Store::new(settings, client, temp)?))
    }

    /// Starts taking an upload in.
    pub fn spool(&self) -> Spool {
        Spool::new(self.temp())
    }

    /// The local directory for files that are not finished.
    pub fn temp(&self) -> &Path {
        match self {
            Self::Local(store) => store.temp(),
            Self::S3(store) => store.temp(),
        }
    }

    /// Stores an upload. When this returns, it survives a power cut.
    pub async fn put(&self, key: &FileKey, upload: Upload) -> Result<()> {
        match self {
            Self::Local(store) => store.put(key.clone(), upload).await,
            Self::S3(store) => store.put(key, upload).await,
        }
    }

    /// Stores what can be made again at any time; it does not have to survive a power cut.
    pub(super) async fn put_derived(
        &self,
        key: &FileKey,
        content_type: &'static str,
        bytes: Vec<u8>,
    ) -> Result<()> {
        match self {
            Self::Local(store) => store.put_derived(key.clone(), content_type, bytes).await,
            Self::S3(store) => store.put_bytes(key, content_type, bytes.into()).await,
        }
    }

    /// Finds a stored file.
    pub async fn open(&self, key: &FileKey) -> Result<StoredFile> {
        match self {
            Self::Local(store) => store.open(key.clone()).await,
            Self::S3(store) => store.open(key).await,
        }
    }

    /// Finds a stored file that is going to be read from its beginning to its end, which takes one exchange then.
    pub async fn open_whole(&self, key: &FileKey) -> Result<StoredFile> {
        match self {
            Self::Local(store) => store.open(key.clone()).await,
            Self::S3(store) => store.open_whole(key).await,
        }
    }

    /// Reads a whole file, which must not be longer than so many bytes.
    pub async fn read(&self, key: &FileKey, max_bytes: u64) -> Result<Vec<u8>> {
        match self {
            Self::Local(store) => store.read(key.clone(), max_bytes).await,
            Self::S3(store) => store.read(key, max_bytes).await,
        }
    }

    /// Removes files with their thumbs; those that are gone already are skipped.
    pub async fn delete(&self, keys: Vec<FileKey>) -> Result<()> {
        match self {
            Self::Local(store) => store.delete(keys).await,
            Self::S3(store) => store.delete(keys).await,
        }
    }

    /// Removes a folder and all in it.
    pub async fn delete_folder(&self, key: FileKey) -> Result<()> {
        match self {
            Self::Local(store) => store.delete_folder(key).await,
            Self::S3(store) => store.delete_folder(&key).await,
        }
    }

    /// What is in a folder (`None` for the outermost), some at a time and in no particular order: `after` is what the
    /// page before gave, and there are more pages for as long as the answer has one.
    pub async fn children(
        &self,
        folder: Option<&FileKey>,
        after: Option<String>,
    ) -> Result<(Vec<Child>, Option<String>)> {
        match self {
            Self::Local(store) => store.children(folder.cloned(), after).await,
            Self::S3(store) => store.children(folder, after).await,
        }
    }

    /// All that is in a folder (`None` for the outermost), in no particular order.
    pub async fn all_children(&self, folder: Option<&FileKey>) -> Result<Vec<Child>> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let (page, next) = self.children(folder, after).await?;
            all.extend(page);
            after = next;
            if after.is_none() {
                return Ok(all);
            }
        }
    }
}
