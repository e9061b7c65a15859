//! What is refused because it would go wrong in silence: misspelt options, bytes taken for text, answers nobody can
//! send.

use serde_json::json;

use super::{fault, open, with_scripts};
use crate::support::{accepted, outcome, text, until};

const MISTAKES: &str = r#"
    fn why(work) { try { work.call(); return "nothing"; } catch (error) { return error.message; } }
    let any = "http://127.0.0.1:9/";
    route("GET", "/api/app/mistakes", |e| #{
        records: why(|| app.records("users", #{ filer: "id = \"x\"" })),
        cookie: why(|| e.set_cookie(#{ name: "a", value: "b", httpOnly: true })),
        http: why(|| http::send(#{ url: any, header: #{ a: "b" } })),
        body: why(|| http::send(#{ url: any, method: "POST", body: #{ a: 1 } })),
        status: why(|| e.json(99, #{})),
        high: why(|| e.text(1000, "")),
        base64: why(|| security::base64_decode("/////w==")),
        hex: why(|| security::hex_decode("ff")),
        key: why(|| security::hmac_sha256("a", 5)),
        unset: why(|| security::hmac_sha512("a", env::get("STEAD_HOOKS_NOT_SET"))),
        created: why(|| security::jwt_create(#{}, "", 60)),
        parsed: why(|| security::jwt_parse("e30.e30.", "")),
        month: why(|| time::add("2026-01-31", #{ months: 1.5 })),
        filter: why(|| app.count("users", "name = {:name} || id = {:nam}", #{ name: "a" })),
        first: why(|| app.first_record("users", "name = {:name}")),
        query: why(|| app.query("SELECT {:a}, {:b}", #{ a: (), n: 1 })),
        rule: why(|| app.can_access(app.first_record("users", ""), "nope = 1", e.request_info())),
        data: why(|| throw bad_request("x", "y")),
        none: why(|| throw bad_request("x", ())),
        fine: why(|| app.query("SELECT {:a} -- don't\n, '\\' WHERE 'a' LIKE {:b} ESCAPE '\\'", #{ a: (), b: "a" })),
        far: why(|| time::add("2026-01-31", #{ years: 9000 })),
    });
    route("GET", "/api/app/type", |e| { e.json("200", #{}) });
    route("GET", "/api/app/name", |e| {
        e.set_header("Content-Disposition", "attachment; filename=\"Übersicht.pdf\"");
        e.text(200, "x")
    });
"#;

#[test]
fn what_would_go_wrong_in_silence_is_refused() {
    let server = with_scripts(&[("a.rhai", MISTAKES)]);
    server.user("ann");
    let guest = server.guest();
    let said = accepted(&guest.get("/api/app/mistakes"));
    let expect = json!({
        "records": "There is no option \"filer\"; there are filter, params, sort, limit, offset, expand.",
        "cookie": "There is no option \"httpOnly\"; there are name, value, path, domain, max_age, same_site, secure, http_only.",
        "http": "There is no option \"header\"; there are url, method, headers, query, body, json, form, files, timeout, max_bytes.",
        "body": "The body of a request is a text or a blob; maps and arrays go into `json` or `form`.",
        "status": "99 is no status of an answer.",
        "high": "1000 is no status of an answer.",
        "base64": "What is behind it is no text; base64_bytes gives the bytes.",
        "hex": "What is behind it is no text; hex_bytes gives the bytes.",
        "key": "The key has to be a text or a blob.",
        "unset": "The key is empty: anybody could sign with it.",
        "created": "The key is empty: anybody could sign with it.",
        "parsed": "The key is empty: anybody could sign with it.",
        "month": "months must be a whole number.",
        "filter": "There is no value for the placeholder {:nam}.",
        "first": "There is no value for the placeholder {:name}.",
        "query": "There is no value for the placeholder {:b}.",
        "rule": "Something went wrong while processing your request.",
        "data": "The data of an error is a map.",
        "none": "x",
        "fine": "nothing",
        "far": "This date lies outside of the years 0-9999.",
    });
    assert_eq!(said, expect);
    assert_eq!(guest.get("/api/app/type").status, 500);
    let root = server.superuser();
    let logs = "/api/logs?filter=(message~'Function%20not%20found')";
    until("the entry", || {
        text(&root.get(logs)).contains("json (Event, string, map)")
    });
}

#[test]
fn headers_are_not_only_ascii() {
    let server = with_scripts(&[("a.rhai", MISTAKES)]);
    let answer = server.guest().get("/api/app/name");
    assert_eq!(
        answer.header("content-disposition").as_deref(),
        Some("attachment; filename=\"Übersicht.pdf\"")
    );
}

#[test]
fn signatures_are_made_of_bytes_too() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("POST", "/api/app/bytes", |e| {
            let key = security::base64_bytes("/////w==");
            #{
                key: key.len(), hex: security::hex_encode(key), same: security::hex_bytes("ffffffff") == key,
                back: security::base64_encode(key), body: security::hex_encode(e.raw_bytes()),
                sha256: security::sha256(key), sha512: security::sha512(key).len(), md5: security::md5(key),
                hmac: security::hmac_sha256(e.raw_bytes(), key), of_text: security::hmac_sha256("a", "k") == security::hmac_sha256("a".to_blob(), "k".to_blob()),
                long: security::hmac_sha512("what do ya want for nothing?", "Jefe").sub_string(0, 16),
                signature: security::base64_encode(security::hex_bytes(security::hmac_sha256("what do ya want for nothing?", "Jefe"))),
                month: time::add("2026-01-31 10:00:00.000Z", #{ months: 1 }), back_then: time::add("2024-02-29", #{ years: -1, days: 1 }),
            }
        });
        "#,
    )]);
    let kind = [("Content-Type", "application/octet-stream")];
    let bytes = Some(vec![0xff, 0xfe, 0x00]);
    let request = server.guest().send("POST", "/api/app/bytes", &kind, bytes);
    let expect = json!({
        "key": 4, "hex": "ffffffff", "same": true, "back": "/////w==", "body": "fffe00",
        "sha256": "ad95131bc0b799c0b1af477fb14fcf26a6a9f76079e48bf090acb7e8367bfd0e", "sha512": 128, "md5": "a54f0041a9e15b050f25c463f1db7449", "hmac": "fbdcd321c53364c619f4a0793f4d06a4eebb53a4929d59dea08d0db27834342e", "of_text": true,
        "long": "164b7a7bfcf819e2", "signature": "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=",
        "month": "2026-02-28 10:00:00.000Z", "back_then": "2023-03-01 00:00:00.000Z",
    });
    assert_eq!(accepted(&request), expect);
}

#[test]
fn what_is_thrown_when_nobody_waits_is_logged_with_its_place() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_record_after_create_success("posts", |e| {
            throw bad_request("The shop is closed.");
        });
        on_collection_after_create_success(|e| { throw forbidden("No more of them."); });
        cron::cron_add("bad", "0 0 1 1 *", || {
            throw bad_request("Nothing is due.");
        });
        "#,
    )]);
    let root = server.superuser();
    open(&root, "posts", &["title"]);
    server.guest().make("posts", &json!({"title": "a"}));
    assert_eq!(root.post("/api/crons/bad", &json!({})).status, 204);
    for (message, line) in [
        ("400 The shop is closed.", 3),
        ("403 No more of them.", 5),
        ("400 Nothing is due.", 7),
    ] {
        assert_eq!(fault(&root, message), json!(["a.rhai", line, message]));
    }
}

#[test]
fn a_handler_that_returns_what_cannot_be_sent_is_told_what_to_do() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("GET", "/api/app/file", |e| files::from_text("a.txt", "hello"));
        route("GET", "/api/app/store", |e| app.store());
        route("GET", "/api/app/sent", |e| {
            let file = files::from_text("a.txt", "hello");
            e.blob(200, file.content_type, file)
        });
        "#,
    )]);
    let (root, guest) = (server.superuser(), server.guest());
    let wrong = "500 Something went wrong while processing your request.";
    for (path, line, message) in [
        (
            "/api/app/file",
            2,
            "a File is answered with e.blob(200, file.content_type, file), not by returning it",
        ),
        (
            "/api/app/store",
            3,
            "what the handler returns is sent as JSON, which there is none of for Store",
        ),
    ] {
        assert_eq!(outcome(&guest.get(path)), wrong);
        assert_eq!(
            fault(&root, message.split(',').next().unwrap()),
            json!(["a.rhai", line, message])
        );
    }
    assert_eq!(text(&guest.get("/api/app/sent")), "hello");
}

#[test]
fn failures_within_namespaces_say_their_line() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("GET", "/api/app/json", |e| {
            let text = "{a";

            let value = json::parse(text);
            value
        });
        route("GET", "/api/app/mail", |e| {
            let to = "ann@example.com";
            mail::send(#{ to: to, subject: "s", body: "b" });
        });
        "#,
    )]);
    let (root, guest) = (server.superuser(), server.guest());
    let wrong = "500 Something went wrong while processing your request.";
    assert_eq!(outcome(&guest.get("/api/app/json")), wrong);
    assert_eq!(fault(&root, "Not JSON")[1], json!(5));
    // What is wrong with a mail is told to whoever wrote the script, not to the client.
    assert_eq!(outcome(&guest.get("/api/app/mail")), wrong);
    let expect = "A mail has no \"body\"; it has from, to, cc, bcc, reply_to, subject, html, text, headers, attachments.";
    assert_eq!(fault(&root, "A mail has no"), json!(["a.rhai", 10, expect]));
}

#[test]
fn lists_are_joined() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"route("GET", "/api/app/join", |e| [[1, "b", 2.5].join(", "), [].join(", ")]);"#,
    )]);
    let joined = accepted(&server.guest().get("/api/app/join"));
    assert_eq!(joined, json!(["1, b, 2.5", ""]));
}
