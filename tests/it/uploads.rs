//! Resumable uploads: over broken connections and restarts, for their owner alone, into file fields.

use std::fs::{self, File};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::support::{
    Caller, Response, Server, accepted, files_in, json, record, records, text, together, until,
};

const UPLOADS: &str = "/api/stead/uploads";
const TUS: (&str, &str) = ("Tus-Resumable", "1.0.0");

fn papers(server: &Server) -> Caller<'_> {
    let superuser = server.superuser();
    superuser.make_collection(&json!({
        "name": "papers", "type": "base", "viewRule": "", "createRule": "", "updateRule": "",
        "fields": [
            {"name": "t", "type": "text", "max": 5},
            {"name": "file", "type": "file", "maxSize": 5_000_000},
            {"name": "files", "type": "file", "maxSelect": 3},
        ],
    }));
    superuser
}

fn begin(caller: &Caller<'_>, length: usize) -> String {
    let length = length.to_string();
    let headers = [
        TUS,
        ("Upload-Length", &length),
        ("Upload-Metadata", "filename TXkgTm90ZXMudHh0"),
    ];
    let answer = caller.send("POST", UPLOADS, &headers, None);
    assert_eq!(answer.status, 201, "{}", text(&answer));
    answer.header("location").unwrap()
}

fn send(caller: &Caller<'_>, path: &str, offset: usize, bytes: &[u8]) -> Response {
    let offset = offset.to_string();
    let headers = [
        TUS,
        ("Upload-Offset", offset.as_str()),
        ("Content-Type", "application/offset+octet-stream"),
    ];
    caller.send("PATCH", path, &headers, Some(bytes.to_vec()))
}

fn offset(caller: &Caller<'_>, path: &str) -> Option<usize> {
    let answer = caller.send("HEAD", path, &[TUS], None);
    answer.header("upload-offset")?.parse().ok()
}

fn reference(path: &str) -> String {
    format!("stead-upload:{}", path.rsplit('/').next().unwrap())
}

