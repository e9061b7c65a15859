//! Clients that lose their streams, on a server that is killed, end with the state of the database by events alone.
//!
//! `STEAD_CHAOS=full` runs the long form: 200 clients, 10,000 writes.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use std::{env, thread};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value as Json, json};

use crate::support::events::{Event, Stream};
use crate::support::{Caller, Server, record, records};

/// The last record that is written; who has seen it has seen everything.
const END: &str = "endendendendend";

/// How long all clients together may see nothing new before they count as stuck.
const PATIENCE: Duration = Duration::from_mins(1);

struct Size {
    clients: u64,
    writes: usize,
    kills: usize,
}

/// Where the server listens at the moment, and a superuser's token, which stays valid.
struct Place {
    address: std::net::SocketAddr,
    token: String,
}

/// What a client knows.
#[derive(Debug, Default, PartialEq, Eq)]
struct Replica(BTreeMap<String, String>);

impl Replica {
    fn apply(&mut self, data: &Json) {
        let record = &data["record"];
        let id = record["id"].as_str().unwrap().to_owned();
        match data["action"].as_str().unwrap() {
            "delete" => drop(self.0.remove(&id)),
            action => {
                assert!(matches!(action, "create" | "update"), "unexpected {data}");
                self.0.insert(id, record["title"].to_string());
            }
        }
    }
}

#[test]
fn clients_end_with_the_state_of_the_database() {
    let size = match env::var("STEAD_CHAOS").as_deref() {
        Ok("full") => Size {
            clients: 200,
            writes: 10_000,
            kills: 20,
        },
        _ => Size {
            clients: 10,
            writes: 300,
            kills: 2,
        },
    };
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let server = Server::start();
    let superuser = server.superuser();
    superuser.make_collection(&json!({
        "name": "notes", "type": "base", "listRule": "", "viewRule": "",
        "fields": [{"name": "title", "type": "text"}],
    }));
    let place = Mutex::new(Place {
        address: server.address(),
        token: superuser.token().to_owned(),
    });
    let (failed, steps) = (AtomicBool::new(false), AtomicU64::new(0));
    let copies = thread::scope(|scope| {
        let clients: Vec<_> = (0..size.clients)
            .map(|number| {
                let (place, failed, steps) = (&place, &failed, &steps);
                scope.spawn(move || follow(place, failed, steps, seed.wrapping_add(number)))
            })
            .collect();
        let written = catch_unwind(AssertUnwindSafe(|| write(server, &place, &size, seed)));
        let (server, stored) = written.unwrap_or_else(|panic| {
            // The clients would wait for the end for ever.
            failed.store(true, SeqCst);
            resume_unwind(panic)
        });
        // A client that waits in vain must not keep the test from ending.
        let (mut before, mut moved) = (0, Instant::now());
        while clients.iter().any(|client| !client.is_finished()) {
            let now = steps.load(SeqCst);
            if now != before {
                (before, moved) = (now, Instant::now());
            } else if moved.elapsed() > PATIENCE {
                failed.store(true, SeqCst);
            }
            thread::sleep(Duration::from_millis(20));
        }
        let copies: Vec<Replica> = clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .collect();
        drop(server);
        copies
            .into_iter()
            .map(|copy| (copy, stored.clone()))
            .collect::<Vec<_>>()
    });
    assert!(
        !failed.load(SeqCst),
        "not every client saw the end; seed {seed}"
    );
    for (copy, stored) in copies {
        assert_eq!(copy.0, stored, "seed {seed}");
    }
}

/// Writes at random and kills the server in between. Returns it with what it holds at the end.
fn write(
    mut server: Server,
    place: &Mutex<Place>,
    size: &Size,
    seed: u64,
) -> (Server, BTreeMap<String, String>) {
    let mut random = StdRng::seed_from_u64(seed ^ 0x5eed);
    let mut ids: Vec<String> = Vec::new();
    for number in 0..size.writes {
        if number % (size.writes / (size.kills + 1)).max(1) == 0 && number > 0 {
            server.signal("KILL");
            let home = server.home();
            drop(server);
            server = Server::start_at(home, &[]);
            place.lock().unwrap_or_else(PoisonError::into_inner).address = server.address();
        }
        let token = place
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .token
            .clone();
        let caller = Caller::at(server.address(), Some(token));
        let data = json!({"title": format!("title {number}")});
        let known = ids.len();
        match random.random_range(0..10) {
            0..2 if known > 0 => {
                let id = ids.swap_remove(random.random_range(0..known));
                assert_eq!(caller.delete(&record("notes", &id)).status, 204);
            }
            2..6 if known > 0 => {
                let id = &ids[random.random_range(0..known)];
                assert_eq!(caller.patch(&record("notes", id), &data).status, 200);
            }
            _ => ids.push(
                caller.make("notes", &data)["id"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
            ),
        }
    }
    let token = place
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .token
        .clone();
    let caller = Caller::at(server.address(), Some(token));
    caller.make("notes", &json!({"id": END, "title": "end"}));
    let mut stored = BTreeMap::new();
    for page in 1.. {
        let path = format!("{}?perPage=1000&page={page}", records("notes"));
        let answer = crate::support::accepted(&caller.get(&path));
        let items = answer["items"].as_array().unwrap().clone();
        if items.is_empty() {
            break;
        }
        for item in items {
            stored.insert(
                item["id"].as_str().unwrap().to_owned(),
                item["title"].to_string(),
            );
        }
    }
    (server, stored)
}

/// Keeps a copy by events alone, losing the stream at random. Ends with the last record.
/// Every event is a step.
fn follow(place: &Mutex<Place>, failed: &AtomicBool, steps: &AtomicU64, seed: u64) -> Replica {
    let mut random = StdRng::seed_from_u64(seed);
    let (mut copy, mut seen) = (Replica::default(), 0);
    while !failed.load(SeqCst) {
        let address = place.lock().unwrap_or_else(PoisonError::into_inner).address;
        let by_header = random.random_bool(0.5);
        let (path, header) = if by_header && seen > 0 {
            (
                "/api/realtime?since=0".to_owned(),
                format!("Last-Event-ID: {seen}\r\n"),
            )
        } else {
            (format!("/api/realtime?since={seen}"), String::new())
        };
        let Some(mut stream) = Stream::try_open(address, &path, &header) else {
            thread::sleep(Duration::from_millis(20));
            continue;
        };
        let form = json!({"clientId": stream.client_id, "subscriptions": ["notes/*"]});
        let headers = [("Content-Type", "application/json")];
        let guest = Caller::at(address, None);
        let body = Some(form.to_string().into_bytes());
        if !guest
            .try_send("POST", "/api/realtime", &headers, body)
            .is_ok_and(|a| a.status == 204)
        {
            continue;
        }
        stream.set_patience(Duration::from_millis(500));
        for _ in 0..random.random_range(1..60) {
            let Some(Event { id, data, .. }) = stream.next() else {
                break;
            };
            let Ok(number) = id.parse::<i64>() else { break };
            assert!(number > seen, "{number} after {seen}, seed {seed}");
            seen = number;
            steps.fetch_add(1, SeqCst);
            let data: Json = serde_json::from_str(&data).unwrap();
            copy.apply(&data);
            if data["record"]["id"] == END {
                return copy;
            }
        }
    }
    copy
}
