//! Stead: a backend in one executable.
//!
//! Modules are layers; each imports only lower ones (checked by `tests/it/tidy.rs`):
//!
//! | layer | modules |
//! |---|---|
//! | 0 | [`base`] |
//! | 1 | [`ctx`], [`sql`], [`expr`], [`fetch`] |
//! | 2 | [`schema`], [`engine`] |
//! | 3 | [`describe`], [`query`], [`settings`] |
//! | 4 | [`catalog`], [`record`] |
//! | 5 | [`auth`], [`cron`], [`files`], [`limits`], [`logs`], [`mail`], [`realtime`] |
//! | 6 | [`backup`], [`events`], [`replica`] |
//! | 7 | [`app`] |
//! | 8 | [`api`], [`hooks`] |
//! | 9 | [`server`], [`ui`] |
//! | 10 | [`cli`] |
//!
//! Start reading at `docs/ARCHITECTURE.md`.

pub mod api;
pub mod app;
pub mod auth;
pub mod backup;
pub mod base;
pub mod catalog;
pub mod cli;
pub mod cron;
pub mod ctx;
pub mod describe;
pub mod engine;
pub mod events;
pub mod expr;
pub mod fetch;
pub mod files;
pub mod hooks;
pub mod limits;
pub mod logs;
pub mod mail;
pub mod query;
pub mod realtime;
pub mod record;
pub mod replica;
pub mod schema;
pub mod server;
pub mod settings;
pub mod sql;
#[cfg(feature = "ui")]
pub mod ui;
