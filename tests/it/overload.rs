//! More than the server can do, and requests made to be slow: those get a clear refusal, everybody else is served.
//!
//! How fast is measured by `scripts/bench isolation`.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Caller, Response, Server, accepted, json, record, records, text, until};

/// Rows of the large table.
const ROWS: usize = 300_000;
const POST: &str = "p00000000000007";
const HEAVY: &str = "/api/collections/posts/records?perPage=100&sort=-body&filter=(body~'needle'%7C%7Cauthor.name~'needle'%7C%7Cbody~'1')";

/// A home with people who wrote many posts. Everybody may read, and write notes.
fn home() -> Arc<TempDir> {
    let server = Server::start();
    let superuser = server.superuser();
    let rules = json!({"listRule": "", "viewRule": "", "createRule": ""});
    let make = |name: &str, fields| {
        let mut collection = rules.clone();
        collection["name"] = name.into();
        collection["type"] = "base".into();
        collection["fields"] = fields;
        superuser.make_collection(&collection)["id"].clone()
    };
    let authors = make("authors", json!([{"name": "name", "type": "text"}]));
    make(
        "posts",
        json!([
            {"name": "body", "type": "text", "max": 5_000_000},
            {"name": "author", "type": "relation", "collectionId": authors, "maxSelect": 1},
        ]),
    );
    make("notes", json!([{"name": "title", "type": "text"}]));
    let home = server.home();
    server.signal("TERM");
    assert!(server.wait().success());
    let database = Connection::open(home.path().join("data/data.db")).unwrap();
    database
        .execute_batch(&format!(
            "BEGIN;
             WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 99)
             INSERT INTO authors (id, name) SELECT printf('a%014d', i), 'author ' || i FROM n;
             WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS} - 1)
             INSERT INTO posts (id, body, author)
             SELECT printf('p%014d', i), (i * 7919) % {ROWS} || ' lorem ipsum dolor sit amet', printf('a%014d', i % 100) FROM n;
             WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < 19)
             INSERT INTO posts (id, body, author) SELECT printf('l%014d', i), printf('%.*c', 1000000, 'a'), '' FROM n;
             COMMIT;"
        ))
        .unwrap();
    home
}

/// Everything that costs little is served.
#[track_caller]
fn serves(caller: &Caller<'_>) {
    for path in [
        "/api/health",
        &record("posts", POST),
        "/api/collections/authors/records",
    ] {
        let answer = caller.get(path);
        assert_eq!(answer.status, 200, "{path} {}", text(&answer));
    }
    let made = caller.post(&records("notes"), &json!({"title": "x"}));
    assert_eq!(made.status, 200, "{}", text(&made));
}

/// An answer, or a refusal that says why.
#[track_caller]
fn is_clear(answer: &Response) {
    let message = json(answer)["message"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    match answer.status {
        200 => assert!(json(answer)["items"].is_array()),
        400 => assert!(
            message.contains("time limit") || message.contains("too many"),
            "{message}"
        ),
        503 => assert!(answer.header("retry-after").is_some()),
        other => assert_eq!(other, 200, "{message}"),
    }
}

fn send(address: SocketAddr, path: &str) -> TcpStream {
    let mut link = TcpStream::connect(address).unwrap();
    link.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
    write!(
        link,
        "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    link
}

#[test]
fn expensive_requests_end_and_disturb_nobody() {
    let home = home();
    let server = Server::start_at(Arc::clone(&home), &["--query-timeout", "2"]);
    let circle = "author.posts_via_author.author.posts_via_author.author.posts_via_author";
    let terms = |term: &str, times| vec![term; times].join("%7C%7C");
    let targets = [
        format!("{HEAVY}&page=100"),
        format!(
            "/api/collections/posts/records?filter=({})",
            terms("author.name~1", 200)
        ),
        format!(
            "/api/collections/posts/records?filter=({})",
            terms(
                "author.posts_via_author.author.posts_via_author.author.name~'z'",
                50
            )
        ),
        format!("/api/collections/posts/records?perPage=1000&expand={circle}"),
        "/api/collections/posts/records?sort=@random&perPage=1000".to_owned(),
        "/api/collections/posts/records?filter=(body~'%25a%25a%25a%25a%25a%25a%25a%25a%25a%25b')"
            .to_owned(),
    ];
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let others = scope.spawn(|| {
            while !is_over.load(SeqCst) {
                serves(&server.guest());
            }
        });
        let asking: Vec<_> = targets
            .iter()
            .map(|target| {
                let guest = server.guest();
                scope.spawn(move || is_clear(&guest.get(target)))
            })
            .collect();
        let results: Vec<_> = asking
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        is_over.store(true, SeqCst);
        others.join().unwrap();
        for (result, target) in results.into_iter().zip(&targets) {
            assert!(result.is_ok(), "{target}");
        }
    });
    // With time enough, so that it is the number of records that is too much.
    drop(server);
    let server = Server::start_at(home, &[]);
    let path =
        "/api/collections/posts/records?perPage=10&filter=(author='a00000000000001')&expand=";
    let circle = server.guest().get(&format!("{path}{circle}"));
    assert_eq!(circle.status, 400);
    assert!(
        text(&circle).contains("too many records"),
        "{}",
        text(&circle)
    );
    // What is a lot, but no more than that, is answered.
    let path = "/api/collections/posts/records?perPage=2&expand=author.posts_via_author";
    let answer = accepted(&server.guest().get(path));
    let posts = &answer["items"][0]["expand"]["author"]["expand"]["posts_via_author"];
    assert_eq!(posts.as_array().map(Vec::len), Some(1000));
    let too_long = format!(
        "/api/collections/posts/records?filter=({})",
        vec!["id='1'"; 201].join("%7C%7C")
    );
    assert_eq!(server.guest().get(&too_long).status, 400);
}

