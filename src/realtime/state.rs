//! The tables behind the registry, as they are while its lock is held: clients, topics with their audiences, who signed
//! in as whom. Subscriptions are put in and taken out here; nothing is sent.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::ctx::Principal;
use crate::realtime::client::Client;
use crate::realtime::members::{Group, Member, Replay, Topic};
use crate::realtime::submission::{Identity, Submission, Upkeep};
use crate::realtime::topic::{Audience, Parsed, Start, Subscription};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) clients: HashMap<String, Connected>,
    pub(super) topics: HashMap<String, Arc<Topic>>,
    /// Clients by collection and id of the record they signed in as.
    pub(super) by_auth: HashMap<(String, String), HashSet<String>>,
    /// First segments of the topics: names and ids of collections, and whatever else clients thought of.
    pub(super) names: Counts,
    /// Collections of the records that clients signed in as.
    pub(super) auth_collections: Counts,
    /// The last change that was handed out to live subscriptions.
    pub(super) position: i64,
    /// Counts changes of who is subscribed to what.
    pub(super) generation: u64,
    pub(super) closed: bool,
}

/// Texts with how often they are in use.
#[derive(Debug, Default)]
pub(super) struct Counts(pub(super) HashMap<String, usize>);

impl Counts {
    pub(super) fn add(&mut self, text: &str) {
        match self.0.get_mut(text) {
            Some(count) => *count += 1,
            None => drop(self.0.insert(text.to_owned(), 1)),
        }
    }

    pub(super) fn remove(&mut self, text: &str) {
        if let Some(count) = self.0.get_mut(text) {
            *count -= 1;
            if *count == 0 {
                self.0.remove(text);
            }
        }
    }
}

#[derive(Debug)]
pub(super) struct Connected {
    pub(super) client: Arc<Client>,
    pub(super) identity: Identity,
    pub(super) subscriptions: Vec<Arc<Subscription>>,
}

/// How a client's subscriptions are replaced.
pub(super) enum Wanted {
    Exactly(Submission),
    /// The same ones for another identity.
    Same {
        client_id: String,
        identity: Identity,
    },
}

impl State {
    /// Gives a client other subscriptions, or the same ones as somebody else, and says which of them begin with what
    /// was missed. One that stays goes on where it is.
    pub(super) fn replace(&mut self, wanted: Wanted) -> Vec<Replay> {
        self.generation += 1;
        let (client_id, identity, submission) = match wanted {
            Wanted::Exactly(submission) => (
                submission.client_id.clone(),
                submission.identity.clone(),
                Some(submission),
            ),
            Wanted::Same {
                client_id,
                identity,
            } => (client_id, identity, None),
        };
        let Some(connected) = self.clients.get_mut(&client_id) else {
            return Vec::new();
        };
        let client = Arc::clone(&connected.client);
        let before = std::mem::replace(&mut connected.identity, identity.clone());
        let old = std::mem::take(&mut connected.subscriptions);
        self.forget_auth(&client_id, &before);
        if let Some(key) = identity.auth_key() {
            self.auth_collections.add(&key.0);
            let ids = self.by_auth.entry(key).or_default();
            ids.insert(client_id.clone());
        }
        let names: Vec<String> = match &submission {
            Some(submission) => submission.subscriptions.clone(),
            None => old.iter().map(|one| one.name.clone()).collect(),
        };
        for subscription in &old {
            self.leave(&before.principal, subscription);
        }
        let known: HashMap<&str, &Arc<Subscription>> =
            old.iter().map(|one| (one.name.as_str(), one)).collect();
        let mut kept: HashSet<&str> = HashSet::new();
        let mut subscriptions = Vec::with_capacity(names.len());
        let mut replays = Vec::new();
        for name in &names {
            if name.is_empty() || !kept.insert(name) {
                continue;
            }
            let parsed = Parsed::new(name);
            let asked = submission
                .as_ref()
                .and_then(|submission| submission.since.get(name));
            let start = match (known.get(name.as_str()), &submission) {
                (Some(old), _) => old.position(),
                (None, Some(submission)) => {
                    let since = asked.copied().flatten();
                    let since = since.or(parsed.since).or(client.since());
                    since.map_or(Start::Live(submission.newest), Start::Replay)
                }
                (None, None) => continue,
            };
            let mut subscription = Subscription::new(name, &parsed, &client, start);
            if let Some(old) = known.get(name.as_str()) {
                subscription.sequenced |= old.sequenced;
                subscription.is_resumable = old.is_resumable;
            }
            if asked.is_some() {
                subscription.sequenced = true;
                subscription.is_resumable = true;
            }
            let subscription = Arc::new(subscription);
            let audience = self.join(&identity.principal, &parsed, &client, &subscription);
            if matches!(start, Start::Replay(_)) {
                replays.push(Replay {
                    client: Arc::clone(&client),
                    subscription: Arc::clone(&subscription),
                    audience,
                });
            }
            subscriptions.push(subscription);
        }
        if let Some(connected) = self.clients.get_mut(&client_id) {
            connected.subscriptions = subscriptions;
        }
        replays
    }

