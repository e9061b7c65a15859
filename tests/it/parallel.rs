//! Many callers at once: every acknowledged change counts, and nobody sees half of one.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value as Json, json};

use crate::support::{
    Caller, Response, Server, SetOnDrop, accepted, files_in, json, record, records, text, together,
};

const CALLERS: usize = 32;

/// A collection open to everyone.
fn open_collection(superuser: &Caller<'_>, name: &str, fields: &Json, indexes: &Json) -> String {
    let made = superuser.make_collection(&json!({
        "name": name, "type": "base", "fields": fields, "indexes": indexes,
        "listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
    }));
    made["id"].as_str().unwrap().to_owned()
}

fn id_of(record: &Json) -> &str {
    record["id"].as_str().unwrap()
}

fn n_with(answers: &[Response], status: u16) -> usize {
    answers
        .iter()
        .filter(|answer| answer.status == status)
        .count()
}

fn sorted(list: &Json) -> Vec<String> {
    let mut items: Vec<String> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item.as_str().unwrap().to_owned())
        .collect();
    items.sort_unstable();
    items
}

#[test]
fn every_addition_counts() {
    let server = Server::start();
    let (guest, superuser) = (server.guest(), server.superuser());
    open_collection(
        &superuser,
        "counters",
        &json!([{"name": "n", "type": "number"}]),
        &json!([]),
    );
    let id = id_of(&guest.make("counters", &json!({"n": 10}))).to_owned();
    let answers = together(CALLERS, |_| {
        guest.patch(&record("counters", &id), &json!({"n+": 1}))
    });
    let seen: BTreeSet<i64> = answers
        .iter()
        .map(|answer| accepted(answer)["n"].as_i64().unwrap())
        .collect();
    // Each caller is told the sum after its own addition.
    assert_eq!(seen, (11..=42).collect());
    assert_eq!(guest.look("counters", &id)["n"], 42);
}

#[test]
fn changes_of_different_fields_do_not_undo_each_other() {
    let server = Server::start();
    let (guest, superuser) = (server.guest(), server.superuser());
    let fields: Vec<Json> = (0..CALLERS)
        .map(|i| json!({"name": format!("f{i}"), "type": "text"}))
        .collect();
    open_collection(&superuser, "notes", &json!(fields), &json!([]));
    let id = id_of(&guest.make("notes", &json!({}))).to_owned();
    together(CALLERS, |i| {
        let name = format!("f{i}");
        accepted(&guest.patch(&record("notes", &id), &json!({name: format!("v{i}")})));
    });
    let after = guest.look("notes", &id);
    for i in 0..CALLERS {
        assert_eq!(after[format!("f{i}")], format!("v{i}"));
    }
}

#[test]
fn one_delete_of_many_succeeds() {
    let server = Server::start();
    let (guest, superuser) = (server.guest(), server.superuser());
    open_collection(
        &superuser,
        "notes",
        &json!([{"name": "t", "type": "text"}]),
        &json!([]),
    );
    for _ in 0..5 {
        let id = id_of(&guest.make("notes", &json!({"t": "x"}))).to_owned();
        let answers = together(8, |_| guest.delete(&record("notes", &id)));
        assert_eq!((n_with(&answers, 204), n_with(&answers, 404)), (1, 7));
    }
}

#[test]
fn one_of_equal_unique_values_wins() {
    let server = Server::start();
    let (guest, superuser) = (server.guest(), server.superuser());
    open_collection(
        &superuser,
        "names",
        &json!([{"name": "t", "type": "text"}]),
        &json!(["CREATE UNIQUE INDEX idx_t ON names (t)"]),
    );
    let answers = together(CALLERS, |_| {
        guest.post(&records("names"), &json!({"t": "same"}))
    });
    assert_eq!(
        (n_with(&answers, 200), n_with(&answers, 400)),
        (1, CALLERS - 1)
    );
    for answer in answers.iter().filter(|answer| answer.status == 400) {
        assert_eq!(
            json(answer)["data"]["t"]["code"],
            "validation_not_unique",
            "{}",
            text(answer)
        );
    }
    assert_eq!(guest.items("names", "").len(), 1);

    let answers = together(8, |_| {
        let email = "twin@example.com";
        let data =
            json!({"email": email, "password": "1234567890", "passwordConfirm": "1234567890"});
        guest.post(&records("users"), &data)
    });
    assert_eq!((n_with(&answers, 200), n_with(&answers, 400)), (1, 7));
}

