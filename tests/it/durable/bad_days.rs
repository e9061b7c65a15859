//! Disks that are full, read-only, broken or in use by somebody else, damaged files, and a clock that goes backwards:
//! the answer says so, what is not concerned goes on, all is well again without a restart once the cause is gone, and
//! nothing acknowledged is lost.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::{env, thread};

use rusqlite::Connection;
use serde_json::json;
use tempfile::TempDir;

use super::shim::{EIO, ENOSPC, EROFS, Fault, Shim};
use crate::support::{
    Caller, Response, Server, accepted, files_in, json, record, records, run_in, text, until,
};

pub(super) const COLLECTION: &str = "papers";

/// A collection anybody may write to.
pub(super) fn prepare(superuser: &Caller<'_>) {
    superuser.make_collection(&json!({
        "name": COLLECTION, "type": "base", "listRule": "", "viewRule": "", "createRule": "",
        "fields": [{"name": "text", "type": "text", "max": 2_000_000}, {"name": "file", "type": "file", "maxSize": 100_000_000}],
    }));
}

/// A home with a database that has the collection, not in use.
pub(super) fn prepared() -> Arc<TempDir> {
    let server = Server::start();
    prepare(&server.superuser());
    let home = server.home();
    server.signal("TERM");
    assert!(server.wait().success());
    home
}

pub(super) fn create(caller: &Caller<'_>, text: &str) -> Response {
    caller.post(&records(COLLECTION), &json!({"text": text}))
}

pub(super) fn upload(caller: &Caller<'_>, bytes: usize) -> Response {
    let content = vec![7; bytes];
    caller.form(
        "POST",
        &records(COLLECTION),
        &[],
        &[("file", "a.bin", &content)],
    )
}

fn ids(caller: &Caller<'_>) -> BTreeSet<String> {
    let items = caller.items(COLLECTION, "skipTotal=1&fields=id");
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

/// What was acknowledged.
#[derive(Default)]
struct Kept(BTreeSet<String>);

impl Kept {
    #[track_caller]
    fn note(&mut self, answer: &Response) {
        self.0
            .insert(accepted(answer)["id"].as_str().unwrap().to_owned());
    }

    #[track_caller]
    fn check(&self, caller: &Caller<'_>) {
        let there = ids(caller);
        let lost: Vec<_> = self.0.difference(&there).collect();
        assert!(lost.is_empty(), "lost {lost:?}");
    }
}

/// An answer that says that the disk is to blame.
#[track_caller]
fn refused(answer: &Response, status: u16, word: &str) {
    let body = json(answer);
    assert_eq!(answer.status, status, "{}", text(answer));
    assert_eq!(body["status"], status);
    assert!(body["data"].is_object());
    let message = body["message"].as_str().unwrap();
    assert!(message.contains(word), "{message}");
    assert!(answer.header("retry-after").is_some(), "{answer:?}");
}

/// What needs no writing goes on.
#[track_caller]
fn serves_reads(caller: &Caller<'_>, kept: &Kept) {
    assert_eq!(caller.get("/api/health").status, 200);
    assert_eq!(caller.get("/_/").status, 200);
    kept.check(caller);
}

fn assert_sound(home: &TempDir) {
    let database = Connection::open(home.path().join("data/data.db")).unwrap();
    let found: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(found, "ok");
}

/// A small disk as `data` in a home; gone with the value.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(home: &Path, megabytes: u32) -> Option<Self> {
        let place = home.join("data");
        fs::create_dir_all(&place).unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"])
            .arg(&place)
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(place)),
            other => {
                println!("skipped: a file system cannot be mounted here: {other:?}");
                None
            }
        }
    }

    fn remount(&self, how: &str) {
        let status = Command::new("mount")
            .args(["-o", &format!("remount,{how}")])
            .arg(&self.0)
            .status();
        assert!(status.unwrap().success());
    }

    /// Takes all space there is.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("ballast");
        let mut file = File::create(&path).unwrap();
        for size in [1 << 20, 4096] {
            let piece = vec![0; size];
            while file.write_all(&piece).is_ok() {}
        }
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(Command::new("umount").arg("-l").arg(&self.0).status());
    }
}

