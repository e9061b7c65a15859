//! What people add to the database by hand: constraints and triggers of their own, and values that no API would store.

use serde_json::json;

use crate::support::{Server, records, text};

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
