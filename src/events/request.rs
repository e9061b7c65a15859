//! An HTTP request on its way to a handler, as plain data: neither HTTP server nor scripts are known here.

use std::collections::BTreeMap;
use std::io;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use serde_json::Value as Json;
use tokio::sync::mpsc::Receiver;

use crate::base::error::Answer;

pub use crate::files::Upload;

/// What a handler of a route or a middleware gets to know of a request beyond its `Ctx`.
#[derive(Debug, Default)]
pub struct HttpRequest {
    pub method: String,
    /// Path and query as sent.
    pub url: String,
    pub path: String,
    /// Values of the pattern's placeholders.
    pub params: BTreeMap<String, String>,
    /// The body as data: what JSON or a form says, null when there is none.
    pub body: Json,
    /// The body is not what its type says. Nobody but a handler that wants its data needs to mind.
    pub is_malformed: bool,
    /// The body as it came, unless it was a form.
    pub raw: Vec<u8>,
    /// Files of a multipart form.
    pub uploads: Vec<Upload>,
    /// Address of the client as the proxies tell it.
    pub real_ip: String,
    /// Address of the other end of the connection.
    pub remote_ip: String,
}

/// What a handler of a route answers.
#[derive(Debug)]
pub struct Reply {
    pub answer: Answer,
    /// What follows the body; the handler goes on while it is sent.
    pub rest: Option<Rest>,
}

/// A body that arrives piece by piece.
#[derive(Debug)]
pub struct Rest {
    pieces: Receiver<Bytes>,
    is_whole: Arc<AtomicBool>,
    /// What there was has been sent.
    is_sent: bool,
}

impl Rest {
    /// The flag is raised before the last sender is gone, unless the body ends before its end.
    pub const fn new(pieces: Receiver<Bytes>, is_whole: Arc<AtomicBool>) -> Self {
        Self {
            pieces,
            is_whole,
            is_sent: false,
        }
    }

    /// The next piece. A body that ends too early ends with an error, so that it does not pass for a whole one.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if let Some(piece) = ready!(self.pieces.poll_recv(cx)) {
            return Poll::Ready(Some(Ok(piece)));
        }
        if self.is_whole.load(Ordering::Acquire) {
            return Poll::Ready(None);
        }
        // With the error the connection ends, and with it whatever the server has not sent: it sends what it has
        // whenever the next piece is not there yet.
        if !mem::replace(&mut self.is_sent, true) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.is_whole.store(true, Ordering::Release);
        let missing = io::Error::other("the rest of the body is missing");
        Poll::Ready(Some(Err(missing)))
    }
}