#[test]
fn appended_values_are_all_kept() {
    let server = Server::start();
    let (guest, superuser) = (server.guest(), server.superuser());
    let tags = open_collection(
        &superuser,
        "tags",
        &json!([{"name": "t", "type": "text"}]),
        &json!([]),
    );
    let values: Vec<String> = (0..CALLERS).map(|i| format!("v{i:02}")).collect();
    let fields = json!([
        {"name": "words", "type": "select", "values": values, "maxSelect": CALLERS},
        {"name": "tags", "type": "relation", "collectionId": tags, "maxSelect": CALLERS},
        {"name": "files", "type": "file", "maxSelect": CALLERS},
    ]);
    open_collection(&superuser, "posts", &fields, &json!([]));
    let ids: Vec<String> = (0..CALLERS)
        .map(|i| id_of(&guest.make("tags", &json!({"t": i}))).to_owned())
        .collect();
    let id = id_of(&guest.make("posts", &json!({}))).to_owned();
    together(CALLERS, |i| {
        let change = json!({"words+": values[i], "+tags": ids[i]});
        accepted(&guest.patch(&record("posts", &id), &change));
    });
    together(8, |i| {
        let name = format!("file{i}.txt");
        let files = [("files+", name.as_str(), name.as_bytes())];
        accepted(&guest.form("PATCH", &record("posts", &id), &[], &files));
    });
    let after = guest.look("posts", &id);
    assert_eq!(sorted(&after["words"]), values);
    let mut expect = ids;
    expect.sort_unstable();
    assert_eq!(sorted(&after["tags"]), expect);
    let names = sorted(&after["files"]);
    assert_eq!(names.len(), 8);
    for name in names {
        let answer = guest.get(&format!("/api/files/posts/{id}/{name}"));
        assert_eq!(answer.status, 200);
        let original = String::from_utf8(answer.body).unwrap();
        assert!(
            name.starts_with(original.trim_end_matches(".txt")),
            "{name} {original}"
        );
    }
}

#[test]
fn a_failing_batch_writes_nothing() {
    let server = Server::start();
    let (guest, superuser) = (server.guest(), server.superuser());
    accepted(&superuser.patch("/api/settings", &json!({"batch": {"enabled": true}})));
    let fields = json!([
        {"name": "t", "type": "text"},
        {"name": "n", "type": "number"},
        {"name": "file", "type": "file"},
    ]);
    open_collection(
        &superuser,
        "posts",
        &fields,
        &json!(["CREATE UNIQUE INDEX idx_p ON posts (t)"]),
    );
    let kept = guest.form(
        "POST",
        &records("posts"),
        &[("t", "kept"), ("n", "1")],
        &[("file", "kept.txt", b"kept")],
    );
    let kept = accepted(&kept);
    let doomed = guest.make("posts", &json!({"t": "doomed"}));
    let before = guest.items("posts", "sort=t");
    let storage = server.home().path().join("data/storage");
    let files = files_in(&storage);
    assert_eq!(files.len(), 2, "{files:?}");

    let url = records("posts");
    let requests = json!({"requests": [
        {"method": "POST", "url": url, "body": {"t": "new"}},
        {"method": "PATCH", "url": record("posts", id_of(&kept)), "body": {"n+": 5, "file": null}},
        {"method": "DELETE", "url": record("posts", id_of(&doomed))},
        {"method": "PUT", "url": url, "body": {"id": "abcdefghijklmno", "t": "put"}},
        {"method": "POST", "url": url, "body": {"t": "kept"}},
    ]})
    .to_string();
    let uploads: [(&str, &str, &[u8]); 3] = [
        ("requests.0.file", "a.txt", b"aaa"),
        ("requests[3].file", "b.txt", b"bbb"),
        ("requests.4.file", "c.txt", b"ccc"),
    ];
    let answers = together(8, |_| {
        guest.form(
            "POST",
            "/api/batch",
            &[("@jsonPayload", &requests)],
            &uploads,
        )
    });
    for answer in &answers {
        assert_eq!(answer.status, 400, "{}", text(answer));
        let failed = &json(answer)["data"]["requests"]["4"];
        assert_eq!(failed["code"], "batch_request_failed", "{}", text(answer));
        assert_eq!(
            failed["response"]["data"]["t"]["code"],
            "validation_not_unique"
        );
    }
    assert_eq!(guest.items("posts", "sort=t"), before);
    assert_eq!(files_in(&storage), files);
}

