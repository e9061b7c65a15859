//! The one integration test binary: every suite that needs the built product is a module here.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests fail by panicking"
)]

mod conformance;
mod crash;
mod engine;
