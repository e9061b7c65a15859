//! The change log.

use std::time::Duration;

use stead::base::time::Timestamp;
use stead::engine::{Action, Change, ChangeLog, Error, Options};

use super::Db;

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
        cells: None,
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
