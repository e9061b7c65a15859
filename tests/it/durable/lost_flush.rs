//! A flush of the database that fails may have lost what it was to bring to the disk, without any later one telling.
//! The database is then written again from the log before the log starts over, or is left alone until the next start.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;
use tempfile::TempDir;

use super::replay::{Loss, Replay};
use super::shim::{EIO, Fault, Shim};
use crate::support::{Caller, Server, accepted, records, run, stead, text};

const COLLECTION: &str = "papers";
const EMAIL: &str = "root@example.com";
/// Of a row: a few of them fill the log.
const BYTES: usize = 200_000;
/// Rows that are more than the log takes before it is copied.
const LOGFUL: usize = 120;

/// A server that writes down what it does to its files, and the rows it has acknowledged.
struct Papers {
    home: Arc<TempDir>,
    shim: Shim,
    random: StdRng,
    rows: BTreeMap<String, String>,
}

impl Papers {
    fn new() -> (Self, Server) {
        let seed: u64 = rand::random();
        println!("seed {seed}");
        let home = Arc::new(TempDir::new().unwrap());
        let shim = Shim::new(home.path());
        let mut upsert = shim.recorded();
        upsert.current_dir(home.path());
        upsert.args(["superuser", "upsert", EMAIL, "1234567890", "--dir", "data"]);
        run(upsert);
        let this = Self {
            home,
            shim,
            random: StdRng::seed_from_u64(seed),
            rows: BTreeMap::new(),
        };
        let server = this.start();
        let superuser = server.sign_in("_superusers", EMAIL);
        superuser.make_collection(&json!({
            "name": COLLECTION, "type": "base", "viewRule": "", "createRule": "",
            "fields": [{"name": "text", "type": "text", "max": 2_000_000}],
        }));
        (this, server)
    }

    fn start(&self) -> Server {
        Server::launch(
            self.shim.recorded(),
            Arc::clone(&self.home),
            &["--dir", "data"],
        )
    }

    /// Says whether one more row was taken.
    fn create(&mut self, guest: &Caller<'_>) -> bool {
        let number: u64 = self.random.random();
        let row = format!("{number:020} ").repeat(BYTES / 21);
        let answer = guest.post(&records(COLLECTION), &json!({"text": row}));
        if answer.status == 503 {
            assert!(text(&answer).contains("disk"), "{}", text(&answer));
            return false;
        }
        let id = accepted(&answer)["id"].as_str().unwrap().to_owned();
        self.rows.insert(id, row);
        true
    }

    /// Writes until a flush of the database has failed, and a row was refused for it.
    fn break_database(&mut self, guest: &Caller<'_>) {
        for _ in 0..LOGFUL / 2 {
            assert!(self.create(guest));
        }
        self.shim.fail(Fault::Sync, EIO, "/data.db$");
        let refused = (0..LOGFUL * 4).any(|_| !self.create(guest));
        assert!(refused, "nobody was told");
        assert!(self.shim.faults() > 0);
        assert!(!self.create(guest), "taken although the disk still fails");
    }

    /// Everything acknowledged is there if the power goes now.
    fn check(&mut self) {
        let replay = Replay::load(&self.shim.log(), self.home.path());
        let after = Arc::new(TempDir::new().unwrap());
        let moments = replay.moments();
        replay.restore(moments, Loss::Everything, &mut self.random, after.path());
        let server = Server::launch(stead(), after, &["--dir", "data"]);
        let guest = server.guest();
        for (id, row) in &self.rows {
            let answer = guest.get(&format!("{}/{id}", records(COLLECTION)));
            assert!(accepted(&answer)["text"] == **row, "{id} has changed");
        }
    }
}

#[test]
fn a_database_that_was_not_flushed_is_written_again() {
    let (mut papers, server) = Papers::new();
    let guest = server.guest();
    papers.break_database(&guest);
    papers.check();
    papers.shim.heal();
    // Whoever has not seen the failure yet is told once more.
    assert!((0..4).any(|_| papers.create(&guest)));
    papers.check();
    // The log starts over.
    for _ in 0..LOGFUL * 3 {
        assert!(papers.create(&guest));
    }
    papers.check();
}

#[test]
fn a_server_that_could_not_flush_its_database_leaves_the_log_behind() {
    let (mut papers, server) = Papers::new();
    papers.break_database(&server.guest());
    // What is gone stays gone, although the last flush would succeed.
    papers.shim.heal();
    server.signal("TERM");
    assert!(server.wait().success());
    papers.check();
    let server = papers.start();
    assert!(papers.create(&server.guest()));
    server.signal("TERM");
    assert!(server.wait().success());
    papers.check();
}
