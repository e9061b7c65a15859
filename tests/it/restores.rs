//! Restores that go wrong, or are asked for by the wrong user: what was there stays, and whoever asked is told.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use serde_json::json;
use tempfile::TempDir;

use crate::support::{
    Caller, Server, accepted, files_in, outcome, record, records, run_in, stead, text, until,
};

const KEY: &str = "an encryption key of 32 letters!";
const OTHER_KEY: &str = "another key for the same letters";

/// The executable with a key for the settings, or without.
fn keyed(key: Option<&str>) -> Command {
    let mut command = stead();
    if let Some(key) = key {
        command.env("STEAD_ENCRYPTION_ENV", "SETTINGS_KEY");
        command.env("SETTINGS_KEY", key);
    }
    command
}

fn backup(home: &Path, key: Option<&str>, arguments: &[&str]) -> Output {
    let mut command = keyed(key);
    command.current_dir(home).arg("backup").args(arguments);
    command.args(["--dir", "data"]).output().unwrap()
}

/// What a command said, which has to succeed or not.
#[track_caller]
fn said(output: &Output, is_success: bool) -> String {
    assert_eq!(output.status.success(), is_success, "{output:?}");
    let streams = [&output.stdout, &output.stderr];
    streams.map(|text| String::from_utf8_lossy(text)).concat()
}

fn things(root: &Caller<'_>) {
    root.make_collection(&json!({
        "name": "things", "type": "base", "listRule": "", "viewRule": "",
        "fields": [{"name": "t", "type": "text"}],
    }));
}

fn make_backup(root: &Caller<'_>, name: &str) {
    let made = root.post("/api/backups", &json!({"name": name}));
    assert_eq!(made.status, 204, "{}", text(&made));
}

fn titles(home: &Path) -> String {
    let query = "SELECT group_concat(t) AS t FROM (SELECT t FROM things ORDER BY t)";
    let output = run_in(home, &["sql", query, "--dir", "data"]);
    said(&output, true).replace('\n', " ")
}

fn stop(server: Server) {
    server.signal("TERM");
    assert!(server.wait().success());
}

/// A home with the collection `things`, the record `old`, and the backup `one.zip` from before that.
fn home_with_backup(key: Option<&str>) -> Arc<TempDir> {
    let server = Server::launch(keyed(key), Arc::new(TempDir::new().unwrap()), &[]);
    let root = server.superuser_with(keyed(key));
    things(&root);
    root.make("things", &json!({"t": "in the backup"}));
    make_backup(&root, "one.zip");
    root.make("things", &json!({"t": "old"}));
    let home = server.home();
    stop(server);
    home
}

#[test]
fn a_restore_without_a_server_is_final() {
    let home = home_with_backup(Some(KEY));
    for _ in 0..2 {
        let restored = said(&backup(home.path(), None, &["restore", "one.zip"]), true);
        assert!(restored.contains("Successfully restored"), "{restored}");
        assert!(!home.path().join("data/.stead_restore").exists());
    }
    let write = "INSERT INTO things (id, t) VALUES ('abcdefghijklmno', 'since')";
    let wrote = run_in(home.path(), &["sql", "--write", write, "--dir", "data"]);
    assert!(wrote.status.success(), "{wrote:?}");
    let refused = Server::try_launch(keyed(None), Arc::clone(&home), &[]);
    assert!(refused.is_err(), "without the key nothing opens it");
    let server = Server::launch(keyed(Some(KEY)), home, &[]);
    let found = server.guest().items("things", "sort=t");
    let found: Vec<&str> = found
        .iter()
        .filter_map(|thing| thing["t"].as_str())
        .collect();
    assert_eq!(found, ["in the backup", "since"]);
}