#[test]
fn an_upload_goes_on_after_a_restart_and_becomes_a_file() {
    let server = Server::start();
    papers(&server);
    let ann = server.user("ann");
    let content: Vec<u8> = (0..3_000_000_u32).map(|i| i.to_le_bytes()[0]).collect();
    let path = begin(&ann, content.len());
    assert_eq!(offset(&ann, &path), Some(0));
    let answer = send(&ann, &path, 0, &content[..1_000_000]);
    assert_eq!(answer.status, 204, "{}", text(&answer));
    assert_eq!(answer.header("upload-offset").as_deref(), Some("1000000"));
    let early = json!({ "file": reference(&path) });
    let refused = ann.post(&records("papers"), &early);
    assert_eq!(
        json(&refused)["data"]["file"]["code"],
        "validation_invalid_upload"
    );

    let token = ann.token().to_owned();
    let home = server.home();
    server.signal("KILL");
    drop(server);
    let server = Server::start_at(home, &[]);
    let ann = Caller::at(server.address(), Some(token));
    assert_eq!(offset(&ann, &path), Some(1_000_000));
    assert_eq!(send(&ann, &path, 0, b"x").status, 409);
    assert_eq!(
        send(&ann, &path, 1_000_000, &content[1_000_000..]).status,
        204
    );

    // A save that fails leaves the upload as it is.
    let wrong = json!({"t": "too long", "file": reference(&path)});
    assert_eq!(ann.post(&records("papers"), &wrong).status, 400);
    assert_eq!(offset(&ann, &path), Some(content.len()));
    let made = accepted(&ann.post(&records("papers"), &early));
    let (id, name) = (made["id"].as_str().unwrap(), made["file"].as_str().unwrap());
    assert!(name.starts_with("my_notes_"), "{name}");
    let guest = server.guest();
    let stored = guest.get(&format!("/api/files/papers/{id}/{name}"));
    assert!(stored.body == content, "{}", stored.status);
    while offset(&ann, &path).is_some() {}
    let again = ann.post(&records("papers"), &early);
    assert_eq!(again.status, 400, "used once: {}", text(&again));
    let left = files_in(&server.home().path().join("data/.pb_temp_to_delete"));
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn uploads_join_the_files_of_a_field() {
    let server = Server::start();
    papers(&server);
    let ann = server.user("ann");
    let whole = |content: &[u8]| {
        let path = begin(&ann, content.len());
        assert_eq!(send(&ann, &path, 0, content).status, 204);
        reference(&path)
    };
    let both = json!({"files": [whole(b"1"), whole(b"2")]});
    let made = accepted(&ann.post(&records("papers"), &both));
    assert_eq!(made["files"].as_array().unwrap().len(), 2);
    let path = record("papers", made["id"].as_str().unwrap());
    let more = accepted(&ann.patch(&path, &json!({"files+": whole(b"3")})));
    assert_eq!(more["files"].as_array().unwrap().len(), 3);
    assert_eq!(more["files"][0], made["files"][0]);
    let kept = json!({"files": [more["files"][2], whole(b"4")]});
    let fewer = accepted(&ann.patch(&path, &kept));
    assert_eq!(fewer["files"].as_array().unwrap().len(), 2);
    assert_eq!(fewer["files"][0], more["files"][2]);
    let empty = accepted(&ann.patch(&path, &json!({"file": whole(b"")})));
    assert_ne!(empty["file"], "");
}

#[test]
fn uploads_belong_to_their_owner_and_have_limits() {
    let server = Server::start();
    papers(&server);
    let (ann, bob, guest) = (server.user("ann"), server.user("bob"), server.guest());
    let path = begin(&ann, 3);
    for other in [&bob, &guest] {
        let status = if other.token().is_empty() { 401 } else { 404 };
        assert_eq!(send(other, &path, 0, b"abc").status, status);
        assert_eq!(other.send("HEAD", &path, &[TUS], None).status, status);
        assert_eq!(other.send("DELETE", &path, &[TUS], None).status, status);
    }
    assert_eq!(send(&ann, &path, 0, b"abcd").status, 413);
    assert_eq!(offset(&ann, &path), Some(0));
    assert_eq!(send(&ann, &path, 0, b"abc").status, 204);
    let stolen = json!({ "file": reference(&path) });
    assert_eq!(bob.post(&records("papers"), &stolen).status, 400);
    assert_eq!(guest.post(&records("papers"), &stolen).status, 401);

    let create = |headers: &[(&str, &str)]| ann.send("POST", UPLOADS, headers, None).status;
    assert_eq!(create(&[("Upload-Length", "1")]), 412);
    for length in ["", "-1", "x", "1e3"] {
        assert_eq!(create(&[TUS, ("Upload-Length", length)]), 400, "{length}");
    }
    assert_eq!(create(&[TUS, ("Upload-Length", "5242881")]), 413);
    let plain = [TUS, ("Upload-Offset", "3"), ("Content-Type", "text/plain")];
    assert_eq!(ann.send("PATCH", &path, &plain, Some(vec![1])).status, 415);
    for id in ["..%2F..%2Fdata.db", "x", "%00", "aaaaaaaaaaaaaaaaaaaaaaaa"] {
        let answer = ann.send("HEAD", &format!("{UPLOADS}/{id}"), &[TUS], None);
        assert_eq!(answer.status, 404, "{id}");
    }
    for _ in 1..32 {
        begin(&ann, 1);
    }
    assert_eq!(create(&[TUS, ("Upload-Length", "1")]), 400);
    assert_eq!(ann.send("DELETE", &path, &[TUS], None).status, 204);
    assert_eq!(offset(&ann, &path), None);
    assert_eq!(create(&[TUS, ("Upload-Length", "1")]), 201);
}

#[test]
fn the_limit_holds_for_those_begun_at_once() {
    let server = Server::start();
    papers(&server);
    let ann = server.user("ann");
    let mut answers = together(64, |_| {
        let headers = [TUS, ("Upload-Length", "1")];
        ann.send("POST", UPLOADS, &headers, None).status
    });
    answers.sort_unstable();
    assert_eq!(answers, [[201; 32], [400; 32]].concat());
}

#[test]
fn what_nobody_goes_on_with_is_gone_after_a_day() {
    let server = Server::start();
    papers(&server);
    let ann = server.user("ann");
    let (old, new) = (begin(&ann, 10), begin(&ann, 10));
    for path in [&old, &new] {
        assert_eq!(send(&ann, path, 0, b"12345").status, 204);
    }
    let token = ann.token().to_owned();
    let home = server.home();
    server.signal("TERM");
    assert!(server.wait().success());

    let temp = home.path().join("data/.pb_temp_to_delete");
    let kept = files_in(&temp);
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let left = kept.iter().find(|file| file.ends_with(&id(&old))).unwrap();
    let left = temp.join(left);
    // The rest of one whose removal was interrupted.
    let rest = left.with_file_name("aaaaaaaaaaaaaaaaaaaaaaaa.json");
    fs::write(&rest, "{}").unwrap();
    let long_ago = SystemTime::now() - Duration::from_hours(25);
    for path in [&left, &rest] {
        let file = File::options().write(true).open(path).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    let server = Server::start_at(Arc::clone(&home), &[]);
    let expected: Vec<&String> = kept
        .iter()
        .filter(|file| file.contains(&id(&new)))
        .collect();
    until("the old upload is gone", || {
        files_in(&temp).iter().collect::<Vec<_>>() == expected
    });
    let ann = Caller::at(server.address(), Some(token));
    assert_eq!(offset(&ann, &old), None);
    assert_eq!(offset(&ann, &new), Some(5));
}
