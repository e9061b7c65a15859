//! Continuous backup: what a replica has is enough, at every moment kept, however the server ended.

mod lost;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use serde_json::json;
use stead::base::time::{self, Timestamp};
use tempfile::TempDir;

use crate::support::{Caller, Server, SetOnDrop, accepted, files_in, records, run_in, text, until};

mod log;

/// Says whether a piece is of a sort.
fn is(name: &str, ending: &str) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|found| found == ending)
}

fn things(root: &Caller<'_>) {
    root.make_collection(&json!({
        "name": "things", "type": "base", "listRule": "", "viewRule": "", "createRule": "",
        "fields": [{"name": "t", "type": "text"}], "indexes": ["CREATE INDEX things_t ON things (t)"],
    }));
}

/// Waits until the replica has everything that was answered before.
#[track_caller]
fn settle(root: &Caller<'_>) -> Timestamp {
    let now = Timestamp::now();
    let mut up_to = now;
    until("the replica has everything", || {
        let status = accepted(&root.get("/api/stead/replica"));
        let told = status["upTo"].as_str().and_then(time::parse);
        up_to = told.unwrap_or(Timestamp::from_unix_ms(0));
        up_to > now
    });
    up_to
}

fn restore(home: &Path, replica: &str, at: Option<Timestamp>, to: &str) -> Result<PathBuf, String> {
    let at = at.map(|at| at.to_string());
    let mut arguments = vec!["restore", "--from", replica, "--to", to];
    arguments.extend(at.iter().flat_map(|at| ["--at", at.as_str()]));
    let output = run_in(home, &arguments);
    if output.status.success() {
        Ok(home.join(to))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// The result of a query as lines.
#[track_caller]
fn sql(dir: &Path, query: &str) -> Vec<String> {
    let output = run_in(dir, &["sql", query, "--dir", "."]);
    assert!(output.status.success(), "{output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    lines.lines().skip(1).map(str::to_owned).collect()
}

/// All rows of a query, which the command line prints no more than so many of at once.
#[track_caller]
fn whole(dir: &Path, query: &str) -> Vec<String> {
    const PAGE: usize = 500;
    let mut rows = Vec::new();
    loop {
        let page = sql(dir, &format!("{query} LIMIT {PAGE} OFFSET {}", rows.len()));
        let is_last = page.len() < PAGE;
        rows.extend(page);
        if is_last {
            return rows;
        }
    }
}

fn titles(dir: &Path) -> Vec<String> {
    whole(dir, "SELECT t FROM things ORDER BY t")
}

#[test]
fn a_server_killed_while_it_writes_is_restored_from_the_replica_alone() {
    let stead = Server::start_with(&["--replica", "replica", "--replica-every", "0.05"], |_| {});
    let root = stead.superuser();
    things(&root);
    let safe: Vec<String> = (0..50).map(|i| format!("safe {i:03}")).collect();
    for title in &safe {
        accepted(&root.post(&records("things"), &json!({"t": title})));
    }
    settle(&root);
    let address = stead.address();
    let over = AtomicBool::new(false);
    let home = stead.home();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let over = &over;
            scope.spawn(move || {
                let guest = Caller::at(address, None);
                for i in 0.. {
                    let body = json!({"t": format!("{writer} {i} {}", "x".repeat(2000))});
                    let headers = [("Content-Type", "application/json")];
                    let body = body.to_string().into_bytes();
                    let sent = guest.try_send("POST", &records("things"), &headers, Some(body));
                    if over.load(Relaxed) || sent.is_err() {
                        break;
                    }
                }
            });
        }
        let _over = SetOnDrop(&over);
        let before = accepted(&root.get("/api/stead/replica"))["segments"].as_u64();
        until("some segments were put while others write", || {
            let now = accepted(&root.get("/api/stead/replica"))["segments"].as_u64();
            now > before.map(|n| n + 10)
        });
        stead.signal("KILL");
    });
    drop(stead);
    let lost = home.path().join("lost");
    fs::rename(home.path().join("data"), &lost).unwrap();
    let restored = restore(home.path(), "replica", None, "back").unwrap();
    let last = sql(&restored, "SELECT max(seq) FROM _changes");
    // Exactly what was committed up to some moment, nothing in between is missing.
    let all =
        "SELECT id, t, (SELECT count(*) FROM things b WHERE b.t = a.t) FROM things a ORDER BY id";
    let up_to = format!(
        "SELECT id, t, 1 FROM things WHERE id IN (SELECT record FROM _changes WHERE seq <= {}) ORDER BY id",
        last[0]
    );
    assert_eq!(whole(&restored, all), whole(&lost, &up_to));
    let brought_back = titles(&restored);
    assert!(safe.iter().all(|title| brought_back.contains(title)));
    assert!(brought_back.len() > safe.len());
    // It is a data directory like any other.
    fs::rename(&restored, home.path().join("data")).unwrap();
    let again = Server::start_at(home, &[]);
    assert_eq!(again.guest().items("things", "filter=(t~'safe')").len(), 50);
}

