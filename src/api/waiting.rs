//! Answers that wait in memory for their clients to take them: bounded, all together.
//!
//! How large an answer is, is known when it is there. So each is made, and dropped where too much waits already; work in
//! progress is bounded by the readers of the database.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use axum::body::{Body, Bytes};

use crate::api::answer::Response;
use crate::base::error::{Error, Result};

/// Answers up to this size are not counted: the number of connections bounds them.
const SMALL: usize = 64 << 10;

/// Bytes that may wait.
static ROOM: AtomicUsize = AtomicUsize::new(512 << 20);

/// Bytes that wait.
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// Marks an answer that is counted, with the bytes it takes.
#[derive(Clone, Copy, Debug)]
struct Counted(usize);

/// A text that is counted until it is sent.
struct Text(Vec<u8>);

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Text {
    fn drop(&mut self) {
        WAITING.fetch_sub(self.0.capacity(), Relaxed);
    }
}

/// Says how many bytes may wait.
pub(super) fn allow(bytes: usize) {
    ROOM.store(bytes, Relaxed);
}

/// Whether clients have to make haste.
pub fn is_crowded() -> bool {
    WAITING.load(Relaxed) > ROOM.load(Relaxed) / 2
}

/// An answer of a text.
pub(super) fn response(text: Vec<u8>) -> Response {
    if text.len() <= SMALL {
        return Response::new(Body::from(text));
    }
    let counted = Counted(text.capacity());
    WAITING.fetch_add(counted.0, Relaxed);
    let mut response = Response::new(Body::from(Bytes::from_owner(Text(text))));
    response.extensions_mut().insert(counted);
    response
}

/// Drops a large answer where others fill the room. Only for what was read: after a change nobody may be told to try
/// again.
pub(super) fn admit(response: Response) -> Result<Response> {
    if let Some(Counted(own)) = response.extensions().get()
        && WAITING.load(Relaxed).saturating_sub(*own) > ROOM.load(Relaxed)
    {
        return Err(Error::Unavailable {
            retry_after: Duration::from_secs(5),
        });
    }
    Ok(response)
}
