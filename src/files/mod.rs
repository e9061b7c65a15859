//! Files of records: uploads on their way in, the stores that keep them, and thumbnails.
//!
//! Reading multipart bodies and writing responses is `api`'s matter; who may see a file is `app`'s.
//! Start reading at [`Upload`] and [`Store`].

mod error;
mod key;
pub mod names;
mod resumable;
pub mod sniff;
mod store;
mod thumbs;
mod upload;

pub use error::{Error, Result};
pub use key::FileKey;
pub use resumable::{Claim, Note, Problem, Progress, Resumables};
pub use store::{
    Child, ChildKind, Content, LocalStore, S3Store, Store, StoredFile, create_dir_durable,
    open_regular, sync_dir,
};
pub use thumbs::{DEFAULT_SIZE, Size, Thumb, ThumbLimits, Thumbs};
pub use upload::{MEMORY_LIMIT, Spool, Upload};

/// Directory inside the data directory for files that are not finished; emptied at start, never backed up.
pub const TEMP_DIR: &str = ".pb_temp_to_delete";

/// Directory inside [`TEMP_DIR`] for uploads that may be continued; it stays when the rest is emptied.
pub const RESUMABLE_DIR: &str = "resumable";

/// Beginning of the name of the directory for thumbnails of a file.
pub const THUMBS_PREFIX: &str = "thumbs_";

/// Directory inside the data directory for stored files.
pub const STORAGE_DIR: &str = "storage";
