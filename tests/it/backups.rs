//! Backups on a live server: nothing is lost, nothing hostile gets in, and a failed restore changes nothing.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use serde_json::{Value as Json, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::support::{
    Caller, Server, SetOnDrop, accepted, json, outcome, record, records, run_in, text, until,
};

fn keys(root: &Caller<'_>) -> Vec<String> {
    let listed = accepted(&root.get("/api/backups"));
    let all = listed.as_array().expect("a list").iter();
    all.map(|entry| entry["key"].as_str().unwrap().to_owned())
        .collect()
}

fn things(root: &Caller<'_>) {
    let fields =
        json!([{"name": "t", "type": "text"}, {"name": "f", "type": "file", "maxSelect": 1}]);
    let data =
        json!({"name": "things", "type": "base", "listRule": "", "viewRule": "", "fields": fields});
    accepted(&root.post("/api/collections", &data));
}

/// An archive with these entries; the number is the kind and mode of the entry.
fn archive(entries: &[(&str, &[u8], u32)]) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut writer = ZipWriter::new(&mut bytes);
    for (name, content, mode) in entries {
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .unix_permissions(mode & 0o777);
        if mode & 0o170_000 == 0o120_000 {
            writer
                .add_symlink(*name, String::from_utf8_lossy(content), options)
                .unwrap();
        } else {
            writer.start_file(*name, options).unwrap();
            writer.write_all(content).unwrap();
        }
    }
    writer.finish().unwrap();
    bytes.into_inner()
}

#[test]
fn a_restore_brings_back_records_and_files_on_the_same_socket() {
    let server = Server::start();
    let root = server.superuser();
    things(&root);
    let kept = json(&root.form(
        "POST",
        &records("things"),
        &[],
        &[("f", "a.txt", b"the old content")],
    ));
    let id = kept["id"].as_str().expect("a record").to_owned();
    let file = format!("/api/files/things/{id}/{}", kept["f"].as_str().unwrap());
    assert_eq!(
        root.post("/api/backups", &json!({"name": "good.zip"}))
            .status,
        204
    );
    assert_eq!(keys(&root), ["good.zip"]);

    assert_eq!(
        root.send("DELETE", &record("things", &id), &[], None)
            .status,
        204
    );
    root.make("things", &json!({"t": "made later"}));
    until("the file is deleted", || {
        server.guest().get(&file).status == 404
    });
    assert_eq!(
        root.post("/api/backups/good.zip/restore", &json!({}))
            .status,
        204
    );
    until("the record is back", || {
        let answer = root.try_send("GET", &record("things", &id), &[], None);
        answer.is_ok_and(|answer| answer.status == 200)
    });
    assert_eq!(text(&server.guest().get(&file)), "the old content");
    assert_eq!(root.items("things", "").len(), 1);
    assert_eq!(keys(&root), ["good.zip"], "the archives stay");
    root.make("things", &json!({"t": "writing goes on"}));
    assert!(!server.home().path().join("data/.stead_restore").exists());
}

#[test]
fn a_backup_under_load_holds_every_record_that_was_there_before() {
    let server = Server::start();
    let root = server.superuser();
    things(&root);
    let before: Vec<Json> = (0..50)
        .map(|n| root.make("things", &json!({"t": n.to_string()})))
        .collect();
    let stop = AtomicBool::new(false);
    let written = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    let mut n = 0;
                    while !stop.load(Relaxed) {
                        root.make("things", &json!({"t": "meanwhile"}));
                        n += 1;
                    }
                    n
                })
            })
            .collect();
        let over = SetOnDrop(&stop);
        for n in 0..3 {
            let made = root.post("/api/backups", &json!({"name": format!("b{n}.zip")}));
            assert_eq!(made.status, 204, "{}", outcome(&made));
        }
        drop(over);
        writers
            .into_iter()
            .map(|writer| writer.join().unwrap())
            .sum::<usize>()
    });
    let total =
        accepted(&root.get(&format!("{}?perPage=1", records("things"))))["totalItems"].as_u64();
    assert_eq!(
        total,
        Some((before.len() + written) as u64),
        "no write is lost"
    );
    let verified = run_in(
        server.home().path(),
        &["backup", "verify", "b2.zip", "--dir", "data"],
    );
    assert!(verified.status.success(), "{verified:?}");
    assert_eq!(
        root.post("/api/backups/b0.zip/restore", &json!({})).status,
        204
    );
    until("the restored data is served", || {
        !server.home().path().join("data/.stead_restore").exists()
    });
    for thing in &before {
        root.look("things", thing["id"].as_str().unwrap());
    }
}