/// All other writes wait for the rules of a write, which end long before reads have to.
#[test]
fn rules_of_a_write_end_where_reads_may_take_a_day() {
    let server = Server::start_with(&["--query-timeout", "86400"], |_| {});
    let superuser = server.superuser();
    let numbers = json!({"name": "numbers", "fields": [{"name": "n", "type": "number"}]});
    superuser.make_collection(&numbers);
    let fill = "INSERT INTO numbers (id) WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 3000) \
        SELECT printf('n%014d', i) FROM c";
    accepted(&superuser.post("/api/sql", &json!({ "query": fill })));
    // Twenty-seven billion rows to look at, none of which fits.
    let endless = "@collection.numbers:a.n ?= @collection.numbers:b.n \
        && @collection.numbers:b.n ?= @collection.numbers:c.n \
        && @collection.numbers:a.n ?!= @collection.numbers:c.n";
    superuser.make_collection(&json!({
        "name": "slow", "createRule": endless, "updateRule": endless, "deleteRule": endless,
        "fields": [{"name": "n", "type": "number"}],
    }));
    superuser.make("slow", &json!({"id": "slow00000000001"}));
    let (guest, path) = (server.guest(), record("slow", "slow00000000001"));
    let refused = guest.post(&records("slow"), &json!({}));
    let limited = superuser.get("/api/logs?filter=data.error~'time%20limit'");
    assert_eq!(accepted(&limited)["totalItems"], 1);
    let others = [guest.patch(&path, &json!({"n": 1})), guest.delete(&path)];
    for answer in [refused].into_iter().chain(others) {
        assert_eq!(answer.status, 400);
        assert!(text(&answer).contains("time limit"), "{}", text(&answer));
    }
}

/// Comparing one text is one step of a statement. A pattern can make it a long one.
#[test]
fn a_pattern_that_takes_long_ends_at_the_time_limit() {
    let server = Server::start_with(&["--query-timeout", "1"], |_| {});
    let rules = json!({
        "name": "pages", "listRule": "", "createRule": "", "fields": [{"name": "body", "type": "editor"}],
    });
    server.superuser().make_collection(&rules);
    let long = json!({"body": "a".repeat(5_000_000)});
    accepted(&server.guest().post(&records("pages"), &long));
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let others = scope.spawn(|| {
            while !is_over.load(SeqCst) {
                assert_eq!(server.guest().get("/api/health").status, 200);
            }
        });
        let asking: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let filter = format!("filter=(body~'%25{}_b%25')", "a".repeat(3300));
                    server
                        .guest()
                        .get(&format!("{}?{filter}", records("pages")))
                })
            })
            .collect();
        let answers: Vec<_> = asking
            .into_iter()
            .map(thread::ScopedJoinHandle::join)
            .collect();
        is_over.store(true, SeqCst);
        others.join().unwrap();
        for answer in answers {
            let answer = answer.unwrap();
            assert_eq!(answer.status, 400);
            assert!(text(&answer).contains("time limit"), "{}", text(&answer));
        }
    });
}

