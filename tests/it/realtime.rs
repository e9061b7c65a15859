//! Live events: who gets which, in what form, and what happens to streams.

use serde_json::{Value as Json, json};

use crate::support::events::{Event, Stream};
use crate::support::{Caller, Server, accepted, outcome, record, records, until};

mod sessions;

/// A collection of notes that belong to somebody.
fn make_notes(superuser: &Caller<'_>, rule: &str) {
    let users = accepted(&superuser.get("/api/collections/users"));
    superuser.make_collection(&json!({
        "name": "notes", "type": "base", "createRule": "", "updateRule": "", "deleteRule": "",
        "listRule": rule, "viewRule": rule,
        "fields": [
            {"name": "title", "type": "text"},
            {"name": "secret", "type": "text", "hidden": true},
            {"name": "number", "type": "number"},
            {"name": "owner", "type": "relation", "collectionId": users["id"], "maxSelect": 1},
        ],
    }));
}

fn make(caller: &Caller<'_>, data: &Json) -> Json {
    accepted(&caller.post(&records("notes"), data))
}

/// Makes a note that everyone sees, and returns what came before it.
fn before_the_end(stream: &mut Stream, caller: &Caller<'_>) -> Vec<Event> {
    make(caller, &json!({"title": "end"}));
    let mut events = stream.until(|event| event.json()["record"]["title"] == "end");
    let last = events.pop();
    assert!(
        last.is_some_and(|event| event.json()["record"]["title"] == "end"),
        "{events:?}"
    );
    events
}

#[test]
fn events_have_the_form_of_the_contract() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, "");
    let mut stream = Stream::open(server.address());
    assert!(
        stream
            .head
            .to_lowercase()
            .contains("content-type: text/event-stream")
    );
    assert!(
        stream
            .head
            .to_lowercase()
            .contains("cache-control: no-store")
    );
    let topics = ["notes/*", "notes/aaaaaaaaaaaaaaa"];
    assert_eq!(outcome(&stream.subscribe(&server.guest(), &topics)), "204 ");
    let note = make(
        &superuser,
        &json!({"id": "aaaaaaaaaaaaaaa", "title": "a", "secret": "s"}),
    );
    let mut seen = note.clone();
    seen.as_object_mut().unwrap().remove("secret");
    let client_id = stream.client_id.clone();
    let mut names = Vec::new();
    for _ in topics {
        let event = stream.next().unwrap();
        assert_eq!(event.id, client_id);
        assert_eq!(event.json(), json!({"record": seen, "action": "create"}));
        names.push(event.name);
    }
    names.sort();
    assert_eq!(names, topics);
    accepted(&superuser.patch(&record("notes", "aaaaaaaaaaaaaaa"), &json!({"number": 5})));
    assert_eq!(
        superuser.delete(&record("notes", "aaaaaaaaaaaaaaa")).status,
        204
    );
    let actions: Vec<(String, Json)> = (0..4)
        .map(|_| stream.next().unwrap().json())
        .map(|data| {
            (
                data["action"].as_str().unwrap().to_owned(),
                data["record"]["number"].clone(),
            )
        })
        .collect();
    let expected = ["update", "update", "delete", "delete"].map(|a| (a.to_owned(), json!(5)));
    assert_eq!(actions, expected);
}

