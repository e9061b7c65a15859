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
mod lock;
mod members;
pub mod names;
mod stage;
pub mod swap;
mod verify;
mod work;

pub use archives::{Archives, Local, Opened};
pub use create::create;
pub use error::{Error, Result};
pub use folder::{Folder, Listed};
pub use members::FOLDER;
pub(crate) use members::LEFT_OUT;
pub use stage::{linked_folder, mounted_member, stage};
pub use verify::{Key, directory as check, opens, verify};
pub use work::{Work, remove_abandoned, unpacked};
