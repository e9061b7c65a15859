//! The command line: exit codes, messages, flags, and how the server starts.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use serde_json::json;
use tempfile::TempDir;

use crate::support::{Server, accepted, run_in, stead};

mod stopping;

fn shown(output: &Output) -> String {
    let code = output.status.code().unwrap_or(-1);
    let text = if code == 0 {
        &output.stdout
    } else {
        &output.stderr
    };
    let text = String::from_utf8_lossy(text);
    format!("{code} {}", text.lines().next().unwrap_or_default())
}

#[test]
fn superusers_are_managed_with_clear_words() {
    let home = TempDir::new().unwrap();
    let run = |arguments: &str| {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        shown(&run_in(home.path(), &arguments))
    };
    for (arguments, expect) in [
        (
            "superuser create",
            "1 error: missing email and password arguments",
        ),
        (
            "superuser create a@b.co",
            "1 error: missing email and password arguments",
        ),
        (
            "superuser create nobody 1234567890",
            "1 error: missing or invalid email address",
        ),
        (
            "superuser delete nobody",
            "1 error: invalid or missing email address",
        ),
        (
            "superuser create a@b.co 1234567890",
            "0 Successfully created new superuser \"a@b.co\"!",
        ),
        (
            "superuser create a@b.co 1234567890",
            "1 error: failed to create new superuser account: email: Value must be unique.",
        ),
        (
            "superuser update a@b.co 0987654321",
            "0 Successfully changed superuser \"a@b.co\" password!",
        ),
        (
            "superuser update x@b.co 1234567890",
            "1 error: superuser with email \"x@b.co\" doesn't exist",
        ),
        (
            "superuser upsert c@b.co 1234567890",
            "0 Successfully saved superuser \"c@b.co\"!",
        ),
        (
            "superuser upsert c@b.co 0987654321",
            "0 Successfully saved superuser \"c@b.co\"!",
        ),
        (
            "superuser delete x@b.co",
            "0 superuser \"x@b.co\" is missing or already deleted",
        ),
        (
            "superuser delete c@b.co",
            "0 Successfully deleted superuser \"c@b.co\"!",
        ),
        (
            "superuser delete a@b.co",
            "1 error: failed to delete superuser \"a@b.co\": You can't delete the only existing superuser.",
        ),
    ] {
        assert_eq!(run(arguments), expect, "{arguments}");
    }
    assert!(home.path().join("stead_data/data.db").is_file());
}

#[test]
fn times_that_no_clock_reaches_are_refused() {
    let home = TempDir::new().unwrap();
    for flag in ["--realtime-idle", "--realtime-lifetime"] {
        let seconds = u64::MAX.to_string();
        let told = shown(&run_in(home.path(), &["serve", flag, &seconds]));
        let expect = format!("1 error: invalid value '{seconds}' for '{flag} <SECONDS>'");
        assert!(told.starts_with(&expect), "{told}");
    }
}

#[test]
fn a_command_leaves_the_temporary_files_of_a_running_server_alone() {
    let server = Server::start();
    let home = server.home();
    let folder = home.path().join("data/.pb_temp_to_delete");
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("upload");
    std::fs::write(&file, "half of it").unwrap();
    let arguments = [
        "superuser",
        "upsert",
        "a@b.co",
        "1234567890",
        "--dir",
        "data",
    ];
    assert_eq!(run_in(home.path(), &arguments).status.code(), Some(0));
    assert!(file.exists());
}

