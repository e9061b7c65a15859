//! The answer a burst of reads made last, for whoever asks for the same next.
//!
//! When something changes that many look at, all of them ask for it at once. Their reads share a transaction (see
//! [`super::held`]), so all of them find what the first one found. One answer is kept, and no longer than the transaction:
//! nothing can have changed in between, and whatever is asked for once costs no more than a copy.

use std::cell::RefCell;
use std::sync::Arc;

use crate::sql::Value;

/// Longest answer that is kept, in bytes.
const MAX_BYTES: usize = 64 << 10;

/// What one connection answered last in the transaction it is in.
#[derive(Debug)]
pub(super) struct Repeats(RefCell<Kept>);

/// Perf: the room of both buffers is used again, so that what is asked for once costs no allocation.
#[derive(Debug)]
struct Kept {
    text: Option<Arc<str>>,
    values: Vec<u8>,
    answer: Vec<u8>,
}

impl Repeats {
    pub(super) const fn new() -> Self {
        Self(RefCell::new(Kept {
            text: None,
            values: Vec::new(),
            answer: Vec::new(),
        }))
    }

    /// The answer to a statement with these values. Statements are the same if they are one allocation: an equal text may
    /// have been compiled for another schema or another kind of caller.
    pub(super) fn find(&self, text: &Arc<str>, binds: &[Value]) -> Option<Vec<u8>> {
        let kept = self.0.borrow();
        let is_same = Arc::ptr_eq(kept.text.as_ref()?, text) && are(&kept.values, binds);
        is_same.then(|| kept.answer.clone())
    }

    pub(super) fn keep(&self, text: &Arc<str>, binds: &[Value], answer: &[u8]) {
        if answer.len() > MAX_BYTES || binds.iter().map(size).sum::<usize>() > MAX_BYTES {
            return;
        }
        let mut kept = self.0.borrow_mut();
        kept.text = Some(Arc::clone(text));
        kept.values.clear();
        for value in binds {
            write(&mut kept.values, value);
        }
        kept.answer.clear();
        kept.answer.extend_from_slice(answer);
    }

    /// Forgets it. What is read next may be another state.
    pub(super) fn clear(&self) {
        self.0.borrow_mut().text = None;
    }
}

/// What kind of value follows, then the value; before texts and bytes how many there are.
fn parts(value: &Value) -> (u8, [u8; 8], &[u8]) {
    match value {
        Value::Null => (0, [0; 8], &[]),
        Value::Int(value) => (1, value.to_ne_bytes(), &[]),
        Value::Real(value) => (2, value.to_ne_bytes(), &[]),
        Value::Text(text) => (3, text.len().to_ne_bytes(), text.as_bytes()),
        Value::Blob(bytes) => (4, bytes.len().to_ne_bytes(), bytes),
    }
}

fn size(value: &Value) -> usize {
    parts(value).2.len()
}

fn write(out: &mut Vec<u8>, value: &Value) {
    let (kind, number, bytes) = parts(value);
    out.push(kind);
    out.extend_from_slice(&number);
    out.extend_from_slice(bytes);
}

/// Whether these are the values that were written.
fn are(written: &[u8], values: &[Value]) -> bool {
    let rest = values.iter().try_fold(written, |rest, value| {
        let (kind, number, bytes) = parts(value);
        let rest = rest.strip_prefix(&[kind])?.strip_prefix(&number)?;
        rest.strip_prefix(bytes)
    });
    rest.is_some_and(<[u8]>::is_empty)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::time::Duration;

    use super::super::error::Error;
    use super::super::pragmas;
    use super::super::reader::Reader;
    use super::MAX_BYTES;
    use crate::sql::Value;

    #[test]
    fn an_answer_is_made_once_in_a_transaction() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("data.db");
        let writer = rusqlite::Connection::open(&path).unwrap();
        writer
            .execute_batch(
                "PRAGMA journal_mode = WAL; CREATE TABLE t (n); INSERT INTO t VALUES (1);",
            )
            .unwrap();
        let closing = Arc::new(AtomicBool::new(false));
        let reader = pragmas::open_reader(&path, Duration::from_secs(5), closing).unwrap();
        let text: Arc<str> = "SELECT n FROM t WHERE n >= ?".into();
        let made = Cell::new(0);
        let ask = |text: &Arc<str>, least: i64| {
            let binds = [Value::Int(least)];
            let answer = reader.once::<Error>(text, &binds, |reader: &Reader| {
                made.set(made.get() + 1);
                let n = reader.number(text, &binds)?;
                Ok(n.to_string().into_bytes())
            });
            String::from_utf8(answer.unwrap()).unwrap()
        };

        // Outside a transaction each read may see another state.
        assert_eq!([ask(&text, 0), ask(&text, 0)], ["1", "1"]);
        assert_eq!(made.take(), 2);

        reader.begin().unwrap();
        assert_eq!(
            [ask(&text, 0), ask(&text, 0), ask(&text, 0)],
            ["1", "1", "1"]
        );
        assert_eq!(made.take(), 1);
        assert_eq!([ask(&text, 2), ask(&text, 0)], ["0", "1"], "other values");
        assert_eq!(made.take(), 2);
        let alike: Arc<str> = (*text).into();
        assert_eq!(ask(&alike, 0), "1");
        assert_eq!(made.take(), 1, "another statement of the same text");
        writer.execute("UPDATE t SET n = 7", ()).unwrap();
        assert_eq!(ask(&alike, 0), "1", "the state of the transaction");
        reader.end().unwrap();
        assert_eq!(ask(&alike, 0), "7");
        reader.begin().unwrap();
        assert_eq!(ask(&alike, 0), "7");
        reader.end().unwrap();
    }

    #[test]
    fn values_are_told_apart() {
        let text = |text: &str| Value::Text(text.to_owned());
        let lists = [
            vec![],
            vec![Value::Null],
            vec![Value::Int(1)],
            vec![Value::Real(1.0)],
            vec![text("1")],
            vec![Value::Blob(b"1".to_vec())],
            vec![text("ab"), text("c")],
            vec![text("a"), text("bc")],
            vec![text("ab")],
            vec![Value::Real(0.0)],
            vec![Value::Real(-0.0)],
        ];
        let statement: Arc<str> = "SELECT 1".into();
        for kept in &lists {
            let repeats = super::Repeats::new();
            repeats.keep(&statement, kept, b"{}");
            for asked in &lists {
                let found = repeats.find(&statement, asked).is_some();
                assert_eq!(found, std::ptr::eq(kept, asked), "{kept:?} {asked:?}");
            }
        }
    }

    #[test]
    fn long_answers_are_not_kept() {
        let repeats = super::Repeats::new();
        let text: Arc<str> = "SELECT 1".into();
        repeats.keep(&text, &[], &vec![0; MAX_BYTES]);
        assert!(repeats.find(&text, &[]).is_some());
        repeats.clear();
        assert_eq!(repeats.find(&text, &[]), None);
        repeats.keep(&text, &[], &vec![0; MAX_BYTES + 1]);
        assert_eq!(repeats.find(&text, &[]), None);
    }
}
