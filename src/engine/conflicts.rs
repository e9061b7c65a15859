//! Statements that take back more than themselves, or less.
//!
//! A trigger or a constraint made by hand may say `ROLLBACK`, which ends the whole transaction, or `FAIL`, which leaves
//! half a statement behind. What meets one is undone with its transaction, so that it must not share one with others.

use super::error::Error;
use super::reader::Reader;
use crate::sql::Sql;

/// What a trigger says, without blanks.
const IN_TRIGGERS: [&str; 6] = [
    "raise(rollback",
    "raise(fail",
    "orrollback",
    "orfail",
    "onconflictrollback",
    "onconflictfail",
];

/// What a table says.
const IN_TABLES: [&str; 2] = ["onconflictrollback", "onconflictfail"];

/// Whether there are such statements, as far as anybody has looked.
#[derive(Debug, Default)]
pub(super) struct Conflicts {
    /// The version of the schema that was looked at.
    version: Option<i64>,
    reach_others: bool,
}

impl Conflicts {
    /// Says whether a job may take along those it shares its transaction with.
    pub(super) const fn reach_others(&self) -> bool {
        self.reach_others
    }

    /// Looks through the schema if it is not the one that was looked at last.
    pub(super) fn look(&mut self, reader: &Reader) {
        if let Err(error) = self.try_look(reader) {
            tracing::warn!(%error, "the schema cannot be looked through for conflict clauses");
        }
    }

    fn try_look(&mut self, reader: &Reader) -> Result<(), Error> {
        let version = Sql::from_text("PRAGMA schema_version");
        let version = reader.first(&version, |row| row.int(0))?;
        if version == self.version {
            return Ok(());
        }
        let mut found = false;
        let texts =
            "SELECT type = 'trigger', sql FROM sqlite_schema WHERE type IN ('table', 'trigger')";
        reader.query(texts, &[], |row| {
            found |= reaches_others(row.int(0) != 0, row.text(1));
            Ok::<(), Error>(())
        })?;
        if found && !self.reach_others {
            tracing::info!(
                "a trigger or constraint says ROLLBACK or FAIL; writes do not share transactions while it does"
            );
        }
        self.reach_others = found;
        self.version = version;
        Ok(())
    }
}

fn reaches_others(is_trigger: bool, sql: &str) -> bool {
    let marks: &[&str] = if is_trigger { &IN_TRIGGERS } else { &IN_TABLES };
    let mut words: String = sql.split_ascii_whitespace().collect();
    words.make_ascii_lowercase();
    marks.iter().any(|mark| words.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::reaches_others;

    #[test]
    fn what_undoes_more_than_itself_is_known_by_its_words() {
        for (is_trigger, sql, expect) in [
            (
                true,
                "CREATE TRIGGER a BEFORE INSERT ON t BEGIN SELECT RAISE(ABORT, 'rollback'); END",
                false,
            ),
            (
                true,
                "CREATE TRIGGER a BEFORE INSERT ON t BEGIN SELECT raise (\n Rollback, 'no'); END",
                true,
            ),
            (
                true,
                "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT RAISE(FAIL, 'no'); END",
                true,
            ),
            (
                true,
                "CREATE TRIGGER a AFTER INSERT ON t BEGIN INSERT OR FAIL INTO u VALUES (1); END",
                true,
            ),
            (
                false,
                "CREATE TABLE t (id TEXT PRIMARY KEY ON CONFLICT ROLLBACK)",
                true,
            ),
            (
                false,
                "CREATE TABLE t (id TEXT PRIMARY KEY, `rollback` TEXT, `fail` TEXT)",
                false,
            ),
        ] {
            assert_eq!(reaches_others(is_trigger, sql), expect, "{sql}");
        }
    }
}
