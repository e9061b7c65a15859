//! Limits under load and behind a proxy; the rules themselves are in the corpus.

use serde_json::{Value as Json, json};

use crate::support::{Caller, Server, accepted, json as json_of, outcome, run_in, together, until};

fn patch(root: &Caller<'_>, settings: &Json) {
    accepted(&root.patch("/api/settings", settings));
}

#[test]
fn exactly_as_many_requests_as_allowed_get_through() {
    let server = Server::start();
    let root = server.superuser();
    let rule = json!({"label": "/api/health", "audience": "", "duration": 600, "maxRequests": 25});
    patch(
        &root,
        &json!({"rateLimits": {"enabled": true, "rules": [rule]}}),
    );
    let guest = server.guest();
    let statuses = together(8, |_| {
        (0..10)
            .map(|_| guest.get("/api/health").status)
            .collect::<Vec<_>>()
    });
    let served = statuses
        .iter()
        .flatten()
        .filter(|status| **status == 200)
        .count();
    assert_eq!(served, 25, "{statuses:?}");
}

#[test]
fn clients_cannot_choose_their_address_behind_a_proxy() {
    let server = Server::start();
    let root = server.superuser();
    let rule = json!({"label": "/api/health", "audience": "", "duration": 600, "maxRequests": 1});
    patch(
        &root,
        &json!({
            "trustedProxy": {"headers": ["X-Forwarded-For"], "useLeftmostIP": false},
            "rateLimits": {"enabled": true, "rules": [rule]},
        }),
    );
    // The proxy appends the address it saw to whatever the client claims.
    let through = |claimed: &str| {
        let forwarded = format!("{claimed}, 203.0.113.9");
        let headers = [("X-Forwarded-For", forwarded.as_str())];
        server
            .guest()
            .send("GET", "/api/health", &headers, None)
            .status
    };
    assert_eq!(through("198.51.100.1"), 200);
    assert_eq!(through("198.51.100.2"), 429);
    assert_eq!(through("127.0.0.1"), 429);
}

#[test]
fn empty_answers_stay_the_same_when_they_are_slowed() {
    let server = Server::start();
    let root = server.superuser();
    accepted(&root.post(
        "/api/collections",
        &json!({"name": "things", "type": "base", "listRule": "t = 'visible'", "fields": [{"name": "t", "type": "text"}]}),
    ));
    root.make("things", &json!({"t": "hidden"}));
    let guest = server.guest();
    for _ in 0..6 {
        assert!(guest.items("things", "filter=t='hidden'").is_empty());
    }
}

#[test]
fn whoever_is_locked_out_gets_in_on_the_command_line() {
    let server = Server::start();
    let home = server.home();
    let root = server.superuser();
    patch(&root, &json!({"superuserIPs": ["10.0.0.1"]}));
    assert_eq!(root.get("/api/settings").status, 403);
    server.signal("TERM");
    assert!(server.wait().success());
    let ips = |list: &[&str]| {
        let arguments = [&["superuser", "ips"], list, &["--dir", "data"]].concat();
        run_in(home.path(), &arguments)
    };
    assert!(!ips(&["nonsense"]).status.success());
    let shown = ips(&["10.0.0.1", "127.0.0.0/8"]);
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("├─ 10.0.0.1\n└─ 127.0.0.0/8"), "{shown}");
    let server = Server::start_at(home, &[]);
    let root = server.superuser();
    assert_eq!(root.get("/api/settings").status, 200);
}

#[test]
fn a_running_server_follows_the_command_line() {
    let server = Server::start();
    let home = server.home();
    let root = server.superuser();
    patch(&root, &json!({"superuserIPs": ["10.0.0.1"]}));
    let list = ["superuser", "ips", "127.0.0.1", "--dir", "data"];
    assert!(run_in(home.path(), &list).status.success());
    until("the server follows", || {
        root.get("/api/settings").status == 200
    });
    // A change beside it, and one before anybody could notice, take nothing back.
    patch(&root, &json!({"meta": {"appName": "kept"}}));
    let list = ["superuser", "ips", "127.0.0.0/8", "--dir", "data"];
    assert!(run_in(home.path(), &list).status.success());
    patch(&root, &json!({"logs": {"maxDays": 3}}));
    let seen = accepted(&root.get("/api/settings"));
    assert_eq!(seen["superuserIPs"], json!(["127.0.0.0/8"]));
    assert_eq!(seen["meta"]["appName"], "kept");
    assert_eq!(seen["logs"]["maxDays"], 3);
}