#[test]
fn flags_stand_before_or_after_the_command_and_in_the_environment() {
    let home = TempDir::new().unwrap();
    for arguments in [
        &[
            "--dir",
            "one",
            "superuser",
            "upsert",
            "a@b.co",
            "1234567890",
        ][..],
        &[
            "superuser",
            "upsert",
            "a@b.co",
            "1234567890",
            "--dir=two",
            "--dev",
            "--hooksWatch=false",
            "--queryTimeout",
            "5",
        ],
    ] {
        assert_eq!(
            run_in(home.path(), arguments).status.code(),
            Some(0),
            "{arguments:?}"
        );
    }
    let output = stead()
        .current_dir(home.path())
        .env("STEAD_DIR", "three")
        .args(["superuser", "upsert", "a@b.co", "1234567890"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    for dir in ["one", "two", "three"] {
        assert!(home.path().join(dir).join("data.db").is_file(), "{dir}");
    }
}

#[test]
fn what_cannot_be_done_is_said_in_one_line() {
    let home = TempDir::new().unwrap();
    std::fs::write(home.path().join("file"), "").unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (arguments, expect) in [
        (&["nope"][..], "1 error: unrecognized subcommand 'nope'".to_owned()),
        (&["serve", "--nope"], "1 error: unexpected argument '--nope' found".to_owned()),
        (&["serve", "--http", "bad"], "1 error: cannot listen on bad: the port is missing, as in 127.0.0.1:8090".to_owned()),
        (&["serve", "127.0.0.1:8099"], "1 error: \"127.0.0.1:8099\" is no name: write --http 127.0.0.1:8099".to_owned()),
        (&["serve", "8099"], "1 error: \"8099\" is no name: write --http 127.0.0.1:8099".to_owned()),
        (&["serve", "--http", &address], format!("1 error: cannot listen on {address}: the address is already in use")),
        (&["serve", "192.0.2.1"], "1 error: \"192.0.2.1\" is no name there can be a certificate for: name a domain, or give --tls-cert and --tls-key".to_owned()),
    ] {
        assert_eq!(shown(&run_in(home.path(), arguments)), expect, "{arguments:?}");
    }
    let output = run_in(
        home.path(),
        &["serve", "--http", "127.0.0.1:0", "--dir", "file/data"],
    );
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        text.starts_with("error: ") && text.contains("file/data") && text.lines().count() == 1,
        "{text}"
    );
}

#[test]
fn the_key_for_the_settings_must_fit() {
    let home = TempDir::new().unwrap();
    let output = stead()
        .current_dir(home.path())
        .env("KEY", "short")
        .args([
            "superuser",
            "upsert",
            "a@b.co",
            "1234567890",
            "--encryptionEnv",
            "KEY",
        ])
        .output()
        .unwrap();
    assert_eq!(
        shown(&output),
        "1 error: the key in KEY must have 32 characters, it has 5"
    );
}

const KEY: &str = "01234567890123456789012345678901";

/// A command that has the key of the settings, or not.
fn with_key(key: Option<&str>) -> Command {
    let mut command = stead();
    command.env("STEAD_ENCRYPTION_ENV", "SETTINGS_KEY");
    command.env_remove("SETTINGS_KEY");
    if let Some(key) = key {
        command.env("SETTINGS_KEY", key);
    }
    command
}

/// Exit code and output of `stead doctor`.
fn doctor(home: &Path, key: Option<&str>) -> (Option<i32>, String) {
    let mut command = with_key(key);
    let output = command
        .current_dir(home)
        .args(["doctor", "--dir", "data"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), said)
}

#[test]
fn what_is_wrong_with_the_key_for_the_settings_is_said() {
    let stored = |home: &Path| {
        let query = "SELECT value FROM _params WHERE id = 'settings'";
        let output = run_in(home, &["sql", query, "--dir", "data"]);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let home = Arc::new(TempDir::new().unwrap());
    let server = Server::launch(with_key(None), Arc::clone(&home), &[]);
    let root = server.superuser();
    let smtp = json!({"smtp": {"password": "mail-secret"}});
    accepted(&root.patch("/api/settings", &smtp));
    let logs = accepted(&root.get("/api/logs?filter=level>0")).to_string();
    assert!(
        logs.contains("stored in clear") && logs.contains("SETTINGS_KEY"),
        "{logs}"
    );
    drop(server);
    assert!(stored(home.path()).contains("mail-secret"));
    let (code, said) = doctor(home.path(), None);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("BAD   SETTINGS_KEY should have the key"),
        "{said}"
    );

    // With the key they are in clear no longer.
    drop(Server::launch(with_key(Some(KEY)), Arc::clone(&home), &[]));
    assert!(!stored(home.path()).contains("mail-secret"));
    let (code, said) = doctor(home.path(), Some(KEY));
    assert_eq!(code, Some(0), "{said}");
    for key in [None, Some("another key of thirty-two bytes!")] {
        let (code, said) = doctor(home.path(), key);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("BAD   the settings cannot be read"), "{said}");
        let refused = Server::try_launch(with_key(key), Arc::clone(&home), &[]);
        assert!(refused.is_err(), "{key:?}");
    }
    let server = Server::launch(with_key(Some(KEY)), home, &[]);
    assert_eq!(server.guest().get("/api/health").status, 200);
}

