//! Running SELECT statements on one connection.
//!
//! A reader is lent to a closure by [`Engine::read`](super::Engine::read) and its siblings; it sees the
//! database as it was last committed. Statements are prepared once per connection and found again by their
//! text.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rusqlite::types::{ToSqlOutput, ValueRef as Raw};
use rusqlite::{CachedStatement, Connection, ToSql};

use super::error::Error;
use super::repeats::Repeats;
use super::row::Row;
use super::slow;
use super::statement;
use super::totals::{self, Totals};
use super::watch::Watch;
use crate::base::metrics::TOTALS_REMEMBERED;
use crate::sql::{Sql, Value};

/// A connection to read with.
pub struct Reader {
    connection: Connection,
    watch: Arc<Watch>,
    /// Of a connection that only reads.
    totals: Option<Totals>,
    repeats: Repeats,
    /// The state of the schema that its statements were prepared for, see [`Reader::follow`].
    schema: Cell<u64>,
}

impl Reader {
    /// A connection that may also change something.
    pub(super) const fn new(connection: Connection, watch: Arc<Watch>) -> Self {
        Self {
            connection,
            watch,
            totals: None,
            repeats: Repeats::new(),
            schema: Cell::new(0),
        }
    }

    /// A connection that only reads.
    pub(super) fn read_only(connection: Connection, watch: Arc<Watch>) -> Self {
        Self {
            connection,
            watch,
            totals: Some(Totals::default()),
            repeats: Repeats::new(),
            schema: Cell::new(0),
        }
    }

    /// Forgets prepared statements if the schema is not any more what they were prepared for. To be called with the
    /// number as it was before the state was taken that is read.
    ///
    /// The database prepares them anew by itself where it reads the file. A view of constants (`SELECT 1 AS id`) never
    /// does, and would answer for ever what it once was.
    pub(super) fn follow(&self, schema: u64) {
        if self.schema.replace(schema) != schema {
            self.connection.flush_prepared_statement_cache();
        }
    }

    #[cfg(test)]
    pub(super) const fn totals(&self) -> Option<&Totals> {
        self.totals.as_ref()
    }

    /// Says whether statements see one state of the database.
    fn is_in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    pub(super) const fn connection(&self) -> &Connection {
        &self.connection
    }

    pub(super) fn watch(&self) -> &Watch {
        &self.watch
    }

    pub(super) fn into_connection(self) -> Connection {
        self.connection
    }

    /// Runs a statement and hands each row to `each`, whose first error ends it.
    ///
    /// Security: `text` must come from [`Sql`] or from the query compiler, never from data.
    pub fn query<E: From<Error>>(
        &self,
        text: &str,
        binds: &[Value],
        mut each: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let _running = self.watch.begin();
        let mut statement = self.prepare(text, binds)?;
        let mut rows = statement.raw_query();
        let result = loop {
            match rows.next() {
                Ok(Some(row)) => each(&Row::new(row))?,
                Ok(None) => break Ok(()),
                Err(error) => break Err(self.failure(error).into()),
            }
        };
        drop(rows);
        drop(statement);
        self.report_slow(text);
        result
    }

