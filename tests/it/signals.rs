//! What the end of a terminal does to a server.

use std::process::Command;

use serde_json::json;

use crate::support::{Server, accepted, stead};

#[cfg(target_os = "linux")]
#[test]
fn a_server_whose_terminal_is_gone_ends_in_order() {
    // The tests may outlive theirs.
    let mut command = Command::new("env");
    command.arg("--default-signal=HUP");
    command.arg(stead().get_program());
    let home = tempfile::TempDir::new().unwrap();
    let server = Server::launch(command, home.into(), &[]);
    let home = server.home();
    accepted(&server.superuser().get("/api/settings"));
    server.signal("HUP");
    assert_eq!(server.wait().code(), Some(0));
    let data = home.path().join("data");
    assert!(!data.join(".stead_running").exists());
    assert!(!data.join("data.db-wal").exists());
}

/// `nohup` starts a process so.
#[cfg(target_os = "linux")]
#[test]
fn a_server_that_is_to_outlive_its_terminal_does() {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]);
    command.arg(stead().get_program());
    let home = tempfile::TempDir::new().unwrap();
    let server = Server::launch(command, home.into(), &[]);
    server.signal("HUP");
    let root = server.superuser();
    accepted(&root.patch("/api/settings", &json!({"meta": {"appName": "Still here"}})));
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    let caught = u64::from_str_radix(caught.unwrap().trim(), 16).unwrap();
    assert_eq!(caught & 1, 0, "the signal is not listened to");
    server.signal("TERM");
    assert_eq!(server.wait().code(), Some(0));
}
