//! What scripts are kept from, and what is easily overlooked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use super::{open, with_scripts, write};
use crate::support::{Server, accepted, outcome, run_in, text, until};

#[test]
fn statements_of_scripts_stay_in_their_transaction_and_database() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("POST", "/api/app/execute", |e| #{ n: app.execute(e.body().sql) });
        route("POST", "/api/app/query", |e| app.transaction(|tx| tx.query(e.body().sql)));
        "#,
    )]);
    let root = server.superuser();
    open(&root, "posts", &["title"]);
    let home = server.home();
    let elsewhere = home.path().join("elsewhere.db");
    let attach = format!("ATTACH '{}' AS q", elsewhere.display());
    let nested = format!("/**/; {attach}");
    let refused = [
        attach.as_str(),
        nested.as_str(),
        "commit",
        ";ROLLBACK",
        "-- x\nEND",
        "SAVEPOINT s",
        "PRAGMA synchronous = OFF",
    ];
    for sql in refused {
        let answer = root.post("/api/app/execute", &json!({ "sql": sql }));
        assert_eq!(answer.status, 500, "{sql}");
    }
    for sql in [attach.as_str(), "COMMIT", "; commit"] {
        let answer = root.post("/api/app/query", &json!({ "sql": sql }));
        assert_eq!(answer.status, 500, "{sql}");
    }
    assert!(!elsewhere.exists());
    let script = json!({"query": "CREATE TABLE t (x); ; COMMIT"});
    assert_eq!(root.post("/api/sql", &script).status, 400);

    let insert =
        json!({"sql": "/* one */ INSERT INTO posts (id, title) VALUES ('post00000000001', 'a')"});
    assert_eq!(accepted(&root.post("/api/app/execute", &insert))["n"], 1);
    let select = json!({"sql": "SELECT title FROM posts"});
    let rows = accepted(&root.post("/api/app/query", &select));
    assert_eq!(rows, json!([{"title": "a"}]));
}

#[test]
fn new_records_take_uploaded_files() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("POST", "/api/app/import", |e| {
            let file = e.files("sheet")[0];
            let doc = app.save(app.new_record("docs", #{ title: file.name, sheet: file }));
            #{ url: files::url(doc, doc.sheet) }
        }, [require_auth("users"), body_limit(10_000_000)]);
        "#,
    )]);
    open(&server.superuser(), "docs", &["title", "sheet:file"]);
    let user = server.user("ann");
    let files: [(&str, &str, &[u8]); 1] = [("sheet", "a.csv", b"q,w")];
    let made = accepted(&user.form("POST", "/api/app/import", &[], &files));
    let stored = server.guest().get(made["url"].as_str().unwrap());
    assert_eq!(text(&stored), "q,w");
    assert_eq!(server.guest().items("docs", "")[0]["title"], "a.csv");
}

#[test]
fn scripts_may_wait_at_their_top_level_for_as_long_as_loading_may_take() {
    let version = |n: &str, pause: &str| {
        format!("sleep({pause}); route(\"GET\", \"/api/app/version\", |e| e.text(200, \"{n}\"));")
    };
    let server = with_scripts(&[("a.rhai", &version("1", "5"))]);
    let home = server.home();
    let shows = |n: &str| {
        until(n, || text(&server.guest().get("/api/app/version")) == n);
    };
    shows("1");
    write(home.path(), "a.rhai", &version("2", "6"));
    shows("2");
    assert!(run_in(home.path(), &["hooks", "check"]).status.success());
    write(home.path(), "a.rhai", &version("3", "600_000"));
    let output = run_in(home.path(), &["hooks", "check"]);
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("ran out of time"), "{told}");
    assert_eq!(output.status.code(), Some(1));
    write(home.path(), "a.rhai", &version("4", "5"));
    shows("4");
}

#[test]
fn definitions_for_editors_are_no_script() {
    let server = with_scripts(&[(
        "a.rhai",
        "route(\"GET\", \"/api/app/here\", |e| e.text(200, \"yes\"));",
    )]);
    let home = server.home();
    let hooks = home.path().join("hooks");
    assert!(run_in(&hooks, &["hooks", "types"]).status.success());
    assert!(hooks.join("stead.d.rhai").exists());
    assert!(run_in(home.path(), &["hooks", "check"]).status.success());
    let root = server.superuser();
    let reloaded = accepted(&root.post("/api/stead/hooks/reload", &json!({})));
    assert_eq!(reloaded, json!({"problems": []}));
    assert_eq!(outcome(&root.get("/api/app/here")), "200 ");
}

