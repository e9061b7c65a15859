//! The least program that answers what the load comparison asks: axum, SQLite, and nothing that makes a product. It
//! knows one table; there are no rules, users, limits, files, schema, streams or change log.
//!
//! `scripts/bench bare` starts it beside Stead and tells how far the two are apart:
//!
//!     cargo bench --bench bare -- DATABASE PORT
#![expect(
    clippy::unwrap_used,
    reason = "a tool for developers, which fails by panicking"
)]

use std::cell::RefCell;
use std::net::Ipv4Addr;
use std::path::Path as FilePath;
use std::sync::{OnceLock, mpsc};
use std::{env, thread};

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Router, body::Bytes};
use rand::RngExt as _;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use stead::base::time::Timestamp;
use tokio::sync::oneshot;

/// Creates that wait for the writer, at most.
const QUEUE: usize = 4096;
const COLUMNS: &str = "created, done, id, rank, title, updated";

static DATABASE: OnceLock<String> = OnceLock::new();

thread_local! {
    static READER: RefCell<Connection> = RefCell::new(open());
}

#[derive(Serialize)]
struct Note {
    #[serde(rename = "collectionId")]
    collection_id: &'static str,
    #[serde(rename = "collectionName")]
    collection_name: &'static str,
    created: String,
    done: bool,
    id: String,
    rank: f64,
    title: String,
    updated: String,
}

#[derive(Deserialize)]
struct Form {
    title: String,
    rank: f64,
    done: bool,
}

#[derive(Serialize)]
struct List {
    items: Vec<Note>,
    page: u32,
    #[serde(rename = "perPage")]
    limit: u32,
    #[serde(rename = "totalItems")]
    n_items: i32,
    #[serde(rename = "totalPages")]
    n_pages: i32,
}

struct Job {
    note: Note,
    done: oneshot::Sender<Note>,
}

type Writer = mpsc::SyncSender<Job>;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|one| one != "--bench").collect();
    let [database, port] = arguments.as_slice() else {
        return;
    };
    DATABASE.set(database.clone()).unwrap();
    let port = port.parse().unwrap();
    let (writer, jobs) = mpsc::sync_channel(QUEUE);
    thread::spawn(move || write(&jobs));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(serve(writer, port));
}

async fn serve(writer: Writer, port: u16) {
    let app = Router::new()
        .route("/api/health", get(|| async { "{}" }))
        .route("/api/collections/notes/records", get(list).post(create))
        .route("/api/collections/notes/records/{id}", get(view))
        .with_state(writer);
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .await
        .unwrap();
    axum::serve(
        axum::serve::ListenerExt::tap_io(listener, |stream| stream.set_nodelay(true).unwrap()),
        app,
    )
    .await
    .unwrap();
}

fn open() -> Connection {
    let connection = Connection::open(FilePath::new(DATABASE.get().unwrap())).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;",
        )
        .unwrap();
    connection
}

fn note(row: &Row<'_>) -> rusqlite::Result<Note> {
    Ok(Note {
        collection_id: "pbc_0000000000",
        collection_name: "notes",
        created: row.get(0)?,
        done: row.get(1)?,
        id: row.get(2)?,
        rank: row.get(3)?,
        title: row.get(4)?,
        updated: row.get(5)?,
    })
}

fn json(value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).unwrap();
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

async fn view(Path(id): Path<String>) -> Response {
    READER.with_borrow(|reader| {
        let sql = format!("SELECT {COLUMNS} FROM notes WHERE id = ?");
        let mut statement = reader.prepare_cached(&sql).unwrap();
        json(&statement.query_row([id], note).unwrap())
    })
}

async fn list() -> Response {
    READER.with_borrow(|reader| {
        let sql = format!("SELECT {COLUMNS} FROM notes LIMIT 30");
        let mut statement = reader.prepare_cached(&sql).unwrap();
        let rows = statement.query_map((), note).unwrap();
        let page = List {
            items: rows.collect::<rusqlite::Result<_>>().unwrap(),
            page: 1,
            limit: 30,
            n_items: -1,
            n_pages: -1,
        };
        json(&page)
    })
}

fn fresh(form: Form) -> Note {
    let now = Timestamp::now().to_string();
    let mut random = rand::rng();
    Note {
        collection_id: "pbc_0000000000",
        collection_name: "notes",
        created: now.clone(),
        done: form.done,
        id: (0..15)
            .map(|_| char::from(random.random_range(b'a'..=b'z')))
            .collect(),
        rank: form.rank,
        title: form.title,
        updated: now,
    }
}

async fn create(State(writer): State<Writer>, body: Bytes) -> Response {
    let Ok(form) = serde_json::from_slice::<Form>(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let note = fresh(form);
    let (done, answer) = oneshot::channel();
    if writer.try_send(Job { note, done }).is_err() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    match answer.await {
        Ok(note) => json(&note),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Writes whatever has arrived in one transaction, which is on the disk when its creates are answered.
fn write(jobs: &mpsc::Receiver<Job>) {
    let connection = open();
    let sql = format!("INSERT INTO notes ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)");
    let mut insert = connection.prepare(&sql).unwrap();
    while let Ok(first) = jobs.recv() {
        let mut group = vec![first];
        group.extend(jobs.try_iter().take(QUEUE));
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for Job { note, .. } in &group {
            let Note {
                created,
                done,
                id,
                rank,
                title,
                updated,
                ..
            } = note;
            insert
                .execute((created, done, id, rank, title, updated))
                .unwrap();
        }
        connection.execute_batch("COMMIT").unwrap();
        for Job { note, done } in group {
            // A client that has gone needs no answer.
            let _gone = done.send(note);
        }
    }
}
