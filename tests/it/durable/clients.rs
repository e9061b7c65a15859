//! Clients that write at random and know, for each answer they got, what the server must hold from then on.
//!
//! Each has rows of its own and sends one request after the other. So after any end of the server its rows are those
//! after the last acknowledged request, or after the one that was on its way.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value as Json, json};

use crate::support::{Caller, Response, accepted, record, records, text};

pub(super) const COLLECTION: &str = "notes";
/// Clients keep about so many rows each.
const ROWS: usize = 24;
/// Files are shorter than this.
const MAX_FILE: u64 = 150_000;

/// What can be known of a row: its title, and what its file was made of; 0 for no file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    title: String,
    seed: u64,
}

pub(super) type Rows = BTreeMap<String, Row>;

/// What one request changes: rows to set or to remove, all or none.
type Change = Vec<(String, Option<Row>)>;

#[derive(Debug)]
pub(super) struct Client {
    number: usize,
    random: StdRng,
    made: u64,
    /// Rows before the first change.
    start: Rows,
    changes: Vec<Change>,
    /// For each acknowledged change where the log of the disk was then.
    pub(super) acknowledged: Vec<u64>,
}

/// The collection the clients write to.
pub(super) fn prepare(superuser: &Caller<'_>) {
    superuser.make_collection(&json!({
        "name": COLLECTION, "type": "base",
        "listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
        "fields": [
            {"name": "title", "type": "text"}, {"name": "seed", "type": "number"},
            {"name": "file", "type": "file", "maxSelect": 1, "maxSize": 10_000_000},
        ],
        "indexes": ["CREATE INDEX notes_title ON notes (title)"],
    }));
    let batch = json!({"batch": {"enabled": true, "maxRequests": 50, "timeout": 10}});
    accepted(&superuser.patch("/api/settings", &batch));
}

impl Client {
    pub(super) fn new(number: usize, seed: u64) -> Self {
        Self {
            number,
            random: StdRng::seed_from_u64(seed.wrapping_add(number as u64)),
            made: 0,
            start: Rows::new(),
            changes: Vec::new(),
            acknowledged: Vec::new(),
        }
    }

    /// Writes until the server is gone or all clients together got so many answers. `position` tells where the log is.
    pub(super) fn write(
        &mut self,
        address: SocketAddr,
        answers: &AtomicUsize,
        enough: usize,
        position: &(dyn Fn() -> u64 + Sync),
    ) {
        let caller = Caller::at(address, None);
        while answers.load(SeqCst) < enough {
            let Some(answer) = self.request(&caller) else {
                return;
            };
            assert!(
                (200..300).contains(&answer.status),
                "{} {}",
                answer.status,
                text(&answer)
            );
            self.acknowledged.push(position());
            answers.fetch_add(1, SeqCst);
        }
    }

    /// Sends one request, after its change was noted.
    fn request(&mut self, caller: &Caller<'_>) -> Option<Response> {
        let rows = self.rows_after(self.acknowledged.len());
        let mut ids: Vec<String> = rows.keys().cloned().collect();
        let some = |random: &mut StdRng, ids: &mut Vec<String>| {
            let at = random.random_range(0..ids.len());
            ids.swap_remove(at)
        };
        let send = |method, path: &str, data: &Json| {
            let headers = [("Content-Type", "application/json")];
            caller.try_send(method, path, &headers, Some(data.to_string().into_bytes()))
        };
        let is_full = ids.len() > ROWS;
        let answer = match self.random.random_range(0..10) {
            // A row with a file, or another file for a row.
            0..3 => {
                let (id, row) = (self.id(), self.row(true));
                let is_new = ids.is_empty() || self.random.random_bool(0.7);
                let id = if is_new {
                    id
                } else {
                    some(&mut self.random, &mut ids)
                };
                self.changes.push(vec![(id.clone(), Some(row.clone()))]);
                let seed = row.seed.to_string();
                let mut texts = vec![("title", row.title.as_str()), ("seed", seed.as_str())];
                let (method, path) = if is_new {
                    texts.push(("id", id.as_str()));
                    ("POST", records(COLLECTION))
                } else {
                    ("PATCH", record(COLLECTION, &id))
                };
                let content = content(row.seed);
                caller.try_form(method, &path, &texts, &[("file", "a.bin", &content)])
            }
            3..5 if !is_full => {
                let (id, row) = (self.id(), self.row(false));
                self.changes.push(vec![(id.clone(), Some(row.clone()))]);
                let data = json!({"id": id, "title": row.title, "seed": 0});
                send("POST", &records(COLLECTION), &data)
            }
            5..7 if !ids.is_empty() => {
                let id = some(&mut self.random, &mut ids);
                let title = self.row(false).title;
                let row = Row {
                    title: title.clone(),
                    seed: rows[&id].seed,
                };
                self.changes.push(vec![(id.clone(), Some(row))]);
                send("PATCH", &record(COLLECTION, &id), &json!({"title": title}))
            }
            7 if ids.len() > 3 => {
                let id = some(&mut self.random, &mut ids);
                self.changes.push(vec![(id.clone(), None)]);
                caller.try_send("DELETE", &record(COLLECTION, &id), &[], None)
            }
            _ => {
                let mut change = Change::new();
                let mut requests = Vec::new();
                for _ in 0..self.random.random_range(2..8) {
                    let is_delete =
                        ids.len() > ROWS / 2 || (!ids.is_empty() && self.random.random_bool(0.4));
                    if is_delete {
                        let id = some(&mut self.random, &mut ids);
                        requests.push(json!({"method": "DELETE", "url": record(COLLECTION, &id)}));
                        change.push((id, None));
                    } else {
                        let (id, row) = (self.id(), self.row(false));
                        let data = json!({"id": id, "title": row.title, "seed": 0});
                        requests.push(
                            json!({"method": "POST", "url": records(COLLECTION), "body": data}),
                        );
                        change.push((id, Some(row)));
                    }
                }
                self.changes.push(change);
                send("POST", "/api/batch", &json!({"requests": requests}))
            }
        };
        answer.ok()
    }

