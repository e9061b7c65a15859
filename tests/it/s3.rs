//! Files in a bucket. What needs a real S3 server is run by `scripts/s3`; the rest talks to servers that misbehave.

mod faults;

use std::io::{Cursor, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::support::{Caller, Server, accepted, files_in, outcome, record, records, text, until};

mod broken;

const ACCESS: &str = "access";
const SECRET: &str = "a-secret-key";
const BUCKET: &str = "files";

/// The S3 server `scripts/s3` has started: its address and the directory with its buckets.
fn service() -> (SocketAddr, PathBuf) {
    let variable = |name: &str| std::env::var(name).expect("scripts/s3 has started a server");
    let address = variable("STEAD_TEST_S3").parse().unwrap();
    (address, PathBuf::from(variable("STEAD_TEST_S3_DIR")))
}

fn settings(endpoint: &str, bucket: &str, secret: &str) -> Json {
    json!({"s3": {
        "enabled": true, "endpoint": endpoint, "bucket": bucket, "region": "us-east-1", "accessKey": ACCESS,
        "secret": secret, "forcePathStyle": true,
    }})
}

fn use_bucket(superuser: &Caller<'_>, address: SocketAddr, bucket: &str) {
    let endpoint = format!("http://{address}");
    accepted(&superuser.patch("/api/settings", &settings(&endpoint, bucket, SECRET)));
}

fn probe(superuser: &Caller<'_>) -> String {
    let answer = superuser.post("/api/settings/test/s3", &json!({"filesystem": "storage"}));
    outcome(&answer)
}

/// A collection of files that everyone may use.
fn papers(superuser: &Caller<'_>) {
    superuser.make_collection(&json!({
        "name": "papers", "type": "base", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
        "fields": [{"name": "file", "type": "file", "maxSize": 300_000_000, "thumbs": ["10x10"]}],
    }));
}

/// Uploads a file and gives its record's id and its path.
fn upload(caller: &Caller<'_>, name: &str, content: &[u8]) -> (String, String) {
    let made = caller.form("POST", &records("papers"), &[], &[("file", name, content)]);
    let made = accepted(&made);
    let (id, name) = (made["id"].as_str().unwrap(), made["file"].as_str().unwrap());
    (id.to_owned(), format!("/api/files/papers/{id}/{name}"))
}

fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[0]
    };
    (0..length).map(|_| next()).collect()
}

/// Objects in a bucket of their own for each test; what the server keeps about them is left out.
fn objects(dir: &std::path::Path, bucket: &str) -> Vec<String> {
    files_in(&dir.join(bucket))
        .into_iter()
        .filter(|path| !path.split('/').any(|part| part.starts_with('.')))
        .collect()
}

fn make_bucket(dir: &std::path::Path, name: &str) -> String {
    let name = format!("{BUCKET}-{name}");
    std::fs::create_dir_all(dir.join(&name)).unwrap();
    name
}

/// Answers every request on a port in its own way.
fn server(answer: impl Fn(TcpStream) + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answer = Arc::new(answer);
    drop(std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            drop(std::thread::spawn(move || answer(stream)));
        }
    }));
    address
}

/// Reads the head of a request and sends this.
fn say(mut stream: &TcpStream, answer: &str) {
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or(0) > 0 {
        seen.push(byte[0]);
    }
    drop(stream.write_all(answer.as_bytes()));
    drop(stream.shutdown(Shutdown::Write));
    drop(std::io::copy(&mut stream, &mut std::io::sink()));
}

fn backups_in_a_bucket(address: SocketAddr, bucket: &str) -> Json {
    let mut s3 = settings(&format!("http://{address}"), bucket, SECRET)["s3"].clone();
    s3["enabled"] = json!(true);
    json!({"backups": {"s3": s3}})
}