#[test]
fn help_and_version_are_successes() {
    let home = TempDir::new().unwrap();
    for arguments in [
        &["--help"][..],
        &[],
        &["--version"],
        &["superuser"],
        &["serve", "--help"],
    ] {
        assert_eq!(
            run_in(home.path(), arguments).status.code(),
            Some(0),
            "{arguments:?}"
        );
    }
    let version = shown(&run_in(home.path(), &["--version"]));
    assert!(
        version.starts_with(concat!("0 stead ", env!("CARGO_PKG_VERSION"))),
        "{version}"
    );
}

#[test]
fn the_doctor_sees_a_damaged_database() {
    let home = TempDir::new().unwrap();
    let doctor = || run_in(home.path(), &["doctor", "--dir", "data"]);
    assert!(doctor().status.success(), "nothing is there yet");
    let made = run_in(
        home.path(),
        &[
            "superuser",
            "upsert",
            "a@example.com",
            "1234567890",
            "--dir",
            "data",
        ],
    );
    assert!(made.status.success());
    let healthy = doctor();
    assert!(healthy.status.success(), "{healthy:?}");
    assert!(String::from_utf8_lossy(&healthy.stdout).contains("data.db is whole"));
    std::fs::write(
        home.path().join("data/data.db"),
        "this is no database at all",
    )
    .unwrap();
    let damaged = doctor();
    assert!(!damaged.status.success(), "{damaged:?}");
    assert!(String::from_utf8_lossy(&damaged.stdout).contains("data.db cannot be opened"));
}

