//! Copies of the whole data directory as zip archives: making, checking and putting them back.
//!
//! Works on directories and knows nothing of the running application: `app::backups` decides who may and when. A
//! restored archive only becomes the data directory between closing and opening it ([`swap`]); everything that can fail
//! is done before, and a directory that cannot be opened afterwards is put back as it was.

mod archive;
mod archives;
mod create;
mod error;
mod extract;
mod flush;
mod folder;
pub mod names;
mod stage;
pub mod swap;
mod verify;
mod work;

pub use archives::{Archives, Local, Opened};
pub use create::create;
pub use error::{Error, Result};
pub use folder::{Folder, Listed};
pub use stage::{linked_folder, mounted_member, stage};
pub use verify::{Key, directory as check, opens, verify};
pub use work::{Work, remove_abandoned, unpacked};

/// Folder of the archives in a data directory.
pub const FOLDER: &str = "backups";

/// Members of a data directory that are no part of it: neither in archives nor touched by restoring one.
pub(crate) const LEFT_OUT: &[&str] = &[
    FOLDER,
    swap::FOLDER,
    ".pb_temp_to_delete",
    ".notify",
    ".autocert_cache",
    ".stead.lock",
    ".stead_running",
    "lost+found",
];

/// Says whether a member of a data directory is no part of it.
fn is_left_out(name: &str) -> bool {
    LEFT_OUT.contains(&name) || name.starts_with(swap::FOLDER)
}

/// The databases; they are copied by SQLite rather than as files.
const DATABASES: &[&str] = &["data.db", "auxiliary.db"];
