//! Measures the storage engine by itself: writes through the queue, reads inline and on the pool.
//!
//! `cargo bench --bench write_queue [-- name…]` prints one line per workload; load and engine share the
//! machine, and the database lies in the directory of `TMPDIR`. Without names everything runs.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool for developers, which fails by panicking"
)]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use stead::base::time::Timestamp;
use stead::engine::{Action, Change, ChangeLog, Engine, Error, Options, Reader, Tx};
use stead::sql::{Sql, Value};
use tempfile::TempDir;

const CLIENTS: u64 = 32;
const TIME: Duration = Duration::from_secs(4);
const ROWS: u64 = 20_000;

const SCHEMA: &str =
    "CREATE TABLE posts (id TEXT PRIMARY KEY NOT NULL, author TEXT NOT NULL, body TEXT NOT NULL, \
    created TEXT NOT NULL, title TEXT NOT NULL, updated TEXT NOT NULL, views NUMERIC NOT NULL);
    CREATE INDEX posts_created ON posts (created); CREATE INDEX posts_author ON posts (author)";
const INSERT: &str = "INSERT INTO posts (id, author, body, created, title, updated, views) VALUES (?, ?, ?, ?, ?, ?, ?)";
const VIEW: &str =
    "SELECT id, author, body, created, title, updated, views FROM posts WHERE id = ?";
const LIST: &str = "SELECT id, author, body, created, title, updated, views FROM posts ORDER BY created DESC LIMIT 30";
const SCAN: &str = "SELECT count(*) FROM posts WHERE body LIKE '%nothing%'";

#[tokio::main(worker_threads = 2)]
async fn main() {
    let names: Vec<String> = std::env::args()
        .skip(1)
        .filter(|name| !name.starts_with("--"))
        .collect();
    let wanted = |name: &str| names.is_empty() || names.iter().any(|wanted| name == wanted);
    if wanted("create") {
        create("create, logged", Some(ChangeLog::default())).await;
    }
    if wanted("create-unlogged") {
        create("create, not logged", None).await;
    }
    if wanted("create-alone") {
        create_alone().await;
    }
    if wanted("read") {
        reads().await;
    }
    if wanted("mixed") {
        mixed().await;
    }
}

async fn create(name: &str, change_log: Option<ChangeLog>) {
    let (engine, dir) = open(change_log).await;
    let logged = change_log.is_some();
    let writer = engine.clone();
    load(name, move |client, i| {
        let engine = writer.clone();
        async move {
            let (text, binds) = row(client, i);
            engine
                .write(move |tx| insert(tx, text, &binds, logged))
                .await
                .unwrap();
        }
    })
    .await;
    report_log(dir.path());
}

/// What group commit saves: a transaction for each row.
async fn create_alone() {
    let (engine, _dir) = open(Some(ChangeLog::default())).await;
    load("create, a transaction each", move |client, i| {
        let engine = engine.clone();
        async move {
            let (text, binds) = row(client, i);
            let alone = engine.exclusive(move |tx| insert(tx, text, &binds, true), |()| ());
            alone.await.unwrap();
        }
    })
    .await;
}

async fn reads() {
    let (engine, _dir) = filled().await;
    let view = engine.clone();
    load("view, inline", move |client, i| {
        let result = view.read(|reader| one(reader, VIEW, &[key(client, i)]));
        async move { assert_eq!(result.unwrap(), 1) }
    })
    .await;
    let view = engine.clone();
    load("view, pooled", move |client, i| {
        let view = view.clone();
        async move {
            let found = view.read_pooled(move |reader| one(reader, VIEW, &[key(client, i)]));
            assert_eq!(found.await.unwrap(), 1);
        }
    })
    .await;
    let list = engine.clone();
    load("list of 30, inline", move |_, _| {
        let result = list.read(|reader| one(reader, LIST, &[]));
        async move { assert_eq!(result.unwrap(), 30) }
    })
    .await;
    let list = engine.clone();
    load("list of 30, adaptive", move |_, _| {
        let list = list.clone();
        async move {
            let found = list.read_adaptive(|reader| one(reader, LIST, &[]));
            assert_eq!(found.await.unwrap(), 30);
        }
    })
    .await;
    let list = engine.clone();
    load("list of 30, pooled", move |_, _| {
        let list = list.clone();
        async move {
            let found = list.read_pooled(|reader| one(reader, LIST, &[]));
            assert_eq!(found.await.unwrap(), 30);
        }
    })
    .await;
    let scans = spawn_scans(&engine);
    let view = engine.clone();
    load(
        "view, inline, while 4 clients scan on the pool",
        move |client, i| {
            let result = view.read(|reader| one(reader, VIEW, &[key(client, i)]));
            async move { assert_eq!(result.unwrap(), 1) }
        },
    )
    .await;
    scans.store(true, Relaxed);
}

/// Half of the clients write while the other half reads.
async fn mixed() {
    let (engine, dir) = filled().await;
    let stop = Arc::new(AtomicBool::new(false));
    let written = Arc::new(AtomicU64::new(0));
    for client in 0..CLIENTS / 2 {
        let (engine, stop, written) = (engine.clone(), Arc::clone(&stop), Arc::clone(&written));
        tokio::spawn(async move {
            for i in 0.. {
                if stop.load(Relaxed) {
                    break;
                }
                let (text, binds) = row(client + CLIENTS, i);
                engine
                    .write(move |tx| insert(tx, text, &binds, true))
                    .await
                    .unwrap();
                written.fetch_add(1, Relaxed);
            }
        });
    }
    load("view, inline, while 16 clients create", move |client, i| {
        let result = engine.read(|reader| one(reader, VIEW, &[key(client, i)]));
        async move {
            assert_eq!(result.unwrap(), 1);
            tokio::task::yield_now().await;
        }
    })
    .await;
    stop.store(true, Relaxed);
    println!(
        "    with {} creates/s",
        written.load(Relaxed) / TIME.as_secs()
    );
    report_log(dir.path());
}

