//! What the server did and what went wrong, kept in `auxiliary.db`: requests and the program's own events.
//!
//! Writing an entry never waits: entries go through a bounded queue to a task that stores them in groups
//! ([`Logs::write`]). When there are more than can be kept up with, some are left out and their number is stored
//! instead. Nothing secret may be put into an entry; `api::request_log` takes care of addresses.

mod entry;
mod forward;
mod read;
mod sink;

pub use entry::{Entry, Level, MAX_MESSAGE};
pub use forward::Forward;
pub use read::{List, count, delete_all, list, one, stats, trim};
pub use sink::{Logs, Options};
