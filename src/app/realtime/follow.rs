//! The thread that follows the change log and hands out what it says, in commit order.

use std::cell::RefCell;
use std::sync::{Arc, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use crate::app::realtime::catch_up::catch_up;
use crate::app::realtime::enrich::Enricher;
use crate::app::realtime::{history, want};
use crate::app::{App, Parts, auth};
use crate::base::error::Result;
use crate::base::time::Timestamp;
use crate::engine::{self, Earlier, Feed, LoggedChange, Reader};
use crate::query::Snapshot;
use crate::realtime::{Compiled, Deliverer, Delivery, Event, Identity};

/// Changes read from the log at a time.
const PAGE: u32 = 500;

/// How often ended tokens are looked for.
const TICK: Duration = Duration::from_secs(5);

/// Pause before a failed read of the log is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// Starts the thread that follows the log.
pub(super) fn start(app: &App) {
    let parts = app.realtime_parts();
    parts.started.call_once(|| {
        let (weak, feed) = (Arc::downgrade(&app.0), Arc::clone(app.engine().feed()));
        // Of now, whenever the thread gets to run: whoever subscribes meanwhile is signed out by what changes
        // meanwhile.
        let known = Known {
            snapshot: app.snapshot(),
            compiled: Compiled::default(),
            generation: None,
            earlier: None,
        };
        let runtime = tokio::runtime::Handle::current();
        let started = thread::Builder::new()
            .name("realtime".to_owned())
            .spawn(move || {
                let _runtime = runtime.enter();
                follow(&weak, &feed, known);
            });
        if let Err(error) = started {
            tracing::error!(%error, "realtime events cannot be delivered");
        }
    });
}

/// The schema that is delivered under, and what was compiled for it.
struct Known {
    snapshot: Arc<Snapshot>,
    compiled: Compiled,
    /// The state of the subscriptions that the feed was last asked for.
    generation: Option<u64>,
    /// The state before the transaction whose changes are being handed out.
    earlier: Option<Earlier>,
}

/// Delivers until the engine is closed.
fn follow(parts: &Weak<Parts>, feed: &Feed, mut known: Known) {
    let mut expiry = 0;
    while feed.wait(TICK) {
        let Some(app) = parts.upgrade().map(|parts| App(parts, None)) else {
            return;
        };
        let now = Timestamp::now();
        if now.unix_ms() >= expiry {
            app.realtime().expire(now);
            expiry = now.unix_ms() + i64::try_from(TICK.as_millis()).unwrap_or(0);
        }
        loop {
            match step(&app, feed, &mut known) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    tracing::warn!(%error, "failed to deliver realtime events");
                    thread::sleep(PAUSE);
                    feed.wake();
                    break;
                }
            }
        }
        known.earlier = None;
    }
}

/// Delivers a page of changes; `false` when there was none.
fn step(app: &App, feed: &Feed, known: &mut Known) -> Result<bool> {
    let is_new_schema = follow_schema(app, known);
    let generation = Some(app.realtime().generation());
    if is_new_schema || known.generation != generation {
        let parts = app.realtime_parts();
        let _guard = parts.wanting.lock().unwrap_or_else(PoisonError::into_inner);
        want(app, &[], &Identity::GUEST);
        known.generation = generation;
    }
    let Some(position) = app.realtime().position() else {
        return Ok(false);
    };
    let mut changes = app.read(|reader, _| Ok(reader.changes_since(position, PAGE)?))?;
    // The feed wakes this thread when the rest has reached the disk.
    let settled = feed.settled();
    changes.retain(|change| change.seq <= settled);
    let Some(last) = changes.last().map(|change| change.seq) else {
        return Ok(false);
    };
    let mut before = position;
    for change in &changes {
        // Taken once; a repeated read finds the same in `state`.
        let state = feed.take(change.seq);
        let news = News {
            change,
            state: state.as_ref(),
            before: before_delete(app, feed, change, &mut known.earlier),
        };
        // The schema may be replaced while this is read; then it is read again, with nothing compiled.
        let compiled = RefCell::new(std::mem::take(&mut known.compiled));
        let delivered = app.read(|reader, snapshot| {
            // Security: whom a new schema signs out must not be told any more, and that is looked at first.
            if !Arc::ptr_eq(&known.snapshot, snapshot) {
                return Ok(None);
            }
            let mut compiled = compiled.borrow_mut();
            deliver(app, reader, snapshot, news, &mut compiled).map(Some)
        });
        // What was read may have been thrown away because of the schema, after the change was handed out.
        let delivered = delivered.inspect_err(|_| app.realtime().go_back(before))?;
        let Some(delivery) = delivered else {
            app.realtime().go_back(before);
            return Ok(true);
        };
        before = change.seq;
        known.compiled = compiled.into_inner();
        // Only now, so that a repeated read sends nothing twice.
        for letter in delivery.letters {
            letter.send();
        }
        for replay in app.realtime().fall_back(change.seq, delivery.late) {
            drop(tokio::spawn(catch_up(app.clone(), replay)));
        }
    }
    feed.forget(last);
    Ok(true)
}

