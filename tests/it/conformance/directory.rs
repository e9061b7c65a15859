//! One data directory, opened by the reference, then by the product, then by the reference again.
//!
//! Both must show the same collections, records, files and settings, and accept the same passwords. Runs only
//! with `STEAD_CONFORMANCE=directory`, because it needs the reference.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::io::Write as _;

use serde_json::{Value as Json, json};

use super::server::{PASSWORD, Server};
use super::{product, reference};
use crate::support::{Caller, accepted, json as body, record, records};

/// What one program shows of a directory: by request, the answer.
type State = BTreeMap<String, String>;

/// Passwords of the auth records by address.
type Accounts = BTreeMap<&'static str, &'static str>;

pub(super) fn is_wanted() -> bool {
    env::var("STEAD_CONFORMANCE").is_ok_and(|mode| mode == "directory")
}

#[test]
fn a_directory_is_the_same_for_both() {
    if !is_wanted() {
        return;
    }
    let mut report = String::new();
    let n_differences = pass_around(&mut report).unwrap_or_else(|error| panic!("{error}"));
    writeln!(std::io::stderr(), "{report}").unwrap();
    assert_eq!(n_differences, 0, "{n_differences} differences, see above");
}

fn pass_around(report: &mut String) -> Result<usize, String> {
    let (reference, product) = (reference()?, product()?);
    let mut accounts =
        Accounts::from([("ann@example.com", PASSWORD), ("bob@example.com", PASSWORD)]);

    let server = reference.start()?;
    fill(&superuser(&server), &accounts);
    let made = look(&server, &accounts);
    let home = server.stop()?;

    let server = product.start_at(home)?;
    let opened = look(&server, &accounts);
    let mut n_differences = compare(
        report,
        "made by the reference, seen by the product",
        &made,
        &opened,
    );
    change(&superuser(&server));
    accounts.insert("ann@example.com", "another password");
    accounts.insert("cid@example.com", PASSWORD);
    let changed = look(&server, &accounts);
    let home = server.stop()?;

    let server = reference.start_at(home)?;
    let reopened = look(&server, &accounts);
    n_differences += compare(
        report,
        "changed by the product, seen by the reference",
        &reopened,
        &changed,
    );
    // What only the reference knows how to do must still work on it: it rebuilds tables and views.
    change_again(&superuser(&server));
    let changed = look(&server, &accounts);
    let home = server.stop()?;

    let server = product.start_at(home)?;
    let reopened = look(&server, &accounts);
    n_differences += compare(
        report,
        "changed by the reference, seen by the product",
        &changed,
        &reopened,
    );
    server.stop()?;
    Ok(n_differences)
}

fn superuser(server: &Server) -> Caller<'static> {
    Caller::at(server.address, Some(server.superuser.clone()))
}

fn compare(report: &mut String, title: &str, expected: &State, got: &State) -> usize {
    let mut lines = String::new();
    let mut n_differences = 0;
    let paths: std::collections::BTreeSet<&String> = expected.keys().chain(got.keys()).collect();
    for path in &paths {
        let of = |state: &State| {
            state
                .get(*path)
                .cloned()
                .unwrap_or_else(|| "nothing".to_owned())
        };
        let (expected, got) = (of(expected), of(got));
        if expected != got {
            n_differences += 1;
            writeln!(
                lines,
                "    {path}\n        reference {expected}\n        product   {got}"
            )
            .expect("writing to memory");
        }
    }
    let verdict = if n_differences == 0 {
        "ok    "
    } else {
        "FAILED"
    };
    let n_answers = paths.len();
    writeln!(
        report,
        "{verdict} {title}: {n_answers} answers, {n_differences} differences"
    )
    .expect("writing to memory");
    report.push_str(&lines);
    n_differences
}