#[test]
fn data_that_an_earlier_run_restored_is_never_taken_back() {
    let home = home_with_backup(Some(KEY));
    let folder = home.path().join("data/.stead_restore");
    fs::create_dir_all(folder.join("old")).unwrap();
    fs::write(folder.join("old/data.db"), "the data from before").unwrap();
    File::create(folder.join("swapped")).unwrap();
    let before = titles(home.path());
    for _ in 0..2 {
        assert!(Server::try_launch(keyed(None), Arc::clone(&home), &[]).is_err());
        assert_eq!(titles(home.path()), before);
        let old = fs::read_to_string(folder.join("old/data.db")).unwrap();
        assert_eq!(old, "the data from before");
    }
    let server = Server::launch(keyed(Some(KEY)), home, &[]);
    assert_eq!(server.guest().items("things", "").len(), 2);
    assert!(!folder.exists());
}

#[test]
fn whoever_waits_for_a_restore_that_fails_is_told() {
    let other = home_with_backup(Some(OTHER_KEY));
    let home = Arc::new(TempDir::new().unwrap());
    let log = home.path().join("stderr");
    let mut command = keyed(Some(KEY));
    command.stderr(File::create(&log).unwrap());
    let server = Server::launch(command, Arc::clone(&home), &[]);
    let root = server.superuser_with(keyed(Some(KEY)));
    things(&root);
    let kept = root.make("things", &json!({"t": "kept"}));
    let kept = record("things", kept["id"].as_str().unwrap());
    fs::create_dir_all(home.path().join("data/backups")).unwrap();
    fs::copy(
        other.path().join("data/backups/one.zip"),
        home.path().join("data/backups/theirs.zip"),
    )
    .unwrap();

    // Who has the key sees beforehand that it does not fit.
    let refused = root.post("/api/backups/theirs.zip/restore", &json!({}));
    assert!(
        refused.status == 400 && text(&refused).contains("another key"),
        "{}",
        text(&refused)
    );
    let verified = backup(home.path(), Some(KEY), &["verify", "theirs.zip"]);
    assert!(said(&verified, false).contains("another key"));
    let verified = backup(home.path(), None, &["verify", "theirs.zip"]);
    assert!(said(&verified, true).contains("its settings are encrypted"));

    // Who has not, hears it from the server.
    let failed = said(
        &backup(home.path(), None, &["restore", "theirs.zip"]),
        false,
    );
    assert!(
        failed.contains("was not restored") && failed.contains("another key"),
        "{failed}"
    );
    until("the old data is served", || {
        root.try_send("GET", &kept, &[], None)
            .is_ok_and(|answer| answer.status == 200)
    });
    let logs = text(&root.get("/api/logs?perPage=500"));
    for expect in [
        "the restored data cannot be opened",
        "opening the data directory anew",
    ] {
        assert!(logs.contains(expect), "{expect}: {logs}");
    }
    stop(server);
    let told = fs::read_to_string(log).unwrap();
    assert!(!told.contains("failed to store log entries"), "{told}");
    assert!(told.contains("the old data is put back"), "{told}");
}

#[test]
fn requests_during_a_restore_leave_no_complaints_of_the_log() {
    let home = Arc::new(TempDir::new().unwrap());
    let log = home.path().join("stderr");
    let mut command = stead();
    command.stderr(File::create(&log).unwrap());
    let server = Server::launch(command, Arc::clone(&home), &[]);
    let root = server.superuser();
    things(&root);
    make_backup(&root, "one.zip");
    for _ in 0..3 {
        accepted(&root.post("/api/backups/one.zip/restore", &json!({})));
        let folder = home.path().join("data/.stead_restore");
        until("the server has followed", || {
            // Refused ones are entries of the log, too.
            let answer = root.try_send("GET", "/api/unknown", &[], None);
            answer.is_ok() && !folder.exists()
        });
    }
    until("the restored data is served", || {
        let answer = root.try_send("GET", &records("things"), &[], None);
        answer.is_ok_and(|answer| answer.status == 200)
    });
    stop(server);
    let told = fs::read_to_string(log).unwrap();
    assert!(!told.contains("failed to store log entries"), "{told}");
}

