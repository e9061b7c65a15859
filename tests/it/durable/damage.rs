//! Data that is damaged or gone is not replaced, and what is advised brings it back.

use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};

use tempfile::TempDir;

use super::bad_days::{create, prepare, prepared, upload};
use crate::support::{Server, files_in, run_in, stead};

/// A data file the server must neither open nor replace.
#[track_caller]
fn check_advice(home: &TempDir, expect: &str) {
    let data = home.path().join("data");
    let before: Vec<_> = files_in(&data)
        .into_iter()
        .filter(|name| !name.ends_with("-shm"))
        .map(|name| (fs::read(data.join(&name)).unwrap(), name))
        .collect();
    let mut command = stead();
    command.args(["serve", "--dir", "data", "--http", "127.0.0.1:0"]);
    let output = command.current_dir(home.path()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.starts_with("error: ") && said.lines().count() == 1,
        "{said}"
    );
    assert!(
        said.contains(expect) && said.contains("stead backup restore"),
        "{said}"
    );
    for (content, name) in before {
        assert!(
            fs::read(data.join(&name)).unwrap() == content,
            "{name} was changed"
        );
    }
}

#[test]
fn a_damaged_database_is_not_replaced() {
    let home = prepared();
    let path = home.path().join("data/data.db");
    let good = fs::read(&path).unwrap();
    let mut file = File::options().write(true).open(&path).unwrap();
    file.write_all(b"something else than a database").unwrap();
    check_advice(&home, "damaged");
    fs::write(&path, &good).unwrap();
    // The schema itself.
    file.seek(SeekFrom::Start(100)).unwrap();
    file.write_all(&[0xff; 4000]).unwrap();
    check_advice(&home, "damaged");
    file.set_len(0).unwrap();
    check_advice(&home, "is empty");
    fs::remove_file(&path).unwrap();
    fs::write(home.path().join("data/data.db-wal"), [1; 5000]).unwrap();
    check_advice(&home, "is missing and its log");
    fs::remove_file(home.path().join("data/data.db-wal")).unwrap();
    check_advice(&home, "is missing and the file of logs");
    fs::write(&path, &good).unwrap();
    let server = Server::start_at(home, &[]);
    assert_eq!(create(&server.guest(), "on").status, 200);
}

/// What can still be saved is the logs, the files or a backup, and the way that is advised works.
#[test]
fn a_database_that_is_gone_is_not_replaced() {
    let home = prepared();
    let data = home.path().join("data");
    let server = Server::start_at(home, &[]);
    assert_eq!(upload(&server.guest(), 10).status, 200);
    let home = server.home();
    server.signal("TERM");
    assert!(server.wait().success());
    let made = run_in(
        home.path(),
        &["backup", "create", "kept.zip", "--dir", "data"],
    );
    assert!(made.status.success(), "{made:?}");
    fs::remove_file(data.join("data.db")).unwrap();
    check_advice(&home, "is missing and the file of logs");
    fs::remove_file(data.join("auxiliary.db")).unwrap();
    check_advice(&home, "is missing and files of records");
    let doctor = run_in(home.path(), &["doctor", "--dir", "data"]);
    assert_eq!(doctor.status.code(), Some(1), "{doctor:?}");
    assert!(String::from_utf8_lossy(&doctor.stdout).contains("BAD   data.db is missing"));
    let restored = run_in(
        home.path(),
        &["backup", "restore", "kept.zip", "--dir", "data"],
    );
    assert!(restored.status.success(), "{restored:?}");
    let server = Server::start_at(home, &[]);
    assert_eq!(upload(&server.guest(), 10).status, 200);
}

#[test]
fn an_empty_storage_is_no_loss() {
    let server = Server::start_with(&[], |home| {
        fs::create_dir_all(home.join("data/storage/lost+found")).unwrap();
        fs::create_dir_all(home.join("data/backups")).unwrap();
    });
    prepare(&server.superuser());
    assert_eq!(create(&server.guest(), "on").status, 200);
}