fn backup_keys(root: &Caller<'_>) -> Vec<String> {
    let listed = accepted(&root.get("/api/backups"));
    let all = listed.as_array().unwrap().iter();
    all.map(|entry| entry["key"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
#[ignore = "scripts/s3 runs it"]
fn backups_are_made_in_a_bucket_and_restored_from_it() {
    let (address, dir) = service();
    let bucket = make_bucket(&dir, "backups");
    let stead = Server::start();
    let root = stead.superuser();
    papers(&root);
    let (id, path) = upload(&root, "a.txt", b"the old content");
    assert_eq!(
        root.post("/api/backups", &json!({"name": "local.zip"}))
            .status,
        204
    );
    accepted(&root.patch("/api/settings", &backups_in_a_bucket(address, &bucket)));
    let tested = root.post("/api/settings/test/s3", &json!({"filesystem": "backups"}));
    assert_eq!(tested.status, 204, "{}", text(&tested));
    assert_eq!(
        backup_keys(&root),
        Vec::<String>::new(),
        "archives elsewhere are not listed"
    );

    assert_eq!(
        root.post("/api/backups", &json!({"name": "one.zip"}))
            .status,
        204
    );
    assert_eq!(
        root.post("/api/backups", &json!({"name": "one.zip"}))
            .status,
        400,
        "the name is taken"
    );
    assert_eq!(backup_keys(&root), ["one.zip"]);
    assert_eq!(objects(&dir, &bucket), ["one.zip"]);
    let local = files_in(&stead.home().path().join("data/backups"));
    assert_eq!(local, ["local.zip"], "nothing is left on the disk");

    // Down, up under another name, away.
    let token = accepted(&root.post("/api/files/token", &json!({})));
    let token = token["token"].as_str().unwrap();
    let archive = root.get(&format!("/api/backups/one.zip?token={token}"));
    assert_eq!(
        (archive.status, archive.body.get(..2)),
        (200, Some(&b"PK"[..]))
    );
    let up = root.form(
        "POST",
        "/api/backups/upload",
        &[],
        &[("file", "two.zip", &archive.body)],
    );
    assert_eq!(up.status, 204, "{}", text(&up));
    assert_eq!(backup_keys(&root), ["one.zip", "two.zip"]);
    assert_eq!(root.delete("/api/backups/one.zip").status, 204);
    assert_eq!(root.delete("/api/backups/one.zip").status, 400);
    assert_eq!(
        root.post("/api/backups/one.zip/restore", &json!({})).status,
        400
    );

    // What was there when the archive was made comes back, the settings of that time included.
    assert_eq!(root.delete(&record("papers", &id)).status, 204);
    assert_eq!(
        root.post("/api/backups/two.zip/restore", &json!({})).status,
        204
    );
    until("the restore", || {
        let answer = stead.guest().try_send("GET", &path, &[], None);
        answer.is_ok_and(|answer| answer.body == b"the old content")
    });
    assert_eq!(backup_keys(&root), ["two.zip"], "the archives stay");

    // The schedule keeps the newest in the bucket, too.
    accepted(&root.patch(
        "/api/settings",
        &json!({"backups": {"cron": "0 0 1 1 *", "cronMaxKeep": 1}}),
    ));
    let auto = |keys: Vec<String>| -> Vec<String> {
        keys.into_iter()
            .filter(|key| key.starts_with("@auto"))
            .collect()
    };
    root.post("/api/crons/__pbAutoBackup__", &json!({}));
    until("the first backup", || auto(backup_keys(&root)).len() == 1);
    let first = auto(backup_keys(&root));
    until("the second backup", || {
        root.post("/api/crons/__pbAutoBackup__", &json!({}));
        let now = auto(backup_keys(&root));
        now.len() == 1 && now != first
    });
    assert_eq!(objects(&dir, &bucket).len(), 2);

    // A bucket that does not answer: told, and no archive is half made.
    let nobody = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    accepted(&root.patch("/api/settings", &backups_in_a_bucket(nobody, &bucket)));
    let listed = root.get("/api/backups");
    assert!(
        outcome(&listed).starts_with("400 Failed to retrieve backup items. Raw error: \n"),
        "{}",
        text(&listed)
    );
    for answer in [
        root.post("/api/backups", &json!({})),
        root.post("/api/backups", &json!({"name": "three.zip"})),
    ] {
        assert_eq!(answer.status, 400, "{}", text(&answer));
    }
    assert_eq!(
        root.post("/api/backups/two.zip/restore", &json!({})).status,
        400
    );
    let left = files_in(&stead.home().path().join("data/backups"));
    assert_eq!(left, ["local.zip"]);
}

#[test]
fn a_service_that_misbehaves_is_reported() {
    let server_of = |answer: &'static str| server(move |stream| say(&stream, answer));
    let denied = server_of(
        "HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n\
         <Error><Code>SignatureDoesNotMatch</Code><Message>Check your key.</Message></Error>",
    );
    let missing = server_of("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
    let failing = server_of("HTTP/1.1 503 Slow Down\r\nConnection: close\r\n\r\n");
    let nonsense = server_of("what?\r\n\r\n");
    let silent = server(|stream| {
        let mut stream = stream;
        drop(std::io::copy(&mut stream, &mut std::io::sink()));
    });
    let nobody = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let stead = Server::start();
    let superuser = stead.superuser();
    papers(&superuser);
    let guest = stead.guest();
    assert_eq!(
        probe(&superuser),
        "400 Failed to test the S3 filesystem. Raw error: \nS3 storage filesystem is not enabled."
    );
    for (what, address, expect) in [
        (
            "denied",
            denied,
            "status 403: SignatureDoesNotMatch: Check your key.",
        ),
        ("missing", missing, "status 404"),
        ("failing", failing, "status 503"),
        ("nonsense", nonsense, ""),
        ("silent", silent, "no answer in time"),
        ("nobody", nobody, ""),
    ] {
        use_bucket(&superuser, address, "files");
        let told = probe(&superuser);
        assert!(
            told.starts_with("400 Failed to test the S3 filesystem. Raw error: \n")
                && told.contains(expect),
            "{what}: {told}"
        );
        assert!(!told.contains(SECRET) && !told.contains("X-Amz"), "{told}");
        if what == "silent" {
            continue;
        }
        let answer = guest.form("POST", &records("papers"), &[], &[("file", "a.txt", b"a")]);
        assert!(
            matches!(answer.status, 500 | 503),
            "{what}: {}",
            text(&answer)
        );
        assert!(!text(&answer).contains("Amz"), "{}", text(&answer));
        assert!(superuser.items("papers", "").is_empty(), "{what}");
    }
    let page =
        server_of("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 12\r\n\r\n<p>Hello</p>");
    use_bucket(&superuser, page, "files");
    let told = probe(&superuser);
    assert!(told.contains("a file that it took is not there"), "{told}");
    let unreadable = server(|stream| {
        let mut method = [0; 4];
        drop(stream.peek(&mut method));
        let answer = match &method {
            b"GET " => "403 Forbidden\r\n\r\n<Error><Code>AccessDenied</Code></Error>",
            b"HEAD" => "200 OK\r\nContent-Length: 4\r\n\r\n",
            _ => "200 OK\r\nContent-Length: 0\r\n\r\n",
        };
        say(&stream, &format!("HTTP/1.1 {answer}"));
    });
    use_bucket(&superuser, unreadable, "files");
    let told = probe(&superuser);
    assert!(told.contains("status 403: AccessDenied"), "{told}");
    // Back on the disk everything works again.
    accepted(&superuser.patch("/api/settings", &json!({"s3": {"enabled": false}})));
    let (_, path) = upload(&guest, "a.txt", b"a");
    assert_eq!(guest.get(&path).body, b"a");
    let wrong = superuser.post("/api/settings/test/s3", &json!({"filesystem": "storage"}));
    assert_eq!(wrong.status, 400);
    assert_eq!(guest.post("/api/settings/test/s3", &json!({})).status, 401);
}

#[test]
fn a_list_that_does_not_go_on_has_an_end() {
    let stuck = server(|stream| {
        say(
            &stream,
            "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n\
             <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><IsTruncated>true</IsTruncated>\
             <Contents><Key>a.zip</Key><Size>1</Size></Contents>\
             <NextContinuationToken>same</NextContinuationToken></ListBucketResult>",
        );
    });
    let stead = Server::start();
    let root = stead.superuser();
    accepted(&root.patch("/api/settings", &backups_in_a_bucket(stuck, "kept")));
    let listed = outcome(&root.get("/api/backups"));
    assert!(
        listed.starts_with("400 ") && listed.contains("a list that does not go on"),
        "{listed}"
    );
}

#[test]
#[ignore = "needs an S3 server: scripts/s3"]
fn files_live_in_a_bucket() {
    let (address, dir) = service();
    let bucket = make_bucket(&dir, "live");
    let stead = Server::start();
    let superuser = stead.superuser();
    papers(&superuser);
    let guest = stead.guest();
    let (_, local) = upload(&guest, "local.txt", b"local");
    use_bucket(&superuser, address, &bucket);
    assert_eq!(probe(&superuser), "204 ");
    assert!(objects(&dir, &bucket).is_empty(), "the probe is gone");
    assert_eq!(
        guest.get(&local).status,
        404,
        "files do not move by themselves"
    );

    let content = noise(3_000_000);
    let (id, path) = upload(&guest, "Über #1+2 (x).tar.gz", &content);
    let whole = guest.get(&path);
    assert!(whole.body == content, "{}", whole.status);
    let part = guest.send("GET", &path, &[("Range", "bytes=2000000-2000099")], None);
    assert_eq!(
        (part.status, part.body.as_slice()),
        (206, &content[2_000_000..2_000_100])
    );
    let modified = whole.header("last-modified").unwrap();
    let same = guest.send("GET", &path, &[("If-Modified-Since", &modified)], None);
    assert_eq!(same.status, 304);
    let head = guest.send("HEAD", &path, &[], None);
    assert_eq!(head.header("content-length").as_deref(), Some("3000000"));
    assert_eq!(head.header("content-type"), whole.header("content-type"));
    let (_, empty) = upload(&guest, "empty.txt", b"");
    assert_eq!(
        (guest.get(&empty).status, guest.get(&empty).body.len()),
        (200, 0)
    );
    assert_eq!(guest.get(&format!("{path}x")).status, 404);

    let mut png = Cursor::new(Vec::new());
    image::RgbImage::new(60, 30)
        .write_to(&mut png, image::ImageFormat::Png)
        .unwrap();
    let (picture, path_of_picture) = upload(&guest, "a.png", png.get_ref());
    let thumb = guest.get(&format!("{path_of_picture}?thumb=10x10"));
    let shown = image::load_from_memory(&thumb.body).unwrap();
    assert_eq!((shown.width(), shown.height()), (10, 10));
    assert_eq!(thumb.header("content-type").as_deref(), Some("image/png"));
    let has = |part: &str| {
        objects(&dir, &bucket)
            .iter()
            .any(|path| path.contains(part))
    };
    assert!(has("/thumbs_"), "{:?}", objects(&dir, &bucket));

    // A replaced file goes with its thumbnails, a deleted record with everything.
    accepted(&guest.form(
        "PATCH",
        &record("papers", &picture),
        &[],
        &[("file", "b.txt", b"b")],
    ));
    until("the picture going", || !has("/thumbs_") && !has(".png"));
    assert_eq!(guest.delete(&record("papers", &id)).status, 204);
    until("the files going", || !has(&id));
    let refused = guest.form(
        "PATCH",
        &record("papers", "nothing"),
        &[],
        &[("file", "c.txt", b"c")],
    );
    assert_eq!(refused.status, 404);
    assert!(!has("/nothing/"));
    assert_eq!(superuser.delete("/api/collections/papers").status, 204);
    until("the collection going", || objects(&dir, &bucket).is_empty());
    let kept = files_in(&stead.home().path().join("data/storage"));
    assert_eq!(kept.len(), 2, "only the one from before: {kept:?}");
}

#[test]
#[ignore = "needs an S3 server: scripts/s3"]
fn wrong_credentials_are_refused() {
    let (address, dir) = service();
    let bucket = make_bucket(&dir, "wrong");
    let stead = Server::start();
    let superuser = stead.superuser();
    papers(&superuser);
    let endpoint = format!("http://{address}");
    accepted(&superuser.patch("/api/settings", &settings(&endpoint, &bucket, "wrong")));
    let told = probe(&superuser);
    assert!(told.contains("SignatureDoesNotMatch"), "{told}");
    let guest = stead.guest();
    let answer = guest.form("POST", &records("papers"), &[], &[("file", "a.txt", b"a")]);
    assert_eq!(answer.status, 500, "{}", text(&answer));
    assert!(superuser.items("papers", "").is_empty());
    assert!(objects(&dir, &bucket).is_empty());
}

#[cfg(target_os = "linux")]
fn peak_memory(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    kib.unwrap() * 1024
}

#[test]
#[ignore = "needs an S3 server: scripts/s3"]
fn a_hundred_megabytes_go_through_without_staying_in_memory() {
    let (address, dir) = service();
    let bucket = make_bucket(&dir, "large");
    let stead = Server::start();
    let superuser = stead.superuser();
    papers(&superuser);
    use_bucket(&superuser, address, &bucket);
    let guest = stead.guest();
    let content = noise(100 << 20);
    let (_, path) = upload(&guest, "large.bin", &content);
    assert!(guest.get(&path).body == content, "other content came back");
    let part = guest.send("GET", &path, &[("Range", "bytes=-10")], None);
    assert_eq!(part.body, content[content.len() - 10..]);
    #[cfg(target_os = "linux")]
    {
        let peak = peak_memory(&stead);
        assert!(peak < 80 << 20, "{peak} bytes at most");
    }
}
