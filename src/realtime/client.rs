//! One open stream: a bounded outbox that the server fills and the connection empties.
//!
//! Whoever does not read fast enough is disconnected with a reason; nobody ever waits for a client.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{BufMut as _, Bytes, BytesMut};
use futures_util::Stream;
use futures_util::future::BoxFuture;
use futures_util::task::AtomicWaker;
use tokio::sync::Notify;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::base::ids;
use crate::realtime::registry::Registry;

/// Messages that may wait for a client.
const MAX_WAITING: usize = 8192;

/// The same bound in bytes. Payloads are shared between clients, so this is not what a client costs.
const MAX_WAITING_BYTES: usize = 8 << 20;

/// How much is handed to the connection at once.
const CHUNK: usize = 64 << 10;

/// Length of a client id.
const ID_LENGTH: usize = 40;

/// Messages that a replay leaves room for, so that live ones still fit.
const REPLAY_WAITING: usize = 256;

/// How long a stream may stay open, and what is sent to keep it so.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A comment after this long without a message, so that proxies keep the connection.
    pub heartbeat: Duration,
    /// The stream ends after this long without a message.
    pub idle: Option<Duration>,
    /// The stream ends after this long.
    pub lifetime: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(25),
            idle: None,
            lifetime: None,
        }
    }
}

/// Why the server ends a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The client does not read as fast as there are messages.
    TooSlow,
    /// Nothing was sent for as long as the operator allows.
    Idle,
    /// The stream was open for as long as the operator allows.
    Lifetime,
    /// The token that the subscriptions were made with has ended.
    TokenExpired,
    /// The server stops.
    Stopping,
}

impl Reason {
    const fn as_str(self) -> &'static str {
        match self {
            Self::TooSlow => "too slow",
            Self::Idle => "idle",
            Self::Lifetime => "lifetime",
            Self::TokenExpired => "token expired",
            Self::Stopping => "stopping",
        }
    }
}

/// Lets the server end a connection whose client takes nothing any more.
#[derive(Clone, Debug, Default)]
pub struct Hangup(Arc<Notify>);

impl Hangup {
    /// Ends the connection soon.
    pub fn hang_up(&self) {
        self.0.notify_one();
    }

    /// Waits until the connection has to end.
    pub async fn asked(&self) {
        self.0.notified().await;
    }
}

/// What a client said about sequence numbers when it connected.
#[derive(Clone, Copy, Debug, Default)]
pub struct Resume {
    /// Its messages have sequence numbers as ids.
    pub numbered: bool,
    /// The last change it had seen.
    pub since: Option<i64>,
}

/// An open stream as the server sees it.
#[derive(Debug)]
pub struct Client {
    id: String,
    ip: Option<IpAddr>,
    resume: Resume,
    hangup: Hangup,
    outbox: Mutex<Outbox>,
    /// Wakes the connection.
    filled: AtomicWaker,
    /// Wakes a replay that waits for room.
    emptied: Notify,
}

#[derive(Debug, Default)]
struct Outbox {
    waiting: VecDeque<Message>,
    bytes: usize,
    closed: Option<Reason>,
}

/// A message as it waits: what is the client's own, and what it shares with others.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// `id:…` and `event:…`, and what stands before the payload.
    pub(super) head: Bytes,
    pub(super) payload: Bytes,
}

impl Message {
    fn len(&self) -> usize {
        self.head.len() + self.payload.len() + 2
    }
}

impl Client {
    pub(super) fn new(ip: Option<IpAddr>, resume: Resume, hangup: Hangup) -> Self {
        let id = ids::random_string(ID_LENGTH, ids::ALNUM);
        let hello = Message {
            head: format!("id:{id}\nevent:PB_CONNECT\ndata:").into(),
            payload: format!("{{\"clientId\":\"{id}\"}}").into(),
        };
        Self {
            id,
            ip,
            resume,
            hangup,
            outbox: Mutex::new(Outbox {
                bytes: hello.len(),
                waiting: VecDeque::from([hello]),
                closed: None,
            }),
            filled: AtomicWaker::new(),
            emptied: Notify::new(),
        }
    }

    /// The random name that subscriptions refer to.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The address it connected from.
    pub const fn ip(&self) -> Option<IpAddr> {
        self.ip
    }

