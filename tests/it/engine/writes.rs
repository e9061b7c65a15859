//! Jobs on the writer: one after the other, each all or nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use stead::engine::{Error, Options, Tx};

use super::{Db, Result, hasty, insert, is_pending, one};

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
async fn a_job_in_one_step_that_fails_first_leaves_the_others() {
    let db = Db::new().await;
    db.insert("taken").await.unwrap();
    let release = db.occupy_writer().await;
    let at_once = |id: &'static str| {
        let mut job = Box::pin(db.engine.write_at_once(move |tx| insert(tx, id)));
        assert!(is_pending(job.as_mut()));
        job
    };
    let (before, refused, after) = (at_once("a"), at_once("taken"), at_once("b"));
    drop(release);
    assert_eq!(before.await, Ok(()));
    assert!(matches!(refused.await, Err(Error::Constraint { .. })));
    assert_eq!(after.await, Ok(()));
    assert_eq!(db.count(), 3);
}

#[tokio::test]
async fn a_job_in_one_step_that_fails_late_takes_its_group_with_it() {
    let db = Db::new().await;
    let release = db.occupy_writer().await;
    let mut before = Box::pin(db.insert("a"));
    let mut late = Box::pin(db.engine.write_at_once(|tx| {
        insert(tx, "half")?;
        Err::<(), _>(Error::Other("unwanted".to_owned()))
    }));
    let mut after = Box::pin(db.insert("b"));
    assert!(is_pending(before.as_mut()));
    assert!(is_pending(late.as_mut()));
    assert!(is_pending(after.as_mut()));
    drop(release);
    assert_eq!(before.await, Err(Error::RolledBack));
    assert_eq!(late.await, Err(Error::Other("unwanted".to_owned())));
    assert_eq!(after.await, Ok(()));
    assert_eq!(db.count(), 1);
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

/// Somebody's trigger may end the whole transaction, or leave a half of what it refuses.
#[tokio::test]
async fn jobs_that_meet_rollback_or_fail_harm_nobody_else() {
    const ROLLBACK: &str = "CREATE TRIGGER refuse AFTER INSERT ON t WHEN NEW.id = 'bad' BEGIN SELECT RAISE(ROLLBACK, 'no'); END";
    const FAIL: &str = "CREATE TRIGGER refuse AFTER INSERT ON t WHEN NEW.id = 'bad' BEGIN SELECT RAISE(FAIL, 'no'); END";
    for (trigger, is_seen) in [
        (ROLLBACK, true),
        (FAIL, true),
        (ROLLBACK, false),
        (FAIL, false),
    ] {
        let db = Db::new().await;
        if is_seen {
            let make = move |tx: &Tx| -> Result { tx.batch(&one(trigger)) };
            db.engine.exclusive(make, |()| ()).await.unwrap();
        } else {
            // As if another program had made it: nobody looks at the schema on account of this.
            db.batch(trigger).await;
        }
        let release = db.occupy_writer().await;
        let mut before = Box::pin(db.insert("a"));
        let mut refused = Box::pin(db.engine.write_at_once(|tx| insert(tx, "bad")));
        let mut after = Box::pin(db.insert("b"));
        assert!(is_pending(before.as_mut()));
        assert!(is_pending(refused.as_mut()));
        assert!(is_pending(after.as_mut()));
        drop(release);
        assert_eq!(before.await, Ok(()), "{trigger}");
        let refused = refused.await;
        assert!(
            matches!(refused, Err(Error::Constraint { .. })),
            "{refused:?}"
        );
        assert_eq!(after.await, Ok(()), "{trigger}");
        assert_eq!(db.count(), 2);
    }
}
