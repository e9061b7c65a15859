//! What stays in place whenever the swap of a restore ends early.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{
    READY, RESTORE, Staged, State, VERDICT, confirm, give_up, recover, tell, undo, verdict,
};

fn contents(dir: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    entries
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read_to_string(entry.path()).unwrap())
        })
        .filter(|(name, _)| name != VERDICT)
        .collect()
}

fn staged() -> TempDir {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("data.db"), "old").unwrap();
    fs::write(dir.path().join("data.db-wal"), "old log").unwrap();
    let staged = Staged::prepare(dir.path()).unwrap();
    fs::write(staged.path().join("data.db"), "new").unwrap();
    fs::write(staged.path().join("extra"), "new").unwrap();
    staged.ready().unwrap();
    assert!(Staged::prepare(dir.path()).is_err());
    dir
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
        .collect()
}

#[test]
fn new_data_takes_the_place_of_the_old() {
    let dir = staged();
    assert_eq!(recover(dir.path()).unwrap(), State::New);
    assert_eq!(recover(dir.path()).unwrap(), State::Found);
    assert_eq!(
        contents(dir.path()),
        texts(&[("data.db", "new"), ("extra", "new")])
    );
    confirm(dir.path()).unwrap();
    assert_eq!(recover(dir.path()).unwrap(), State::Settled);
    assert!(!dir.path().join(".stead_restore").exists());
}

#[test]
fn the_old_data_comes_back() {
    let dir = staged();
    assert_eq!(recover(dir.path()).unwrap(), State::New);
    undo(dir.path()).unwrap();
    let old = texts(&[("data.db", "old"), ("data.db-wal", "old log")]);
    assert_eq!(contents(dir.path()), old);
    assert_eq!(recover(dir.path()).unwrap(), State::Settled);
    assert!(!dir.path().join(".stead_restore").exists());
}

#[test]
fn an_interrupted_swap_is_finished() {
    let dir = staged();
    // As if the process had ended after the first of the renames.
    let old = dir.path().join(".stead_restore/old");
    fs::create_dir_all(&old).unwrap();
    fs::rename(dir.path().join("data.db-wal"), old.join("data.db-wal")).unwrap();
    assert_eq!(recover(dir.path()).unwrap(), State::New);
    assert_eq!(contents(dir.path())["data.db"], "new");
    assert_eq!(
        fs::read_to_string(old.join("data.db-wal")).unwrap(),
        "old log"
    );
}

#[test]
fn the_old_data_comes_back_from_a_swap_that_cannot_go_on() {
    let old = texts(&[("data.db", "old"), ("data.db-wal", "old log")]);
    // A folder that is not empty cannot be replaced by a file of its name.
    for blocked in [".stead_restore/old/data.db/x", "extra/x"] {
        let dir = staged();
        fs::create_dir_all(dir.path().join(blocked)).unwrap();
        if blocked.starts_with("extra") {
            // It was not there when the old data was moved.
            let folder = dir.path().join(".stead_restore");
            fs::create_dir_all(folder.join("old")).unwrap();
            for name in old.keys() {
                fs::rename(dir.path().join(name), folder.join("old").join(name)).unwrap();
            }
            fs::rename(folder.join("ready"), folder.join("emptied")).unwrap();
        }
        assert!(recover(dir.path()).is_err());
        fs::remove_dir_all(dir.path().join(blocked).parent().unwrap()).unwrap();
        undo(dir.path()).unwrap();
        assert_eq!(contents(dir.path()), old, "{blocked}");
        assert!(!dir.path().join(".stead_restore").exists());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn files_of_any_name_move() {
    use std::os::unix::ffi::OsStrExt as _;
    let dir = staged();
    let odd = dir.path().join(std::ffi::OsStr::from_bytes(b"\xff.txt"));
    fs::write(&odd, "odd").unwrap();
    assert_eq!(recover(dir.path()).unwrap(), State::New);
    assert!(!odd.exists());
    undo(dir.path()).unwrap();
    assert_eq!(fs::read_to_string(odd).unwrap(), "odd");
}

#[test]
fn interrupted_unpacking_leaves_no_trace() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("data.db"), "old").unwrap();
    let staged = Staged::prepare(dir.path()).unwrap();
    drop(staged);
    assert_eq!(recover(dir.path()).unwrap(), State::Settled);
    assert_eq!(contents(dir.path()), texts(&[("data.db", "old")]));
}

#[test]
fn what_an_earlier_process_took_back_is_kept() {
    let dir = staged();
    assert_eq!(recover(dir.path()).unwrap(), State::New);
    fs::rename(
        dir.path().join(RESTORE).join("swapped"),
        dir.path().join(RESTORE).join("undoing"),
    )
    .unwrap();
    assert_eq!(recover(dir.path()).unwrap(), State::Settled);
    assert_eq!(contents(dir.path())["data.db"], "old");
    let entries = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap());
    let kept = entries
        .map(|entry| entry.path())
        .find(|path| path.is_dir())
        .unwrap();
    assert_ne!(kept, dir.path().join(RESTORE));
    assert_eq!(contents(&kept.join("new"))["data.db"], "new");
}

#[test]
fn what_somebody_has_made_meanwhile_is_not_replaced() {
    let dir = staged();
    let folder = dir.path().join(RESTORE);
    fs::create_dir_all(folder.join("old")).unwrap();
    fs::rename(dir.path().join("data.db"), folder.join("old/data.db")).unwrap();
    fs::write(dir.path().join("data.db"), "made meanwhile").unwrap();
    assert!(recover(dir.path()).is_err() && undo(dir.path()).is_err());
    assert!(give_up(dir.path()).is_err());
    assert_eq!(contents(dir.path())["data.db"], "made meanwhile");
    assert_eq!(contents(&folder.join("old"))["data.db"], "old");
}

#[test]
fn a_restore_is_given_up_while_the_old_data_is_in_place() {
    let dir = staged();
    give_up(dir.path()).unwrap();
    assert!(!dir.path().join(RESTORE).join(READY).exists());
    assert_eq!(contents(dir.path())["data.db"], "old");
}

#[test]
fn the_word_of_a_failed_restore_stays_until_the_next() {
    let dir = staged();
    assert!(verdict(dir.path()).is_some(), "nobody knows yet");
    recover(dir.path()).unwrap();
    confirm(dir.path()).unwrap();
    assert_eq!(verdict(dir.path()), None);
    tell(dir.path(), "no room");
    assert_eq!(verdict(dir.path()).as_deref(), Some("no room"));
    drop(Staged::prepare(dir.path()).unwrap());
    assert_eq!(verdict(dir.path()), None);
}
