//! Migrations: applied in order and together, taken back, written when collections change, and read again elsewhere.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::json;

use super::open;
use crate::support::{Server, accepted, run_in, stead};

fn put(home: &Path, name: &str, text: &str) {
    let folder = home.join("migrations");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), text).unwrap();
}

fn migrate(home: &Path, arguments: &[&str]) -> (bool, String) {
    let mut all = vec!["migrate"];
    all.extend(arguments);
    all.extend(["--dir", "data"]);
    told(&run_in(home, &all))
}

fn told(output: &Output) -> (bool, String) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    (output.status.success(), text)
}

const FIRST: &str = r#"
migrate(|app| {
    let posts = app.save_collection(#{
        name: "posts", type: "base", listRule: "", createRule: "",
        fields: [#{ name: "title", type: "text" }],
    });
    app.save_collection(#{
        name: "comments", type: "base", listRule: "",
        fields: [#{ name: "post", type: "relation", collectionId: posts.id, maxSelect: 1 }, #{ name: "text", type: "text" }],
    });
    let post = app.save(app.new_record("posts", #{ title: "first" }));
    app.save(app.new_record("comments", #{ post: post.id, text: "hi" }));
    app.save_settings(#{ meta: #{ appName: "migrated" } });
}, |app| {
    app.delete_collection("comments");
    app.delete_collection("posts");
});
"#;

// A back-fill: a field of its own for what a text began with.
const SECOND: &str = r#"
import "_lib" as lib;
migrate(|app| {
    let posts = app.collection("posts");
    posts.fields.push(#{ name: "slug", type: "text" });
    app.save_collection(posts);
    for post in app.records("posts") {
        post.slug = lib::slug(post.title);
        app.save(post);
    }
}, |app| {
    let posts = app.collection("posts");
    posts.fields = posts.fields.filter(|field| field.name != "slug");
    app.save_collection(posts);
});
"#;

#[test]
fn migrations_are_applied_at_start_and_taken_back() {
    let server = Server::start_with(&[], |home| {
        put(home, "1700000001_first.rhai", FIRST);
        put(home, "1700000002_second.rhai", SECOND);
        put(home, "_lib.rhai", "fn slug(text) { `slug-of-${text}` }");
    });
    let guest = server.guest();
    let posts = guest.items("posts", "");
    assert_eq!(posts[0]["slug"], "slug-of-first");
    let comments = guest.items("comments", "filter=(post.title='first')");
    assert_eq!(comments[0]["text"], "hi");
    let root = server.superuser();
    let settings = accepted(&root.get("/api/settings"));
    assert_eq!(settings["meta"]["appName"], "migrated");
    let home = server.home();
    drop((guest, root));
    drop(server);

    assert_eq!(
        migrate(home.path(), &[]),
        (true, "There is nothing to do.\n".to_owned())
    );
    let (succeeded, text) = migrate(home.path(), &["down"]);
    assert!(
        succeeded && text.contains("Reverted 1700000002_second.rhai."),
        "{text}"
    );
    let (succeeded, text) = migrate(home.path(), &["down", "-1"]);
    assert!(
        succeeded && text.contains("Reverted 1700000001_first.rhai."),
        "{text}"
    );
    let (succeeded, text) = migrate(home.path(), &["up"]);
    let first = text.find("Applied 1700000001_first.rhai.");
    let second = text.find("Applied 1700000002_second.rhai.");
    assert!(succeeded && first.is_some() && first < second, "{text}");
    fs::remove_file(home.path().join("migrations/1700000002_second.rhai")).unwrap();
    // One that PocketBase has applied: it would do so once more, and fail.
    let theirs = "INSERT INTO _migrations (file, applied) VALUES ('1700000003_third.js', 1)";
    assert!(
        told(&run_in(
            home.path(),
            &["sql", "--write", theirs, "--dir", "data"]
        ))
        .0
    );
    let (succeeded, text) = migrate(home.path(), &["history-sync"]);
    assert!(
        succeeded && text == "Forgot 1700000002_second.rhai.\n",
        "{text}"
    );
}

/// A server has the collections in memory and would not notice.
#[test]
fn nothing_is_migrated_beside_a_running_server() {
    let server = Server::start_with(&[], |home| put(home, "1700000001_first.rhai", FIRST));
    let home = server.home();
    put(home.path(), "1700000002_second.rhai", SECOND);
    put(
        home.path(),
        "_lib.rhai",
        "fn slug(text) { `slug-of-${text}` }",
    );
    for arguments in [&[][..], &["up"], &["down"], &["down", "-1"]] {
        let (succeeded, text) = migrate(home.path(), arguments);
        assert!(
            !succeeded && text.contains("a server has the data directory open"),
            "{arguments:?}: {text}"
        );
    }
    assert_eq!(server.guest().items("comments", "").len(), 1);
    assert!(migrate(home.path(), &["collections"]).0);
    drop(server);
    fs::remove_file(home.path().join("migrations/1700000002_second.rhai")).unwrap();
    assert!(migrate(home.path(), &["down"]).0);
}

#[test]
fn one_that_fails_stops_the_start_and_changes_nothing() {
    let home = std::sync::Arc::new(tempfile::TempDir::new().unwrap());
    put(home.path(), "1700000001_first.rhai", FIRST);
    for (text, reason) in [
        (
            "migrate(|app| {\n  app.save_collection(#{ name: \"bad name\" });\n}, |app| { });",
            "validation_",
        ),
        (
            "migrate(|app| {\n  let x = 1 / 0;\n}, |app| { });",
            "1700000002_second.rhai:2:",
        ),
        ("migrate(|app| {", "1700000002_second.rhai:1:"),
        ("let x = 1;", "it must call migrate(…) once"),
        ("migrate(|app| { throw \"no\"; });", "no"),
    ] {
        put(home.path(), "1700000002_second.rhai", text);
        let mut command = stead();
        command.current_dir(home.path());
        let output = command
            .args(["serve", "--dir", "data", "--http", "127.0.0.1:0"])
            .output()
            .unwrap();
        let (succeeded, text) = told(&output);
        assert!(!succeeded);
        assert!(text.contains("1700000002_second.rhai"), "{text}");
        assert!(text.contains(reason), "{reason}: {text}");
    }
    fs::remove_file(home.path().join("migrations/1700000002_second.rhai")).unwrap();
    let (succeeded, text) = migrate(home.path(), &["down"]);
    assert!(succeeded && text == "There is nothing to do.\n", "{text}");
    let server = Server::start_at(home, &[]);
    assert_eq!(server.guest().items("posts", "").len(), 1);
}

#[test]
fn changes_over_the_api_are_written_down_in_their_order() {
    let server = Server::start_with(&["--automigrate"], |_| {});
    let root = server.superuser();
    let posts = open(&root, "posts", &["title"]);
    // Within the same second, and it needs the one before.
    root.make_collection(&json!({
        "name": "a_comments", "type": "base", "listRule": "", "fields": [
            {"name": "post", "type": "relation", "collectionId": posts["id"], "maxSelect": 1},
        ],
    }));
    root.make_collection(&json!({
        "name": "a_view", "type": "view", "listRule": "", "viewQuery": "SELECT id, title FROM posts",
    }));
    open(&root, "gone", &["title"]);
    let path = "/api/collections/posts";
    let fields =
        json!([{"name": "title", "type": "text", "max": 9}, {"name": "a\"b\\c", "type": "text"}]);
    drop(root.patch(path, &json!({ "fields": fields })));
    accepted(&root.patch(
        path,
        &json!({"listRule": "title != \"\\\"x\\\"\"", "viewRule": null}),
    ));
    accepted(&root.patch(path, &json!({"viewRule": null})));
    assert_eq!(root.delete("/api/collections/gone").status, 204);
    let home = server.home();
    let folder = home.path().join("migrations");
    let names = crate::support::files_in(&folder);
    let kinds: Vec<&str> = names.iter().map(|name| &name[11..]).collect();
    assert_eq!(
        kinds,
        [
            "created_posts.rhai",
            "created_a_comments.rhai",
            "created_a_view.rhai",
            "created_gone.rhai",
            "updated_posts.rhai",
            "deleted_gone.rhai",
        ]
    );
    let text = fs::read_to_string(folder.join(&names[4])).unwrap();
    assert!(
        text.contains("listRule") && !text.contains("\"fields\""),
        "{text}"
    );

    let other = tempfile::TempDir::new().unwrap();
    let target = other.path().join("migrations");
    fs::create_dir_all(&target).unwrap();
    for name in &names {
        fs::copy(folder.join(name), target.join(name)).unwrap();
    }
    let (succeeded, text) = migrate(other.path(), &["up"]);
    assert!(succeeded, "{text}");
    let copy = Server::start_at(std::sync::Arc::new(other), &[]);
    let rule = accepted(&copy.superuser().get("/api/collections/posts"))["listRule"].clone();
    assert_eq!(rule, "title != \"\\\"x\\\"\"");
    assert_eq!(copy.superuser().get("/api/collections/a_view").status, 200);
    assert_eq!(copy.superuser().get("/api/collections/gone").status, 404);

    // The files of this server's own changes count as applied here.
    drop(root);
    drop(server);
    assert_eq!(
        migrate(home.path(), &["up"]),
        (true, "There is nothing to do.\n".to_owned())
    );
    let (succeeded, text) = migrate(home.path(), &["collections"]);
    assert!(succeeded, "{text}");
    let snapshots: Vec<String> = crate::support::files_in(&folder)
        .into_iter()
        .filter(|name| name.ends_with("collections_snapshot.rhai"))
        .collect();
    let third = tempfile::TempDir::new().unwrap();
    let target = third.path().join("migrations");
    fs::create_dir_all(&target).unwrap();
    fs::copy(folder.join(&snapshots[0]), target.join(&snapshots[0])).unwrap();
    let copy = Server::start_at(std::sync::Arc::new(third), &[]);
    assert_eq!(
        copy.superuser().get("/api/collections/a_comments").status,
        200
    );
    let (succeeded, _) = migrate(home.path(), &["create", "More To Do"]);
    assert!(succeeded);
    let all = crate::support::files_in(&folder);
    assert!(
        all.iter().any(|name| name.ends_with("_more_to_do.rhai")),
        "{all:?}"
    );
}

#[test]
fn what_an_operation_refuses_is_told_with_its_place() {
    let home = tempfile::TempDir::new().unwrap();
    let missing = "migrate(|app| {\n    app.find_record(\"users\", \"nobody\");\n});";
    put(home.path(), "1_missing.rhai", missing);
    let (succeeded, told) = migrate(home.path(), &["up"]);
    assert!(!succeeded, "{told}");
    let expect = "failed to apply migration 1_missing.rhai: 1_missing.rhai:2:9: The requested resource wasn't found.";
    assert!(told.contains(expect), "{told}");
}
