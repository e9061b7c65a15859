//! Jobs do what they are for, over HTTP and on a live directory.

use serde_json::json;
use stead::engine::{Engine, Error, Options};
use stead::sql::Sql;

use crate::support::{Caller, Server, accepted, record, until, until_some};

/// Waits until a record is gone.
#[track_caller]
fn await_gone(caller: &Caller<'_>, collection: &str, id: &str) {
    until("the record is gone", || {
        caller.get(&record(collection, id)).status == 404
    });
}

/// Changes a running server's database from outside.
fn change(server: &Server, sql: &'static str) {
    let engine = Engine::open(
        &server.home().path().join("data/data.db"),
        Options::default(),
    );
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let changed = runtime.block_on(async {
        let engine = engine.unwrap();
        let changed = engine
            .write(move |tx| tx.execute(&Sql::from_text(sql)))
            .await;
        engine.close().await;
        changed
    });
    assert_eq!(changed.map_err(|error: Error| error.to_string()), Ok(1));
}

#[test]
fn sessions_and_passwords_are_deleted_when_their_time_is_over() {
    let server = Server::start();
    let root = server.superuser();
    let user = accepted(&root.get("/api/collections/users/records?perPage=1"));
    assert_eq!(user["totalItems"], 0);
    let user = root.make(
        "users",
        &json!({"id": "aaaaaaaaaaaaaaa", "email": "a@example.com", "password": "1234567890", "passwordConfirm": "1234567890"}),
    );
    let users = user["collectionId"].clone();
    for (id, method) in [("oldoldoldoldold", "password"), ("newnewnewnewnew", "otp")] {
        root.make(
            "_mfas",
            &json!({"id": id, "collectionRef": users, "recordRef": user["id"], "method": method}),
        );
        root.make(
            "_otps",
            &json!({"id": id, "collectionRef": users, "recordRef": user["id"], "password": "12345678"}),
        );
    }
    change(
        &server,
        "UPDATE _mfas SET created = '2020-01-01 00:00:00.000Z' WHERE id = 'oldoldoldoldold'",
    );
    change(
        &server,
        "UPDATE _otps SET created = '2020-01-01 00:00:00.000Z' WHERE id = 'oldoldoldoldold'",
    );
    for (job, collection) in [("__pbMFACleanup__", "_mfas"), ("__pbOTPCleanup__", "_otps")] {
        assert_eq!(
            root.post(&format!("/api/crons/{job}"), &json!({})).status,
            204
        );
        await_gone(&root, collection, "oldoldoldoldold");
        root.look(collection, "newnewnewnewnew");
    }
}

#[test]
fn the_database_is_optimised_while_it_is_written_to() {
    let server = Server::start();
    let root = server.superuser();
    let fields = json!([{"name": "t", "type": "text"}]);
    accepted(&root.post(
        "/api/collections",
        &json!({"name": "things", "type": "base", "fields": fields}),
    ));
    let log = server.home().path().join("data/data.db-wal");
    let size = || std::fs::metadata(&log).map_or(0, |data| data.len());
    assert!(size() > 0, "there is something in the log");
    for n in 0..20 {
        root.make("things", &json!({"t": n.to_string()}));
        if n % 5 == 0 {
            assert_eq!(
                root.post("/api/crons/__pbDBOptimize__", &json!({})).status,
                204
            );
        }
    }
    until("the log is emptied", || {
        let is_empty = size() == 0;
        if !is_empty {
            root.post("/api/crons/__pbDBOptimize__", &json!({}));
        }
        is_empty
    });
    assert_eq!(root.items("things", "").len(), 20);
}

#[test]
fn runs_of_jobs_are_remembered() {
    const RUNS: &str = "/api/stead/jobs/runs";
    let server = Server::start();
    let root = server.superuser();
    assert_eq!(accepted(&root.get(RUNS)), json!([]));
    let started = root.post("/api/crons/__pbLogsCleanup__", &json!({}));
    assert_eq!(started.status, 204);
    let run = until_some("the run ends", || {
        let run = accepted(&root.get(RUNS))[0].clone();
        (run["outcome"] != "running").then_some(run)
    });
    assert_eq!(run["id"], "__pbLogsCleanup__");
    assert_eq!(run["outcome"], "succeeded");
    assert!(run["duration"].is_u64() && run["error"].is_null(), "{run}");
}
