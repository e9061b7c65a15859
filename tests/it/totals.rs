//! Totals of long lists, which are remembered for as long as nothing changes.

use rusqlite::Connection;
use serde_json::json;

use crate::support::{Server, accepted, json, records, text};

const ROWS: u32 = 100_000;

#[test]
fn records_that_a_sort_leaves_out_are_not_counted() {
    let server = Server::start();
    let root = server.superuser();
    root.make_collection(&json!({"name": "posts", "id": "posts_id", "listRule": ""}));
    root.make_collection(&json!({
        "name": "comments", "listRule": "ok = true", "fields": [
            {"name": "ok", "type": "bool"}, {"name": "n", "type": "number"},
            {"name": "post", "type": "relation", "collectionId": "posts_id"}],
    }));
    for n in 0..9 {
        let post = root.make("posts", &json!({}));
        root.make(
            "comments",
            &json!({"post": post["id"], "ok": n % 3 > 0, "n": n}),
        );
    }
    for page in 1..4 {
        let path = records("posts");
        let path = format!("{path}?sort=comments_via_post.n&perPage=2&page={page}");
        let listed = accepted(&server.guest().get(&path));
        assert_eq!(
            (&listed["totalItems"], &listed["totalPages"]),
            (&json!(6), &json!(3)),
            "{page}"
        );
    }
}

#[test]
fn totals_follow_every_change() {
    let stead = Server::start();
    let root = stead.superuser();
    root.make_collection(&json!({
        "name": "notes", "type": "base", "listRule": "", "createRule": "",
        "fields": [{"name": "t", "type": "text"}],
    }));
    // Somebody else who writes to the same file.
    let other = Connection::open(stead.home().path().join("data/data.db")).unwrap();
    other
        .execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
             INSERT INTO notes (id, t) SELECT printf('%015d', i), 'note ' || i || ' of many' FROM n",
            [ROWS],
        )
        .unwrap();
    let guest = stead.guest();
    let total = |page: u32, filter: &str| {
        let path = format!(
            "{}?page={page}&perPage=20&filter={filter}",
            records("notes")
        );
        let answer = guest.get(&path);
        accepted(&answer);
        json(&answer)["totalItems"].as_u64().unwrap()
    };
    let remembered = || {
        let page = text(&root.get("/api/stead/metrics"));
        let line = page
            .lines()
            .find_map(|line| line.strip_prefix("stead_totals_remembered_total "));
        line.unwrap().parse::<u64>().unwrap()
    };

    // 7 in the number: all but 9^5 of 10^5.
    let sevens = 100_000 - 59_049;
    for page in 1..10 {
        assert_eq!(total(page, "t~'7'"), sevens);
    }
    assert!(remembered() > 0, "every page counted anew");
    assert_eq!(total(1, "t~'note'"), u64::from(ROWS));

    accepted(&guest.post(&records("notes"), &json!({"t": "7"})));
    assert_eq!(total(1, "t~'7'"), sevens + 1);
    assert_eq!(total(2, "t~'7'"), sevens + 1);
    other
        .execute("DELETE FROM notes WHERE t = '7' OR t LIKE '% 70000 %'", ())
        .unwrap();
    assert_eq!(total(2, "t~'7'"), sevens - 1);
    assert_eq!(total(1, "t~'note'"), u64::from(ROWS) - 1);
}