fn spawn_scans(engine: &Engine) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    for _ in 0..4 {
        let (engine, stop) = (engine.clone(), Arc::clone(&stop));
        tokio::spawn(async move {
            while !stop.load(Relaxed) {
                engine
                    .read_pooled(|reader| one(reader, SCAN, &[]))
                    .await
                    .unwrap();
            }
        });
    }
    stop
}

/// Runs an operation from all clients at once for a while and prints rate and latencies.
async fn load<F: Future<Output = ()> + Send>(
    name: &str,
    operation: impl Fn(u64, u64) -> F + Send + Sync + 'static,
) {
    let operation = Arc::new(operation);
    let start = Instant::now();
    let ticks = processor_ticks();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let operation = Arc::clone(&operation);
            tokio::spawn(async move {
                let mut times = Vec::with_capacity(1 << 18);
                while start.elapsed() < TIME {
                    let begin = Instant::now();
                    operation(client, times.len() as u64).await;
                    times.push(u32::try_from(begin.elapsed().as_micros()).unwrap_or(u32::MAX));
                    tokio::task::coop::consume_budget().await;
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await.unwrap());
    }
    let elapsed = start.elapsed().as_millis();
    let ticks = processor_ticks() - ticks;
    times.sort_unstable();
    let at = |percent: usize| {
        times
            .get(times.len() * percent / 1000)
            .copied()
            .unwrap_or(0)
    };
    println!(
        "{name}: {}/s, {}.{} us of processor each, p50 {} us, p99 {} us, p99.9 {} us, max {} us",
        times.len() as u128 * 1000 / elapsed,
        ticks * 10_000 / times.len() as u64,
        ticks * 100_000 / times.len() as u64 % 10,
        at(500),
        at(990),
        at(999),
        times.last().copied().unwrap_or(0)
    );
}

/// Processor time of this process in hundredths of a second, where the system tells it. Unlike the rate it
/// hardly depends on what else the machine does.
fn processor_ticks() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    fields
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum()
}

async fn open(change_log: Option<ChangeLog>) -> (Engine, TempDir) {
    let dir = TempDir::new().unwrap();
    let options = Options {
        change_log,
        ..Options::default()
    };
    let engine = Engine::open(&dir.path().join("data.db"), options).unwrap();
    let create = engine.write(|tx| tx.batch(&Sql::from_text(SCHEMA)));
    create.await.unwrap();
    (engine, dir)
}

async fn filled() -> (Engine, TempDir) {
    let (engine, dir) = open(Some(ChangeLog::default())).await;
    for client in 0..CLIENTS {
        let fill = engine.write(move |tx| {
            for i in 0..ROWS / CLIENTS {
                let (text, binds) = row(client, i);
                insert(tx, text, &binds, false)?;
            }
            Ok::<_, Error>(())
        });
        fill.await.unwrap();
    }
    (engine, dir)
}

fn insert(tx: &Tx, text: &str, binds: &[Value], logged: bool) -> Result<(), Error> {
    tx.run(text, binds)?;
    if let (true, Some(Value::Text(id))) = (logged, binds.first()) {
        tx.log_change(&Change {
            collection: "pbc_1234567890",
            record: id,
            action: Action::Create,
            at: Timestamp::now(),
            data: None,
            cells: None,
        })?;
    }
    Ok(())
}

/// Counts rows while touching every column, as an encoder would.
fn one(reader: &Reader, text: &str, binds: &[Value]) -> Result<usize, Error> {
    let mut rows = 0;
    reader.query(text, binds, |row| {
        for column in 0..7 {
            std::hint::black_box(row.get(column));
        }
        rows += 1;
        Ok::<_, Error>(())
    })?;
    Ok(rows)
}

fn row(client: u64, i: u64) -> (&'static str, [Value; 7]) {
    let now = Timestamp::now().to_string();
    let values = [
        id(client, i),
        Value::Text(format!("author{:09}", scatter(i) % 1000)),
        Value::Text("lorem ipsum dolor sit amet ".repeat(10)),
        Value::Text(now.clone()),
        Value::Text(format!("title {i}")),
        Value::Text(now),
        Value::Int(0),
    ];
    (INSERT, values)
}

fn id(client: u64, i: u64) -> Value {
    Value::Text(format!(
        "{:015x}",
        scatter(client << 40 | i) & 0x0fff_ffff_ffff_ffff
    ))
}

/// The id of one of the rows of `filled`.
fn key(client: u64, i: u64) -> Value {
    id(scatter(client + i) % CLIENTS, scatter(i) % (ROWS / CLIENTS))
}

/// Spreads numbers so that keys arrive in no order.
const fn scatter(n: u64) -> u64 {
    let n = (n ^ (n >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (n ^ (n >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ (n >> 17)
}

fn report_log(dir: &Path) {
    let size = std::fs::metadata(dir.join("data.db-wal")).map_or(0, |file| file.len());
    println!("    write-ahead log {} MB", size / 1_000_000);
}
