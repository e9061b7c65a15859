//! The one integration test binary.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests fail by panicking"
)]

mod crash;
mod engine;
