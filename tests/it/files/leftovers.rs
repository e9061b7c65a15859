//! What refused and odd saves leave in the storage: nothing.

use serde_json::json;

use super::{papers, stored, upload};
use crate::support::{Server, accepted, json, record, records, text};

/// Folders in the storage, those of collections included.
fn folders(server: &Server) -> Vec<String> {
    let (mut found, mut waiting) = (Vec::new(), vec![server.home().path().join("data/storage")]);
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(next).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                found.push(entry.path().display().to_string());
                waiting.push(entry.path());
            }
        }
    }
    found.sort_unstable();
    found
}

#[test]
fn refused_saves_leave_no_folder_behind() {
    let server = Server::start();
    let _superuser = papers(&server);
    let guest = server.guest();
    let kept = accepted(&upload(&guest, "kept", "file", "kept.txt", b"kept"));
    let path = record("papers", kept["id"].as_str().unwrap());
    let before = folders(&server);
    assert_eq!(before.len(), 2, "{before:?}");
    let new = [("file", "new.txt", b"new".as_slice())];
    for id in ["nothing", "zzz", "a%20b"] {
        let answer = guest.form("PATCH", &record("papers", id), &[], &new);
        assert_eq!(answer.status, 404, "{}", text(&answer));
    }
    for t in ["no", "taken", "12345678901"] {
        for (method, path) in [("POST", &records("papers")), ("PATCH", &path)] {
            let answer = guest.form(method, path, &[("t", t), ("id", "abcdefghijklmno")], &new);
            assert!(matches!(answer.status, 400 | 404), "{t} {}", text(&answer));
        }
    }
    assert_eq!(folders(&server), before);
    // A record without files needs none either.
    accepted(&guest.form("PATCH", &path, &[("file", "")], &[]));
    assert_eq!(folders(&server).len(), 1);
}

#[test]
fn a_bad_id_is_told_with_a_file_like_without() {
    let server = Server::start();
    let superuser = papers(&server);
    superuser.make_collection(&json!({
        "name": "any_ids", "type": "base", "createRule": "",
        "fields": [
            {"name": "id", "type": "text", "primaryKey": true, "system": true, "required": true,
             "pattern": "", "min": 0, "max": 0, "autogeneratePattern": "[a-z]{15}"},
            {"name": "file", "type": "file"},
        ],
    }));
    let guest = server.guest();
    let long = "x".repeat(300);
    for collection in ["papers", "any_ids"] {
        for id in ["../../x", "a/b", "..", "a:b", &long] {
            let create = |files: &[(&str, &str, &[u8])]| {
                guest.form("POST", &records(collection), &[("id", id)], files)
            };
            let with = create(&[("file", "new.txt", b"new")]);
            assert_eq!(with.status, 400, "{id} {}", text(&with));
            if (collection, id) != ("any_ids", &long) {
                assert_eq!(text(&with), text(&create(&[])), "{id}");
                assert!(json(&with)["data"]["id"].is_object(), "{}", text(&with));
            }
        }
    }
    assert_eq!(folders(&server).len(), 0);
}

#[test]
fn files_that_no_field_takes_are_not_kept() {
    let server = Server::start();
    let superuser = server.superuser();
    accepted(&superuser.patch("/api/settings", &json!({"batch": {"enabled": true}})));
    superuser.make_collection(&json!({
        "name": "albums", "type": "base", "viewRule": "", "createRule": "", "updateRule": "",
        "fields": [
            {"name": "one", "type": "file"},
            {"name": "many", "type": "file", "maxSelect": 5},
            {"name": "secret", "type": "file", "hidden": true},
        ],
    }));
    let guest = server.guest();
    let (a, b) = (("a.txt", b"a".as_slice()), ("b.txt", b"b".as_slice()));
    let mut expect = 0;
    let mut id = String::new();
    for (fields, n_kept) in [
        (["secret", "secret"], 0),
        (["one-", "many-"], 0),
        (["one", "one"], 1),
        (["one", "one+"], 1),
        (["+one", "one"], 1),
        (["many", "many+"], 2),
    ] {
        let in_batch: Vec<String> = fields.map(|name| format!("requests.0.{name}")).into();
        let files = [(fields[0], a.0, a.1), (fields[1], b.0, b.1)];
        let made = accepted(&guest.form("POST", &records("albums"), &[], &files));
        id = made["id"].as_str().unwrap().to_owned();
        let requests = json!({"requests": [{"method": "POST", "url": records("albums")}]});
        let files = [(in_batch[0].as_str(), a.0, a.1), (&in_batch[1], b.0, b.1)];
        let payload = [("@jsonPayload", requests.to_string())];
        let payload = payload
            .each_ref()
            .map(|(name, text)| (*name, text.as_str()));
        accepted(&guest.form("POST", "/api/batch", &payload, &files));
        expect += 2 * n_kept;
        assert_eq!(stored(&server).len(), 2 * expect, "{fields:?}");
    }
    // What is there already stays the one file then.
    let path = record("albums", &id);
    accepted(&guest.form("PATCH", &path, &[], &[("one", a.0, a.1)]));
    let before = stored(&server);
    accepted(&guest.form("PATCH", &path, &[], &[("+one", b.0, b.1)]));
    assert_eq!(stored(&server), before);
}
