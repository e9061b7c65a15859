//! Every event the engine knows is fired by something a client can do, with every member it is documented with. The
//! list is the engine's own: an event that is added without a scenario here fails this test.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::{open, write};
use crate::support::events::Stream;
use crate::support::provider::Provider;
use crate::support::smtp::Smtp;
use crate::support::{Caller, Server, accepted, record, records, run_in, text, until};

const PASSWORD: &str = "1234567890";

/// Names of the events, each with its members, as `stead hooks types` tells them.
fn events() -> Vec<(String, Vec<String>)> {
    let home = tempfile::TempDir::new().unwrap();
    let output = run_in(home.path(), &["hooks", "types", "-"]);
    let definitions = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut events: Vec<(String, Vec<String>)> = Vec::new();
    let mut doc = "";
    for line in definitions.lines() {
        if let Some(text) = line.strip_prefix("/// ") {
            doc = text;
        }
        let Some(name) = line
            .strip_prefix("fn on_")
            .and_then(|rest| rest.strip_suffix("(handler: Fn);"))
        else {
            continue;
        };
        let members = doc.split_once("Members of `e`: ").expect(name).1;
        let members = members.split('`').skip(1).step_by(2).map(str::to_owned);
        events.push((name.to_owned(), members.collect()));
    }
    assert!(events.len() >= 70, "{}", events.len());
    events
}

/// A script that counts every event and the members that have a value.
fn watcher(events: &[(String, Vec<String>)]) -> String {
    let mut script = String::from(
        "fn note(name, e, members) {\n    \
             app.store().incr(name, 1);\n    \
             for member in members { if e[member] != () { app.store().incr(`${name} ${member}`, 1); } }\n\
         }\n\
         route(\"POST\", \"/api/app/seen\", |e| e.body().keys.filter(|key| app.store().get(key) == ()));\n",
    );
    for (name, members) in events {
        if name == "terminate" {
            continue;
        }
        writeln!(
            script,
            "on_{name}(|e| {{ note(\"{name}\", e, {}); e.next(); }});",
            json!(members)
        )
        .unwrap();
    }
    script.push_str(
        "on_terminate(|e| { app.save(app.new_record(\"marks\", #{ title: \"terminate\" })); });\n",
    );
    script
}

fn id_of(value: &Json) -> String {
    value["id"].as_str().expect("an id").to_owned()
}

#[test]
fn every_event_is_fired_with_its_members() {
    let events = events();
    let script = watcher(&events);
    let server = Server::start_with(&["--hooks-watch=false"], |home| {
        write(home, "watcher.rhai", &script);
    });
    let (sink, service) = (Smtp::start(), Provider::start());
    let root = server.superuser();
    collections(&root);
    saves(&server, &root);
    settings(&root, &sink);
    signing_in(&server, &root, &sink, &service);
    realtime(&server, &root);
    backups(&server, &root);

    let keys: Vec<String> = events
        .iter()
        .filter(|(name, _)| name != "terminate")
        .flat_map(|(name, members)| {
            let members = members.iter().map(move |member| format!("{name} {member}"));
            std::iter::once(name.clone()).chain(members)
        })
        .collect();
    let missing = accepted(
        &server
            .guest()
            .post("/api/app/seen", &json!({ "keys": keys })),
    );
    assert_eq!(missing, json!([]), "not fired, or without these members");

    let home = server.home();
    server.signal("TERM");
    assert!(server.wait().success());
    let again = Server::start_at(home, &["--hooks-watch=false"]);
    assert_eq!(again.guest().items("marks", "").len(), 1, "terminate");
}

fn collections(root: &Caller<'_>) {
    open(root, "marks", &["title"]);
    open(root, "posts", &["title"]);
    let refused = |answer: &crate::support::Response| {
        assert_eq!(answer.status, 400, "{}", text(answer));
    };
    let bad = json!({"name": "bad name", "type": "base"});
    refused(&root.post("/api/collections", &bad));
    refused(&root.patch("/api/collections/posts", &bad));
    accepted(&root.patch("/api/collections/posts", &json!({"viewRule": ""})));
    accepted(&root.get("/api/collections"));
    accepted(&root.get("/api/collections/posts"));
    let posts = accepted(&root.get("/api/collections/posts"));
    let children = json!({
        "name": "children", "type": "base", "listRule": "", "createRule": "", "fields": [
            {"name": "post", "type": "relation", "required": true, "collectionId": posts["id"], "maxSelect": 1},
            {"name": "file", "type": "file", "maxSelect": 1},
            {"name": "n", "type": "number", "max": 5},
        ],
    });
    root.make_collection(&children);
    refused(&root.delete("/api/collections/posts"));
    open(root, "gone", &["title"]);
    assert_eq!(root.delete("/api/collections/gone").status, 204);
    let import = json!({"collections": [{"name": "imported", "type": "base", "fields": []}]});
    let body = import.to_string().into_bytes();
    let headers = [("Content-Type", "application/json")];
    let imported = root.send("PUT", "/api/collections/import", &headers, Some(body));
    assert_eq!(imported.status, 204, "{}", text(&imported));
}

