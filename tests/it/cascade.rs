//! What deleting a record does to everything that refers to it.

use serde_json::{Value as Json, json};

use crate::support::{Caller, Server, accepted, files_in, outcome, record, records};

const BLOCKED: &str = "400 Failed to delete record. Make sure that the record is not part of a required relation reference.";

fn make_collection(superuser: &Caller<'_>, name: &str, fields: &Json) -> Json {
    superuser.make_collection(&json!({
        "name": name, "type": "base", "fields": fields,
        "listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
    }))["id"]
        .clone()
}

fn relation(name: &str, to: &Json, options: &Json) -> Json {
    let mut field = json!({"name": name, "type": "relation", "collectionId": to, "maxSelect": 1});
    for (key, value) in options.as_object().unwrap() {
        field[key] = value.clone();
    }
    field
}

fn add_field(superuser: &Caller<'_>, collection: &str, field: Json) {
    let path = format!("/api/collections/{collection}");
    let mut fields = accepted(&superuser.get(&path))["fields"].take();
    fields.as_array_mut().unwrap().push(field);
    accepted(&superuser.patch(&path, &json!({ "fields": fields })));
}

fn id_of(record: &Json) -> &str {
    record["id"].as_str().unwrap()
}

#[test]
fn a_long_chain_disappears_at_once() {
    const LINKS: usize = 5000;
    const PER_BATCH: usize = 500;
    let server = Server::start();
    let superuser = server.superuser();
    let batch = json!({"batch": {"enabled": true, "maxRequests": PER_BATCH, "timeout": 60}});
    accepted(&superuser.patch("/api/settings", &batch));
    let id = make_collection(
        &superuser,
        "links",
        &json!([{"name": "n", "type": "number"}]),
    );
    add_field(
        &superuser,
        "links",
        relation("next", &id, &json!({"cascadeDelete": true})),
    );
    let name = |n: usize| format!("link{n:011}");
    for first in (0..LINKS).step_by(PER_BATCH) {
        let requests: Vec<Json> = (first..first + PER_BATCH)
            .map(|n| {
                let next = n.checked_sub(1).map(name);
                let data = json!({"id": name(n), "n": n, "next": next});
                json!({"method": "POST", "url": records("links"), "body": data})
            })
            .collect();
        accepted(&superuser.post("/api/batch", &json!({ "requests": requests })));
    }
    assert_eq!(
        superuser.look("links", &name(LINKS - 1))["next"],
        name(LINKS - 2)
    );
    // A ring is no trap either.
    accepted(&superuser.patch(
        &record("links", &name(0)),
        &json!({"next": name(LINKS - 1)}),
    ));
    accepted(&superuser.delete(&record("links", &name(LINKS / 2))));
    assert!(superuser.items("links", "").is_empty());
}

#[test]
fn a_required_reference_blocks_and_nothing_changes() {
    let server = Server::start();
    let superuser = server.superuser();
    let id = make_collection(
        &superuser,
        "targets",
        &json!([{"name": "t", "type": "text"}]),
    );
    let changed =
        json!({"name": "updated", "type": "autodate", "onCreate": true, "onUpdate": true});
    // The first collections in order would be changed before the last one blocks.
    make_collection(
        &superuser,
        "a_cascading",
        &json!([
            relation("to", &id, &json!({"cascadeDelete": true})),
            changed
        ]),
    );
    make_collection(
        &superuser,
        "b_optional",
        &json!([relation("to", &id, &json!({})), changed]),
    );
    make_collection(
        &superuser,
        "c_many",
        &json!([relation("to", &id, &json!({"maxSelect": 5})), changed]),
    );
    make_collection(
        &superuser,
        "d_required",
        &json!([relation("to", &id, &json!({"required": true})), changed]),
    );
    let target = superuser.make("targets", &json!({"t": "x"}));
    let other = superuser.make("targets", &json!({"t": "y"}));
    let all = ["a_cascading", "b_optional", "c_many", "d_required"];
    for name in all {
        let to = if name == "c_many" {
            json!([target["id"], other["id"]])
        } else {
            target["id"].clone()
        };
        superuser.make(name, &json!({ "to": to }));
    }
    let state = || all.map(|name| superuser.items(name, ""));
    let before = state();
    for caller in [&server.guest(), &superuser] {
        assert_eq!(
            outcome(&caller.delete(&record("targets", id_of(&target)))),
            BLOCKED
        );
    }
    assert_eq!(state(), before);
    assert_eq!(superuser.look("targets", id_of(&target)), target);
    // Without the one that blocks, the others follow.
    let blocking = &before[3][0];
    accepted(&superuser.delete(&record("d_required", id_of(blocking))));
    accepted(&superuser.delete(&record("targets", id_of(&target))));
    let [cascading, optional, many, required] = state();
    assert!(cascading.is_empty() && required.is_empty());
    assert_eq!(optional[0]["to"], "");
    assert_eq!(many[0]["to"], json!([other["id"]]));
    for (before, after) in [(&before[1][0], &optional[0]), (&before[2][0], &many[0])] {
        assert!(
            after["updated"].as_str() > before["updated"].as_str(),
            "{before} {after}"
        );
    }
}

