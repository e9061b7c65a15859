//! Everything scripts can call is used by a test or by an example that a test runs; and the calls nothing else uses.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use super::{open, with_scripts};
use crate::support::{accepted, files_in, outcome, run_in, text};

fn definitions() -> String {
    let home = tempfile::TempDir::new().unwrap();
    let output = run_in(home.path(), &["hooks", "types", "-"]);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Names of the members that objects have besides functions.
pub(super) fn properties() -> BTreeSet<String> {
    let definitions = definitions();
    let names = definitions.lines().filter_map(|line| {
        let name = line.trim().strip_prefix("let ")?.strip_suffix(';')?;
        Some(name.to_owned())
    });
    let names: BTreeSet<String> = names.collect();
    assert!(names.len() > 5, "{names:?}");
    names
}

/// Namespace and name of every function, as `stead hooks types` tells them.
pub(super) fn functions() -> Vec<(String, String)> {
    let definitions = definitions();
    let mut namespace = String::new();
    let mut all = Vec::new();
    for line in definitions.lines() {
        if let Some(name) = line
            .strip_prefix("module ")
            .and_then(|l| l.strip_suffix(" {"))
        {
            name.clone_into(&mut namespace);
        } else if line == "}" {
            namespace.clear();
        } else if let Some((name, _)) = line
            .trim()
            .strip_prefix("fn ")
            .and_then(|l| l.split_once('('))
        {
            all.push((namespace.clone(), name.to_owned()));
        }
    }
    assert!(all.len() > 150, "{}", all.len());
    all
}

#[test]
fn every_function_is_used_by_a_test() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = String::new();
    for folder in ["tests/it/hooks", "examples"] {
        for file in files_in(&root.join(folder)) {
            let text = std::fs::read_to_string(root.join(folder).join(file));
            sources.push_str(&text.unwrap_or_default());
        }
    }
    let is_used = |namespace: &str, name: &str| {
        let global = format!("{name}(");
        if namespace.is_empty() || namespace == "files" {
            return sources.contains(&global);
        }
        sources.contains(&format!("{namespace}::{global}"))
    };
    let missing: Vec<String> = functions()
        .into_iter()
        .filter(|(_, name)| !name.starts_with("on_"))
        .filter(|(namespace, name)| !is_used(namespace, name))
        .map(|(namespace, name)| format!("{namespace}::{name}"))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let missing: Vec<String> = properties()
        .into_iter()
        .filter(|name| !sources.contains(&format!(".{name}")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn what_no_other_test_calls() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_record_view_request("posts", |e| { e.record.unhide("secret"); app.store().set("seen from", [e.real_ip(), e.remote_ip(), e.url]); e.set_header("x-seen", "1"); e.set_cookie(#{ name: "c", value: "1" }); });
        route("GET", "/api/app/all", |e| {
            let post = app.records("posts")[0];
            let info = e.request_info();
            let guest = app.can_access(post, "title = 'a' && @request.query.q = 'x'", info);
            let nobody = app.can_access(post, (), info);
            app.import_collections([#{ name: "imported", type: "base", fields: [#{ name: "x", type: "text" }] }], false);
            app.create_backup("made.zip");
            let user = app.first_record("users", "email = 'ann@example.com'");
            user.refresh_token_key();
            app.save(user);
            let file = files::from_blob("a.bin", "abc".to_blob());
            let data = try_it(|| throw bad_request("x", #{ a: validation_error("my_code", "b") }));
            log::trace("d"); log::error("e", #{ a: 1 });
            #{
                seen: app.store().get("seen from"), guest: guest, nobody: nobody, imported: app.collection("imported").name, bytes: file.bytes().len(),
                kind: file.content_type, size: file.size, trimmed: text::trim("  a "), parsed: time::parse("2024-01-02"),
                code: validation_error("my_code", "b").code, data: data.a.code,
                download: try_it(|| files::from_url("http://127.0.0.1:1/x")), missing: try_it(|| app.restore_backup("none.zip")),
            }
        }, [gzip()]);
        fn try_it(work) { try { work.call(); return "fine"; } catch (error) { return if error.data.keys().len() > 0 { error.data } else { error.message }; } }
        route("POST", "/api/app/taken", |e| #{ name: e.files("doc")[0].name, text: e.files("doc")[0].text(), note: e.body().note });
        route("POST", "/api/app/sent", |e| http::send(#{
            url: e.body().url, method: "POST", form: #{ note: "n" }, files: #{ doc: files::from_text("a\"b.txt", "content") },
        }).json);
        route("POST", "/api/app/fetched", |e| {
            let file = files::from_url(e.body().url);
            #{ name: file.name, text: file.text() }
        });
        "#,
    )]);
    let root = server.superuser();
    root.make_collection(&json!({
        "name": "posts", "type": "base", "viewRule": "", "fields": [
            {"name": "title", "type": "text"}, {"name": "secret", "type": "text", "hidden": true},
        ],
    }));
    let post = root.make("posts", &json!({"title": "a", "secret": "s"}));
    let ann = server.user("ann");
    let view = format!(
        "/api/collections/posts/records/{}",
        post["id"].as_str().unwrap()
    );
    let seen = server.guest().get(&view);
    assert_eq!(accepted(&seen)["secret"], "s");
    assert_eq!(seen.header("x-seen").as_deref(), Some("1"));
    assert_eq!(seen.header("set-cookie").as_deref(), Some("c=1; Path=/"));
    let url = format!("http://{}/api/app/taken", server.address());
    let sent = accepted(&server.guest().post("/api/app/sent", &json!({ "url": url })));
    assert_eq!(
        sent,
        json!({"name": "a_b.txt", "text": "content", "note": "n"})
    );
    let all = accepted(&server.guest().get("/api/app/all?q=x"));
    assert_eq!(
        all,
        json!({
            "seen": ["127.0.0.1", "127.0.0.1", view], "guest": true, "nobody": false, "imported": "imported", "bytes": 3, "kind": all["kind"], "size": 3,
            "trimmed": "a", "parsed": "2024-01-02 00:00:00.000Z", "code": "my_code", "data": "my_code",
            "download": all["download"], "missing": "Missing or invalid backup file.",
        })
    );
    let message = all["download"].as_str().unwrap();
    assert!(message.starts_with("The download failed"), "{message}");
    let refreshed = ann.post("/api/collections/users/auth-refresh", &json!({}));
    assert_eq!(refreshed.status, 401, "the key is another");
    let url = format!("http://{}/api/health", server.address());
    let fetched = accepted(
        &server
            .guest()
            .post("/api/app/fetched", &json!({ "url": url })),
    );
    assert_eq!(fetched["name"], "health");
    assert!(
        fetched["text"].as_str().unwrap().contains("API is healthy"),
        "{fetched}"
    );
}

#[test]
fn limits_follow_the_settings() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("GET", "/api/app/loop", |e| { let n = 0; while n < 200000 { n += 1; } n });
        route("GET", "/api/app/text", |e| { let s = ""; for i in 0..3000 { s += "x"; } s.len() });
        route("GET", "/api/app/deep", |e| deep(30));
        fn deep(n) { if n == 0 { 0 } else { 1 + deep(n - 1) } }
        route("GET", "/api/app/slow", |e| { sleep(1500); "done" });
        route("GET", "/api/app/brief", |e| e.json(200, #{ name: e.query("name") }));
        route("GET", "/api/app/held", |e| app.transaction(|tx| { sleep(1500); "done" }));
        "#,
    )]);
    let root = server.superuser();
    open(&root, "posts", &["title"]);
    let guest = server.guest();
    for path in ["loop", "text", "deep", "slow", "held"] {
        let answer = guest.get(&format!("/api/app/{path}"));
        assert_eq!(answer.status, 200, "{path}: {}", text(&answer));
    }
    assert_eq!(accepted(&root.get("/api/settings")).get("hooks"), None);
    let bad = root.patch(
        "/api/settings",
        &json!({"hooks": {"callDepth": 1, "deadline": 99999}}),
    );
    let data = crate::support::json(&bad)["data"]["hooks"].clone();
    assert!(
        data["callDepth"].is_object() && data["deadline"].is_object(),
        "{data}"
    );
    let hooks = json!({
        "operations": 100_000, "maxText": 1024, "callDepth": 10, "deadline": 1, "transactionDeadline": 1,
        "concurrent": 2, "queue": 3,
    });
    let changed = accepted(&root.patch("/api/settings", &json!({ "hooks": hooks })));
    assert_eq!(changed["hooks"]["operations"], 100_000);
    let began = std::time::Instant::now();
    while guest.get("/api/app/loop").status == 200 {
        assert!(
            began.elapsed().as_secs() < 30,
            "the limits are not in force"
        );
    }
    for path in ["loop", "text", "deep", "slow", "held"] {
        let answer = guest.get(&format!("/api/app/{path}"));
        assert_eq!(
            outcome(&answer),
            "500 Something went wrong while processing your request.",
            "{path}"
        );
    }
    // Two run, three wait, and the rest is told to come again.
    let statuses = crate::support::together(12, |_| {
        let slow = guest.get("/api/app/slow").status;
        (slow, guest.get("/api/app/brief?name=x").status)
    });
    assert!(
        statuses.iter().any(|(slow, _)| *slow == 503),
        "{statuses:?}"
    );
    // What is over at once needs no turn.
    assert!(
        statuses.iter().all(|(_, brief)| *brief == 200),
        "{statuses:?}"
    );
    assert_eq!(guest.get("/api/health").status, 200);
}
