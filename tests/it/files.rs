//! Uploaded files belong to records: none stays without one, none is reachable but through one.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::support::{
    Caller, Response, Server, accepted, files_in, json, record, records, text, until,
};

mod leftovers;

/// A collection `papers` in which the value `taken` exists, and a rule that refuses the text `no`.
fn papers(server: &Server) -> Caller<'_> {
    let superuser = server.superuser();
    superuser.make_collection(&json!({
        "name": "papers", "type": "base", "indexes": ["CREATE UNIQUE INDEX idx_t ON papers (t)"],
        "listRule": "", "viewRule": "", "createRule": "t != 'no'", "updateRule": "@request.body.t != 'no'",
        "deleteRule": "",
        "fields": [
            {"name": "t", "type": "text", "max": 10},
            {"name": "file", "type": "file", "maxSize": 40_000_000},
            {"name": "files", "type": "file", "maxSelect": 3},
            {"name": "small", "type": "file", "maxSize": 3},
        ],
    }));
    superuser.make("papers", &json!({"t": "taken"}));
    superuser
}

fn stored(server: &Server) -> Vec<String> {
    files_in(&server.home().path().join("data/storage"))
}

fn upload(caller: &Caller<'_>, t: &str, field: &str, name: &str, content: &[u8]) -> Response {
    caller.form(
        "POST",
        &records("papers"),
        &[("t", t)],
        &[(field, name, content)],
    )
}

#[test]
fn a_failing_save_leaves_no_file_behind() {
    let server = Server::start();
    let superuser = papers(&server);
    accepted(&superuser.patch("/api/settings", &json!({"batch": {"enabled": true}})));
    let guest = server.guest();
    let kept = accepted(&upload(&guest, "kept", "file", "kept.txt", b"kept"));
    let before = stored(&server);
    assert_eq!(before.len(), 2, "{before:?}");
    let path = record("papers", kept["id"].as_str().unwrap());
    let new = [
        ("file", "new.txt", b"new".as_slice()),
        ("files", "more.txt", b"more"),
    ];
    let too_large = [
        ("file", "new.txt", b"new".as_slice()),
        ("small", "large.txt", b"1234"),
    ];
    let too_many = [("files", "a.txt", b"a".as_slice()); 4];
    let batch = json!({"requests": [
        {"method": "POST", "url": records("papers"), "body": {"t": "one"}},
        {"method": "POST", "url": records("papers"), "body": {"t": "taken"}},
    ]})
    .to_string();
    for (what, response) in [
        (
            "too long",
            guest.form("POST", &records("papers"), &[("t", "12345678901")], &new),
        ),
        (
            "taken",
            guest.form("POST", &records("papers"), &[("t", "taken")], &new),
        ),
        (
            "refused by the rule",
            guest.form("POST", &records("papers"), &[("t", "no")], &new),
        ),
        (
            "too large",
            guest.form("POST", &records("papers"), &[("t", "x")], &too_large),
        ),
        (
            "too many",
            guest.form("POST", &records("papers"), &[("t", "x")], &too_many),
        ),
        (
            "a bad id",
            guest.form("POST", &records("papers"), &[("id", "../../../../x")], &new),
        ),
        (
            "change: too long",
            guest.form("PATCH", &path, &[("t", "12345678901")], &new),
        ),
        (
            "change: taken",
            guest.form("PATCH", &path, &[("t", "taken")], &new),
        ),
        (
            "change: rule",
            guest.form("PATCH", &path, &[("t", "no")], &new),
        ),
        (
            "change: too large",
            guest.form("PATCH", &path, &[], &too_large),
        ),
        (
            "change: no record",
            guest.form("PATCH", &record("papers", "nothing"), &[], &new),
        ),
        (
            "no collection",
            guest.form("POST", &records("nothing"), &[], &new),
        ),
        (
            "batch",
            guest.form(
                "POST",
                "/api/batch",
                &[("@jsonPayload", &batch)],
                &[
                    ("requests.0.file", "a.txt", b"a"),
                    ("requests.1.file", "b.txt", b"b"),
                ],
            ),
        ),
    ] {
        assert!(
            matches!(response.status, 400 | 404),
            "{what}: {}",
            text(&response)
        );
        assert_eq!(stored(&server), before, "{what}");
    }
    let temporary = files_in(&server.home().path().join("data"));
    let temporary: Vec<_> = temporary
        .iter()
        .filter(|path| path.contains("temp"))
        .collect();
    assert!(temporary.is_empty(), "{temporary:?}");
}

