//! Building blocks without any knowledge of the product: clock, ids, text, JSON, errors.
//!
//! Nothing here does I/O except drawing randomness ([`ids`]) and reading the clock ([`time`]); [`turns`] talks to the
//! scheduler.

pub mod cast;
pub mod cron;
pub mod error;
pub mod ids;
pub mod issues;
pub mod json;
pub mod like;
pub mod metrics;
pub mod secret;
pub mod text;
pub mod time;
pub mod tokenize;
pub mod turns;
