//! What every request goes through: paths, methods, CORS, headers, body limits.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::support::{Response, Server, json, outcome, text};

fn header(response: &Response, name: &str) -> String {
    response.header(name).unwrap_or_default()
}

#[test]
fn unknown_things_are_not_found_whatever_the_method() {
    let server = Server::start();
    let guest = server.guest();
    for (method, path, expect) in [
        ("GET", "/api/unknown", "404 File not found."),
        ("GET", "/api/collections/", "404 File not found."),
        ("GET", "/api/health/", "404 File not found."),
        ("GET", "/api%2Fhealth", "404 File not found."),
        (
            "POST",
            "/api/health",
            "404 The requested resource wasn't found.",
        ),
        (
            "PUT",
            "/api/collections/users",
            "404 The requested resource wasn't found.",
        ),
        ("DELETE", "/", "404 The requested resource wasn't found."),
        (
            "FOO",
            "/api/health",
            "404 The requested resource wasn't found.",
        ),
        (
            "GET",
            "/api/collections/%00/records",
            "404 Missing collection context.",
        ),
        (
            "GET",
            "/api/collections/a%2Fb/records",
            "404 Missing collection context.",
        ),
        (
            "GET",
            "/api/collections/meta/records",
            "404 Missing collection context.",
        ),
        (
            "GET",
            "/api/collections/import",
            "401 The request requires valid record authorization token.",
        ),
    ] {
        assert_eq!(
            outcome(&guest.send(method, path, &[], None)),
            expect,
            "{method} {path}"
        );
    }
    let long = format!("/api/collections/{}/records", "a".repeat(9000));
    assert_eq!(
        outcome(&guest.get(&long)),
        "404 Missing collection context."
    );
}

#[test]
fn what_is_no_text_is_nothings_name() {
    let server = Server::start();
    let root = server.superuser();
    for (path, expect) in [
        (
            "users/records/%FF",
            "404 The requested resource wasn't found.",
        ),
        ("users%FF/records", "404 Missing collection context."),
    ] {
        let answer = root.get(&format!("/api/collections/{path}"));
        assert_eq!(outcome(&answer), expect, "{path}");
    }
}

#[test]
fn unclean_paths_are_redirected_with_their_method() {
    let server = Server::start();
    for (method, path, target) in [
        ("GET", "//api/health?x=1", "/api/health?x=1"),
        ("POST", "/api//health", "/api/health"),
        ("OPTIONS", "//x", "/x"),
        ("GET", "/a/../../b", "/b"),
    ] {
        let response = server.guest().send(method, path, &[], None);
        assert_eq!(
            (response.status, header(&response, "location").as_str()),
            (307, target),
            "{path}"
        );
    }
}

#[test]
fn head_answers_like_get_without_a_body() {
    let server = Server::start();
    for (path, status) in [
        ("/api/health", 200),
        ("/api/settings", 401),
        ("/nothing", 404),
    ] {
        let response = server.guest().send("HEAD", path, &[], None);
        assert_eq!(
            (response.status, response.body.len()),
            (status, 0),
            "{path}"
        );
    }
}

#[test]
fn answers_carry_the_security_headers() {
    let server = Server::start();
    for path in ["/api/health", "/nothing", "/api/settings"] {
        let response = server.guest().get(path);
        for (name, value) in [
            ("x-xss-protection", "1; mode=block"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "SAMEORIGIN"),
            ("cross-origin-opener-policy", "same-origin"),
            ("vary", "Origin"),
            ("content-type", "application/json"),
            ("access-control-allow-origin", ""),
            ("server", ""),
        ] {
            assert_eq!(header(&response, name), value, "{name} of {path}");
        }
    }
}

