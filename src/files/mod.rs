//! Files of records: uploads on their way in, the local storage, and thumbnails.
//!
//! Reading multipart bodies and writing responses is `api`'s matter; who may see a file is `app`'s.
//! Start reading at [`Upload`] and [`LocalStore`].

mod attrs;
mod disk;
mod error;
mod local;
pub mod names;
pub mod sniff;
mod thumbs;
mod upload;

#[cfg(test)]
mod tests;

pub use error::{Error, Result};
pub use local::{FileKey, LocalStore, StoredFile};
pub use thumbs::{DEFAULT_SIZE, Size, Thumb, ThumbLimits, Thumbs};
pub use upload::{MEMORY_LIMIT, Spool, Upload};

/// Directory inside the data directory for files that are not finished; emptied at start, never backed up.
pub const TEMP_DIR: &str = ".pb_temp_to_delete";

/// Beginning of the name of the directory for thumbnails of a file.
const THUMBS_PREFIX: &str = "thumbs_";

/// Directory inside the data directory for stored files.
pub const STORAGE_DIR: &str = "storage";
