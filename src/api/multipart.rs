//! Multipart forms: values and files, part by part.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use axum::http::header::CONTENT_DISPOSITION;
use futures_util::{Stream, TryStreamExt as _};
use multer::{Constraints, Field, Multipart, SizeLimit};

use crate::api::body::{Budget, Reading, Unreadable};
use crate::api::disposition::Disposition;
use crate::base::error::Trouble;
use crate::files::{self, MEMORY_LIMIT, Spool, Upload};

/// Most parts a form may have.
const MAX_PARTS: usize = 1000;

/// Most bytes between the contents of two parts: a boundary and headers.
const MAX_HEAD: usize = 64 << 10;

/// The parts of a form.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) pairs: Vec<(String, String)>,
    pub(super) uploads: Vec<Upload>,
}

/// Reads a multipart body.
pub(super) async fn read(
    body: Body,
    how: &Reading<'_>,
    budget: &mut Budget,
) -> Result<Parts, Unreadable> {
    let boundary = multer::parse_boundary(how.content_type).map_err(|_| Unreadable::Malformed)?;
    let limit = SizeLimit::new().whole_stream(how.limit as u64);
    let constraints = Constraints::new().size_limit(limit);
    let idle = Idle::default();
    let stream = Paced {
        body: body.into_data_stream().map_err(std::io::Error::other),
        idle: idle.clone(),
        is_turn_over: false,
    };
    let mut multipart = Multipart::with_constraints(stream, boundary, constraints);
    let mut parts = Parts::default();
    let mut count = 0_usize;
    while let Some(mut field) = next(&mut multipart, &idle, how).await? {
        count += 1;
        if count > MAX_PARTS {
            return Err(Unreadable::Malformed);
        }
        let header = field.headers().get(CONTENT_DISPOSITION);
        let Disposition {
            name: key,
            file_name,
        } = header.map_or_else(Disposition::default, |header| {
            Disposition::read(header.as_bytes())
        });
        let file_name = base_name(&file_name);
        budget.take(key.len() + file_name.len())?;
        if !file_name.is_empty() && !key.is_empty() {
            let mut spool = how.store.spool();
            take_in(&mut field, &idle, how, budget, &mut spool).await?;
            let upload = spool.finish(&key, &file_name).await;
            let upload = upload.map_err(|error| unstorable(&error))?;
            parts.uploads.push(upload);
            continue;
        }
        let mut content = Vec::new();
        while let Some(chunk) = chunk(&mut field, &idle, how).await? {
            if !key.is_empty() {
                budget.take(chunk.len())?;
                content.extend_from_slice(&chunk);
            }
        }
        if !key.is_empty() {
            let text = match String::from_utf8(content) {
                Ok(text) => text,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            };
            parts.pairs.push((key, text));
        }
    }
    Ok(parts)
}

/// Takes a file in. It counts for as long as it is held in memory; large ones go to disk while they come.
async fn take_in(
    field: &mut Field<'static>,
    idle: &Idle,
    how: &Reading<'_>,
    budget: &mut Budget,
    spool: &mut Spool,
) -> Result<(), Unreadable> {
    let (mut held, mut is_held) = (0, true);
    while let Some(chunk) = chunk(field, idle, how).await? {
        if is_held {
            budget.take(chunk.len())?;
            held += chunk.len();
        }
        let pushed = spool.push(&chunk).await;
        pushed.map_err(|error| unstorable(&error))?;
        if is_held && held > MEMORY_LIMIT {
            budget.give_back(held);
            is_held = false;
        }
    }
    Ok(())
}

async fn next(
    multipart: &mut Multipart<'static>,
    idle: &Idle,
    how: &Reading<'_>,
) -> Result<Option<Field<'static>>, Unreadable> {
    idle.restart();
    let next = how.unless_silent(multipart.next_field()).await?;
    next.map_err(|error| reason(&error))
}

async fn chunk(
    field: &mut Field<'static>,
    idle: &Idle,
    how: &Reading<'_>,
) -> Result<Option<Bytes>, Unreadable> {
    idle.restart();
    let chunk = how.unless_silent(field.chunk()).await?;
    chunk.map_err(|error| reason(&error))
}

/// Bytes that came since the parser last had something to show for them. It holds them all in memory.
#[derive(Clone, Debug, Default)]
struct Idle(Arc<AtomicUsize>);

impl Idle {
    fn restart(&self) {
        self.0.store(0, Relaxed);
    }
}

/// A body that comes no faster than it is parsed, and ends with an error when that leads nowhere.
struct Paced<S> {
    body: S,
    idle: Idle,
    /// The parser takes all it can get before it looks at it, so there is a pause behind every piece.
    is_turn_over: bool,
}

impl<S: Stream<Item = std::io::Result<Bytes>> + Unpin> Stream for Paced<S> {
    type Item = std::io::Result<Bytes>;

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<std::io::Result<Bytes>>> {
        if std::mem::take(&mut self.is_turn_over) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if self.idle.0.load(Relaxed) > MAX_HEAD {
            let error = std::io::Error::other("the headers of a part are too long");
            return Poll::Ready(Some(Err(error)));
        }
        let piece = ready!(Pin::new(&mut self.body).poll_next(context));
        if let Some(Ok(bytes)) = &piece {
            self.idle.0.fetch_add(bytes.len(), Relaxed);
            self.is_turn_over = true;
        }
        Poll::Ready(piece)
    }
}

fn unstorable(error: &files::Error) -> Unreadable {
    tracing::error!(%error, "an upload cannot be stored");
    match error {
        files::Error::Io(error) => Trouble::of(error).map_or(Unreadable::Storage, Unreadable::Disk),
        _ => Unreadable::Storage,
    }
}

/// The last segment of a path a client may have sent as a file name.
fn base_name(name: &str) -> String {
    name.rsplit('/')
        .find(|segment| !segment.is_empty())
        .unwrap_or_default()
        .to_owned()
}

fn reason(error: &multer::Error) -> Unreadable {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => {
            Unreadable::TooLarge
        }
        _ => Unreadable::Malformed,
    }
}
