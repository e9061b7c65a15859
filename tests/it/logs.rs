//! What is logged, what is not, and reading it back over HTTP.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use stead::engine::{Engine, Options};
use tempfile::TempDir;

use crate::support::{Caller, Server, accepted, outcome, records, stead, text, until};

/// The entries that satisfy a filter, oldest first.
fn entries(root: &Caller<'_>, filter: &str) -> Vec<Json> {
    let filter: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    let page = root.get(&format!(
        "/api/logs?sort=created,@rowid&perPage=1000&filter={filter}"
    ));
    accepted(&page)["items"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

fn settings(root: &Caller<'_>, logs: &Json) {
    accepted(&root.patch("/api/settings", &json!({ "logs": logs })));
}

/// A server that never runs at the hours of the job keeps nothing for longer, either.
#[test]
fn what_became_too_old_while_no_server_ran_goes_with_the_start() {
    let server = Server::start();
    let token = server.superuser().token().to_owned();
    accepted(&server.guest().get("/api/health"));
    let home = server.home();
    server.signal("TERM");
    assert!(server.wait().success());
    let engine = Engine::open(&home.path().join("data/auxiliary.db"), Options::default()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    for (message, age) in [("too old", "-6 days"), ("old", "-4 days")] {
        let entry = format!(
            "INSERT INTO _logs (id, message, created) VALUES ('{age}', '{message}', strftime('%Y-%m-%d %H:%M:%fZ', 'now', '{age}'))"
        );
        let insert = engine.write(move |tx| tx.run(&entry, &[]).map(drop));
        runtime.block_on(insert).unwrap();
    }
    drop(engine);

    let server = Server::start_at(home, &[]);
    let root = Caller::at(server.address(), Some(token));
    until("what is too old goes", || {
        entries(&root, "message = 'too old'").is_empty()
    });
    assert_eq!(entries(&root, "message = 'old'").len(), 1);
}

#[test]
fn requests_are_logged_with_what_came_of_them() {
    let server = Server::start();
    let root = server.superuser();
    let guest = server.guest();
    accepted(&root.send(
        "GET",
        "/api/health?x=%61&token=secret",
        &[("Referer", "http://r/")],
        None,
    ));
    let referer = "http://r/?token=secret&password=secret&y=1";
    guest.send("GET", "/api/nowhere", &[("Referer", referer)], None);
    guest.get("/api/collections");
    guest.get("/nowhere");
    guest.post("/api/nowhere", &json!({}));
    let bad = json!({"email": "x", "password": "1", "passwordConfirm": "1"});
    assert_eq!(guest.post(&records("users"), &bad).status, 400);

    let served = entries(&root, "message ~ '/api/health'");
    let served = served.first().expect("the request is logged");
    assert_eq!(served["message"], "GET /api/health?x=a&token=***");
    assert_eq!(served["level"], 0);
    let data = &served["data"];
    for (name, expect) in [
        ("type", json!("request")),
        ("method", json!("GET")),
        ("url", json!("/api/health?x=%61&token=***")),
        ("status", json!(200)),
        ("referer", json!("http://r/")),
        ("userAgent", json!("conformance")),
        ("auth", json!("_superusers")),
        ("userIP", json!("127.0.0.1")),
        ("remoteIP", json!("127.0.0.1")),
    ] {
        assert_eq!(data[name], expect, "{name}");
    }
    assert!(data["execTime"].as_f64().is_some_and(|ms| ms > 0.0));
    assert!(data["authId"].is_null() && data["error"].is_null());

    for (message, status, error) in [
        (
            "GET /api/collections",
            401,
            "The request requires valid record authorization token.",
        ),
        ("GET /nowhere", 404, "File not found."),
        (
            "POST /api/nowhere",
            404,
            "The requested resource wasn't found.",
        ),
    ] {
        let found = entries(&root, &format!("message = '{message}' && level = 8"));
        let found = found
            .first()
            .unwrap_or_else(|| panic!("{message} is not logged"));
        assert_eq!(found["data"]["status"], status, "{message}");
        assert_eq!(found["data"]["error"], error, "{message}");
    }
    // Who asked for nothing that is there is known, too.
    root.get("/elsewhere");
    root.post("/api/elsewhere", &json!({}));
    for found in entries(&root, "message ~ 'elsewhere'") {
        assert_eq!(found["data"]["auth"], "_superusers", "{found}");
    }
    let invalid = entries(
        &root,
        "message = 'POST /api/collections/users/records' && data.status = 400",
    );
    assert_eq!(
        invalid[0]["data"]["details"]["email"],
        "Must be a valid email address."
    );
    let referred = entries(&root, "message = 'GET /api/nowhere'");
    assert_eq!(
        referred[0]["data"]["referer"],
        "http://r/?token=***&password=***&y=1"
    );
    assert!(!text(&root.get("/api/logs?perPage=1000")).contains("secret"));

    let id = served["id"].as_str().unwrap();
    let one = accepted(&root.get(&format!("/api/logs/{id}?fields=id,level")));
    assert_eq!(one, json!({"id": id, "level": 0}));
    let stats = accepted(&root.get("/api/logs/stats?filter=level=8"));
    // One entry for each hour, which may have changed meanwhile.
    let hours = stats.as_array().unwrap();
    let totals = hours.iter().map(|hour| hour["total"].as_u64().unwrap());
    assert!(totals.sum::<u64>() >= 4, "{stats}");
    for hour in hours {
        let date = hour["date"].as_str();
        assert!(date.is_some_and(|date| date.ends_with(":00:00.000Z")));
    }
    // The server may have something to say of its own at any time.
    let requests = || entries(&root, "data.type = 'request'");
    assert!(requests().len() >= 6);
    assert_eq!(root.send("DELETE", "/api/logs", &[], None).status, 204);
    assert_eq!(requests(), Vec::<Json>::new());
}

#[test]
fn what_clients_are_not_told_is_in_the_log() {
    let server = Server::start();
    let root = server.superuser();
    let guest = server.guest();
    let own = Some("@request.auth.id != ''");
    let fields = json!([{"name": "title", "type": "text"}]);
    let notes = json!({"name": "notes", "type": "base", "fields": fields, "listRule": "", "viewRule": own,
        "createRule": own, "updateRule": own, "deleteRule": own});
    accepted(&root.post("/api/collections", &notes));
    let note = records("notes");
    let id = accepted(&root.post(&note, &json!({"title": "x"})))["id"].clone();
    let one = format!("{note}/{}", id.as_str().unwrap());
    let account =
        json!({"email": "a@example.com", "password": "right-one", "passwordConfirm": "right-one"});
    accepted(&root.post(&records("users"), &account));
    let sign_in = "/api/collections/users/auth-with-password";
    let as_whom = |identity: &str| json!({"identity": identity, "password": "wrong-one"});

    guest.get(&format!("{note}?filter=titel%3D1"));
    guest.get(&format!("{note}?sort=titel"));
    guest.get(&one);
    guest.patch(&one, &json!({"title": "y"}));
    guest.send("DELETE", &one, &[], None);
    guest.post(&note, &json!({"title": "y"}));
    let json = [("Content-Type", "application/json")];
    guest.send(
        "POST",
        &note,
        &json,
        Some(b"{\n\"title\": secret}".to_vec()),
    );
    guest.post(sign_in, &as_whom("a@example.com"));
    guest.post(sign_in, &as_whom("b@example.com"));

    let logged = entries(&root, "data.status >= 400");
    let reasons: Vec<&str> = logged
        .iter()
        .map(|entry| entry["data"]["details"].as_str().unwrap_or("none"))
        .collect();
    let no_record = |rule: &str| {
        format!("notes has no record with this id, or the caller does not satisfy its {rule} rule")
    };
    assert_eq!(
        reasons,
        [
            "the filter is wrong: unknown field at position 1: \"titel\"",
            "the sort is wrong: unknown field at position 1: \"titel\"",
            &no_record("view"),
            "the caller does not satisfy the update rule of notes",
            &no_record("delete"),
            "the caller does not satisfy the create rule of notes",
            "the body is no valid JSON: line 2, column 10",
            "the password is wrong",
            "nobody has this identity",
        ]
    );
    let all = text(&root.get("/api/logs?perPage=1000"));
    assert!(!all.contains("secret") && !all.contains("wrong-one"));
}

#[test]
fn a_batch_is_logged_with_what_failed_in_it() {
    let server = Server::start();
    let root = server.superuser();
    let enabled = json!({"batch": {"enabled": true, "maxRequests": 5, "timeout": 5}});
    accepted(&root.patch("/api/settings", &enabled));
    let body = json!({"email": "x", "password": "a-secret", "passwordConfirm": "a-secret"});
    let item = json!({"method": "POST", "url": records("users"), "body": body});
    let batch = json!({ "requests": [item] });
    assert_eq!(root.post("/api/batch", &batch).status, 400);
    let logged = entries(&root, "message = 'POST /api/batch'");
    let details = &logged[0]["data"]["details"];
    let response = &details["requests"]["0"]["response"];
    assert_eq!(
        response["data"]["email"]["code"], "validation_is_email",
        "{details}"
    );
    assert!(!details.to_string().contains("a-secret"), "{details}");
}

#[test]
fn what_is_asked_in_passing_is_logged_where_it_fails() {
    let server = Server::start();
    let root = server.superuser();
    let guest = server.guest();
    let redirect = "/api/oauth2-redirect?code=a&state=b";
    assert_eq!(guest.get(redirect).status, 307);
    assert_eq!(guest.get("/_/nowhere.js").status, 404);
    assert_eq!(root.get("/api/logs?sort=level").status, 200);
    assert_eq!(root.get("/api/logs?sort=message:lower").status, 400);
    let logged: Vec<Json> = (entries(&root, "data.method = 'GET'").into_iter())
        .map(|entry| entry["message"].clone())
        .collect();
    let expect = ["GET /_/nowhere.js", "GET /api/logs?sort=message:lower"];
    assert_eq!(json!(logged), json!(expect));
}

#[test]
fn the_settings_say_what_is_logged() {
    let server = Server::start();
    let root = server.superuser();
    settings(
        &root,
        &json!({"logIP": false, "logAuthId": true, "maxDataSize": 300}),
    );
    accepted(&root.send(
        "GET",
        "/api/health?first",
        &[("User-Agent", &"x".repeat(1000))],
        None,
    ));
    let first = &entries(&root, "message ~ 'first'")[0]["data"];
    assert!(
        first["authId"].as_str().is_some_and(|id| id.len() == 15),
        "{first}"
    );
    assert!(first["userIP"].is_null() && first["userAgent"].is_null());
    assert_eq!(first["__pb_truncated__"], true);

    settings(&root, &json!({"minLevel": 8}));
    accepted(&root.get("/api/health?second"));
    root.post("/api/nowhere?second", &json!({}));
    let second = entries(&root, "message ~ 'second'");
    assert_eq!(second.len(), 1, "{second:?}");
    assert_eq!(second[0]["message"], "POST /api/nowhere?second");
    // What is below the least level goes.
    until("unwanted entries go", || {
        entries(&root, "level < 8").is_empty()
    });

    settings(&root, &json!({"minLevel": 0, "maxDays": 0}));
    root.post("/api/nowhere?third", &json!({}));
    assert_eq!(entries(&root, "message ~ 'third'"), Vec::<Json>::new());
}

#[test]
fn slow_statements_are_logged_with_their_plan() {
    let server = Server::start();
    let root = server.superuser();
    // How much it takes to be slow depends on the machine.
    let slow = |steps: u64| {
        let slow = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {steps}) \
             SELECT 'a' AS id, max(i) AS i FROM n"
        );
        let name = format!("slow{steps}");
        let data = json!({"name": name, "type": "view", "viewQuery": slow, "listRule": ""});
        let made = root.post("/api/collections", &data);
        assert_eq!(made.status, 200, "{}", outcome(&made));
        accepted(&root.get(&records(&name)));
        let filter = format!("message = 'a statement was slow' && data.sql ~ '{name}'");
        entries(&root, &filter).into_iter().next()
    };
    let found = (0..10).find_map(|n| slow(1_000_000 << n));
    let found = found.expect("the statement is logged");
    assert_eq!(found["level"], 4);
    assert!(
        found["data"]["duration_ms"].as_u64() >= Some(500),
        "{found}"
    );
    assert!(
        found["data"]["plan"]
            .as_str()
            .is_some_and(|plan| plan.contains("SCAN")),
        "{found}"
    );
}

#[test]
fn events_are_json_lines_when_asked_for() {
    let home = TempDir::new().unwrap();
    let mut child = stead()
        .current_dir(home.path())
        .args([
            "serve",
            "--dir",
            "data",
            "--http",
            "127.0.0.1:0",
            "--log-format",
            "json",
            "--dev",
        ])
        .env("STEAD_LOG", "stead=debug")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut first)
        .unwrap();
    let address = first
        .trim_end()
        .rsplit_once("http://")
        .unwrap()
        .1
        .parse()
        .unwrap();
    let caller = Caller::at(address, None);
    assert_eq!(caller.get("/api/health").status, 200);
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    for line in String::from_utf8(output.stderr).unwrap().lines() {
        let event: Json = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert!(event["level"].is_string(), "{line}");
    }
}

#[test]
fn a_log_that_nobody_reads_keeps_nobody_from_being_served() {
    let home = Arc::new(TempDir::new().unwrap());
    let hooks = home.path().join("hooks");
    fs::create_dir(&hooks).unwrap();
    fs::write(
        hooks.join("a.rhai"),
        r#"route("GET", "/api/app/fail", |e| { let t = "bad"; t.pad(3000, 'x'); throw t; });"#,
    )
    .unwrap();
    let mut command = stead();
    // The other end is kept by the server's handle, and never read.
    command.stderr(Stdio::piped());
    let server = Server::launch(command, home, &[]);
    // More than any pipe takes.
    for _ in 0..400 {
        assert_eq!(server.guest().get("/api/app/fail").status, 500);
    }
    let root = server.superuser();
    assert_eq!(root.get("/api/collections").status, 200);
    server.signal("TERM");
    assert!(server.wait().success());
}
