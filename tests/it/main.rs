//! The one integration test binary: every suite that needs the built product is a module here.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "tests fail by panicking"
)]

mod access_matrix;
mod accounts;
mod backups;
mod bad_input;
mod batch;
mod cascade;
mod chaos;
mod cli;
mod conformance;
mod crons;
mod data_dir;
mod describe;
#[cfg(target_os = "linux")]
mod durable;
mod edge;
mod engine;
mod fair_realtime;
mod files;
mod forms;
mod guessing;
mod half_closed;
mod hooks;
mod insights;
mod limits;
mod logs;
mod mail;
mod manual;
mod metrics;
mod oauth2;
mod older;
mod otp;
mod overload;
mod own_schema;
mod parallel;
mod prefs;
mod privacy;
mod realtime;
mod replica;
mod restores;
mod resume;
mod rule_lab;
mod s3;
mod schema_plan;
#[cfg(unix)]
mod signals;
mod static_files;
mod support;
mod thumbs;
mod tidy;
mod tls;
mod totals;
mod uploads;