#[test]
fn sql_reads_unless_it_is_told_to_write() {
    let home = TempDir::new().unwrap();
    let made = run_in(
        home.path(),
        &[
            "superuser",
            "upsert",
            "a@example.com",
            "1234567890",
            "--dir",
            "data",
        ],
    );
    assert!(made.status.success());
    let sql = |arguments: &[&str]| {
        let output = run_in(
            home.path(),
            &[&["sql"], arguments, &["--dir", "data"]].concat(),
        );
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    let emails = "SELECT email, verified FROM _superusers";
    assert_eq!(
        sql(&[emails]),
        (true, "email\tverified\na@example.com\t1\n".to_owned())
    );
    let change = "UPDATE _superusers SET verified = 0";
    assert!(!sql(&[change]).0);
    assert_eq!(
        sql(&[change, "--write"]),
        (true, "1 rows changed\n".to_owned())
    );
    assert_eq!(
        sql(&[emails]),
        (true, "email\tverified\na@example.com\t0\n".to_owned())
    );
    assert!(!sql(&["nonsense"]).0 && !sql(&["COMMIT", "--write"]).0);
}

#[test]
fn sql_gives_space_back() {
    let server = Server::start();
    let superuser = server.superuser();
    superuser.make_collection(&json!({"name": "notes", "fields": [{"name": "t", "type": "text"}]}));
    let ask = |query: &str| accepted(&superuser.post("/api/sql", &json!({ "query": query })));
    let free = || ask("PRAGMA freelist_count")["rows"][0][0].clone();
    let leave_space = || {
        ask("INSERT INTO notes (id, t) VALUES ('a', hex(zeroblob(1000000)))");
        ask("DELETE FROM notes");
        assert_ne!(free(), "0");
    };
    leave_space();
    let answer = ask(" vacuum;\n");
    assert_eq!(
        (&answer["affectedRows"], &answer["rows"]),
        (&json!(0), &json!([]))
    );
    assert_eq!(free(), "0");
    leave_space();
    let vacuum = ["sql", "VACUUM", "--dir", "data"];
    let home = server.home();
    assert!(!run_in(home.path(), &vacuum).status.success());
    let vacuumed = run_in(home.path(), &[&vacuum[..], &["--write"]].concat());
    assert!(vacuumed.status.success(), "{vacuumed:?}");
    assert_eq!(free(), "0");
    superuser.make("notes", &json!({"t": "still working"}));
}

#[test]
fn sql_says_why_it_does_not_run() {
    let home = TempDir::new().unwrap();
    let arguments = ["superuser", "upsert", "a@example.com", "1234567890"];
    let made = run_in(home.path(), &[&arguments[..], &["--dir", "data"]].concat());
    assert!(made.status.success());
    let said = |arguments: &[&str]| {
        let output = run_in(
            home.path(),
            &[&["sql"], arguments, &["--dir", "data"]].concat(),
        );
        assert!(!output.status.success(), "{arguments:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    let change = said(&["DELETE FROM _superusers"]);
    assert!(change.contains("--write"), "{change}");
    let endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n";
    let late = said(&[endless, "--query-timeout", "1"]);
    assert!(late.contains("time limit"), "{late}");
}

/// What the kernel says of each thread of a process, from its name on.
#[cfg(target_os = "linux")]
fn threads_of(process: u32) -> Vec<String> {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    // One may end meanwhile.
    tasks
        .filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("stat")).ok())
        .collect()
}

/// A field of `proc_pid_stat(5)`, counted as there. The name, which may hold anything, is in parentheses and the
/// second.
#[cfg(target_os = "linux")]
fn field(stat: &str, number: usize) -> &str {
    let fields = stat.rsplit_once(')').unwrap().1;
    fields.split_whitespace().nth(number - 3).unwrap()
}

/// As `ps -L -o cls` shows it: B. See decision 25.
#[cfg(target_os = "linux")]
#[test]
fn threads_take_turns() {
    let server = Server::start();
    let threads = threads_of(server.id());
    assert!(threads.len() > 3, "{threads:?}");
    for stat in threads {
        assert_eq!(field(&stat, 41), "3", "{stat}");
    }
}

/// Also when an operator has the whole program step back for others. See decision 11.
#[cfg(target_os = "linux")]
#[test]
fn what_takes_long_steps_back_from_what_answers() {
    let mut command = Command::new("nice");
    command.args(["-n", "3", env!("CARGO_BIN_EXE_stead")]);
    let server = Server::launch(command, Arc::new(TempDir::new().unwrap()), &[]);
    server.superuser();
    let nice = |stat: &str| field(stat, 19).parse::<i64>().unwrap();
    // The test may itself have been made to step back; 19 is the end.
    let own = nice(&std::fs::read_to_string("/proc/self/stat").unwrap());
    let [quick, slow] = [own + 3, own + 8].map(|nice| nice.min(19));
    let threads = threads_of(server.id());
    let (hashing, others): (Vec<_>, Vec<_>) =
        threads.iter().partition(|stat| stat.contains("(hash)"));
    assert!(!hashing.is_empty(), "{threads:?}");
    for stat in hashing {
        assert_eq!(nice(stat), slow, "{stat}");
    }
    let answering = others.iter().filter(|stat| nice(stat) == quick).count();
    assert!(answering > 3, "{others:?}");
    for stat in others {
        assert!([quick, slow].contains(&nice(stat)), "{stat}");
    }
}