#[test]
fn any_site_may_call_unless_origins_are_named() {
    let server = Server::start();
    let origin = [("Origin", "http://x.example")];
    let response = server.guest().send("GET", "/api/health", &origin, None);
    assert_eq!(header(&response, "access-control-allow-origin"), "*");

    let server = Server::start_with(&["--origins", ""], |_| {});
    let response = server.guest().send("GET", "/api/health", &origin, None);
    assert_eq!(header(&response, "access-control-allow-origin"), "*");

    let server = Server::start_with(
        &["--origins", "http://a.example,https://*.b.example"],
        |_| {},
    );
    for (origin, expect) in [
        ("http://a.example", "http://a.example"),
        ("https://x.b.example", "https://x.b.example"),
        ("http://x.example", ""),
        ("null", ""),
    ] {
        let headers = [("Origin", origin)];
        for method in ["GET", "OPTIONS"] {
            let response = server.guest().send(method, "/api/health", &headers, None);
            assert_eq!(
                header(&response, "access-control-allow-origin"),
                expect,
                "{method} {origin}"
            );
        }
    }
}

#[test]
fn preflights_are_answered_anywhere() {
    let server = Server::start();
    let plain = server.guest().send("OPTIONS", "/any/thing", &[], None);
    assert_eq!(
        (plain.status, header(&plain, "vary").as_str()),
        (204, "Origin")
    );
    assert_eq!(header(&plain, "x-frame-options"), "");
    let asked = [
        ("Origin", "http://x.example"),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "a, b"),
    ];
    let response = server.guest().send("OPTIONS", "/api/health", &asked, None);
    assert_eq!(response.status, 204);
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        (
            "access-control-allow-methods",
            "GET,HEAD,PUT,PATCH,POST,DELETE",
        ),
        ("access-control-allow-headers", "a, b"),
        (
            "vary",
            "Access-Control-Request-Headers, Access-Control-Request-Method, Origin",
        ),
    ] {
        assert_eq!(header(&response, name), value, "{name}");
    }
}

#[test]
fn bodies_that_announce_too_much_are_refused_unread() {
    let server = Server::start();
    let login = "/api/collections/users/auth-with-password";
    for (path, content_type) in [
        (login, "application/json"),
        (
            "/api/collections/users/records",
            "multipart/form-data; boundary=x",
        ),
    ] {
        let headers = [
            ("Content-Type", content_type),
            ("Content-Length", "99999999999"),
        ];
        let response = server
            .guest()
            .send("POST", path, &headers, Some(b"{".to_vec()));
        assert_eq!(
            outcome(&response),
            "413 Request entity too large.",
            "{path}"
        );
    }
}

#[test]
fn bodies_are_read_by_their_content_type() {
    let server = Server::start();
    let path = "/api/collections/users/auth-with-password";
    let not_loaded = "400 An error occurred while loading the submitted data.";
    let invalid = "400 An error occurred while validating the submitted data.";
    let refused = "400 Failed to authenticate.";
    for (content_type, body, expect) in [
        (
            "application/json",
            r#"{"identity":"x","password":"y"}"#,
            refused,
        ),
        (
            "application/json; charset=utf-8",
            r#"{"Identity":"x","PASSWORD":"y"} trailing"#,
            refused,
        ),
        (
            "application/x-www-form-urlencoded",
            "identity=x&password=y",
            refused,
        ),
        (
            "multipart/form-data; boundary=B",
            "--B\r\nContent-Disposition: form-data; name=\"identity\"\r\n\r\nx\r\n--B\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\ny\r\n--B--\r\n",
            refused,
        ),
        ("application/json", "", invalid),
        ("application/json", "null", invalid),
        ("application/json", "{}", invalid),
        ("application/json", "[]", not_loaded),
        ("application/json", "{", not_loaded),
        (
            "application/json",
            r#"{"identity":5,"password":"y"}"#,
            not_loaded,
        ),
        (
            "application/json",
            r#"{"identity":"x","password":"y","z":1,"z":2}"#,
            not_loaded,
        ),
        (
            "application/x-www-form-urlencoded",
            "identity=x&password=%zz",
            not_loaded,
        ),
        ("multipart/form-data; boundary=B", "nonsense", not_loaded),
        ("multipart/form-data", "nonsense", not_loaded),
        ("text/plain", "x", "400 Unsupported Content-Type."),
        ("Application/JSON", "{}", "400 Unsupported Content-Type."),
    ] {
        let headers = [("Content-Type", content_type)];
        let response = server
            .guest()
            .send("POST", path, &headers, Some(body.into()));
        assert_eq!(outcome(&response), expect, "{content_type} {body}");
    }
}

