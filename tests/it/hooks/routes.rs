//! Routes and middleware of scripts, and the namespaces they use.

use std::io::{Read as _, Write as _};

use serde_json::json;

use super::with_scripts;
use crate::support::{Caller, accepted, json as body, outcome, text, until};

#[test]
fn routes_see_the_request_and_answer_it() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("GET", "/api/app/hello/{name}", |e| e.json(200, #{ hello: e.path("name"), q: e.query("q"), h: e.header("X-Test"), c: e.cookie("b"), m: e.method, u: e.url, ip: e.remote_ip() }));
        route("GET", "/api/app/hello/world", |e| "exact");
        route("POST", "/api/app/echo", |e| #{ body: e.body(), raw: e.raw_body() });
        route("GET", "/api/app/files/{rest...}", |e| e.text(200, e.path("rest")));
        route("GET", "/api/app/go", |e| e.redirect(302, "/elsewhere"));
        route("GET", "/api/app/page", |e| { e.set_cookie(#{ name: "a", value: "b", http_only: true }); e.html(200, "<p>hi</p>") });
        route("GET", "/api/app/me", |e| #{ id: e.auth.id, root: e.is_superuser() }, [require_auth()]);
        route("GET", "/api/app/users", |e| "ok", [require_auth("users")]);
        route("GET", "/api/app/root", |e| "ok", [require_superuser()]);
        route("GET", "/api/app/guests", |e| "ok", [require_guest()]);
        route("GET", "/api/app/own/{id}", |e| "ok", [require_superuser_or_owner("id")]);
        route("POST", "/api/app/small", |e| "ok", [body_limit(10)]);
        middleware(|e| { e.set("x", 1); e.set_header("x-powered-by", "stead"); });
        "#,
    )]);
    let guest = server.guest();
    let headers = [("X-Test", "1"), ("Cookie", "a=1; b=2")];
    let answer = guest.send("GET", "/api/app/hello/a%20b?q=x", &headers, None);
    assert_eq!(
        accepted(&answer),
        json!({"hello": "a b", "q": "x", "h": "1", "c": "2", "m": "GET", "u": "/api/app/hello/a%20b?q=x", "ip": "127.0.0.1"})
    );
    assert_eq!(answer.header("x-powered-by").as_deref(), Some("stead"));
    assert_eq!(
        guest.get("/api/health").header("x-powered-by").as_deref(),
        Some("stead")
    );
    assert_eq!(body(&guest.get("/api/app/hello/world")), json!("exact"));
    let fields = accepted(&guest.get("/api/app/hello/a?fields=hello"));
    assert_eq!(fields, json!({"hello": "a"}));
    let echo = accepted(&guest.post("/api/app/echo", &json!({"a": [1, null]})));
    assert_eq!(
        echo,
        json!({"body": {"a": [1, null]}, "raw": "{\"a\":[1,null]}"})
    );
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let echo = guest.send(
        "POST",
        "/api/app/echo",
        &form,
        Some(b"a=1&a=2&b=%20".to_vec()),
    );
    assert_eq!(accepted(&echo)["body"], json!({"a": ["1", "2"], "b": " "}));
    assert_eq!(text(&guest.get("/api/app/files/a/b%2Fc")), "a/b/c");
    let away = guest.get("/api/app/go");
    assert_eq!(
        (away.status, away.header("location").as_deref()),
        (302, Some("/elsewhere"))
    );
    let page = guest.get("/api/app/page");
    assert_eq!(
        page.header("set-cookie").as_deref(),
        Some("a=b; Path=/; HttpOnly")
    );
    assert_eq!(
        page.header("content-type").as_deref(),
        Some("text/html; charset=utf-8")
    );
    assert_eq!(guest.send("HEAD", "/api/app/page", &[], None).status, 200);
    assert_eq!(guest.post("/api/app/page", &json!({})).status, 404);

    let user = server.user("ann");
    let superuser = server.superuser();
    let status = |caller: &Caller<'_>, path: &str| caller.get(path).status;
    assert_eq!(
        outcome(&guest.get("/api/app/me")),
        "401 The request requires valid record authorization token."
    );
    let me = accepted(&user.get("/api/app/me"));
    let own = format!("/api/app/own/{}", me["id"].as_str().unwrap());
    for (path, expect) in [
        ("/api/app/users", [401, 200, 403]),
        ("/api/app/root", [401, 403, 200]),
        ("/api/app/guests", [200, 400, 400]),
        (own.as_str(), [401, 200, 200]),
        ("/api/app/own/other", [401, 403, 200]),
    ] {
        let seen = [&guest, &user, &superuser].map(|caller| status(caller, path));
        assert_eq!(seen, expect, "{path}");
    }
    assert_eq!(
        guest
            .post("/api/app/small", &json!({"long": "enough"}))
            .status,
        413
    );
}

#[test]
fn namespaces_do_what_they_say() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        fn fails(work) { try { work.call(); return false; } catch (e) { return true; } }
        route("GET", "/api/app/all", |e| {
            let key = "12345678901234567890123456789012";
            let token = security::jwt_create(#{ a: 1 }, "k", 60);
            let hash = security::hash_password("secret");
            #{
                sha256: security::sha256("a"), md5: security::md5("a"), sha512: security::sha512("a").len(),
                hmac: security::hmac_sha256("a", "k"), equal: security::equal("a", "a") && !security::equal("a", "b"),
                random: security::random_string(9).len(), alphabet: security::random_string(3, "x"), uuid: security::uuid().len(),
                bytes: security::random_bytes(5).len(),
                sealed: security::decrypt(security::encrypt("hi", key), key), wrong_key: fails(|| security::decrypt("x", key)),
                jwt: security::jwt_parse(token, "k").a, bad_jwt: fails(|| security::jwt_parse(token, "x")),
                no_key: fails(|| security::jwt_create(#{ a: 1 }, "", 60)), peek: security::jwt_unverified(token).a,
                password: security::verify_password("secret", hash) && !security::verify_password("other", hash),
                base64: security::base64_decode(security::base64_encode("a b")), hex: security::hex_decode(security::hex_encode("a b")),
                json: json::parse("{\"a\":[1,2.5,null]}"), text: json::stringify(#{ b: 1 }), bad_json: fails(|| json::parse("{")),
                later: time::add("2026-01-31 00:00:00.000Z", #{ days: 1, hours: -1 }), diff: time::diff("2026-01-01 00:01:00Z", "2026-01-01"),
                date: time::format("2026-01-31", "%d.%m.%Y"), unix: time::unix("1970-01-02"), now: time::now().len(),
                slug: text::slug("Ä b"), words: text::words("a b c", 2), find: text::regex_find("a1b22", "[a-z](\\d\\d)"),
                replaced: text::regex_replace("a1", "(\\d)", "<$1>"), matches: text::regex_match("abc", "^a"),
                html: text::escape_html("<a>"), stripped: text::strip_html("<p>x</p>"), template: text::template("{{a}}", #{ a: "<" }),
                env: fails(|| env::get("HOME")), unset: env::get("STEAD_HOOKS_NOTHING"),
                count: app.store().incr("n", 2) + app.store().incr("n", 1), dir: app.data_dir(),
                collections: app.collections().len() > 3, users: app.collection("users").type, app_name: app.settings().meta.appName,
            }
        });
        "#,
    )]);
    let all = accepted(&server.guest().get("/api/app/all"));
    let expect = json!({
        "sha256": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
        "md5": "0cc175b9c0f1b6a831c399e269772661", "sha512": 128,
        "hmac": all["hmac"], "equal": true, "random": 9, "alphabet": "xxx", "uuid": 36, "bytes": 5,
        "sealed": "hi", "wrong_key": true, "jwt": 1, "bad_jwt": true, "no_key": true, "peek": 1, "password": true,
        "base64": "a b", "hex": "a b", "json": {"a": [1, 2.5, null]}, "text": "{\"b\":1}", "bad_json": true,
        "later": "2026-01-31 23:00:00.000Z", "diff": 60, "date": "31.01.2026", "unix": 86400, "now": 24,
        "slug": "ae-b", "words": "a b", "find": ["b22", "22"], "replaced": "a<1>", "matches": true,
        "html": "&lt;a&gt;", "stripped": "x", "template": "&lt;", "env": true, "unset": "",
        "count": 5, "dir": "data", "collections": true, "users": "auth", "app_name": all["app_name"],
    });
    assert_eq!(all, expect);
}

#[test]
fn jobs_of_scripts_are_listed_and_run() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        cron::cron_add("mine", "0 0 1 1 *", || { app.store().set("ran", true); });
        cron::cron_add("gone", "0 0 1 1 *", || { });
        cron::cron_remove("gone");
        route("GET", "/api/app/ran", |e| #{ ran: app.store().get("ran") });
        "#,
    )]);
    let superuser = server.superuser();
    let listed = accepted(&superuser.get("/api/crons"));
    assert_eq!(listed[0], json!({"id": "mine", "expression": "0 0 1 1 *"}));
    assert!(!text(&superuser.get("/api/crons")).contains("gone"));
    assert_eq!(superuser.post("/api/crons/mine", &json!({})).status, 204);
    let began = std::time::Instant::now();
    while accepted(&superuser.get("/api/app/ran"))["ran"] != json!(true) {
        assert!(began.elapsed().as_secs() < 30, "the job has not run");
    }
}

#[test]
fn scripts_send_requests_within_limits() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("POST", "/api/app/echo", |e| {
            e.set_header("x-seen", e.header("X-Sent"));
            e.set_cookie(#{ name: "c", value: "1" });
            e.json(201, #{ body: e.body(), q: e.query("q") })
        });
        route("GET", "/api/app/big", |e| { let s = "x"; s.pad(100000, 'x'); e.text(200, s) });
        route("POST", "/api/app/call", |e| {
            let base = e.body().base;
            let sent = http::send(#{ url: base + "/api/app/echo", method: "post", query: #{ q: "a b" }, headers: #{ "X-Sent": "h" }, json: #{ n: 1 } });
            let form = http::send(#{ url: base + "/api/app/echo", method: "POST", form: #{ a: "1" } });
            let refused = "";
            try { http::send(#{ url: base + "/api/app/big", max_bytes: 1000 }); } catch (error) { refused = error.message; }
            let within = "";
            try { app.transaction(|tx| http::get(base + "/api/health")); } catch (error) { within = error.message; }
            #{
                status: sent.status, q: sent.json.q, n: sent.json.body.n, header: sent.headers["x-seen"], cookie: sent.cookies.c,
                form: form.json.body.a, refused: refused != "", within: within, health: http::get(base + "/api/health").status,
            }
        });
        "#,
    )]);
    let base = format!("http://{}", server.address());
    let seen = accepted(
        &server
            .guest()
            .post("/api/app/call", &json!({ "base": base })),
    );
    assert_eq!(
        seen,
        json!({
            "status": 201, "q": "a b", "n": 1, "header": "h", "cookie": "1", "form": "1", "refused": true,
            "within": "Requests cannot be sent inside a transaction.", "health": 200,
        })
    );
}

#[test]
fn malformed_bodies_are_refused_where_their_data_is_wanted() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("POST", "/api/app/raw", |e| e.text(200, e.raw_body()));
        route("POST", "/api/app/bytes", |e| e.raw_bytes().len());
        route("POST", "/api/app/nothing", |e| "ok");
        route("POST", "/api/app/private", |e| e.body(), [require_auth()]);
        route("POST", "/api/app/body", |e| e.body());
        route("POST", "/api/app/brief", |e| e.json(200, e.body()));
        route("POST", "/api/app/info", |e| e.request_info().body);
        route("POST", "/api/app/member", |e| e.request_info.body);
        route("POST", "/api/app/caught", |e| {
            let said = "";
            try { e.body(); } catch (error) { said = error.status; }
            said
        });
        "#,
    )]);
    let guest = server.guest();
    let send = |path: &str, kind: &str, text: &str| {
        let headers = [("Content-Type", kind)];
        let path = format!("/api/app/{path}");
        guest.send("POST", &path, &headers, Some(text.as_bytes().to_vec()))
    };
    for sent in ["{\"a\":", "[1", "not JSON"] {
        let sent_as_json = |path| send(path, "application/json", sent);
        assert_eq!(text(&sent_as_json("raw")), sent);
        assert_eq!(accepted(&sent_as_json("bytes")), json!(sent.len()));
        assert_eq!(accepted(&sent_as_json("nothing")), "ok");
        assert_eq!(sent_as_json("private").status, 401);
        assert_eq!(accepted(&sent_as_json("caught")), 400);
        for path in ["body", "brief", "info", "member"] {
            assert_eq!(
                outcome(&sent_as_json(path)),
                "400 Something went wrong while processing your request.",
                "{path} {sent}"
            );
        }
    }
    let form = "multipart/form-data; boundary=x";
    assert_eq!(accepted(&send("nothing", form, "no form")), "ok");
    assert_eq!(send("body", form, "no form").status, 400);
    assert_eq!(
        accepted(&send("body", "application/json", "[1]")),
        json!([1])
    );
    for sent in ["", "null", "{}"] {
        for path in ["body", "brief", "info", "member"] {
            let answer = send(path, "application/json", sent);
            assert_eq!(accepted(&answer), json!({}), "{path} {sent}");
        }
    }
}