    /// Runs a statement once for each value of its only placeholder, and hands on every row.
    ///
    /// Security: as for [`Reader::query`].
    pub fn query_each<E: From<Error>>(
        &self,
        text: &str,
        values: impl IntoIterator<Item = i64>,
        mut each: impl FnMut(&Row<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let _running = self.watch.begin();
        let mut statement = self.prepare(text, &[Value::Null])?;
        for value in values {
            statement
                .raw_bind_parameter(1, value)
                .map_err(|error| self.failure(error))?;
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next().map_err(|error| self.failure(error))? {
                each(&Row::new(row))?;
            }
        }
        drop(statement);
        self.report_slow(text);
        Ok(())
    }

    /// Mentions a statement in the log that took long.
    pub(super) fn report_slow(&self, text: &str) {
        if let Some(taken) = self.watch.remarkable() {
            slow::report(&self.connection, text, taken);
        }
    }

    /// The first row of a statement, if there is one.
    pub fn first<T>(&self, sql: &Sql, map: impl FnOnce(&Row<'_>) -> T) -> Result<Option<T>, Error> {
        let _running = self.watch.begin();
        let mut statement = self.prepare(sql.as_str(), sql.binds())?;
        let mut rows = statement.raw_query();
        let row = rows.next().map_err(|error| self.failure(error))?;
        Ok(row.map(|row| map(&Row::new(row))))
    }

    /// Says whether a statement has any row.
    pub fn exists(&self, sql: &Sql) -> Result<bool, Error> {
        self.first(sql, |_| ()).map(|row| row.is_some())
    }

    /// All rows of a statement. The caller bounds their number.
    pub fn all<T>(&self, sql: &Sql, mut map: impl FnMut(&Row<'_>) -> T) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        self.query(sql.as_str(), sql.binds(), |row| {
            all.push(map(row));
            Ok::<_, Error>(())
        })?;
        Ok(all)
    }

    /// The number in the only row of a statement, or 0.
    ///
    /// Security: as for [`Reader::query`].
    pub fn number(&self, text: &str, binds: &[Value]) -> Result<i64, Error> {
        let mut number = 0;
        self.query::<Error>(text, binds, |row| {
            number = row.int(0);
            Ok(())
        })?;
        Ok(number)
    }

    /// [`Reader::number`], remembered if it took long to find.
    ///
    /// The statement must find the same for as long as nothing is committed: it asks neither for the time nor for
    /// random numbers.
    ///
    /// Security: as for [`Reader::query`].
    pub fn total(&self, text: &str, binds: &[Value]) -> Result<i64, Error> {
        self.total_worth(text, binds, totals::WORTH)
    }

    pub(super) fn total_worth(
        &self,
        text: &str,
        binds: &[Value],
        worth: Duration,
    ) -> Result<i64, Error> {
        // Outside a transaction the next statement may see another state.
        let totals = self.totals.as_ref().filter(|_| self.is_in_transaction());
        if let Some(totals) = totals
            && totals.find(text, binds).is_some()
        {
            totals.refresh(self.version()?);
            if let Some(total) = totals.find(text, binds) {
                TOTALS_REMEMBERED.count();
                return Ok(total);
            }
        }
        let start = Instant::now();
        let total = self.number(text, binds)?;
        if let Some(totals) = totals
            && start.elapsed() >= worth
        {
            totals.refresh(self.version()?);
            totals.keep(text, binds, total);
        }
        Ok(total)
    }

    /// The number of the state that the connection sees; it is another one after somebody has committed.
    fn version(&self) -> Result<i64, Error> {
        let sql: Sql = Sql::from_text("PRAGMA data_version");
        Ok(self.first(&sql, |row| row.int(0))?.unwrap_or_default())
    }

    /// What is made of the rows of a statement; made once where the same is asked for several times in a row within one
    /// transaction.
    ///
    /// The statement must find the same for as long as nothing is committed, as for [`Reader::total`], and the answer must
    /// come from the statement and its rows alone.
    pub fn once<E>(
        &self,
        text: &Arc<str>,
        binds: &[Value],
        make: impl FnOnce(&Self) -> Result<Vec<u8>, E>,
    ) -> Result<Vec<u8>, E> {
        // A connection that changes something sees its own changes.
        if self.totals.is_none() || !self.is_in_transaction() {
            return make(self);
        }
        if let Some(answer) = self.repeats.find(text, binds) {
            return Ok(answer);
        }
        let answer = make(self)?;
        self.repeats.keep(text, binds, &answer);
        Ok(answer)
    }

    /// How a statement would be run: the steps of its plan, each indented below the one it belongs to.
    pub fn plan(&self, text: &str) -> Result<Vec<String>, Error> {
        slow::steps(&self.connection, text)
    }

    /// Runs statements that stop at a moment, if not sooner by another limit; they fail with [`Error::Timeout`] then.
    pub fn until<T>(&self, deadline: Instant, f: impl FnOnce(&Self) -> T) -> T {
        let lifted = Lifted(&self.watch, self.watch.narrow(deadline));
        let result = f(self);
        drop(lifted);
        result
    }

    /// Names and rows of a SELECT given as text, at most so many of them.
    ///
    /// Security: `text` must come from the operator, such as a script, never from a request.
    pub fn table(
        &self,
        text: &str,
        binds: &[Value],
        max_rows: usize,
    ) -> Result<(Vec<String>, Vec<Vec<Value>>), Error> {
        statement::check(text)?;
        let _running = self.watch.begin();
        let mut statement = self.prepare(text, binds)?;
        if !statement.readonly() {
            return Err(Error::Sql("this statement changes data".to_owned()));
        }
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut found = Vec::new();
        let mut rows = statement.raw_query();
        while found.len() < max_rows {
            match rows.next() {
                Ok(Some(row)) => {
                    let row = Row::new(row);
                    found.push((0..names.len()).map(|i| row.value(i)).collect());
                }
                Ok(None) => break,
                Err(error) => return Err(self.failure(error)),
            }
        }
        Ok((names, found))
    }

    /// The names of a statement's result columns; the statement is compiled, not run.
    pub fn column_names(&self, sql: &Sql) -> Result<Vec<String>, Error> {
        let statement = self.connection.prepare(sql.as_str())?;
        let names = statement.column_names();
        Ok(names.into_iter().map(str::to_owned).collect())
    }

    /// Says that the work turns out to be long though its statements were not. A brief read ends with that error, and
    /// starts again on the pool.
    pub fn is_long(&self) -> Result<(), Error> {
        if self.watch.end_brief() {
            return Err(Error::Timeout);
        }
        Ok(())
    }

    /// Runs several statements on one and the same state of the database.
    pub fn consistent<T, E: From<Error>>(
        &self,
        f: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        if self.is_in_transaction() {
            return f(self);
        }
        self.begin()?;
        let end = EndRead { reader: self };
        let result = f(self);
        drop(end);
        result
    }

    /// Begins to see one state of the database, which the first statement decides.
    pub(super) fn begin(&self) -> Result<(), Error> {
        self.control("BEGIN")
    }

    /// Ends what [`Reader::begin`] began.
    pub(super) fn end(&self) -> Result<(), Error> {
        self.repeats.clear();
        self.watch.ending(|| self.control("COMMIT"))
    }

    /// Finds or prepares a statement and binds its values.
    pub(super) fn prepare(
        &self,
        text: &str,
        binds: &[Value],
    ) -> Result<CachedStatement<'_>, Error> {
        let mut statement = self.connection.prepare_cached(text)?;
        let expected = statement.parameter_count();
        if expected != binds.len() {
            let given = binds.len();
            return Err(Error::Sql(format!(
                "{given} values for {expected} placeholders in `{text}`"
            )));
        }
        for (index, value) in binds.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, Bind(value))?;
        }
        Ok(statement)
    }

    /// Runs a fixed statement without values or rows, such as `COMMIT`.
    pub(super) fn control(&self, text: &'static str) -> Result<(), Error> {
        let mut statement = self.connection.prepare_cached(text)?;
        statement
            .raw_execute()
            .map(drop)
            .map_err(|error| self.failure(error))
    }

    /// Translates an error, telling a time limit from other interruptions.
    pub(super) fn failure(&self, error: rusqlite::Error) -> Error {
        match Error::from(error) {
            Error::Interrupted => self.watch.reason(),
            other => other,
        }
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

/// Puts the deadline back that was there before, also when the closure inside panics.
struct Lifted<'a>(&'a Watch, u64);

impl Drop for Lifted<'_> {
    fn drop(&mut self) {
        self.0.restore(self.1);
    }
}

/// Ends a read transaction, also when the closure inside panics.
struct EndRead<'a> {
    reader: &'a Reader,
}

impl Drop for EndRead<'_> {
    fn drop(&mut self) {
        // A connection whose transaction did not end is not used again, see `ReadConnections`.
        if let Err(error) = self.reader.end() {
            tracing::warn!(%error, "failed to end a read transaction");
        }
    }
}

struct Bind<'a>(&'a Value);

impl ToSql for Bind<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => Raw::Null,
            Value::Int(value) => Raw::Integer(*value),
            Value::Real(value) => Raw::Real(*value),
            Value::Text(text) => Raw::Text(text.as_bytes()),
            Value::Blob(bytes) => Raw::Blob(bytes),
        }))
    }
}
