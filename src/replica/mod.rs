//! Continuous backup: everything that is committed to the database goes to a folder or a bucket within a second or so,
//! from where the state of any moment kept can be brought back.
//!
//! A *replica* is a place with *generations*. Each start of the server begins one: an image of the database file,
//! copied while it changes, and *segments*, the pages that changed, one after the other ([`Ship`]). An image is good
//! together with the segments from its first on: pages that changed while it was copied are in those. Restoring takes
//! the newest image that was complete at the wanted moment and puts the segments up to that moment over it
//! ([`mod@restore`]). Every piece carries its own hash, and every segment that of the one before it.
//!
//! Where changes come from is `engine::Tap`'s matter. Uploaded files are not part of a replica.

mod error;
mod names;
mod piece;
mod place;
mod prune;
mod restore;
mod ship;
mod status;

pub use error::{Error, Result};
pub use place::Place;
pub use restore::{Restored, restore};
pub use ship::{Options, Ship};
pub use status::{Facts, Status};

/// Waits for what waits for a disk, on a thread that may.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(Error::refused(error.to_string())),
    }
}
