//! Who is connected and what they subscribed to, found by topic and by the record they signed in as.
//!
//! One lock, held for look-ups only: messages are made and queued outside of it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::base::time::Timestamp;
use crate::realtime::client::{Client, Message, Reason};
use crate::realtime::limits::Limits;
use crate::realtime::members::{Replay, Topic};
use crate::realtime::state::{Connected, State, Wanted};
use crate::realtime::submission::{Identity, Refused, Submission, Upkeep};
use crate::realtime::topic::Subscription;

/// All streams of this process.
#[derive(Debug, Default)]
pub struct Registry {
    state: Mutex<State>,
    limits: Limits,
}

impl Registry {
    /// A registry whose streams keep to these limits.
    pub fn new(limits: Limits) -> Self {
        Self {
            state: Mutex::default(),
            limits,
        }
    }

    pub(super) const fn limits(&self) -> Limits {
        self.limits
    }

    /// Takes in a client whose stream is being opened.
    pub(super) fn connect(&self, client: &Arc<Client>) {
        let mut state = self.lock();
        if state.closed {
            client.close(Reason::Stopping);
        }
        state.clients.insert(
            client.id().to_owned(),
            Connected {
                client: Arc::clone(client),
                identity: Identity::GUEST,
                subscriptions: Vec::new(),
            },
        );
    }

    pub(super) fn disconnect(&self, client_id: &str) {
        let mut state = self.lock();
        let Some(connected) = state.clients.remove(client_id) else {
            return;
        };
        state.forget_auth(client_id, &connected.identity);
        for subscription in &connected.subscriptions {
            state.leave(&connected.identity.principal, subscription);
        }
    }

    /// Replaces what a client is subscribed to. Returns the subscriptions that have something to catch up on.
    pub fn submit(&self, submission: Submission) -> Result<Vec<Replay>, Refused> {
        let mut state = self.lock();
        let id = submission.client_id.as_str();
        let connected = state.clients.get(id).ok_or(Refused::UnknownClient)?;
        if connected.client.ip() != submission.ip {
            return Err(Refused::OtherAddress);
        }
        let before = connected.identity.auth_key();
        let is_same = before.is_none() || before == submission.identity.auth_key();
        if !is_same {
            return Err(Refused::OtherAuth);
        }
        if state.topics.is_empty() {
            // Nobody listened until now, so nothing was handed out since the last time somebody did.
            state.position = submission.newest;
        }
        let wanted = Wanted::Exactly(submission);
        Ok(state.replace(wanted))
    }

    /// Makes a client somebody else, subscribed to the same; for upkeep of what is known about the record.
    pub fn reidentify(&self, client_id: &str, identity: Identity) -> Vec<Replay> {
        self.lock().replace(Wanted::Same {
            client_id: client_id.to_owned(),
            identity,
        })
    }

    /// Everyone who subscribed to one of these topics, for a change that is handed out now.
    pub(super) fn hand_out(&self, seq: i64, topics: &[String]) -> Vec<Arc<Topic>> {
        let mut state = self.lock();
        state.position = state.position.max(seq);
        topics
            .iter()
            .map(|topic| state.topics.get(topic).cloned().unwrap_or_default())
            .collect()
    }

    /// Takes back that changes after one were handed out, because nothing came of it.
    pub fn go_back(&self, seq: i64) {
        let mut state = self.lock();
        state.position = state.position.min(seq);
    }

    /// Lets subscriptions that were not told of a change in time catch up from there. What a client has submitted anew
    /// meanwhile goes on in the place of what it was.
    pub fn fall_back(&self, seq: i64, late: Vec<Replay>) -> Vec<Replay> {
        let state = self.lock();
        late.into_iter()
            .filter_map(|replay| state.successor(replay))
            .filter(|replay| replay.subscription.fall_back(seq))
            .collect()
    }

    /// Passes over a change that nobody is subscribed to.
    pub fn pass(&self, seq: i64) {
        let mut state = self.lock();
        state.position = state.position.max(seq);
    }

    /// The number of the subscriptions' state.
    pub fn generation(&self) -> u64 {
        self.lock().generation
    }

    /// The last change that was handed out; nothing while nobody is subscribed.
    pub fn position(&self) -> Option<i64> {
        let state = self.lock();
        (!state.topics.is_empty()).then_some(state.position)
    }

    /// Ends catching up if nothing was handed out beyond it.
    pub fn go_live(&self, subscription: &Subscription) -> bool {
        let state = self.lock();
        let caught_up = subscription.cursor() >= state.position;
        if caught_up {
            subscription.go_live(subscription.cursor());
        }
        caught_up
    }

    /// What may name the collections whose changes matter: first segments of topics, and ids of the collections that
    /// clients signed in with.
    pub fn collections(&self) -> HashSet<String> {
        let state = self.lock();
        let names = state.names.0.keys();
        names
            .chain(state.auth_collections.0.keys())
            .cloned()
            .collect()
    }

