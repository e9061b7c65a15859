//! Stead: a backend in one executable.
//!
//! Modules are layers; each imports only lower ones (checked by `tests/it/tidy.rs`):
//!
//! | layer | modules |
//! |---|---|
//! | 0 | [`base`] |
//! | 1 | [`ctx`], [`sql`], [`expr`] |
//! | 2 | [`schema`], `engine` |
//!
//! Start reading at `docs/ARCHITECTURE.md`.

pub mod base;
pub mod ctx;
pub mod expr;
pub mod files;
pub mod record;
pub mod schema;
pub mod sql;