#[test]
fn every_moment_kept_can_be_brought_back() {
    let stead = Server::start_with(&["--replica", "replica", "--replica-every", "0.02"], |_| {});
    let root = stead.superuser();
    things(&root);
    let home = stead.home();
    let home = home.path();
    let mut moments = Vec::new();
    for i in 0..4 {
        accepted(&root.post(&records("things"), &json!({"t": format!("{i}")})));
        moments.push(settle(&root));
    }
    let long_ago = Timestamp::from_unix_ms(moments[0].unix_ms() - 3_600_000);
    let told = restore(home, "replica", Some(long_ago), "early").unwrap_err();
    assert!(told.contains("the oldest moment in replica is "), "{told}");
    for (i, moment) in moments.iter().enumerate() {
        let dir = restore(home, "replica", Some(*moment), &format!("at{i}")).unwrap();
        let expected: Vec<String> = (0..=i).map(|i| i.to_string()).collect();
        assert_eq!(titles(&dir), expected);
    }
    let told = restore(home, "replica", None, "at0").unwrap_err();
    assert!(told.contains("data.db exists"), "{told}");
    let told = restore(home, "nowhere", None, "never").unwrap_err();
    assert!(told.contains("nowhere has no complete replica"), "{told}");
    let output = run_in(
        home,
        &["restore", "--from", "replica", "--to", "x", "--at", "soon"],
    );
    assert!(!output.status.success());

    // A regular end leaves nothing out, and the next start is a generation of its own.
    accepted(&root.post(&records("things"), &json!({"t": "last"})));
    stead.signal("TERM");
    let kept = stead.home();
    assert!(stead.wait().success());
    let dir = restore(home, "replica", None, "end").unwrap();
    assert_eq!(titles(&dir).last().map(String::as_str), Some("last"));
    let stead = Server::start_at(kept, &["--replica", "replica", "--replica-every", "0.02"]);
    let root = stead.superuser();
    accepted(&root.post(&records("things"), &json!({"t": "next"})));
    settle(&root);
    let dir = restore(home, "replica", None, "next").unwrap();
    assert_eq!(titles(&dir).len(), 6);
    let dir = restore(home, "replica", Some(moments[2]), "again").unwrap();
    assert_eq!(titles(&dir), ["0", "1", "2"]);
}

#[test]
fn a_damaged_replica_is_refused() {
    let stead = Server::start_with(&["--replica", "replica", "--replica-every", "0.02"], |_| {});
    let root = stead.superuser();
    things(&root);
    for i in 0..3 {
        accepted(&root.post(&records("things"), &json!({"t": format!("{i}")})));
        settle(&root);
    }
    let home = stead.home();
    drop(stead);
    let replica = home.path().join("replica");
    let pieces = files_in(&replica);
    assert!(pieces.iter().any(|name| is(name, "chunk")), "{pieces:?}");
    for (i, name) in pieces.iter().enumerate() {
        let path = replica.join(name);
        let whole = fs::read(&path).unwrap();
        let mut touched = whole.clone();
        let middle = touched.len() / 2;
        touched[middle] ^= 1;
        fs::write(&path, &touched).unwrap();
        let told = restore(home.path(), "replica", None, &format!("touched{i}")).unwrap_err();
        assert!(told.contains("is damaged"), "{name}: {told}");
        assert!(files_in(&home.path().join(format!("touched{i}"))).is_empty());
        fs::remove_file(&path).unwrap();
        let is_last = is(name, "seg") && pieces.iter().rfind(|n| is(n, "seg")) == Some(name);
        let gone = restore(home.path(), "replica", None, &format!("gone{i}"));
        assert_eq!(gone.is_ok(), is_last, "{name}: {gone:?}");
        fs::write(&path, &whole).unwrap();
    }
    restore(home.path(), "replica", None, "whole").unwrap();
}

#[test]
fn a_place_that_fails_for_a_while_costs_nothing() {
    let stead = Server::start_with(&["--replica", "replica", "--replica-every", "0.02"], |_| {});
    let root = stead.superuser();
    things(&root);
    settle(&root);
    let home = stead.home();
    let (replica, away) = (home.path().join("replica"), home.path().join("away"));
    fs::rename(&replica, &away).unwrap();
    fs::write(&replica, "in the way").unwrap();
    accepted(&root.post(&records("things"), &json!({"t": "meanwhile"})));
    until("the failure is told", || {
        let status = accepted(&root.get("/api/stead/replica"));
        !status["error"].as_str().unwrap().is_empty()
    });
    assert_eq!(root.get("/api/health").status, 200);
    fs::remove_file(&replica).unwrap();
    fs::rename(&away, &replica).unwrap();
    settle(&root);
    let status = accepted(&root.get("/api/stead/replica"));
    assert_eq!(status["error"], "", "{status}");
    let dir = restore(home.path(), "replica", None, "back").unwrap();
    assert_eq!(titles(&dir), ["meanwhile"]);
}

