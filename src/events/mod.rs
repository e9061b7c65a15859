//! What happens in the product, as a closed list, and the place where handlers are asked about it.
//!
//! Operations fire an [`Event`] around what they do ([`Dispatcher::around`]). Who listens registers one [`Listener`];
//! this module knows nothing of scripts. Where nobody listens to a kind of event in a collection, firing it costs one
//! lookup.

mod dispatcher;
mod event;
mod kind;
mod request;
mod transaction;

pub use dispatcher::{Action, Dispatcher, Edit, Listener, Route, Save};
pub use event::{Event, Item, Items, Members};
pub use kind::{Group, Kind, KindSet};
pub use request::{HttpRequest, Reply, Rest, Upload};
pub use transaction::{End, Transaction};
