//! `LIKE … ESCAPE …` run by the product's own code (`base::like`), which is several times as fast on long texts.
//!
//! Statements keep their plans whatever is bound (decision 3), so SQLite's way of answering some patterns from an
//! index, which a function of one's own gives up, was not used anyway.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::sync::Arc;

use rusqlite::ffi::{self, SQLITE_INTERRUPT};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Result};

use super::watch::Watch;
use crate::base::like::Like;

/// Longest pattern, in bytes; SQLite's own limit.
const MAX_PATTERN: usize = 50_000;

/// So many digits are beyond doubt; SQLite shows up to 17.
const DIGITS: usize = 12;

/// Puts the function in the place of SQLite's. It stops when the connection's watch says so, which SQLite itself asks
/// only between two steps of a statement: a comparison is one, and of many texts, or of a pattern with long ones, it
/// takes long.
pub(super) fn register(connection: &Connection, watch: Arc<Watch>) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("like", 3, flags, move |context| {
        like(context, |_| !watch.must_stop())
    })
}

/// A pattern as a statement keeps it from row to row.
struct Kept {
    like: Like,
    /// The value it was read with.
    escape: Vec<u8>,
}

impl Kept {
    fn new(pattern: ValueRef<'_>, escape: ValueRef<'_>) -> Result<Option<Self>> {
        let Some(character) = self::escape(escape)? else {
            return Ok(None);
        };
        if pattern == ValueRef::Null {
            return Ok(None);
        }
        let pattern = shown(pattern);
        if pattern.len() > MAX_PATTERN {
            return Err(failure("LIKE or GLOB pattern too complex"));
        }
        Ok(Some(Self {
            like: Like::new(&pattern, Some(character)),
            escape: shown(escape).as_bytes().to_vec(),
        }))
    }

    fn matches(
        &self,
        text: ValueRef<'_>,
        goes_on: impl FnMut(usize) -> bool,
    ) -> Result<Option<bool>> {
        let matches = match text {
            ValueRef::Null => return Ok(None),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => self.like.matches(bytes, goes_on),
            number => self.like.matches(shown(number).as_bytes(), goes_on),
        };
        let interrupted = |_| Error::SqliteFailure(ffi::Error::new(SQLITE_INTERRUPT), None);
        matches.map(Some).map_err(interrupted)
    }
}

fn like(context: &Context<'_>, goes_on: impl FnMut(usize) -> bool) -> Result<Option<bool>> {
    let (text, escape) = (context.get_raw(1), context.get_raw(2));
    // Kept by SQLite for as long as the pattern is the same for all rows; the escape character may still be another.
    let kept = context.get_aux::<Kept>(0)?;
    if let Some(kept) = &kept
        && let ValueRef::Text(escape) = escape
        && kept.escape == escape
    {
        return kept.matches(text, goes_on);
    }
    let Some(new) = Kept::new(context.get_raw(0), escape)? else {
        return Ok(None);
    };
    if kept.is_some() {
        return new.matches(text, goes_on);
    }
    context.set_aux(0, new)?.matches(text, goes_on)
}

/// The character that escapes; nothing for NULL.
fn escape(value: ValueRef<'_>) -> Result<Option<char>> {
    if value == ValueRef::Null {
        return Ok(None);
    }
    let text = shown(value);
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(Some(c)),
        _ => Err(failure("ESCAPE expression must be a single character")),
    }
}

fn failure(message: &'static str) -> Error {
    Error::UserFunctionError(message.into())
}

/// A value as text, as SQLite shows it.
fn shown(value: ValueRef<'_>) -> Cow<'_, str> {
    match value {
        ValueRef::Null => Cow::Borrowed(""),
        ValueRef::Integer(number) => Cow::Owned(number.to_string()),
        ValueRef::Real(number) => Cow::Owned(real(number)),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes),
    }
}

