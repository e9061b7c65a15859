//! What the documentation of scripts promises in passing, line by line: files, handlers, requests, logs, limits.

use std::io::Read as _;

use serde_json::{Value as Json, json};

use super::{open, with_scripts, write};
use crate::support::{
    Caller, Server, accepted, outcome, record, records, run_in, text, together, until, until_some,
};

/// The first log entry with a message that contains this.
fn logged(root: &Caller<'_>, message: &str) -> Json {
    let path = format!("/api/logs?perPage=100&sort=created&filter=(message~'{message}')");
    let path = path.replace(' ', "%20");
    until_some(message, || {
        let found = accepted(&root.get(&path))["items"][0].clone();
        (!found.is_null()).then_some(found)
    })
}

#[test]
fn what_a_script_logs_can_be_searched_by_its_members() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("GET", "/api/app/log", |e| {
            log::warn("full", #{ id: "abc", n: 5, nested: #{ a: 1 }, data: "own" });
            log::info("plain");
            let long = "";
            long.pad(100000, 'x');
            log::error("large", #{ a: 1, b: long, c: 1 });
            ()
        });
        "#,
    )]);
    let root = server.superuser();
    assert_eq!(server.guest().get("/api/app/log").status, 204);
    let full = logged(&root, "full");
    assert_eq!(
        full["data"],
        json!({"id": "abc", "n": 5, "nested": {"a": 1}, "data": "own"})
    );
    let found = accepted(&root.get("/api/logs?filter=(data.id='abc'%26%26data.nested.a=1)"));
    assert_eq!(found["items"][0]["message"], "full");
    assert_eq!(logged(&root, "plain")["data"], json!({}));
    let large = logged(&root, "large");
    assert_eq!(large["data"]["a"], 1);
    assert!(large.to_string().len() < 20_000, "{large}");
}

#[test]
fn files_are_loaded_in_order_with_a_scope_each() {
    let server = with_scripts(&[
        (
            "b.rhai",
            "const NAME = \"b\"; let seen = [NAME]; on_record_create(\"posts\", |e| { e.record.title += NAME; seen.push(e.record.title); });",
        ),
        (
            "a.rhai",
            "const NAME = \"a\"; on_record_create(\"posts\", |e| { e.record.title += helper(NAME); });\nfn helper(name) { name }",
        ),
        (
            "_c.rhai",
            "on_record_create(\"posts\", |e| { e.record.title += \"c\"; });",
        ),
        (
            "lib/d.rhai",
            "on_record_create(\"posts\", |e| { e.record.title += \"d\"; });",
        ),
    ]);
    open(&server.superuser(), "posts", &["title"]);
    let made = server.guest().make("posts", &json!({"title": "x"}));
    assert_eq!(made["title"], "xab");
}

#[test]
fn handlers_wrap_each_other_in_their_order() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        fn note(e, text) { e.set("trail", (e.get("trail") ?? "") + text); }
        middleware(|e| { note(e, "middleware "); });
        on_record_create_request("posts", |e| { note(e, "1> "); e.next(); note(e, "<1"); e.set_header("x-trail", e.get("trail")); });
        on_record_create_request(["others", "posts"], |e| { note(e, "2> "); });
        on_record_create("posts", |e| { note(e, "3> "); e.next(); note(e, "<3 "); });
        route("GET", "/api/app/trail", |e| e.get("trail"));
        "#,
    )]);
    open(&server.superuser(), "posts", &["title"]);
    let answer = server.guest().post(&records("posts"), &json!({}));
    let trail = answer.header("x-trail");
    assert_eq!(trail.as_deref(), Some("middleware 1> 2> 3> <3 <1"));
    let trail = accepted(&server.guest().get("/api/app/trail"));
    assert_eq!(trail, "middleware ", "each request has its own");
}