    /// Puts a subscription into its topic, among those who see the same.
    fn join(
        &mut self,
        principal: &Principal,
        parsed: &Parsed,
        client: &Arc<Client>,
        subscription: &Arc<Subscription>,
    ) -> Arc<Audience> {
        self.names.add(first_segment(&subscription.topic));
        let topic = self.topics.entry(subscription.topic.clone()).or_default();
        let group = Arc::make_mut(topic)
            .groups
            .entry(Audience::key(principal, parsed))
            .or_insert_with(|| Group {
                audience: Arc::new(Audience::new(principal.clone(), parsed)),
                members: HashMap::new(),
            });
        let member = Member {
            client: Arc::clone(client),
            subscription: Arc::clone(subscription),
        };
        group.members.insert(address(subscription), member);
        Arc::clone(&group.audience)
    }

    /// Takes a subscription out of its topic.
    pub(super) fn leave(&mut self, principal: &Principal, subscription: &Arc<Subscription>) {
        subscription.leave();
        self.generation += 1;
        self.names.remove(first_segment(&subscription.topic));
        let Some(topic) = self.topics.get_mut(&subscription.topic) else {
            return;
        };
        let groups = &mut Arc::make_mut(topic).groups;
        let key = Audience::key(principal, &Parsed::new(&subscription.name));
        if let Some(group) = groups.get_mut(&key) {
            group.members.remove(&address(subscription));
            if group.members.is_empty() {
                groups.remove(&key);
            }
        }
        if groups.is_empty() {
            self.topics.remove(&subscription.topic);
        }
    }

    pub(super) fn forget_auth(&mut self, client_id: &str, identity: &Identity) {
        let Some(key) = identity.auth_key() else {
            return;
        };
        if let Some(ids) = self.by_auth.get_mut(&key) {
            self.auth_collections.remove(&key.0);
            ids.remove(client_id);
            if ids.is_empty() {
                self.by_auth.remove(&key);
            }
        }
    }

    /// The subscription that a client has in the place of another one.
    pub(super) fn successor(&self, replay: Replay) -> Option<Replay> {
        if !replay.subscription.is_gone() {
            return Some(replay);
        }
        let connected = self.clients.get(replay.client.id())?;
        let name = &replay.subscription.name;
        let mut current = connected.subscriptions.iter();
        let subscription = current.find(|one| one.name == *name)?;
        let key = Audience::key(&connected.identity.principal, &Parsed::new(name));
        let group = self.topics.get(&subscription.topic)?.groups.get(&key)?;
        Some(Replay {
            subscription: Arc::clone(subscription),
            audience: Arc::clone(&group.audience),
            ..replay
        })
    }

    pub(super) fn upkeep(&self, client_id: &str) -> Option<Upkeep> {
        let connected = self.clients.get(client_id)?;
        Some(Upkeep {
            client_id: client_id.to_owned(),
            identity: connected.identity.clone(),
        })
    }
}

fn first_segment(topic: &str) -> &str {
    topic.split('/').next().unwrap_or_default()
}

/// What tells a subscription from every other one that lives.
pub(super) fn address(subscription: &Arc<Subscription>) -> usize {
    Arc::as_ptr(subscription).addr()
}
