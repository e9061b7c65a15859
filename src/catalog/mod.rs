//! Collections in the database: their definitions, their tables and views, and how both change together.
//!
//! Everything works inside a transaction that the caller opened and, on any error, rolls back. Nothing here keeps a
//! schema; the caller publishes the new one once the transaction is committed. Start reading at `save`.

mod bootstrap;
mod failure;
mod plan;
mod store;
mod system;
mod table;

#[cfg(test)]
mod tests;

pub use bootstrap::{DataFile, create as create_data, create_auxiliary, inspect};
pub use store::load;
pub use system::{AUTH_ORIGINS, EXTERNAL_AUTHS, MFAS, OTPS, REFERENCE_COLLECTIONS};