/// A double as SQLite shows it. Only those of ordinary size that need few digits are written here.
fn real(number: f64) -> String {
    let written = format!("{number:?}");
    let digits = written.trim_start_matches(['-', '0', '.']).len();
    if (1e-4..1e15).contains(&number.abs()) && digits <= DIGITS {
        return written;
    }
    ask_sqlite(number).unwrap_or(written)
}

/// What SQLite itself makes of a number.
fn ask_sqlite(number: f64) -> Result<String> {
    thread_local! {
        static BESIDE: OnceCell<Connection> = const { OnceCell::new() };
    }
    BESIDE.with(|beside| {
        let connection = if let Some(connection) = beside.get() {
            connection
        } else {
            let opened = Connection::open_in_memory()?;
            beside.get_or_init(|| opened)
        };
        let mut statement = connection.prepare_cached("SELECT CAST(? AS TEXT)")?;
        statement.query_row([number], |row| row.get(0))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use proptest::prelude::{Strategy, any, prop_oneof, proptest};
    use rusqlite::Connection;
    use rusqlite::types::Value;

    use super::{Watch, real, register};

    fn pair() -> (Connection, Connection) {
        let (theirs, mut ours) = (
            Connection::open_in_memory().unwrap(),
            Connection::open_in_memory().unwrap(),
        );
        let watch = Watch::install(&mut ours, Duration::from_mins(1), Arc::default()).unwrap();
        register(&ours, watch).unwrap();
        (theirs, ours)
    }

    fn ask(
        connection: &Connection,
        text: &Value,
        pattern: &Value,
        escape: &Value,
    ) -> Result<Option<bool>, String> {
        connection
            .query_row("SELECT ? LIKE ? ESCAPE ?", (text, pattern, escape), |row| {
                row.get(0)
            })
            .map_err(|error| error.to_string())
    }

    fn values() -> impl Strategy<Value = Value> {
        prop_oneof![
            8 => r"[aAbB%_\\éß0-9. ]{0,16}".prop_map(Value::Text),
            1 => any::<i32>().prop_map(|number| Value::Integer(number.into())),
            1 => (-1000_i32..1000).prop_map(|number| Value::Real(f64::from(number) / 8.0)),
            1 => proptest::strategy::Just(Value::Null),
        ]
    }

    proptest! {
        #[test]
        fn answers_are_those_of_sqlite(
            text in values(),
            pattern in values(),
            escape in prop_oneof![
                9 => proptest::strategy::Just(Value::Text(r"\".to_owned())),
                1 => r"[a%_é]{0,2}".prop_map(Value::Text),
                1 => proptest::strategy::Just(Value::Null),
            ],
        ) {
            let (theirs, ours) = pair();
            let expect = ask(&theirs, &text, &pattern, &escape);
            assert_eq!(ask(&ours, &text, &pattern, &escape), expect, "{text:?} LIKE {pattern:?} ESCAPE {escape:?}");
        }

        #[test]
        fn numbers_are_shown_as_sqlite_shows_them(number in any::<f64>(), short in -1_000_000_000_i64..1_000_000_000) {
            let theirs = Connection::open_in_memory().unwrap();
            #[expect(clippy::cast_precision_loss, reason = "any number will do")]
            for number in [number, short as f64 / 1000.0, short as f64 * 1e9] {
                if number.is_nan() {
                    continue;
                }
                let expect: String = theirs
                    .query_row("SELECT CAST(? AS TEXT)", [number], |row| row.get(0))
                    .unwrap();
                assert_eq!(real(number), expect);
            }
        }
    }

    #[test]
    fn one_statement_may_have_many_patterns() {
        let (_, ours) = pair();
        let found: i64 = ours
            .query_row(
                "SELECT count(*) FROM (SELECT 'abc' t, '%b%' p UNION SELECT 'abc', 'x%' UNION SELECT 'xy', 'X_')
                 WHERE t LIKE p ESCAPE '\\'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(found, 2);
    }
}