#[test]
fn lists_lose_the_id_and_keep_their_order() {
    let server = Server::start();
    let superuser = server.superuser();
    let id = make_collection(
        &superuser,
        "targets",
        &json!([{"name": "t", "type": "text"}]),
    );
    make_collection(
        &superuser,
        "optional",
        &json!([relation("to", &id, &json!({"maxSelect": 9}))]),
    );
    let required = json!({"maxSelect": 9, "required": true});
    make_collection(
        &superuser,
        "required",
        &json!([relation("to", &id, &required)]),
    );
    let cascading = json!({"maxSelect": 9, "cascadeDelete": true});
    make_collection(
        &superuser,
        "cascading",
        &json!([relation("to", &id, &cascading)]),
    );
    let ids: Vec<Json> = (0..4)
        .map(|t| superuser.make("targets", &json!({ "t": t }))["id"].clone())
        .collect();
    let order = json!([ids[2], ids[0], ids[3], ids[1]]);
    for name in ["optional", "required", "cascading"] {
        superuser.make(name, &json!({ "to": order }));
    }
    let delete = |i: usize| superuser.delete(&record("targets", ids[i].as_str().unwrap()));
    accepted(&delete(0));
    for name in ["optional", "required", "cascading"] {
        assert_eq!(
            superuser.items(name, "")[0]["to"],
            json!([ids[2], ids[3], ids[1]]),
            "{name}"
        );
    }
    accepted(&delete(2));
    accepted(&delete(3));
    // The last one of the required list has to stay.
    assert_eq!(outcome(&delete(1)), BLOCKED);
    assert_eq!(superuser.items("cascading", "")[0]["to"], json!([ids[1]]));
    accepted(&superuser.delete(&record(
        "required",
        id_of(&superuser.items("required", "")[0]),
    )));
    accepted(&delete(1));
    assert_eq!(superuser.items("optional", "")[0]["to"], json!([]));
    assert!(superuser.items("cascading", "").is_empty());
}

#[test]
fn files_of_all_deleted_records_vanish() {
    let server = Server::start();
    let superuser = server.superuser();
    let file = json!({"name": "file", "type": "file", "maxSelect": 3});
    let id = make_collection(&superuser, "folders", &json!([file]));
    let parent = relation("parent", &id, &json!({"cascadeDelete": true}));
    let papers = make_collection(&superuser, "papers", &json!([file, parent]));
    let up = relation("paper", &papers, &json!({"cascadeDelete": true}));
    make_collection(&superuser, "pages", &json!([file, up]));
    let add = |collection: &str, texts: &[(&str, &str)]| {
        let files: [(&str, &str, &[u8]); 2] = [("file", "a.txt", b"a"), ("file", "b.txt", b"b")];
        accepted(&superuser.form("POST", &records(collection), texts, &files))
    };
    let folder = add("folders", &[]);
    let kept = add("folders", &[]);
    for _ in 0..3 {
        let paper = add("papers", &[("parent", id_of(&folder))]);
        add("pages", &[("paper", id_of(&paper))]);
    }
    let storage = server.home().path().join("data/storage");
    // Each file has its attributes next to it.
    assert_eq!(files_in(&storage).len(), 8 * 2 * 2);
    accepted(&superuser.delete(&record("folders", id_of(&folder))));
    let left = files_in(&storage);
    assert!(
        left.len() == 4 && left.iter().all(|path| path.contains(id_of(&kept))),
        "{left:?}"
    );
    accepted(&superuser.delete("/api/collections/folders/truncate"));
    assert!(files_in(&storage).is_empty());
}

#[test]
fn what_belongs_to_an_auth_record_goes_with_it() {
    let server = Server::start();
    let superuser = server.superuser();
    let (_ann, _bob) = (server.user("ann"), server.user("bob"));
    let users = superuser.items("users", "");
    let collection = users[0]["collectionId"].clone();
    let rest = |user: &Json| json!({"collectionRef": collection, "recordRef": user["id"]});
    for user in &users {
        let mut link = rest(user);
        link["provider"] = json!("github");
        link["providerId"] = user["id"].clone();
        superuser.make("_externalAuths", &link);
        let mut origin = rest(user);
        origin["fingerprint"] = json!("f");
        superuser.make("_authOrigins", &origin);
        let mut mfa = rest(user);
        mfa["method"] = json!("password");
        superuser.make("_mfas", &mfa);
        let mut otp = rest(user);
        otp["password"] = json!("12345678");
        superuser.make("_otps", &otp);
    }
    accepted(&superuser.delete(&record("users", id_of(&users[0]))));
    for name in ["_externalAuths", "_authOrigins", "_mfas", "_otps"] {
        let all = superuser.items(name, "");
        let left: Vec<&Json> = all
            .iter()
            .filter(|item| item["collectionRef"] == collection)
            .collect();
        assert!(!left.is_empty(), "{name}");
        assert!(
            left.iter().all(|item| item["recordRef"] == users[1]["id"]),
            "{name} {left:?}"
        );
    }
}