/// Takes a generation's name and that of its images so much later, as if the clock had been wrong at its start.
fn shift(replica: &Path, generation: &str, by: i64, with_segments: bool) {
    let moved = |text: &str| text.parse::<i64>().unwrap() + by;
    let folder = replica.join(generation);
    for name in files_in(&folder) {
        let Some((rest, ending)) = name.rsplit_once('.') else {
            continue;
        };
        if ending == "json" || (ending == "seg" && with_segments) {
            let (before, at) = rest.rsplit_once('-').unwrap();
            let renamed = format!("{before}-{}.{ending}", moved(at));
            fs::rename(folder.join(&name), folder.join(renamed)).unwrap();
        }
    }
    let (at, rest) = generation.split_once('-').unwrap();
    fs::rename(&folder, replica.join(format!("{:014}-{rest}", moved(at)))).unwrap();
}

fn generations(replica: &Path) -> Vec<String> {
    let entries = fs::read_dir(replica).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect::<BTreeSet<String>>().into_iter().collect()
}

#[test]
fn the_newest_state_is_found_whatever_the_clock_said() {
    const DAY: i64 = 86_400_000;
    let home = Arc::new(TempDir::new().unwrap());
    let replica = home.path().join("replica");
    let serve = |title: &str| {
        let arguments = ["--replica", "replica", "--replica-every", "0.02"];
        let stead = Server::start_at(Arc::clone(&home), &arguments);
        let root = stead.superuser();
        if title == "1" {
            things(&root);
        }
        until("an image is there", || {
            let status = accepted(&root.get("/api/stead/replica"));
            status["imageAt"].as_str().is_some_and(|at| !at.is_empty())
        });
        accepted(&root.post(&records("things"), &json!({"t": title})));
        stead.signal("TERM");
        assert!(stead.wait().success());
    };
    serve("1");
    serve("2");
    // The clock was behind when the second generation began, and was put right before its first segment.
    let second = generations(&replica).pop().unwrap();
    shift(&replica, &second, -DAY, false);
    let dir = restore(home.path(), "replica", None, "behind").unwrap();
    assert_eq!(titles(&dir), ["1", "2"]);
    // It was ahead all the time of a generation: from there on, it is behind.
    let last = generations(&replica).pop().unwrap();
    shift(&replica, &last, DAY, true);
    serve("3");
    let dir = restore(home.path(), "replica", None, "ahead").unwrap();
    assert_eq!(titles(&dir), ["1", "2", "3"]);
}

#[test]
fn places_that_cannot_be_used_are_told_before_the_start() {
    let home = TempDir::new().unwrap();
    for (place, expect) in [
        ("s3://bucket/x", "the keys of the bucket are missing"),
        ("s3://", "the keys of the bucket are missing"),
    ] {
        let output = run_in(
            home.path(),
            &["serve", "--http", "127.0.0.1:0", "--replica", place],
        );
        assert!(!output.status.success());
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(told.contains(expect), "{told}");
    }
    let output = run_in(home.path(), &["serve", "--replica-every", "never"]);
    assert!(!output.status.success());
}

/// The bucket `scripts/s3` has started a server for.
#[test]
#[ignore = "needs an S3 server: scripts/s3"]
fn a_bucket_is_a_place() {
    let address = std::env::var("STEAD_TEST_S3").unwrap();
    let dir = PathBuf::from(std::env::var("STEAD_TEST_S3_DIR").unwrap());
    fs::create_dir_all(dir.join("replicas")).unwrap();
    let place = format!("s3://replicas/of/mine?endpoint=http://{address}");
    let keys = [
        "--replica-access-key",
        "access",
        "--replica-secret-key",
        "a-secret-key",
    ];
    let mut arguments = vec!["--replica", place.as_str(), "--replica-every", "0.05"];
    arguments.extend(keys);
    let stead = Server::start_with(&arguments, |_| {});
    let root = stead.superuser();
    things(&root);
    for i in 0..20 {
        accepted(&root.post(&records("things"), &json!({"t": format!("{i:02}")})));
    }
    settle(&root);
    let shown = text(&root.get("/api/stead/replica"));
    assert!(!shown.contains("a-secret-key"), "{shown}");
    let home = stead.home();
    stead.signal("KILL");
    drop(stead);
    let mut arguments = vec!["restore", "--from", place.as_str(), "--to", "back"];
    arguments.extend(keys);
    let output = run_in(home.path(), &arguments);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(titles(&home.path().join("back")).len(), 20);
}