fn saves(server: &Server, root: &Caller<'_>) {
    let guest = server.guest();
    let post = id_of(&guest.make("posts", &json!({"title": "a"})));
    accepted(&guest.patch(&record("posts", &post), &json!({"title": "b"})));
    guest.look("posts", &post);
    guest.items("posts", "");
    let fields = [("post", post.as_str())];
    let made = guest.form(
        "POST",
        &records("children"),
        &fields,
        &[("file", "a.txt", b"hello")],
    );
    let child = accepted(&made);
    let bad = json!({"post": post, "n": 9});
    assert_eq!(guest.post(&records("children"), &bad).status, 400);
    let child_path = record("children", &id_of(&child));
    assert_eq!(root.patch(&child_path, &json!({"n": 9})).status, 400);
    // The child needs its post.
    assert_eq!(root.delete(&record("posts", &post)).status, 400);
    let file = child["file"].as_str().unwrap();
    let path = format!("/api/files/children/{}/{file}", id_of(&child));
    assert_eq!(guest.get(&path).status, 200);
    accepted(&root.post("/api/files/token", &json!({})));
    assert_eq!(root.delete(&child_path).status, 204);
}

fn settings(root: &Caller<'_>, sink: &Smtp) {
    accepted(&root.get("/api/settings"));
    accepted(&root.patch("/api/settings", &json!({"batch": {"enabled": true}})));
    sink.serves(root, &json!({}));
    let batch = json!({"requests": [
        {"method": "POST", "url": "/api/collections/posts/records", "body": {"title": "batch"}},
    ]});
    accepted(&root.post("/api/batch", &batch));
}

fn signing_in(server: &Server, root: &Caller<'_>, sink: &Smtp, service: &Provider) {
    let provider = json!({
        "name": "oidc", "clientId": "client", "clientSecret": "s3cret",
        "authURL": format!("{}/auth", service.url()),
        "tokenURL": format!("{}/token", service.url()),
        "userInfoURL": format!("{}/user", service.url()),
    });
    let options = json!({
        "otp": {"enabled": true}, "authAlert": {"enabled": true},
        "oauth2": {"enabled": true, "providers": [provider]},
    });
    accepted(&root.patch("/api/collections/users", &options));
    let ann = server.user("ann");
    let guest = server.guest();
    let call = |caller: &Caller<'_>, name: &str, form: &Json| {
        let answer = caller.post(&format!("/api/collections/users/{name}"), form);
        assert!(answer.status < 300, "{name}: {}", text(&answer));
        crate::support::json(&answer)
    };
    call(&ann, "auth-refresh", &json!({}));
    let email = json!({"email": "ann@example.com"});
    let mut n = 0;
    let mut mail = || {
        n += 1;
        sink.nth("ann@example.com", n)
    };
    // From another place: a mail tells of it.
    let form =
        json!({"identity": "ann@example.com", "password": PASSWORD, "identityField": "email"});
    let form = form.to_string();
    let headers = [
        ("Content-Type", "application/json"),
        ("User-Agent", "another"),
    ];
    let path = "/api/collections/users/auth-with-password";
    accepted(&guest.send("POST", path, &headers, Some(form.into_bytes())));
    mail();
    call(&guest, "request-verification", &email);
    let token = mail().token();
    call(&guest, "confirm-verification", &json!({ "token": token }));
    let otp_id = call(&guest, "request-otp", &email)["otpId"].clone();
    let otp = mail().otp().expect("a password");
    let form = json!({ "otpId": otp_id, "password": otp });
    let signed_in = call(&guest, "auth-with-otp", &form);
    call(&guest, "request-password-reset", &email);
    let token = mail().token();
    let form = json!({"token": token, "password": PASSWORD, "passwordConfirm": PASSWORD});
    call(&guest, "confirm-password-reset", &form);
    assert!(signed_in["token"].is_string());
    let form = json!({"identity": "ann@example.com", "password": PASSWORD});
    let token = call(&guest, "auth-with-password", &form)["token"].clone();
    let ann = Caller::at(server.address(), token.as_str().map(str::to_owned));
    call(
        &ann,
        "request-email-change",
        &json!({"newEmail": "new@example.com"}),
    );
    let token = sink.nth("new@example.com", 1).token();
    let form = json!({"token": token, "password": PASSWORD});
    call(&guest, "confirm-email-change", &form);
    let code = json!({"user": {"sub": "bob", "email": "bob@example.com", "email_verified": true}});
    for _ in 0..2 {
        let form = json!({
            "provider": "oidc", "code": code.to_string(), "codeVerifier": "v".repeat(43),
            "redirectURL": "http://localhost/cb", "createData": {"name": "Bob"},
        });
        let answer = call(&guest, "auth-with-oauth2", &form);
        assert_eq!(answer["record"]["name"], "Bob");
    }
}

fn realtime(server: &Server, root: &Caller<'_>) {
    let mut stream = Stream::open(server.address());
    let subscribed = stream.subscribe(&server.guest(), &["posts/*"]);
    assert_eq!(subscribed.status, 204);
    root.make("posts", &json!({"title": "live"}));
    stream.until(|event| event.name == "posts/*");
}

fn backups(server: &Server, root: &Caller<'_>) {
    let name = json!({"name": "one.zip"});
    assert_eq!(root.post("/api/backups", &name).status, 204);
    let before = root.items("posts", "").len();
    root.make("posts", &json!({"title": "after the backup"}));
    let restored = root.post("/api/backups/one.zip/restore", &json!({}));
    assert_eq!(restored.status, 204, "{}", text(&restored));
    until("the restored data", || {
        let path = format!("{}?perPage=1000", records("posts"));
        let answer = server.guest().try_send("GET", &path, &[], None);
        let answer = answer.map(|answer| crate::support::json(&answer));
        answer.is_ok_and(|page| {
            page["items"]
                .as_array()
                .is_some_and(|items| items.len() == before)
        })
    });
}
