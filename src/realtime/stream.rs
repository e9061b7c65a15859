//! What a client's connection reads: its messages, heartbeats in between, and in the end the reason.

use std::convert::Infallible;
use std::fmt;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::future::BoxFuture;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::realtime::client::{Client, Hangup, Reason, Resume};
use crate::realtime::limits::Limits;
use crate::realtime::registry::Registry;

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
    /// Opens a stream.
    pub fn open(
        registry: &Arc<Registry>,
        ip: Option<IpAddr>,
        resume: Resume,
        hangup: Hangup,
    ) -> Self {
        let client = Arc::new(Client::new(ip, resume, hangup));
        registry.connect(&client);
        let limits = registry.limits();
        let now = Instant::now();
        Self {
            client,
            registry: Arc::clone(registry),
            limits,
            began: now,
            active: now,
            timer: Box::pin(sleep_until(now + limits.heartbeat)),
            ended: false,
            filter: None,
            passing: None,
        }
    }

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
        let reason = match self.client.take() {
            Ok(chunk) => return chunk,
            Err(reason) => reason.as_str(),
        };
        self.ended = true;
        let id = self.client.id();
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
        this.client.wake_by(cx.waker());
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