#[test]
fn a_full_disk_is_told_and_forgotten() {
    let home = Arc::new(TempDir::new().unwrap());
    let Some(disk) = SmallDisk::mount(home.path(), 24) else {
        return;
    };
    let server = Server::start_at(Arc::clone(&home), &[]);
    let superuser = server.superuser();
    prepare(&superuser);
    let guest = server.guest();
    let mut kept = Kept::default();
    kept.note(&create(&guest, "before"));
    kept.note(&upload(&guest, 100_000));
    let ballast = disk.fill();
    let long = "x".repeat(50_000);
    // What is left in the last pages may do for a while.
    let full = (0..200)
        .map(|_| create(&guest, &long))
        .find(|answer| {
            if answer.status == 200 {
                kept.note(answer);
            }
            answer.status != 200
        })
        .unwrap();
    refused(&full, 507, "space");
    refused(&upload(&guest, 3_000_000), 507, "space");
    refused(&upload(&guest, 10_000), 507, "space");
    serves_reads(&guest, &kept);
    let backup = superuser.post("/api/backups", &json!({"name": "full.zip"}));
    assert_eq!(backup.status, 507, "{}", text(&backup));
    assert_eq!(superuser.get("/api/logs").status, 200);
    fs::remove_file(ballast).unwrap();
    kept.note(&create(&guest, &long));
    kept.note(&upload(&guest, 100_000));
    drop(server);
    let server = Server::start_at(Arc::clone(&home), &[]);
    kept.check(&server.guest());
    drop(server);
    assert_sound(&home);
}

#[test]
fn a_read_only_disk_is_told_at_the_start() {
    let home = Arc::new(TempDir::new().unwrap());
    let Some(disk) = SmallDisk::mount(home.path(), 24) else {
        return;
    };
    let server = Server::start_at(Arc::clone(&home), &[]);
    prepare(&server.superuser());
    let mut kept = Kept::default();
    kept.note(&create(&server.guest(), "before"));
    server.signal("TERM");
    assert!(server.wait().success());
    disk.remount("ro");
    let output = run_in(
        home.path(),
        &["serve", "--dir", "data", "--http", "127.0.0.1:0"],
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.starts_with("error: cannot open the database in data"),
        "{said}"
    );
    disk.remount("rw");
    let server = Server::start_at(home, &[]);
    kept.check(&server.guest());
    kept.note(&create(&server.guest(), "after"));
}

/// Lets something fail while a server runs, and looks at everything around it.
fn check_fault(faults: &[Fault], error: u32, path: &str, status: u16) {
    let home = prepared();
    let shim = Shim::new(home.path());
    let server = shim.serve(&home, &[]);
    let guest = server.guest();
    let mut kept = Kept::default();
    kept.note(&create(&guest, "before"));
    shim.fail_all(faults, error, path);
    for _ in 0..3 {
        refused(&create(&guest, "meanwhile"), status, "disk");
        serves_reads(&guest, &kept);
    }
    assert!(shim.faults() > 0);
    shim.heal();
    kept.note(&create(&guest, "after"));
    kept.note(&upload(&guest, 100_000));
    drop(server);
    let server = Server::start_at(Arc::clone(&home), &[]);
    kept.check(&server.guest());
    drop(server);
    assert_sound(&home);
}

#[test]
fn a_log_that_cannot_be_written_is_told() {
    check_fault(&[Fault::Write], EIO, "data.db-wal", 503);
}

#[test]
fn a_log_without_space_is_told() {
    check_fault(&[Fault::Write], ENOSPC, "data.db-wal", 507);
}

#[test]
fn a_disk_that_becomes_read_only_is_told() {
    check_fault(&[Fault::Write, Fault::Create], EROFS, "/data/", 503);
}