/// Asks for everything there is, one entry per collection, record, file and account.
fn look(server: &Server, accounts: &Accounts) -> State {
    let root = superuser(server);
    let guest = Caller::at(server.address, None);
    let mut state = State::new();
    let mut put = |key: String, value: &Json| {
        state.insert(key, with_plain_numbers(value).to_string());
    };
    put("settings".to_owned(), &accepted(&root.get("/api/settings")));
    let listed = accepted(&root.get("/api/collections?perPage=500"));
    for collection in listed["items"].as_array().into_iter().flatten() {
        let name = collection["name"].as_str().unwrap_or_default();
        put(format!("collection {name}"), collection);
        let as_guest = guest.get(&records(name));
        put(
            format!("list of {name} as guest"),
            &json!([as_guest.status, body(&as_guest)]),
        );
        // Looking at the directory means signing in, which leaves traces here.
        if name == "_authOrigins" {
            continue;
        }
        let items = root.items(name, "");
        put(format!("number of {name}"), &json!(items.len()));
        for (at, item) in items.iter().enumerate() {
            put(format!("record {at} of {name}"), item);
            for file in files_of(collection, item) {
                let path = format!(
                    "/api/files/{name}/{}/{file}",
                    item["id"].as_str().unwrap_or_default()
                );
                let answer = guest.get(&path);
                let shown = [
                    answer.header("content-type"),
                    answer.header("content-disposition"),
                ];
                let content = String::from_utf8_lossy(&answer.body);
                put(path, &json!([answer.status, shown, content]));
            }
        }
    }
    for (email, password) in accounts {
        let data = json!({"identity": email, "password": password});
        let answer = guest.post("/api/collections/members/auth-with-password", &data);
        put(
            format!("sign in as {email}"),
            &json!([answer.status, body(&answer)["record"]]),
        );
    }
    state
}

/// Whole numbers without a fraction, whichever way they were written.
fn with_plain_numbers(value: &Json) -> Json {
    match value {
        Json::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => {
                json!(format!("{float:.0}"))
            }
            _ => value.clone(),
        },
        Json::Array(items) => items.iter().map(with_plain_numbers).collect(),
        Json::Object(members) => members
            .iter()
            .map(|(name, value)| (name.clone(), with_plain_numbers(value)))
            .collect(),
        _ => value.clone(),
    }
}

fn files_of(collection: &Json, item: &Json) -> Vec<String> {
    let fields = collection["fields"].as_array().into_iter().flatten();
    fields
        .filter(|field| field["type"] == "file" && collection["type"] != "view")
        .flat_map(
            |field| match &item[field["name"].as_str().unwrap_or_default()] {
                Json::Array(names) => names.clone(),
                name => vec![name.clone()],
            },
        )
        .filter_map(|name| {
            name.as_str()
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
        })
        .collect()
}