    fn id(&mut self) -> String {
        self.made += 1;
        format!("c{:03}x{:010}", self.number, self.made)
    }

    fn row(&mut self, has_file: bool) -> Row {
        Row {
            title: format!("{:x}", self.random.random::<u64>()),
            seed: if has_file {
                self.random.random_range(1..1 << 40)
            } else {
                0
            },
        }
    }

    fn rows_after(&self, changes: usize) -> Rows {
        let mut rows = self.start.clone();
        for (id, row) in self.changes.iter().take(changes).flatten() {
            match row {
                Some(row) => rows.insert(id.clone(), row.clone()),
                None => rows.remove(id),
            };
        }
        rows
    }

    /// Says what is wrong with rows if so many changes were acknowledged; else how many changes they have in them.
    pub(super) fn check(&self, acknowledged: usize, found: &Rows) -> Result<usize, String> {
        let own = format!("c{:03}x", self.number);
        let found: Rows = found
            .iter()
            .filter(|(id, _)| id.starts_with(&own))
            .map(|(id, row)| (id.clone(), row.clone()))
            .collect();
        let expected = self.rows_after(acknowledged);
        if found == expected {
            return Ok(acknowledged);
        }
        if found == self.rows_after(acknowledged + 1) {
            return Ok(acknowledged + 1);
        }
        let different: Vec<_> = expected
            .keys()
            .chain(found.keys())
            .filter(|id| expected.get(*id) != found.get(*id))
            .collect();
        Err(format!(
            "client {} with {acknowledged} acknowledged changes finds {different:?} different",
            self.number
        ))
    }

    /// Takes what is there as the beginning of another round.
    pub(super) fn settle(&mut self, found: &Rows) -> Result<(), String> {
        let count = self.check(self.acknowledged.len(), found)?;
        self.start = self.rows_after(count);
        self.changes.clear();
        self.acknowledged.clear();
        Ok(())
    }
}

/// The rows a server has, with a look at each file.
pub(super) fn found(caller: &Caller<'_>) -> Result<Rows, String> {
    let mut rows = Rows::new();
    for item in caller.items(COLLECTION, "skipTotal=1") {
        let id = item["id"].as_str().unwrap_or_default();
        let seed = item["seed"].as_u64().unwrap_or_default();
        let file = item["file"].as_str().unwrap_or_default();
        if file.is_empty() != (seed == 0) {
            return Err(format!("{item} has half of an upload"));
        }
        if seed > 0 {
            let answer = caller.get(&format!("/api/files/{COLLECTION}/{id}/{file}"));
            if answer.status != 200 || answer.body != content(seed) {
                return Err(format!("the file of {item}: {}", answer.status));
            }
        }
        let title = item["title"].as_str().unwrap_or_default().to_owned();
        rows.insert(id.to_owned(), Row { title, seed });
    }
    Ok(rows)
}

/// The file names rows refer to, as paths below a collection's folder.
pub(super) fn named_files(caller: &Caller<'_>) -> Vec<String> {
    let items = caller.items(COLLECTION, "skipTotal=1");
    let mut names: Vec<String> = items
        .iter()
        .filter_map(|item| Some((item["id"].as_str()?, item["file"].as_str()?)))
        .filter(|(_, file)| !file.is_empty())
        .map(|(id, file)| format!("{id}/{file}"))
        .collect();
    names.sort_unstable();
    names
}

/// The content of a file, made of its number.
fn content(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let length = seed % MAX_FILE + 1;
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(usize::try_from(length).unwrap_or(0));
    bytes
}
