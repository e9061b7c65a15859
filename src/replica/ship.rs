//! Putting what is committed into the place, again and again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio::time::timeout;

use crate::base::time::Timestamp;
use crate::engine::{Captured, Engine, Tap};
use crate::replica::blocking;
use crate::replica::error::{Error, Result};
use crate::replica::names::{self, Base, Segment};
use crate::replica::piece::{self, FORMAT, Manifest};
use crate::replica::place::Place;
use crate::replica::prune;
use crate::replica::status::Status;

/// Bytes of an image that are put at once.
const CHUNK: usize = 8 << 20;

/// Pauses after a failure: the first, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(30);

/// How many segments' time there is between two looks at whether what was put is still there.
const LOOK_EVERY: u32 = 10;

/// How often and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Between two segments.
    pub every: Duration,
    /// Between two images.
    pub base_every: Duration,
    /// How far back one may want to go.
    pub keep: Duration,
}

/// Keeps a replica.
#[derive(Clone, Debug)]
pub struct Ship {
    pub engine: Engine,
    pub place: Place,
    pub options: Options,
    pub status: Status,
    /// True as soon as the database is closed and everything that is left is to be put.
    pub stop: watch::Receiver<bool>,
}

/// A generation under way.
struct Generation<'a> {
    ship: &'a Ship,
    tap: Arc<Tap>,
    name: String,
    /// Number of the next segment.
    next: u64,
    /// Hash of the last one.
    previous: String,
    /// Everything committed before is in the place.
    up_to: Timestamp,
    base_at: Option<Instant>,
    /// The present image and what was put last after it.
    base: Option<Base>,
    newest: Option<Segment>,
    looked_at: Instant,
}

impl Ship {
    /// Runs until it is told to stop.
    pub async fn run(self) {
        let place = self.place.to_string();
        self.status.change(|facts| facts.place = Some(place));
        let mut pause = FIRST_PAUSE;
        loop {
            match self.generation(&mut pause).await {
                Ok(()) => return,
                Err(error) => self.failed(&error),
            }
            if self.stopped_within(pause).await {
                return;
            }
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }

    /// Keeps one generation until it is told to stop, or something was missed.
    async fn generation(&self, pause: &mut Duration) -> Result<()> {
        // Whoever restores goes by the clock: what is newer must not look older because this one is behind.
        let newest = prune::newest(&self.place).await?;
        let engine = self.engine.clone();
        let tap = blocking(move || engine.tap().map_err(Error::Database)).await?;
        let mut now = Timestamp::now();
        if let Some(newest) = newest.filter(|newest| *newest >= now) {
            tracing::warn!(%newest, "the replica has moments after now: the clock is behind, or was ahead");
            now = Timestamp::from_unix_ms(newest.unix_ms().saturating_add(1));
        }
        let mut generation = Generation {
            ship: self,
            tap,
            name: names::generation(now),
            next: 1,
            previous: String::new(),
            up_to: now,
            base_at: None,
            base: None,
            newest: None,
            looked_at: Instant::now(),
        };
        loop {
            generation.look().await;
            let due = generation
                .base_at
                .is_none_or(|at| at.elapsed() >= self.options.base_every);
            if due {
                generation.base().await?;
                *pause = FIRST_PAUSE;
            }
            let is_last = self.stopped_within(self.options.every).await;
            generation.segments().await?;
            if is_last {
                return Ok(());
            }
        }
    }

    /// Waits; says whether it is time to stop.
    async fn stopped_within(&self, patience: Duration) -> bool {
        let mut stop = self.stop.clone();
        let stopped = stop.wait_for(|stop| *stop);
        // Nobody left who could tell is a stop as well.
        timeout(patience, stopped).await.is_ok()
    }

    fn failed(&self, error: &Error) {
        let is_closing = *self.stop.borrow();
        if !is_closing {
            tracing::warn!(%error, "the replica cannot be kept at the moment");
        }
        self.status
            .change(|facts| facts.error = Some(error.to_string()));
    }
}

impl Generation<'_> {
    /// Looks now and then whether the image is still there, and what was put last. If not, such as when the place is
    /// another disk by now or was cleared, all that follows would be of no use, and a new image is due.
    async fn look(&mut self) {
        if self.looked_at.elapsed() < self.ship.options.every * LOOK_EVERY {
            return;
        }
        self.looked_at = Instant::now();
        let base = self.base.map(Base::name);
        let newest = self.newest.map(Segment::name);
        for piece in [base, newest].into_iter().flatten() {
            match self.ship.place.has(&[&self.name, &piece]).await {
                Ok(true) => {}
                Ok(false) => {
                    let what = "what was put is gone from the place, and a new image is made";
                    self.ship.failed(&Error::refused(what));
                    (self.base, self.base_at) = (None, None);
                    return;
                }
                // Putting the next piece will find that out.
                Err(error) => {
                    tracing::debug!(%error, "the place of the replica cannot be looked at");
                }
            }
        }
    }