#[test]
fn everyone_gets_what_the_rules_let_them_see() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, "owner = @request.auth.id || title = 'end'");
    let (ann, bob) = (server.user("ann"), server.user("bob"));
    let ann_id =
        accepted(&ann.post("/api/collections/users/auth-refresh", &json!({})))["record"]["id"]
            .clone();
    let mut streams: Vec<Stream> = (0..4).map(|_| Stream::open(server.address())).collect();
    for (stream, caller) in streams
        .iter()
        .zip([&ann, &bob, &server.guest(), &superuser])
    {
        assert_eq!(outcome(&stream.subscribe(caller, &["notes/*"])), "204 ");
    }
    make(
        &superuser,
        &json!({"title": "hers", "secret": "s", "owner": ann_id}),
    );
    make(&superuser, &json!({"title": "nobody's"}));
    let got: Vec<Vec<String>> = streams
        .iter_mut()
        .map(|stream| before_the_end(stream, &superuser))
        .map(|events| {
            let title = |event: &Event| {
                let data = event.json();
                assert_eq!(
                    data["record"].get("secret").is_some(),
                    data["record"]["secret"].is_string()
                );
                format!(
                    "{} {}",
                    data["record"]["title"].as_str().unwrap(),
                    data["record"]["secret"]
                )
            };
            events
                .iter()
                .map(title)
                .filter(|title| !title.starts_with("end"))
                .collect()
        })
        .collect();
    assert_eq!(
        got,
        [
            vec!["hers null".to_owned()],
            // Compat: a guest's empty id equals the empty owner.
            vec![],
            vec!["nobody's null".to_owned()],
            vec!["hers \"s\"".to_owned(), "nobody's \"\"".to_owned()],
        ]
    );
}

#[test]
fn what_only_superusers_see_is_sent_to_them_alone() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, "");
    superuser.make_collection(&json!({
        "name": "ledger", "type": "base", "fields": [{"name": "title", "type": "text"}],
    }));
    let id = "aaaaaaaaaaaaaaa";
    let topics = ["ledger/*", "ledger/aaaaaaaaaaaaaaa", "notes/*"];
    let (ann, guest) = (server.user("ann"), server.guest());
    let mut streams: Vec<Stream> = (0..3).map(|_| Stream::open(server.address())).collect();
    for (stream, caller) in streams.iter().zip([&ann, &guest, &superuser]) {
        assert_eq!(outcome(&stream.subscribe(caller, &topics)), "204 ");
    }
    superuser.make("ledger", &json!({"id": id, "title": "a"}));
    accepted(&superuser.patch(&record("ledger", id), &json!({"title": "b"})));
    assert_eq!(superuser.delete(&record("ledger", id)).status, 204);
    make(&superuser, &json!({"title": "end"}));
    let got = streams.iter_mut().map(|stream| {
        let seen = stream.until(|event| event.name == "notes/*");
        seen.len() - 1
    });
    assert_eq!(got.collect::<Vec<_>>(), [0, 0, 6]);
}

#[test]
fn options_narrow_and_widen_what_is_sent() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, "");
    let option = |query: &Json| {
        let options = json!({"query": query}).to_string();
        let encoded: String = form_urlencoded::byte_serialize(options.as_bytes()).collect();
        format!("notes/*?options={encoded}")
    };
    let topics = [
        option(&json!({"filter": "number > 5"})),
        option(&json!({"fields": "id,title"})),
        option(&json!({"filter": "secret = ''"})),
        option(&json!({"filter": "@request.auth.id = ''"})),
        option(&json!({"filter": "number >"})),
        "notes/*".to_owned(),
    ];
    let names: Vec<&str> = topics.iter().map(String::as_str).collect();
    let mut stream = Stream::open(server.address());
    assert_eq!(outcome(&stream.subscribe(&server.guest(), &names)), "204 ");
    let note = make(&superuser, &json!({"title": "a", "number": 9}));
    let events = before_the_end(&mut stream, &superuser);
    let of = |name: &str| events.iter().filter(|event| event.name == name).count();
    assert_eq!(
        names
            .iter()
            .map(|name| of(name))
            .take(5)
            .collect::<Vec<_>>(),
        [1, 1, 0, 0, 0]
    );
    let picked = events.iter().find(|event| event.name == topics[1]).unwrap();
    assert_eq!(
        picked.json()["record"],
        json!({"id": note["id"], "title": "a"})
    );
}