#[test]
fn replaced_and_removed_files_vanish() {
    let server = Server::start();
    let _superuser = papers(&server);
    let guest = server.guest();
    let made = accepted(&upload(&guest, "a", "file", "one.txt", b"1"));
    let path = record("papers", made["id"].as_str().unwrap());
    let change = |texts: &[(&str, &str)], files: &[(&str, &str, &[u8])]| {
        let changed = accepted(&guest.form("PATCH", &path, texts, files));
        let mut expect: Vec<String> = ["file", "files", "small"]
            .iter()
            .flat_map(|name| match &changed[name] {
                Json::Array(names) => names.clone(),
                name => vec![name.clone()],
            })
            .filter_map(|name| {
                name.as_str()
                    .filter(|name| !name.is_empty())
                    .map(str::to_owned)
            })
            .flat_map(|name| [format!("{name}.attrs"), name])
            .collect();
        expect.sort_unstable();
        let mut names: Vec<String> = stored(&server)
            .iter()
            .filter_map(|path| path.rsplit('/').next().map(str::to_owned))
            .collect();
        names.sort_unstable();
        assert_eq!(names, expect);
        changed
    };
    change(&[], &[("file", "two.txt", b"2")]);
    let many = change(
        &[],
        &[
            ("files", "a.txt", b"a"),
            ("files", "b.txt", b"b"),
            ("files", "c.txt", b"c"),
        ],
    );
    change(&[("files-", many["files"][1].as_str().unwrap())], &[]);
    change(&[], &[("files+", "d.txt", b"d")]);
    change(&[], &[("files", "alone.txt", b"e")]);
    let empty = change(&[("file", ""), ("files", "")], &[]);
    assert_eq!((&empty["file"], &empty["files"]), (&json!(""), &json!([])));
}

#[test]
fn protected_files_need_the_right_token() {
    let server = Server::start();
    let superuser = server.superuser();
    superuser.make_collection(&json!({
        "name": "letters", "type": "base", "viewRule": "owner = @request.auth.id",
        "fields": [{"name": "owner", "type": "text"}, {"name": "file", "type": "file", "protected": true}],
    }));
    let (ann, bob) = (server.user("ann"), server.user("bob"));
    let users = superuser.items("users", "sort=email");
    let owner = users[0]["id"].as_str().unwrap();
    let made = superuser.form(
        "POST",
        &records("letters"),
        &[("owner", owner)],
        &[("file", "a.txt", b"dear ann")],
    );
    let made = accepted(&made);
    let (id, name) = (made["id"].as_str().unwrap(), made["file"].as_str().unwrap());
    let token_of = |caller: &Caller<'_>| {
        let answer = accepted(&caller.post("/api/files/token", &json!({})));
        answer["token"].as_str().unwrap().to_owned()
    };
    let (ann_token, bob_token) = (token_of(&ann), token_of(&bob));
    let read = |caller: &Caller<'_>, token: &str| {
        let answer = caller.get(&format!("/api/files/letters/{id}/{name}?token={token}"));
        (
            answer.status,
            answer.status == 200 && answer.body == b"dear ann",
        )
    };
    let guest = server.guest();
    let mut forged = ann_token.clone();
    forged.truncate(forged.len() - 3);
    for (what, caller, token, status) in [
        ("no token", &guest, "", 404),
        ("signed in without a token", &ann, "", 404),
        ("the owner's token", &guest, ann_token.as_str(), 200),
        ("another one's token", &ann, bob_token.as_str(), 404),
        ("an auth token", &guest, ann.token(), 404),
        ("a forged token", &guest, forged.as_str(), 404),
        ("nonsense", &guest, "x.y.z", 404),
    ] {
        assert_eq!(read(caller, token), (status, status == 200), "{what}");
    }
    assert_eq!(read(&guest, &token_of(&superuser)), (200, true));
    // A file token opens files and nothing else.
    let answer = guest.send(
        "GET",
        &record("letters", id),
        &[("Authorization", &ann_token)],
        None,
    );
    assert_eq!(answer.status, 404);
    assert_eq!(guest.post("/api/files/token", &json!({})).status, 401);
}

