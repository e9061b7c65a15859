//! Who is subscribed to a topic, grouped by audience, and subscriptions that go on by themselves.

use std::collections::HashMap;
use std::sync::Arc;

use crate::base::error::Error;
use crate::realtime::client::{Client, Message};
use crate::realtime::topic::{Audience, Subscription};

/// Everyone who subscribed to one topic.
#[derive(Clone, Debug, Default)]
pub(super) struct Topic {
    pub(super) groups: HashMap<String, Group>,
}

/// Subscriptions of one audience.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) audience: Arc<Audience>,
    /// By what the subscription is called in memory, for leaving without a search.
    pub(super) members: HashMap<usize, Member>,
}

impl Group {
    /// The members for whom a change is that is handed out now.
    pub(super) fn wanting(&self, seq: i64) -> impl Iterator<Item = &Member> {
        let members = self.members.values();
        members.filter(move |member| member.subscription.wants(seq))
    }
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    pub(super) client: Arc<Client>,
    pub(super) subscription: Arc<Subscription>,
}

/// Says that the changes up to one were not all told.
pub(super) fn resync(subscription: &Subscription, seq: i64) -> Message {
    let payload = format!("{{\"action\":\"resync\",\"record\":{{}},\"seq\":{seq}}}");
    subscription.message(seq, payload.into())
}

/// A subscription that has to be told what it missed.
#[derive(Clone, Debug)]
pub struct Replay {
    pub client: Arc<Client>,
    pub subscription: Arc<Subscription>,
    pub audience: Arc<Audience>,
}

impl Replay {
    /// Goes on after a change; a client that asked for all of them learns that it was not told some.
    pub fn skip_to(&self, seq: i64) {
        if self.subscription.is_resumable {
            self.client.push(resync(&self.subscription, seq));
        }
        self.subscription.advance(seq);
    }

    /// Mentions in the log why the client was not told of a change.
    pub fn report(&self, error: &Error) {
        self.audience.report(self.subscription.topic(), error);
    }
}
