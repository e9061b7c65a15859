//! What the storage engine promises, on real files.

mod changes;
mod files;
mod leases;
mod reads;
mod statements;
mod writes;

use std::pin::Pin;
use std::sync::mpsc;
use std::task::{Context, Waker};
use std::time::Duration;

use stead::engine::{Engine, Error, Options, Tx};
use stead::sql::Sql;
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

/// Options with a statement limit that tests can wait for.
fn hasty() -> Options {
    Options {
        statement_limit: Duration::from_millis(50),
        ..Options::default()
    }
}

fn one(text: &'static str) -> Sql {
    Sql::from_text(text)
}
