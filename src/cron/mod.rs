//! Jobs that run on a schedule: a registry anyone may add to, and the clock that starts what is due.
//!
//! Jobs are named; adding one under a name that is taken replaces it. A job never runs twice at the same time: while it
//! runs, further starts of it are dropped. What a job does, and what it is called, is the business of whoever adds it.

mod clock;
mod jobs;
mod runs;

pub use clock::run;
pub use jobs::{Job, Jobs, Listed, Start};
pub use runs::{Outcome, Past};

/// Names that begin like this are the server's own.
pub const SYSTEM_PREFIX: &str = "__pb";
