//! Totals that a connection remembers for as long as the database stays as it is.
//!
//! The total of a filtered list reads every row that might fit, and whoever turns pages asks for the same one again and
//! again. SQLite tells each connection whether anybody has committed since it last looked (`PRAGMA data_version`),
//! other processes included, so that a total is good until then. What is found quickly is not worth remembering.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::time::Duration;

use crate::sql::Value;

/// What takes less time is not remembered.
pub(super) const WORTH: Duration = Duration::from_millis(1);
/// Totals of one connection.
const MAX_KEPT: usize = 32;
/// Bytes of a statement and its values together.
const MAX_BYTES: usize = 4096;

/// The totals of one connection. Only for one that changes nothing: its own changes go unnoticed.
#[derive(Debug, Default)]
pub(super) struct Totals {
    /// The state of the database they were found in.
    version: Cell<i64>,
    /// The oldest first.
    kept: RefCell<VecDeque<Kept>>,
}

#[derive(Debug)]
struct Kept {
    text: String,
    binds: Vec<Value>,
    total: i64,
}

impl Totals {
    pub(super) fn find(&self, text: &str, binds: &[Value]) -> Option<i64> {
        let kept = self.kept.borrow();
        let found = kept
            .iter()
            .find(|kept| kept.text == text && kept.binds == binds);
        found.map(|kept| kept.total)
    }

    pub(super) fn keep(&self, text: &str, binds: &[Value], total: i64) {
        let bytes: usize = binds.iter().map(size).sum();
        if text.len() + bytes > MAX_BYTES {
            return;
        }
        let mut kept = self.kept.borrow_mut();
        if kept.len() >= MAX_KEPT {
            kept.pop_front();
        }
        kept.push_back(Kept {
            text: text.to_owned(),
            binds: binds.to_vec(),
            total,
        });
    }

    /// Forgets everything that is not of the state of the database that has this number.
    pub(super) fn refresh(&self, version: i64) {
        if self.version.replace(version) != version {
            self.kept.borrow_mut().clear();
        }
    }
}

/// What a value takes, at least, in bytes.
fn size(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        Value::Null | Value::Int(_) | Value::Real(_) => 8,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use super::super::error::Error;
    use super::super::pragmas;
    use super::super::reader::Reader;
    use super::{MAX_BYTES, MAX_KEPT};
    use crate::sql::Value;

    const LIMIT: Duration = Duration::from_secs(5);
    const COUNT: &str = "SELECT COUNT(*) FROM t WHERE n < ?";

    /// A database with a table of three rows, and a connection that changes it.
    fn database() -> (tempfile::TempDir, rusqlite::Connection, Reader) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data.db");
        let writer = rusqlite::Connection::open(&path).unwrap();
        writer
            .execute_batch(
                "PRAGMA journal_mode = WAL; CREATE TABLE t (n); INSERT INTO t VALUES (1), (2), (3);",
            )
            .unwrap();
        let closing = Arc::new(AtomicBool::new(false));
        let reader = pragmas::open_reader(&path, LIMIT, closing).unwrap();
        (dir, writer, reader)
    }

    fn total(reader: &Reader, below: i64, worth: Duration) -> i64 {
        let binds = [Value::Int(below)];
        let total = |reader: &Reader| reader.total_worth(COUNT, &binds, worth);
        reader.consistent::<_, Error>(total).unwrap()
    }

    fn n_kept(reader: &Reader) -> usize {
        reader.totals().unwrap().kept.borrow().len()
    }

    #[test]
    fn a_total_is_remembered_until_somebody_commits() {
        let (_dir, writer, reader) = database();
        assert_eq!(total(&reader, 3, Duration::ZERO), 2);
        assert_eq!(total(&reader, 3, Duration::ZERO), 2);
        assert_eq!(total(&reader, 9, Duration::ZERO), 3);
        assert_eq!(n_kept(&reader), 2);
        writer.execute("INSERT INTO t VALUES (0)", ()).unwrap();
        assert_eq!(total(&reader, 3, Duration::ZERO), 3);
        assert_eq!(n_kept(&reader), 1);
        assert_eq!(total(&reader, 9, Duration::ZERO), 4);
    }

    #[test]
    fn a_transaction_keeps_its_state() {
        let (_dir, writer, reader) = database();
        let both = reader.consistent::<_, Error>(|reader| {
            let binds = [Value::Int(9)];
            let before = reader.total_worth(COUNT, &binds, Duration::ZERO)?;
            writer.execute("DELETE FROM t", ()).unwrap();
            Ok((before, reader.total_worth(COUNT, &binds, Duration::ZERO)?))
        });
        assert_eq!(both.unwrap(), (3, 3));
        assert_eq!(total(&reader, 9, Duration::ZERO), 0);
    }

    #[test]
    fn only_what_is_worth_it_is_kept() {
        let (_dir, _writer, reader) = database();
        assert_eq!(total(&reader, 3, LIMIT), 2);
        assert_eq!(n_kept(&reader), 0);
        let long = [Value::Text("x".repeat(MAX_BYTES))];
        let outside = reader.total_worth(COUNT, &[Value::Int(3)], Duration::ZERO);
        assert_eq!(outside.unwrap(), 2);
        let long = |reader: &Reader| reader.total_worth(COUNT, &long, Duration::ZERO);
        assert_eq!(reader.consistent::<_, Error>(long).unwrap(), 3);
        assert_eq!(n_kept(&reader), 0);
        for below in 0..100 {
            total(&reader, below, Duration::ZERO);
        }
        assert_eq!(n_kept(&reader), MAX_KEPT);
    }
}
