//! Hands out everything that is committed, without a gap, to whoever keeps a copy elsewhere.
//!
//! Committed pages are in the write-ahead log until it starts over. A tap keeps it from starting over too early by what
//! SQLite offers every reader: while a read transaction is open, nothing that was committed after its beginning can get
//! lost, whoever copies the log into the database, this process or another. So the tap always has one transaction open,
//! and before it ends that one it has begun the next and has read the log up to there. A transaction that begins while
//! the database has everything from the log lets the log start over, and then keeps the database from being written to.
//!
//! The engine lets the tap read before and after it copies ([`Tap::capture`]), so that the log starts over as ever. If
//! nobody takes what was read, the tap stops reading and the log grows; beyond a bound the tap lets go of it
//! ([`Tap::lose`]), and whoever keeps the copy has to begin anew. See `docs/decisions/0007-continuous-backup.md`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension as _};

use super::error::Error;
use super::frames::{self, Amount, Fault, Versions};
use super::pragmas;
use crate::base::time::Timestamp;

/// Reading pauses when so many bytes wait to be taken.
const ENOUGH: usize = 32 << 20;

/// Largest transaction, or beginning, that is held in memory.
const MOST: usize = 512 << 20;

/// How often reading is repeated when the log starts over meanwhile.
const TRIES: usize = 5;

/// The pages that changed between two moments.
#[derive(Debug)]
pub struct Captured {
    /// Everything committed before this moment is in it or in an earlier one.
    pub at: Timestamp,
    pub page_size: u32,
    /// Pages of the database then.
    pub size: u32,
    /// Nothing is left in the log that was committed before.
    pub is_complete: bool,
    pub pages: BTreeMap<u32, Vec<u8>>,
}

/// See the module.
#[derive(Debug)]
pub struct Tap {
    path: PathBuf,
    log: PathBuf,
    /// Kept open as long as the database: closing any handle to the file would give up the locks of all of them.
    database: Mutex<File>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    live: Option<Live>,
    /// Why there is nothing live.
    lost: Option<String>,
    waiting: Option<Captured>,
    is_closed: bool,
}

/// A hold on the log.
#[derive(Debug)]
struct Live {
    /// Its transaction keeps what has not been read.
    holding: Connection,
    /// Takes over when everything up to its beginning has been read.
    next: Connection,
    /// Tells how long the log is.
    asking: Connection,
    salts: Option<[u8; 8]>,
    /// Frames of the log that were read.
    read: u32,
    /// Reading began with the log's first frame, wherever the database was: a log that starts over is no loss then.
    is_fresh: bool,
    /// Not everything has been read that was there at the last look.
    is_behind: bool,
}

impl Tap {
    /// Begins with everything in the log, which may be in the database already.
    pub(super) fn open(path: &Path, log: PathBuf) -> Result<Self, Error> {
        let database = File::open(path).map_err(|error| Error::Io(error.to_string()))?;
        let tap = Self {
            path: path.to_owned(),
            log,
            database: Mutex::new(database),
            state: Mutex::default(),
        };
        tap.rewind()?;
        Ok(tap)
    }

    /// Begins anew with everything in the log: whatever is not in what will be taken from now on is in the database
    /// file, or is written to it together with its log.
    pub fn rewind(&self) -> Result<(), Error> {
        let mut state = self.lock();
        if state.is_closed {
            return Err(Error::Closed);
        }
        state.lost = None;
        let live = if let Some(live) = state.live.take() {
            live
        } else {
            state.waiting = None;
            Live::begin(&self.path)?
        };
        let live = state.live.insert(live);
        (live.read, live.salts, live.is_fresh) = (0, None, true);
        drop(state);
        self.capture();
        match self.lock().lost.clone() {
            Some(reason) => Err(Error::Other(reason)),
            None => Ok(()),
        }
    }

    /// Reads what was committed since the last time, unless enough waits to be taken.
    pub(super) fn capture(&self) {
        let mut state = self.lock();
        let State {
            live: Some(live),
            waiting,
            ..
        } = &mut *state
        else {
            return;
        };
        if let Err(reason) = live.capture(&self.log, waiting) {
            lose(&mut state, reason);
        }
    }

    /// Lets go of the log if not everything could be read.
    pub(super) fn lose_if_behind(&self) {
        let mut state = self.lock();
        if state.live.as_ref().is_some_and(|live| live.is_behind) {
            lose(
                &mut state,
                "the log grew faster than it was taken".to_owned(),
            );
        }
    }

    /// Lets go of the log. What was read can still be taken; then the reason is told.
    pub(super) fn lose(&self, reason: &str) {
        lose(&mut self.lock(), reason.to_owned());
    }

    /// Reads the last that was committed and lets go of the database.
    pub(super) fn close(&self) {
        self.capture();
        let mut state = self.lock();
        lose(&mut state, "the database is closed".to_owned());
        state.is_closed = true;
    }

    /// What changed since the last time. An error says that something was missed: [`Tap::rewind`] begins anew.
    pub fn take(&self) -> Result<Option<Captured>, Error> {
        self.capture();
        let mut state = self.lock();
        match (state.waiting.take(), &state.lost) {
            (None, Some(reason)) => Err(Error::Other(reason.clone())),
            (waiting, _) => Ok(waiting),
        }
    }