#[test]
fn batches_at_once_are_all_or_nothing() {
    let server = Server::start();
    let (guest, superuser) = (server.guest(), server.superuser());
    accepted(&superuser.patch("/api/settings", &json!({"batch": {"enabled": true}})));
    open_collection(
        &superuser,
        "accounts",
        &json!([{"name": "n", "type": "number"}]),
        &json!([]),
    );
    let accounts: Vec<String> = (0..2)
        .map(|_| id_of(&guest.make("accounts", &json!({"n": 100}))).to_owned())
        .collect();
    together(CALLERS, |i| {
        let (from, to) = (&accounts[i % 2], &accounts[(i + 1) % 2]);
        let mut requests = vec![
            json!({"method": "PATCH", "url": record("accounts", from), "body": {"n-": 3}}),
            json!({"method": "PATCH", "url": record("accounts", to), "body": {"n+": 3}}),
        ];
        if i % 4 == 0 {
            requests.push(json!({"method": "DELETE", "url": record("accounts", "nothing")}));
        }
        let answer = guest.post("/api/batch", &json!({ "requests": requests }));
        assert_eq!(
            answer.status,
            if i % 4 == 0 { 400 } else { 200 },
            "{}",
            text(&answer)
        );
    });
    let left = |i: usize| guest.look("accounts", &accounts[i])["n"].as_i64().unwrap();
    // Eight of the sixteen transfers out of the first account failed as a whole.
    assert_eq!(
        (left(0), left(1)),
        (100 - 8 * 3 + 16 * 3, 100 + 8 * 3 - 16 * 3)
    );
}

#[test]
fn settings_changed_at_once_are_all_kept() {
    let server = Server::start();
    let superuser = server.superuser();
    let patches = [
        json!({"meta": {"appName": "one"}}),
        json!({"meta": {"senderName": "two"}}),
        json!({"logs": {"maxDays": 11}}),
        json!({"batch": {"maxRequests": 12}}),
        json!({"smtp": {"host": "mail.example.com"}}),
    ];
    together(patches.len(), |i| {
        accepted(&superuser.patch("/api/settings", &patches[i]));
    });
    let after = accepted(&superuser.get("/api/settings"));
    assert_eq!(after["meta"]["appName"], "one");
    assert_eq!(after["meta"]["senderName"], "two");
    assert_eq!(after["logs"]["maxDays"], 11);
    assert_eq!(after["batch"]["maxRequests"], 12);
    assert_eq!(after["smtp"]["host"], "mail.example.com");
}

#[test]
fn collections_changed_at_once_are_all_kept() {
    let server = Server::start();
    let superuser = server.superuser();
    let answers = together(8, |i| {
        let name = format!("c{}", i / 2);
        superuser.post("/api/collections", &json!({"name": name, "type": "base"}))
    });
    assert_eq!((n_with(&answers, 200), n_with(&answers, 400)), (4, 4));
    together(4, |i| {
        let path = format!("/api/collections/c{i}");
        accepted(&superuser.patch(&path, &json!({"listRule": "", "name": format!("d{i}")})));
    });
    for i in 0..4 {
        assert!(superuser.items(&format!("d{i}"), "").is_empty());
    }
}

/// The states the collection `things` goes through, one after the other: name, and name of the second field.
const STATES: [(&str, Option<&str>); 6] = [
    ("things", Some("extra")),
    ("things", Some("other")),
    ("stuff", Some("other")),
    ("stuff", None),
    ("things", None),
    ("things", Some("extra")),
];