    pub(super) const fn since(&self) -> Option<i64> {
        self.resume.since
    }

    pub(super) const fn is_numbered(&self) -> bool {
        self.resume.numbered
    }

    /// Queues a message. A client that is too far behind is disconnected instead.
    pub(super) fn push(&self, message: Message) {
        let mut outbox = self.lock();
        if outbox.closed.is_some() {
            return;
        }
        if outbox.waiting.len() >= MAX_WAITING
            || outbox.bytes + message.len() > MAX_WAITING_BYTES.max(message.len())
        {
            outbox.waiting.clear();
            outbox.bytes = 0;
            drop(outbox);
            return self.close(Reason::TooSlow);
        }
        outbox.bytes += message.len();
        outbox.waiting.push_back(message);
        drop(outbox);
        self.filled.wake();
    }

    /// Waits until a replay may queue more; `false` once the stream has ended.
    pub async fn room(&self) -> bool {
        loop {
            // Made before looking: it hears of everything from now on.
            let emptied = self.emptied.notified();
            if self.lock().closed.is_some() {
                return false;
            }
            if self.has_room() {
                return true;
            }
            emptied.await;
        }
    }

    /// Says whether a replay may queue more.
    pub fn has_room(&self) -> bool {
        let outbox = self.lock();
        outbox.waiting.len() < REPLAY_WAITING && outbox.bytes < MAX_WAITING_BYTES / 2
    }

    /// Ends the stream once what waits is sent.
    pub fn close(&self, reason: Reason) {
        self.lock().closed.get_or_insert(reason);
        self.filled.wake();
        self.emptied.notify_waiters();
        if reason == Reason::TooSlow {
            // A connection that is stuck in writing would never come to the end of its stream.
            self.hangup.hang_up();
        }
    }

    /// Takes the first message that waits.
    fn pop(&self) -> Option<Message> {
        let mut outbox = self.lock();
        let message = outbox.waiting.pop_front()?;
        outbox.bytes -= message.len();
        drop(outbox);
        self.emptied.notify_waiters();
        Some(message)
    }

    fn lock(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What has a say in the messages of a stream on their way to the client.
pub trait Filter: Send + Sync + fmt::Debug {
    /// Says whether it looks at messages now; while not, they pass as they are.
    fn is_on(&self) -> bool;

    /// A message as it goes out, or `None` for none.
    fn pass(&self, client: &Arc<Client>, message: Shown) -> BoxFuture<'static, Option<Shown>>;
}

/// A message as a filter sees it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// What stands before the payload: `id:…`, `event:…`.
    head: Bytes,
    payload: Bytes,
}

impl Shown {
    /// The name of the event.
    pub fn name(&self) -> String {
        let head = String::from_utf8_lossy(&self.head);
        let name = head.lines().find_map(|line| line.strip_prefix("event:"));
        name.unwrap_or_default().to_owned()
    }

    /// The data, a JSON text as a rule.
    pub const fn data(&self) -> &Bytes {
        &self.payload
    }

    /// The same event with other data.
    #[must_use]
    pub fn with_data(self, data: &str) -> Self {
        Self {
            head: self.head,
            // A line break would end the field.
            payload: data.replace(['\n', '\r'], " ").into(),
        }
    }

    fn to_chunk(&self) -> Bytes {
        [&self.head[..], &self.payload[..], b"\n\n"].concat().into()
    }
}

/// The body of the answer: everything that is queued, heartbeats in between. Dropping it disconnects the client.
#[derive(Debug)]
pub struct Events {
    client: Arc<Client>,
    registry: Arc<Registry>,
    limits: Limits,
    began: Instant,
    /// When something was last sent, heartbeats aside.
    active: Instant,
    timer: Pin<Box<Sleep>>,
    ended: bool,
    filter: Option<Arc<dyn Filter>>,
    /// The message that the filter looks at.
    passing: Option<Passing>,
}

struct Passing(BoxFuture<'static, Option<Shown>>);

impl fmt::Debug for Passing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passing")
    }
}

impl Events {
    /// The stream as the server sees it.
    pub const fn client(&self) -> &Arc<Client> {
        &self.client
    }

    /// Lets a filter look at all messages.
    pub fn filter(&mut self, filter: Arc<dyn Filter>) {
        self.filter = Some(filter);
    }

