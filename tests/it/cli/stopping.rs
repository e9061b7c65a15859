//! How the server ends: what it has begun, what it waits for, and how it is asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::{Server, files_in, stead, until};

/// Starts a request whose body is still missing, and waits until the server reads it.
#[cfg(unix)]
fn half_a_request(server: &Server) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream
        .write_all(b"POST /api/collections/users/auth-with-password HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        .unwrap();
    let expected = b"HTTP/1.1 100 Continue\r\n\r\n";
    let mut seen = vec![0; expected.len()];
    stream.read_exact(&mut seen).unwrap();
    assert_eq!(seen, expected);
    stream
}

#[cfg(unix)]
fn wait_until_closed(server: &Server) {
    until("nobody can connect", || {
        TcpStream::connect(server.address()).is_err()
    });
}

#[cfg(unix)]
#[test]
fn a_stopping_server_answers_what_it_has_begun() {
    let server = Server::start();
    let mut stream = half_a_request(&server);
    server.signal("TERM");
    wait_until_closed(&server);
    stream.write_all(b"{}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 Bad Request"), "{answer}");
    assert_eq!(server.wait().code(), Some(0));
}

/// A server that waits for what has not come takes five seconds each time; one that does not is quicker at least once,
/// whatever else runs.
#[cfg(unix)]
#[track_caller]
fn ends_at_once(mut stop: impl FnMut() -> Duration) {
    let is_quick = (0..10).any(|_| stop() < Duration::from_secs(3));
    assert!(is_quick);
}

#[cfg(unix)]
#[test]
fn a_second_signal_ends_the_server_at_once() {
    ends_at_once(|| {
        let server = Server::start();
        let _stream = half_a_request(&server);
        let asked = Instant::now();
        server.signal("TERM");
        wait_until_closed(&server);
        server.signal("INT");
        server.wait();
        asked.elapsed()
    });
}

#[cfg(unix)]
#[test]
fn an_idle_server_stops_at_once() {
    ends_at_once(|| {
        let server = Server::start();
        let mut idle = TcpStream::connect(server.address()).unwrap();
        let asked = Instant::now();
        server.signal("INT");
        assert_eq!(server.wait().code(), Some(0));
        let taken = asked.elapsed();
        assert_eq!(idle.read(&mut [0; 1]).unwrap_or_default(), 0);
        taken
    });
}

/// A migration that goes on until the file it makes says that it may end.
#[cfg(unix)]
const SLOW: &str = r#"
migrate(|app| {
    app.save_collection(#{ name: "gates", fields: [#{ name: "file", type: "file" }] });
    let gate = app.save(app.new_record("gates", #{ file: files::from_text("gate.txt", "closed") }));
    log::warn("under way");
    while files::read(gate, "file").as_string() != "open" { sleep(20); }
}, |app| {});
"#;

#[cfg(unix)]
#[test]
fn a_server_that_starts_can_be_asked_to_end() {
    for is_asked_again in [false, true] {
        let home = TempDir::new().unwrap();
        let folder = home.path().join("migrations");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("1_slow.rhai"), SLOW).unwrap();
        let mut starting = stead()
            .current_dir(home.path())
            .args(["serve", "--dir", "data", "--http", "127.0.0.1:0"])
            .env_remove("NO_COLOR")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let id = starting.id().to_string();
        let ask = || {
            assert!(Command::new("kill").arg(&id).status().unwrap().success());
        };
        let mut told = BufReader::new(starting.stderr.take().unwrap()).lines();
        let mut is_told = |what: &str| {
            told.any(|line| {
                let line = line.unwrap();
                assert!(!line.contains('\u{1b}'), "colours in a pipe: {line:?}");
                line.contains(what)
            })
        };
        assert!(is_told("under way"));
        ask();
        assert!(is_told("asked to end while starting"));
        if is_asked_again {
            ask();
        } else {
            let storage = home.path().join("data/storage");
            // What is kept about the file comes after it.
            let gate = files_in(&storage).swap_remove(0);
            std::fs::write(storage.join(gate), "open").unwrap();
        }
        let ended = starting.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "again: {is_asked_again}");
        assert_eq!(String::from_utf8_lossy(&ended.stdout), "");
    }
}