#[test]
fn a_changing_schema_is_seen_old_or_new_and_never_half() {
    let server = Server::start();
    let (guest, superuser) = (server.guest(), server.superuser());
    let extra = json!([{"name": "n", "type": "number"}, {"name": "extra", "type": "text"}]);
    let id = open_collection(&superuser, "things", &extra, &json!([]));
    let first = id_of(&guest.make(&id, &json!({"n": 1}))).to_owned();
    let done = AtomicBool::new(false);
    let made = std::thread::scope(|scope| {
        let reader = |by: &'static str| {
            let (guest, done, first, id) = (&guest, &done, &first, &id);
            move || {
                while !done.load(Ordering::Relaxed) {
                    let list = guest.get(&format!("{}?{by}", records(id)));
                    assert_eq!(list.status, 200, "{by}: {}", text(&list));
                    for item in json(&list)["items"].as_array().unwrap() {
                        check_whole(item);
                    }
                    check_whole(&guest.look(id, first));
                }
            }
        };
        scope.spawn(reader("skipTotal=1"));
        scope.spawn(reader("sort=-n&filter=n%3E0&perPage=5"));
        let writer = scope.spawn(|| {
            let mut made = BTreeSet::new();
            while !done.load(Ordering::Relaxed) {
                let n = made.len() + 2;
                let record_made = guest.make(&id, &json!({"n": n, "extra": "x", "other": "y"}));
                check_whole(&record_made);
                let path = record(&id, id_of(&record_made));
                check_whole(&accepted(&guest.patch(&path, &json!({"n+": 1000}))));
                made.insert(id_of(&record_made).to_owned());
            }
            made
        });
        let by_name = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                for name in ["things", "stuff"] {
                    let answer = guest.get(&records(name));
                    // The name may be the other one at this moment.
                    assert!(
                        matches!(answer.status, 200 | 404),
                        "{name}: {}",
                        text(&answer)
                    );
                }
            }
        });
        let over = SetOnDrop(&done);
        for round in 0..3 {
            for (name, second) in STATES {
                change_to(&superuser, &id, name, second);
                if round == 1 {
                    // Changes also happen between whole requests.
                    check_whole(&guest.look(&id, &first));
                }
            }
        }
        drop(over);
        by_name.join().unwrap();
        writer.join().unwrap()
    });
    let stored = guest.items(&id, "sort=id&filter=n%3E1000&skipTotal=1");
    let stored_ids: BTreeSet<String> = stored.iter().map(|item| id_of(item).to_owned()).collect();
    assert!(made.len() > 1, "the writer got nothing done");
    assert_eq!(stored_ids, made.into_iter().take(1000).collect());
    assert_eq!(guest.look(&id, &first)["n"], 1);
}

fn change_to(superuser: &Caller<'_>, id: &str, name: &str, second: Option<&str>) {
    let path = format!("/api/collections/{id}");
    let mut fields = accepted(&superuser.get(&path))["fields"].take();
    let fields = fields.as_array_mut().unwrap();
    let position = fields
        .iter()
        .position(|field| field["name"] == "extra" || field["name"] == "other");
    match (position, second) {
        (Some(at), Some(second)) => fields[at]["name"] = json!(second),
        (Some(at), None) => drop(fields.remove(at)),
        (None, Some(second)) => fields.push(json!({"name": second, "type": "text"})),
        (None, None) => {}
    }
    accepted(&superuser.patch(&path, &json!({"name": name, "fields": fields})));
}

#[test]
fn a_crowd_at_one_record_sees_each_change_once_it_is_acknowledged() {
    let server = Server::start();
    let (guest, superuser) = (server.guest(), server.superuser());
    let fields = json!([{"name": "n", "type": "number"}, {"name": "secret", "type": "text", "hidden": true}]);
    let collection = open_collection(&superuser, "pages", &fields, &json!([]));
    let id = id_of(&guest.make("pages", &json!({"n": 0}))).to_owned();
    let path = record("pages", &id);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..CALLERS {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    guest.get(&path);
                }
            });
        }
        let _over = SetOnDrop(&done);
        let rule = |rule: Option<&str>| {
            let path = format!("/api/collections/{collection}");
            accepted(&superuser.patch(&path, &json!({"viewRule": rule})));
        };
        for n in 1..=100 {
            accepted(&guest.patch(&path, &json!({"n": n})));
            for seen in together(4, |_| guest.look("pages", &id)) {
                assert_eq!(seen["n"], n);
                assert!(seen.get("secret").is_none(), "{seen}");
            }
            assert_eq!(superuser.look("pages", &id)["secret"], "");
        }
        rule(Some("n > 100"));
        assert_eq!(guest.get(&path).status, 404);
        rule(Some("n = 100 && @request.query.q = 'a'"));
        assert_eq!(guest.get(&format!("{path}?q=a")).status, 200);
        assert_eq!(guest.get(&format!("{path}?q=b")).status, 404);
        rule(None);
        assert_eq!(guest.get(&path).status, 403);
        rule(Some(""));
        assert_eq!(guest.get(&path).status, 200);
        accepted(&guest.delete(&path));
        assert_eq!(guest.get(&path).status, 404);
    });
}

/// The members of a record must be exactly those of one of the states.
fn check_whole(item: &Json) {
    let item = item.as_object().unwrap();
    let members: BTreeSet<&str> = item
        .keys()
        .map(String::as_str)
        .filter(|name| !matches!(*name, "id" | "n" | "collectionId" | "collectionName"))
        .collect();
    let name = item["collectionName"].as_str().unwrap();
    let fits = STATES.iter().any(|(state, second)| {
        *state == name && members == second.iter().copied().collect::<BTreeSet<_>>()
    });
    assert!(fits, "{item:?}");
    assert_eq!(item.len(), members.len() + 4, "{item:?}");
}
