//! What superusers may send by mistake: it is refused in words, nothing changes, and the server goes on.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use serde_json::{Map, Value as Json, json};

use crate::support::{Response, Server, SetOnDrop, accepted, json as body, records, text, until};

/// The paths to everything in a document that has no members of its own, and to the documents within it.
fn paths(value: &Json, at: &str, found: &mut Vec<String>) {
    if let Json::Object(members) = value {
        for (name, member) in members {
            let path = format!("{at}/{name}");
            paths(member, &path, found);
            found.push(path);
        }
    }
}

/// A change of one member.
fn change(path: &str, value: Json) -> Json {
    let names: Vec<&str> = path.split('/').skip(1).collect();
    names.iter().rev().fold(value, |value, name| {
        Json::Object(Map::from_iter([((*name).to_owned(), value)]))
    })
}

#[track_caller]
fn check_refusal(answer: &Response, what: &str) {
    let told = body(answer);
    let has_words = told["message"].as_str().is_some_and(|text| text.len() > 10);
    assert!(
        answer.status == 400 && has_words,
        "{what}: {} {}",
        answer.status,
        text(answer)
    );
}

#[test]
fn settings_of_wrong_types_and_values_change_nothing() {
    let server = Server::start();
    let root = server.superuser();
    let patch = |change: &Json| root.patch("/api/settings", change);
    // What is only there when it is not what it is by default, too.
    let shown = json!({"hooks": {"queue": 7}, "openapi": {"visibleTo": "users"}});
    accepted(&patch(&shown));
    let before = accepted(&root.get("/api/settings"));
    let mut all = vec![
        "/smtp/password".to_owned(),
        "/s3/secret".to_owned(),
        "/backups/s3/secret".to_owned(),
    ];
    paths(&before, "", &mut all);
    assert!(all.len() > 50, "{all:?}");
    for path in &all {
        let wrong = [
            json!({"a": 1}),
            json!([1, {"a": []}]),
            json!("no such value \u{0} \u{1f600}"),
            json!(-1),
            json!(1e300),
            json!(12.5),
            json!(true),
            json!(""),
            json!("x".repeat(100_000)),
            json!(9_007_199_254_740_993_i64),
        ];
        for value in wrong {
            let sent = change(path, value);
            let what = sent.to_string();
            let what: String = what.chars().take(120).collect();
            let answer = patch(&sent);
            if answer.status == 200 {
                // It was no wrong value for this member: back to what was there.
                accepted(&patch(&before));
                continue;
            }
            check_refusal(&answer, &what);
            assert_eq!(accepted(&root.get("/api/settings")), before, "{what}");
        }
    }
    for path in [
        "/smtp/port",
        "/logs/maxDays",
        "/batch/enabled",
        "/meta/appName",
        "/superuserIPs",
        "/rateLimits/rules",
    ] {
        let refused = patch(&change(path, json!({"a": 1})));
        check_refusal(&refused, path);
    }
    for text in [
        "",
        "{",
        "[]",
        "1",
        "{\"smtp\": {\"port\": 1}",
        "{\"smtp\": [}",
    ] {
        let headers = [("Content-Type", "application/json")];
        let sent = root.send(
            "PATCH",
            "/api/settings",
            &headers,
            Some(text.as_bytes().to_vec()),
        );
        assert!(matches!(sent.status, 200 | 400), "{text}: {}", sent.status);
        assert_eq!(accepted(&root.get("/api/settings")), before, "{text}");
    }
}

