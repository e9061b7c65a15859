//! What nobody read of a request's body when the answer is there.
//!
//! The next request on the connection comes behind it. HTTP's library closes a connection in the middle of a body, and
//! tells nobody before: the client's next request would be lost. So a short rest is read and thrown away before the
//! answer is sent, and behind a long one the answer says that it is the last.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONNECTION, EXPECT};
use axum::http::{HeaderValue, Request, Response};
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::time::timeout;

use crate::server::half_closed::Answering;

/// Most bytes that are thrown away.
const AMOUNT: u64 = 256 << 10;

/// Longest time they may take to come.
const TIME: Duration = Duration::from_secs(2);

const CLOSE: HeaderValue = HeaderValue::from_static("close");

/// What a request leaves behind.
#[derive(Debug)]
pub(super) struct Rest {
    left: Arc<Mutex<Option<Incoming>>>,
    /// The client sends its body when it is told to, which reading it would do.
    waits: bool,
}

impl Rest {
    /// Keeps an eye on the body of a request, which is owed an answer when all of it is there. Perf: most have none,
    /// and then nothing has to be allocated for it.
    pub(super) fn of(
        request: Request<Incoming>,
        answering: &Answering,
    ) -> (Request<Body>, Option<Self>) {
        if request.body().is_end_stream() {
            answering.owe();
            return (request.map(|_| Body::empty()), None);
        }
        let rest = Self {
            left: Arc::default(),
            waits: request.headers().contains_key(EXPECT),
        };
        let request = request.map(|incoming| {
            Body::new(Watched {
                incoming: Some(incoming),
                left: Arc::clone(&rest.left),
                answering: answering.clone(),
            })
        });
        (request, Some(rest))
    }

    /// Sees to it that the connection can be used after the answer, or that the answer says otherwise.
    pub(super) async fn settle(self, response: &mut Response<Body>) {
        let left = self
            .left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(left) = left else { return };
        if self.waits || timeout(TIME, throw_away(left)).await != Ok(true) {
            response.headers_mut().insert(CONNECTION, CLOSE);
        }
    }
}

/// Reads a body to its end, if that is near.
async fn throw_away(mut body: Incoming) -> bool {
    let mut left = AMOUNT;
    loop {
        if body.size_hint().lower() > left {
            return false;
        }
        match body.frame().await {
            None => return true,
            Some(Err(_)) => return false,
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, |data| data.len() as u64);
                left = match left.checked_sub(length) {
                    Some(left) => left,
                    None => return false,
                };
            }
        }
    }
}

/// A body that leaves itself behind when it is dropped before its end.
#[derive(Debug)]
struct Watched {
    incoming: Option<Incoming>,
    left: Arc<Mutex<Option<Incoming>>>,
    answering: Answering,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let Some(incoming) = &mut self.incoming else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(&mut *incoming).poll_frame(context));
        if frame.is_none() || incoming.is_end_stream() {
            self.answering.owe();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let incoming = self.incoming.take();
        if let Some(incoming) = incoming.filter(|incoming| !incoming.is_end_stream()) {
            *self.left.lock().unwrap_or_else(PoisonError::into_inner) = Some(incoming);
        }
    }
}
