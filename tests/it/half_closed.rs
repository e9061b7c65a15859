//! Clients that close their side of the connection behind the request, like `nc -N`.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use serde_json::json;

use crate::support::{Server, text};

/// What comes back until the server closes the connection, too.
fn answer_to(server: &Server, sent: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let deadline = Some(Duration::from_secs(30));
    stream.set_read_timeout(deadline).unwrap();
    stream.write_all(sent.as_bytes()).unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn they_get_their_answer() {
    let server = Server::start();
    let admin = server.superuser();
    let notes = json!({"name": "notes", "type": "base", "listRule": "", "createRule": "",
        "fields": [{"name": "title", "type": "text"}]});
    let made = admin.post("/api/collections", &notes);
    assert_eq!(made.status, 200, "{}", text(&made));
    // Hashing a password takes a while, so that the client is long through with sending.
    let wrong = r#"{"identity":"nobody@example.com","password":"wrong password"}"#;
    let note = r#"{"title":"one"}"#;
    let post = |path: &str, body: &str| {
        let length = body.len();
        format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    };
    let chunked = format!(
        "POST /api/collections/notes/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n{note}\r\n0\r\n\r\n"
    );
    let get = "GET /api/collections/notes/records HTTP/1.1\r\nHost: x\r\n\r\n".to_owned();
    for (sent, expect) in [
        (get.clone(), "HTTP/1.1 200 OK\r\n"),
        (
            "GET /api/health HTTP/1.0\r\n\r\n".to_owned(),
            "HTTP/1.0 200 OK\r\n",
        ),
        (
            post("/api/collections/users/auth-with-password", wrong),
            "HTTP/1.1 400 Bad Request\r\n",
        ),
        (
            post("/api/collections/notes/records", note),
            "HTTP/1.1 200 OK\r\n",
        ),
        (chunked, "HTTP/1.1 200 OK\r\n"),
    ] {
        for _ in 0..5 {
            let answer = answer_to(&server, &sent);
            assert!(answer.starts_with(expect), "{sent}\n{answer}");
            assert!(answer.ends_with('}'), "{sent}\n{answer}");
        }
    }
    let both = answer_to(&server, &format!("{get}{get}"));
    assert_eq!(both.matches("200 OK").count(), 2, "{both}");
}

#[test]
fn a_body_that_ends_too_early_is_refused() {
    let server = Server::start();
    let answer = answer_to(
        &server,
        "POST /api/collections/users/auth-with-password HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{\"identity\":",
    );
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 400 "),
        "{answer}"
    );
}