#[test]
fn malformed_schedules_are_told_apart() {
    let server = Server::start();
    let root = server.superuser();
    for (expression, expect) in [
        ("x", "segments"),
        ("* * * *", "segments"),
        ("* * * * * *", "segments"),
        ("@every 1m", "segments"),
        ("60 * * * *", "between"),
        ("* * 0 * *", "between"),
        ("0 0 1 1 7", "between"),
        ("5-1 * * * *", ""),
        ("1-2-3 * * * *", ""),
        ("1/2/3 * * * *", ""),
        ("*/0 * * * *", ""),
        ("MON * * * *", ""),
        ("-5 * * * *", ""),
        ("1, * * * *", ""),
        ("\n* * * * *", ""),
        ("99999999999999999999 * * * *", ""),
        ("* * * * *\u{0}", ""),
    ] {
        let answer = root.patch("/api/settings", &json!({"backups": {"cron": expression}}));
        check_refusal(&answer, expression);
        let issue = &body(&answer)["data"]["backups"]["cron"];
        assert_eq!(issue["code"], "validation_invalid_cron", "{expression:?}");
        let message = issue["message"].as_str().unwrap();
        assert!(
            message.to_lowercase().contains(expect),
            "{expression:?}: {message}"
        );
    }
    assert_eq!(accepted(&root.get("/api/settings"))["backups"]["cron"], "");
    for path in [
        "nothing",
        "..%2F__pbLogsCleanup__",
        "%00",
        "__pbAutoBackup__",
    ] {
        assert_eq!(
            root.post(&format!("/api/crons/{path}"), &json!({})).status,
            404,
            "{path}"
        );
    }
}

#[test]
fn rules_that_conflict_are_named() {
    let server = Server::start();
    let root = server.superuser();
    let rule = |label: &str, audience: &str| json!({"label": label, "audience": audience, "duration": 60, "maxRequests": 5});
    let before = accepted(&root.get("/api/settings"));
    for (rules, at) in [
        (vec![rule("/api/", ""), rule("/api/", "@guest")], "1"),
        (
            vec![
                rule("/api/", "@auth"),
                rule("x:list", ""),
                rule("/api/", "@auth"),
            ],
            "2",
        ),
        (vec![rule("*:auth", "@guest"), rule("*:auth", "")], "1"),
    ] {
        let answer = root.patch(
            "/api/settings",
            &json!({"rateLimits": {"enabled": true, "rules": rules}}),
        );
        check_refusal(&answer, at);
        let issue = &body(&answer)["data"]["rateLimits"]["rules"][at]["label"];
        assert_eq!(
            issue["code"],
            "validation_conflicting_rate_limit_rule",
            "{}",
            text(&answer)
        );
    }
    assert_eq!(accepted(&root.get("/api/settings")), before);
    let fine = json!([rule("/api/health", "@auth"), rule("/api/health", "@guest")]);
    accepted(&root.patch(
        "/api/settings",
        &json!({"rateLimits": {"enabled": true, "rules": fine}}),
    ));
}

#[test]
fn names_of_backups_lead_nowhere() {
    let server = Server::start();
    let root = server.superuser();
    let home = server.home();
    let bait = home.path().join("bait.zip");
    std::fs::write(&bait, "x").unwrap();
    for name in [
        "../bait.zip",
        "..\\bait.zip",
        "/tmp/bait.zip",
        "a/b.zip",
        ".zip",
        "..",
        "A.zip",
        "a.zip\u{0}",
        "a.zip\n",
        "a.tar",
        "ä.zip",
        "C:a.zip",
        "@auto_pb_backup_x.zip",
    ] {
        check_refusal(&root.post("/api/backups", &json!({"name": name})), name);
    }
    for name in [
        "..%2Fbait.zip",
        "%2e%2e%2f%2e%2e%2fbait.zip",
        "..%5Cbait.zip",
        ".hidden",
        "%00",
        "data.db",
        "a%2Fb.zip",
    ] {
        let path = format!("/api/backups/{name}");
        assert!(matches!(root.delete(&path).status, 400 | 404), "{name}");
        assert!(
            matches!(
                root.post(&format!("{path}/restore"), &json!({})).status,
                400 | 404
            ),
            "{name}"
        );
        let token = accepted(&root.post("/api/files/token", &json!({})));
        let read = root.get(&format!(
            "{path}?token={}",
            token["token"].as_str().unwrap()
        ));
        assert!(matches!(read.status, 400 | 404), "{name}");
    }
    for wrong in [
        json!({"name": 1}),
        json!({"name": {}}),
        json!({"name": "x".repeat(200) + ".zip"}),
        json!({"name": []}),
    ] {
        check_refusal(&root.post("/api/backups", &wrong), &wrong.to_string());
    }
    assert!(bait.exists());
    assert_eq!(accepted(&root.get("/api/backups")), json!([]));
}

