//! From a change of the log to messages: who gets it, and each distinct view of the record once.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::base::error::{Error, Result};
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::engine::{self, Reader};
use crate::query::{self, Action, Snapshot};
use crate::realtime::client::{Client, Message};
use crate::realtime::decide::{self, Compiled, Subject, Time, Trouble};
use crate::realtime::members::{Group, Replay, resync};
use crate::realtime::registry::Registry;
use crate::realtime::topic::Audience;
use crate::record::{self, Rows};
use crate::schema::Entry as Collection;
use crate::sql::{Value, ValueRef};

/// How long the questions of all subscribers about one change may take together before each is asked for alone, and how
/// long all that is done about the change before the rest is left for later.
const TOGETHER: Duration = Duration::from_secs(1);
const CHANGE: Duration = Duration::from_secs(2);

/// Longer than any limit of a read.
const PATIENCE: Duration = Duration::from_hours(1);

/// A change with the record it is about.
#[derive(Clone, Debug)]
pub struct Event {
    pub seq: i64,
    pub action: engine::Action,
    pub entry: Arc<Collection>,
    pub record: String,
    /// The record's cells after the change, of a delete those before it.
    pub cells: Vec<Value>,
}

/// A message with whom it is for.
#[derive(Debug)]
pub struct Letter {
    client: Arc<Client>,
    message: Message,
}

impl Letter {
    /// Puts it into the client's outbox.
    pub fn send(self) {
        self.client.push(self.message);
    }
}

/// What came of a change.
#[derive(Debug, Default)]
pub struct Delivery {
    pub letters: Vec<Letter>,
    /// Subscriptions that have to be told on their own, see [`Registry::fall_back`].
    pub late: Vec<Replay>,
}

impl Delivery {
    /// A letter to every member of a group.
    fn address(&mut self, event: &Event, group: &Group, view: &mut View) {
        for member in group.wanting(event.seq) {
            let payload = view.payload(event, member.subscription.sequenced);
            self.letters.push(Letter {
                client: Arc::clone(&member.client),
                message: member.subscription.message(event.seq, payload),
            });
        }
    }

    /// Members who asked for every change are told that there was one which they cannot be told of.
    fn leave_out(&mut self, event: &Event, group: &Group, error: &Error) {
        for member in group.wanting(event.seq) {
            group.audience.report(&member.subscription.topic, error);
            if member.subscription.is_resumable {
                self.letters.push(Letter {
                    client: Arc::clone(&member.client),
                    message: resync(&member.subscription, event.seq),
                });
            }
        }
    }

    fn leave_for_later(&mut self, seq: i64, group: &Group) {
        self.late.extend(group.wanting(seq).map(|member| Replay {
            client: Arc::clone(&member.client),
            subscription: Arc::clone(&member.subscription),
            audience: Arc::clone(&group.audience),
        }));
    }
}

/// Turns changes into messages, with one state of the database and the schema.
#[derive(Debug)]
pub struct Deliverer<'a> {
    pub reader: &'a Reader,
    /// The state before the transaction of the change, with the same schema, if it is at hand.
    pub before: Option<&'a Reader>,
    pub snapshot: &'a Snapshot,
    pub now: Timestamp,
    /// What is compiled for this snapshot.
    pub compiled: &'a mut Compiled,
    /// Who has a say in how records are shown.
    pub shaper: Option<&'a dyn Shaper>,
}

/// What has a say in how records are shown.
pub trait Shaper: fmt::Debug {
    /// Says whether it wants to see records of a collection.
    fn wants(&self, entry: &Collection) -> bool;

    /// Decides about records on behalf of a caller; may wait.
    fn shape(&self, ctx: &Ctx, rows: Rows) -> Result<Rows>;
}

