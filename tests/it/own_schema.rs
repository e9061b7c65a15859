//! What people add to the database by hand: constraints and triggers of their own, and values that no API would store.

use serde_json::json;

use crate::support::{Caller, Server, accepted, outcome, record, records, text};

fn sql(root: &Caller<'_>, query: &str) {
    accepted(&root.post("/api/sql", &json!({"query": query})));
}

#[test]
fn triggers_of_their_own_refuse_what_they_are_there_for() {
    let server = Server::start();
    let root = server.superuser();
    root.make_collection(&json!({
        "name": "jobs", "type": "base", "listRule": "", "viewRule": "", "createRule": "", "updateRule": "",
        "deleteRule": "", "fields": [{"name": "state", "type": "text"}],
    }));
    sql(
        &root,
        "CREATE TRIGGER no_new BEFORE INSERT ON jobs WHEN NEW.state = 'bad' BEGIN SELECT RAISE(ABORT, 'no such state'); END",
    );
    sql(
        &root,
        "CREATE TRIGGER no_change AFTER UPDATE ON jobs WHEN NEW.state = 'bad' BEGIN SELECT RAISE(ABORT, 'no such state'); END",
    );
    sql(
        &root,
        "CREATE TRIGGER kept BEFORE DELETE ON jobs WHEN OLD.state = 'kept' BEGIN SELECT RAISE(ABORT, 'it is kept'); END",
    );
    let guest = server.guest();
    let kept = guest.make("jobs", &json!({"state": "kept"}));
    let kept = record("jobs", kept["id"].as_str().unwrap());
    let created = guest.post(&records("jobs"), &json!({"state": "bad"}));
    assert_eq!(outcome(&created), "400 Failed to create record.");
    let changed = guest.patch(&kept, &json!({"state": "bad"}));
    assert_eq!(outcome(&changed), "400 Failed to update record.");
    let deleted = outcome(&guest.delete(&kept));
    assert!(
        deleted.starts_with("400 ") && deleted.contains("Failed to delete record."),
        "{deleted}"
    );
    let emptied = outcome(&root.delete("/api/collections/jobs/truncate"));
    assert!(
        emptied.starts_with("400 ") && emptied.contains("Failed to truncate collection"),
        "{emptied}"
    );
    let left = root.items("jobs", "fields=state");
    assert_eq!(left, [json!({"state": "kept"})]);
}

#[test]
fn days_that_there_are_not_are_no_dates() {
    let server = Server::start();
    let root = server.superuser();
    root.make_collection(&json!({
        "name": "days", "type": "base", "fields": [{"name": "day", "type": "date"}],
    }));
    for (stored, shown) in [
        ("0000-00-00 00:00:00.000Z", ""),
        ("0001-01-01 00:00:00.000Z", ""),
        ("2023-02-29 10:00:00.000Z", ""),
        ("2024-02-29 10:00:00.000Z", "2024-02-29 10:00:00.000Z"),
        ("2024-02-29 24:00:00.000Z", ""),
    ] {
        let id = root.make("days", &json!({}))["id"]
            .as_str()
            .unwrap()
            .to_owned();
        sql(
            &root,
            &format!("UPDATE days SET day = '{stored}' WHERE id = '{id}'"),
        );
        assert_eq!(root.look("days", &id)["day"], shown, "{stored}");
        let listed = root.items("days", &format!("filter=(id='{id}')"));
        assert_eq!(listed[0]["day"], shown, "{stored}");
    }
}

/// A json field takes what is nested as deeply as any JSON that is read may be; around it are the record and the list.
#[test]
fn what_is_nested_deeply_spoils_no_list() {
    let server = Server::start();
    let root = server.superuser();
    root.make_collection(&json!({
        "name": "trees", "type": "base", "listRule": "", "viewRule": "", "createRule": "",
        "fields": [{"name": "tree", "type": "json"}, {"name": "title", "type": "text"}],
    }));
    let guest = server.guest();
    let mut tree = json!(1);
    for _ in 0..126 {
        tree = json!([tree]);
    }
    guest.make("trees", &json!({"title": "deep", "tree": tree}));
    let titles = guest.items("trees", "fields=title");
    assert_eq!(titles, [json!({"title": "deep"})]);
    let whole = guest.get(&format!("{}?fields=tree", records("trees")));
    assert_eq!(whole.status, 200);
    let deep = format!(r#"{{"tree":{}1{}}}"#, "[".repeat(126), "]".repeat(126));
    assert!(text(&whole).contains(&deep), "{}", text(&whole));
}
