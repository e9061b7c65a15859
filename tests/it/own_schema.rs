//! What people add to the database by hand: constraints and triggers of their own, and values that no API would store.

#[cfg(unix)]
use std::{fs, os::unix::fs::symlink};

use serde_json::{Value as Json, json};

use crate::support::{Caller, Server, accepted, json as body, outcome, record, records, text};

fn sql(root: &Caller<'_>, query: &str) {
    accepted(&root.post("/api/sql", &json!({"query": query})));
}

#[test]
fn triggers_of_their_own_refuse_what_they_are_there_for() {
    let server = Server::start();
    let root = server.superuser();
    root.make_collection(&json!({
        "name": "jobs", "type": "base", "listRule": "", "viewRule": "", "createRule": "", "updateRule": "",
        "deleteRule": "", "fields": [{"name": "state", "type": "text"}],
    }));
    sql(
        &root,
        "CREATE TRIGGER no_new BEFORE INSERT ON jobs WHEN NEW.state = 'bad' BEGIN SELECT RAISE(ABORT, 'no such state'); END",
    );
    sql(
        &root,
        "CREATE TRIGGER no_change AFTER UPDATE ON jobs WHEN NEW.state = 'bad' BEGIN SELECT RAISE(ABORT, 'no such state'); END",
    );
    sql(
        &root,
        "CREATE TRIGGER kept BEFORE DELETE ON jobs WHEN OLD.state = 'kept' BEGIN SELECT RAISE(ABORT, 'it is kept'); END",
    );
    let guest = server.guest();
    let kept = guest.make("jobs", &json!({"state": "kept"}));
    let kept = record("jobs", kept["id"].as_str().unwrap());
    let created = guest.post(&records("jobs"), &json!({"state": "bad"}));
    assert_eq!(outcome(&created), "400 Failed to create record.");
    let changed = guest.patch(&kept, &json!({"state": "bad"}));
    assert_eq!(outcome(&changed), "400 Failed to update record.");
    let deleted = outcome(&guest.delete(&kept));
    assert!(
        deleted.starts_with("400 ") && deleted.contains("Failed to delete record."),
        "{deleted}"
    );
    let emptied = outcome(&root.delete("/api/collections/jobs/truncate"));
    assert!(
        emptied.starts_with("400 ") && emptied.contains("Failed to truncate collection"),
        "{emptied}"
    );
    let left = root.items("jobs", "fields=state");
    assert_eq!(left, [json!({"state": "kept"})]);
}

#[test]
fn days_that_there_are_not_are_no_dates() {
    let server = Server::start();
    let root = server.superuser();
    root.make_collection(&json!({
        "name": "days", "type": "base", "fields": [{"name": "day", "type": "date"}],
    }));
    for (stored, shown) in [
        ("0000-00-00 00:00:00.000Z", ""),
        ("0001-01-01 00:00:00.000Z", ""),
        ("2023-02-29 10:00:00.000Z", ""),
        ("2024-02-29 10:00:00.000Z", "2024-02-29 10:00:00.000Z"),
        ("2024-02-29 24:00:00.000Z", ""),
    ] {
        let id = root.make("days", &json!({}))["id"]
            .as_str()
            .unwrap()
            .to_owned();
        sql(
            &root,
            &format!("UPDATE days SET day = '{stored}' WHERE id = '{id}'"),
        );
        assert_eq!(root.look("days", &id)["day"], shown, "{stored}");
        let listed = root.items("days", &format!("filter=(id='{id}')"));
        assert_eq!(listed[0]["day"], shown, "{stored}");
    }
}

