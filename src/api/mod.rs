//! The HTTP API: requests in, operations called, answers out.
//!
//! [`routes`] is the whole URL space at a glance; [`edge`] is what happens to every request before and after its
//! handler. Handlers parse, call an operation of `app` and answer; they know no SQL and decide no access beyond
//! what their row of the route table says.

mod access;
mod accounts;
mod answer;
mod auth;
mod backups;
mod batch;
mod body;
mod byte_ranges;
mod call;
mod collections;
mod cors;
pub mod counts;
mod crons;
mod dispatch;
mod divert;
pub mod edge;
mod error;
mod files;
mod filled;
mod form;
mod health;
mod hooks;
mod http_date;
mod limits;
mod logs;
pub mod metrics;
mod multipart;
mod oauth2;
mod otp;
mod parameters;
mod params;
mod paths;
mod prefs;
mod reading;
mod realtime;
mod records;
mod remote;
mod request_id;
mod request_log;
pub mod route;
pub mod routes;
mod rules;
mod schema;
mod scripts;
pub mod send_file;
mod settings;
mod sql;
mod stead;
pub mod traces;
mod uploads;
mod waiting;

pub use access::Access;
pub use answer::{Framable, redirect};
pub use call::Line;
pub use cors::Cors;
pub use divert::Divert;
pub use edge::Edge;
pub use error::respond;
pub use limits::refusal;
pub use request_log::refuse;
pub use waiting::is_crowded;
