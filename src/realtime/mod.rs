//! Realtime: who is connected, what they subscribed to, and which of them gets to know a change.
//!
//! `client` is one open stream with its bounded outbox, `topic` reads subscriptions, `registry` keeps both, with those who
//! share a topic as `members`. `deliver` turns a change of the log into messages: `decide` asks once for all who would see
//! the same, and it is rendered once for them. Nothing here reads the clock of a request or opens a connection;
//! `app::realtime` follows the log and `api::realtime` speaks HTTP.

mod client;
mod decide;
mod deliver;
mod members;
mod registry;
mod state;
mod topic;

pub use client::{Client, Events, Filter, Hangup, Limits, Reason, Resume, Shown};
pub use decide::Compiled;
pub use deliver::{Deliverer, Delivery, Event, Letter, Shaper};
pub use members::Replay;
pub use registry::{Identity, Refused, Registry, Submission, Upkeep};
pub use topic::{Audience, Subscription};