    /// Takes messages that pass the filter; pending while it looks at one or there is none.
    fn poll_filtered(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            if let Some(passing) = self.passing.as_mut() {
                match passing.0.as_mut().poll(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(passed) => {
                        self.passing = None;
                        if let Some(message) = passed {
                            return Poll::Ready(Some(message.to_chunk()));
                        }
                    }
                }
            }
            let Some(filter) = self.filter.as_ref().filter(|filter| filter.is_on()) else {
                return Poll::Ready(self.take());
            };
            let Some(message) = self.client.pop() else {
                return Poll::Ready(self.take());
            };
            let shown = Shown {
                head: message.head,
                payload: message.payload,
            };
            self.passing = Some(Passing(filter.pass(&self.client, shown)));
        }
    }

    pub(super) fn new(client: Arc<Client>, registry: Arc<Registry>, limits: Limits) -> Self {
        let now = Instant::now();
        Self {
            client,
            registry,
            limits,
            began: now,
            active: now,
            timer: Box::pin(sleep_until(now + limits.heartbeat)),
            ended: false,
            filter: None,
            passing: None,
        }
    }

    /// Says why the stream ends now, if it does.
    fn expired(&self, now: Instant) -> Option<Reason> {
        let over = |start: Instant, limit: Option<Duration>| {
            limit.is_some_and(|limit| now.duration_since(start) >= limit)
        };
        if over(self.began, self.limits.lifetime) {
            Some(Reason::Lifetime)
        } else if over(self.active, self.limits.idle) {
            Some(Reason::Idle)
        } else {
            None
        }
    }

    /// Sets the timer to whatever comes first.
    fn rest(&mut self, now: Instant) {
        let ends = [
            Some(now + self.limits.heartbeat),
            self.limits.idle.map(|limit| self.active + limit),
            self.limits.lifetime.map(|limit| self.began + limit),
        ];
        if let Some(next) = ends.into_iter().flatten().min() {
            self.timer.as_mut().reset(next);
        }
    }

    /// Takes what is queued, as much as goes into one chunk.
    fn take(&mut self) -> Option<Bytes> {
        let mut outbox = self.client.lock();
        let first = outbox.waiting.pop_front();
        if let Some(first) = first {
            let mut chunk = BytesMut::with_capacity(outbox.bytes.min(CHUNK).max(first.len()));
            let mut next = Some(first);
            while let Some(message) = next {
                outbox.bytes -= message.len();
                chunk.put(message.head);
                chunk.put(message.payload);
                chunk.put_slice(b"\n\n");
                let fits = |message: &Message| chunk.len() + message.len() <= CHUNK;
                next = match outbox.waiting.front() {
                    Some(message) if fits(message) => outbox.waiting.pop_front(),
                    _ => None,
                };
            }
            if outbox.waiting.is_empty() {
                outbox.waiting.shrink_to(16);
            }
            drop(outbox);
            // All of them: each subscription that catches up may wait here.
            self.client.emptied.notify_waiters();
            return Some(chunk.freeze());
        }
        let reason = outbox.closed?;
        drop(outbox);
        self.ended = true;
        let id = self.client.id();
        let reason = reason.as_str();
        Some(
            format!("id:{id}\nevent:STEAD_DISCONNECT\ndata:{{\"reason\":\"{reason}\"}}\n\n").into(),
        )
    }
}

impl Stream for Events {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        // Registered before looking, so that nothing is missed in between.
        this.client.filled.register(cx.waker());
        let Poll::Ready(taken) = this.poll_filtered(cx) else {
            return Poll::Pending;
        };
        if let Some(chunk) = taken {
            let now = Instant::now();
            this.active = now;
            return Poll::Ready(Some(Ok(chunk)));
        }
        while this.timer.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            if let Some(reason) = this.expired(now) {
                this.client.close(reason);
                return Poll::Ready(this.take().map(Ok));
            }
            let is_quiet = now.duration_since(this.active) >= this.limits.heartbeat;
            this.rest(now);
            if is_quiet {
                return Poll::Ready(Some(Ok(Bytes::from_static(b":\n\n"))));
            }
        }
        Poll::Pending
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.client.close(Reason::Idle);
        self.registry.disconnect(self.client.id());
    }
}