#[test]
fn a_log_that_cannot_be_flushed_is_told() {
    check_fault(&[Fault::Sync], EIO, "data.db-wal", 503);
}

#[test]
fn a_disk_that_flushes_nothing_is_told() {
    check_fault(&[Fault::Sync], EIO, "/data/", 503);
}

#[test]
fn files_that_cannot_be_stored_leave_no_record() {
    let home = prepared();
    let shim = Shim::new(home.path());
    let server = shim.serve(&home, &[]);
    let guest = server.guest();
    let mut kept = Kept::default();
    kept.note(&upload(&guest, 100_000));
    for (fault, error, status) in [
        (Fault::Write, ENOSPC, 507),
        (Fault::Create, EIO, 503),
        (Fault::Sync, EIO, 503),
    ] {
        for path in ["/storage/", "/.pb_temp_to_delete/"] {
            shim.fail(fault, error, path);
            for size in [1000, 3_000_000] {
                let answer = upload(&guest, size);
                // Not every step touches both folders.
                if answer.status == 200 {
                    kept.note(&answer);
                } else {
                    refused(&answer, status, "disk");
                }
            }
            kept.note(&create(&guest, "a record needs no file"));
            shim.heal();
        }
    }
    kept.note(&upload(&guest, 3_000_000));
    kept.check(&guest);
    let files = files_in(&home.path().join("data/storage"));
    let stored = files
        .iter()
        .filter(|path| {
            Path::new(path.as_str())
                .extension()
                .is_none_or(|end| end != "attrs")
        })
        .count();
    let named = guest.items(COLLECTION, "filter=file!=''");
    assert_eq!(stored, named.len(), "{files:?}");
}

#[test]
fn files_that_cannot_be_removed_go_later() {
    let home = prepared();
    let shim = Shim::new(home.path());
    let server = shim.serve(&home, &[]);
    let root = server.superuser();
    let storage = home.path().join("data/storage");
    let ids = [(); 4].map(|()| {
        let made = accepted(&upload(&root, 1000));
        made["id"].as_str().unwrap().to_owned()
    });
    let names = || -> Vec<String> {
        let files = files_in(&storage).into_iter();
        let is_content =
            |path: &String| Path::new(path).extension().is_some_and(|end| end == "bin");
        files.filter(is_content).collect()
    };
    assert_eq!(names().len(), 4);
    shim.fail(Fault::Write, EROFS, "/storage/");
    let change = json!({"file": null});
    assert_eq!(
        root.patch(&record(COLLECTION, &ids[0]), &change).status,
        200
    );
    assert_eq!(root.delete(&record(COLLECTION, &ids[1])).status, 204);
    assert_eq!(names().len(), 4);
    shim.heal();
    until("what stayed behind goes", || names().len() == 2);
    let reads = |id: &str| {
        let found = accepted(&root.get(&record(COLLECTION, id)));
        let name = found["file"].as_str().unwrap();
        root.get(&format!("/api/files/{COLLECTION}/{id}/{name}"))
            .status
    };
    assert_eq!([&ids[2], &ids[3]].map(|id| reads(id)), [200, 200]);
    // What is still there when the server ends is found by the next one.
    shim.fail(Fault::Write, EROFS, "/storage/");
    assert_eq!(root.delete(&record(COLLECTION, &ids[2])).status, 204);
    server.signal("TERM");
    assert!(server.wait().success());
    assert_eq!(names().len(), 2);
    shim.heal();
    let server = shim.serve(&home, &[]);
    until("what stayed behind goes", || names().len() == 1);
    drop(server);
    assert!(names()[0].contains(&ids[3]), "{:?}", names());
}

