//! Killing the server while it is written to loses nothing that was acknowledged and leaves no halves.
//!
//! `STEAD_CRASH_ROUNDS` is how often (default 3; before a release 30).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};
use std::{env, thread};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;
use tempfile::TempDir;

use super::clients::{self, COLLECTION, Client};
use crate::support::{Caller, Server, accepted, files_in};

const CLIENTS: usize = 8;

/// Files without a record are looked for after the start, and a second time ten seconds later.
const ORPHANS: Duration = Duration::from_mins(1);

#[test]
fn acknowledged_writes_survive_a_kill() {
    let rounds = env::var("STEAD_CRASH_ROUNDS").map_or(3, |rounds| rounds.parse().unwrap());
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let server = Server::start();
    let superuser = server.superuser();
    clients::prepare(&superuser);
    let token = superuser.token().to_owned();
    let home = server.home();
    let mut clients: Vec<Client> = (0..CLIENTS)
        .map(|number| Client::new(number, seed))
        .collect();
    let mut running = Some(server);
    let mut answered = 0;
    for round in 0..rounds {
        let server = running
            .take()
            .unwrap_or_else(|| Server::start_at(Arc::clone(&home), &[]));
        answered += write_and_kill(server, &mut clients, random.random_range(1..400));
        let server = Server::start_at(Arc::clone(&home), &[]);
        let guest = server.guest();
        let rows = clients::found(&guest)
            .unwrap_or_else(|fault| panic!("{fault}; round {round}, seed {seed}"));
        for client in &mut clients {
            client
                .settle(&rows)
                .unwrap_or_else(|fault| panic!("{fault}; round {round}, seed {seed}"));
        }
        assert_sound(&server, &token);
        if random.random_bool(0.5) {
            // A start that does not get far, either.
            server.signal("KILL");
        } else {
            running = Some(server);
        }
    }
    println!("{rounds} rounds, {answered} acknowledged changes");
    let server = running.unwrap_or_else(|| Server::start_at(Arc::clone(&home), &[]));
    wait_for_order(&home, &server.guest());
}

/// Lets the clients write until they got so many answers, and then kills the server.
fn write_and_kill(server: Server, clients: &mut [Client], enough: usize) -> usize {
    let answers = AtomicUsize::new(0);
    let address = server.address();
    thread::scope(|scope| {
        let writing: Vec<_> = clients
            .iter_mut()
            .map(|client| {
                let answers = &answers;
                scope.spawn(move || client.write(address, answers, usize::MAX, &|| 0))
            })
            .collect();
        // A client that panics must not be waited for.
        while answers.load(SeqCst) < enough && writing.iter().all(|one| !one.is_finished()) {
            thread::sleep(Duration::from_millis(1));
        }
        drop(server);
    });
    answers.load(SeqCst)
}

fn assert_sound(server: &Server, token: &str) {
    let superuser = Caller::at(server.address(), Some(token.to_owned()));
    let answer = accepted(&superuser.post("/api/sql", &json!({"query": "PRAGMA integrity_check"})));
    assert!(answer.to_string().contains("\"ok\""), "{answer}");
}

/// Waits until the storage has the files that rows name and no others.
fn wait_for_order(home: &TempDir, guest: &Caller<'_>) {
    let storage = home.path().join("data/storage");
    let named = clients::named_files(guest);
    let started = Instant::now();
    loop {
        let mut stored: Vec<String> = files_in(&storage)
            .into_iter()
            .filter(|path| {
                std::path::Path::new(path.as_str())
                    .extension()
                    .is_none_or(|end| end != "attrs")
            })
            .filter_map(|path| path.split_once('/').map(|(_, rest)| rest.to_owned()))
            .collect();
        stored.sort_unstable();
        if stored == named {
            break;
        }
        let missing: Vec<_> = named.iter().filter(|name| !stored.contains(name)).collect();
        assert!(
            missing.is_empty(),
            "files of {COLLECTION} are gone: {missing:?}"
        );
        assert!(
            started.elapsed() < ORPHANS,
            "stored {stored:?}, named {named:?}"
        );
        thread::sleep(Duration::from_millis(100));
    }
    assert!(files_in(&home.path().join("data/.pb_temp_to_delete")).is_empty());
}