    /// Puts an image. Segments go on meanwhile.
    async fn base(&mut self) -> Result<()> {
        self.newest = None;
        let tap = Arc::clone(&self.tap);
        let length = blocking(move || {
            tap.rewind().map_err(Error::Database)?;
            tap.database_length().map_err(at_database)
        })
        .await?;
        let first = self.next;
        let folder = Base::folder(first);
        let (mut place, mut chunks) = (0, Vec::new());
        let mut last = Instant::now();
        while place < length {
            let tap = Arc::clone(&self.tap);
            let wanted = usize::try_from(length - place).map_or(CHUNK, |left| left.min(CHUNK));
            let packed = blocking(move || {
                let bytes = tap.read_database(place, wanted).map_err(at_database)?;
                piece::chunk(place, &bytes).map(|(packed, hash)| (packed, hash, bytes.len() as u64))
            });
            let (packed, hash, read) = packed.await?;
            if read == 0 {
                break;
            }
            self.put(&[&folder, &Base::chunk(chunks.len())], packed)
                .await?;
            chunks.push(hash);
            place += read;
            if last.elapsed() >= self.ship.options.every {
                self.segments().await?;
                last = Instant::now();
            }
        }
        self.segments().await?;
        let base = Base {
            first,
            settled: self.next - 1,
            at: self.up_to,
        };
        let manifest = Manifest {
            format: FORMAT,
            first,
            settled: base.settled,
            length: place,
            chunks,
        };
        self.put(&[&base.name()], piece::manifest(&manifest)?)
            .await?;
        (self.base, self.base_at) = (Some(base), Some(Instant::now()));
        self.ship.status.change(|facts| {
            facts.base_at = Some(base.at);
            facts.generation.clone_from(&self.name);
        });
        let keep = i64::try_from(self.ship.options.keep.as_millis()).unwrap_or(i64::MAX);
        let oldest = Timestamp::from_unix_ms(base.at.unix_ms().saturating_sub(keep));
        if let Err(error) = prune::run(&self.ship.place, oldest).await {
            tracing::warn!(%error, "old parts of the replica stay behind");
        }
        Ok(())
    }

    /// Puts everything that was committed up to now.
    async fn segments(&mut self) -> Result<()> {
        loop {
            let asked = Timestamp::now();
            let tap = Arc::clone(&self.tap);
            let taken = blocking(move || tap.take().map_err(Error::Database)).await?;
            let Some(captured) = taken else {
                self.reached(asked);
                return Ok(());
            };
            let is_complete = captured.is_complete;
            self.segment(captured).await?;
            if is_complete {
                return Ok(());
            }
        }
    }

    async fn segment(&mut self, mut captured: Captured) -> Result<()> {
        // A clock that is set back must not bring the order of segments and moments apart.
        captured.at = captured.at.max(self.up_to);
        let segment = Segment {
            number: self.next,
            at: captured.at,
        };
        let is_complete = captured.is_complete;
        let (number, previous) = (self.next, self.previous.clone());
        let (packed, hash) = blocking(move || piece::segment(&captured, number, &previous)).await?;
        let length = packed.len() as u64;
        self.put(&[&segment.name()], packed).await?;
        (self.next, self.previous) = (self.next + 1, hash);
        self.newest = Some(segment);
        self.ship.status.change(|facts| {
            facts.segments += 1;
            facts.bytes += length;
        });
        if is_complete {
            self.reached(segment.at);
        }
        Ok(())
    }

    fn reached(&mut self, at: Timestamp) {
        self.up_to = at.max(self.up_to);
        let at = self.up_to;
        // Without an image segments are of no use.
        let is_good = self.base_at.is_some();
        self.ship.status.change(|facts| {
            if is_good {
                facts.up_to = Some(at);
                facts.error = None;
            }
        });
    }

    /// Puts a piece, and tries again until it is time to stop.
    async fn put(&self, path: &[&str], bytes: Vec<u8>) -> Result<()> {
        let mut full = vec![self.name.as_str()];
        full.extend_from_slice(path);
        let mut pause = FIRST_PAUSE;
        loop {
            match self.ship.place.put(&full, bytes.clone()).await {
                Ok(()) => return Ok(()),
                Err(error) => {
                    self.ship.failed(&error);
                    if self.ship.stopped_within(pause).await {
                        return Err(error);
                    }
                }
            }
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }
}

fn at_database(source: std::io::Error) -> Error {
    Error::File {
        path: "the database".to_owned(),
        source,
    }
}
