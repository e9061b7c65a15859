//! Statements that take back more than themselves, or less.
//!
//! A trigger or a constraint made by hand may say `ROLLBACK`, which ends the whole transaction, or `FAIL`, which leaves
//! half a statement behind. What meets one is undone with its transaction, so that it must not share one with others.

use super::error::Error;
use super::reader::Reader;
use crate::sql::Sql;

/// What a trigger says, without blanks and comments.
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

const COMMENTS: [(&str, &str); 2] = [("--", "\n"), ("/*", "*/")];

const QUOTES: [(&str, &str); 4] = [("'", "'"), ("\"", "\""), ("`", "`"), ("[", "]")];

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
    let mut words = without_comments(sql);
    words.retain(|c| !c.is_ascii_whitespace());
    words.make_ascii_lowercase();
    marks.iter().any(|mark| words.contains(mark))
}

fn without_comments(sql: &str) -> String {
    let mut text = String::with_capacity(sql.len());
    let mut rest = sql;
    while let Some(first) = rest.chars().next() {
        let comment = span(rest, &COMMENTS);
        // What is in quotes is no comment.
        let length = comment
            .or_else(|| span(rest, &QUOTES))
            .unwrap_or(first.len_utf8());
        if comment.is_none() {
            text.push_str(&rest[..length]);
        }
        rest = &rest[length..];
    }
    text
}

/// The length of what one of these pairs encloses at the start of a text, both included.
fn span(text: &str, pairs: &[(&str, &str)]) -> Option<usize> {
    let (open, close) = pairs.iter().find(|(open, _)| text.starts_with(open))?;
    let end = text[open.len()..].find(close);
    Some(end.map_or(text.len(), |at| open.len() + at + close.len()))
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
                true,
                "CREATE TRIGGER a BEFORE INSERT ON t BEGIN SELECT RAISE/* é */( -- (\nROLLBACK, 'no'); END",
                true,
            ),
            (
                true,
                "CREATE TRIGGER a BEFORE INSERT ON t BEGIN SELECT '--', \"/*\", `--`, [--], RAISE(FAIL, 'no'); END",
                true,
            ),
            (
                true,
                "CREATE TRIGGER a AFTER INSERT ON t BEGIN SELECT 1; /* RAISE(FAIL, 'no') */ END -- OR FAIL",
                false,
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