impl Deliverer<'_> {
    /// The messages about a change for all live subscriptions it is for. Whoever it takes long for, or fails for, is
    /// left out, so that nobody else loses anything by it.
    pub fn deliver(&mut self, registry: &Registry, event: &Event) -> Delivery {
        let time = Time {
            together: TOGETHER,
            end: Instant::now() + CHANGE,
        };
        let mut delivery = Delivery::default();
        let topics = topics(event);
        let handed = registry.hand_out(event.seq, &topics);
        let mut views = Views::default();
        for (index, topic) in handed.iter().enumerate() {
            let wanting = |group: &&Group| group.wanting(event.seq).next().is_some();
            let (slow, groups): (Vec<&Group>, Vec<&Group>) = topic
                .groups
                .values()
                .filter(wanting)
                .partition(|group| group.audience.is_slow(self.now));
            for group in slow {
                delivery.leave_for_later(event.seq, group);
            }
            let audiences: Vec<&Audience> = groups.iter().map(|group| &*group.audience).collect();
            let decisions = self.decide(event, rule_of(index), &audiences, time);
            for (group, decision) in groups.into_iter().zip(decisions) {
                let view = match decision {
                    Ok(false) => continue,
                    Ok(true) => views.of(self, event, &group.audience, time),
                    Err(trouble) => Err(trouble),
                };
                match view {
                    Ok(view) => delivery.address(event, group, view),
                    Err(Trouble::Late(error)) => {
                        tracing::debug!(%error, "a subscription is told of changes on its own");
                        group.audience.is_slow_from(self.now);
                        delivery.leave_for_later(event.seq, group);
                    }
                    Err(Trouble::Failed(error)) => delivery.leave_out(event, group, &error),
                }
            }
        }
        delivery
    }

    /// A record as an audience sees it in a list; nothing if it may not know of the change.
    pub fn look(&mut self, audience: &Audience, event: &Event) -> Result<Option<Vec<u8>>> {
        let view = self.view_for(audience, event, Action::List)?;
        Ok(view.map(|view| view.record))
    }

    /// Tells a subscription that catches up about a change, if it is for it.
    pub fn replay(&mut self, replay: &Replay, event: &Event) -> Result<()> {
        let topics = topics(event);
        let subscribed = replay.subscription.topic();
        let Some(index) = topics.iter().position(|topic| topic == subscribed) else {
            return Ok(());
        };
        let reader = self.reader;
        let view = reader.until(Instant::now() + CHANGE, |_| {
            self.view_for(&replay.audience, event, rule_of(index))
        })?;
        if let Some(mut view) = view {
            let payload = view.payload(event, replay.subscription.sequenced);
            let message = replay.subscription.message(event.seq, payload);
            replay.client.push(message);
        }
        Ok(())
    }

    /// The record as an audience sees it; nothing if it may not know of the change.
    fn view_for(
        &mut self,
        audience: &Audience,
        event: &Event,
        action: Action,
    ) -> Result<Option<View>> {
        let time = Time {
            together: PATIENCE,
            end: Instant::now() + PATIENCE,
        };
        match self.decide(event, action, &[audience], time).pop() {
            Some(Ok(true)) => self.render(event, audience, time).map(View::new).map(Some),
            Some(Err(Trouble::Failed(error) | Trouble::Late(error))) => Err(error),
            Some(Ok(false)) | None => Ok(None),
        }
    }

    fn decide(
        &mut self,
        event: &Event,
        action: Action,
        audiences: &[&Audience],
        time: Time,
    ) -> Vec<Result<bool, Trouble>> {
        let subject = Subject {
            reader: self.reader,
            before: self.before,
            snapshot: self.snapshot,
            entry: &event.entry,
            record: &event.record,
            cells: &event.cells,
            now: self.now,
        };
        decide::decide(subject, self.compiled, action, audiences, time)
    }

    /// Says whether an audience may manage a record as it was then: the tables cannot tell, when it is gone or has
    /// changed since.
    fn manages(&mut self, event: &Event, audience: &Audience, time: Time) -> bool {
        let rule = query::rule_for(&audience.ctx, &event.entry, Action::Manage);
        event.entry.is_auth()
            && audience.ctx.auth().is_some()
            && rule.is_ok_and(|rule| rule.is_some())
            && matches!(
                self.decide(event, Action::Manage, &[audience], time)[..],
                [Ok(true)]
            )
    }

    fn render(&mut self, event: &Event, audience: &Audience, time: Time) -> Result<Vec<u8>> {
        let ctx = audience.at(self.now);
        let mut rows = record::written_rows(
            self.reader,
            self.snapshot,
            &ctx,
            &event.entry,
            event.cells.clone(),
            &audience.expand,
        )?;
        if self.manages(event, audience, time) {
            rows.show_emails();
        }
        if let Some(shaper) = self.shaper
            && (!audience.expand.is_empty() || shaper.wants(&event.entry))
        {
            rows = shaper.shape(&ctx, rows)?;
        }
        let record = record::render_one(&rows);
        let Some(fields) = &audience.fields else {
            return Ok(record);
        };
        fields
            .pick_text(&record)
            .map_err(|_| Error::internal("a record that is not JSON"))
    }
}

