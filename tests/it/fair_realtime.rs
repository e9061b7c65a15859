//! Live events go on for everybody else whatever one subscriber asks for, and nobody keeps access by what fails for
//! them.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::support::events::{Event, Stream};
use crate::support::{Caller, Server, SetOnDrop, accepted, outcome, record, until};

/// Too many records for an answer, and more than a filter can go through.
const EXPAND: &str = "rel.rel.rel.rel.rel.rel";
const FILTER: &str = "rel.rel.rel.rel.rel.t ?~ 'zz'";

/// A public collection of records that all lead to each other, and their ids.
fn make_nodes(superuser: &Caller<'_>) -> Json {
    let nodes = superuser.make_collection(&json!({
        "name": "nodes", "type": "base", "listRule": "", "viewRule": "", "createRule": "",
        "fields": [{"name": "t", "type": "text"}],
    }));
    let mut fields = nodes["fields"].clone();
    let relation = json!({
        "name": "rel", "type": "relation", "collectionId": nodes["id"], "maxSelect": 999,
    });
    fields.as_array_mut().unwrap().push(relation);
    accepted(&superuser.patch("/api/collections/nodes", &json!({"fields": fields})));
    let ids: Vec<String> = (0..200).map(|n| format!("n{n:014}")).collect();
    let fill = "INSERT INTO nodes (id, t, rel) \
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 199), \
        every(ids) AS (SELECT json_group_array(printf('n%014d', i)) FROM n) \
        SELECT printf('n%014d', i), 'x', ids FROM n, every";
    accepted(&superuser.post("/api/sql", &json!({"query": fill})));
    ids.into()
}

fn topic(collection: &str, query: &Json) -> String {
    let options = json!({"query": query}).to_string();
    let encoded: String = form_urlencoded::byte_serialize(options.as_bytes()).collect();
    format!("{collection}/*?options={encoded}")
}

fn open(server: &Server, caller: &Caller<'_>, topics: &[&str]) -> Stream {
    let stream = Stream::open(server.address());
    assert_eq!(outcome(&stream.subscribe(caller, topics)), "204 ");
    stream
}

fn told(event: &Event) -> String {
    let data = event.json();
    format!(
        "{} {}",
        data["action"].as_str().unwrap(),
        data["record"]["t"]
    )
}