#[test]
fn names_never_lead_out_of_the_storage() {
    let server = Server::start();
    let _superuser = papers(&server);
    let guest = server.guest();
    let home = server.home();
    let data = home.path().join("data");
    let before: Vec<String> = files_in(&data)
        .into_iter()
        .filter(|path| !path.starts_with("storage"))
        .collect();
    let names = [
        "../../../escape.txt",
        "..",
        ".",
        "/etc/passwd",
        "C:\\windows\\x.txt",
        "..\\..\\x.txt",
        "a/b/c.txt",
        "nul\0byte.txt",
        "%2e%2e%2fx.txt",
        "\u{202e}gpj.exe",
        ".attrs",
        "x.attrs",
        "..attrs",
        &"long".repeat(200),
        "",
        " ",
        "CON",
        "a\tb.txt",
    ];
    for (at, name) in names.iter().enumerate() {
        let answer = upload(&guest, &format!("n{at}"), "file", name, b"content");
        assert!(
            matches!(answer.status, 200 | 400),
            "{name:?}: {}",
            text(&answer)
        );
        if answer.status == 400 {
            continue;
        }
        let made = json(&answer);
        let stored_name = made["file"].as_str().unwrap();
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-+=#*".contains(c);
        assert!(
            stored_name.chars().all(is_plain) && !stored_name.starts_with('.'),
            "{name:?} {stored_name}"
        );
        if !stored_name.is_empty() {
            let path = format!(
                "/api/files/papers/{}/{}",
                made["id"].as_str().unwrap(),
                stored_name.replace('#', "%23")
            );
            assert_eq!(guest.get(&path).body, b"content", "{name:?} {stored_name}");
        }
    }
    for path in stored(&server) {
        assert_eq!(path.split('/').count(), 3, "{path}");
    }
    let after: Vec<String> = files_in(&data)
        .into_iter()
        .filter(|path| !path.starts_with("storage"))
        .collect();
    assert_eq!(after, before);
    assert_eq!(files_in(home.path()).len(), files_in(&data).len());

    let made = accepted(&upload(&guest, "last", "file", "plain.txt", b"plain"));
    let (id, name) = (made["id"].as_str().unwrap(), made["file"].as_str().unwrap());
    for path in [
        format!("/api/files/papers/{id}/{name}.attrs"),
        format!("/api/files/papers/{id}/..%2F{id}%2F{name}"),
        format!("/api/files/papers/{id}/%2e%2e%2f%2e%2e%2f%2e%2e%2fdata.db"),
        format!("/api/files/papers/..%2F..%2F..%2Fdata.db/{name}"),
        format!("/api/files/papers/{id}/../../../data.db"),
        format!("/api/files/papers/{id}/{name}%00"),
        format!("/api/files/papers/{id}/%00{name}"),
        format!("/api/files/papers/{id}/%2Fetc%2Fpasswd"),
        format!("/api/files/..%2Fstorage/{id}/{name}"),
    ] {
        let answer = guest.get(&path);
        // A path with dots is answered with the plain one, which leads nowhere.
        assert!(
            matches!(answer.status, 307 | 400 | 404),
            "{path}: {}",
            text(&answer)
        );
    }
    // Names in a body are names of stored files, nothing else.
    let path = record("papers", id);
    for name in ["../../../data.db", "/etc/passwd", "other.txt", "..", "a\0b"] {
        let answer = guest.patch(&path, &json!({ "file": name }));
        assert_eq!(answer.status, 400, "{name}: {}", text(&answer));
    }
    assert_eq!(guest.look("papers", id)["file"], name);
}