#[test]
fn pages_that_cannot_be_read_are_told() {
    let home = prepared();
    let mut kept = Kept::default();
    {
        let server = Server::start_at(Arc::clone(&home), &[]);
        for _ in 0..50 {
            kept.note(&create(&server.guest(), &"x".repeat(4000)));
        }
        server.signal("TERM");
        assert!(server.wait().success());
    }
    let shim = Shim::new(home.path());
    let server = shim.serve(&home, &[]);
    let guest = server.guest();
    // It reads a little before it answers.
    assert_eq!(guest.get("/api/health").status, 200);
    shim.fail(Fault::Read, EIO, "/data.db");
    let answer = guest.get(&format!("{}?perPage=1000", records(COLLECTION)));
    refused(&answer, 503, "disk");
    assert_eq!(guest.get("/api/health").status, 200);
    shim.heal();
    kept.check(&guest);
    kept.note(&create(&guest, "after"));
}

#[test]
fn a_database_in_use_by_another_process_is_waited_for() {
    let home = prepared();
    let server = Server::start_at(Arc::clone(&home), &[]);
    let guest = server.guest();
    let mut kept = Kept::default();
    kept.note(&create(&guest, "before"));
    let other = Connection::open(home.path().join("data/data.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| create(&guest, "meanwhile"));
        while !waiting.is_finished() {
            serves_reads(&guest, &kept);
        }
        refused(&waiting.join().unwrap(), 503, "locked");
        // A short lock is no reason to refuse anything.
        let waiting = scope.spawn(|| create(&guest, "patience"));
        serves_reads(&guest, &kept);
        other.execute_batch("ROLLBACK").unwrap();
        kept.note(&waiting.join().unwrap());
    });
    kept.note(&create(&guest, "after"));
    kept.check(&guest);
}

#[test]
fn a_clock_set_back_or_forward_does_no_harm() {
    const DAY: i64 = 86_400;
    let home = prepared();
    let shim = Shim::new(home.path());
    let server = shim.serve(&home, &[]);
    let superuser = server.superuser();
    let mut kept = Kept::default();
    for shift in [0, -3600, -30 * DAY, 3600, 0, -400 * DAY, 0] {
        shim.shift_clock(shift);
        kept.note(&create(&server.guest(), "some time"));
        assert_eq!(superuser.get("/api/settings").status, 200, "{shift}");
        let refreshed = superuser.post("/api/collections/_superusers/auth-refresh", &json!({}));
        assert_eq!(refreshed.status, 200, "{shift} {}", text(&refreshed));
        assert_eq!(superuser.get("/api/logs").status, 200, "{shift}");
        kept.check(&server.guest());
    }
    // A token of tomorrow is one of yesterday's after some years.
    shim.shift_clock(3000 * DAY);
    assert_eq!(superuser.get("/api/settings").status, 401);
    kept.note(&create(&server.guest(), "later"));
    server.signal("TERM");
    assert!(server.wait().success());
    shim.shift_clock(-10 * DAY);
    let server = shim.serve(&home, &[]);
    kept.check(&server.guest());
    kept.note(&create(&server.guest(), "in the past"));
}

#[test]
fn a_truncated_log_loses_its_end_alone() {
    let home = prepared();
    let server = Server::start_at(Arc::clone(&home), &[]);
    let mut created = Vec::new();
    for number in 0..40 {
        let answer = accepted(&create(&server.guest(), &number.to_string()));
        created.push(answer["id"].as_str().unwrap().to_owned());
    }
    drop(server);
    let log = home.path().join("data/data.db-wal");
    let length = fs::metadata(&log).unwrap().len();
    let mut before = created.len();
    for part in [length * 3 / 4, length / 2 + 17, 40, 0] {
        File::options()
            .write(true)
            .open(&log)
            .and_then(|file| file.set_len(part))
            .unwrap();
        // Kept aside, because the server puts what is left into the database.
        let copy = Arc::new(TempDir::new().unwrap());
        for name in ["data.db", "data.db-wal", "auxiliary.db"] {
            fs::create_dir_all(copy.path().join("data")).unwrap();
            fs::copy(
                home.path().join("data").join(name),
                copy.path().join("data").join(name),
            )
            .unwrap();
        }
        let server = Server::start_at(Arc::clone(&copy), &[]);
        let there = ids(&server.guest());
        assert!(there.len() <= before);
        before = there.len();
        assert_eq!(there, created[..before].iter().cloned().collect());
        assert_eq!(create(&server.guest(), "on").status, 200);
        drop(server);
        assert_sound(&copy);
    }
    assert_eq!(before, 0);
}