#[test]
fn going_on_within_a_transaction_is_refused_at_once() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_record_create("posts", |e| { app.transaction(|tx| {
            e.next();
        }); });
        on_record_update_request("posts", |e| {
            app.transaction(|tx| { app.save(app.new_record("notes", #{ title: "lost" })); e.next(); });
        });
        on_record_delete("posts", |e| { app.transaction(|tx| { e.next(); }); });
        on_record_view_request("posts", |e| { app.transaction(|tx| { e.next(); }); });
        // Saves of the transaction itself go on within it.
        on_record_create("notes", |e| { e.record.title += "!"; e.next(); e.record.title += "?"; });
        route("POST", "/api/app/notes", |e| app.transaction(|tx| app.save(app.new_record("notes", #{ title: "kept" }))));
        "#,
    )]);
    let root = server.superuser();
    open(&root, "posts", &["title"]);
    open(&root, "notes", &["title"]);
    let guest = server.guest();
    let refused = guest.post(&records("posts"), &json!({"title": "a"}));
    assert_eq!(refused.status, 500);
    let entry = logged(&root, "cannot be called within app.transaction");
    let place = &entry["data"];
    assert_eq!(place["file"], "a.rhai", "{entry}");
    assert_eq!(place["line"], 3, "{entry}");
    assert!(guest.items("posts", "").is_empty());

    let made = accepted(&guest.post("/api/app/notes", &json!({})));
    assert_eq!(made["title"], "kept!?");
    accepted(&root.post(
        "/api/sql",
        &json!({"query": "INSERT INTO posts (id, title) VALUES ('post00000000001', 'a')"}),
    ));
    let path = record("posts", "post00000000001");
    assert_eq!(accepted(&guest.get(&path))["title"], "a");
    assert_eq!(guest.patch(&path, &json!({"title": "b"})).status, 500);
    assert_eq!(guest.delete(&path).status, 500);
    assert_eq!(accepted(&guest.get(&path))["title"], "a");
    let notes = guest.items("notes", "");
    assert_eq!(notes.len(), 1, "{notes:?}");
    assert_eq!(notes[0]["title"], "kept!");
}

#[test]
fn tags_are_names_or_ids() {
    let server = Server::start();
    let made = open(&server.superuser(), "posts", &["title"]);
    let home = server.home();
    drop(server);
    let script = format!(
        "on_record_create(\"{}\", |e| {{ e.record.title = \"by id\"; }});",
        made["id"].as_str().unwrap()
    );
    write(home.path(), "a.rhai", &script);
    let server = Server::start_at(home, &[]);
    assert_eq!(server.guest().make("posts", &json!({}))["title"], "by id");
}

#[test]
fn failures_are_logged_with_file_line_and_event() {
    let server = with_scripts(&[(
        "wrong.rhai",
        r#"
        on_record_create("broken", |e| {
            let x = [1];
            x[7];
        });
        on_record_update("itself", |e| { e.next(); app.save(e.record); });
        route("GET", "/api/app/print", |e| {
            print("printed here");
            print(4242);
            debug("debugged here");
        });
        "#,
    )]);
    let root = server.superuser();
    accepted(&root.patch("/api/settings", &json!({"logs": {"minLevel": -4}})));
    open(&root, "broken", &["title"]);
    open(&root, "itself", &["n:number"]);
    let guest = server.guest();
    assert_eq!(guest.post(&records("broken"), &json!({})).status, 500);
    let entry = logged(&root, "Array index");
    assert_eq!(entry["data"]["file"], "wrong.rhai", "{entry}");
    assert_eq!(entry["data"]["line"], 4, "{entry}");
    assert_eq!(entry["data"]["event"], "record_create", "{entry}");
    let made = guest.make("itself", &json!({}));
    let path = record("itself", made["id"].as_str().unwrap());
    assert_eq!(guest.patch(&path, &json!({"n": 1})).status, 500);
    let chain =
        "handlers keep saving within each other: record_update of itself > record_update of itself";
    until(chain, || {
        text(&root.get("/api/logs?perPage=50&sort=-created")).contains(chain)
    });
    assert_eq!(guest.get("/api/app/print").status, 204);
    for (message, line) in [("printed here", 8), ("4242", 9), ("debugged here", 10)] {
        let entry = logged(&root, message);
        assert_eq!(entry["data"]["line"], line, "{entry}");
        assert_eq!(entry["data"]["file"], "wrong.rhai", "{entry}");
    }
    let trace = logged(&root, "called");
    assert!(trace["data"]["operations"].as_u64() > Some(0), "{trace}");
    assert!(trace["data"]["event"].is_string(), "{trace}");
}

#[test]
fn the_app_of_an_event_is_that_of_its_transaction() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_record_create("posts", |e| {
            e.app.save(e.app.new_record("notes", #{ title: `${e.app.count("posts")} before ${e.record.title}` }));
        });
        "#,
    )]);
    let root = server.superuser();
    open(&root, "posts", &["title"]);
    open(&root, "notes", &["title"]);
    accepted(&root.patch("/api/settings", &json!({"batch": {"enabled": true}})));
    let item = |data: Json| json!({"method": "POST", "url": records("posts"), "body": data});
    let good = [item(json!({"title": "a"})), item(json!({"title": "b"}))];
    let batch = |items: &[Json]| root.post("/api/batch", &json!({ "requests": items }));
    let bad = [item(json!({"title": "c"})), item(json!({"id": "x"}))];
    assert_eq!(batch(&bad).status, 400);
    assert!(root.items("notes", "").is_empty(), "undone with the batch");
    accepted(&batch(&good));
    let notes = root.items("notes", "sort=title");
    let titles: Vec<&str> = notes.iter().filter_map(|n| n["title"].as_str()).collect();
    assert_eq!(titles, ["0 before a", "1 before b"]);
}

#[test]
fn without_watching_only_a_reload_loads_and_calls_end_as_they_began() {
    let version = |n: u32| {
        format!(
            "route(\"GET\", \"/api/app/slow\", |e| {{ while app.store().get(\"go\") == () {{ sleep(5); }} `v{n}` }});\n\
             route(\"GET\", \"/api/app/version\", |e| \"v{n}\");\n\
             route(\"POST\", \"/api/app/go\", |e| app.store().set(\"go\", true));\n\
             route(\"GET\", \"/api/app/begun\", |e| e.text(200, \"yes\"));\n"
        )
    };
    let server = Server::start_with(&["--hooks-watch=false"], |home| {
        write(home, "a.rhai", &version(1));
    });
    let (root, guest) = (server.superuser(), server.guest());
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| accepted(&server.guest().get("/api/app/slow")));
        write(server.home().path(), "a.rhai", &version(2));
        for _ in 0..20 {
            assert_eq!(accepted(&guest.get("/api/app/version")), "v1");
        }
        accepted(&root.post("/api/stead/hooks/reload", &json!({})));
        assert_eq!(accepted(&guest.get("/api/app/version")), "v2");
        assert_eq!(guest.post("/api/app/go", &json!({})).status, 204);
        let ended = slow.join().unwrap();
        assert!(ended == "v1" || ended == "v2", "{ended}");
    });
}

