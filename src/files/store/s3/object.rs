//! Reading an object while it is taken. A connection that breaks is followed by one that goes on from there.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, stream};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::header::RANGE;
use tokio::time::timeout;

use crate::files::error::Error;
use crate::files::key::FileKey;
use crate::files::store::s3::S3Store;
use crate::files::store::s3::exchange::Payload;

/// Longest wait for the next piece.
const PIECE: Duration = Duration::from_mins(1);

/// How often reading is resumed.
const RESUMES: u32 = 3;

/// An object that was found.
#[derive(Clone, Debug)]
pub struct Object {
    store: S3Store,
    key: FileKey,
    /// Its content where that came along, for the first who reads it from the beginning to the end.
    content: Arc<Mutex<Option<Whole>>>,
}

#[derive(Debug)]
struct Whole {
    body: Incoming,
    size: u64,
}

struct Reading {
    object: Object,
    next: u64,
    left: u64,
    resumes: u32,
    body: Option<Incoming>,
}

impl Object {
    pub(super) fn new(store: S3Store, key: FileKey) -> Self {
        let content = Arc::default();
        Self {
            store,
            key,
            content,
        }
    }

    /// An object whose content, of this size, is on its way.
    pub(super) fn with(store: S3Store, key: FileKey, body: Incoming, size: u64) -> Self {
        let content = Arc::new(Mutex::new(Some(Whole { body, size })));
        Self {
            store,
            key,
            content,
        }
    }

    fn take(&self, start: u64, length: u64) -> Option<Incoming> {
        let mut content = self.content.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = content.take_if(|whole| start == 0 && length == whole.size);
        taken.map(|whole| whole.body)
    }

    /// Reads `length` bytes from `start` on.
    pub(in crate::files::store) fn stream(
        self,
        start: u64,
        length: u64,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        stream::try_unfold(Reading::of(self, start, length), Reading::next)
    }

    /// The same, with the service's consent to the first request.
    pub(in crate::files::store) async fn begin(
        self,
        start: u64,
        length: u64,
    ) -> Result<impl Stream<Item = io::Result<Bytes>> + Send + 'static, Error> {
        let mut reading = Reading::of(self, start, length);
        if reading.body.is_none() && length > 0 {
            reading.body = Some(reading.connect().await?);
        }
        Ok(stream::try_unfold(reading, Reading::next))
    }
}

impl Reading {
    fn of(object: Object, start: u64, length: u64) -> Self {
        Self {
            body: object.take(start, length),
            object,
            next: start,
            left: length,
            resumes: RESUMES,
        }
    }

    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        if self.left == 0 {
            return Ok(None);
        }
        loop {
            match self.piece().await {
                Ok(mut piece) => {
                    let length = usize::try_from(self.left).unwrap_or(usize::MAX);
                    piece.truncate(length);
                    self.next += piece.len() as u64;
                    self.left -= piece.len() as u64;
                    return Ok(Some((piece, self)));
                }
                Err(error) if self.resumes == 0 => return Err(error),
                Err(error) => {
                    tracing::debug!(key = %self.object.key, %error, "reading an object is resumed");
                    self.resumes -= 1;
                    self.body = None;
                }
            }
        }
    }

    /// The next bytes that are not empty, of a new connection if there is none.
    async fn piece(&mut self) -> io::Result<Bytes> {
        if self.body.is_none() {
            self.body = Some(self.connect().await.map_err(io::Error::other)?);
        }
        let Some(body) = &mut self.body else {
            return Err(io::ErrorKind::NotConnected.into());
        };
        loop {
            let frame = timeout(PIECE, body.frame()).await?;
            let Some(frame) = frame else {
                return Err(io::ErrorKind::UnexpectedEof.into());
            };
            match frame.map_err(io::Error::other)?.into_data() {
                Ok(data) if !data.is_empty() => return Ok(data),
                _ => {}
            }
        }
    }

    async fn connect(&self) -> Result<Incoming, Error> {
        let shared = &self.object.store.0;
        let action = shared
            .bucket
            .get_object(Some(&shared.credentials), self.object.key.path());
        let range = format!("bytes={}-{}", self.next, self.next + self.left - 1);
        let answer = self
            .object
            .store
            .send(&action, &[(RANGE, range)], &Payload::Empty)
            .await?;
        if answer.status() != hyper::StatusCode::PARTIAL_CONTENT && self.next > 0 {
            return Err(Error::Refused("ranges are not supported".to_owned()));
        }
        Ok(answer.into_body())
    }
}
