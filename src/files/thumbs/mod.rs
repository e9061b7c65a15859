//! Thumbnails: made when they are first asked for, once each, on a bounded number of threads, and kept beside the file.
//!
//! Which sizes a field allows and who may see a file is `app`'s matter. Start reading at [`Thumbs`].

mod picture;
mod rows;
mod size;
mod unusable;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use tokio::task;

use crate::files::key::FileKey;
use crate::files::store::{Store, StoredFile};
use crate::files::{Error, Result};
use picture::Picture;
pub use size::Size;
use unusable::{Failure, Impossible, Unusable, version};

/// The size every file field has.
pub const DEFAULT_SIZE: &str = "100x100";

/// Largest original a thumbnail is made of, in bytes.
const MAX_SOURCE_BYTES: u64 = 128 << 20;

/// Unit in which memory is counted.
const UNIT: u64 = 1 << 20;

/// Most thumbnails that wait; whoever asks for more gets originals.
const MAX_WAITING: usize = 4096;

/// Stored types thumbnails are made of.
const TYPES: [&str; 5] = [
    "image/png",
    "image/jpg",
    "image/jpeg",
    "image/gif",
    "image/webp",
];

/// What the operator allows.
#[derive(Clone, Copy, Debug)]
pub struct ThumbLimits {
    /// How many are made at once; `None` for as many as there are processors.
    pub workers: Option<usize>,
    /// Longest time a request waits for one.
    pub max_wait: Duration,
    /// Most pixels of an original.
    pub max_source_pixels: u64,
    /// Bytes all in the making may use together; those that would exceed it wait.
    pub memory: u64,
}

impl Default for ThumbLimits {
    fn default() -> Self {
        Self {
            workers: None,
            max_wait: Duration::from_mins(1),
            max_source_pixels: 262_144_000,
            memory: 512 << 20,
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Thumb {
    /// The size as it was written, which is part of the name.
    pub name: String,
    pub size: Size,
    /// Whether it is to be WebP whatever the original is.
    pub to_webp: bool,
}

/// Makes thumbnails. Cheap to clone.
#[derive(Clone)]
pub struct Thumbs(Arc<Shared>);

struct Shared {
    limits: ThumbLimits,
    workers: Arc<Semaphore>,
    memory: Arc<Semaphore>,
    /// Those in the making. The other end of the channel is dropped when one is done, well or badly.
    running: Mutex<HashMap<FileKey, watch::Receiver<()>>>,
    impossible: Mutex<Impossible>,
}

impl fmt::Debug for Thumbs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Thumbs")
            .field("limits", &self.0.limits)
            .finish_non_exhaustive()
    }
}

impl Thumbs {
    /// Starts no thread yet.
    pub fn new(limits: ThumbLimits) -> Self {
        let workers = limits.workers.unwrap_or_else(|| {
            std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
        });
        Self(Arc::new(Shared {
            limits,
            workers: Arc::new(Semaphore::new(workers.clamp(1, 256))),
            memory: Arc::new(Semaphore::new(permits(limits.memory) as usize)),
            running: Mutex::default(),
            impossible: Mutex::default(),
        }))
    }

    /// Says whether files of a stored type have thumbnails.
    pub fn makes(content_type: &str) -> bool {
        TYPES.contains(&content_type)
    }

    /// The thumbnail of a file, made if there is none yet. `None` if it cannot be made or not in time; the reason is
    /// logged once.
    pub async fn open(
        &self,
        store: &Store,
        original: &FileKey,
        file: &StoredFile,
        thumb: &Thumb,
    ) -> Result<Option<StoredFile>> {
        let key = original.thumb(&thumb.name, thumb.to_webp)?;
        if self.0.impossible().has(&key, version(file)) {
            return Ok(None);
        }
        match store.open(&key).await {
            Err(Error::NotFound) => {}
            found => return found.map(Some),
        }
        let Some(mut running) = self.start(store, original, file, &key, thumb) else {
            return Ok(None);
        };
        // Nothing is ever sent: an error says that the other end is gone.
        let done = tokio::time::timeout(self.0.limits.max_wait, running.changed()).await;
        if done.is_err() {
            tracing::warn!(file = %original, thumb = thumb.name, "a thumbnail takes too long");
            return Ok(None);
        }
        match store.open(&key).await {
            Err(Error::NotFound) => Ok(None),
            found => found.map(Some),
        }
    }

    /// Joins the making of a thumbnail or begins it; `None` if too many are waiting.
    fn start(
        &self,
        store: &Store,
        original: &FileKey,
        file: &StoredFile,
        key: &FileKey,
        thumb: &Thumb,
    ) -> Option<watch::Receiver<()>> {
        let mut running = self
            .0
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.get(key) {
            return Some(running.clone());
        }
        if running.len() >= MAX_WAITING {
            tracing::warn!(file = %original, "too many thumbnails are waiting");
            return None;
        }
        let (done, receiver) = watch::channel(());
        running.insert(key.clone(), receiver.clone());
        let entry = Running {
            shared: Arc::clone(&self.0),
            key: key.clone(),
            done: Some(done),
        };
        let (store, original, thumb) = (store.clone(), original.clone(), thumb.clone());
        let version = version(file);
        // It is made to the end even if nobody waits any more: the next one who asks will want it too.
        drop(tokio::spawn(async move {
            let made = entry.shared.make(&store, &original, &entry.key, &thumb);
            if let Err(reason) = made.await {
                tracing::warn!(file = %original, thumb = thumb.name, %reason, "a thumbnail cannot be made");
                if reason.is_final() {
                    entry.shared.impossible().add(entry.key.clone(), version);
                }
            }
        }));
        Some(receiver)
    }
}

impl Shared {
    fn impossible(&self) -> MutexGuard<'_, Impossible> {
        self.impossible
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn make(
        &self,
        store: &Store,
        original: &FileKey,
        key: &FileKey,
        thumb: &Thumb,
    ) -> Result<(), Failure> {
        let worker = Arc::clone(&self.workers).acquire_owned().await?;
        let bytes = store.read(original, MAX_SOURCE_BYTES).await?;
        let ThumbLimits {
            max_source_pixels,
            memory: most,
            ..
        } = self.limits;
        let size = thumb.size;
        let opened = task::spawn_blocking(move || {
            let picture = Picture::open(bytes, max_source_pixels)?;
            let memory = picture.memory(size);
            if memory > most {
                return Err(Unusable::Memory(memory >> 20));
            }
            Ok((picture, permits(memory)))
        });
        let (picture, needed) = opened.await??;
        let memory = Arc::clone(&self.memory).acquire_many_owned(needed).await?;
        let to_webp = thumb.to_webp;
        let made = task::spawn_blocking(move || {
            let made = picture.thumbnail(size, to_webp);
            drop((picture, memory, worker));
            made
        });
        let (bytes, format) = made.await??;
        store.put_derived(key, format.mime(), bytes).await?;
        // The original may have been deleted meanwhile, together with the thumbnails it had then.
        if matches!(store.open(original).await, Err(Error::NotFound)) {
            store.delete(vec![original.clone()]).await?;
        }
        Ok(())
    }
}

/// Takes an entry out when its making ends in whatever way, before those who wait are told.
struct Running {
    shared: Arc<Shared>,
    key: FileKey,
    done: Option<watch::Sender<()>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = self
            .shared
            .running
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        running.remove(&self.key);
        drop(running);
        drop(self.done.take());
    }
}

fn permits(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX)
}
