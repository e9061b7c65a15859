//! Batches: what their items may count on, and what they cost when they fail.

use serde_json::{Value as Json, json};

use crate::support::{
    Caller, Response, Server, accepted, files_in, json, record, records, text, together,
};

const ID: &str = "abcdefghijklmno";

fn server_with_batches(settings: &Json) -> Server {
    let server = Server::start();
    let superuser = server.superuser();
    accepted(&superuser.patch("/api/settings", &json!({ "batch": settings })));
    server
}

fn run(caller: &Caller<'_>, requests: &Json) -> Response {
    caller.post("/api/batch", &json!({ "requests": requests }))
}

/// What is said of the item that failed.
#[track_caller]
fn failure(answer: &Response, item: &str) -> Json {
    assert_eq!(answer.status, 400, "{}", text(answer));
    let failed = json(answer)["data"]["requests"][item]["response"].clone();
    assert!(failed.is_object(), "{}", text(answer));
    failed
}

#[test]
fn a_record_made_anew_keeps_its_files() {
    let server = server_with_batches(&json!({"enabled": true}));
    let superuser = server.superuser();
    superuser.make_collection(&json!({
        "name": "papers", "type": "base", "viewRule": "",
        "fields": [{"name": "file", "type": "file"}],
    }));
    let old = [("file", "old.txt", b"old".as_slice())];
    accepted(&superuser.form("POST", &records("papers"), &[("id", ID)], &old));
    let requests = json!({"requests": [
        {"method": "DELETE", "url": record("papers", ID)},
        {"method": "POST", "url": records("papers"), "body": {"id": ID}},
    ]});
    let answer = superuser.form(
        "POST",
        "/api/batch",
        &[("@jsonPayload", &requests.to_string())],
        &[("requests.1.file", "new.txt", b"new")],
    );
    let made = accepted(&answer)[1]["body"].clone();
    let name = made["file"].as_str().unwrap();
    let file = server
        .guest()
        .get(&format!("/api/files/papers/{ID}/{name}"));
    assert_eq!(
        (file.status, file.body.as_slice()),
        (200, b"new".as_slice())
    );
    let stored = files_in(&server.home().path().join("data/storage"));
    assert_eq!(stored.len(), 2, "{stored:?}");
    assert!(stored.iter().all(|path| path.contains(name)), "{stored:?}");
}

#[test]
fn what_is_uploaded_with_a_delete_is_not_stored() {
    let server = server_with_batches(&json!({"enabled": true}));
    let superuser = server.superuser();
    superuser.make_collection(&json!({
        "name": "papers", "type": "base", "deleteRule": "",
        "fields": [{"name": "file", "type": "file"}],
    }));
    superuser.make("papers", &json!({"id": ID}));
    let requests = json!({"requests": [{"method": "DELETE", "url": record("papers", ID)}]});
    let answer = server.guest().form(
        "POST",
        "/api/batch",
        &[("@jsonPayload", &requests.to_string())],
        &[("requests.0.file", "left.txt", b"left")],
    );
    assert_eq!(accepted(&answer), json!([{"body": null, "status": 204}]));
    let stored = files_in(&server.home().path().join("data/storage"));
    assert_eq!(stored, Vec::<String>::new());
}

/// Accounts whose passwords take long to hash, that nobody but superusers may make.
fn accounts(superuser: &Caller<'_>) {
    superuser.make_collection(&json!({
        "name": "accounts", "type": "auth", "createRule": "@request.auth.id != ''", "deleteRule": "",
        "fields": [{"name": "password", "type": "password", "system": true, "hidden": true, "required": true, "cost": 14}],
    }));
}

fn account(at: usize) -> Json {
    let body = json!({
        "email": format!("a{at}@example.com"), "password": "1234567890", "passwordConfirm": "1234567890",
    });
    json!({"method": "POST", "url": records("accounts"), "body": body})
}

#[test]
fn a_first_item_that_fails_is_told_before_others_are_worked_on() {
    let server = server_with_batches(&json!({"enabled": true, "timeout": 1}));
    accounts(&server.superuser());
    let guest = server.guest();
    let missing = json!({"method": "DELETE", "url": record("accounts", "nothing")});
    let mut requests = vec![missing];
    requests.extend((0..3).map(account));
    let answer = run(&guest, &json!(requests));
    assert_eq!(failure(&answer, "0")["status"], 404);

    let denied: Vec<Json> = (0..3).map(account).collect();
    let answer = run(&guest, &json!(denied));
    assert_eq!(failure(&answer, "0")["message"], "Failed to create record.");

    // Behind an item that is none, nothing counts either.
    let mut requests = vec![json!({"method": "GET", "url": records("accounts")})];
    requests.extend((0..3).map(account));
    let answer = run(&server.superuser(), &json!(requests));
    assert_eq!(failure(&answer, "0")["status"], 400);
}