#[test]
fn hostile_and_broken_archives_change_nothing() {
    let server = Server::start();
    let root = server.superuser();
    things(&root);
    let kept = root.make("things", &json!({"t": "kept"}));
    let file = 0o100_644;
    let cases: &[(&str, Vec<u8>, &str)] = &[
        ("empty", archive(&[]), "no data.db"),
        (
            "noise",
            archive(&[(
                "data.db",
                b"this is no database, however long one looks at it",
                file,
            )]),
            "unusable",
        ),
        (
            "truncated",
            archive(&[("data.db", b"SQLite format 3\0", file)]),
            "unusable",
        ),
        ("nothing", archive(&[("data.db", b"", file)]), "unusable"),
        (
            "slip",
            archive(&[("../../evil", b"x", file), ("data.db", b"", file)]),
            "leads elsewhere",
        ),
        (
            "absolute",
            archive(&[("/tmp/evil", b"x", file)]),
            "leads elsewhere",
        ),
        (
            "link",
            archive(&[
                ("storage", b"/etc", 0o120_777),
                ("storage/passwd", b"x", file),
            ]),
            "neither a file nor a folder",
        ),
        (
            "deep",
            archive(&[(&"a/".repeat(100), b"", file)]),
            "leads elsewhere",
        ),
    ];
    for (name, bytes, expect) in cases {
        let uploaded = root.form(
            "POST",
            "/api/backups/upload",
            &[],
            &[("file", &format!("{name}.zip"), bytes)],
        );
        assert_eq!(uploaded.status, 204, "{name}: {}", text(&uploaded));
        let refused = root.post(&format!("/api/backups/{name}.zip/restore"), &json!({}));
        assert_eq!(refused.status, 400, "{name}: {}", text(&refused));
        assert!(
            text(&refused).contains(expect),
            "{name}: {}",
            text(&refused)
        );
        assert!(
            !server.home().path().join("data/.stead_restore").exists(),
            "{name}"
        );
    }
    assert!(!Path::new("/tmp/evil").exists() && !server.home().path().join("evil").exists());
    root.look("things", kept["id"].as_str().unwrap());
    for (name, content) in [("text.zip", &b"no zip at all"[..]), ("a.zip", b"")] {
        let refused = root.form(
            "POST",
            "/api/backups/upload",
            &[],
            &[("file", name, content)],
        );
        assert_eq!(refused.status, 400, "{name}");
    }
}

#[test]
fn an_archive_of_a_newer_version_is_refused() {
    let other = tempfile::TempDir::new().unwrap();
    for arguments in [
        &[
            "superuser",
            "upsert",
            "a@example.com",
            "1234567890",
            "--dir",
            "data",
        ][..],
        &[
            "sql",
            "--write",
            "ALTER TABLE _collections ADD COLUMN future TEXT",
            "--dir",
            "data",
        ],
        &[
            "sql",
            "--write",
            "PRAGMA journal_mode = DELETE",
            "--dir",
            "data",
        ],
    ] {
        let output = run_in(other.path(), arguments);
        assert!(
            output.status.success() || arguments[2].starts_with("PRAGMA"),
            "{output:?}"
        );
    }
    let database = fs::read(other.path().join("data/data.db")).unwrap();
    let newer = archive(&[("data.db", &database, 0o100_644)]);
    let server = Server::start();
    let root = server.superuser();
    things(&root);
    let kept = root.make("things", &json!({"t": "kept"}));
    let uploaded = root.form(
        "POST",
        "/api/backups/upload",
        &[],
        &[("file", "newer.zip", &newer)],
    );
    assert_eq!(uploaded.status, 204, "{}", text(&uploaded));
    let refused = root.post("/api/backups/newer.zip/restore", &json!({}));
    assert!(
        refused.status == 400 && text(&refused).contains("made by a newer version"),
        "{}",
        text(&refused)
    );
    root.look("things", kept["id"].as_str().unwrap());
    assert!(!server.home().path().join("data/.stead_restore").exists());
    let verified = run_in(
        server.home().path(),
        &["backup", "verify", "newer.zip", "--dir", "data"],
    );
    assert!(!verified.status.success());
}

#[test]
fn data_that_cannot_be_opened_goes_back() {
    let server = Server::start();
    let root = server.superuser();
    things(&root);
    let kept = root.make("things", &json!({"t": "kept"}));
    // Complete by its marker, but not checked by anybody: as if the archive had rotted on the disk.
    let folder = server.home().path().join("data/.stead_restore");
    fs::create_dir_all(folder.join("new")).unwrap();
    fs::write(
        folder.join("new/data.db"),
        "this is no database, however long one looks at it",
    )
    .unwrap();
    File::create(folder.join("ready")).unwrap();
    until("the server has tried", || !folder.exists());
    until("the old data is served", || {
        let path = record("things", kept["id"].as_str().unwrap());
        root.try_send("GET", &path, &[], None)
            .is_ok_and(|answer| answer.status == 200)
    });
}

#[test]
fn data_that_cannot_take_its_place_is_given_up() {
    let server = Server::start();
    let root = server.superuser();
    things(&root);
    let kept = root.make("things", &json!({"t": "kept"}));
    let data = server.home().path().join("data");
    let folder = data.join(".stead_restore");
    fs::create_dir_all(folder.join("new")).unwrap();
    fs::write(folder.join("new/data.db"), "whatever it is").unwrap();
    // Where the old data is to go there is something else.
    File::create(folder.join("old")).unwrap();
    File::create(folder.join("ready")).unwrap();
    until("the server has tried", || !folder.exists());
    let path = record("things", kept["id"].as_str().unwrap());
    until("the old data is served", || {
        root.try_send("GET", &path, &[], None)
            .is_ok_and(|answer| answer.status == 200)
    });
}