#[test]
fn the_doctor_changes_nothing() {
    let home = TempDir::new().unwrap();
    let arguments = [
        "superuser",
        "upsert",
        "a@example.com",
        "1234567890",
        "--dir",
        "data",
    ];
    assert!(run_in(home.path(), &arguments).status.success());
    let before = files_in(home.path());
    assert!(
        run_in(home.path(), &["doctor", "--dir", "data"])
            .status
            .success()
    );
    assert_eq!(files_in(home.path()), before);
    fs::write(home.path().join("data/.stead_restore.failed"), "no room").unwrap();
    let checked = said(&run_in(home.path(), &["doctor", "--dir", "data"]), true);
    assert!(
        checked.contains("the last restore came to nothing: no room"),
        "{checked}"
    );
    let server = Server::start_at(Arc::new(home), &[]);
    let checked = run_in(server.home().path(), &["doctor", "--dir", "data"]);
    let checked = said(&checked, true);
    assert!(checked.contains("a server has data open"), "{checked}");
}

#[cfg(unix)]
#[test]
fn links_to_folders_are_not_left_out_in_silence() {
    use std::os::unix::fs::symlink;
    let home = home_with_backup(None);
    let (data, disk) = (home.path().join("data"), home.path().join("disk"));
    fs::create_dir_all(disk.join("in")).unwrap();
    fs::write(disk.join("in/file"), "on another disk").unwrap();
    drop(fs::remove_dir_all(data.join("storage")));
    symlink(&disk, data.join("storage")).unwrap();
    let failed = said(&backup(home.path(), None, &["create", "two.zip"]), false);
    assert!(failed.contains("storage is a link to a folder"), "{failed}");
    let failed = said(&backup(home.path(), None, &["restore", "one.zip"]), false);
    assert!(failed.contains("storage is a link to a folder"), "{failed}");
    let checked = run_in(home.path(), &["doctor", "--dir", "data"]);
    assert!(said(&checked, false).contains("storage is a link"));
    assert!(data.join("storage/in/file").is_file());
    assert!(titles(home.path()).contains("old"));
    assert_eq!(files_in(&data.join("backups")), ["one.zip"]);
    let server = Server::start_at(Arc::clone(&home), &[]);
    let refused = server
        .superuser()
        .post("/api/backups", &json!({"name": "two.zip"}));
    assert!(
        outcome(&refused).starts_with("400 Failed to create backup."),
        "{}",
        text(&refused)
    );
    stop(server);

    // A link to a file becomes the file; one deeper in the tree is looked at as well.
    fs::remove_file(data.join("storage")).unwrap();
    fs::create_dir_all(data.join("storage/a")).unwrap();
    symlink(disk.join("in/file"), data.join("storage/a/file")).unwrap();
    said(&backup(home.path(), None, &["create", "two.zip"]), true);
    symlink(&disk, data.join("storage/a/folder")).unwrap();
    let failed = said(&backup(home.path(), None, &["create", "three.zip"]), false);
    assert!(failed.contains("storage/a/folder is a link"), "{failed}");
    fs::remove_file(data.join("storage/a/folder")).unwrap();
    fs::remove_file(disk.join("in/file")).unwrap();
    let failed = said(&backup(home.path(), None, &["create", "three.zip"]), false);
    assert!(failed.contains("a link that leads nowhere"), "{failed}");
    said(&backup(home.path(), None, &["restore", "two.zip"]), true);
    let file = fs::read_to_string(data.join("storage/a/file")).unwrap();
    assert_eq!(file, "on another disk");
}

#[cfg(target_os = "linux")]
#[test]
fn what_has_an_odd_name_comes_back() {
    use std::os::unix::ffi::OsStrExt as _;
    let home = home_with_backup(None);
    let data = home.path().join("data");
    let deep = format!("storage/{}file", "d/".repeat(20));
    let odd = ["a:b.txt", "back\\slash.txt", deep.as_str()];
    fs::create_dir_all(data.join(&deep).parent().unwrap()).unwrap();
    for name in odd {
        fs::write(data.join(name), name).unwrap();
    }
    said(&backup(home.path(), None, &["create", "odd.zip"]), true);
    for name in odd {
        fs::remove_file(data.join(name)).unwrap();
    }
    said(&backup(home.path(), None, &["restore", "odd.zip"]), true);
    for name in odd {
        assert_eq!(fs::read_to_string(data.join(name)).unwrap(), name);
    }
    let too_deep = data.join("d/".repeat(65));
    fs::create_dir_all(&too_deep).unwrap();
    fs::write(too_deep.join("file"), "").unwrap();
    let failed = said(&backup(home.path(), None, &["create", "no.zip"]), false);
    assert!(failed.contains("too deep for an archive"), "{failed}");
    fs::remove_dir_all(data.join("d")).unwrap();
    for name in [b"\xfe.txt", b"\xff.txt"] {
        fs::write(data.join(std::ffi::OsStr::from_bytes(name)), "").unwrap();
    }
    let failed = said(&backup(home.path(), None, &["create", "no.zip"]), false);
    assert!(failed.contains("are not UTF-8"), "{failed}");
}

