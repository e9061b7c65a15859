//! Multipart forms as clients write them, and as nobody should.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::support::{Caller, Response, Server, accepted, records, text};

/// A collection `papers` that everybody may add to.
fn papers(server: &Server) -> Caller<'_> {
    server.superuser().make_collection(&json!({
        "name": "papers", "type": "base", "createRule": "", "viewRule": "",
        "fields": [{"name": "t", "type": "text"}, {"name": "f", "type": "file"}],
    }));
    server.guest()
}

/// Sends a form of one part with this disposition and the content `data`.
fn part(caller: &Caller<'_>, disposition: &str) -> Response {
    let body = format!("--B\r\nContent-Disposition: {disposition}\r\n\r\ndata\r\n--B--\r\n");
    let headers = [("Content-Type", "multipart/form-data; boundary=B")];
    caller.send(
        "POST",
        &records("papers"),
        &headers,
        Some(body.into_bytes()),
    )
}

#[test]
fn parts_tell_in_many_ways_whose_they_are() {
    let server = Server::start();
    let guest = papers(&server);
    for (disposition, begins) in [
        ("form-data; name=\"f\"; filename*=UTF-8''abcd.txt", "abcd_"),
        (
            "form-data; name=\"f\"; filename=\"a.txt\"; filename*=UTF-8''%C3%A4bcd.txt",
            "bcd_",
        ),
        ("FORM-DATA; NAME=\"f\"; FILENAME=\"abcd.txt\"", "abcd_"),
        ("attachment; name=\"f\"; filename=\"abcd.txt\"", ""),
    ] {
        let record = accepted(&part(&guest, disposition));
        let stored = record["f"].as_str().unwrap();
        assert!(stored.starts_with(begins), "{disposition}: {record}");
        assert_eq!(
            stored.is_empty(),
            begins.is_empty(),
            "{disposition}: {record}"
        );
    }
    let value = accepted(&part(&guest, "form-data; name=\"t\""));
    assert_eq!(value["t"], "data");
}

#[test]
fn headers_of_parts_are_bounded() {
    let server = Server::start();
    let guest = papers(&server);
    let long = "a".repeat(40_000);
    let disposition = format!("form-data; name=\"t\"\r\nX-Long: {long}");
    assert_eq!(accepted(&part(&guest, &disposition))["t"], "data");
    for begin in [
        "--B\r\nX-Long: ",
        "--B\r\nContent-Disposition: form-data; name=\"",
        "before the first part ",
    ] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        let patience = Some(Duration::from_mins(1));
        stream.set_read_timeout(patience).unwrap();
        stream.set_write_timeout(patience).unwrap();
        let head = "POST /api/collections/papers/records HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\
             Content-Type: multipart/form-data; boundary=B\r\n\r\n";
        stream
            .write_all(format!("{head}{begin}").as_bytes())
            .unwrap();
        // It is answered although most of it never comes.
        stream.write_all(&vec![b'a'; 1_000_000]).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 400 "), "{begin}: {answer}");
    }
}

/// The limit holds for what comes, not only for what is announced.
#[test]
fn bodies_of_no_announced_length_are_bounded_as_well() {
    let server = Server::start();
    let small = json!({"batch": {"enabled": true, "maxBodySize": 1000}});
    accepted(&server.superuser().patch("/api/settings", &small));
    let status = |length: usize| {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_mins(1)))
            .unwrap();
        let head = "POST /api/batch HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
             Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let body = format!("{{\"requests\": [{}]}}", " ".repeat(length));
        for piece in body.as_bytes().chunks(400) {
            let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
            chunk.extend_from_slice(piece);
            chunk.extend_from_slice(b"\r\n");
            stream.write_all(&chunk).unwrap();
        }
        stream.write_all(b"0\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(status(900), "400", "it is read and has nothing in it");
    assert_eq!(status(1000), "413");
}

#[test]
fn bodies_may_not_take_all_memory_when_they_are_read() {
    let server = Server::start();
    let guest = server.guest();
    let path = "/api/collections/users/auth-with-password";
    let objects = r#"{"a":0},"#.repeat(1 << 20);
    let payload = format!("@jsonPayload={{\"identity\":[{objects}0]}}");
    for (kind, body) in [
        ("application/json", format!("[{objects}0]")),
        ("application/x-www-form-urlencoded", payload),
    ] {
        let answer = guest.send(
            "POST",
            path,
            &[("Content-Type", kind)],
            Some(body.into_bytes()),
        );
        assert_eq!(answer.status, 413, "{kind}");
    }
}

