//! Why there is no thumbnail, and of which files there will be none.

use std::collections::{HashMap, VecDeque};

use crate::base::time::Timestamp;
use crate::files::Error;
use crate::files::key::FileKey;
use crate::files::store::StoredFile;

/// Most thumbnails that are known to be impossible.
const MAX_KNOWN: usize = 4096;

/// Why a thumbnail was not made.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Unusable(#[from] Unusable),
    #[error("{0}")]
    Files(#[from] Error),
    #[error("{0}")]
    Ended(#[from] tokio::task::JoinError),
    #[error("{0}")]
    Closed(#[from] tokio::sync::AcquireError),
}

impl Failure {
    /// Says whether it would end the same with each try.
    pub(super) fn is_final(&self) -> bool {
        match self {
            Self::Unusable(_) | Self::Files(Error::TooLarge) => true,
            Self::Ended(error) => error.is_panic(),
            Self::Files(_) | Self::Closed(_) => false,
        }
    }
}

/// What was found out about originals, the latest: decoding one again with each request would be work for nothing.
#[derive(Debug, Default)]
pub(super) struct Impossible {
    known: HashMap<FileKey, Version>,
    order: VecDeque<FileKey>,
}

/// What an original was like: somebody may put another one in its place.
type Version = (u64, Timestamp);

pub(super) const fn version(original: &StoredFile) -> Version {
    (original.size, original.modified)
}

impl Impossible {
    pub(super) fn has(&self, thumb: &FileKey, version: Version) -> bool {
        self.known.get(thumb) == Some(&version)
    }

    pub(super) fn add(&mut self, thumb: FileKey, version: Version) {
        if self.known.insert(thumb.clone(), version).is_none() {
            self.order.push_back(thumb);
        }
        if self.order.len() > MAX_KNOWN
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

/// Why there is no thumbnail of a picture.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unusable {
    #[error("it is no PNG, JPEG, GIF or WebP picture")]
    Format,
    #[error(
        "the original image is too large ({0}x{1}) and exceeds the total max allowed {2} pixels"
    )]
    TooLarge(u32, u32, u64),
    #[error("a thumbnail of {0}x{1} pixels is too large")]
    Thumbnail(u32, u32),
    #[error("it takes {0} MiB of memory to decode it")]
    Memory(u64),
    #[error("{0}")]
    Png(#[from] png::DecodingError),
    #[error("{0}")]
    Decode(#[from] image::ImageError),
    #[error("{0}")]
    Jpeg(#[from] jpeg_decoder::Error),
    #[error("it cannot be resized: {0}")]
    Resize(String),
    #[error("it cannot be written as WebP")]
    Webp,
}

#[cfg(test)]
mod tests {
    use super::{Impossible, MAX_KNOWN};
    use crate::base::time::Timestamp;
    use crate::files::key::FileKey;

    #[test]
    fn what_is_known_is_bounded_and_about_one_file() {
        let key = |n: usize| FileKey::of(&["c", &n.to_string()]).unwrap();
        let version = |size| (size, Timestamp::from_unix_ms(1));
        let mut impossible = Impossible::default();
        for n in 0..=MAX_KNOWN {
            impossible.add(key(n), version(7));
            impossible.add(key(n), version(8));
        }
        assert!(!impossible.has(&key(0), version(8)));
        assert!(impossible.has(&key(1), version(8)));
        assert!(!impossible.has(&key(1), version(7)));
        assert_eq!(impossible.known.len(), MAX_KNOWN);
    }
}
