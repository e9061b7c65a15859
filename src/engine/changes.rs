//! The change log: one row of `_changes` for every record write, in the same transaction.
//!
//! Realtime, webhooks and history read it by sequence number. It is trimmed from the old end in small steps;
//! the newest row always stays, so that a number is never given out twice even without SQLite's costly
//! AUTOINCREMENT. Another program writing to the database does not appear in it.

use std::time::Duration;

use super::error::Error;
use super::feed::State;
use super::reader::Reader;
use super::row::Row;
use super::tx::Tx;
use crate::base::time::Timestamp;
use crate::sql::{Sql, Value};

/// How much of the past the log keeps.
#[derive(Clone, Copy, Debug)]
pub struct ChangeLog {
    /// Rows older than this go.
    pub max_age: Duration,
    /// Only this many rows stay.
    pub max_rows: i64,
}

impl Default for ChangeLog {
    fn default() -> Self {
        Self {
            max_age: Duration::from_hours(7 * 24),
            max_rows: 100_000,
        }
    }
}

/// What happened to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Create,
    Update,
    Delete,
}

/// A record write about to be logged.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// Id of the collection.
    pub collection: &'a str,
    /// Id of the record.
    pub record: &'a str,
    pub action: Action,
    /// When it happened.
    pub at: Timestamp,
    /// What delivery needs and the tables no longer tell: the JSON of a deleted record.
    pub data: Option<&'a str>,
    /// The record's cells after the change, of a delete those before it, for whoever follows the log right now.
    pub cells: Option<&'a [Value]>,
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedChange {
    /// Position in the order of all changes; grows, with gaps.
    pub seq: i64,
    pub collection: String,
    pub record: String,
    pub action: Action,
    pub at: Timestamp,
    pub data: Option<String>,
}

impl Action {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }

    const fn code(self) -> i64 {
        match self {
            Self::Create => 1,
            Self::Update => 2,
            Self::Delete => 3,
        }
    }

    const fn from_code(code: i64) -> Self {
        match code {
            1 => Self::Create,
            2 => Self::Update,
            _ => Self::Delete,
        }
    }
}

const CREATE_TABLE: &str = "CREATE TABLE IF NOT EXISTS `_changes` (\
    `seq` INTEGER PRIMARY KEY NOT NULL, \
    `collection` TEXT NOT NULL, \
    `record` TEXT NOT NULL, \
    `action` INTEGER NOT NULL, \
    `at` INTEGER NOT NULL, \
    `data` TEXT)";

const INSERT: &str = "INSERT INTO `_changes` (`collection`, `record`, `action`, `at`, `data`) \
    VALUES (?, ?, ?, ?, ?)";

/// Changes logged between two trimming steps, and the rows one step deletes at most: twice as many, so that
/// the log shrinks under any load.
const TRIM_EVERY: u32 = 500;
const TRIM_ROWS: i64 = 1_000;

pub(super) fn create_table(tx: &Tx) -> Result<(), Error> {
    tx.execute(&Sql::from_text(CREATE_TABLE)).map(drop)
}

impl Tx {
    /// Appends a change to the log; it becomes visible, or vanishes, together with the transaction.
    pub fn log_change(&self, change: &Change<'_>) -> Result<(), Error> {
        let mut statement = self.connection().prepare_cached(INSERT)?;
        statement
            .execute((
                change.collection,
                change.record,
                change.action.code(),
                change.at.unix_ms(),
                change.data,
            ))
            .map_err(|error| self.failure(error))?;
        self.logged.set(self.logged.get() + 1);
        self.changed.set(true);
        let seq = self.connection().last_insert_rowid();
        self.last_seq.set(seq);
        if let Some(cells) = change.cells
            && self.feed.wants(change.collection)
        {
            let state = State {
                cells: cells.into(),
                epoch: self.epoch.get(),
            };
            self.states.borrow_mut().push((seq, state));
            if change.action == Action::Delete {
                self.deleted.set(true);
            }
        }
        Ok(())
    }

    /// Says whether somebody follows the changes of a collection right now.
    pub fn is_followed(&self, collection: &str) -> bool {
        self.feed.wants(collection)
    }

    /// Makes what the log tells of a collection unreachable, and empties it: one that is made later may get the same
    /// id. The rows stay, so that nobody who reads on misses that there was something.
    pub fn forget_collection(&self, collection: &str) -> Result<(), Error> {
        let mut sql = Sql::from_text(
            "UPDATE `_changes` SET `collection` = '', `data` = NULL WHERE `collection` = ",
        );
        sql.bind(collection);
        self.rewrite_changes(&sql)
    }

