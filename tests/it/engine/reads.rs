//! Reads: stopped when they take too long or nobody waits, bounded in number, of one state.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use stead::engine::{Error, Options};

use super::{Db, ENDLESS, hasty, insert, is_pending, one};

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

#[tokio::test]
async fn a_view_of_constants_follows_its_definition() {
    let db = Db::new().await;
    for (definition, expect) in [
        ("CREATE VIEW v AS SELECT 1 AS n", 1),
        ("DROP VIEW v; CREATE VIEW v AS SELECT 2 AS n", 2),
        (
            "DROP VIEW v; CREATE VIEW v AS SELECT count(*) AS n FROM t",
            0,
        ),
    ] {
        let made = db
            .engine
            .exclusive(move |tx| tx.batch(&one(definition)), |()| ());
        made.await.unwrap();
        assert_eq!(db.int("SELECT n FROM v"), expect, "{definition}");
        let pooled = db
            .engine
            .read_pooled(|reader| reader.first(&one("SELECT n FROM v"), |row| row.int(0)));
        assert_eq!(pooled.await.unwrap(), Some(expect), "{definition}");
    }
}
