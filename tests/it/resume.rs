//! Coming back after a disconnect: what was missed is told once, in order, and then come live events.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::support::events::{Event, Stream};
use crate::support::{Caller, Server, accepted, json, outcome, record, records};

fn make_notes(superuser: &Caller<'_>, rule: &Json) {
    superuser.make_collection(&json!({
        "name": "notes", "type": "base", "listRule": rule, "viewRule": rule,
        "fields": [{"name": "title", "type": "text"}, {"name": "open", "type": "bool"}],
    }));
}

fn make(caller: &Caller<'_>, title: &str) -> String {
    let note = accepted(&caller.post(&records("notes"), &json!({"title": title, "open": true})));
    note["id"].as_str().unwrap().to_owned()
}

fn since(topic: &str, seen: &str) -> String {
    let options = json!({"query": {"since": seen}}).to_string();
    let encoded: String = form_urlencoded::byte_serialize(options.as_bytes()).collect();
    format!("{topic}?options={encoded}")
}

/// Where the log ends now.
fn newest(caller: &Caller<'_>) -> i64 {
    accepted(&caller.get("/api/stead/changes"))["seq"]
        .as_i64()
        .unwrap()
}

fn told(events: &[Event]) -> Vec<String> {
    let line = |event: &Event| {
        let data = event.json();
        format!(
            "{} {}",
            data["action"].as_str().unwrap(),
            data["record"]["title"].as_str().unwrap_or("-")
        )
    };
    events.iter().map(line).collect()
}

fn until_end(stream: &mut Stream) -> Vec<Event> {
    stream.until(|event| event.json()["record"]["title"] == "end")
}

#[test]
fn a_subscription_that_says_what_it_saw_gets_the_rest() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, &json!(""));
    let start = newest(&superuser);
    let first = make(&superuser, "a");
    make(&superuser, "b");
    accepted(&superuser.patch(&record("notes", &first), &json!({"title": "a2"})));
    assert_eq!(superuser.delete(&record("notes", &first)).status, 204);
    let mut stream = Stream::open(server.address());
    let topic = since("notes/*", &start.to_string());
    assert_eq!(
        outcome(&stream.subscribe(&server.guest(), &[&topic])),
        "204 "
    );
    make(&superuser, "end");
    let events = until_end(&mut stream);
    // Of a record that is gone only its last state is known.
    assert_eq!(
        told(&events),
        [
            "create a2",
            "create b",
            "update a2",
            "delete a2",
            "create end"
        ]
    );
    let numbers: Vec<i64> = events
        .iter()
        .map(|event| event.json()["seq"].as_i64().unwrap())
        .collect();
    assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
    assert!(numbers[0] > start);
    assert!(events.iter().all(|event| event.id == stream.client_id));
    // Submitting the same again tells nothing twice.
    assert_eq!(
        outcome(&stream.subscribe(&server.guest(), &[&topic, "other"])),
        "204 "
    );
    make(&superuser, "end");
    assert_eq!(told(&until_end(&mut stream)), ["create end"]);
    // From the middle on.
    let mut stream = Stream::open(server.address());
    let topic = since("notes/*", &numbers[2].to_string());
    assert_eq!(
        outcome(&stream.subscribe(&server.guest(), &[&topic])),
        "204 "
    );
    assert_eq!(told(&until_end(&mut stream)), ["delete a2", "create end"]);
}

#[test]
fn a_stream_that_says_what_it_saw_gets_the_rest() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, &json!(""));
    let start = newest(&superuser);
    let path = format!("/api/realtime?since={start}");
    let mut stream = Stream::open_with(server.address(), &path, "");
    make(&superuser, "a");
    assert_eq!(
        outcome(&stream.subscribe(&server.guest(), &["notes/*"])),
        "204 "
    );
    let first = stream.next().unwrap();
    assert_eq!(first.id, first.json()["seq"].to_string());
    drop(stream);
    make(&superuser, "b");
    // A browser keeps the address and adds the last id.
    let header = format!("Last-Event-ID: {}\r\n", first.id);
    let mut stream = Stream::open_with(server.address(), &path, &header);
    assert_eq!(
        outcome(&stream.subscribe(&server.guest(), &["notes/*"])),
        "204 "
    );
    make(&superuser, "end");
    assert_eq!(told(&until_end(&mut stream)), ["create b", "create end"]);
    // The last id of somebody who knows nothing of this is a client id.
    let header = "Last-Event-ID: AbC123\r\n";
    let mut stream = Stream::open_with(server.address(), "/api/realtime", header);
    assert_eq!(
        outcome(&stream.subscribe(&server.guest(), &["notes/*"])),
        "204 "
    );
    make(&superuser, "end");
    let event = stream.next().unwrap();
    assert_eq!(event.id, stream.client_id);
    assert_eq!(event.json().get("seq"), None);
}