#[test]
fn no_route_takes_over_a_built_in_address() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("GET", "/{path...}", |e| e.text(200, "taken " + e.path("path")));
        route("POST", "/{path...}", |e| e.text(200, "taken"));
        route("GET", "/api/{name}", |e| e.text(200, "taken"));
        route("GET", "/api/{a}/users/records", |e| e.text(200, "taken"));
        route("GET", "/{a}/{b}", |e| e.text(200, "both"));
        route("POST", "/api/{a}/{b}/auth-with-password", |e| { log::warn(e.body().password); e.text(200, "taken") });
        "#,
    )]);
    let guest = server.guest();
    let built_in = [
        "/_/",
        "/api/health",
        "/api/collections",
        "/api/collections/users/records",
        "/api/files/a/b/c",
        "/api/stead/hooks",
        "/api/settings",
        "/api/oauth2-redirect",
        "/api/backups/x",
    ];
    for path in built_in {
        let answer = text(&guest.get(path));
        assert!(!answer.contains("taken") && answer != "both", "{path}");
    }
    let form = json!({"identity": "a@example.com", "password": "1234567890"});
    let refused = guest.post("/api/collections/users/auth-with-password", &form);
    assert_eq!(refused.status, 400);
    assert_eq!(
        guest.post("/api/sql", &json!({"query": "SELECT 1"})).status,
        401
    );
    for (path, expect) in [
        ("/", "taken "),
        ("/shop/cart", "both"),
        ("/shop/cart/1", "taken shop/cart/1"),
        ("/api/own", "taken"),
        ("/api/own/x/y", "taken api/own/x/y"),
    ] {
        assert_eq!(text(&guest.get(path)), expect, "{path}");
    }

    let home = tempfile::TempDir::new().unwrap();
    for path in ["/api/sql", "/api/oauth2-redirect", "/api/health", "/_/x"] {
        let script = format!("route(\"GET\", \"{path}\", |e| ());");
        write(home.path(), "a.rhai", &script);
        let output = run_in(home.path(), &["hooks", "check"]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains("clashes with the built-in"), "{told}");
    }
}

/// Opens a stream and reads its head; the stream is open as long as the connection is kept.
fn open_stream(server: &Server, path: &str) -> (String, TcpStream) {
    let mut connection = TcpStream::connect(server.address()).unwrap();
    let patience = Some(Duration::from_secs(30));
    connection.set_read_timeout(patience).unwrap();
    write!(connection, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut status = String::new();
    let mut reader = BufReader::new(&connection);
    reader.read_line(&mut status).unwrap();
    drop(reader);
    (status, connection)
}

#[test]
fn bodies_of_routes_fail_as_those_of_the_api_do() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"route("POST", "/api/app/echo", |e| e.raw_body(), [body_limit(100)]);"#,
    )]);
    let head = "POST /api/app/echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let long = format!("c8\r\n{}\r\n0\r\n\r\n", "1".repeat(200));
    for (body, expect) in [
        ("2\r\n{}\r\n0\r\n\r\n", "200"),
        ("2\r\n{}\r\nno length\r\n", "400"),
        (long.as_str(), "413"),
    ] {
        let mut connection = TcpStream::connect(server.address()).unwrap();
        connection
            .write_all(format!("{head}{body}").as_bytes())
            .unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1);
        assert_eq!(status, Some(expect), "{body} {answer}");
    }
}

#[test]
fn open_streams_keep_nobody_waiting_and_are_bounded() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("GET", "/api/app/ticks", |e| e.stream(200, "text/event-stream", |out| {
            loop { out.write("data: x\n\n"); sleep(500); }
        }));
        route("GET", "/api/app/here", |e| { sleep(1); "yes" });
        on_record_create("posts", |e| { e.record.title += "!"; });
        "#,
    )]);
    let root = server.superuser();
    open(&root, "posts", &["title"]);
    accepted(&root.patch("/api/settings", &json!({"hooks": {"concurrent": 2}})));
    let mut streams = Vec::new();
    while streams.len() < 200 {
        let (status, connection) = open_stream(&server, "/api/app/ticks");
        assert!(status.contains(" 200 "), "{}: {status}", streams.len());
        streams.push(connection);
    }
    let guest = server.guest();
    assert_eq!(accepted(&guest.get("/api/app/here")), "yes");
    let made = guest.make("posts", &json!({"title": "a"}));
    assert_eq!(made["title"], "a!");
    let reloaded = root.post("/api/stead/hooks/reload", &json!({}));
    assert_eq!(accepted(&reloaded), json!({"problems": []}));

    let (status, _) = open_stream(&server, "/api/app/ticks");
    assert!(status.contains(" 503 "), "{status}");
    drop(streams);
    until("a place is free", || {
        open_stream(&server, "/api/app/ticks").0.contains(" 200 ")
    });
}

#[test]
fn texts_that_would_be_too_long_are_never_made() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        fn long() { let text = "a"; while text.len() < 1_000_000 { text += text; } text }
        route("GET", "/api/app/replace", |e| { let text = long(); text.replace("a", text); text.len() });
        route("GET", "/api/app/char", |e| { let text = long(); text.replace('a', text); text.len() });
        route("GET", "/api/app/regex", |e| { let text = long(); text::regex_replace(text, "a", text).len() });
        route("GET", "/api/app/template", |e| {
            let text = "{{x}}";
            while text.len() < 1_000_000 { text += text; }
            text::template(text, #{ x: text }).len()
        });
        route("GET", "/api/app/short", |e| {
            let text = "a-b";
            text.replace("-", "--");
            let other = "x.y";
            other.replace('.', "::");
            [text, other, text::regex_replace("ab12", "([a-z]+)([0-9]+)", "$2$1")]
        });
        "#,
    )]);
    let guest = server.guest();
    for name in ["replace", "char", "regex", "template"] {
        assert_eq!(guest.get(&format!("/api/app/{name}")).status, 500, "{name}");
    }
    let short = accepted(&guest.get("/api/app/short"));
    assert_eq!(short, json!(["a--b", "x::y", "12ab"]));
}
