//! Collections in the database: their definitions, their tables and views, and how both change together.
//!
//! Everything works inside a transaction that the caller opened and, on any error, rolls back. Nothing here keeps a
//! schema; the caller publishes the new one once the transaction is committed. Start reading at `save`.

mod bootstrap;
mod delete;
mod dry_run;
mod failure;
mod import;
mod list;
mod plan;
pub mod providers;
mod rehearsal;
mod rewrite;
mod save;
mod store;
mod system;
mod table;
mod upgrade;
mod validate;
mod views;

#[cfg(test)]
mod tests;

pub use bootstrap::{
    DataFile, create as create_data, create_auxiliary, inspect, note_migration, stored_settings,
};
pub use delete::{Deleted, delete};
pub use dry_run::dry_run;
pub use import::{Imported, Missing, Target, import, targets};
pub use list::{count, ids};
pub use rehearsal::{Rehearsal, empty_copy, rehearse};
pub use rewrite::{Rename, Rewritten, rewrite};
pub use save::{RemovedFile, Sampled, Saved, create, sample, update};
pub use store::load;
pub use upgrade::{Step, missing_steps, upgrade};