#[test]
fn a_submission_may_say_it_for_each_subscription() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, &json!(""));
    let start = newest(&superuser);
    make(&superuser, "a");
    let between = newest(&superuser);
    make(&superuser, "end");
    let mut stream = Stream::open(server.address());
    let topic = since("notes/*", &start.to_string());
    let form = json!({
        "clientId": stream.client_id, "subscriptions": [topic], "since": {topic.as_str(): between},
    });
    assert_eq!(server.guest().post("/api/realtime", &form).status, 204);
    let events = until_end(&mut stream);
    assert_eq!(told(&events), ["create end"]);
    assert_eq!(events[0].name, topic);
}

#[test]
fn a_submission_that_says_since_gets_numbers() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, &json!(""));
    let start = newest(&superuser);
    make(&superuser, "a");
    let guest = server.guest();
    let submit = |stream: &Stream, since: &Json| {
        let mut form = json!({"clientId": stream.client_id, "subscriptions": ["notes/*"]});
        if !since.is_null() {
            form["since"] = since["since"].clone();
        }
        assert_eq!(guest.post("/api/realtime", &form).status, 204, "{form}");
    };
    for (since, has_past) in [
        (json!(start), true),
        (json!(start.to_string()), true),
        (json!({ "notes/*": start }), true),
        (json!({"notes/*": ""}), false),
        (json!(""), false),
        (json!("x"), false),
        (json!(1.5), false),
        (json!(null), false),
    ] {
        let mut stream = Stream::open(server.address());
        submit(&stream, &json!({ "since": since }));
        make(&superuser, "end");
        let events = until_end(&mut stream);
        assert_eq!(told(&events)[0] == "create a", has_past, "{since}");
        assert!(
            events.iter().all(|event| event.json()["seq"].is_i64()),
            "{since}"
        );
        // It stays as it is when it is submitted again.
        submit(&stream, &Json::Null);
        make(&superuser, "end");
        let events = until_end(&mut stream);
        assert!(
            events.iter().all(|event| event.json()["seq"].is_i64()),
            "{since}"
        );
    }
    for other in [Json::Null, json!({"since": {"other": start}})] {
        let mut stream = Stream::open(server.address());
        submit(&stream, &other);
        make(&superuser, "end");
        let events = until_end(&mut stream);
        assert_eq!(told(&events), ["create end"]);
        assert_eq!(events[0].json().get("seq"), None, "{other}");
    }
}

#[test]
fn what_the_log_no_longer_tells_is_said() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, &json!(""));
    let end = newest(&superuser);
    for seen in [end + 1000, -5] {
        let mut stream = Stream::open(server.address());
        let topic = since("notes/*", &seen.to_string());
        assert_eq!(
            outcome(&stream.subscribe(&server.guest(), &[&topic])),
            "204 "
        );
        let event = stream.next().unwrap();
        assert_eq!(event.name, topic);
        assert_eq!(
            event.json(),
            json!({"action": "resync", "record": {}, "seq": newest(&superuser)})
        );
        make(&superuser, "end");
        assert_eq!(told(&until_end(&mut stream)), ["create end"]);
        let path = format!("/api/stead/changes?since={seen}");
        assert_eq!(accepted(&superuser.get(&path))["resync"], json!(true));
    }
}

#[test]
fn what_was_missed_is_told_by_the_rules_of_now() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, &json!("open = true"));
    let start = newest(&superuser);
    let closed = make(&superuser, "closed since");
    accepted(&superuser.patch(&record("notes", &closed), &json!({"open": false})));
    make(&superuser, "open");
    let topic = since("notes/*", &start.to_string());
    let mut stream = Stream::open(server.address());
    assert_eq!(
        outcome(&stream.subscribe(&server.guest(), &[&topic])),
        "204 "
    );
    make(&superuser, "end");
    assert_eq!(told(&until_end(&mut stream)), ["create open", "create end"]);
    let page = |caller: &Caller<'_>| {
        let path = format!("/api/stead/changes?since={start}&collections=notes");
        accepted(&caller.get(&path))["items"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(page(&server.guest()), 2);
    assert_eq!(page(&superuser), 4);
    accepted(&superuser.patch("/api/collections/notes", &json!({"listRule": null})));
    assert_eq!(page(&server.guest()), 0);
    assert_eq!(page(&superuser), 4);
}