#[test]
fn health_tells_superusers_more() {
    let server = Server::start();
    let response = server.guest().get("/api/health");
    assert_eq!(
        text(&response),
        r#"{"message":"API is healthy.","code":200,"data":{}}"#
    );
    let headers = [("X-Forwarded-For", "1.2.3.4")];
    let response = server
        .superuser()
        .send("GET", "/api/health", &headers, None);
    let data = json(&response)["data"].clone();
    assert_eq!(data["realIP"], "127.0.0.1");
    assert_eq!(data["possibleProxyHeader"], "X-Forwarded-For");
}

#[test]
fn a_token_may_be_called_bearer() {
    let server = Server::start();
    let user = server.user("ann");
    let token = json(&user.post("/api/files/token", &serde_json::Value::Null));
    assert!(token["token"].is_string(), "{token}");
    for (prefix, status) in [
        ("", 200),
        ("Bearer ", 200),
        ("bearer ", 200),
        ("BEARER ", 200),
        ("Bearer  ", 401),
        ("Bearer", 401),
        ("Token ", 401),
    ] {
        let value = format!("{prefix}{}", user.token());
        let headers = [("Authorization", value.as_str())];
        let response = server
            .guest()
            .send("POST", "/api/files/token", &headers, None);
        assert_eq!(response.status, status, "{prefix:?}");
    }
    let headers = [("Authorization", "Bearer nonsense")];
    let response = server.guest().send("GET", "/api/health", &headers, None);
    assert_eq!(response.status, 200);
}

