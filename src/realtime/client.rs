//! One who listens: a bounded outbox that the server fills and the connection empties.
//!
//! Whoever does not read fast enough is disconnected with a reason; nobody ever waits for a client.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use bytes::{BufMut as _, Bytes, BytesMut};
use futures_util::task::AtomicWaker;
use tokio::sync::Notify;

use crate::base::ids;

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
    pub(super) const fn as_str(self) -> &'static str {
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
    pub(super) fn pop(&self) -> Option<Message> {
        let mut outbox = self.lock();
        let message = outbox.waiting.pop_front()?;
        outbox.bytes -= message.len();
        drop(outbox);
        self.emptied.notify_waiters();
        Some(message)
    }

    /// Wakes this once there is something to take.
    pub(super) fn wake_by(&self, waker: &Waker) {
        self.filled.register(waker);
    }

    /// Takes what waits, as much as goes into one chunk. When nothing does and the stream is to end, the reason.
    pub(super) fn take(&self) -> Result<Option<Bytes>, Reason> {
        let mut outbox = self.lock();
        let Some(first) = outbox.waiting.pop_front() else {
            return outbox.closed.map_or(Ok(None), Err);
        };
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
        self.emptied.notify_waiters();
        Ok(Some(chunk.freeze()))
    }

    fn lock(&self) -> MutexGuard<'_, Outbox> {
        self.outbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