/// The topics a change belongs to: those of the whole collection, then those of the record.
fn topics(event: &Event) -> [String; 6] {
    let (name, id, record) = (&event.entry.name, &event.entry.id, &event.record);
    [
        format!("{name}/*"),
        format!("{id}/*"),
        name.clone(),
        id.clone(),
        format!("{name}/{record}"),
        format!("{id}/{record}"),
    ]
}

/// The rule that decides about a topic of [`topics`].
const fn rule_of(index: usize) -> Action {
    if index < 4 {
        Action::List
    } else {
        Action::View
    }
}

/// A record as some audiences see it, with the payloads made of it.
#[derive(Debug)]
struct View {
    record: Vec<u8>,
    plain: Option<Bytes>,
    sequenced: Option<Bytes>,
}

impl View {
    const fn new(record: Vec<u8>) -> Self {
        Self {
            record,
            plain: None,
            sequenced: None,
        }
    }

    fn payload(&mut self, event: &Event, sequenced: bool) -> Bytes {
        let slot = if sequenced {
            &mut self.sequenced
        } else {
            &mut self.plain
        };
        let payload = slot.get_or_insert_with(|| {
            let mut payload = Vec::with_capacity(self.record.len() + 64);
            payload.extend_from_slice(b"{\"record\":");
            payload.extend_from_slice(&self.record);
            payload.extend_from_slice(b",\"action\":\"");
            payload.extend_from_slice(event.action.as_str().as_bytes());
            payload.push(b'"');
            if sequenced {
                payload.extend_from_slice(format!(",\"seq\":{}", event.seq).as_bytes());
            }
            payload.push(b'}');
            payload.into()
        });
        payload.clone()
    }
}

/// The views of one record that were needed so far.
#[derive(Debug, Default)]
struct Views(HashMap<ViewKey, View>);

/// What makes two audiences see the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct ViewKey {
    /// Hidden fields are shown.
    hidden: bool,
    /// The address of an auth record is shown.
    email: bool,
    fields: String,
    expand: String,
    /// Whose view it is, where that may matter beyond all this.
    principal: String,
}

impl Views {
    fn of(
        &mut self,
        deliverer: &mut Deliverer<'_>,
        event: &Event,
        audience: &Audience,
        time: Time,
    ) -> Result<&mut View, Trouble> {
        let is_personal = deliverer
            .shaper
            .is_some_and(|shaper| shaper.wants(&event.entry));
        let mut key = ViewKey::new(event, audience);
        if is_personal {
            // Handlers may show everybody something else.
            let who = Audience::who(&audience.ctx.principal);
            key.principal = format!("{who} {:?}", audience.ctx.request.query);
        }
        match self.0.entry(key) {
            Entry::Occupied(view) => Ok(view.into_mut()),
            Entry::Vacant(slot) => {
                let began = Instant::now();
                let deadline = (began + time.together).min(time.end);
                let reader = deliverer.reader;
                let rendered = reader.until(deadline, |_| deliverer.render(event, audience, time));
                let record = rendered.map_err(|error| Trouble::of(error, deadline))?;
                if began.elapsed() >= time.together {
                    audience.is_slow_from(deliverer.now);
                }
                Ok(slot.insert(View::new(record)))
            }
        }
    }
}

impl ViewKey {
    fn new(event: &Event, audience: &Audience) -> Self {
        let entry = &event.entry;
        let own = audience
            .ctx
            .auth()
            .is_some_and(|auth| auth.collection_id == entry.id && auth.id == event.record);
        let is_public = || {
            let position = entry.position("emailVisibility");
            let cell = position.and_then(|i| event.cells.get(i)).map(Value::as_ref);
            matches!(cell, Some(ValueRef::Int(1)))
        };
        let email = !entry.is_auth() || audience.ctx.is_superuser() || own || is_public();
        // A manager sees the address all the same, which only the database can tell.
        let may_manage = !email
            && audience.ctx.auth().is_some()
            && query::rule_for(&audience.ctx, entry, Action::Manage)
                .is_ok_and(|rule| rule.is_some());
        let principal = if may_manage || !audience.expand.is_empty() {
            Audience::who(&audience.ctx.principal)
        } else {
            String::new()
        };
        Self {
            hidden: audience.ctx.is_superuser(),
            email,
            fields: audience.fields_text.clone(),
            expand: audience.expand.clone(),
            principal,
        }
    }
}