/// Collections with every type of field, with records, files and settings.
fn fill(root: &Caller<'_>, accounts: &Accounts) {
    let members = root.make_collection(&json!({
        "name": "members", "type": "auth", "listRule": "", "viewRule": "id = @request.auth.id",
        "fields": [{"name": "nick", "type": "text"}, {"name": "picture", "type": "file", "thumbs": ["10x10"]}],
        "authAlert": {"enabled": false},
        "oauth2": {"enabled": true, "providers": [{"name": "github", "clientId": "c", "clientSecret": "s"}]},
    }));
    let tags = root.make_collection(&json!({
        "name": "tags", "type": "base", "listRule": "label != 'hidden'", "viewRule": null,
        "fields": [{"name": "label", "type": "text", "required": true, "max": 20}],
        "indexes": ["CREATE UNIQUE INDEX idx_label ON tags (label COLLATE NOCASE)"],
    }));
    root.make_collection(&json!({
        "name": "everything", "type": "base", "listRule": "", "viewRule": "", "createRule": "@request.auth.id != ''",
        "fields": [
            {"name": "text", "type": "text", "pattern": "^[a-z ]*$", "autogeneratePattern": "[a-z]{8}"},
            {"name": "number", "type": "number", "min": -100, "max": 1e15},
            {"name": "bool", "type": "bool"},
            {"name": "email", "type": "email", "onlyDomains": ["example.com"]},
            {"name": "url", "type": "url"},
            {"name": "editor", "type": "editor", "convertURLs": true},
            {"name": "date", "type": "date", "min": "2020-01-01 00:00:00.000Z"},
            {"name": "made", "type": "autodate", "onCreate": true},
            {"name": "changed", "type": "autodate", "onCreate": true, "onUpdate": true},
            {"name": "choice", "type": "select", "values": ["a", "b"], "maxSelect": 1},
            {"name": "choices", "type": "select", "values": ["a", "b", "c"], "maxSelect": 3},
            {"name": "json", "type": "json"},
            {"name": "point", "type": "geoPoint"},
            {"name": "secret", "type": "password", "cost": 5},
            {"name": "hidden", "type": "text", "hidden": true},
            {"name": "file", "type": "file", "protected": true},
            {"name": "files", "type": "file", "maxSelect": 5, "mimeTypes": []},
            {"name": "tag", "type": "relation", "collectionId": tags["id"], "maxSelect": 1, "cascadeDelete": true},
            {"name": "tags", "type": "relation", "collectionId": tags["id"], "maxSelect": 9},
            {"name": "member", "type": "relation", "collectionId": members["id"], "maxSelect": 1},
        ],
        "indexes": ["CREATE INDEX idx_number ON everything (number DESC, text) WHERE number > 1"],
    }));
    root.make_collection(&json!({
        "name": "summary", "type": "view", "listRule": "", "viewRule": null,
        "viewQuery": summary_of("tags"),
    }));
    let mut ids = Vec::new();
    for label in ["red", "Green", "hidden", "gone"] {
        ids.push(root.make("tags", &json!({ "label": label }))["id"].clone());
    }
    let mut member = Json::Null;
    for (email, password) in accounts {
        let data = json!({"email": email, "emailVisibility": *email < "b", "nick": email,
            "password": password, "passwordConfirm": password});
        member = root.make("members", &data)["id"].clone();
    }
    let texts = [
        ("text", "some words"),
        ("json", "{\"b\":[1,2.50],\"a\":null}"),
        ("number", "1.25"),
    ];
    let files: [(&str, &str, &[u8]); 3] = [
        ("file", "Größe & more.txt", b"protected"),
        (
            "files",
            "a.svg",
            b"<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>",
        ),
        ("files", "empty", b""),
    ];
    accepted(&root.form("POST", &records("everything"), &texts, &files));
    let full = json!({
        "text": "abc", "number": 123_456_789_012.5, "bool": true, "email": "x@example.com", "url": "https://a.b/?c",
        "editor": "<p>ü &amp;</p>", "date": "2024-02-29 12:30:45.678Z", "choice": "b", "choices": ["c", "a"],
        "json": "text \"quoted\"", "point": {"lon": -12.5, "lat": 89.999}, "secret": "1234567890", "hidden": "h",
        "tag": ids[0], "tags": [ids[1], ids[0], ids[3]], "member": member,
    });
    root.make("everything", &full);
    for (number, json) in [
        (-0.5, json!([])),
        (1e14, json!(12.0)),
        (0.1, json!({})),
        (3.0, Json::Null),
        (7.0, json!("7")),
    ] {
        root.make(
            "everything",
            &json!({"number": number, "json": json, "tag": ids[3]}),
        );
    }
    accepted(&root.patch("/api/settings", &json!({
        "meta": {"appName": "Näme", "appURL": "https://example.com", "senderName": "S", "senderAddress": "s@example.com"},
        "batch": {"enabled": true, "maxRequests": 7, "timeout": 4},
        "smtp": {"enabled": false, "host": "mail.example.com", "port": 587, "username": "u", "password": "p"},
        "logs": {"maxDays": 9},
    })));
}

fn summary_of(tags: &str) -> String {
    format!(
        "SELECT e.id, e.tag, e.files, e.hidden, (e.number * 2) AS twice, COUNT(t.id) AS total, \
         CAST(e.number AS TEXT) AS written FROM everything e LEFT JOIN {tags} t ON t.id = e.tag GROUP BY e.id"
    )
}

