//! Stead: a backend in one executable.
//!
//! Modules are layers; each imports only lower ones (checked by `tests/it/tidy.rs`):
//!
//! | layer | modules |
//! |---|---|
//! | 0 | [`base`] |
//! | 1 | [`ctx`], [`sql`], [`expr`] |
//! | 2 | [`schema`], [`engine`] |
//! | 3 | [`query`] |
//! | 4 | [`catalog`] |
//!
//! Start reading at `docs/ARCHITECTURE.md`.

pub mod base;
pub mod catalog;
pub mod ctx;
pub mod engine;
pub mod expr;
pub mod query;
pub mod schema;
pub mod sql;