/// `STEAD_WAL_MB` is the size (default 70, a little more than what is copied back anyway; before a release 1000).
#[test]
fn a_large_log_is_read_at_the_start_and_shrinks() {
    let megabytes: u64 = env::var("STEAD_WAL_MB").map_or(70, |text| text.parse().unwrap());
    let home = prepared();
    let server = Server::start_at(Arc::clone(&home), &[]);
    let guest = server.guest();
    // Somebody who reads an old state keeps the log from starting over.
    let other = Connection::open(home.path().join("data/data.db")).unwrap();
    other
        .execute_batch("BEGIN; SELECT count(*) FROM _collections")
        .unwrap();
    let log = home.path().join("data/data.db-wal");
    let length = || fs::metadata(&log).map_or(0, |about| about.len());
    let long = "0123456789abcdef".repeat(50_000);
    let mut kept = Kept::default();
    while length() < megabytes << 20 {
        kept.note(&create(&guest, &long));
    }
    drop(server);
    drop(other);
    let server = Server::start_at(Arc::clone(&home), &[]);
    let page = accepted(
        &server
            .guest()
            .get(&format!("{}?perPage=1", records(COLLECTION))),
    );
    assert_eq!(page["totalItems"], kept.0.len());
    kept.note(&create(&server.guest(), "after"));
    server.signal("TERM");
    assert!(server.wait().success());
    assert_eq!(length(), 0, "what was in the log is in the database now");
    assert_sound(&home);
}

#[test]
fn damaged_logs_are_set_aside() {
    let home = prepared();
    let data = home.path().join("data");
    fs::write(data.join("auxiliary.db"), "no database".repeat(1000)).unwrap();
    let server = Server::start_at(Arc::clone(&home), &[]);
    let superuser = server.superuser();
    assert_eq!(create(&server.guest(), "on").status, 200);
    let logs = accepted(&superuser.get("/api/logs?perPage=1000"));
    assert!(
        logs.to_string().contains("/api/collections/papers/records"),
        "{logs}"
    );
    let aside = fs::read_dir(&data)
        .unwrap()
        .find_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.starts_with("auxiliary.db.damaged-").then_some(name)
        })
        .unwrap();
    assert!(
        fs::read(data.join(aside))
            .unwrap()
            .starts_with(b"no database")
    );
}

#[test]
fn logs_that_cannot_be_written_hold_up_nobody() {
    let home = prepared();
    let shim = Shim::new(home.path());
    let server = shim.serve(&home, &[]);
    let superuser = server.superuser();
    let mut kept = Kept::default();
    shim.fail_all(&[Fault::Write, Fault::Sync], EIO, "auxiliary.db");
    for _ in 0..20 {
        assert_eq!(
            server.guest().get("/api/collections/none/records").status,
            404
        );
        kept.note(&create(&server.guest(), "on"));
    }
    drop(superuser.get("/api/logs"));
    assert!(shim.faults() > 0);
    serves_reads(&server.guest(), &kept);
    shim.fail(Fault::Read, EIO, "auxiliary.db");
    drop(superuser.get("/api/logs?filter=level>0"));
    kept.note(&create(&server.guest(), "on"));
    shim.heal();
    assert_eq!(
        server.guest().get("/api/collections/none/records").status,
        404
    );
    let logs = accepted(&superuser.get("/api/logs?perPage=1000"));
    assert!(logs.to_string().contains("/api/collections/none"), "{logs}");
}