#[test]
fn pages_of_the_log_lead_from_one_to_the_next() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, &json!(""));
    let guest = server.guest();
    let mut seen = newest(&superuser);
    let notes: Vec<String> = (0..7).map(|n| make(&superuser, &n.to_string())).collect();
    assert_eq!(superuser.delete(&record("notes", &notes[3])).status, 204);
    let mut told = Vec::new();
    loop {
        let path = format!("/api/stead/changes?since={seen}&limit=3&fields=title");
        let page = accepted(&guest.get(&path));
        assert_eq!(page["resync"], json!(false));
        for item in page["items"].as_array().unwrap() {
            told.push(format!(
                "{} {}",
                item["action"].as_str().unwrap(),
                item["record"]
            ));
        }
        seen = page["seq"].as_i64().unwrap();
        if page["hasMore"] == json!(false) {
            break;
        }
    }
    let mut expected: Vec<String> = (0..7)
        .map(|n| format!("create {{\"title\":\"{n}\"}}"))
        .collect();
    expected.push("delete {\"title\":\"3\"}".to_owned());
    assert_eq!(told, expected);
    let start = seen - 8;
    for (limit, expect) in [("0", 1), ("5000000000", 8)] {
        let path = format!("/api/stead/changes?since={start}&limit={limit}");
        let page = accepted(&guest.get(&path));
        assert_eq!(page["items"].as_array().unwrap().len(), expect, "{limit}");
    }
    for bad in ["since=x", "since=1&limit=x"] {
        assert_eq!(guest.get(&format!("/api/stead/changes?{bad}")).status, 400);
    }
    let none = json(&guest.get("/api/stead/changes?since=0&collections=users,nothing"));
    assert_eq!(none["items"], json!([]));
}

/// The pages of the log after a change: the members of their items that `show` picks.
fn pages(caller: &Caller<'_>, mut seen: i64, more: &str, show: &str) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    loop {
        let page = accepted(&caller.get(&format!("/api/stead/changes?since={seen}{more}")));
        let line = |item: &Json| {
            let action = item["action"].as_str().unwrap();
            format!("{action} {}", item["record"][show])
        };
        pages.push(page["items"].as_array().unwrap().iter().map(line).collect());
        seen = page["seq"].as_i64().unwrap();
        if page["hasMore"] == json!(false) {
            return pages;
        }
    }
}

#[test]
fn pages_of_large_records_end_sooner() {
    const TEXT: usize = 3 << 20;
    let server = Server::start();
    let superuser = server.superuser();
    superuser.make_collection(&json!({
        "name": "essays", "type": "base", "listRule": "",
        "fields": [{"name": "body", "type": "text", "max": TEXT}, {"name": "n", "type": "number"}],
    }));
    let start = newest(&superuser);
    let first = json!({"body": "x".repeat(TEXT), "n": 0});
    let essay = accepted(&superuser.post(&records("essays"), &first));
    let path = record("essays", essay["id"].as_str().unwrap());
    for n in 1..10 {
        accepted(&superuser.patch(&path, &json!({"n": n})));
    }
    let guest = server.guest();
    for more in ["&limit=1000", "&limit=1000&fields=n"] {
        let pages = pages(&guest, start, more, "n");
        let longest = pages.iter().map(Vec::len).max().unwrap();
        assert!((2..10).contains(&longest), "{more} {pages:?}");
        let mut expect = vec!["update 9"; 10];
        expect[0] = "create 9";
        assert_eq!(pages.concat(), expect, "{more}");
    }
    // Who comes back to a stream gets all of it as well.
    let mut stream = Stream::open(server.address());
    let topic = since("essays/*", &start.to_string());
    assert_eq!(
        outcome(&stream.subscribe(&server.guest(), &[&topic])),
        "204 "
    );
    for _ in 0..10 {
        assert_eq!(stream.next().unwrap().json()["record"]["n"], json!(9));
    }
}

#[test]
fn records_with_the_same_id_end_each_as_it_was_last() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, &json!(""));
    let start = newest(&superuser);
    for title in ["a", "b", "c"] {
        let note = json!({"id": "samenote0000000", "title": title, "open": true});
        accepted(&superuser.post(&records("notes"), &note));
        let gone = superuser.delete(&record("notes", "samenote0000000"));
        assert_eq!(gone.status, 204);
    }
    let expect =
        ["a", "b", "c"].map(|title| [format!("create \"{title}\""), format!("delete \"{title}\"")]);
    for limit in [1, 2, 3, 100] {
        let pages = pages(&server.guest(), start, &format!("&limit={limit}"), "title");
        assert_eq!(pages.concat(), expect.concat(), "{limit}");
    }
}