    /// Takes a field out of what the log keeps of a collection's deleted records, for the same reason.
    pub fn forget_field(&self, collection: &str, field: &str) -> Result<(), Error> {
        let mut sql = Sql::from_text(
            "UPDATE `_changes` SET `data` = (SELECT json_group_object(key, value) FROM json_each(`data`) \
             WHERE key <> ",
        );
        sql.bind(field)
            .text(") WHERE `collection` = ")
            .bind(collection)
            .text(" AND CASE WHEN json_valid(`data`) THEN json_type(`data`) = 'object' END");
        self.rewrite_changes(&sql)
    }

    /// Runs a statement on the log where there is one. It is no part of what a change of the schema is said to do.
    fn rewrite_changes(&self, sql: &Sql) -> Result<(), Error> {
        let table = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = '_changes'";
        if !self.exists(&Sql::from_text(table))? {
            return Ok(());
        }
        let _running = self.watch().begin();
        let mut statement = self.prepare(sql.as_str(), sql.binds())?;
        let done = statement.raw_execute();
        done.map(drop).map_err(|error| self.failure(error))
    }

    /// Deletes a bounded number of old rows if enough new ones have come.
    pub(super) fn trim_changes(&self, keep: ChangeLog, now: Timestamp) -> Result<(), Error> {
        if self.logged.get() < TRIM_EVERY {
            return Ok(());
        }
        self.logged.set(0);
        let max_age = i64::try_from(keep.max_age.as_millis()).unwrap_or(i64::MAX);
        let oldest = now.unix_ms().saturating_sub(max_age);
        let mut sql = Sql::from_text(
            "DELETE FROM `_changes` WHERE `seq` IN (\
             SELECT `seq` FROM `_changes` ORDER BY `seq` LIMIT ",
        );
        sql.integer(TRIM_ROWS)
            .text(") AND `seq` < (SELECT max(`seq`) FROM `_changes`) AND (`at` < ")
            .bind(Value::Int(oldest))
            .text(" OR `seq` <= (SELECT max(`seq`) FROM `_changes`) - ")
            .bind(Value::Int(keep.max_rows.max(1)))
            .text(")");
        self.execute(&sql).map(drop)
    }
}

impl Reader {
    /// The changes after a sequence number, oldest first, at most `limit` of them.
    pub fn changes_since(&self, seq: i64, limit: u32) -> Result<Vec<LoggedChange>, Error> {
        let mut sql = Sql::from_text(
            "SELECT `seq`, `collection`, `record`, `action`, `at`, `data` FROM `_changes` \
             WHERE `seq` > ",
        );
        sql.bind(seq)
            .text(" ORDER BY `seq` LIMIT ")
            .bind(i64::from(limit));
        self.all(&sql, read_change)
    }

    /// What the log kept of records, given as their collections and ids, when each was first deleted after a sequence
    /// number.
    pub fn remains_since(
        &self,
        seq: i64,
        records: &[(&str, &str)],
    ) -> Result<Vec<LoggedChange>, Error> {
        let wanted: Vec<String> = records
            .iter()
            .map(|(collection, record)| format!("{collection}/{record}"))
            .collect();
        // With `min` the other columns are those of its row.
        let mut sql = Sql::from_text(
            "SELECT min(`seq`), `collection`, `record`, `action`, `at`, `data` FROM `_changes` WHERE `seq` > ",
        );
        sql.bind(seq)
            .text(" AND `action` = ")
            .integer(Action::Delete.code())
            .text(" AND `collection` || '/' || `record` IN (SELECT value FROM json_each(")
            .bind(serde_json::Value::from(wanted).to_string())
            .text(")) GROUP BY `collection`, `record`");
        self.all(&sql, read_change)
    }

    /// The oldest and the newest sequence number in the log, zeros if it is empty.
    ///
    /// Whoever has seen less than the oldest one minus one has missed something that is gone.
    pub fn change_range(&self) -> Result<(i64, i64), Error> {
        let range = self.first(
            &Sql::from_text(
                "SELECT (SELECT min(`seq`) FROM `_changes`), (SELECT max(`seq`) FROM `_changes`)",
            ),
            |row| (row.int(0), row.int(1)),
        )?;
        Ok(range.unwrap_or_default())
    }
}

fn read_change(row: &Row<'_>) -> LoggedChange {
    LoggedChange {
        seq: row.int(0),
        collection: row.text(1).to_owned(),
        record: row.text(2).to_owned(),
        action: Action::from_code(row.int(3)),
        at: Timestamp::from_unix_ms(row.int(4)),
        data: match row.value(5) {
            Value::Text(text) => Some(text),
            _ => None,
        },
    }
}
