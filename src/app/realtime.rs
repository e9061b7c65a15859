//! Realtime: opening streams, subscribing, and following the change log to deliver what it says.
//!
//! One thread per process reads the log in commit order and hands each change to whoever is subscribed. It starts with
//! the first subscription. What a subscription missed is read from the log by a task of its own, which ends when it has
//! caught up with that thread.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, Once, PoisonError, Weak};
use std::thread;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::app::{App, Parts, auth};
use crate::auth::tokens;
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::engine::{self, Feed, LoggedChange, Reader};
use crate::query::Snapshot;
use crate::realtime::{
    Compiled, Deliverer, Event, Events, Hangup, Identity, Limits, Reason, Refused, Registry,
    Replay, Resume, Submission,
};
use crate::record::{self, remains};
use crate::schema::codes;

const MAX_CLIENT_ID: i64 = 255;
const MAX_SUBSCRIPTIONS: usize = 1000;
const MAX_SUBSCRIPTION: usize = 2500;

/// Changes read from the log at a time.
const PAGE: u32 = 200;

/// How often ended tokens are looked for.
const TICK: Duration = Duration::from_secs(5);

/// Replays that read the log at the same time.
const REPLAYS: usize = 4;

/// Pause before a failed read of the log is tried again.
const PAUSE: Duration = Duration::from_millis(500);

/// Times a replay tries again before the client is sent away to start over.
const TRIES: u32 = 10;

/// The parts of the running product that realtime needs.
#[derive(Debug)]
pub(crate) struct Realtime {
    registry: Arc<Registry>,
    /// Held while what the log's feed is asked for changes together with the subscriptions.
    wanting: Mutex<()>,
    started: Once,
    replays: Arc<Semaphore>,
}

impl Realtime {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            registry: Arc::new(Registry::new(limits)),
            wanting: Mutex::new(()),
            started: Once::new(),
            replays: Arc::new(Semaphore::new(REPLAYS)),
        }
    }

    pub(crate) const fn registry(&self) -> &Arc<Registry> {
        &self.registry
    }
}

/// What a client submitted.
#[derive(Debug, Default)]
pub struct Subscribe {
    pub client_id: String,
    pub subscriptions: Vec<String>,
    /// The last change seen, by subscription, in addition to what the subscriptions say themselves.
    pub since: HashMap<String, i64>,
}

/// Opens a stream.
pub fn connect(app: &App, ip: Option<IpAddr>, resume: Resume, hangup: Hangup) -> Events {
    app.realtime().connect(ip, resume, hangup)
}

/// Replaces what a stream is subscribed to; its principal becomes the caller.
pub fn subscribe(
    app: &App,
    ctx: &Ctx,
    ip: Option<IpAddr>,
    token: Option<&str>,
    form: Subscribe,
) -> Result<()> {
    validate(&form)?;
    start(app);
    let identity = identify(app, ctx, token)?;
    let names: Vec<&str> = form.subscriptions.iter().map(String::as_str).collect();
    let parts = app.realtime_parts();
    let guard = parts.wanting.lock().unwrap_or_else(PoisonError::into_inner);
    want(app, &names, &identity);
    let (_, newest) = app.read(|reader, _| Ok(reader.change_range()?))?;
    let submission = Submission {
        client_id: form.client_id,
        subscriptions: form.subscriptions,
        since: form.since,
        ip,
        identity,
        newest,
    };
    let replays = app.realtime().submit(submission);
    drop(guard);
    let replays = replays.map_err(|refused| match refused {
        Refused::UnknownClient => Error::not_found("Missing or invalid client id."),
        Refused::OtherAddress => Error::bad_request("Invalid realtime client."),
        Refused::OtherAuth => {
            Error::forbidden("The current and the previous request authorization don't match.")
        }
    })?;
    for replay in replays {
        drop(tokio::spawn(catch_up(app.clone(), replay)));
    }
    // What was committed since is looked for even if its writer saw nobody listening yet.
    app.engine().feed().wake();
    Ok(())
}

fn validate(form: &Subscribe) -> Result<()> {
    let mut issues = Issues::new();
    if form.client_id.is_empty() {
        issues.add("clientId", Issue::required());
    } else if i64::try_from(form.client_id.len()).unwrap_or(i64::MAX) > MAX_CLIENT_ID {
        issues.add("clientId", codes::length_out_of_range(1, MAX_CLIENT_ID));
    }
    if form.subscriptions.len() > MAX_SUBSCRIPTIONS {
        issues.add("subscriptions", codes::length_too_long(MAX_SUBSCRIPTIONS));
    } else {
        let mut items = Issues::new();
        for (index, subscription) in form.subscriptions.iter().enumerate() {
            if subscription.len() > MAX_SUBSCRIPTION {
                items.add(index.to_string(), codes::length_too_long(MAX_SUBSCRIPTION));
            }
        }
        issues.nest("subscriptions", items);
    }
    issues.into_result().map_err(|issues| {
        Error::invalid(
            "Something went wrong while processing your request.",
            issues,
        )
    })
}