/// What is counted of the slow requests that are answered.
const COUNTER: &str = "stead_requests_total{method=\"GET\",route=\"/api/collections/{collection}/records\",status=\"200\"} ";

/// Metrics are read while more is asked for than can be done: they are there, complete, and cost nobody an answer.
#[test]
fn metrics_are_answered_during_overload() {
    let server = Server::start();
    let root = server.superuser();
    root.make_collection(
        &json!({"name": "things", "type": "base", "listRule": "", "createRule": "",
        "fields": [{"name": "t", "type": "text"}]}),
    );
    for n in 0..200 {
        root.make("things", &json!({"t": format!("{n}")}));
    }
    let stop = AtomicBool::new(false);
    let slow = "/api/collections/things/records?perPage=500&filter=t~'1'%26%26t!~'zz'&sort=t";
    let (served, pages) = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..24)
            .map(|n| {
                let (stop, server) = (&stop, &server);
                scope.spawn(move || {
                    let (guest, mut served) = (server.guest(), 0_usize);
                    while !stop.load(Relaxed) {
                        let answer = if n % 3 == 0 {
                            guest.post("/api/collections/things/records", &json!({"t": "more"}))
                        } else {
                            guest.get(slow)
                        };
                        assert!(
                            matches!(answer.status, 200 | 429 | 503),
                            "{}",
                            text(&answer)
                        );
                        served += 1;
                    }
                    served
                })
            })
            .collect();
        let over = SetOnDrop(&stop);
        let mut pages: Vec<String> = Vec::new();
        until("some of the slow requests are counted", || {
            pages.push(text(&root.get("/api/stead/metrics")));
            pages.len() >= 20 && pages.last().is_some_and(|page| page.contains(COUNTER))
        });
        drop(over);
        let served: usize = clients
            .into_iter()
            .map(|client| client.join().unwrap())
            .sum();
        (served, pages)
    });
    assert!(served > 0);
    let mut last = 0.0;
    for page in &pages {
        assert!(page.ends_with('\n'));
        for line in page.lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(!name.is_empty() && value.parse::<f64>().is_ok(), "{line}");
        }
        let count = page
            .lines()
            .find_map(|line| line.strip_prefix(COUNTER))
            .map_or(0.0, |count| count.parse().unwrap());
        assert!(count >= last, "a counter went back");
        last = count;
    }
    assert!(last > 0.0, "{}", pages.last().unwrap());
}

#[test]
fn no_collection_takes_the_name_of_the_superusers_for_its_id() {
    let server = Server::start();
    let admin = server.superuser();
    let new = json!({"id": "_superusers", "name": "news", "type": "base"});
    assert_eq!(admin.post("/api/collections", &new).status, 400);
    let import = json!({"collections": [new]});
    let imported = admin.send(
        "PUT",
        "/api/collections/import",
        &[("Content-Type", "application/json")],
        Some(import.to_string().into_bytes()),
    );
    assert_eq!(imported.status, 400);
    accepted(&admin.patch(
        "/api/collections/_superusers",
        &json!({"mfa": {"enabled": false}}),
    ));
}

#[test]
fn a_page_beyond_all_numbers_is_empty() {
    let server = Server::start();
    let root = server.superuser();
    root.make_collection(&json!({"name": "open", "listRule": "", "fields": []}));
    root.make("open", &json!({}));
    let last = i64::MAX;
    for more in ["", "&skipTotal=1"] {
        let path = format!("{}?page={last}&perPage=100{more}", records("open"));
        let page = accepted(&server.guest().get(&path));
        assert_eq!(page["items"], json!([]));
        assert_eq!(page["page"], json!(last));
    }
}