#[test]
fn more_than_can_wait_is_told_to_come_back() {
    /// More than may wait for the pool.
    const CONNECTIONS: usize = 1300;
    allow_files();
    let server = Server::start_at(home(), &[]);
    let guest = server.guest();
    let mut links: Vec<TcpStream> = (0..CONNECTIONS)
        .map(|_| send(server.address(), HEAVY))
        .collect();
    // The refusals come first; everybody who waits in the queue gets an answer later.
    let mut refused = 0;
    for link in &mut links {
        link.set_nonblocking(true).unwrap();
    }
    let started = Instant::now();
    while refused < 100 {
        assert!(
            started.elapsed() < Duration::from_mins(1),
            "{refused} refusals"
        );
        for link in &mut links {
            let mut bytes = [0; 4096];
            let Ok(read @ 1..) = link.read(&mut bytes) else {
                continue;
            };
            let answer = String::from_utf8_lossy(&bytes[..read]).into_owned();
            if answer.starts_with("HTTP/1.1 503") {
                assert!(answer.contains("retry-after: 1"), "{answer}");
                assert!(answer.contains("\"status\":503"), "{answer}");
                refused += 1;
            }
        }
        thread::sleep(Duration::from_millis(5));
    }
    serves(&guest);
    // Nobody works for those who are gone.
    drop(links);
    serves(&guest);
    assert_eq!(guest.get(HEAVY).status, 200);
}

#[test]
fn sign_ins_beyond_capacity_are_told_to_come_back() {
    allow_files();
    let processors = thread::available_parallelism().map_or(1, usize::from);
    // 64 wait for each processor and one is worked out; what is worked out meanwhile is far less than the rest.
    let connections = 65 * processors + 300;
    let server = Server::start();
    let address = server.address();
    let users = "/api/collections/users";
    let superuser = server.superuser();
    let mut fields = accepted(&superuser.get(users))["fields"].take();
    let mut all = fields.as_array_mut().unwrap().iter_mut();
    let password = all.find(|field| field["name"] == "password");
    password.unwrap()["cost"] = json!(12);
    accepted(&superuser.patch(users, &json!({ "fields": fields })));
    drop(server.user("ann"));
    let body = r#"{"identity":"ann@example.com","password":"1234567890"}"#;
    let mut links: Vec<TcpStream> = (0..connections)
        .map(|_| {
            let mut link = TcpStream::connect(address).unwrap();
            write!(
                link,
                "POST /api/collections/users/auth-with-password HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .unwrap();
            link
        })
        .collect();
    let is_refusal = |link: &mut TcpStream| {
        // One of those who wait gets an answer later.
        link.set_nonblocking(true).unwrap();
        let Ok(1..) = link.peek(&mut [0]) else {
            return false;
        };
        link.set_nonblocking(false).unwrap();
        link.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        let mut answer = String::new();
        drop(link.read_to_string(&mut answer));
        assert!(
            answer.starts_with("HTTP/1.1 200") || answer.contains("retry-after: 1"),
            "{answer}"
        );
        answer.starts_with("HTTP/1.1 503")
    };
    // Whoever came last found the queue full.
    until("somebody is refused", || {
        links.iter_mut().rev().any(is_refusal)
    });
    assert_eq!(server.guest().get("/api/health").status, 200);
    drop(links);
    // What nobody waits for is not worked out.
    let one = json!({"identity": "ann@example.com", "password": "1234567890"});
    let path = format!("{users}/auth-with-password");
    until("somebody is let in again", || {
        server.guest().post(&path, &one).status == 200
    });
}

#[test]
fn slow_readers_and_half_open_connections_occupy_nothing() {
    allow_files();
    let server = Server::start_at(home(), &[]);
    let mut links: Vec<TcpStream> = (0..500)
        .map(|number| {
            let mut link = TcpStream::connect(server.address()).unwrap();
            let head = "POST /api/collections/notes/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
            link.write_all(&head.as_bytes()[..number % head.len()]).unwrap();
            if number % 5 == 0 {
                // Everything but the body.
                let rest = &head.as_bytes()[number % head.len()..];
                link.write_all(rest).unwrap();
                link.write_all(b"Content-Length: 1000\r\n\r\n{\"title\"").unwrap();
            }
            link
        })
        .collect();
    let path = "/api/collections/posts/records?perPage=1000&skipTotal=1&sort=-id";
    links.extend((0..100).map(|_| send(server.address(), path)));
    for _ in 0..20 {
        serves(&server.guest());
    }
    assert_eq!(server.guest().get(HEAVY).status, 200);
    // Who waited is served when it goes on at last.
    let mut slow = links.pop().unwrap();
    let mut answer = Vec::new();
    slow.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200") && answer.ends_with(b"}"));
}