/// A change with what is at hand of it.
#[derive(Clone, Copy)]
struct News<'a> {
    change: &'a LoggedChange,
    state: Option<&'a engine::State>,
    /// What was there before the transaction that deleted the record.
    before: Option<&'a Reader>,
}

/// The state before the transaction of a delete, if it is kept and has the schema of now.
fn before_delete<'a>(
    app: &App,
    feed: &Feed,
    change: &LoggedChange,
    earlier: &'a mut Option<Earlier>,
) -> Option<&'a Reader> {
    if change.action != engine::Action::Delete {
        return None;
    }
    let is_right = |earlier: &Earlier| earlier.precedes(change.seq) && !earlier.is_stale();
    if !earlier.as_ref().is_some_and(is_right) {
        *earlier = feed.before(change.seq);
    }
    let epoch = app.engine().epoch();
    let earlier = earlier.as_ref().filter(|earlier| earlier.epoch() == epoch);
    earlier.and_then(Earlier::reader)
}

/// Makes the messages about a change, and keeps what is known of signed-in clients true.
fn deliver(
    app: &App,
    reader: &Reader,
    snapshot: &Snapshot,
    news: News<'_>,
    compiled: &mut Compiled,
) -> Result<Delivery> {
    let News {
        change,
        state,
        before,
    } = news;
    let registry = app.realtime();
    let entry = snapshot.collection_by_id(&change.collection);
    let Some(entry) = entry.filter(|entry| app.engine().feed().wants(&entry.id)) else {
        registry.pass(change.seq);
        return Ok(Delivery::default());
    };
    let epoch = app.engine().epoch();
    let cells = match state {
        Some(state) if state.epoch == epoch && state.cells.len() == entry.fields.len() => {
            Some(state.cells.to_vec())
        }
        _ => history::cells(reader, entry, change)?,
    };
    let Some(cells) = cells else {
        registry.pass(change.seq);
        return Ok(Delivery::default());
    };
    let event = Event {
        seq: change.seq,
        action: change.action,
        entry: Arc::clone(entry),
        record: change.record.clone(),
        cells,
    };
    if entry.is_auth() && change.action != engine::Action::Delete {
        follow_account(app, reader, snapshot, &event)?;
    }
    let shaper = Enricher::new(app);
    let mut deliverer = Deliverer {
        reader,
        before,
        snapshot,
        now: Timestamp::now(),
        compiled,
        shaper: Some(&shaper),
    };
    let delivery = deliverer.deliver(registry, &event);
    // The record itself is still told of its end.
    if entry.is_auth() && change.action == engine::Action::Delete {
        follow_account(app, reader, snapshot, &event)?;
    }
    Ok(delivery)
}

/// Keeps what is known of signed-in clients true after a change of their record.
fn follow_account(app: &App, reader: &Reader, snapshot: &Snapshot, event: &Event) -> Result<()> {
    let registry = app.realtime();
    for client in registry.signed_in_as(&event.entry.id, &event.record) {
        // A deleted record loses its access whatever else fails.
        let found = if event.action == engine::Action::Delete {
            None
        } else {
            auth::token_key(reader, snapshot, &event.entry.id, &event.record)?
        };
        let identity = match found {
            Some((principal, key)) if client.identity.token_key.as_ref() == Some(&key) => {
                Identity {
                    principal,
                    ..client.identity
                }
            }
            _ => Identity::GUEST,
        };
        for replay in registry.reidentify(&client.client_id, identity) {
            drop(tokio::spawn(catch_up(app.clone(), replay)));
        }
    }
    Ok(())
}

/// Signs out whose collection is gone or has another secret, once per schema. Returns whether it is a new one.
fn follow_schema(app: &App, known: &mut Known) -> bool {
    let now = app.snapshot();
    if Arc::ptr_eq(&known.snapshot, &now) {
        return false;
    }
    known.compiled = Compiled::default();
    let before = std::mem::replace(&mut known.snapshot, Arc::clone(&now));
    let registry = app.realtime();
    let secret = |snapshot: &Snapshot, id: &str| {
        let options = snapshot.collection_by_id(id)?.auth_options()?;
        Some(options.auth_token.secret.clone())
    };
    for client in registry.signed_in() {
        let Some(auth) = client.identity.auth() else {
            continue;
        };
        let current = secret(&now, &auth.collection_id);
        if current.is_none() || current != secret(&before, &auth.collection_id) {
            for replay in registry.reidentify(&client.client_id, Identity::GUEST) {
                drop(tokio::spawn(catch_up(app.clone(), replay)));
            }
        }
    }
    true
}