#[test]
fn unusable_submissions_are_refused() {
    let server = Server::start();
    let stream = Stream::open(server.address());
    let guest = server.guest();
    let submit = |form: Json| guest.post("/api/realtime", &form).status;
    let id = stream.client_id.as_str();
    assert_eq!(submit(json!({})), 400);
    assert_eq!(submit(json!({"clientId": "nobody"})), 404);
    assert_eq!(submit(json!({"clientId": "x".repeat(256)})), 400);
    assert_eq!(submit(json!({"clientId": id, "subscriptions": [5]})), 400);
    assert_eq!(
        submit(json!({"clientId": id, "subscriptions": vec!["a"; 1001]})),
        400
    );
    assert_eq!(
        submit(json!({"clientId": id, "subscriptions": ["a".repeat(2501)]})),
        400
    );
    assert_eq!(
        submit(json!({"clientId": id, "subscriptions": vec!["a"; 1000]})),
        204
    );
    assert_eq!(
        submit(json!({"clientId": id, "subscriptions": ["", "no\nsuch/*", "?options=%"]})),
        204
    );
    // Somebody who has left is unknown.
    let id = id.to_owned();
    drop(stream);
    until("nobody has the id", || {
        guest.post("/api/realtime", &json!({"clientId": id})).status == 404
    });
}

#[test]
fn cascades_are_told_one_by_one() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, "");
    let notes = accepted(&superuser.get("/api/collections/notes"));
    superuser.make_collection(&json!({
        "name": "remarks", "type": "base", "listRule": "",
        "fields": [
            {"name": "text", "type": "text"},
            {"name": "note", "type": "relation", "collectionId": notes["id"], "cascadeDelete": true, "maxSelect": 1},
        ],
    }));
    let note = make(&superuser, &json!({"title": "a"}));
    let id = note["id"].as_str().unwrap();
    for text in ["x", "y"] {
        let remark = json!({"text": text, "note": id});
        accepted(&superuser.post(&records("remarks"), &remark));
    }
    let mut stream = Stream::open(server.address());
    let topics = ["notes/*", "remarks/*"];
    assert_eq!(outcome(&stream.subscribe(&server.guest(), &topics)), "204 ");
    assert_eq!(superuser.delete(&record("notes", id)).status, 204);
    let mut gone: Vec<String> = (0..3)
        .map(|_| stream.next().unwrap().json())
        .map(|data| {
            let record = &data["record"];
            format!("{} {}{}", data["action"], record["title"], record["text"])
        })
        .collect();
    gone.sort();
    assert_eq!(
        gone,
        [
            "\"delete\" \"a\"null",
            "\"delete\" null\"x\"",
            "\"delete\" null\"y\""
        ]
    );
}

/// Nobody is signed in as nobody, which is what a way to a record that is gone leads to.
#[test]
fn a_rule_that_leads_nowhere_any_more_lets_nobody_in() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, "");
    let notes = accepted(&superuser.get("/api/collections/notes"));
    let ann = server.user("ann");
    let own = accepted(&ann.post("/api/collections/users/auth-refresh", &json!({})));
    for (name, rule) in [
        ("remarks", "note.owner = @request.auth.id"),
        ("drafts", "note.title != 'private'"),
    ] {
        superuser.make_collection(&json!({
            "name": name, "type": "base", "listRule": rule, "viewRule": rule,
            "fields": [
                {"name": "text", "type": "text"},
                {"name": "note", "type": "relation", "collectionId": notes["id"], "cascadeDelete": true, "maxSelect": 1},
            ],
        }));
    }
    let make_all = || {
        let note = json!({"title": "private", "owner": own["record"]["id"]});
        let note = make(&superuser, &note)["id"].clone();
        let about = json!({"text": "secret", "note": note});
        let ids = ["remarks", "drafts"].map(|name| {
            let made = accepted(&superuser.post(&records(name), &about));
            record(name, made["id"].as_str().unwrap())
        });
        (record("notes", note.as_str().unwrap()), ids)
    };
    let guest = server.guest();
    let start = accepted(&guest.get("/api/stead/changes"))["seq"].to_string();
    let mut stream = Stream::open(server.address());
    let topics = ["notes/*", "remarks/*", "drafts/*"];
    assert_eq!(outcome(&stream.subscribe(&guest, &topics)), "204 ");
    // All at once, and one after the other.
    let (note, _) = make_all();
    assert_eq!(superuser.delete(&note).status, 204);
    let (note, others) = make_all();
    for path in others.iter().chain([&note]) {
        assert_eq!(superuser.delete(path).status, 204, "{path}");
    }
    let seen = before_the_end(&mut stream, &superuser);
    assert_eq!(seen.len(), 4, "two notes come and go: {seen:?}");
    assert!(!format!("{seen:?}").contains("secret"), "{seen:?}");
    let log = guest.get(&format!("/api/stead/changes?since={start}"));
    let log = accepted(&log).to_string();
    assert!(log.contains("private") && !log.contains("secret"), "{log}");
}