#[test]
fn a_renamed_collection_takes_nothing_of_the_settings_back() {
    let server = Server::start();
    let home = server.home();
    let root = server.superuser();
    root.make_collection(&json!({"name": "first"}));
    let rule = json!({"label": "first:list", "maxRequests": 10, "duration": 1});
    patch(&root, &json!({"rateLimits": {"rules": [rule]}}));
    let list = ["superuser", "ips", "127.0.0.0/8", "--dir", "data"];
    assert!(run_in(home.path(), &list).status.success());
    // Before the server could notice.
    accepted(&root.patch("/api/collections/first", &json!({"name": "second"})));
    let seen = accepted(&root.get("/api/settings"));
    assert_eq!(seen["superuserIPs"], json!(["127.0.0.0/8"]));
    assert_eq!(seen["rateLimits"]["rules"][0]["label"], "second:list");
}

#[test]
fn a_collection_does_not_take_over_the_limit_of_another_name() {
    let server = Server::start();
    let root = server.superuser();
    let first = root.make_collection(&json!({"name": "first"}));
    let rule = |label: &str| json!({"label": label, "maxRequests": 10, "duration": 1});
    patch(
        &root,
        &json!({"rateLimits": {"rules": [rule("first:list"), rule("second:list")]}}),
    );
    let renamed = json!({"name": "second"});
    let refused = root.patch("/api/collections/first", &renamed);
    let label = "/data/rateLimits/rules/1/label/code";
    let code = json_of(&refused).pointer(label).cloned();
    assert_eq!(code, Some(json!("validation_conflicting_rate_limit_rule")));
    let imported = json!({"collections": [{"id": first["id"], "name": "second"}]});
    assert_eq!(
        root.send(
            "PUT",
            "/api/collections/import",
            &[("Content-Type", "application/json")],
            Some(imported.to_string().into_bytes())
        )
        .status,
        400
    );
    patch(&root, &json!({"meta": {"appName": "still saved"}}));
    accepted(&root.patch("/api/collections/first", &json!({"name": "third"})));
}

#[test]
fn superusers_see_which_header_may_name_their_clients() {
    let server = Server::start();
    let root = server.superuser();
    patch(
        &root,
        &json!({"trustedProxy": {"headers": ["X-First", "X-Second"], "useLeftmostIP": false}}),
    );
    let seen = |first: &str, second: &str| {
        let headers = [("X-First", first), ("X-Second", second)];
        let data = accepted(&root.send("GET", "/api/health", &headers, None))["data"].take();
        [data["possibleProxyHeader"].clone(), data["realIP"].clone()]
    };
    assert_eq!(seen("", ""), ["", "127.0.0.1"]);
    assert_eq!(seen("", "1.2.3.4"), ["X-Second", "1.2.3.4"]);
    let zone = seen("fe80::1%eth0", "");
    assert_eq!(zone[0], "X-First");
    assert_eq!(zone[1], "fe80:0000:0000:0000:0000:0000:0000:0001");
}

#[test]
fn archives_open_from_where_superusers_may_come_from() {
    let server = Server::start();
    let root = server.superuser();
    patch(
        &root,
        &json!({
            "trustedProxy": {"headers": ["X-Client"], "useLeftmostIP": false},
            "superuserIPs": ["127.0.0.1"],
        }),
    );
    let token = accepted(&root.post("/api/files/token", &json!({})))["token"].take();
    let path = format!("/api/backups/x.zip?token={}", token.as_str().unwrap());
    let from = |client: &str| {
        let headers = [("X-Client", client)];
        outcome(&server.guest().send("GET", &path, &headers, None))
    };
    assert!(from("127.0.0.1").starts_with("404 "));
    assert_eq!(
        from("10.0.0.1"),
        "403 Insufficient permissions to access the resource."
    );
}