/// Who the caller is, with what tells later whether it still is.
fn identify(app: &App, ctx: &Ctx, token: Option<&str>) -> Result<Identity> {
    let Some(auth) = ctx.auth() else {
        return Ok(Identity::GUEST);
    };
    let key = app.read(|reader, snapshot| {
        auth::token_key(reader, snapshot, &auth.collection_id, &auth.id)
    })?;
    let expires = token
        .and_then(|token| tokens::peek(token, ctx.now))
        .map(|claims| Timestamp::from_unix_ms(claims.exp.saturating_mul(1000)));
    Ok(Identity {
        principal: ctx.principal.clone(),
        token_key: key.map(|(_, key)| key),
        expires,
    })
}

/// Asks the feed for the collections that somebody is subscribed to or signed in with.
fn want(app: &App, more: &[&str], identity: &Identity) {
    let snapshot = app.snapshot();
    let mut names = app.realtime().subscribed_names();
    names.extend(more.iter().map(|text| {
        let name = text.split(['/', '?']).next().unwrap_or_default();
        name.to_owned()
    }));
    let mut wanted: HashSet<String> = names
        .iter()
        .filter_map(|name| snapshot.collection(name))
        .map(|entry| entry.id.clone())
        .collect();
    let signed_in = app.realtime().signed_in();
    let identities = signed_in.iter().map(|client| &client.identity);
    wanted.extend(
        identities
            .chain([identity])
            .filter_map(|identity| Some(identity.auth()?.collection_id.clone())),
    );
    app.engine().feed().want(wanted);
}

/// Starts the thread that follows the log.
fn start(app: &App) {
    let parts = app.realtime_parts();
    parts.started.call_once(|| {
        let (weak, feed) = (Arc::downgrade(&app.0), Arc::clone(app.engine().feed()));
        let runtime = tokio::runtime::Handle::current();
        let started = thread::Builder::new()
            .name("realtime".to_owned())
            .spawn(move || {
                let _runtime = runtime.enter();
                follow(&weak, &feed);
            });
        if let Err(error) = started {
            tracing::error!(%error, "realtime events cannot be delivered");
        }
    });
}

/// The schema that was last delivered under, and what was compiled for it.
#[derive(Default)]
struct Known {
    snapshot: Option<Arc<Snapshot>>,
    compiled: Compiled,
}

/// Delivers until the engine is closed.
fn follow(parts: &Weak<Parts>, feed: &Feed) {
    let mut known = Known::default();
    while feed.wait(TICK) {
        let Some(app) = parts.upgrade().map(App) else {
            return;
        };
        app.realtime().expire(Timestamp::now());
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
    }
}

/// Delivers a page of changes; `false` when there was none.
fn step(app: &App, feed: &Feed, known: &mut Known) -> Result<bool> {
    {
        let parts = app.realtime_parts();
        let _guard = parts.wanting.lock().unwrap_or_else(PoisonError::into_inner);
        want(app, &[], &Identity::GUEST);
    }
    follow_schema(app, known);
    let Some(position) = app.realtime().position() else {
        return Ok(false);
    };
    let changes = app.read(|reader, _| Ok(reader.changes_since(position, PAGE)?))?;
    let Some(last) = changes.last().map(|change| change.seq) else {
        return Ok(false);
    };
    for change in &changes {
        // Taken once; a repeated read finds the same in `state`.
        let state = feed.take(change.seq);
        // The schema may be replaced while this is read; then it is read again, with nothing compiled.
        let compiled = RefCell::new(std::mem::take(&mut known.compiled));
        app.read(|reader, snapshot| {
            let mut compiled = compiled.borrow_mut();
            if known
                .snapshot
                .as_deref()
                .is_none_or(|known| !std::ptr::eq(known, &**snapshot))
            {
                *compiled = Compiled::default();
            }
            deliver(app, reader, snapshot, change, state.as_ref(), &mut compiled)
        })?;
        known.compiled = compiled.into_inner();
    }
    feed.forget(last);
    Ok(true)
}

