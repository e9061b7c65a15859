//! What the storage engine promises, on real files.

use std::path::Path;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use stead::base::time::Timestamp;
use stead::engine::{Action, Change, ChangeLog, ConstraintKind, Engine, Error, Options, Row, Tx};
use stead::sql::{Sql, Value, ValueRef};
use tempfile::TempDir;

type Result<T = (), E = Error> = std::result::Result<T, E>;

/// A statement that runs for hours unless it is stopped.
const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000000) \
    SELECT max(i) FROM n";

struct Db {
    engine: Engine,
    dir: TempDir,
}

impl Db {
    fn with(options: Options) -> Self {
        let dir = TempDir::new().unwrap();
        let engine = Engine::open(&dir.path().join("data.db"), options).unwrap();
        Self { engine, dir }
    }

    async fn new() -> Self {
        let db = Self::with(Options::default());
        db.batch("CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, n INTEGER NOT NULL DEFAULT 0 CHECK (n < 1000))")
            .await;
        db
    }

    async fn batch(&self, text: &'static str) {
        self.engine
            .write(move |tx| tx.batch(&Sql::from_text(text)))
            .await
            .unwrap();
    }

    async fn insert(&self, id: &str) -> Result {
        let id = id.to_owned();
        self.engine.write(move |tx| insert(tx, &id)).await
    }

    /// Keeps the writer busy until the answer is dropped.
    async fn occupy_writer(&self) -> mpsc::Sender<()> {
        let (started, begun) = tokio::sync::oneshot::channel();
        let (release, gate) = mpsc::channel();
        let engine = self.engine.clone();
        tokio::spawn(async move {
            let job = engine.write(move |_| {
                started.send(()).unwrap();
                gate.recv().unwrap_err();
                Ok::<_, Error>(())
            });
            job.await.unwrap();
        });
        begun.await.unwrap();
        release
    }

    fn count(&self) -> i64 {
        self.int("SELECT count(*) FROM t")
    }

    fn int(&self, text: &'static str) -> i64 {
        let row = self
            .engine
            .read(|reader| reader.first(&Sql::from_text(text), |row| row.int(0)));
        row.unwrap().unwrap()
    }
}

fn insert(tx: &Tx, id: &str) -> Result {
    let mut sql = Sql::from_text("INSERT INTO t (id) VALUES (");
    sql.bind(id).text(")");
    tx.execute(&sql).map(drop)
}

/// Starts a future.
fn is_pending(future: Pin<&mut impl Future>) -> bool {
    future
        .poll(&mut Context::from_waker(Waker::noop()))
        .is_pending()
}

fn one(text: &'static str) -> Sql {
    Sql::from_text(text)
}

#[tokio::test]
async fn a_write_is_seen_by_reads_after_its_answer() {
    let db = Db::new().await;
    db.insert("a").await.unwrap();
    assert_eq!(db.count(), 1);
    let pooled = db
        .engine
        .read_pooled(|reader| reader.exists(&one("SELECT 1 FROM t WHERE id = 'a'")));
    assert!(pooled.await.unwrap());
}

#[tokio::test]
async fn a_failing_job_is_undone_alone() {
    let db = Db::new().await;
    let jobs = (0..50).map(|i| {
        let engine = db.engine.clone();
        async move {
            engine
                .write(move |tx| {
                    insert(tx, &format!("x{i}"))?;
                    if i % 3 == 0 {
                        return Err(Error::Other("unwanted".to_owned()));
                    }
                    Ok(())
                })
                .await
        }
    });
    let results = futures_util::future::join_all(jobs).await;
    let failed = results.iter().filter(|result| result.is_err()).count();
    assert_eq!(failed, 17);
    assert_eq!(db.count(), 33);
}

#[tokio::test]
async fn a_panicking_job_is_undone_and_the_writer_goes_on() {
    let db = Db::new().await;
    let panicking = db.engine.write(|tx| -> Result {
        insert(tx, "a")?;
        tx.savepoint(|tx| -> Result {
            insert(tx, "b")?;
            panic!("on purpose")
        })
    });
    assert_eq!(
        panicking.await,
        Err(Error::Panicked("on purpose".to_owned()))
    );
    db.insert("c").await.unwrap();
    assert_eq!(db.count(), 1);
}

