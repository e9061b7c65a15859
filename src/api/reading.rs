//! What reading a body goes by: how and within which limits it is read, and why one cannot be.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::yield_now;
use tokio::time::timeout;

use crate::base::error::{Error, Trouble};
use crate::base::json::Place;
use crate::files::Store;

/// Largest body of routes that do not say otherwise.
pub(super) const DEFAULT_LIMIT: usize = 32 << 20;

/// Longest a body may be silent. What came of it takes room that others could use.
pub(super) const SILENCE: Duration = Duration::from_secs(30);

/// Bodies up to this size are not counted: the number of connections bounds them.
const UNCOUNTED: usize = 64 << 10;

/// Unit in which the pool counts.
const UNIT: usize = 64 << 10;

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    UnsupportedType,
    Malformed,
    /// No JSON from this place on.
    NotJson(Place),
    TooLarge,
    TooSlow,
    /// All requests together hold too much.
    NoRoom,
    /// An uploaded file could not be kept; the cause is logged.
    Storage,
    /// The disk did not take an uploaded file; the cause is logged.
    Disk(Trouble),
}

impl Unreadable {
    /// The error as record routes show it: generic unless there is something definite to say.
    pub(super) fn plain(self) -> Error {
        match self {
            Self::UnsupportedType => Error::bad_request("Unsupported Content-Type."),
            Self::Malformed => Error::BadRequest(None).because("the body cannot be read"),
            Self::NotJson(place) => Error::BadRequest(None).because(not_json(place)),
            Self::TooLarge => Error::TooLarge,
            Self::TooSlow => Error::bad_request("The request body took too long to arrive."),
            Self::NoRoom => Error::Unavailable {
                retry_after: Duration::from_secs(1),
            },
            Self::Storage => Error::internal("an upload cannot be stored"),
            Self::Disk(trouble) => Error::disk(
                trouble,
                "while taking an upload in",
                std::io::Error::other("see above"),
            ),
        }
    }

    /// The error of a route that has a sentence of its own for bodies of a known type that it cannot use.
    pub(super) fn named_or(self, message: &'static str) -> Error {
        match self {
            Self::UnsupportedType => self.plain(),
            _ => self.or(message),
        }
    }

    /// The error of a route that has a sentence of its own for bodies it cannot use.
    pub(super) fn or(self, message: &'static str) -> Error {
        match self {
            Self::UnsupportedType | Self::Malformed => Error::bad_request(message),
            Self::NotJson(place) => Error::bad_request(message).because(not_json(place)),
            Self::TooLarge | Self::TooSlow | Self::NoRoom | Self::Storage | Self::Disk(_) => {
                self.plain()
            }
        }
    }
}

fn not_json(Place { line, column }: Place) -> String {
    format!("the body is no valid JSON: line {line}, column {column}")
}

/// The memory that all bodies, and what is made of them, share.
#[derive(Clone, Debug)]
pub(super) struct BodyPool {
    free: Arc<Semaphore>,
    units: usize,
}

impl BodyPool {
    /// For so many bytes.
    pub(super) fn new(bytes: usize) -> Self {
        let units = (bytes / UNIT).min(Semaphore::MAX_PERMITS);
        Self {
            free: Arc::new(Semaphore::new(units)),
            units,
        }
    }

    /// The share of one request, empty at first.
    pub(super) fn budget(&self) -> Budget {
        Budget {
            pool: self.clone(),
            held: None,
            taken: 0,
        }
    }
}

/// What one request holds of the pool; dropping it gives everything back.
#[derive(Debug)]
pub(super) struct Budget {
    pool: BodyPool,
    held: Option<OwnedSemaphorePermit>,
    taken: usize,
}

impl Budget {
    /// Counts more bytes; never waits, so that one slow upload cannot hold up others.
    pub(super) fn take(&mut self, bytes: usize) -> Result<(), Unreadable> {
        let taken = self.taken.saturating_add(bytes);
        if counted(taken) > self.pool.units {
            return Err(Unreadable::TooLarge);
        }
        let units = counted(taken) - counted(self.taken);
        let units = u32::try_from(units).map_err(|_| Unreadable::TooLarge)?;
        if units > 0 {
            let permit = Arc::clone(&self.pool.free)
                .try_acquire_many_owned(units)
                .map_err(|_| Unreadable::NoRoom)?;
            match &mut self.held {
                Some(held) => held.merge(permit),
                None => self.held = Some(permit),
            }
        }
        self.taken = taken;
        Ok(())
    }

    /// Stops counting bytes that are not in memory any more.
    pub(super) fn give_back(&mut self, bytes: usize) {
        let left = self.taken.saturating_sub(bytes);
        let units = counted(self.taken) - counted(left);
        self.taken = left;
        if let Some(held) = &mut self.held {
            drop(held.split(units));
        }
    }
}

/// What so many bytes of one request count in the pool.
const fn counted(taken: usize) -> usize {
    taken.saturating_sub(UNCOUNTED).div_ceil(UNIT)
}

/// How a body is to be read.
#[derive(Debug)]
pub(super) struct Reading<'a> {
    pub(super) content_type: &'a str,
    /// Whether the client announced a body of no bytes.
    pub(super) is_empty: bool,
    /// Whether the method is one whose urlencoded bodies are looked at. Others are forms of their query alone.
    pub(super) takes_form: bool,
    /// Parameters of the query string as they were sent; form bodies are merged with them.
    pub(super) query: &'a str,
    pub(super) limit: usize,
    /// Longest wait for more of the body.
    pub(super) silence: Duration,
    /// Takes uploaded files in.
    pub(super) store: &'a Store,
}

impl Reading<'_> {
    /// Waits for the next part of the body.
    pub(super) async fn unless_silent<T>(
        &self,
        part: impl Future<Output = T>,
    ) -> Result<T, Unreadable> {
        unless_silent(self.silence, part).await
    }
}

/// Waits for a part of a body, so long at the most.
pub(super) async fn unless_silent<T>(
    silence: Duration,
    part: impl Future<Output = T>,
) -> Result<T, Unreadable> {
    let mut part = pin!(part);
    if let Ok(came) = timeout(silence, part.as_mut()).await {
        return Ok(came);
    }
    // While the process was stopped, such as with its container, the time went on, and the rest may have come: the
    // runtime looks at its clock first then.
    yield_now().await;
    part.now_or_never().ok_or(Unreadable::TooSlow)
}

#[cfg(test)]
mod tests {
    use super::{BodyPool, UNCOUNTED, Unreadable};

    const POOL: usize = 512 << 20;

    #[test]
    fn bodies_share_a_bounded_pool() {
        let pool = BodyPool::new(POOL);
        let mut large = pool.budget();
        assert_eq!(large.take(POOL), Ok(()));
        assert_eq!(
            pool.budget().take(UNCOUNTED),
            Ok(()),
            "small ones always fit"
        );
        assert_eq!(large.take(UNCOUNTED), Ok(()));
        assert_eq!(
            large.take(1),
            Err(Unreadable::TooLarge),
            "no waiting makes room for it"
        );
        let mut other = pool.budget();
        assert_eq!(other.take(UNCOUNTED + 1), Err(Unreadable::NoRoom));
        large.give_back(POOL);
        assert_eq!(other.take(POOL), Ok(()));
        drop(other);
        assert_eq!(large.take(POOL), Ok(()));
        drop(large);
        assert_eq!(pool.budget().take(POOL), Ok(()));
    }
}