/// The user without rights.
#[cfg(target_os = "linux")]
const NOBODY: u32 = 65534;

/// The executable as a user without rights; nothing where there is no way to become one.
#[cfg(target_os = "linux")]
fn as_nobody() -> Option<Command> {
    use std::os::unix::process::CommandExt as _;
    let as_nobody = || {
        let mut command = stead();
        command.uid(NOBODY).gid(NOBODY);
        command
    };
    let tried = as_nobody().arg("--version").output();
    tried
        .is_ok_and(|output| output.status.success())
        .then(as_nobody)
}

#[cfg(target_os = "linux")]
#[test]
fn files_of_another_user_do_not_stop_the_server() {
    use std::os::unix::fs::{MetadataExt as _, chown};
    let home = Arc::new(TempDir::new().unwrap());
    chown(home.path(), Some(NOBODY), Some(NOBODY)).ok();
    let Some(command) = as_nobody() else {
        return;
    };
    let data = home.path().join("data");
    let server = Server::launch(command, Arc::clone(&home), &[]);
    let root = server.superuser();
    things(&root);
    let kept = root.make("things", &json!({"t": "kept"}));
    let kept = record("things", kept["id"].as_str().unwrap());

    // A command of another user is refused before it makes anything.
    let refused = said(&backup(home.path(), None, &["create", "one.zip"]), false);
    assert!(
        refused.contains("belongs to another user") && refused.contains("run this as its owner"),
        "{refused}"
    );
    assert!(!data.join("backups").exists());
    make_backup(&root, "one.zip");
    for action in ["restore", "verify"] {
        let refused = said(&backup(home.path(), None, &[action, "one.zip"]), false);
        assert!(refused.contains("belongs to another user"), "{refused}");
    }
    let files = files_in(&data);
    let whose = |name: &String| fs::metadata(data.join(name)).unwrap().uid();
    assert!(files.iter().all(|name| whose(name) == NOBODY), "{files:?}");

    // What such a command has left all the same is put aside.
    let leave = || {
        let folder = data.join(".stead_restore");
        fs::create_dir_all(folder.join("new")).unwrap();
        fs::write(folder.join("new/data.db"), "whatever it is").unwrap();
        File::create(folder.join("ready")).unwrap();
    };
    let is_aside = || {
        let found = files_in(&data);
        found
            .iter()
            .any(|name| name.starts_with(".stead_restore-") && name.ends_with("/ready"))
    };
    leave();
    until("it is put aside", is_aside);
    until("the old data is served", || {
        root.try_send("GET", &kept, &[], None)
            .is_ok_and(|answer| answer.status == 200)
    });
    stop(server);
    leave();
    fs::remove_file(data.join(".stead.lock")).unwrap();
    // It can be read, and more is not needed.
    File::create(data.join(".stead.lock")).unwrap();
    let command = as_nobody().expect("it could be before");
    let server = Server::launch(command, Arc::clone(&home), &[]);
    assert_eq!(server.guest().get(&kept).status, 200);
    assert!(!data.join(".stead_restore").exists());
    let checked = said(&run_in(home.path(), &["doctor", "--dir", "data"]), true);
    assert!(checked.contains("a server has data open"), "{checked}");
    // What was put aside is in no backup.
    make_backup(&server.superuser(), "two.zip");
    stop(server);
    chown(home.path(), Some(0), Some(0)).unwrap();
}