#[test]
fn files_of_any_size_pass_through() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("POST", "/api/app/keep", |e| {
            let doc = app.save(app.new_record("docs", #{ doc: e.raw_file("photo.bin") }));
            #{ id: doc.id, url: files::url(doc, doc.doc), name: doc.doc }
        });
        route("GET", "/api/app/proxy", |e| {
            let got = http::get(e.query("url"));
            if got.body != "" || got.json != () { throw internal_error(); }
            e.set_header("X-Name", got.file.name);
            e.set_header("X-Sum", security::sha256(got.file));
            e.blob(200, got.headers["content-type"], got.file)
        });
        route("GET", "/api/app/send", |e| {
            let file = files::stored(app.find_record("docs", e.query("id")), "doc");
            let got = http::send(#{ url: e.query("url"), method: "POST", body: file });
            #{ id: got.json.id, name: file.name, size: file.size, encoded: security::base64_encode(file).len(),
               text: http::get(e.query("hello")).file.text(), hello: http::get(e.query("hello")).body }
        });
        route("GET", "/api/app/hello", |e| e.blob(200, "text/plain; charset=latin1", security::hex_bytes("68e9")));
        "#,
    )]);
    let root = server.superuser();
    root.make_collection(&json!({
        "name": "docs", "type": "base", "viewRule": "",
        "fields": [{"name": "doc", "type": "file", "maxSize": 9_000_000}],
    }));
    let guest = server.guest();
    let bytes: Vec<u8> = [0xff, 0x00, 0x89, 0x50].repeat(700_000);
    let kind = [("Content-Type", "application/octet-stream")];
    let kept = guest.send("POST", "/api/app/keep", &kind, Some(bytes.clone()));
    let kept = accepted(&kept);
    let base = format!("http://{}", server.address());
    let stored = kept["url"].as_str().unwrap();
    let got = guest.get(&format!("/api/app/proxy?url={base}{stored}"));
    assert_eq!(got.status, 200, "{}", text(&got));
    assert!(got.body == bytes, "other bytes");
    assert_eq!(got.header("x-name").as_deref(), kept["name"].as_str());
    let id = kept["id"].as_str().unwrap();
    let hello = format!("{base}/api/app/hello");
    let sent = guest.get(&format!(
        "/api/app/send?id={id}&url={base}/api/app/keep&hello={hello}"
    ));
    let sent = accepted(&sent);
    assert_eq!(sent["size"], bytes.len());
    assert_eq!(sent["name"], kept["name"]);
    assert_eq!(sent["encoded"], bytes.len().div_ceil(3) * 4);
    assert_eq!(sent["hello"], "h\u{fffd}");
    let copy = root.get(&format!(
        "/api/collections/docs/records/{}",
        sent["id"].as_str().unwrap()
    ));
    let copy = accepted(&copy);
    let path = format!(
        "/api/files/docs/{}/{}",
        sent["id"].as_str().unwrap(),
        copy["doc"].as_str().unwrap()
    );
    assert!(guest.get(&path).body == bytes, "other bytes");
}