#[test]
fn addresses_may_be_typed_as_they_are_read() {
    let server = Server::start();
    let admin = server.superuser();
    let things = json!({"name": "things", "type": "base", "listRule": "", "createRule": "", "fields": [
        {"name": "title", "type": "text"},
        {"name": "n", "type": "number"},
    ]});
    let created = admin.post("/api/collections", &things);
    assert_eq!(created.status, 200, "{}", text(&created));
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut answer = |request: &str| {
        stream.write_all(request.as_bytes()).unwrap();
        let mut length = None;
        loop {
            let mut line = String::new();
            assert_ne!(reader.read_line(&mut line).unwrap(), 0, "{request}");
            if line == "\r\n" {
                break;
            }
            let found = line.strip_prefix("content-length: ");
            length = length.or(found.map(|text| text.trim_end().parse().unwrap()));
        }
        let mut body = vec![0; length.expect("the length is told")];
        reader.read_exact(&mut body).unwrap();
        String::from_utf8(body).unwrap()
    };
    // What a body says is not an address.
    let title = r#"GET /?a="<>" HTTP/1.1"#;
    let body = json!({"title": title, "n": 7}).to_string();
    let create = format!(
        "POST /api/collections/things/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    assert!(answer(&create).contains(r#"GET /?a=\"<>\" HTTP/1.1"#));
    for (filter, total) in [
        (r#"(title="")"#, 0),
        ("(n>6)", 1),
        ("(n<7)", 0),
        (r#"(title~"é")"#, 0),
    ] {
        let list = format!(
            "GET /api/collections/things/records?filter={filter} HTTP/1.1\r\nHost: x\r\n\r\n"
        );
        let answer = answer(&list);
        assert!(
            answer.contains(&format!(r#""totalItems":{total}"#)),
            "{filter}: {answer}"
        );
    }
    assert!(answer("GET /api/a<b> HTTP/1.1\r\nHost: x\r\n\r\n").contains("File not found."));
}

#[test]
fn one_connection_serves_many_requests() {
    let server = Server::start();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let request = b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n";
    for _ in 0..3 {
        stream.write_all(request).unwrap();
        let mut seen = Vec::new();
        while !seen.ends_with(br#""data":{}}"#) {
            let mut buffer = [0; 512];
            let read = stream.read(&mut buffer).unwrap();
            assert_ne!(read, 0);
            seen.extend_from_slice(&buffer[..read]);
        }
        assert!(seen.starts_with(b"HTTP/1.1 200 OK"));
    }
}

/// Many clients send the body behind the head, and nobody reads it when the head is enough for a refusal.
#[test]
fn a_connection_is_of_use_after_an_early_answer() {
    let server = Server::start();
    let answer = |stream: &mut TcpStream| {
        let mut seen = String::new();
        while !seen.contains("\r\n\r\n") || !seen.ends_with('}') {
            let mut buffer = [0; 4096];
            let read = stream.read(&mut buffer).unwrap();
            assert_ne!(read, 0, "closed after {seen:?}");
            seen.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
        seen
    };
    for (path, status) in [
        ("/api/collections/nope/records", "404"),
        ("/api/nope", "404"),
        ("/api/collections", "401"),
        ("/api/collections/users/auth-refresh", "401"),
    ] {
        for length in [10, 200_000] {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            let head =
                format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n");
            stream.write_all(head.as_bytes()).unwrap();
            // Long enough for the head to be read by itself; nothing is to be seen of that.
            thread::sleep(Duration::from_millis(20));
            stream.write_all(&vec![b' '; length]).unwrap();
            let refused = answer(&mut stream);
            assert!(
                refused.starts_with(&format!("HTTP/1.1 {status} ")),
                "{refused}"
            );
            assert!(
                !refused.to_lowercase().contains("connection: close"),
                "{path}"
            );
            let next = "GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n";
            stream.write_all(next.as_bytes()).unwrap();
            assert!(answer(&mut stream).starts_with("HTTP/1.1 200 "), "{path}");
        }
        // What is long, or comes only when it is asked for, is not read to be thrown away.
        for (length, more) in [(600_000, ""), (10, "Expect: 100-continue\r\n")] {
            let mut stream = TcpStream::connect(server.address()).unwrap();
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: x\r\n{more}Content-Length: {length}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).unwrap();
            let refused = answer(&mut stream);
            assert!(
                refused.starts_with(&format!("HTTP/1.1 {status} ")),
                "{refused}"
            );
            assert!(
                refused.to_lowercase().contains("connection: close"),
                "{path}"
            );
        }
    }
}

#[test]
fn addresses_may_be_typed_after_a_body_in_chunks() {
    let server = Server::start();
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let login = "POST /api/collections/users/auth-with-password HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n";
    let list = "GET /api/collections/users/records?filter=(name=\"a\") HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream
        .write_all(format!("{login}{list}").as_bytes())
        .unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    let statuses: Vec<&str> = answers
        .split("HTTP/1.1 ")
        .filter_map(|answer| answer.get(..3))
        .collect();
    assert_eq!(statuses, ["400", "200"], "{answers}");
}

#[test]
fn bodies_in_other_encodings_than_chunks_are_refused() {
    let server = Server::start();
    let path = "/api/collections/users/auth-with-password";
    for encodings in [&["gzip, chunked"][..], &["chunked", "chunked"]] {
        let mut headers = vec![("Content-Type", "application/json")];
        headers.extend(
            encodings
                .iter()
                .map(|encoding| ("Transfer-Encoding", *encoding)),
        );
        let body = b"2\r\n{}\r\n0\r\n\r\n".to_vec();
        let answer = server.guest().send("POST", path, &headers, Some(body));
        let seen = (answer.status, text(&answer));
        assert_eq!(seen, (501, "Unsupported transfer encoding".to_owned()));
        assert_eq!(header(&answer, "connection"), "close");
    }
}

#[test]
fn requests_name_one_host_and_expect_nothing_unheard_of() {
    let server = Server::start();
    for (headers, expect) in [
        ("Host: a\r\n", "200"),
        ("Host:\r\n", "200"),
        ("Host: a\r\nExpect: 100-continue\r\n", "200"),
        ("", "400"),
        ("Host: a\r\nHost: a\r\n", "400"),
        ("Host: a b\r\n", "400"),
        ("Host: a/b\r\n", "400"),
        ("Host: a\r\nExpect: foo\r\n", "417"),
    ] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        let request = format!("GET /api/health HTTP/1.1\r\n{headers}Connection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert_eq!(answer.split(' ').nth(1), Some(expect), "{headers:?}");
    }
}