#[test]
fn answers_that_nobody_takes_are_bounded() {
    allow_files();
    let server = Server::start_at(home(), &["--request-memory", "16"]);
    let guest = server.guest();
    // More than the system takes for a client.
    let large = "/api/collections/posts/records?perPage=15&skipTotal=1&sort=id";
    assert!(guest.get(large).body.len() > 15_000_000);
    let links: Vec<TcpStream> = (0..60).map(|_| send(server.address(), large)).collect();
    // Whoever reads is told to come later, also with an answer that is made in no time, while all that is small goes on.
    let counted = "/api/collections/posts/records?perPage=1&skipTotal=1&sort=id";
    until("there is no room", || {
        let answer = guest.get(counted);
        is_clear(&answer);
        answer.status == 503
    });
    serves(&guest);
    let taken = resident(&server);
    assert!(taken < 400 << 20, "{taken}");
    // Who takes nothing is given up soon then.
    until("there is room again", || guest.get(large).status == 200);
    drop(links);
}

/// Bytes of memory that a server takes.
fn resident(server: &Server) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .unwrap();
    line.trim()
        .trim_end_matches(" kB")
        .parse::<usize>()
        .unwrap()
        << 10
}

#[test]
#[cfg(target_os = "linux")]
fn few_open_files_are_no_reason_to_fail() {
    use std::process::Command;
    let mut limited = Command::new("sh");
    limited.args([
        "-c",
        "ulimit -n 400; exec \"$0\" \"$@\"",
        env!("CARGO_BIN_EXE_stead"),
    ]);
    allow_files();
    let server = Server::launch(limited, Arc::new(TempDir::new().unwrap()), &[]);
    prepare_notes(&server);
    let links: Vec<TcpStream> = (0..200)
        .map(|_| TcpStream::connect(server.address()).unwrap())
        .collect();
    // Those that are beyond what the system allows wait to be accepted; work for the others goes on.
    drop(links);
    let made = server
        .guest()
        .post(&records("notes"), &json!({"title": "x"}));
    assert_eq!(made.status, 200, "{}", text(&made));
}

#[test]
#[cfg(target_os = "linux")]
fn connections_leave_open_files_for_the_work() {
    use std::process::Command;
    let mut limited = Command::new("sh");
    limited.args([
        "-c",
        "ulimit -n 64; exec \"$0\" \"$@\"",
        env!("CARGO_BIN_EXE_stead"),
    ]);
    let server = Server::launch(limited, Arc::new(TempDir::new().unwrap()), &[]);
    prepare_notes(&server);
    let root = server.superuser();
    // In the order in which they are accepted: those behind the last that can be wait for one to end.
    let mut links: Vec<TcpStream> = (0..100)
        .map(|_| TcpStream::connect(server.address()).unwrap())
        .collect();
    let token = root.token().to_owned();
    let mut ask = |method: &str, path: &str, body: &str| {
        let mut link = links.remove(0);
        write!(
            link,
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        link.read_to_string(&mut answer).unwrap();
        answer.split(' ').nth(1).map(str::to_owned)
    };
    for (method, path, body, status) in [
        (
            "POST",
            "/api/collections/notes/records",
            r#"{"title":"x"}"#,
            "200",
        ),
        ("GET", "/api/logs", "", "200"),
        ("PUT", "/api/stead/prefs/me/view", r#"{"value":1}"#, "204"),
        ("POST", "/api/backups", r#"{"name":"few.zip"}"#, "204"),
        (
            "GET",
            "/api/collections/notes/records?filter=(title~'x')",
            "",
            "200",
        ),
    ] {
        assert_eq!(ask(method, path, body).as_deref(), Some(status), "{path}");
    }
}

#[cfg(target_os = "linux")]
fn prepare_notes(server: &Server) {
    server.superuser().make_collection(&json!({
        "name": "notes", "type": "base", "createRule": "", "fields": [{"name": "title", "type": "text"}],
    }));
}

/// Lets the test itself have so many connections.
fn allow_files() {
    stead::server::allow_many_files();
}