/// Creates, changes and deletes some of everything.
fn change(root: &Caller<'_>) {
    let tags = root.items("tags", "");
    let gone = tags[3]["id"].as_str().unwrap_or_default();
    accepted(&root.delete(&record("tags", gone)));
    root.make("tags", &json!({"label": "bläu"}));
    accepted(&root.patch(
        &record("tags", tags[0]["id"].as_str().unwrap_or_default()),
        &json!({"label": "dark red"}),
    ));
    let items = root.items("everything", "");
    let first = record("everything", items[0]["id"].as_str().unwrap_or_default());
    let texts = [
        ("number+", "2.5"),
        ("files-", items[0]["files"][0].as_str().unwrap_or_default()),
    ];
    let files: [(&str, &str, &[u8]); 2] = [
        ("files+", "new.json", b"{}"),
        ("file", "b.html", b"<html></html>"),
    ];
    accepted(&root.form("PATCH", &first, &texts, &files));
    root.make("everything", &json!({"json": [1, "zwei", 3e3], "point": {"lon": 1, "lat": 2}, "date": "2030-01-01", "number": 42}));
    let members = root.items("members", "sort=email");
    let ann = record("members", members[0]["id"].as_str().unwrap_or_default());
    let password = json!({"password": "another password", "passwordConfirm": "another password", "nick": "new"});
    accepted(&root.patch(&ann, &password));
    let cid =
        json!({"email": "cid@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    root.make("members", &cid);

    let path = "/api/collections/everything";
    let mut fields = accepted(&root.get(path))["fields"].take();
    if let Some(fields) = fields.as_array_mut() {
        fields.retain(|field| field["name"] != "url");
        for field in fields.iter_mut() {
            match field["name"].as_str() {
                Some("editor") => field["name"] = json!("rich"),
                Some("choice") => field["maxSelect"] = json!(2),
                Some("choices") => field["maxSelect"] = json!(1),
                _ => {}
            }
        }
        fields.push(json!({"name": "added", "type": "number"}));
    }
    accepted(&root.patch(path, &json!({"fields": fields, "deleteRule": "id = 'x'"})));
    accepted(&root.patch("/api/collections/tags", &json!({"name": "labels"})));
    // The reference deletes no collection while the text of a view names a table that is no more.
    let query = json!({"viewQuery": summary_of("labels")});
    accepted(&root.patch("/api/collections/summary", &query));
    let new = root.make_collection(&json!({
        "name": "new", "type": "base", "fields": [{"name": "t", "type": "text"}, {"name": "n", "type": "number"}],
        "indexes": ["CREATE UNIQUE INDEX idx_new ON new (t, n DESC)"], "listRule": "@collection.labels.label ?= t",
    }));
    root.make("new", &json!({"t": "Green", "n": 1}));
    root.make_collection(&json!({"name": "again", "type": "view", "listRule": "", "viewQuery": "SELECT id, t, n FROM new"}));
    root.make_collection(&json!({"name": "people", "type": "auth"}));
    let back =
        json!({"name": "back", "type": "relation", "collectionId": new["id"], "maxSelect": 1});
    root.make_collection(&json!({"name": "pointers", "type": "base", "fields": [back]}));
    accepted(&root.delete("/api/collections/pointers"));
    accepted(&root.patch(
        "/api/settings",
        &json!({"meta": {"appName": "Changed"}, "logs": {"maxDays": 3}}),
    ));
}

fn change_again(root: &Caller<'_>) {
    for name in ["new", "everything", "labels"] {
        let path = format!("/api/collections/{name}");
        let mut fields = accepted(&root.get(&path))["fields"].take();
        if let Some(fields) = fields.as_array_mut() {
            fields.push(
                json!({"name": "later", "type": "select", "values": ["x", "y"], "maxSelect": 2}),
            );
        }
        accepted(&root.patch(&path, &json!({"fields": fields})));
    }
    root.make("new", &json!({"t": "bläu", "n": 2, "later": ["y"]}));
    let labels = root.items("labels", "");
    accepted(&root.delete(&record(
        "labels",
        labels[1]["id"].as_str().unwrap_or_default(),
    )));
    accepted(&root.delete("/api/collections/people"));
}
