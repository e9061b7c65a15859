//! The one integration test binary: every suite that needs the built product is a module here.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests fail by panicking"
)]

mod access_matrix;
mod backups;
mod cascade;
mod cli;
mod conformance;
mod crash;
mod crons;
mod data_dir;
mod edge;
mod engine;
mod files;
mod limits;
mod logs;
mod parallel;
mod privacy;
mod static_files;
mod support;
mod thumbs;
mod tidy;