#[test]
fn a_large_file_arrives_whole() {
    let server = Server::start();
    let _superuser = papers(&server);
    let guest = server.guest();
    let content: Vec<u8> = (0..30_000_000_u32)
        .map(|i| i.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    let made = accepted(&upload(&guest, "large", "file", "large.bin", &content));
    let path = format!(
        "/api/files/papers/{}/{}",
        made["id"].as_str().unwrap(),
        made["file"].as_str().unwrap()
    );
    assert!(guest.get(&path).body == content, "other content came back");
    let part = guest.send("GET", &path, &[("Range", "bytes=20000000-20000099")], None);
    assert_eq!(
        (part.status, part.body.as_slice()),
        (206, &content[20_000_000..20_000_100])
    );
}

#[test]
fn files_of_a_removed_field_vanish() {
    let server = Server::start();
    let superuser = papers(&server);
    let guest = server.guest();
    let made = accepted(&upload(&guest, "a", "file", "one.txt", b"1"));
    let path = record("papers", made["id"].as_str().unwrap());
    let more = [
        ("files", "a.txt", b"a".as_slice()),
        ("files", "b.txt", b"b"),
    ];
    accepted(&guest.form("PATCH", &path, &[], &more));
    assert_eq!(stored(&server).len(), 6);
    let collection = accepted(&superuser.get("/api/collections/papers"));
    let without = |name: &str| {
        let mut fields = collection["fields"].as_array().unwrap().clone();
        fields.retain(|field| field["name"] != name);
        json!({ "fields": fields })
    };
    accepted(&superuser.patch("/api/collections/papers", &without("files")));
    let left = stored(&server);
    assert_eq!(left.len(), 2, "{left:?}");
    let file = format!(
        "/api/files/papers/{}/{}",
        made["id"].as_str().unwrap(),
        made["file"].as_str().unwrap()
    );
    assert_eq!(guest.get(&file).body, b"1");
    // A change that fails takes nothing away.
    let mut wrong = without("file");
    wrong["listRule"] = json!("nonsense = 1");
    assert_eq!(
        superuser.patch("/api/collections/papers", &wrong).status,
        400
    );
    assert_eq!(stored(&server), left);
    accepted(&superuser.patch("/api/collections/papers", &without("file")));
    assert!(stored(&server).is_empty(), "{:?}", stored(&server));
}

#[test]
fn a_truncation_takes_the_files_along_when_nobody_waits_for_it() {
    let server = Server::start();
    let superuser = papers(&server);
    let batch = json!({"batch": {"enabled": true, "maxRequests": 200, "timeout": 60}});
    accepted(&superuser.patch("/api/settings", &batch));
    let names: Vec<String> = (0..200).map(|n| format!("requests.{n}.file")).collect();
    let requests: Vec<Json> = (0..names.len())
        .map(|n| json!({"method": "POST", "url": records("papers"), "body": {"t": n.to_string()}}))
        .collect();
    let payload = json!({ "requests": requests }).to_string();
    let files: Vec<(&str, &str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), "file.txt", b"text".as_slice()))
        .collect();
    accepted(&superuser.form("POST", "/api/batch", &[("@jsonPayload", &payload)], &files));
    assert_eq!(stored(&server).len(), 2 * names.len());
    let request = format!(
        "DELETE /api/collections/papers/truncate HTTP/1.1\r\nHost: stead\r\nAuthorization: {}\r\n\r\n",
        superuser.token()
    );
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    until("the records go", || {
        superuser.items("papers", "").is_empty()
    });
    drop(stream);
    until("the files go", || stored(&server).is_empty());
}

#[test]
fn what_a_crash_left_behind_is_removed_and_nothing_else() {
    let server = Server::start();
    let _superuser = papers(&server);
    let guest = server.guest();
    let made = accepted(&upload(&guest, "a", "file", "kept.txt", b"kept"));
    let before = stored(&server);
    let storage = server.home().path().join("data/storage");
    let folder = storage.join(before[0].rsplit_once('/').unwrap().0);
    server.signal("KILL");
    let home = server.home();
    drop(server);
    let other = folder.with_file_name("norecord0000001");
    std::fs::create_dir(&other).unwrap();
    let leave = |path: &std::path::Path| {
        std::fs::write(path, b"left over").unwrap();
        std::fs::write(format!("{}.attrs", path.display()), b"{}").unwrap();
    };
    leave(&folder.join("never_committed.txt"));
    leave(&other.join("no_record.txt"));
    // No more of a file than what is noted about it, or its thumbs.
    let unfinished = folder.with_file_name("norecord0000002");
    std::fs::create_dir(&unfinished).unwrap();
    std::fs::write(unfinished.join("unfinished.txt.attrs"), b"{}").unwrap();
    let thumbs = folder.join("thumbs_removed.png");
    std::fs::create_dir(&thumbs).unwrap();
    leave(&thumbs.join("100x100_removed.png"));
    // Not of the interrupted run: somebody else's business.
    let old = storage.join("somebody/elses");
    std::fs::create_dir_all(&old).unwrap();
    leave(&old.join("old.txt"));
    let long_ago = std::time::SystemTime::now() - Duration::from_hours(24);
    let file = std::fs::File::options()
        .write(true)
        .open(old.join("old.txt"));
    file.unwrap().set_modified(long_ago).unwrap();

    let server = Server::start_at(home, &[]);
    let expect = [
        before,
        vec![
            "somebody/elses/old.txt".into(),
            "somebody/elses/old.txt.attrs".into(),
        ],
    ];
    let mut expect = expect.concat();
    expect.sort_unstable();
    until("what was left over goes", || stored(&server) == expect);
    let (id, name) = (made["id"].as_str().unwrap(), made["file"].as_str().unwrap());
    let kept = server
        .guest()
        .get(&format!("/api/files/papers/{id}/{name}"));
    assert_eq!(kept.body, b"kept");
}
