//! Talking to other servers over HTTP: one client for sign-in services, storage and scripts.
//!
//! [`Client::fetch`] gives a whole answer within limits of time, size and redirects; [`Client::open`] streams one
//! exchange. What is asked and what an answer means is the caller's matter; no proxy, cookies or compression.

mod client;
mod error;
mod reach;
mod tls;

#[cfg(test)]
mod tests;

pub use client::{Answer, Body, Client, Limits, Streamed, full_body, request};
pub use error::{Error, Result};
pub use reach::Reach;