#[test]
fn a_killed_server_knows_what_its_clients_missed() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, &json!(""));
    let mut stream = Stream::open(server.address());
    let topic = since("notes/*", "");
    assert_eq!(
        outcome(&stream.subscribe(&server.guest(), &[&topic])),
        "204 "
    );
    make(&superuser, "seen");
    let seen = stream.next().unwrap().json()["seq"].to_string();
    let gone = make(&superuser, "missed");
    assert_eq!(superuser.delete(&record("notes", &gone)).status, 204);
    let home: Arc<_> = server.home();
    drop(server);
    let server = Server::start_at(home, &[]);
    let superuser = server.superuser();
    let mut stream = Stream::open(server.address());
    let topic = since("notes/*", &seen);
    assert_eq!(
        outcome(&stream.subscribe(&server.guest(), &[&topic])),
        "204 "
    );
    make(&superuser, "end");
    let events = until_end(&mut stream);
    assert_eq!(
        told(&events),
        ["create missed", "delete missed", "create end"]
    );
}

#[test]
fn a_deleted_collection_leaves_nothing_in_the_log_for_its_successor() {
    let server = Server::start();
    let (superuser, guest) = (server.superuser(), server.guest());
    let make = |rule: Json| {
        superuser.make_collection(&json!({
            "name": "orders", "type": "base", "listRule": rule, "viewRule": rule,
            "fields": [{"name": "note", "type": "text"}],
        }))
    };
    let start = accepted(&guest.get("/api/stead/changes"))["seq"].to_string();
    let first = make(Json::Null);
    for note in ["gone", "there"] {
        let made = superuser.make("orders", &json!({"note": note}));
        if note == "gone" {
            let path = record("orders", made["id"].as_str().unwrap());
            assert_eq!(superuser.delete(&path).status, 204);
        }
    }
    assert_eq!(superuser.delete("/api/collections/orders").status, 204);
    assert_eq!(make(json!(""))["id"], first["id"]);
    let page = accepted(&guest.get(&format!("/api/stead/changes?since={start}")));
    assert_eq!(page["items"], json!([]), "{page}");
    assert_eq!(page["resync"], json!(false));
    let mut stream = Stream::open(server.address());
    let topic = since("orders/*", &start);
    assert_eq!(outcome(&stream.subscribe(&guest, &[&topic])), "204 ");
    superuser.make("orders", &json!({"note": "new"}));
    assert_eq!(stream.next().unwrap().json()["record"]["note"], "new");
}

#[test]
fn a_removed_field_leaves_nothing_in_the_log_for_its_successor() {
    let server = Server::start();
    let (superuser, guest) = (server.superuser(), server.guest());
    let made = superuser.make_collection(&json!({
        "name": "orders", "type": "base", "listRule": "", "viewRule": "",
        "fields": [{"name": "title", "type": "text"}, {"name": "h", "type": "text", "hidden": true}],
    }));
    let start = accepted(&guest.get("/api/stead/changes"))["seq"].to_string();
    let order = superuser.make("orders", &json!({"title": "a", "h": "hidden"}));
    let path = record("orders", order["id"].as_str().unwrap());
    assert_eq!(superuser.delete(&path).status, 204);
    let path = "/api/collections/orders";
    let kept: Vec<Json> = made["fields"].as_array().unwrap().clone();
    let kept: Vec<Json> = kept
        .into_iter()
        .filter(|field| field["name"] != "h")
        .collect();
    accepted(&superuser.patch(path, &json!({ "fields": kept })));
    let mut again = kept;
    // Renamed meanwhile, the other one is still known.
    for field in &mut again {
        if field["name"] == "title" {
            field["name"] = json!("heading");
        }
    }
    again.push(json!({"name": "h", "type": "text"}));
    accepted(&superuser.patch(path, &json!({ "fields": again })));
    let page = accepted(&guest.get(&format!("/api/stead/changes?since={start}")));
    for item in page["items"].as_array().unwrap() {
        assert_eq!(item["record"]["heading"], "a", "{page}");
        assert_eq!(item["record"]["h"], "", "{page}");
    }
    assert_eq!(page["items"].as_array().unwrap().len(), 2, "{page}");
    assert_eq!(accepted(&guest.get(&records("orders")))["items"], json!([]));
}