#[test]
fn headers_stay_when_the_request_is_refused() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        middleware(|e| { e.set_header("X-First", "1"); });
        middleware(|e| {
            e.set_header("X-Second", "1");
            e.set_cookie(#{ name: "c", value: "1" });
            if e.header("X-Refuse") != "" { throw forbidden("No."); }
            if e.header("X-Answer") != "" { return e.text(200, "from here"); }
        });
        route("GET", "/api/app/later", |e| {
            e.set_header("Retry-After", "60");
            e.set_header("Content-Type", "text/csv");
            throw too_many_requests("Later.");
        });
        "#,
    )]);
    let guest = server.guest();
    let later = guest.get("/api/app/later");
    assert_eq!(outcome(&later), "429 Later.");
    let kind = "application/json";
    for (name, value) in [
        ("retry-after", "60"),
        ("content-type", kind),
        ("x-first", "1"),
        ("x-second", "1"),
    ] {
        assert_eq!(later.header(name).as_deref(), Some(value), "{name}");
    }
    for (header, status) in [("X-Refuse", 403), ("X-Answer", 200)] {
        for path in ["/api/health", "/api/app/later"] {
            let answer = guest.send("GET", path, &[(header, "1")], None);
            assert_eq!(answer.status, status, "{header} {path}");
            for name in ["x-first", "x-second"] {
                assert_eq!(answer.header(name).as_deref(), Some("1"), "{header} {name}");
            }
            assert!(answer.header("set-cookie").is_some(), "{header}");
        }
    }
    let root = server.superuser();
    let logs = "/api/logs?perPage=500&filter=(data.url='/api/health')";
    until("the requests in the log", || {
        let logged = body(&root.get(logs));
        let levels = |status| {
            let of_status = |entry: &&serde_json::Value| entry["data"]["status"] == status;
            let items = logged["items"].as_array().unwrap().iter();
            items
                .filter(of_status)
                .map(|entry| entry["level"].clone())
                .collect::<Vec<_>>()
        };
        levels(403) == [json!(8)] && levels(200).contains(&json!(0))
    });
}

