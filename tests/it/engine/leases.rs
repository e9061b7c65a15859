//! Transactions driven from outside the writer.

use std::time::Duration;

use stead::engine::Error;

use super::{Db, ENDLESS, insert, one};

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
    let mut lease = db.engine.lease(Duration::from_secs(2)).await.unwrap();
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

/// A trigger may end the transaction; whoever goes on all the same is told, and nothing of it is kept.
#[tokio::test]
async fn a_lease_that_lost_its_transaction_says_so() {
    let db = Db::new().await;
    db.batch("CREATE TRIGGER refuse BEFORE INSERT ON t WHEN NEW.id = 'bad' BEGIN SELECT RAISE(ROLLBACK, 'no'); END")
        .await;
    let mut lease = db.engine.lease(Duration::from_secs(10)).await.unwrap();
    lease.run(|tx| insert(tx, "a")).await.unwrap();
    let refused = lease.run(|tx| insert(tx, "bad")).await;
    assert!(
        matches!(refused, Err(Error::Constraint { .. })),
        "{refused:?}"
    );
    let next = lease.run(|tx| insert(tx, "b"));
    assert_eq!(next.await, Err(Error::RolledBack));
    assert_eq!(lease.commit().await, Err(Error::RolledBack));
    assert_eq!(db.count(), 0);
}