#[tokio::test]
async fn a_savepoint_is_undone_alone() {
    let db = Db::new().await;
    db.engine
        .write(|tx| {
            insert(tx, "a")?;
            let part = tx.savepoint(|tx| {
                insert(tx, "b")?;
                insert(tx, "a")
            });
            assert!(part.unwrap_err().is_unique_violation());
            insert(tx, "c")
        })
        .await
        .unwrap();
    assert_eq!(db.count(), 2);
    assert_eq!(db.int("SELECT count(*) FROM t WHERE id = 'b'"), 0);
}

#[tokio::test]
async fn jobs_run_in_the_order_of_their_submission() {
    let db = Db::new().await;
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let jobs = (0..200).map(|i| {
        let order = Arc::clone(&order);
        db.engine.write(move |_| {
            order.lock().unwrap().push(i);
            Ok::<_, Error>(())
        })
    });
    futures_util::future::try_join_all(jobs).await.unwrap();
    assert_eq!(*order.lock().unwrap(), (0..200).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_abandoned_job_does_not_run() {
    let db = Db::new().await;
    let release = db.occupy_writer().await;
    let mut abandoned = Box::pin(db.insert("a"));
    assert!(is_pending(abandoned.as_mut()));
    drop(abandoned);
    drop(release);
    db.insert("b").await.unwrap();
    assert_eq!(db.count(), 1);
}

#[tokio::test]
async fn a_full_queue_refuses_work() {
    let db = Db::with(Options {
        max_waiting_writes: 1,
        ..Options::default()
    });
    let release = db.occupy_writer().await;
    let mut waiting = Box::pin(db.engine.write(|_| Ok::<_, Error>(())));
    assert!(is_pending(waiting.as_mut()));
    let refused = db.engine.write(|_| Ok::<_, Error>(()));
    assert_eq!(refused.await, Err(Error::Full));
    drop(release);
    waiting.await.unwrap();
}

#[tokio::test]
async fn a_closed_engine_refuses_everything() {
    let db = Db::new().await;
    db.engine.close().await;
    assert_eq!(db.insert("a").await, Err(Error::Closed));
    let read = db.engine.read(|reader| reader.exists(&one("SELECT 1")));
    assert_eq!(read, Err(Error::Closed));
    let read = db
        .engine
        .read_pooled(|reader| reader.exists(&one("SELECT 1")));
    assert_eq!(read.await, Err(Error::Closed));
    assert_eq!(
        db.engine.lease(Duration::from_secs(1)).await.unwrap_err(),
        Error::Closed
    );
}

#[tokio::test]
async fn closing_leaves_no_log_behind() {
    let db = Db::new().await;
    db.insert("a").await.unwrap();
    assert_eq!(db.count(), 1);
    db.engine.close().await;
    let files: Vec<_> = std::fs::read_dir(db.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(files, ["data.db"]);
}

#[tokio::test]
async fn exclusive_work_commits_before_its_callback_and_turns_the_epoch() {
    let db = Db::new().await;
    let before = db.engine.epoch();
    let seen = Arc::new(AtomicU64::new(0));
    let (engine, during) = (db.engine.clone(), Arc::clone(&seen));
    let value = db
        .engine
        .exclusive(
            |tx| {
                tx.batch(&one("CREATE TABLE u (id TEXT); INSERT INTO u VALUES ('x')"))?;
                Ok::<_, Error>(7)
            },
            move |value| {
                let committed = engine.read(|reader| reader.exists(&one("SELECT 1 FROM u")));
                assert!(committed.unwrap());
                assert_eq!(*value, 7);
                during.store(engine.epoch(), SeqCst);
            },
        )
        .await
        .unwrap();
    assert_eq!(value, 7);
    assert_eq!(before % 2, 0);
    assert_eq!(seen.load(SeqCst), before + 1);
    assert_eq!(db.engine.epoch(), before + 2);
}

#[tokio::test]
async fn failing_exclusive_work_changes_nothing() {
    let db = Db::new().await;
    let called = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&called);
    let result = db.engine.exclusive(
        |tx| {
            insert(tx, "a")?;
            Err::<(), _>(Error::Other("no".to_owned()))
        },
        move |()| flag.store(true, SeqCst),
    );
    assert_eq!(result.await, Err(Error::Other("no".to_owned())));
    assert!(!called.load(SeqCst));
    assert_eq!((db.count(), db.engine.epoch()), (0, 0));
}

#[tokio::test]
async fn a_lease_commits_its_steps_together() {
    let db = Db::new().await;
    let mut lease = db.engine.lease(Duration::from_secs(10)).await.unwrap();
    lease.run(|tx| insert(tx, "a")).await.unwrap();
    let again = lease.run(|tx| {
        insert(tx, "b")?;
        insert(tx, "a")
    });
    assert!(again.await.unwrap_err().is_unique_violation());
    lease.run(|tx| insert(tx, "c")).await.unwrap();
    assert_eq!(db.count(), 0);
    lease.commit().await.unwrap();
    assert_eq!(db.count(), 2);
}

#[tokio::test]
async fn a_dropped_lease_is_rolled_back() {
    let db = Db::new().await;
    let mut lease = db.engine.lease(Duration::from_secs(10)).await.unwrap();
    lease.run(|tx| insert(tx, "a")).await.unwrap();
    drop(lease);
    db.insert("b").await.unwrap();
    assert_eq!(db.count(), 1);
}

#[tokio::test]
async fn a_lease_ends_at_its_deadline() {
    let db = Db::new().await;
    let mut lease = db.engine.lease(Duration::from_millis(20)).await.unwrap();
    lease.run(|tx| insert(tx, "a")).await.unwrap();
    // Served only once the lease is over.
    db.insert("b").await.unwrap();
    let late = lease.run(|tx| insert(tx, "c"));
    assert_eq!(late.await, Err(Error::Timeout));
    assert_eq!(lease.commit().await, Err(Error::Timeout));
    assert_eq!(db.count(), 1);
}

#[tokio::test]
async fn a_long_statement_in_a_lease_ends_at_the_deadline() {
    let db = Db::new().await;
    let mut lease = db.engine.lease(Duration::from_millis(50)).await.unwrap();
    let endless = lease.run(|tx| tx.exists(&one(ENDLESS)));
    assert_eq!(endless.await, Err(Error::Timeout));
    db.insert("b").await.unwrap();
}

fn hasty() -> Options {
    Options {
        statement_limit: Duration::from_millis(50),
        ..Options::default()
    }
}

#[tokio::test]
async fn a_long_read_is_stopped_and_its_connection_stays_usable() {
    let db = Db::with(hasty());
    for _ in 0..3 {
        let start = Instant::now();
        let read = db.engine.read(|reader| reader.exists(&one(ENDLESS)));
        assert_eq!(read, Err(Error::Timeout));
        assert!(start.elapsed() < Duration::from_secs(5));
        assert_eq!(db.int("SELECT 1"), 1);
    }
}

#[tokio::test]
async fn an_adaptive_read_moves_to_the_pool_when_it_takes_long() {
    let db = Db::with(Options {
        inline_budget: Duration::from_millis(1),
        ..Options::default()
    });
    let quick = db.engine.read_adaptive(|reader| {
        let here = std::thread::current().id();
        reader.first(&one("SELECT 1"), |row| (row.int(0), here))
    });
    let here = std::thread::current().id();
    assert_eq!(quick.await, Ok(Some((1, here))));
    let slow = db.engine.read_adaptive(|reader| {
        let there = std::thread::current().id();
        let found = reader.first(
            &one("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT max(i) FROM n"),
            |row| row.int(0),
        );
        // Even a closure that makes something of the failure does not pass for done.
        Ok::<_, Error>((found.unwrap_or_default(), there))
    });
    let (found, there) = slow.await.unwrap();
    assert_eq!(found, Some(2_000_000));
    assert_ne!(here, there);
    // The connection has forgotten the budget.
    let read = db.engine.read(|reader| {
        reader.first(
            &one("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) SELECT max(i) FROM n"),
            |row| row.int(0),
        )
    });
    assert_eq!(read, Ok(Some(200_000)));
}

/// A write that is stopped in the middle; SQLite then gives up the whole transaction.
fn endless_write(tx: &Tx) -> Result {
    let endless = one(
        "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) \
         SELECT 'x', i FROM n WHERE i < 0",
    );
    tx.execute(&endless).map(drop)
}

#[tokio::test]
async fn jobs_that_lose_their_transaction_are_told() {
    let db = Db::with(hasty());
    db.batch("CREATE TABLE t (id TEXT PRIMARY KEY NOT NULL, n INTEGER)")
        .await;
    let release = db.occupy_writer().await;
    let mut before = Box::pin(db.insert("a"));
    let mut endless = Box::pin(db.engine.write(endless_write));
    let mut after = Box::pin(db.insert("b"));
    assert!(is_pending(before.as_mut()));
    assert!(is_pending(endless.as_mut()));
    assert!(is_pending(after.as_mut()));
    drop(release);
    assert_eq!(before.await, Err(Error::RolledBack));
    assert_eq!(endless.await, Err(Error::Timeout));
    assert_eq!(after.await, Ok(()));
    assert_eq!(db.count(), 1);
}

#[tokio::test]
async fn a_pooled_read_stops_when_nobody_waits_for_it() {
    let db = Db::with(Options {
        read_threads: 1,
        ..Options::default()
    });
    let (started, begun) = tokio::sync::oneshot::channel();
    let engine = db.engine.clone();
    let abandoned = tokio::spawn(async move {
        engine
            .read_pooled(move |reader| {
                started.send(()).unwrap();
                reader.exists(&one(ENDLESS))
            })
            .await
    });
    begun.await.unwrap();
    abandoned.abort();
    // The only thread is free again well before the statement's own limit.
    let start = Instant::now();
    let next = db
        .engine
        .read_pooled(|reader| reader.exists(&one("SELECT 1")));
    assert!(next.await.unwrap());
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn closing_stops_running_reads() {
    let db = Db::with(Options::default());
    let (started, begun) = tokio::sync::oneshot::channel();
    let engine = db.engine.clone();
    let reading = tokio::spawn(async move {
        engine
            .read_pooled(move |reader| {
                started.send(()).unwrap();
                reader.exists(&one(ENDLESS))
            })
            .await
    });
    begun.await.unwrap();
    db.engine.close().await;
    assert_eq!(reading.await.unwrap(), Err(Error::Interrupted));
}

#[tokio::test]
async fn waiting_pooled_reads_are_bounded() {
    let db = Db::with(Options {
        read_threads: 1,
        max_waiting_reads: 1,
        ..Options::default()
    });
    let (started, begun) = tokio::sync::oneshot::channel();
    let (release, gate) = mpsc::channel::<()>();
    let engine = db.engine.clone();
    let running = tokio::spawn(async move {
        engine
            .read_pooled(move |_| {
                started.send(()).unwrap();
                gate.recv().unwrap();
                Ok::<_, Error>(())
            })
            .await
    });
    begun.await.unwrap();
    let mut waiting = Box::pin(db.engine.read_pooled(|_| Ok::<_, Error>(())));
    assert!(is_pending(waiting.as_mut()));
    let refused = db.engine.read_pooled(|_| Ok::<_, Error>(()));
    assert_eq!(refused.await, Err(Error::Full));
    release.send(()).unwrap();
    running.await.unwrap().unwrap();
    waiting.await.unwrap();
}

#[tokio::test]
async fn readers_cannot_write() {
    let db = Db::new().await;
    for text in [
        "INSERT INTO t (id) VALUES ('a')",
        "CREATE TABLE v (id)",
        "DELETE FROM t",
    ] {
        let result = db.engine.read(|reader| reader.exists(&one(text)));
        assert!(
            matches!(result, Err(Error::ReadOnly(_))),
            "{text}: {result:?}"
        );
    }
    let result = db
        .engine
        .read(|reader| reader.exists(&one("ATTACH 'other.db' AS other")));
    assert!(matches!(result, Err(Error::Sql(_))), "{result:?}");
}

#[tokio::test]
async fn consistent_reads_see_one_state() {
    let db = Db::new().await;
    let other = db.engine.clone();
    let counts = db.engine.read_pooled(move |reader| {
        reader.consistent(|reader| {
            let count = |reader: &stead::engine::Reader| {
                reader.first(&one("SELECT count(*) FROM t"), |row| row.int(0))
            };
            let before = count(reader)?;
            let (done, wait) = mpsc::channel();
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .build()
                    .unwrap();
                runtime.block_on(other.write(|tx| insert(tx, "a"))).unwrap();
                done.send(()).unwrap();
            });
            wait.recv().unwrap();
            Ok::<_, Error>((before, count(reader)?))
        })
    });
    assert_eq!(counts.await.unwrap(), (Some(0), Some(0)));
    assert_eq!(db.count(), 1);
}

async fn violate(text: &'static str) -> Error {
    let db = Db::new().await;
    db.batch(
        "CREATE TABLE p (a TEXT NOT NULL, b TEXT, c TEXT REFERENCES t (id));
         CREATE UNIQUE INDEX p_ab ON p (a, b);
         CREATE UNIQUE INDEX `p'c` ON p (lower(c));
         INSERT INTO t (id) VALUES ('x');
         INSERT INTO p VALUES ('a', 'b', 'x')",
    )
    .await;
    db.engine
        .write(move |tx| tx.execute(&Sql::from_text(text)))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn constraint_violations_name_their_columns() {
    let cases = [
        (
            "INSERT INTO t (id) VALUES ('x')",
            ConstraintKind::PrimaryKey,
            "t.id",
        ),
        (
            "INSERT INTO p VALUES ('a', 'b', NULL)",
            ConstraintKind::Unique,
            "p.a p.b",
        ),
        (
            "INSERT INTO p VALUES (NULL, 'b', NULL)",
            ConstraintKind::NotNull,
            "p.a",
        ),
        (
            "INSERT INTO p VALUES ('z', 'z', 'nope')",
            ConstraintKind::ForeignKey,
            "",
        ),
        (
            "INSERT INTO t (id, n) VALUES ('y', 1000)",
            ConstraintKind::Check,
            "",
        ),
    ];
    for (text, expect_kind, expect_columns) in cases {
        let Error::Constraint {
            kind,
            columns,
            index,
            ..
        } = violate(text).await
        else {
            panic!("no constraint violation: {text}");
        };
        let columns: Vec<_> = columns
            .iter()
            .map(|(table, column)| format!("{table}.{column}"))
            .collect();
        assert_eq!(
            (kind, columns.join(" ").as_str(), index),
            (expect_kind, expect_columns, None),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_violated_index_on_expressions_is_named() {
    let Error::Constraint {
        kind,
        columns,
        index,
        ..
    } = violate("INSERT INTO p VALUES ('z', 'z', 'X')").await
    else {
        panic!("no constraint violation");
    };
    assert_eq!(
        (kind, columns.len(), index.as_deref()),
        (ConstraintKind::Unique, 0, Some("p'c"))
    );
}

#[tokio::test]
async fn wrong_statements_are_told_with_the_place() {
    let db = Db::new().await;
    let wrong = |text: &'static str| {
        db.engine
            .read(|reader| reader.exists(&one(text)))
            .unwrap_err()
    };
    assert_eq!(
        wrong("SELECT 1 FROM nope"),
        Error::Sql("no such table: nope".to_owned())
    );
    assert_eq!(
        wrong("SELECT 1 WHERE x ="),
        Error::Sql("incomplete input".to_owned())
    );
    assert_eq!(
        wrong("SELECT 1; SELECT 2"),
        Error::Sql("more than one statement".to_owned())
    );
    assert!(matches!(wrong("SELECT ?"), Error::Sql(_)));
}

#[tokio::test]
async fn values_come_back_as_they_were_bound() {
    let db = Db::new().await;
    let mut sql = one("SELECT ");
    sql.bind(Value::Null)
        .text(", ")
        .bind(i64::MIN)
        .text(", ")
        .bind(0.5)
        .text(", ")
        .bind("häß\0x")
        .text(", ")
        .bind(Value::Blob(vec![0, 255]))
        .text(", CAST(x'ff' AS TEXT), ''");
    let check = |row: &Row<'_>| {
        assert_eq!(row.get(0), ValueRef::Null);
        assert_eq!(row.get(1), ValueRef::Int(i64::MIN));
        assert_eq!(row.get(2), ValueRef::Real(0.5));
        assert_eq!(row.get(3), ValueRef::Text("häß\0x"));
        assert_eq!(row.get(4), ValueRef::Blob(&[0, 255]));
        assert_eq!(row.get(5), ValueRef::Blob(&[255]));
        assert_eq!(row.get(6), ValueRef::Text(""));
        assert_eq!(row.get(7), ValueRef::Null);
    };
    let found = db.engine.read(|reader| reader.first(&sql, check));
    assert_eq!(found, Ok(Some(())));
}

#[tokio::test]
async fn a_statement_follows_a_changed_schema() {
    let db = Db::new().await;
    db.insert("a").await.unwrap();
    let sql = one("SELECT id, n FROM t");
    let row = |db: &Db| {
        db.engine
            .read(|reader| reader.first(&sql, |row| (row.text(0).to_owned(), row.int(1))))
    };
    assert_eq!(row(&db).unwrap(), Some(("a".to_owned(), 0)));
    db.batch("ALTER TABLE t ADD COLUMN m TEXT; UPDATE t SET n = 5")
        .await;
    assert_eq!(row(&db).unwrap(), Some(("a".to_owned(), 5)));
    db.batch("ALTER TABLE t RENAME COLUMN n TO k").await;
    assert!(matches!(row(&db), Err(Error::Sql(_))));
}

#[tokio::test]
async fn math_functions_exist() {
    let db = Db::new().await;
    let sql = one("SELECT acos(-1.0), radians(180), degrees(pi()), sqrt(16)");
    let row = db.engine.read(|reader| {
        reader.first(&sql, |row| {
            (row.real(0), row.real(1), row.real(2), row.real(3))
        })
    });
    let pi = std::f64::consts::PI;
    assert_eq!(row.unwrap(), Some((pi, pi, 180.0, 4.0)));
}

fn logging(max_rows: i64) -> Db {
    Db::with(Options {
        change_log: Some(ChangeLog {
            max_rows,
            ..ChangeLog::default()
        }),
        ..Options::default()
    })
}

fn change<'a>(record: &'a str, action: Action, data: Option<&'a str>) -> Change<'a> {
    Change {
        collection: "pbc_1",
        record,
        action,
        at: Timestamp::from_unix_ms(1),
        data,
    }
}

#[tokio::test]
async fn changes_are_logged_with_their_transaction() {
    let db = logging(1000);
    db.engine
        .write(|tx| {
            tx.log_change(&change("a", Action::Create, None))?;
            tx.log_change(&change("a", Action::Delete, Some("{}")))
        })
        .await
        .unwrap();
    let undone = db.engine.write(|tx| {
        tx.log_change(&change("b", Action::Create, None))?;
        Err::<(), _>(Error::Other(String::new()))
    });
    undone.await.unwrap_err();
    let changes = db
        .engine
        .read(|reader| reader.changes_since(1, 10))
        .unwrap();
    assert_eq!(changes.len(), 1);
    let last = changes.first().unwrap();
    assert_eq!(
        (last.seq, last.record.as_str(), last.action),
        (2, "a", Action::Delete)
    );
    assert_eq!(
        (last.collection.as_str(), last.data.as_deref()),
        ("pbc_1", Some("{}"))
    );
    assert_eq!(
        db.engine.read(stead::engine::Reader::change_range),
        Ok((1, 2))
    );
}

#[tokio::test]
async fn the_change_log_is_trimmed_by_count() {
    let db = Db::with(Options {
        change_log: Some(ChangeLog {
            max_rows: 100,
            max_age: Duration::MAX,
        }),
        ..Options::default()
    });
    log_many(&db, 3000, Timestamp::from_unix_ms(1)).await;
    let (oldest, newest) = db.engine.read(stead::engine::Reader::change_range).unwrap();
    assert_eq!(newest, 3000);
    assert!(oldest > 2000, "{oldest}");
}

#[tokio::test]
async fn the_newest_change_outlives_its_age() {
    let db = logging(1000);
    log_many(&db, 2000, Timestamp::from_unix_ms(1)).await;
    let (oldest, newest) = db.engine.read(stead::engine::Reader::change_range).unwrap();
    assert_eq!((oldest, newest), (2000, 2000));
}

async fn log_many(db: &Db, n: i64, at: Timestamp) {
    for _ in 0..n / 500 {
        db.engine
            .write(move |tx| {
                for _ in 0..500 {
                    tx.log_change(&Change {
                        at,
                        ..change("r", Action::Update, None)
                    })?;
                }
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn the_write_ahead_log_stays_bounded_under_constant_load() {
    let db = Db::with(Options {
        checkpoint_bytes: 1 << 20,
        ..Options::default()
    });
    db.batch("CREATE TABLE b (id INTEGER PRIMARY KEY, v BLOB)")
        .await;
    let size = || std::fs::metadata(db.dir.path().join("data.db-wal")).map_or(0, |file| file.len());
    let mut largest = 0;
    for i in 0..400i64 {
        let insert = db.engine.write(move |tx| {
            tx.run(
                "INSERT INTO b VALUES (?, zeroblob(100000))",
                &[Value::Int(i)],
            )
        });
        insert.await.unwrap();
        largest = largest.max(size());
    }
    // 40 MB were written.
    assert!(largest < 20 << 20, "{largest}");
}

#[tokio::test]
async fn a_long_reader_delays_the_log_but_not_the_writes() {
    let db = Db::with(Options {
        checkpoint_bytes: 1 << 20,
        ..Options::default()
    });
    db.batch("CREATE TABLE b (id INTEGER PRIMARY KEY, v BLOB); INSERT INTO b VALUES (-1, '')")
        .await;
    let (release, gate) = mpsc::channel::<()>();
    let (started, begun) = tokio::sync::oneshot::channel();
    let engine = db.engine.clone();
    let reading = tokio::spawn(async move {
        let read = engine.read_pooled(move |reader| {
            reader.consistent(|reader| {
                let count = || reader.first(&one("SELECT count(*) FROM b"), |row| row.int(0));
                let before = count()?;
                started.send(()).unwrap();
                gate.recv().unwrap();
                Ok::<_, Error>((before, count()?))
            })
        });
        read.await.unwrap()
    });
    begun.await.unwrap();
    for i in 0..150i64 {
        let insert = db.engine.write(move |tx| {
            tx.run(
                "INSERT INTO b VALUES (?, zeroblob(100000))",
                &[Value::Int(i)],
            )
        });
        insert.await.unwrap();
    }
    release.send(()).unwrap();
    assert_eq!(reading.await.unwrap(), (Some(1), Some(1)));
    assert_eq!(db.int("SELECT count(*) FROM b"), 151);
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("data.db");
    std::fs::write(
        &path,
        "this is not a database, but long enough to look like one".repeat(100),
    )
    .unwrap();
    let error = Engine::open(&path, Options::default()).unwrap_err();
    assert!(matches!(error, Error::Corrupt(_)), "{error:?}");
}

#[tokio::test]
async fn a_missing_directory_is_told() {
    let error = Engine::open(Path::new("/nonexistent/data.db"), Options::default()).unwrap_err();
    assert!(matches!(error, Error::CannotOpen(_)), "{error:?}");
}

#[tokio::test]
async fn two_engines_can_share_a_file() {
    let db = Db::new().await;
    let other = Engine::open(&db.dir.path().join("data.db"), Options::default()).unwrap();
    let writes = (0..40).map(|i| {
        let engine = if i % 2 == 0 {
            db.engine.clone()
        } else {
            other.clone()
        };
        async move { engine.write(move |tx| insert(tx, &format!("{i}"))).await }
    });
    futures_util::future::try_join_all(writes).await.unwrap();
    assert_eq!(db.count(), 40);
}