#[test]
fn what_fails_for_one_subscriber_is_told_to_the_others() {
    let server = Server::start();
    let (superuser, guest) = (server.superuser(), server.guest());
    let ids = make_nodes(&superuser);
    let wide = topic("nodes", &json!({"expand": EXPAND}));
    let wide_numbered = topic("nodes", &json!({"expand": EXPAND, "since": ""}));
    let mut plain = open(&server, &guest, &["nodes/*"]);
    let mut wide = open(&server, &guest, &[&wide]);
    let mut numbered = open(&server, &guest, &[&wide_numbered]);
    for name in ["first", "second"] {
        guest.make("nodes", &json!({"t": name, "rel": ids}));
        assert_eq!(told(&plain.next().unwrap()), format!("create \"{name}\""));
    }
    // Who asked for everything knows that something is missing; what can be told is.
    assert_eq!(told(&numbered.next().unwrap()), "resync null");
    // What comes up while they are caught up with is passed over with that.
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _over = SetOnDrop(&is_over);
        scope.spawn(|| {
            while !is_over.load(Relaxed) {
                guest.make("nodes", &json!({"t": "alone"}));
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        assert_eq!(told(&wide.next().unwrap()), "create \"alone\"");
        let events = numbered.until(|event| told(event) == "create \"alone\"");
        assert_eq!(told(events.last().unwrap()), "create \"alone\"");
    });
}

#[test]
fn a_filter_that_takes_long_keeps_nobody_waiting() {
    let server = Server::start();
    let (superuser, guest) = (server.superuser(), server.guest());
    let ids = make_nodes(&superuser);
    let filter = format!("t = 'quick' || {FILTER}");
    let slow = topic("nodes", &json!({"filter": filter}));
    let slow_numbered = topic("nodes", &json!({"filter": filter, "since": ""}));
    let mut plain = open(&server, &guest, &["nodes/*"]);
    let mut users = open(&server, &superuser, &["users/*"]);
    let slow = open(&server, &guest, &[&slow]);
    let mut numbered = open(&server, &guest, &[&slow_numbered]);
    for name in ["first", "second", "third", "fourth"] {
        guest.make("nodes", &json!({"t": name, "rel": ids}));
        assert_eq!(told(&plain.next().unwrap()), format!("create \"{name}\""));
    }
    server.user("ann");
    assert_eq!(users.next().unwrap().json()["action"], "create");
    assert_eq!(told(&numbered.next().unwrap()), "resync null");
    // What can be found out soon enough is told, though not together with the others; what comes up while they are
    // caught up with is passed over with them.
    until("more than resyncs are told", || {
        guest.make("nodes", &json!({"t": "quick"}));
        let said = told(&numbered.next().unwrap());
        let is_told = said == "create \"quick\"";
        assert!(is_told || said == "resync null", "{said}");
        is_told
    });
    drop(slow);
}

#[test]
fn whoever_is_deleted_is_signed_out_whatever_they_asked_for() {
    let server = Server::start();
    let superuser = server.superuser();
    let ids = make_nodes(&superuser);
    superuser.make_collection(&json!({
        "name": "secrets", "type": "base", "listRule": "@request.auth.id != '' || t = 'end'",
        "fields": [{"name": "t", "type": "text"}],
    }));
    let users = accepted(&superuser.get("/api/collections/users"));
    let mut fields = users["fields"].clone();
    fields.as_array_mut().unwrap().push(json!({
        "name": "rel", "type": "relation", "maxSelect": 999,
        "collectionId": accepted(&superuser.get("/api/collections/nodes"))["id"],
    }));
    let open_to_users = json!({"fields": fields, "listRule": "@request.auth.id != ''"});
    accepted(&superuser.patch("/api/collections/users", &open_to_users));
    let ann = server.user("ann");
    let own = accepted(&ann.post("/api/collections/users/auth-refresh", &json!({})));
    let id = own["record"]["id"].as_str().unwrap();
    accepted(&superuser.patch(&record("users", id), &json!({ "rel": ids })));
    let wide = topic("users", &json!({"expand": EXPAND}));
    let mut stream = open(&server, &ann, &["secrets/*", &wide]);
    superuser.make("secrets", &json!({"t": "for ann"}));
    assert_eq!(told(&stream.next().unwrap()), "create \"for ann\"");
    assert_eq!(superuser.delete(&record("users", id)).status, 204);
    superuser.make("secrets", &json!({"t": "no longer"}));
    superuser.make("secrets", &json!({"t": "end"}));
    let events = stream.until(|event| event.json()["record"]["t"] == "end");
    let about: Vec<String> = events
        .iter()
        .filter(|event| event.name == "secrets/*")
        .map(told)
        .collect();
    assert_eq!(about, ["create \"end\""]);
}

/// Each of them has more to catch up with than fits into its outbox and the buffers of the network.
#[test]
fn who_catches_up_does_not_wait_for_clients_that_do_not_read() {
    const EVENTS: usize = 300;
    let server = Server::start();
    let (superuser, guest) = (server.superuser(), server.guest());
    superuser.make_collection(&json!({
        "name": "pages", "type": "base", "listRule": "", "viewRule": "",
        "fields": [{"name": "t", "type": "text", "max": 200_000}],
    }));
    let start = accepted(&guest.get("/api/stead/changes"))["seq"].to_string();
    let text = "x".repeat(100_000);
    for _ in 0..EVENTS {
        superuser.make("pages", &json!({ "t": text }));
    }
    let missed = topic("pages", &json!({ "since": start }));
    let stuck: Vec<Stream> = (0..4).map(|_| open(&server, &guest, &[&missed])).collect();
    let mut reads = open(&server, &guest, &[&missed]);
    for _ in 0..EVENTS {
        assert_eq!(reads.next().unwrap().json()["action"], "create");
    }
    drop(stuck);
}

#[test]
fn managers_see_the_address_of_a_deleted_account() {
    let server = Server::start();
    let superuser = server.superuser();
    superuser.make_collection(&json!({
        "name": "members", "type": "auth", "listRule": "@request.auth.id != ''",
        "manageRule": "@request.auth.t = 'boss' && t != 'secret'",
        "fields": [{"name": "t", "type": "text"}],
    }));
    let account = |name: &str, t: &str| {
        superuser.make(
            "members",
            &json!({
                "email": format!("{name}@example.com"), "t": t, "verified": true,
                "password": "1234567890", "passwordConfirm": "1234567890",
            }),
        )
    };
    account("boss", "boss");
    account("other", "other");
    let boss = server.sign_in("members", "boss@example.com");
    let other = server.sign_in("members", "other@example.com");
    let mut streams = [&boss, &other].map(|caller| open(&server, caller, &["members/*"]));
    for (name, t, sees) in [("ann", "plain", true), ("bob", "secret", false)] {
        let made = account(name, t);
        let path = record("members", made["id"].as_str().unwrap());
        assert_eq!(superuser.delete(&path).status, 204);
        for action in ["create", "delete"] {
            let shown = streams.each_mut().map(|stream| {
                let data = stream.next().unwrap().json();
                assert_eq!(data["action"], action);
                data["record"]["email"].is_string()
            });
            assert_eq!(shown, [sees, false], "{action} {name}");
        }
    }
}

const THROWS: &str = r#"
on_record_enrich("notes", |e| {
    if e.record.t == "odd" && e.request_info().auth == () { throw "not for guests"; }
    e.next();
});
"#;

#[test]
fn a_handler_that_fails_for_some_is_nothing_to_the_others() {
    let server = Server::start_with(&[], |home| {
        let folder = home.join("hooks");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("notes.rhai"), THROWS).unwrap();
    });
    let (superuser, guest) = (server.superuser(), server.guest());
    superuser.make_collection(&json!({
        "name": "notes", "type": "base", "listRule": "",
        "fields": [{"name": "t", "type": "text"}],
    }));
    let mut all = open(&server, &superuser, &["notes/*"]);
    let mut some = open(&server, &guest, &["notes/*"]);
    for t in ["one", "odd", "two"] {
        superuser.make("notes", &json!({ "t": t }));
        assert_eq!(told(&all.next().unwrap()), format!("create \"{t}\""));
    }
    for t in ["one", "two"] {
        assert_eq!(told(&some.next().unwrap()), format!("create \"{t}\""));
    }
}
