//! Running statements inside the write transaction.
//!
//! Whoever holds a [`Tx`] is a job on the writer thread: it does SQL only, no network, no files, no
//! scripts, because every other write waits for it.

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::sync::Arc;

use super::error::Error;
use super::feed::{Feed, State};
use super::reader::Reader;
use crate::sql::{Sql, Value};

/// The write transaction of the moment.
#[derive(Debug)]
pub struct Tx {
    reader: Reader,
    /// Changes logged since the log was last trimmed.
    pub(super) logged: Cell<u32>,
    /// Who follows the change log.
    pub(super) feed: Arc<Feed>,
    /// What the follower gets of the open transaction, by sequence number.
    pub(super) states: RefCell<Vec<(i64, State)>>,
    /// The number of the schema's state, see `Engine::epoch`.
    pub(super) epoch: Cell<u64>,
    /// The open transaction has logged something.
    pub(super) changed: Cell<bool>,
    /// It has deleted what the follower wants to know of.
    pub(super) deleted: Cell<bool>,
    /// Sequence number of the last change logged.
    pub(super) last_seq: Cell<i64>,
    /// The texts of what was run, if they are wanted.
    noted: RefCell<Option<Vec<String>>>,
}

impl Tx {
    pub(super) fn new(reader: Reader) -> Self {
        Self {
            reader,
            logged: Cell::new(0),
            feed: Arc::default(),
            states: RefCell::default(),
            epoch: Cell::new(0),
            changed: Cell::new(false),
            deleted: Cell::new(false),
            last_seq: Cell::new(0),
            noted: RefCell::default(),
        }
    }

    /// Keeps the text of every statement from now on; for rehearsals in a [scratch](super::scratch) database.
    pub fn note_statements(&self) {
        *self.noted.borrow_mut() = Some(Vec::new());
    }

    /// The statements since [`Self::note_statements`].
    pub fn noted_statements(&self) -> Vec<String> {
        self.noted.borrow_mut().take().unwrap_or_default()
    }

    fn note(&self, text: &str) {
        if let Some(noted) = self.noted.borrow_mut().as_mut() {
            noted.push(text.to_owned());
        }
    }

    pub(super) fn into_reader(self) -> Reader {
        self.reader
    }

    /// Runs a statement and returns the number of rows it changed.
    pub fn execute(&self, sql: &Sql) -> Result<usize, Error> {
        self.run(sql.as_str(), sql.binds())
    }

    /// Runs a statement given as text and values, and returns the number of rows it changed.
    ///
    /// Security: `text` must come from [`Sql`] or from the query compiler, never from data.
    pub fn run(&self, text: &str, binds: &[Value]) -> Result<usize, Error> {
        let _running = self.watch().begin();
        self.note(text);
        let mut statement = self.prepare(text, binds)?;
        let result = statement.raw_execute().map_err(|error| self.failure(error));
        drop(statement);
        self.report_slow(text);
        result
    }

    /// Runs several statements without values, such as schema changes.
    pub fn batch(&self, sql: &Sql) -> Result<(), Error> {
        if !sql.binds().is_empty() {
            return Err(Error::Sql("values in a batch of statements".to_owned()));
        }
        let _running = self.watch().begin();
        self.note(sql.as_str());
        self.connection()
            .execute_batch(sql.as_str())
            .map_err(|error| self.failure(error))
    }

    /// Runs a part of the work that is undone as a whole if it fails, while the rest may go on.
    pub fn savepoint<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.control("SAVEPOINT part")?;
        let (states, seq) = (self.states.borrow().len(), self.last_seq.get());
        let result = f(self);
        if result.is_err() {
            self.states.borrow_mut().truncate(states);
            self.last_seq.set(seq);
            // Some failures end the whole transaction; then there is no savepoint left to undo.
            if !self.connection().is_autocommit() {
                self.control("ROLLBACK TO part")?;
                self.control("RELEASE part")?;
            }
        } else {
            self.control("RELEASE part")?;
        }
        result
    }
}

impl Deref for Tx {
    type Target = Reader;

    fn deref(&self) -> &Reader {
        &self.reader
    }
}
