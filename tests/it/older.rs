//! Directories of earlier versions of the contract's server; `older/record.py` has recorded them.

use std::sync::Arc;

use serde_json::json;

use crate::data_dir::home_with;
use crate::support::{Server, accepted, run_in, text};

const MAILS: &str = "1763020353_update_default_auth_alert_templates.go";
const INDEXES: &str = "1778828400_normalize_indexes.go";

#[track_caller]
fn check(recorded: &'static str, steps: &[&str]) {
    let home = Arc::new(home_with(recorded));
    let doctor = || {
        let output = run_in(home.path(), &["doctor", "--dir", "data"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let before = doctor();
    for step in steps {
        assert!(before.contains(step), "{before}");
    }
    // The second start finds nothing to do.
    for _ in 0..2 {
        let server = Server::start_at(Arc::clone(&home), &[]);
        let signed_in = server.guest().post(
            "/api/collections/_superusers/auth-with-password",
            &json!({"identity": "root@example.com", "password": "1234567890"}),
        );
        assert_eq!(signed_in.status, 200, "{}", text(&signed_in));
        let root = server.superuser();
        let collection = |name: &str| accepted(&root.get(&format!("/api/collections/{name}")));
        assert_eq!(
            collection("papers")["indexes"],
            json!([
                "CREATE INDEX `idx_papers_a` ON `papers` (`a`)",
                "CREATE INDEX `by_hand` ON `papers` (`b`)",
                "CREATE UNIQUE INDEX `by_hand_partly` ON `papers` (\n  `a`,\n  `b` COLLATE nocase\n) WHERE a != ''",
                "CREATE INDEX `of_expression` ON `papers` (\n  lower(a),\n  length(b) DESC\n)",
            ])
        );
        assert_eq!(
            collection("notes")["indexes"],
            json!(["CREATE INDEX `second_of_two` ON `notes` (`a`)"])
        );
        for name in ["lost", "moved"] {
            let defined = format!("CREATE INDEX `idx_{name}_a` ON `{name}` (`a`)");
            assert_eq!(collection(name)["indexes"], json!([defined]));
        }
        let alert = |name: &str| collection(name)["authAlert"]["emailTemplate"].clone();
        let readers = alert("readers");
        assert_eq!(readers["subject"], "Ours");
        let body = readers["body"].as_str().unwrap_or_default();
        assert!(body.contains("{ALERT_INFO}"), "{body}");
        assert_eq!(alert("writers")["body"], "Ours");
        let logs = accepted(&root.get("/api/logs?filter=message~'brought'")).to_string();
        assert!(logs.contains(INDEXES) && logs.contains("papers"), "{logs}");
        // A collection with adopted indexes can be changed.
        let renamed = root.patch("/api/collections/papers", &json!({"listRule": ""}));
        assert_eq!(renamed.status, 200, "{}", text(&renamed));
        server.signal("TERM");
        server.wait();
    }
    let ask = |query: &str| {
        let output = run_in(home.path(), &["sql", query, "--dir", "data"]);
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let made = ask("SELECT name FROM sqlite_master WHERE type = 'index'");
    for name in [
        "by_hand",
        "of_expression",
        "like_the_lost",
        "of_own",
        "Odd Name",
    ] {
        assert!(made.contains(name), "{name}: {made}");
    }
    for name in ["like_the_defined", "first_of_two"] {
        assert!(!made.contains(name), "{name}: {made}");
    }
    let applied = ask("SELECT file FROM _migrations");
    assert!(
        applied.contains(MAILS) && applied.contains(INDEXES),
        "{applied}"
    );
    let after = doctor();
    assert!(!after.contains("earlier version"), "{after}");
}

#[test]
fn a_directory_of_0_23_is_brought_up_to_date() {
    check(include_str!("older/v0.23.12.sql"), &[MAILS, INDEXES]);
}

#[test]
fn a_directory_of_0_36_is_brought_up_to_date() {
    check(include_str!("older/v0.36.9.sql"), &[INDEXES]);
}
