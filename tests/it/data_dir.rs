//! The life of a data directory: fresh, in use, killed, foreign.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::{Arc, mpsc};

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::json;
use stead::engine::{Engine, Options};
use stead::sql::Sql;
use tempfile::TempDir;

use crate::support::{Caller, Server, accepted, json, records, run_in, stead, together, until};

fn serve(home: &Path) -> Child {
    stead()
        .current_dir(home)
        .args(["serve", "--dir", "data", "--http", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Starts a server in a home and ends it once it listens; everything it printed.
fn printed(home: &Path) -> String {
    let mut child = serve(home);
    let mut output = child.stdout.take().unwrap();
    // The first byte is printed when requests to stop are listened to already.
    let mut first = [0];
    output.read_exact(&mut first).unwrap();
    let sent = std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(sent.is_ok_and(|status| status.success()));
    let mut rest = String::from_utf8_lossy(&first).into_owned();
    output.read_to_string(&mut rest).unwrap();
    assert!(child.wait().unwrap().success());
    rest
}

fn superuser(home: &Path, arguments: &[&str]) {
    let all = [&["superuser"], arguments, &["--dir", "data"]].concat();
    let output = run_in(home, &all);
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn a_link_leads_in_until_there_is_a_superuser() {
    let home = TempDir::new().unwrap();
    for _ in 0..2 {
        let text = printed(home.path());
        assert!(text.contains("/_/#/pbinstall/"), "{text}");
    }
    superuser(home.path(), &["create", "root@example.com", "1234567890"]);
    for _ in 0..2 {
        let text = printed(home.path());
        assert!(
            text.contains("Server started") && !text.contains("pbinstall"),
            "{text}"
        );
    }
    for name in ["data.db", "auxiliary.db"] {
        assert!(home.path().join("data").join(name).is_file(), "{name}");
    }
}

/// Ends a process when the test does.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

#[test]
fn the_link_makes_the_first_superuser_and_then_nothing() {
    let home = TempDir::new().unwrap();
    let mut child = Killed(serve(home.path()));
    let mut lines = BufReader::new(child.0.stdout.take().unwrap()).lines();
    let mut behind = |mark: &str| {
        let line = lines
            .by_ref()
            .find_map(|line| line.ok().filter(|line| line.contains(mark)));
        line.unwrap().rsplit_once(mark).unwrap().1.to_owned()
    };
    let address = behind("http://").parse().unwrap();
    let caller = Caller::at(address, Some(behind("/_/#/pbinstall/")));
    let make = |email: &str| {
        let password = "1234567890";
        let data = json!({"email": email, "password": password, "passwordConfirm": password});
        caller.post(&records("_superusers"), &data).status
    };
    assert_eq!(
        caller
            .post("/api/collections/_superusers/auth-refresh", &json!({}))
            .status,
        200
    );
    assert_eq!(make("root@example.com"), 200);
    assert_eq!(make("other@example.com"), 403);
    assert_eq!(caller.get("/api/settings").status, 401);
}

#[test]
fn superusers_made_on_the_command_line_sign_in_to_a_running_server() {
    let server = Server::start();
    let home = server.home();
    let sign_in = |email: &str, password: &str| {
        let data = json!({"identity": email, "password": password});
        let path = "/api/collections/_superusers/auth-with-password";
        server.guest().post(path, &data).status
    };
    superuser(home.path(), &["create", "a@example.com", "1234567890"]);
    assert_eq!(sign_in("a@example.com", "1234567890"), 200);
    superuser(home.path(), &["update", "a@example.com", "0987654321"]);
    assert_eq!(sign_in("a@example.com", "1234567890"), 400);
    assert_eq!(sign_in("a@example.com", "0987654321"), 200);
    superuser(home.path(), &["upsert", "b@example.com", "1234567890"]);
    superuser(home.path(), &["delete", "a@example.com"]);
    assert_eq!(sign_in("a@example.com", "0987654321"), 400);
    assert_eq!(sign_in("b@example.com", "1234567890"), 200);
}

/// The server prepares its link while the command makes the first superuser: whoever is first, the server stays and
/// only the real one is left.
#[test]
fn a_superuser_made_while_the_server_starts_is_the_only_one() {
    for _ in 0..4 {
        together(4, |_| {
            let server = Server::start();
            let root = server.superuser();
            let emails = root.items("_superusers", "fields=email");
            assert_eq!(emails, [json!({"email": "root@example.com"})]);
        });
    }
}

/// What the program says about a data file; it must refuse it, whatever the command, and leave it as it is.
#[track_caller]
fn check_refused(home: &Path, expect: &str) {
    let file = home.join("data/data.db");
    let before = fs::read(&file).ok();
    for arguments in [
        &["serve", "--dir", "data", "--http", "127.0.0.1:0"][..],
        &[
            "superuser",
            "upsert",
            "a@example.com",
            "1234567890",
            "--dir",
            "data",
        ],
    ] {
        let output = run_in(home, arguments);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(
            text.starts_with("error: ") && text.lines().count() == 1,
            "{text}"
        );
        assert!(text.contains(expect), "{text}");
        assert!(output.stdout.is_empty(), "{output:?}");
    }
    assert!(fs::read(&file).ok() == before, "the file was changed");
}

pub(crate) fn home_with(sql: &'static str) -> TempDir {
    let home = TempDir::new().unwrap();
    fs::create_dir(home.path().join("data")).unwrap();
    let engine = Engine::open(&home.path().join("data/data.db"), Options::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let made = runtime.block_on(engine.write(move |tx| tx.batch(&Sql::from_text(sql))));
    made.unwrap();
    engine.shutdown();
    home
}

#[test]
fn foreign_directories_are_refused_untouched() {
    let old = home_with(
        "CREATE TABLE _collections (id TEXT PRIMARY KEY, system BOOLEAN, type TEXT, name TEXT, schema JSON, indexes JSON, \
         listRule TEXT, viewRule TEXT, createRule TEXT, updateRule TEXT, deleteRule TEXT, options JSON, created TEXT, \
         updated TEXT); CREATE TABLE _params (id TEXT PRIMARY KEY, key TEXT, value JSON, created TEXT, updated TEXT); \
         CREATE TABLE _admins (id TEXT PRIMARY KEY, email TEXT)",
    );
    check_refused(old.path(), "before version 0.23");
    let newer = home_with(
        "CREATE TABLE _collections (id TEXT PRIMARY KEY, system BOOLEAN, type TEXT, name TEXT, fields JSON, indexes JSON, \
         listRule TEXT, viewRule TEXT, createRule TEXT, updateRule TEXT, deleteRule TEXT, options JSON, created TEXT, \
         updated TEXT, future TEXT)",
    );
    check_refused(newer.path(), "newer version");
    let half = home_with(
        "CREATE TABLE _params (id TEXT PRIMARY KEY, value JSON, created TEXT, updated TEXT)",
    );
    check_refused(half.path(), "settings but no collections");
    let taken = home_with(
        "CREATE TABLE _collections (id TEXT PRIMARY KEY, system BOOLEAN, type TEXT, name TEXT, fields JSON, indexes JSON, \
         listRule TEXT, viewRule TEXT, createRule TEXT, updateRule TEXT, deleteRule TEXT, options JSON, created TEXT, \
         updated TEXT); CREATE TABLE _changes (id TEXT PRIMARY KEY, title TEXT)",
    );
    check_refused(taken.path(), "called _changes");
}

#[test]
fn what_is_no_database_is_refused_untouched() {
    let home = TempDir::new().unwrap();
    let data = home.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::write(
        data.join("data.db"),
        "this is no database at all".repeat(100),
    )
    .unwrap();
    check_refused(home.path(), "data");
    fs::remove_file(data.join("data.db")).unwrap();
    fs::create_dir(data.join("data.db")).unwrap();
    check_refused(home.path(), "data");
    fs::remove_dir_all(&data).unwrap();
    fs::write(&data, "a file").unwrap();
    check_refused(home.path(), "data");
}

#[test]
fn acknowledged_records_and_files_survive_a_kill() {
    const CALLERS: usize = 8;
    const ROUNDS: usize = 3;
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let mut server = Server::start();
    server.superuser().make_collection(&json!({
        "name": "papers", "type": "base", "listRule": "", "viewRule": "", "createRule": "",
        "fields": [{"name": "t", "type": "text"}, {"name": "file", "type": "file"}],
    }));
    let mut acknowledged = BTreeSet::new();
    for _ in 0..ROUNDS {
        let wanted = random.random_range(1..150);
        let (sender, acks) = mpsc::channel();
        std::thread::scope(|scope| {
            for _ in 0..CALLERS {
                let (sender, guest) = (sender.clone(), server.guest());
                scope.spawn(move || {
                    let boundary = "multipart/form-data; boundary=x";
                    let body = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"paper.txt\"\r\n\r\n\
                                content\r\n--x--\r\n";
                    let headers = [("Content-Type", boundary)];
                    let body = || Some(body.as_bytes().to_vec());
                    while let Ok(answer) = guest.try_send("POST", &records("papers"), &headers, body()) {
                        let made = json(&answer);
                        if let (Some(id), Some(file)) = (made["id"].as_str(), made["file"].as_str()) {
                            drop(sender.send((id.to_owned(), file.to_owned())));
                        }
                    }
                });
            }
            acknowledged.extend(acks.iter().take(wanted));
            server.signal("KILL");
            drop(sender);
            acknowledged.extend(acks.iter());
        });
        let home = server.home();
        server.wait();
        server = Server::start_at(home, &[]);
        let guest = server.guest();
        for (id, file) in &acknowledged {
            assert_eq!(guest.look("papers", id)["file"], *file, "lost {id}");
            let content = guest.get(&format!("/api/files/papers/{id}/{file}"));
            assert_eq!(content.body, b"content", "{id}");
        }
        accepted(&guest.post(&records("papers"), &json!({"t": "still working"})));
    }
}

#[test]
fn a_directory_that_is_moved_away_under_the_server_is_told_and_not_written_to() {
    let home = Arc::new(TempDir::new().unwrap());
    let log = home.path().join("stderr");
    let mut command = stead();
    command.stderr(fs::File::create(&log).unwrap());
    let server = Server::launch(command, Arc::clone(&home), &[]);
    let superuser = server.superuser();
    superuser.make_collection(&json!({"name": "notes"}));
    let write = || superuser.post(&records("notes"), &json!({})).status;
    let told = |what: &str| fs::read_to_string(&log).is_ok_and(|text| text.contains(what));
    let (place, elsewhere) = (home.path().join("data"), home.path().join("moved"));
    fs::rename(&place, &elsewhere).unwrap();
    until("it is told", || told("no more where it was opened"));
    assert_eq!(write(), 503);
    assert_eq!(superuser.get(&records("notes")).status, 200);
    // What was made in its place meanwhile is in the way.
    drop(fs::remove_dir_all(&place));
    fs::rename(&elsewhere, &place).unwrap();
    until("it is told that it is back", || told("back in its place"));
    assert_eq!(write(), 200);
    assert_eq!(superuser.items("notes", "").len(), 1);
    server.signal("TERM");
    assert!(server.wait().success());
}