    /// Sends a message to a client under a topic it is subscribed to. Returns whether it was.
    pub fn send(&self, client_id: &str, topic: &str, data: Vec<u8>) -> bool {
        let (client, subscription) = {
            let state = self.lock();
            let Some(connected) = state.clients.get(client_id) else {
                return false;
            };
            let found = connected
                .subscriptions
                .iter()
                .find(|subscription| subscription.name == topic);
            let Some(subscription) = found else {
                return false;
            };
            (Arc::clone(&connected.client), Arc::clone(subscription))
        };
        let head = format!("id:{}\nevent:{}\ndata:", client.id(), subscription.shown());
        client.push(Message {
            head: head.into(),
            payload: Bytes::from(data),
        });
        true
    }

    /// The names of a client's subscriptions.
    pub fn subscriptions(&self, client_id: &str) -> Vec<String> {
        let state = self.lock();
        let connected = state.clients.get(client_id);
        let subscriptions = connected.into_iter().flat_map(|c| &c.subscriptions);
        subscriptions
            .map(|subscription| subscription.name.clone())
            .collect()
    }

    /// Collection and id of the record a client signed in as.
    pub fn auth_of(&self, client_id: &str) -> Option<serde_json::Value> {
        let state = self.lock();
        let auth = state.clients.get(client_id)?.identity.auth()?;
        Some(serde_json::json!({ "collection": auth.collection_name, "id": auth.id }))
    }

    /// The clients that are subscribed to a topic, with whatever options.
    pub fn subscribed(&self, topic: &str) -> Vec<Arc<Client>> {
        let state = self.lock();
        let Some(topic) = state.topics.get(topic) else {
            return Vec::new();
        };
        let members = topic
            .groups
            .values()
            .flat_map(|group| group.members.values());
        let mut clients: Vec<Arc<Client>> =
            members.map(|member| Arc::clone(&member.client)).collect();
        clients.sort_unstable_by(|a, b| a.id().cmp(b.id()));
        clients.dedup_by(|a, b| a.id() == b.id());
        clients
    }

    /// Sends a message to a client under each of its subscriptions to a topic. Returns whether there was one.
    pub fn send_topic(&self, client_id: &str, topic: &str, data: &[u8]) -> bool {
        let names: Vec<String> = {
            let state = self.lock();
            let connected = state.clients.get(client_id);
            let subscriptions = connected.into_iter().flat_map(|c| &c.subscriptions);
            subscriptions
                .filter(|subscription| subscription.topic == topic)
                .map(|subscription| subscription.name.clone())
                .collect()
        };
        let mut is_sent = false;
        for name in &names {
            is_sent |= self.send(client_id, name, data.to_vec());
        }
        is_sent
    }

    /// Takes a subscription from a client.
    pub fn unsubscribe(&self, client_id: &str, topic: &str) {
        let mut state = self.lock();
        let Some(connected) = state.clients.get_mut(client_id) else {
            return;
        };
        let principal = connected.identity.principal.clone();
        let (gone, kept) = std::mem::take(&mut connected.subscriptions)
            .into_iter()
            .partition(|subscription| subscription.name == topic);
        connected.subscriptions = kept;
        let gone: Vec<Arc<Subscription>> = gone;
        for subscription in &gone {
            state.leave(&principal, subscription);
        }
    }

    /// An open stream.
    pub fn client(&self, client_id: &str) -> Option<Arc<Client>> {
        let state = self.lock();
        let connected = state.clients.get(client_id)?;
        Some(Arc::clone(&connected.client))
    }

    /// Number of open streams.
    pub fn len(&self) -> usize {
        self.lock().clients.len()
    }

    /// Says whether nobody is connected.
    pub fn is_empty(&self) -> bool {
        self.lock().clients.is_empty()
    }

    /// The clients that signed in as a record.
    pub fn signed_in_as(&self, collection_id: &str, record_id: &str) -> Vec<Upkeep> {
        let state = self.lock();
        let key = (collection_id.to_owned(), record_id.to_owned());
        let ids = state.by_auth.get(&key);
        ids.into_iter()
            .flatten()
            .filter_map(|id| state.upkeep(id))
            .collect()
    }

    /// All clients that are signed in.
    pub fn signed_in(&self) -> Vec<Upkeep> {
        let state = self.lock();
        let ids = state.by_auth.values().flatten();
        ids.filter_map(|id| state.upkeep(id)).collect()
    }

    /// Disconnects the clients whose token has ended.
    pub fn expire(&self, now: Timestamp) {
        for connected in self.lock().clients.values() {
            if connected.identity.expires.is_some_and(|end| end <= now) {
                connected.client.close(Reason::TokenExpired);
            }
        }
    }

    /// Disconnects everybody for good.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        for connected in state.clients.values() {
            connected.client.close(Reason::Stopping);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
