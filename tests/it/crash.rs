//! Killing the process in the middle of group commits loses nothing that was acknowledged.
//!
//! The test runs its own binary again as a child: the child writes from many tasks and prints the id of
//! every acknowledged row; the parent kills it, opens the database and looks for each of them.

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use stead::engine::{Engine, Error, Options};
use stead::sql::Sql;
use tempfile::TempDir;

const CHILD_DIR: &str = "STEAD_TEST_CRASH_DIR";
const TASKS: usize = 32;
const ROUNDS: usize = 6;

#[test]
fn acknowledged_writes_survive_a_kill() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let dir = TempDir::new().unwrap();
    let mut acknowledged = HashSet::new();
    for _ in 0..ROUNDS {
        run_and_kill(dir.path(), random.random_range(1..3000), &mut acknowledged);
        check(&dir.path().join("data.db"), &acknowledged);
    }
}

/// Lets a child write until it has acknowledged `lines` rows, then kills it.
fn run_and_kill(dir: &Path, lines: usize, acknowledged: &mut HashSet<String>) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "crash::child_writes_until_it_is_killed",
            "--nocapture",
        ])
        .env(CHILD_DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut seen = 0;
    for line in output.lines() {
        let line = line.unwrap();
        let Some(id) = line.strip_prefix("ack ") else {
            continue;
        };
        // A line cut by the kill has no end mark.
        if let Some(id) = id.strip_suffix(" .") {
            acknowledged.insert(id.to_owned());
            seen += 1;
        }
        if seen == lines {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    assert!(seen >= lines, "the child ended by itself after {seen} rows");
}

fn check(path: &Path, acknowledged: &HashSet<String>) {
    let engine = Engine::open(path, Options::default()).unwrap();
    let stored: HashSet<String> = engine
        .read(|reader| {
            reader.all(&Sql::from_text("SELECT id FROM t"), |row| {
                row.text(0).to_owned()
            })
        })
        .unwrap()
        .into_iter()
        .collect();
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "lost {lost:?}");
    let integrity = engine.read(|reader| {
        reader.first(&Sql::from_text("PRAGMA integrity_check"), |row| {
            row.text(0).to_owned()
        })
    });
    assert_eq!(integrity, Ok(Some("ok".to_owned())));
    engine.shutdown();
}

/// Not a test by itself: the child's part, which does nothing unless the parent asks for it.
#[test]
fn child_writes_until_it_is_killed() {
    let Some(dir) = std::env::var_os(CHILD_DIR).map(PathBuf::from) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(write_for_ever(&dir.join("data.db")));
}

async fn write_for_ever(path: &Path) {
    let engine = Engine::open(path, Options::default()).unwrap();
    engine
        .write(|tx| {
            tx.batch(&Sql::from_text(
                "CREATE TABLE IF NOT EXISTS t (id TEXT PRIMARY KEY NOT NULL, v TEXT); \
                 CREATE INDEX IF NOT EXISTS t_v ON t (v)",
            ))
        })
        .await
        .unwrap();
    let run: u64 = rand::random();
    let start = Instant::now();
    let writers = (0..TASKS).map(|task| {
        let engine = engine.clone();
        tokio::spawn(async move {
            for i in 0.. {
                let id = format!("{run:x}-{task}-{i}");
                let mut sql = Sql::from_text("INSERT INTO t VALUES (");
                sql.bind(id.as_str())
                    .text(", ")
                    .bind(format!("{:x}", i * 2_654_435_761_u64))
                    .text(")");
                engine.write(move |tx| tx.execute(&sql)).await?;
                writeln!(std::io::stdout(), "ack {id} .")
                    .map_err(|error| Error::Other(error.to_string()))?;
                if start.elapsed().as_secs() > 60 {
                    break;
                }
            }
            Ok::<_, Error>(())
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap().unwrap();
    }
}