/// What decides about a record may be deleted with it.
#[test]
fn who_could_see_a_record_is_told_when_it_goes_with_others() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, "");
    let notes = accepted(&superuser.get("/api/collections/notes"));
    let (ann, ben) = (server.user("ann"), server.user("ben"));
    let own = accepted(&ann.post("/api/collections/users/auth-refresh", &json!({})));
    let make_about = |name: &str, about: &Json, rule: &str| {
        superuser.make_collection(&json!({
            "name": name, "type": "base", "listRule": rule, "viewRule": rule,
            "fields": [
                {"name": "text", "type": "text"},
                {"name": "of", "type": "relation", "collectionId": about["id"], "cascadeDelete": true, "maxSelect": 1},
            ],
        }))
    };
    let remarks = make_about("remarks", &notes, "of.owner = @request.auth.id");
    make_about(
        "replies",
        &remarks,
        "of.of.owner = @request.auth.id && of.text != ''",
    );
    let seen_through = json!({"listRule": "title = 'end' || remarks_via_of.text ?= 'about'"});
    accepted(&superuser.patch("/api/collections/notes", &seen_through));
    let make_all = || {
        let note = make(
            &superuser,
            &json!({"title": "a", "owner": own["record"]["id"]}),
        );
        let remark = json!({"text": "about", "of": note["id"]});
        let remark = accepted(&superuser.post(&records("remarks"), &remark));
        let reply = json!({"text": "again", "of": remark["id"]});
        let reply = accepted(&superuser.post(&records("replies"), &reply));
        [("notes", note), ("remarks", remark), ("replies", reply)]
            .map(|(name, made)| record(name, made["id"].as_str().unwrap()))
    };
    let settings = json!({"batch": {"enabled": true, "maxRequests": 50, "timeout": 3}});
    accepted(&superuser.patch("/api/settings", &settings));
    let topics = ["notes/*", "remarks/*", "replies/*"];
    let (mut anns, mut bens) = (
        Stream::open(server.address()),
        Stream::open(server.address()),
    );
    let (first, second, third) = (make_all(), make_all(), make_all());
    assert_eq!(outcome(&anns.subscribe(&ann, &topics)), "204 ");
    assert_eq!(outcome(&bens.subscribe(&ben, &topics)), "204 ");
    // All at once.
    assert_eq!(superuser.delete(&first[0]).status, 204);
    // One after the other in one transaction.
    let deletes = |paths: &[&String]| {
        let requests: Vec<Json> = paths
            .iter()
            .map(|path| json!({"method": "DELETE", "url": path}))
            .collect();
        json!({"requests": requests})
    };
    let batch = deletes(&[&second[2], &second[1], &second[0]]);
    accepted(&superuser.post("/api/batch", &batch));
    // What is changed in the same transaction was never theirs to see.
    let mut batch = deletes(&[&third[0]]);
    let change = json!({"method": "PATCH", "url": third[1], "body": {"text": "secret"}});
    batch["requests"].as_array_mut().unwrap().insert(0, change);
    accepted(&superuser.post("/api/batch", &batch));
    let told = |stream: &mut Stream| {
        let seen = before_the_end(stream, &superuser);
        let mut told: Vec<String> = seen
            .iter()
            .map(Event::json)
            .map(|event| format!("{} {}", event["action"], event["record"]["collectionName"]))
            .collect();
        told.sort();
        told.join(", ").replace('"', "")
    };
    assert_eq!(
        told(&mut anns),
        "delete notes, delete notes, delete notes, delete remarks, delete remarks, delete replies, delete replies, \
         delete replies"
    );
    assert_eq!(told(&mut bens), "delete notes, delete notes, delete notes");
}