fn deliver(
    app: &App,
    reader: &Reader,
    snapshot: &Snapshot,
    change: &LoggedChange,
    state: Option<&engine::State>,
    compiled: &mut Compiled,
) -> Result<()> {
    let registry = app.realtime();
    let entry = snapshot.collection_by_id(&change.collection);
    let Some(entry) = entry.filter(|entry| app.engine().feed().wants(&entry.id)) else {
        registry.pass(change.seq);
        return Ok(());
    };
    let epoch = app.engine().epoch();
    let cells = match state {
        Some(state) if state.epoch == epoch && state.cells.len() == entry.fields.len() => {
            Some(state.cells.to_vec())
        }
        _ => cells_of(reader, snapshot, change)?,
    };
    let Some(cells) = cells else {
        registry.pass(change.seq);
        return Ok(());
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
    let mut deliverer = Deliverer {
        reader,
        snapshot,
        now: Timestamp::now(),
        compiled,
    };
    deliverer.deliver(registry, &event)?;
    if entry.is_auth() && change.action == engine::Action::Delete {
        follow_account(app, reader, snapshot, &event)?;
    }
    Ok(())
}

/// The cells of the record of a change as far as they are still known: those it has now, or had last.
fn cells_of(
    reader: &Reader,
    snapshot: &Snapshot,
    change: &LoggedChange,
) -> Result<Option<Vec<crate::sql::Value>>> {
    let Some(entry) = snapshot.collection_by_id(&change.collection) else {
        return Ok(None);
    };
    if change.action == engine::Action::Delete {
        let data = change.data.as_deref().unwrap_or_default();
        return Ok(Some(remains::read(entry, &change.record, data)));
    }
    if let Some(cells) = record::load_cells(reader, entry, &change.record)? {
        return Ok(Some(cells));
    }
    let gone = reader.remains_since(change.seq, &[(&change.collection, &change.record)])?;
    Ok(gone.first().map(|gone| {
        let data = gone.data.as_deref().unwrap_or_default();
        remains::read(entry, &change.record, data)
    }))
}

/// Keeps what is known of signed-in clients true after a change of their record.
fn follow_account(app: &App, reader: &Reader, snapshot: &Snapshot, event: &Event) -> Result<()> {
    let registry = app.realtime();
    for client in registry.signed_in_as(&event.entry.id, &event.record) {
        let found = auth::token_key(reader, snapshot, &event.entry.id, &event.record)?;
        let identity = match found {
            Some((principal, key))
                if event.action != engine::Action::Delete
                    && client.identity.token_key.as_ref() == Some(&key) =>
            {
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

/// Signs out whose collection is gone or has another secret, once per schema.
fn follow_schema(app: &App, known: &mut Known) {
    let now = app.snapshot();
    if known
        .snapshot
        .as_ref()
        .is_some_and(|known| Arc::ptr_eq(known, &now))
    {
        return;
    }
    known.compiled = Compiled::default();
    let Some(before) = known.snapshot.replace(Arc::clone(&now)) else {
        return;
    };
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
}

/// Tells a subscription what it missed, then lets it have live events.
async fn catch_up(app: App, replay: Replay) {
    let Ok(_permit) = Arc::clone(&app.realtime_parts().replays)
        .acquire_owned()
        .await
    else {
        return;
    };
    let mut tries = 0;
    loop {
        if replay.subscription.is_gone() || !replay.client.room().await {
            return;
        }
        if app.realtime().go_live(&replay.subscription) {
            return;
        }
        let (job, one) = (app.clone(), replay.clone());
        let read = app
            .read_pooled(move |reader, snapshot| replay_page(&job, reader, snapshot, &one))
            .await;
        match read {
            Ok(()) => tries = 0,
            Err(error) => {
                tries += 1;
                tracing::warn!(%error, "failed to replay realtime events");
                if tries >= TRIES {
                    return replay.client.close(Reason::TooSlow);
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn replay_page(app: &App, reader: &Reader, snapshot: &Snapshot, replay: &Replay) -> Result<()> {
    let subscription = &replay.subscription;
    let cursor = subscription.cursor();
    let (oldest, newest) = reader.change_range()?;
    if cursor > newest || cursor < oldest - 1 {
        replay.resync(newest);
        subscription.advance(newest);
        return Ok(());
    }
    let Some(position) = app.realtime().position() else {
        return Ok(());
    };
    let mut compiled = Compiled::default();
    let mut deliverer = Deliverer {
        reader,
        snapshot,
        now: Timestamp::now(),
        compiled: &mut compiled,
    };
    for change in reader.changes_since(cursor, PAGE)? {
        if change.seq > position {
            break;
        }
        if subscription.is_gone() {
            return Ok(());
        }
        if let Some(entry) = snapshot.collection_by_id(&change.collection)
            && let Some(cells) = cells_of(reader, snapshot, &change)?
        {
            let event = Event {
                seq: change.seq,
                action: change.action,
                entry: Arc::clone(entry),
                record: change.record.clone(),
                cells,
            };
            deliverer.replay(replay, &event)?;
        }
        subscription.advance(change.seq);
    }
    Ok(())
}
