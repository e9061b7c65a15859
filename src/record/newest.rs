//! Runs the statement of a list; the newest records are found by their keys first, see [`Keyed`].
//!
//! The order is SQLite's: texts by their bytes, among equals whoever was met first. What this cannot promise to find
//! faster, or just like SQLite would, is left to it: keys that are no texts, long ones, rows that do not get better.

use crate::engine::{self, Reader, Row};
use crate::query::{Keyed, Statement};
use crate::record::best::{Best, InVain};
use crate::sql::{Sql, Value};

/// Most rows up to the end of the page; beyond, most of them would only be skipped.
const MAX_WANTED: usize = 500;

/// Hands on the rows of a statement of [`crate::query::Output::Columns`] in their order.
pub(super) fn query<E: From<engine::Error>>(
    reader: &Reader,
    statement: &Statement,
    each: impl FnMut(&Row<'_>) -> Result<(), E>,
) -> Result<(), E> {
    if let Some(plan) = Plan::of(statement)
        && is_alike(reader, statement, plan.keyed)
    {
        // Both statements have to see the same rows.
        return reader.consistent(|reader| match plan.row_numbers(reader)? {
            Some(numbers) => reader.query_each(&plan.keyed.row, numbers, each),
            None => reader.query(&statement.text, &statement.binds, each),
        });
    }
    reader.query(&statement.text, &statement.binds, each)
}

/// Says whether the keys are read as the statement itself reads its rows: from the same indexes, in the same order, and
/// only then sorted. Looked up once for a statement.
fn is_alike(reader: &Reader, statement: &Statement, keyed: &Keyed) -> bool {
    if let Some(alike) = keyed.alike.get() {
        return *alike;
    }
    let looked = (|| {
        let mut with_collation =
            Sql::from_text("SELECT 1 FROM sqlite_schema WHERE sql LIKE '%collate%' AND name = ");
        with_collation.bind(keyed.table.as_ref());
        if reader.exists(&with_collation)? {
            return Ok(false);
        }
        let mut plan = reader.plan(&statement.text)?;
        let sort = plan
            .iter()
            .position(|step| step == "USE TEMP B-TREE FOR ORDER BY");
        Ok::<_, engine::Error>(match sort {
            Some(sort) => {
                plan.remove(sort);
                plan == reader.plan(&keyed.keys)?
            }
            None => false,
        })
    })();
    // An error is the statement's own to tell.
    looked.is_ok_and(|alike| *keyed.alike.get_or_init(|| alike))
}

/// A statement whose page can be found by its keys.
struct Plan<'a> {
    keyed: &'a Keyed,
    binds: &'a [Value],
    limit: usize,
    offset: usize,
}

impl<'a> Plan<'a> {
    fn of(statement: &'a Statement) -> Option<Self> {
        let keyed = statement.keyed.as_deref()?;
        let [binds @ .., Value::Int(limit), Value::Int(offset)] = statement.binds.as_slice() else {
            return None;
        };
        let limit = usize::try_from(*limit).ok()?;
        let offset = usize::try_from(*offset).ok()?;
        (limit.checked_add(offset)? <= MAX_WANTED).then_some(Self {
            keyed,
            binds,
            limit,
            offset,
        })
    }

    /// The numbers of the page's rows; nothing if they are better looked for in another way.
    fn row_numbers(&self, reader: &Reader) -> Result<Option<Vec<i64>>, engine::Error> {
        let mut best = Best::new(self.limit + self.offset, &self.keyed.descending);
        let taken = reader.query(&self.keyed.keys, self.binds, |row| {
            best.take(row.int(0), |key| row.get(key + 1))
                .map_err(|InVain| Stop::InVain)
        });
        match taken {
            Ok(()) => Ok(Some(best.into_numbers().skip(self.offset).collect())),
            Err(Stop::InVain) => Ok(None),
            Err(Stop::Failed(error)) => Err(error),
        }
    }
}

/// Why reading the keys ended early.
enum Stop {
    InVain,
    Failed(engine::Error),
}

impl From<engine::Error> for Stop {
    fn from(error: engine::Error) -> Self {
        Self::Failed(error)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, OnceLock};

    use proptest::prelude::{Strategy as _, any, prop_assert_eq, prop_oneof, proptest};
    use proptest::test_runner::Config;

    use super::{MAX_WANTED, Plan, query};
    use crate::engine::{Engine, Error, Options, Reader};
    use crate::query::{Keyed, Statement};
    use crate::sql::{Sql, Value};