#[test]
fn answers_are_compressed_where_a_route_says_so() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("GET", "/api/app/packed", |e| { let s = ""; s.pad(5000, 'x'); #{ s: s } }, [gzip()]);
        route("GET", "/api/app/plain", |e| { let s = ""; s.pad(5000, 'x'); #{ s: s } });
        route("GET", "/api/app/small", |e| "x", [gzip()]);
        route("GET", "/api/app/either", |e| "in", [require_auth("users", "staff")]);
        route("GET", "/api/app/quiet", |e| "quiet", [skip_logging()]);
        "#,
    )]);
    let guest = server.guest();
    let ask = |path: &str, accept: &str| {
        let headers = [("Accept-Encoding", accept)];
        guest.send("GET", path, &headers, None)
    };
    let packed = ask("/api/app/packed", "gzip, deflate");
    assert_eq!(packed.header("content-encoding").as_deref(), Some("gzip"));
    let mut plain = String::new();
    let mut reader = flate2::read::GzDecoder::new(packed.body.as_slice());
    reader.read_to_string(&mut plain).unwrap();
    assert_eq!(plain, text(&ask("/api/app/packed", "identity")));
    for (path, accept) in [
        ("/api/app/packed", "gzip;q=0"),
        ("/api/app/plain", "gzip"),
        ("/api/app/small", "gzip"),
    ] {
        assert_eq!(ask(path, accept).header("content-encoding"), None, "{path}");
    }
    let root = server.superuser();
    root.make_collection(&json!({"name": "staff", "type": "auth", "fields": []}));
    assert_eq!(server.user("ann").get("/api/app/either").status, 200);
    assert_eq!(root.get("/api/app/either").status, 403);
    accepted(&guest.get("/api/app/quiet"));
    accepted(&guest.get("/api/app/plain"));
    logged(&root, "app/plain");
    let quiet = "/api/logs?filter=(message~'app/quiet')";
    assert_eq!(accepted(&root.get(quiet))["items"], json!([]));
}