#[test]
fn only_what_would_be_listed_is_taken_in() {
    let server = Server::start();
    let root = server.superuser();
    let content = archive(&[("data.db", b"x", 0o100_644)]);
    for (name, status) in [("x.attrs", 400), (".x.zip", 400), ("x.zip", 204)] {
        let answer = root.form(
            "POST",
            "/api/backups/upload",
            &[],
            &[("file", name, &content)],
        );
        assert_eq!(answer.status, status, "{name}: {}", text(&answer));
    }
    assert_eq!(keys(&root), ["x.zip"]);
}

#[test]
fn backups_are_made_and_restored_on_the_command_line() {
    let server = Server::start();
    let home = server.home();
    let root = server.superuser();
    things(&root);
    let run = |arguments: &[&str]| {
        run_in(
            home.path(),
            &[&["backup"], arguments, &["--dir", "data"]].concat(),
        )
    };
    let old = root.make("things", &json!({"t": "old"}));
    let old = old["id"].as_str().unwrap().to_owned();
    assert!(run(&["create", "cli.zip"]).status.success());
    assert!(
        !run(&["create", "cli.zip"]).status.success(),
        "the name is taken"
    );
    assert!(!run(&["create", "../cli.zip"]).status.success());
    assert!(run(&["verify", "cli.zip"]).status.success());
    assert!(!run(&["verify", "missing.zip"]).status.success());
    root.send("DELETE", &record("things", &old), &[], None);

    // With the server running, it follows.
    let restored = run(&["restore", "cli.zip"]);
    assert!(restored.status.success(), "{restored:?}");
    until("the record is back", || {
        root.try_send("GET", &record("things", &old), &[], None)
            .is_ok_and(|answer| answer.status == 200)
    });
    root.send("DELETE", &record("things", &old), &[], None);

    // Without one, the next start finds it.
    server.signal("TERM");
    assert!(server.wait().success());
    assert!(run(&["restore", "data/backups/cli.zip"]).status.success());
    let server = Server::start_at(home, &[]);
    assert_eq!(server.guest().get(&record("things", &old)).status, 200);
}

#[test]
fn the_schedule_keeps_the_newest() {
    let server = Server::start();
    let root = server.superuser();
    assert_eq!(
        root.post("/api/backups", &json!({"name": "mine.zip"}))
            .status,
        204
    );
    let settings = json!({"backups": {"cron": "0 0 1 1 *", "cronMaxKeep": 1}});
    accepted(&root.patch("/api/settings", &settings));
    let mut last = String::new();
    for _ in 0..2 {
        until("another backup is made", || {
            root.post("/api/crons/__pbAutoBackup__", &json!({}));
            let newest = keys(&root)
                .into_iter()
                .filter(|key| key.starts_with("@auto_pb_backup_acme_"))
                .max();
            let made = newest.filter(|key| *key > last);
            made.map(|key| last = key).is_some()
        });
    }
    // The job may have been started once more before the backup waited for was seen.
    until(
        "older ones are deleted",
        || matches!(&keys(&root)[..], [kept, mine] if *kept >= last && mine == "mine.zip"),
    );
}

#[test]
fn downloads_go_by_a_superusers_file_token() {
    let server = Server::start();
    let root = server.superuser();
    assert_eq!(
        root.post("/api/backups", &json!({"name": "a.zip"})).status,
        204
    );
    let token = |caller: &Caller<'_>| {
        accepted(&caller.post("/api/files/token", &json!({})))["token"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let path = |token: &str| format!("/api/backups/a.zip?token={token}");
    let guest = server.guest();
    let user = server.user("ann");
    for refused in [
        guest.get("/api/backups/a.zip"),
        guest.get(&path(&token(&user))),
        root.get("/api/backups/a.zip"),
    ] {
        assert_eq!(
            outcome(&refused),
            "403 Insufficient permissions to access the resource."
        );
    }
    let downloaded = guest.get(&path(&token(&root)));
    assert_eq!(downloaded.status, 200);
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(downloaded.body)).unwrap();
    let names: Vec<String> = (0..zip.len())
        .map(|n| zip.by_index(n).unwrap().name().unwrap().into_owned())
        .collect();
    assert!(names.iter().any(|name| name == "data.db"), "{names:?}");
    assert!(
        names.iter().all(|name| !name.starts_with("backups")),
        "{names:?}"
    );
}

#[cfg(unix)]
#[test]
fn what_a_killed_backup_has_left_goes_soon() {
    let home = tempfile::TempDir::new().unwrap();
    let left = home.path().join("data/backups/.work-killed");
    fs::create_dir_all(left.join("content")).unwrap();
    for name in ["lock", "archive.zip", "content/file"] {
        fs::write(left.join(name), "x").unwrap();
    }
    let server = Server::start_at(home.into(), &[]);
    until("it goes", || !left.exists());
    assert!(left.parent().unwrap().exists());
    drop(server);
}
