//! Realtime: who is connected, what they subscribed to, and which of them gets to know a change.
//!
//! `client` is one who listens, with a bounded outbox that its `stream` empties, `topic` reads subscriptions,
//! `registry` keeps both, with those who share a topic as `members`. `deliver` turns a change of the log into messages:
//! `decide` asks once for all who would see the same, and it is rendered once for them. Nothing here reads the clock of
//! a request or opens a connection; `app::realtime` follows the log and `api::realtime` speaks HTTP.

mod client;
mod decide;
mod deliver;
mod limits;
mod members;
mod registry;
mod state;
mod stream;
mod submission;
mod topic;

pub use client::{Client, Hangup, Reason, Resume};
pub use decide::Compiled;
pub use deliver::{Deliverer, Delivery, Event, Letter, Shaper};
pub use limits::Limits;
pub use members::Replay;
pub use registry::Registry;
pub use stream::{Events, Filter, Shown};
pub use submission::{Identity, Refused, Submission, Upkeep};
pub use topic::{Audience, Subscription};
