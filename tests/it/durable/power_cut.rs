//! After a power cut everything acknowledged is there: rows, files, and the data directory itself when it was new.
//!
//! The server runs with a library before the system's own that writes down all it does to its files (`shim.c`). From
//! that the test makes what a disk would hold that lost all or some of what was not flushed, at moments right after
//! answers and in between, and starts a server on it (`replay.rs` has the rules).
//!
//! The test can fail: `every_flush_is_needed` runs the same with one sort of flush that does nothing, and finds what is
//! lost each time; so does `less_is_promised_without_flushing` with `--sync normal`.
//!
//! `STEAD_POWER_CUTS` is how many moments are looked at (default 10; before a release 300).

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::{env, fs, thread};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use tempfile::TempDir;

use super::clients::{self, Client};
use super::replay::{Loss, Replay};
use super::shim::Shim;
use crate::support::{Server, files_in, run};

const CLIENTS: usize = 6;
const EMAIL: &str = "root@example.com";
const PASSWORD: &str = "1234567890";

/// What was written down, and what was answered when.
struct Run {
    replay: Replay,
    clients: Vec<Client>,
    /// Where the log was when the superuser was there, and when the collection was.
    superuser: u64,
    collection: u64,
    home: Arc<TempDir>,
}

/// Lets clients write to a server on a new directory, restarts it in order in the middle and kills it at the end.
fn record(seed: u64, arguments: &[&str], answers: usize, deaf: Option<&str>) -> Run {
    let home = Arc::new(TempDir::new().unwrap());
    let shim = Shim::new(home.path());
    shim.slow_syncs(3000);
    let mut upsert = shim.deaf(deaf);
    upsert.current_dir(home.path()).args([
        "superuser",
        "upsert",
        EMAIL,
        PASSWORD,
        "--dir",
        "new/data",
    ]);
    run(upsert);
    let superuser = shim.log_length();
    let arguments = [arguments, &["--dir", "new/data"]].concat();
    let start = || Server::launch(shim.deaf(deaf), Arc::clone(&home), &arguments);
    let server = start();
    clients::prepare(&server.sign_in("_superusers", EMAIL));
    let collection = shim.log_length();
    let mut clients: Vec<Client> = (0..CLIENTS)
        .map(|number| Client::new(number, seed))
        .collect();
    let position = || shim.log_length();
    let write = |server: &Server, clients: &mut [Client]| {
        let count = AtomicUsize::new(0);
        thread::scope(|scope| {
            for client in clients {
                let (count, position, address) = (&count, &position, server.address());
                scope.spawn(move || client.write(address, count, answers, position));
            }
        });
    };
    write(&server, &mut clients);
    server.signal("TERM");
    assert!(server.wait().success());
    let server = start();
    write(&server, &mut clients);
    drop(server);
    Run {
        replay: Replay::load(&shim.log(), home.path()),
        clients,
        superuser,
        collection,
        home,
    }
}

impl Run {
    /// Says what is missing after a cut.
    fn check(&self, moment: usize, loss: Loss, random: &mut StdRng) -> Result<(), String> {
        let after = Arc::new(TempDir::new().unwrap());
        self.replay.restore(moment, loss, random, after.path());
        let position = self.replay.position(moment);
        let server = Server::launch(
            crate::support::stead(),
            Arc::clone(&after),
            &["--dir", "new/data"],
        );
        if position >= self.superuser {
            let identity = serde_json::json!({"identity": EMAIL, "password": PASSWORD});
            let path = "/api/collections/_superusers/auth-with-password";
            if server.guest().post(path, &identity).status != 200 {
                return Err("the superuser is gone".to_owned());
            }
        }
        if position < self.collection {
            return Ok(());
        }
        let guest = server.guest();
        if guest
            .get(&crate::support::records(clients::COLLECTION))
            .status
            != 200
        {
            return Err("the collection is gone".to_owned());
        }
        let rows = clients::found(&guest)?;
        for client in &self.clients {
            let acknowledged = client.acknowledged.partition_point(|at| *at <= position);
            client.check(acknowledged, &rows)?;
        }
        Ok(())
    }

    /// A moment: any, or right after an answer, which is when most can be lost.
    fn moment(&self, random: &mut StdRng) -> usize {
        if random.random_bool(0.3) {
            return random.random_range(0..=self.replay.moments());
        }
        let client = &self.clients[random.random_range(0..self.clients.len())];
        let answers = &client.acknowledged;
        self.replay
            .moment(answers[random.random_range(0..answers.len())])
    }
}

#[test]
fn acknowledged_writes_survive_a_power_cut() {
    let cuts = env::var("STEAD_POWER_CUTS").map_or(10, |cuts| cuts.parse().unwrap());
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let run = record(seed, &[], 60, None);
    assert_complete(&run, &mut random);
    for cut in 0..cuts {
        let (moment, loss) = match cut {
            0 => (run.replay.moment(run.superuser), Loss::Everything),
            1 => (run.replay.moment(run.collection), Loss::Everything),
            2 => (run.replay.moments(), Loss::Everything),
            _ => (run.moment(&mut random), Loss::any(&mut random)),
        };
        if let Err(fault) = run.check(moment, loss, &mut random) {
            panic!(
                "{fault}: cut {cut} at {moment} of {}, {loss:?}, seed {seed}",
                run.replay.moments()
            );
        }
    }
}

/// Nothing escapes the library: with all it saw one gets the files that are there.
fn assert_complete(run: &Run, random: &mut StdRng) {
    let again = TempDir::new().unwrap();
    run.replay
        .restore(run.replay.moments(), Loss::Nothing, random, again.path());
    let mut there = files_in(run.home.path());
    there.retain(|path| !path.ends_with("-shm"));
    assert_eq!(files_in(again.path()), there);
    for path in there {
        let [one, other] =
            [&again, &*run.home].map(|home| fs::read(home.path().join(&path)).unwrap());
        assert!(one == other, "{path} is not what was written down");
    }
}

/// `--sync normal` answers before the flush. This is also how one knows that the test above can fail.
#[test]
fn less_is_promised_without_flushing() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let run = record(seed, &["--sync", "normal"], 20, None);
    let end = run.replay.moments();
    // Rows of the last requests, or a file that the lost change of its row had replaced.
    let lost = run.check(end, Loss::Everything, &mut random);
    assert!(lost.is_err(), "nothing is lost");
    // The end of the process alone loses nothing.
    run.check(end, Loss::Nothing, &mut random).unwrap();
}

#[test]
fn every_flush_is_needed() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    for (deaf, what) in [
        ("data.db-wal$", "the log"),
        ("/new$", "the place of a new data directory"),
        ("/data$", "the places of the databases"),
        ("/storage/", "the places of files"),
        (".pb_temp_to_delete/", "the content of files"),
    ] {
        let run = record(seed, &[], 20, Some(deaf));
        let lost = run.check(run.replay.moments(), Loss::Everything, &mut random);
        assert!(lost.is_err(), "nothing is lost without flushing {what}");
    }
}