#[test]
fn answers_to_uploads_that_are_refused_arrive() {
    let server = Server::start();
    papers(&server);
    for (path, status) in [
        ("/api/collections/nowhere/records", 404),
        ("/api/collections/_superusers/records", 413),
        ("/api/backups/upload", 401),
    ] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        let patience = Some(Duration::from_mins(1));
        stream.set_read_timeout(patience).unwrap();
        stream.set_write_timeout(patience).unwrap();
        let body = vec![b'a'; 40_000_000];
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\
             Content-Type: multipart/form-data; boundary=B\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        // As clients do that look for the answer only when all is sent.
        stream.write_all(&body).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let expect = format!("HTTP/1.1 {status} ");
        assert!(answer.starts_with(&expect), "{path}: {answer}");
    }
}

#[test]
fn an_empty_file_is_sent_whole() {
    let server = Server::start();
    let guest = papers(&server);
    let created = guest.form("POST", &records("papers"), &[], &[("f", "empty.txt", b"")]);
    let record = accepted(&created);
    let (id, name) = (
        record["id"].as_str().unwrap(),
        record["f"].as_str().unwrap(),
    );
    let path = format!("/api/files/papers/{id}/{name}");
    for range in ["bytes=0-", "bytes=0-0", "bytes=-1"] {
        let answer = guest.send("GET", &path, &[("Range", range)], None);
        assert_eq!(
            (answer.status, text(&answer).as_str()),
            (200, ""),
            "{range}"
        );
    }
    for (tag, status) in [("\"a\"", 412), ("*", 200)] {
        let answer = guest.send("GET", &path, &[("If-Match", tag)], None);
        assert_eq!(answer.status, status, "{tag}");
    }
}

/// The content a form of this one file leaves on the server.
fn stored(caller: &Caller<'_>, headers: &str, content: &[u8]) -> Vec<u8> {
    let head = format!(
        "--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"abcd.bin\"\r\n{headers}\r\n"
    );
    let body = [head.as_bytes(), content, b"\r\n--B--\r\n"].concat();
    let form = [("Content-Type", "multipart/form-data; boundary=B")];
    let record = accepted(&caller.send("POST", &records("papers"), &form, Some(body)));
    let (id, name) = (
        record["id"].as_str().unwrap(),
        record["f"].as_str().unwrap(),
    );
    let file = caller.send("GET", &format!("/api/files/papers/{id}/{name}"), &[], None);
    assert_eq!(file.status, 200);
    file.body
}

#[test]
fn files_are_stored_as_they_are_meant() {
    let server = Server::start();
    let guest = papers(&server);
    // Much that looks like a boundary, in every position of the pieces that the body comes in.
    let near = ["\r\n--Bx", "\r\n--B-", "\r\n-", "\r\n", "\r", "--B--", "x"];
    let content = near.iter().cycle().take(300_000).copied();
    let content = content.collect::<String>().into_bytes();
    assert!(stored(&guest, "", &content) == content, "it is another one");
    let encoding = "Content-Transfer-Encoding: quoted-printable\r\n";
    let encoded = "a=20b=\r\n=00=FF \r\n".repeat(10_000);
    let expect = b"a b\x00\xff\r\n".repeat(10_000);
    assert!(stored(&guest, encoding, encoded.as_bytes()) == expect);
    assert_eq!(stored(&guest, encoding, b""), b"");
}

#[test]
fn rules_see_bodies_of_requests_that_read_or_delete() {
    let server = Server::start();
    let superuser = server.superuser();
    let rule = "@request.body.keep != true";
    superuser.make_collection(&json!({
        "name": "kept", "type": "base", "listRule": rule, "viewRule": rule, "deleteRule": rule,
    }));
    let id = "kept00000000001";
    accepted(&superuser.post(&records("kept"), &json!({"id": id})));
    let one = format!("{}/{id}", records("kept"));
    let guest = server.guest();
    let json = [("Content-Type", "application/json")];
    let keep = || Some(br#"{"keep": true}"#.to_vec());
    for (path, status) in [(records("kept"), 200), (one.clone(), 404)] {
        let found = guest.send("GET", &path, &json, keep());
        assert_eq!(found.status, status, "{path}: {}", text(&found));
        assert!(!text(&found).contains(id), "{path}");
        // What was found with one body is nothing that another one may see.
        let found = guest.send("GET", &path, &[], None);
        assert!(text(&found).contains(id), "{path}");
    }
    assert_eq!(guest.send("DELETE", &one, &json, keep()).status, 404);
    let broken = guest.send("DELETE", &one, &json, Some(b"{x".to_vec()));
    assert_eq!(broken.status, 400);
    assert_eq!(guest.send("DELETE", &one, &[], None).status, 204);
}
