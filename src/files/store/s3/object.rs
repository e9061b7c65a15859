//! Reading an object while it is taken. A connection that breaks is followed by one that goes on from there.

use std::io;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, stream};
use http_body_util::BodyExt as _;
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

/// An object that was found, its content not yet asked for.
#[derive(Clone, Debug)]
pub struct Object {
    store: S3Store,
    key: FileKey,
}

struct Reading {
    object: Object,
    next: u64,
    left: u64,
    resumes: u32,
    body: Option<hyper::body::Incoming>,
}

impl Object {
    pub(super) const fn new(store: S3Store, key: FileKey) -> Self {
        Self { store, key }
    }

    /// Reads `length` bytes from `start` on.
    pub(in crate::files::store) fn stream(
        self,
        start: u64,
        length: u64,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let reading = Reading {
            object: self,
            next: start,
            left: length,
            resumes: RESUMES,
            body: None,
        };
        stream::try_unfold(reading, Reading::next)
    }
}

impl Reading {
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

    async fn connect(&self) -> Result<hyper::body::Incoming, Error> {
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
