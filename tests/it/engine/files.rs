//! What happens to the files of a database.

use std::path::Path;
use std::sync::mpsc;

use stead::engine::{Engine, Error, Options};
use stead::sql::Value;
use tempfile::TempDir;

use super::{Db, insert, one};

#[tokio::test]
async fn the_write_ahead_log_stays_bounded_under_constant_load() {
    let db = Db::with(Options {
        checkpoint_bytes: 1 << 20,
        ..Options::default()
    });
    db.batch("CREATE TABLE b (id INTEGER PRIMARY KEY, v BLOB)")
        .await;
    let size = || std::fs::metadata(db.dir.path().join("data.db-wal")).map_or(0, |file| file.len());
    let (mut largest, mut written) = (0, 0);
    // 40 MB; more when the thread that copies has to wait for its turn. Without it, the log has all that was written.
    for i in 0..4_000i64 {
        let insert = db.engine.write(move |tx| {
            tx.run(
                "INSERT INTO b VALUES (?, zeroblob(100000))",
                &[Value::Int(i)],
            )
        });
        insert.await.unwrap();
        largest = largest.max(size());
        written = i.unsigned_abs() * 100_000;
        if i >= 400 && largest < written / 2 {
            break;
        }
    }
    assert!(largest < written / 2, "{largest} of {written}");
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