/// A json field takes what is nested as deeply as any JSON that is read may be; around it are the record and the list.
#[test]
fn what_is_nested_deeply_spoils_no_list() {
    let server = Server::start();
    let root = server.superuser();
    root.make_collection(&json!({
        "name": "trees", "type": "base", "listRule": "", "viewRule": "", "createRule": "",
        "fields": [{"name": "tree", "type": "json"}, {"name": "title", "type": "text"}],
    }));
    let guest = server.guest();
    let mut tree = json!(1);
    for _ in 0..126 {
        tree = json!([tree]);
    }
    guest.make("trees", &json!({"title": "deep", "tree": tree}));
    let titles = guest.items("trees", "fields=title");
    assert_eq!(titles, [json!({"title": "deep"})]);
    let whole = guest.get(&format!("{}?fields=tree", records("trees")));
    assert_eq!(whole.status, 200);
    let deep = format!(r#"{{"tree":{}1{}}}"#, "[".repeat(126), "]".repeat(126));
    assert!(text(&whole).contains(&deep), "{}", text(&whole));
}

/// A base collection that everybody may do anything with.
fn open_collection(root: &Caller<'_>, name: &str, fields: &Json) -> Json {
    root.make_collection(&json!({
        "name": name, "type": "base", "listRule": "", "viewRule": "", "createRule": "", "updateRule": "",
        "deleteRule": "", "fields": fields,
    }))
}

#[test]
fn tables_without_row_numbers_are_like_others() {
    let server = Server::start();
    let root = server.superuser();
    let fields = json!([{"name": "title", "type": "text"}]);
    let parents = open_collection(&root, "parents", &fields);
    let relation = |required: bool| {
        json!({"name": "parent", "type": "relation", "collectionId": parents["id"], "maxSelect": 1,
            "cascadeDelete": !required, "required": required})
    };
    let children = open_collection(&root, "children", &json!([relation(false)]));
    // Records that go together must go in the order of their age, which these do not have.
    open_collection(
        &root,
        "notes",
        &json!([
            {"name": "child", "type": "relation", "collectionId": children["id"], "maxSelect": 1, "cascadeDelete": true},
            relation(true),
        ]),
    );
    for (name, columns) in [
        ("parents", "title TEXT DEFAULT '' NOT NULL"),
        ("children", "parent TEXT DEFAULT '' NOT NULL"),
        (
            "notes",
            "child TEXT DEFAULT '' NOT NULL, parent TEXT DEFAULT '' NOT NULL",
        ),
    ] {
        sql(&root, &format!("DROP TABLE {name}"));
        sql(
            &root,
            &format!("CREATE TABLE {name} (id TEXT PRIMARY KEY NOT NULL, {columns}) WITHOUT ROWID"),
        );
    }
    let guest = server.guest();
    let make = |collection: &str, data: &Json| {
        let made = guest.make(collection, data);
        made["id"].as_str().unwrap().to_owned()
    };
    let parent = make("parents", &json!({"title": "a"}));
    let child = make("children", &json!({"parent": parent}));
    make("notes", &json!({"child": child, "parent": parent}));
    let alone = make("parents", &json!({"title": "b"}));
    assert_eq!(
        guest
            .patch(&record("parents", &alone), &json!({"title": "c"}))
            .status,
        200
    );
    assert_eq!(guest.delete(&record("parents", &alone)).status, 204);
    assert_eq!(guest.delete(&record("parents", &parent)).status, 204);
    for collection in ["parents", "children", "notes"] {
        assert!(guest.items(collection, "").is_empty(), "{collection}");
    }
    make("parents", &json!({"title": "d"}));
    let emptied = root.delete("/api/collections/parents/truncate");
    assert_eq!(emptied.status, 204, "{}", text(&emptied));
    assert!(guest.items("parents", "").is_empty());
}

#[test]
fn records_that_stay_end_a_truncation() {
    let server = Server::start();
    let root = server.superuser();
    open_collection(&root, "kept", &json!([{"name": "title", "type": "text"}]));
    root.make("kept", &json!({"title": "a"}));
    root.make("kept", &json!({"title": "b"}));
    sql(
        &root,
        "CREATE TRIGGER keep BEFORE DELETE ON kept WHEN OLD.title = 'a' BEGIN SELECT RAISE(IGNORE); END",
    );
    let emptied = outcome(&root.delete("/api/collections/kept/truncate"));
    assert!(
        emptied.starts_with("400 ") && emptied.contains("Failed to truncate collection"),
        "{emptied}"
    );
    assert_eq!(root.items("kept", "").len(), 2);
    sql(&root, "DROP TRIGGER keep");
    sql(
        &root,
        "UPDATE kept SET id = CAST(id AS BLOB) WHERE title = 'a'",
    );
    let emptied = root.delete("/api/collections/kept/truncate");
    assert_eq!(emptied.status, 400);
}

#[test]
fn what_is_broken_by_hand_refuses_and_is_no_fault_of_the_server() {
    let server = Server::start();
    let root = server.superuser();
    let fields = json!([{"name": "title", "type": "text"}]);
    open_collection(&root, "broken", &fields);
    let gone = open_collection(&root, "gone", &fields);
    let link =
        json!([{"name": "link", "type": "relation", "collectionId": gone["id"], "maxSelect": 1}]);
    open_collection(&root, "links", &link);
    let target = open_collection(&root, "targets", &fields);
    let link =
        json!([{"name": "link", "type": "relation", "collectionId": target["id"], "maxSelect": 1}]);
    open_collection(&root, "lost", &link);
    let guest = server.guest();
    let path = |collection: &str| {
        let made = guest.make(collection, &json!({}));
        record(collection, made["id"].as_str().unwrap())
    };
    let (broken, gone, links, target) =
        (path("broken"), path("gone"), path("links"), path("targets"));
    sql(&root, "DROP TABLE gone");
    sql(&root, "DROP TABLE lost");
    for event in ["INSERT", "UPDATE", "DELETE"] {
        sql(
            &root,
            &format!(
                "CREATE TRIGGER after_{event} AFTER {event} ON broken BEGIN INSERT INTO nowhere VALUES (1); END"
            ),
        );
    }
    let change = json!({"title": "x"});
    for collection in ["broken", "gone"] {
        let created = outcome(&guest.post(&records(collection), &change));
        assert_eq!(created, "400 Failed to create record.");
        let emptied = outcome(&root.delete(&format!("/api/collections/{collection}/truncate")));
        assert!(emptied.starts_with("400 Failed to truncate"), "{emptied}");
    }
    assert_eq!(
        outcome(&guest.patch(&broken, &change)),
        "400 Failed to update record."
    );
    for deleted in [&broken, &target] {
        let deleted = outcome(&guest.delete(deleted));
        assert!(deleted.starts_with("400 Failed to delete"), "{deleted}");
    }
    assert_eq!(guest.patch(&gone, &change).status, 404);
    assert_eq!(guest.delete(&gone).status, 404);
    let rule = json!({"collection": "gone", "action": "view", "rule": "title = 'x'", "record": "abcdefghijklmno"});
    let explained = root.post("/api/stead/rules/explain", &rule);
    assert_eq!(explained.status, 400, "{}", text(&explained));
    for refused in [
        guest.post(&records("links"), &json!({"link": "abcdefghijklmno"})),
        guest.patch(&links, &json!({"link": "abcdefghijklmno"})),
    ] {
        assert_eq!(refused.status, 400);
        let code = &body(&refused)["data"]["link"]["code"];
        assert_eq!(code, "validation_missing_rel_records");
    }
}

#[test]
fn a_collection_that_the_database_keeps_is_not_deleted() {
    let server = Server::start();
    let root = server.superuser();
    open_collection(&root, "odd", &json!([]));
    sql(&root, "DROP TABLE odd");
    sql(&root, "CREATE VIEW odd AS SELECT id FROM users");
    let deleted = outcome(&root.delete("/api/collections/odd"));
    assert_eq!(deleted, "400 Failed to delete collection.");
    sql(&root, "DROP VIEW odd");
    assert_eq!(root.delete("/api/collections/odd").status, 204);
}

#[test]
fn what_must_go_with_an_account_and_does_not_refuses_as_well() {
    let server = Server::start();
    let root = server.superuser();
    let user = server.user("ann");
    let users = root.items("users", "");
    let ann = record("users", users[0]["id"].as_str().unwrap());
    sql(
        &root,
        "CREATE TRIGGER kept BEFORE DELETE ON _authOrigins BEGIN SELECT RAISE(ABORT, 'it is kept'); END",
    );
    let password = json!({"password": "abcdefghij", "passwordConfirm": "abcdefghij"});
    let changed = outcome(&root.patch(&ann, &password));
    assert_eq!(changed, "400 Failed to update record.");
    let deleted = outcome(&user.delete(&ann));
    assert!(deleted.starts_with("400 Failed to delete"), "{deleted}");
    let emptied = outcome(&root.delete("/api/collections/users/truncate"));
    assert!(emptied.starts_with("400 Failed to truncate"), "{emptied}");
    sql(&root, "DROP TABLE _otps");
    sql(&root, "DROP TRIGGER kept");
    assert_eq!(root.patch(&ann, &password).status, 400);
    assert_eq!(root.delete(&ann).status, 400);
}

#[test]
fn accounts_whose_values_are_stored_as_bytes_sign_in() {
    let server = Server::start();
    let root = server.superuser();
    let user = server.user("ann");
    sql(
        &root,
        "UPDATE users SET password = CAST(password AS BLOB), tokenKey = CAST(tokenKey AS BLOB)",
    );
    let refreshed = user.post("/api/collections/users/auth-refresh", &json!({}));
    assert_eq!(refreshed.status, 200, "{}", text(&refreshed));
    drop(server.sign_in("users", "ann@example.com"));
}

/// Whoever edits `_collections` by hand may leave everything out.
#[test]
fn accounts_of_a_collection_without_options_cannot_sign_in() {
    let server = Server::start();
    let user = server.user("ann");
    assert_eq!(
        user.post("/api/collections/users/auth-refresh", &json!({}))
            .status,
        200
    );
    let root = server.superuser();
    sql(
        &root,
        "UPDATE _collections SET options = '{}' WHERE name = 'users'",
    );
    let home = server.home();
    drop(server);
    let server = Server::start_at(home, &[]);
    let methods = server.guest().get("/api/collections/users/auth-methods");
    assert_eq!(
        body(&methods)["password"],
        json!({"enabled": false, "identityFields": []})
    );
    let signed_in = server.guest().post(
        "/api/collections/users/auth-with-password",
        &json!({"identity": "ann@example.com", "password": "1234567890"}),
    );
    assert_eq!(signed_in.status, 403);
}

#[test]
fn records_that_hold_what_is_nested_too_deeply_can_be_changed() {
    let server = Server::start();
    let root = server.superuser();
    open_collection(
        &root,
        "trees",
        &json!([{"name": "tree", "type": "json", "maxSize": 2_000_000}, {"name": "title", "type": "text"}]),
    );
    let guest = server.guest();
    for levels in [127, 128, 2_000] {
        let made = guest.make("trees", &json!({"title": "deep"}));
        let id = made["id"].as_str().unwrap();
        let tree = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        sql(
            &root,
            &format!("UPDATE trees SET tree = '{tree}' WHERE id = '{id}'"),
        );
        let changed = guest.patch(&record("trees", id), &json!({"title": "changed"}));
        assert_eq!(changed.status, 200, "{levels}: {}", text(&changed));
        let shown = text(&guest.get(&record("trees", id)));
        assert!(shown.contains(&format!(r#""tree":{tree}"#)) && shown.contains("changed"));
        let deeper = json!({"tree": format!("[{tree}]")});
        let submitted = guest.patch(&record("trees", id), &deeper);
        assert_eq!(submitted.status, 400);
    }
}

#[cfg(unix)]
#[test]
fn a_stored_file_that_leads_in_a_circle_is_not_there() {
    let server = Server::start();
    let root = server.superuser();
    open_collection(
        &root,
        "papers",
        &json!([{"name": "file", "type": "file", "maxSelect": 1, "maxSize": 1000}]),
    );
    let made = root.form(
        "POST",
        &records("papers"),
        &[],
        &[("file", "a.txt", b"text")],
    );
    let made = accepted(&made);
    let text_of = |name: &str| made[name].as_str().unwrap().to_owned();
    let (collection, id, name) = (text_of("collectionId"), text_of("id"), text_of("file"));
    let path = server
        .home()
        .path()
        .join("data/storage")
        .join(collection)
        .join(&id)
        .join(&name);
    // Its kind is kept beside it.
    let beside = format!("{name}.attrs");
    let sidecar = path.with_file_name(&beside);
    fs::remove_file(&sidecar).unwrap();
    symlink(&beside, &sidecar).unwrap();
    let address = format!("/api/files/papers/{id}/{name}");
    assert_eq!(text(&root.get(&address)), "text");
    fs::remove_file(&path).unwrap();
    symlink(&name, &path).unwrap();
    assert_eq!(root.get(&address).status, 404);
    assert_eq!(root.get(&format!("{address}?thumb=100x100")).status, 404);
}