    /// A table of `(id, day, name)` with an index that leads to some of its rows, but not in the order of the days.
    fn table(rows: &[(u16, u8)], names: Value) -> (tempfile::TempDir, Engine) {
        let directory = tempfile::tempdir().unwrap();
        let engine = Engine::open(&directory.path().join("data.db"), Options::default()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let rows = rows.to_vec();
        let fill = move |tx: &crate::engine::Tx| {
            tx.batch(&Sql::from_text(
                "CREATE TABLE t (id INTEGER PRIMARY KEY, day TEXT, name TEXT)",
            ))?;
            tx.batch(&Sql::from_text("CREATE INDEX names ON t (name)"))?;
            for (id, (day, name)) in (0i64..).zip(&rows) {
                let name = if id == 7 {
                    names.clone()
                } else {
                    Value::from(format!("n{name}"))
                };
                let mut insert = Sql::from_text("INSERT INTO t VALUES (");
                insert.bind(id).text(", ").bind(format!("2026 {day:05}"));
                insert.text(", ").bind(name).text(")");
                tx.execute(&insert)?;
            }
            Ok::<_, Error>(())
        };
        runtime.block_on(engine.exclusive(fill, |()| ())).unwrap();
        (directory, engine)
    }

    /// With a subquery that SQLite makes a join of where there is no window.
    const CONDITION: &str = "r.name >= ? AND EXISTS (SELECT 1 FROM t AS j0 WHERE j0.id = r.id)";

    fn statement(keys: &str, order: &str, descending: &[bool], bounds: [i64; 2]) -> Statement {
        Statement {
            text: format!("SELECT r.id, r.day, r.name FROM t AS r WHERE {CONDITION} ORDER BY {order} LIMIT ? OFFSET ?").into(),
            binds: [Value::from("n3")].into_iter().chain(bounds.map(Value::Int)).collect(),
            keyed: Some(Arc::new(Keyed {
                keys: format!("SELECT r._rowid_, {keys} FROM t AS r WHERE {CONDITION} LIMIT -1 OFFSET 0").into(),
                row: "SELECT r.id, r.day, r.name FROM t AS r WHERE r._rowid_ = ?".into(),
                table: "t".into(),
                descending: descending.into(),
                alike: OnceLock::new(),
            })),
            is_repeatable: false,
        }
    }

    fn ids(reader: &Reader, statement: &Statement) -> Vec<i64> {
        let mut found = Vec::new();
        query::<Error>(reader, statement, |row| {
            found.push(row.int(0));
            Ok(())
        })
        .unwrap();
        found
    }

    proptest! {
        #![proptest_config(Config { cases: 40, ..Config::default() })]
        #[test]
        fn finds_what_the_plain_statement_finds(
            rows in prop_oneof![
                proptest::collection::vec((0..50u16, 0..9u8), 0..200),
                (1..6000u16, 1..9u16).prop_map(|(n, same)| (0..n).map(|i| (i / same, i.to_le_bytes()[0] % 8)).collect()),
                (1..6000u16, 1..9u16).prop_map(|(n, same)| (0..n).map(|i| (n - i / same, i.to_le_bytes()[0] % 8)).collect()),
                proptest::collection::vec((any::<u16>(), 0..9u8), 4000..6000),
            ],
            limit in 1..40i64,
            offset in prop_oneof![0..2i64, 0..480i64],
        ) {
            let (_directory, engine) = table(&rows, Value::from("n5"));
            let is_near = usize::try_from(limit + offset).is_ok_and(|wanted| wanted <= MAX_WANTED);
            for (keys, order, descending) in [
                ("r.day", "r.day DESC", [true].as_slice()),
                ("r.day, r.name", "r.day DESC, r.name", &[true, false]),
            ] {
                let keyed = statement(keys, order, descending, [limit, offset]);
                let plain = Statement { keyed: None, ..keyed.clone() };
                let (found, expected) = engine.read(|reader| Ok::<_, Error>((ids(reader, &keyed), ids(reader, &plain)))).unwrap();
                prop_assert_eq!(found, expected, "{} {}", order, rows.len());
                // Both ways read the index alike, so it was not just the plain statement, unless the page is too far
                // down.
                prop_assert_eq!(keyed.keyed.as_ref().and_then(|keyed| keyed.alike.get()), is_near.then_some(&true));
            }
        }
    }

    #[test]
    fn what_has_no_bytes_to_compare_is_left_to_the_database() {
        let rows: Vec<(u16, u8)> = (0..100).map(|day| (day, 4)).collect();
        for odd in [
            Value::Null,
            Value::Int(4),
            Value::Blob(vec![200, 1]),
            Value::from("n".repeat(400_000)),
        ] {
            let (_directory, engine) = table(&rows, odd);
            let mut keyed = statement(
                "r.day, r.name",
                "r.day DESC, r.name",
                &[true, false],
                [30, 70],
            );
            keyed.binds[0] = Value::from("");
            let plain = Statement {
                keyed: None,
                ..keyed.clone()
            };
            let (found, expected) = engine
                .read(|reader| Ok::<_, Error>((ids(reader, &keyed), ids(reader, &plain))))
                .unwrap();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn rows_that_get_no_better_are_left_to_the_database() {
        let (_directory, engine) = table(
            &(0..5000).map(|day| (5000 - day, 4)).collect::<Vec<_>>(),
            Value::from("n4"),
        );
        let keyed = statement("r.day", "r.day DESC", &[true], [30, 0]);
        engine
            .read(|reader| {
                let plan = Plan::of(&keyed).unwrap();
                assert!(plan.row_numbers(reader)?.is_none());
                Ok::<_, Error>(())
            })
            .unwrap();
    }

    #[test]
    fn an_index_in_the_right_order_is_used() {
        let (_directory, engine) = table(&[(1, 4), (2, 4)], Value::from("n4"));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let index =
            |tx: &crate::engine::Tx| tx.batch(&Sql::from_text("CREATE INDEX days ON t (day)"));
        runtime.block_on(engine.exclusive(index, |()| ())).unwrap();
        let mut keyed = statement("r.day", "r.day DESC", &[true], [30, 0]);
        keyed.text = "SELECT r.id FROM t AS r ORDER BY r.day DESC LIMIT ? OFFSET ?".into();
        keyed.binds.remove(0);
        assert_eq!(
            engine
                .read(|reader| Ok::<_, Error>(ids(reader, &keyed)))
                .unwrap(),
            [1, 0]
        );
        assert_eq!(keyed.keyed.unwrap().alike.get(), Some(&false));
    }
}
