//! What becomes of a replica whose place loses what it was given.

use std::fs;

use serde_json::json;

use super::{restore, settle, things, titles};
use crate::support::{Server, accepted, records, until};

#[test]
fn a_place_that_was_cleared_gets_a_new_image() {
    let arguments = ["--replica", "replica", "--replica-every", "0.05"];
    let stead = Server::start_with(&arguments, |_| {});
    let (root, home) = (stead.superuser(), stead.home());
    things(&root);
    let add = |title: &str| accepted(&root.post(&records("things"), &json!({"t": title})));
    add("before");
    settle(&root);
    // Like another disk in its place: nothing is there, and everything can be put.
    let replica = home.path().join("replica");
    fs::rename(&replica, home.path().join("unmounted")).unwrap();
    add("after");
    let mut tries = 0;
    until("the replica is whole again", || {
        tries += 1;
        restore(home.path(), "replica", None, &format!("back{tries}")).is_ok()
    });
    settle(&root);
    let status = accepted(&root.get("/api/stead/replica"));
    assert_eq!(status["error"], "", "{status}");
    add("at last");
    settle(&root);
    let restored = restore(home.path(), "replica", None, "back").unwrap();
    assert_eq!(titles(&restored), ["after", "at last", "before"]);
    let told = accepted(&root.get("/api/logs?perPage=200"))["items"].to_string();
    assert!(told.contains("is gone from the place"), "{told}");
}