#[test]
fn variables_are_read_when_the_operator_says_so() {
    let script = r#"
        fn read(name) { try { return env::get(name) != ""; } catch (error) { return error.message; } }
        route("GET", "/api/app/env", |e| #{
            path: read("PATH"), home: read("HOME"), cargo: read("CARGO_MANIFEST_DIR"), lines: json::stringify(#{ a: [1] }, 3),
        });
    "#;
    let server = Server::start_with(&["--hooks-env", "PATH,CARGO_*"], |home| {
        write(home, "a.rhai", script);
    });
    let seen = accepted(&server.guest().get("/api/app/env"));
    let refused = "Scripts may read variables that start with STEAD_HOOKS_, and those that --hooks-env names.";
    assert_eq!(
        seen,
        json!({"path": true, "home": refused, "cargo": true, "lines": "{\n   \"a\": [\n      1\n   ]\n}"})
    );
}

#[test]
fn check_knows_which_functions_there_are() {
    let home = tempfile::TempDir::new().unwrap();
    write(
        home.path(),
        "a.rhai",
        r#"
        import "lib/own" as own;
        fn shout(text) { text.to_upper() }
        let object = #{ run: |x| x + 1 };
        on_record_create("posts", |e| {
            e.record.title = shoot(e.record.title);
            e.record.slug = text::slgu(e.record.title);
            e.record.is_nwe();
            print(object.run(1)); own::anything(); shout("x"); [1].map(|n| n * 2); e.next();
        });
        "#,
    );
    write(home.path(), "lib/own.rhai", "fn anything() { 1 }");
    let output = run_in(home.path(), &["hooks", "check", "hooks"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    for expect in [
        "a.rhai:6:30: there is no function shoot; did you mean shout?",
        "a.rhai:7:35: there is no function text::slgu; did you mean text::slug?",
        "a.rhai:8:22: there is no function is_nwe; did you mean is_new?",
    ] {
        assert!(told.contains(expect), "{expect} is not in {told}");
    }
    assert_eq!(told.matches("there is no function").count(), 3, "{told}");
    assert!(
        told.ends_with("error: 3 calls of functions that do not exist\n"),
        "{told}"
    );
}

#[test]
fn check_looks_into_modules() {
    let home = tempfile::TempDir::new().unwrap();
    write(
        home.path(),
        "a.rhai",
        r#"
        import "lib/own" as own;
        import "lib/text" as text;
        route("GET", "/api/app/own", |e| own::mony(1));
        route("GET", "/api/app/hidden", |e| own::hidden());
        route("GET", "/api/app/fine", |e| own::money(text::shorten("x")) + own::more::anything());
        "#,
    );
    let own = r#"
        import "lib/text" as more;
        fn money(n) { hidden() + rond(n) }
        private fn hidden() { app.recrods("posts") }
    "#;
    write(home.path(), "lib/own.rhai", own);
    write(home.path(), "lib/text.rhai", "fn shorten(s) { s }");
    write(home.path(), "_unused.rhai", "fn f() { time::nwo() }");
    let output = run_in(home.path(), &["hooks", "check", "hooks"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    for expect in [
        "a.rhai:4:47: there is no function own::mony; did you mean own::money?",
        "a.rhai:5:50: there is no function own::hidden",
        "lib/own.rhai:3:34: there is no function rond; did you mean round?",
        "lib/own.rhai:4:35: there is no function recrods; did you mean records?",
        "_unused.rhai:1:16: there is no function time::nwo",
    ] {
        assert!(told.contains(expect), "{expect} is not in {told}");
    }
    assert_eq!(told.matches("there is no function").count(), 5, "{told}");
}

/// One in the place of a built-in job would end that for good.
#[test]
fn jobs_of_scripts_do_not_replace_those_of_the_server() {
    let home = tempfile::TempDir::new().unwrap();
    let script = r#"cron::cron_add("__pbLogsCleanup__", "0 0 1 1 *", || { });"#;
    write(home.path(), "a.rhai", script);
    let output = run_in(home.path(), &["hooks", "check", "hooks"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{told}");
    assert!(
        told.contains("a.rhai:") && told.contains("name for the server's own jobs"),
        "{told}"
    );
}

const HEAVY: &str = r#"
    let big = [];
    for i in 0..20000 { big.push(i); }
    route("GET", "/api/app/captured", |e| #{ n: big.len() });
    route("GET", "/api/app/nested", |e| { let m = #{}; loop { m = #{ m: m }; } });
    route("GET", "/api/app/items", |e| { let a = []; for i in 0..3000 { a.push(i); } a.len() });
    route("GET", "/api/app/members", |e| { let m = #{}; for i in 0..3000 { m[i.to_string()] = i; } m.len() });
    route("POST", "/api/app/silent", |e| http::send(#{ url: e.body().url, timeout: 1 }));
    cron::cron_add("long", "0 0 1 1 *", || { try { sleep(60000); } catch { } loop { } });
    cron::cron_add("short", "0 0 1 1 *", || { app.store().set("short", true); });
    route("GET", "/api/app/short", |e| #{ ran: app.store().get("short") });
"#;

#[test]
fn lists_and_jobs_have_limits_of_the_settings() {
    let server = with_scripts(&[("heavy.rhai", HEAVY)]);
    let (root, guest) = (server.superuser(), server.guest());
    for path in ["items", "members"] {
        let answer = guest.get(&format!("/api/app/{path}"));
        assert_eq!(answer.status, 200, "{}", text(&answer));
    }
    // What a handler captured is shared by all calls.
    let seen = together(8, |_| accepted(&server.guest().get("/api/app/captured")));
    assert!(seen.iter().all(|seen| seen["n"] == 20_000), "{seen:?}");

    // Nobody answers here: the system takes the connection, and that is all.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let answer = guest.post("/api/app/silent", &json!({ "url": url }));
    assert_eq!(
        outcome(&answer),
        "500 Something went wrong while processing your request."
    );
    let failed = logged(&root, "The request failed");
    assert_eq!(
        (&failed["data"]["file"], &failed["data"]["line"]),
        (&json!("heavy.rhai"), &json!(8)),
        "{failed}"
    );

    let hooks = json!({"maxItems": 1000, "cronDeadline": 1, "deadline": 2});
    // What does not fit any more keeps the old set, which keeps its old limits.
    write(
        server.home().path(),
        "heavy.rhai",
        &HEAVY.replace("0..20000", "0..10"),
    );
    until("the other script", || {
        accepted(&guest.get("/api/app/captured"))["n"] == 10
    });
    accepted(&root.patch("/api/settings", &json!({ "hooks": hooks })));
    until("the limits", || guest.get("/api/app/items").status == 500);
    for path in ["items", "members", "nested"] {
        let answer = guest.get(&format!("/api/app/{path}"));
        assert_eq!(
            outcome(&answer),
            "500 Something went wrong while processing your request.",
            "{path}"
        );
    }
    assert_eq!(root.post("/api/crons/long", &json!({})).status, 204);
    // A machine that is slow lets a request above run out of time too, whose entry in the request's own words names no
    // file.
    let entry = logged(&root, "ran out of time'%26%26data.event='cron long");
    assert_eq!(entry["data"]["file"], "heavy.rhai", "{entry}");
    assert_eq!(root.post("/api/crons/short", &json!({})).status, 204);
    until("another job", || {
        accepted(&guest.get("/api/app/short"))["ran"] == json!(true)
    });
}

#[test]
fn every_limit_is_tested() {
    let server = Server::start();
    let root = server.superuser();
    let names = [
        "operations",
        "deadline",
        "transactionDeadline",
        "cronDeadline",
        "callDepth",
        "maxText",
        "maxItems",
        "concurrent",
        "queue",
    ];
    // A limit that is not among the names would have its default here, and is shown with the others.
    let other = json!({"hooks": {"callDepth": 63}});
    let shown = accepted(&root.patch("/api/settings", &other))["hooks"].clone();
    let mut known: Vec<&str> = shown
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let mut names = names.to_vec();
    known.sort_unstable();
    names.sort_unstable();
    assert_eq!(known, names);
    let tests = concat!(include_str!("lines.rs"), include_str!("every_function.rs"));
    for name in names {
        assert!(tests.contains(&format!("\"{name}\": ")), "{name}");
    }
}