#[test]
fn a_stream_that_fails_does_not_pass_for_a_whole_one() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("GET", "/api/app/whole", |e| e.stream(200, "text/csv", |out| { out.write("a,b\n"); }));
        route("GET", "/api/app/broken", |e| e.stream(200, "text/csv", |out| {
            out.write("a,b\n");
            throw "the second half is missing";
        }));
        "#,
    )]);
    let read = |path: &str| {
        let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut got = Vec::new();
        // The connection may end in an error of its own.
        drop(stream.read_to_end(&mut got));
        String::from_utf8_lossy(&got).into_owned()
    };
    let whole = read("/api/app/whole");
    assert!(
        whole.contains("a,b\n") && whole.ends_with("0\r\n\r\n"),
        "{whole}"
    );
    // What was written arrives, however soon the closure throws.
    for _ in 0..20 {
        let broken = read("/api/app/broken");
        assert!(
            broken.contains("a,b\n") && !broken.ends_with("0\r\n\r\n"),
            "{broken}"
        );
    }
}

#[test]
fn what_a_stream_throws_is_logged_and_that_its_client_has_left_is_not() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("GET", "/api/app/ticks", |e| e.stream(200, "text/plain", |out| {
            try {
                loop { out.write("x"); sleep(10); }
            } catch (error) {
                log::info("it was left");
                throw error;
            }
        }));
        route("GET", "/api/app/broken", |e| e.stream(200, "text/plain", |out| {
            out.write("x");
            throw bad_request("the second half is missing");
        }));
        "#,
    )]);
    let root = server.superuser();
    let logged = |text: &str| {
        let text = text.replace(' ', "%20");
        let path = format!("/api/logs?filter=(message~'{text}')");
        body(&root.get(&path))["items"].as_array().unwrap().len()
    };
    let open = |path: &str| {
        let mut stream = std::net::TcpStream::connect(server.address()).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        stream
    };
    let mut ticks = open("/api/app/ticks");
    ticks.read_exact(&mut [0; 12]).unwrap();
    drop(ticks);
    until("the stream ends", || logged("it was left") == 1);
    let broken = open("/api/app/broken");
    until("the failure is in the log", || {
        logged("the second half is missing") == 1
    });
    assert_eq!(logged("The client has left"), 0);
    drop(broken);
}