#[test]
fn the_time_limit_holds_for_what_is_done_before_the_transaction() {
    let server = server_with_batches(&json!({"enabled": true, "timeout": 1, "maxRequests": 200}));
    let superuser = server.superuser();
    accounts(&superuser);
    // All of them would take longer than any client waits here.
    let requests: Vec<Json> = (0..200).map(account).collect();
    let answer = run(&superuser, &json!(requests));
    assert_eq!(answer.status, 400, "{}", text(&answer));
    assert_eq!(json(&answer)["message"], "Batch transaction failed.");
    assert!(superuser.items("accounts", "").is_empty());
}

#[test]
fn later_items_count_on_earlier_ones() {
    let server = server_with_batches(&json!({"enabled": true, "timeout": 60}));
    let superuser = server.superuser();
    superuser.make_collection(&json!({
        "name": "members", "type": "auth", "createRule": "", "updateRule": "id = @request.auth.id",
    }));
    let first = json!({"password": "1234567890", "passwordConfirm": "1234567890"});
    superuser.make(
        "members",
        &json!({"id": ID, "email": "m@example.com", "password": "1234567890", "passwordConfirm": "1234567890"}),
    );
    let signed_in = superuser.post(
        "/api/collections/members/auth-with-password",
        &json!({"identity": "m@example.com", "password": first["password"]}),
    );
    let token = accepted(&signed_in)["token"].as_str().unwrap().to_owned();
    let member = Caller::at(server.address(), Some(token));
    let change = |old: &str, new: &str| {
        let body = json!({"oldPassword": old, "password": new, "passwordConfirm": new});
        json!({"method": "PATCH", "url": record("members", ID), "body": body})
    };
    let wrong = run(
        &member,
        &json!([
            change("1234567890", "secondsecond"),
            change("1234567890", "third-third")
        ]),
    );
    assert_eq!(
        failure(&wrong, "1")["data"]["oldPassword"]["code"],
        "validation_invalid_old_password"
    );
    accepted(&run(
        &member,
        &json!([
            change("1234567890", "secondsecond"),
            change("secondsecond", "third-third")
        ]),
    ));
    let signs_in = |password: &str| {
        let data = json!({"identity": "m@example.com", "password": password});
        superuser
            .post("/api/collections/members/auth-with-password", &data)
            .status
    };
    assert_eq!(
        (signs_in("secondsecond"), signs_in("third-third")),
        (400, 200)
    );
}

#[test]
fn guessing_the_old_password_is_slowed() {
    let server = Server::start();
    let superuser = server.superuser();
    superuser.make_collection(&json!({
        "name": "members", "type": "auth", "updateRule": "",
        "fields": [{"name": "password", "type": "password", "system": true, "hidden": true, "required": true, "cost": 4}],
    }));
    superuser.make(
        "members",
        &json!({"id": ID, "email": "m@example.com", "password": "1234567890", "passwordConfirm": "1234567890"}),
    );
    let member = server.sign_in("members", "m@example.com");
    let change = |old: &str| {
        let data =
            json!({"oldPassword": old, "password": "x-x-x-x-x", "passwordConfirm": "x-x-x-x-x"});
        member.patch(&record("members", ID), &data).status
    };
    let answers = together(30, |_| change("guessed"));
    assert!(
        answers.iter().all(|status| matches!(status, 400 | 429)),
        "{answers:?}"
    );
    // Not even the right one tells then.
    assert_eq!(change("1234567890"), 429);
}

#[test]
fn addresses_and_headers_of_items_are_read_strictly() {
    let server = server_with_batches(&json!({"enabled": true}));
    let superuser = server.superuser();
    superuser.make_collection(&json!({
        "name": "posts", "type": "base", "createRule": "", "updateRule": "",
        "fields": [{"name": "t", "type": "text"}],
    }));
    let guest = server.guest();
    let path = records("posts");
    for url in [
        format!("{path}/"),
        format!("{path}?%zz"),
        format!("{path}?a;b"),
        "/api/collections/p%6Fsts/records".to_owned(),
    ] {
        failure(&run(&guest, &json!([{"method": "POST", "url": url}])), "0");
    }
    let nothing = json!([{"method": "POST", "url": path, "headers": {"X-Nothing": null}}]);
    accepted(&run(&guest, &nothing));
    let said = json!([
        {"method": "POST", "url": format!("{path}?id={ID}&t=query")},
        {"method": "PATCH", "url": format!("{}?t=query", record("posts", ID)), "body": {"t": "body"}},
    ]);
    let answer = accepted(&run(&guest, &said));
    assert_eq!(
        (&answer[0]["body"]["id"], &answer[0]["body"]["t"]),
        (&json!(ID), &json!("query"))
    );
    assert_eq!(answer[1]["body"]["t"], "body");
}
