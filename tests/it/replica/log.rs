//! What is kept of a database without a server, whatever happens to its log.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use stead::base::time::Timestamp;
use stead::engine::{Engine, Error, Options, Tx, copy_database};
use stead::replica::{self, Place, Ship, Status};
use stead::sql::{Sql, Value};
use tempfile::TempDir;
use tokio::sync::watch;

use super::is;
use crate::support::files_in;

/// A database that only this test uses, with a replica kept from it.
struct Kept {
    engine: Engine,
    status: Status,
    stop: watch::Sender<bool>,
    ship: tokio::task::JoinHandle<()>,
    dir: TempDir,
}

impl Kept {
    fn start(base_every: Duration, keep: Duration) -> Self {
        let dir = TempDir::new().unwrap();
        let options = Options {
            checkpoint_bytes: 100 << 10,
            ..Options::default()
        };
        let engine = Engine::open(&dir.path().join("data.db"), options).unwrap();
        let place = dir.path().join("replica");
        let (stop, stopped) = watch::channel(false);
        let status = Status::default();
        let ship = Ship {
            engine: engine.clone(),
            place: Place::parse(place.to_str().unwrap(), None).unwrap(),
            options: replica::Options {
                every: Duration::from_millis(10),
                base_every,
                keep,
            },
            status: status.clone(),
            stop: stopped,
        };
        Self {
            engine,
            status,
            stop,
            ship: tokio::spawn(ship.run()),
            dir,
        }
    }

    async fn end(self) -> TempDir {
        self.engine.close().await;
        self.stop.send(true).unwrap();
        self.ship.await.unwrap();
        self.dir
    }
}

fn batch(text: &'static str) -> impl FnOnce(&Tx) -> Result<(), Error> + Send + 'static {
    move |tx| tx.batch(&Sql::from_text(text))
}

fn dump(path: &Path) -> Vec<(i64, String)> {
    let engine = Engine::open(path, Options::default()).unwrap();
    engine.check_integrity().unwrap();
    let rows = engine.read(|reader| {
        reader.all(
            &Sql::from_text("SELECT id, hex(v) FROM t ORDER BY id"),
            |row| (row.int(0), row.text(1).to_owned()),
        )
    });
    engine.shutdown();
    rows.unwrap()
}

/// The log starts over hundreds of times, the file grows and shrinks, another process copies the log, and images are
/// made all the while.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missed_whatever_happens_to_the_log() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let kept = Kept::start(Duration::from_millis(50), Duration::from_hours(1));
    let engine = kept.engine.clone();
    engine
        .write(batch("CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)"))
        .await
        .unwrap();
    let path = kept.dir.path().join("data.db");
    let over = Arc::new(AtomicBool::new(false));
    let others = {
        let (over, path) = (Arc::clone(&over), path.clone());
        std::thread::spawn(move || {
            while !over.load(Relaxed) {
                // Opening and closing copies the log and wants to empty it, as another process would.
                let other = Engine::open(&path, Options::default()).unwrap();
                let look = other.read(|reader| reader.exists(&Sql::from_text("SELECT 1 FROM t")));
                assert!(look.is_ok() || matches!(look, Err(Error::Busy)), "{look:?}");
                other.shutdown();
                std::thread::sleep(Duration::from_millis(30));
            }
        })
    };
    let mut marks = Vec::new();
    for step in 0..1500i64 {
        let (id, size) = (
            random.random_range(0..400i64),
            random.random_range(1..6000i64),
        );
        engine
            .write(move |tx| {
                tx.run(
                    "INSERT OR REPLACE INTO t VALUES (?, randomblob(?))",
                    &[Value::Int(id), Value::Int(size)],
                )
            })
            .await
            .unwrap();
        match random.random_range(0..200) {
            0 => engine
                .write(batch("DELETE FROM t WHERE id % 3 = 0"))
                .await
                .unwrap(),
            // These may come upon the other one.
            1 => assert!(matches!(engine.vacuum().await, Ok(()) | Err(Error::Busy))),
            2 => assert!(matches!(engine.optimize().await, Ok(()) | Err(Error::Busy))),
            _ => {}
        }
        if step % 300 == 299 {
            let moment = Timestamp::now();
            let reached = || {
                kept.status
                    .facts()
                    .up_to
                    .is_some_and(|up_to| up_to > moment)
            };
            let deadline = Instant::now() + Duration::from_mins(1);
            while !reached() {
                assert!(Instant::now() < deadline, "{:?}", kept.status.facts());
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let copy = kept.dir.path().join(format!("copy{step}.db"));
            copy_database(&path, &copy).unwrap();
            marks.push((kept.status.facts().up_to.unwrap(), copy));
        }
    }
    let place = kept.dir.path().join("replica");
    let images = || {
        let files = files_in(&place);
        files.iter().filter(|name| is(name, "json")).count()
    };
    let deadline = Instant::now() + Duration::from_mins(1);
    while images() <= 2 {
        assert!(Instant::now() < deadline, "{} images", images());
        engine
            .write(batch("UPDATE t SET v = randomblob(1000) WHERE id % 9 = 0"))
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    over.store(true, Relaxed);
    others.join().unwrap();
    assert_eq!(kept.status.facts().error, None);
    let generations = files_in(&kept.dir.path().join("replica"));
    let generations: BTreeSet<&str> = generations
        .iter()
        .filter_map(|name| name.split('/').next())
        .collect();
    assert_eq!(
        generations.len(),
        1,
        "nothing was missed, so nothing began anew"
    );
    let dir = kept.end().await;
    let place = dir.path().join("replica");
    marks.push((Timestamp::from_unix_ms(i64::MAX), path));
    for (i, (moment, copy)) in marks.iter().enumerate() {
        let place = Place::parse(place.to_str().unwrap(), None).unwrap();
        let target = dir.path().join(format!("back{i}.db"));
        replica::restore(&place, Some(*moment), &target)
            .await
            .unwrap();
        assert!(dump(&target) == dump(copy), "moment {i}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_old_goes() {
    let kept = Kept::start(Duration::from_millis(30), Duration::from_millis(200));
    let engine = kept.engine.clone();
    engine
        .write(batch("CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)"))
        .await
        .unwrap();
    let place = kept.dir.path().join("replica");
    let count = || {
        files_in(&place)
            .iter()
            .filter(|name| is(name, "json"))
            .count()
    };
    let deadline = Instant::now() + Duration::from_mins(1);
    let mut first = None;
    loop {
        engine
            .write(batch("INSERT INTO t (v) VALUES (randomblob(100))"))
            .await
            .unwrap();
        let all = files_in(&place);
        first = first.or_else(|| all.iter().find(|name| is(name, "seg")).cloned());
        if first.as_ref().is_some_and(|first| !all.contains(first)) && count() > 2 {
            break;
        }
        assert!(Instant::now() < deadline, "{all:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert!(count() < 50);
    let dir = kept.end().await;
    let place = Place::parse(dir.path().join("replica").to_str().unwrap(), None).unwrap();
    let target = dir.path().join("back.db");
    replica::restore(&place, None, &target).await.unwrap();
    assert!(dump(&target) == dump(&dir.path().join("data.db")));
}