    /// Bytes that wait to be taken.
    pub fn waiting(&self) -> u64 {
        self.lock().waiting.as_ref().map_or(0, Captured::bytes)
    }

    /// Bytes of the database file.
    pub fn database_length(&self) -> io::Result<u64> {
        let file = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(file.metadata()?.len())
    }

    /// Reads from the database file as it is at the moment; pages may be of any age. Gives less at its end.
    pub fn read_database(&self, place: u64, length: usize) -> io::Result<Vec<u8>> {
        let file = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        let end = file.metadata()?.len();
        let left = usize::try_from(end.saturating_sub(place)).unwrap_or(usize::MAX);
        let mut bytes = vec![0; length.min(left)];
        frames::read_at(&file, &mut bytes, place)?;
        Ok(bytes)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lose(state: &mut State, reason: String) {
    if state.live.take().is_some() {
        state.lost = Some(reason);
    }
}

impl Captured {
    fn bytes(&self) -> u64 {
        self.pages.len() as u64 * u64::from(self.page_size)
    }
}

impl Live {
    fn begin(path: &Path) -> Result<Self, Error> {
        let holding = pragmas::open_holder(path)?;
        begin(&holding)?;
        Ok(Self {
            holding,
            next: pragmas::open_holder(path)?,
            asking: pragmas::open_checkpointer(path)?,
            salts: None,
            read: 0,
            is_fresh: true,
            is_behind: false,
        })
    }

    /// An error says why the tap cannot go on.
    fn capture(&mut self, log: &Path, waiting: &mut Option<Captured>) -> Result<(), String> {
        self.is_behind = true;
        let held = waiting.as_ref().map_or(0, Captured::bytes);
        if held >= ENOUGH as u64 && !self.is_fresh {
            return Ok(());
        }
        begin(&self.next).map_err(|error| error.to_string())?;
        let at = Timestamp::now();
        let is_all = self.read(log, at, waiting);
        let ends = match is_all {
            Ok(true) => {
                mem::swap(&mut self.holding, &mut self.next);
                self.is_behind = false;
                Ok(())
            }
            Ok(false) => Ok(()),
            Err(fault) => Err(match fault {
                Fault::Changed => "the log is not what it was".to_owned(),
                Fault::TooLarge => "a transaction is too large".to_owned(),
                Fault::Io(error) => format!("the log cannot be read: {error}"),
            }),
        };
        end(&self.next).map_err(|error| error.to_string())?;
        ends
    }

    /// Says whether everything was read that was there when the next transaction began.
    fn read(
        &mut self,
        log: &Path,
        at: Timestamp,
        waiting: &mut Option<Captured>,
    ) -> Result<bool, Fault> {
        for _ in 0..TRIES {
            let Some(file) = frames::open(log)? else {
                return Ok(true);
            };
            let before = frames::header(&file)?;
            let end =
                frames_in_log(&self.asking).map_err(|error| Fault::Io(io::Error::other(error)))?;
            let Some(header) = before else {
                // It has been emptied, or has never been used.
                if end == 0 {
                    return Ok(true);
                }
                continue;
            };
            if frames::header(&file)? != before {
                continue;
            }
            if self.salts != Some(header.salts) {
                self.salts = Some(header.salts);
                self.read = 0;
            }
            // Less than before: it starts over with the next commit.
            if end <= self.read {
                self.is_fresh = false;
                return Ok(true);
            }
            let page = header.page_size as usize;
            let amount = Amount {
                // A beginning is not divided: its first part alone would be older than what was taken before.
                enough: if self.is_fresh {
                    usize::MAX
                } else {
                    ENOUGH / page
                },
                most: MOST / page,
            };
            let found = frames::versions(&file, header, self.read, end, amount);
            if self.is_fresh && frames::header(&file)? != before {
                continue;
            }
            let found = found?;
            self.read = found.end;
            self.is_fresh = false;
            put(waiting, found, header.page_size, at, self.read == end);
            return Ok(self.read == end);
        }
        Err(Fault::Changed)
    }
}

/// Adds newer pages to those that wait.
fn put(
    waiting: &mut Option<Captured>,
    found: Versions,
    page_size: u32,
    at: Timestamp,
    is_complete: bool,
) {
    let pages = BTreeMap::new();
    let size = found.size;
    let all = waiting.get_or_insert(Captured {
        at,
        page_size,
        size,
        is_complete,
        pages,
    });
    (all.at, all.page_size, all.size, all.is_complete) = (at, page_size, size, is_complete);
    all.pages.extend(found.pages);
}

/// Begins a transaction that sees the database as it is now.
fn begin(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("BEGIN")?;
    let mut look = connection.prepare_cached("SELECT 1 FROM sqlite_schema LIMIT 1")?;
    let seen: rusqlite::Result<Option<i64>> = look.query_row([], |row| row.get(0)).optional();
    drop(look);
    seen.map(drop)
}

fn end(connection: &Connection) -> rusqlite::Result<()> {
    if connection.is_autocommit() {
        return Ok(());
    }
    connection.execute_batch("COMMIT")
}

/// Frames in the log that are committed.
fn frames_in_log(connection: &Connection) -> rusqlite::Result<u32> {
    let mut ask = connection.prepare_cached("PRAGMA wal_checkpoint(NOOP)")?;
    let frames: i64 = ask.query_row([], |row| row.get(1))?;
    Ok(u32::try_from(frames).unwrap_or(0))
}
