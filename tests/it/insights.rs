//! What the server says about its own work: slow requests, failures, indexes.

use serde_json::json;

use crate::support::{Server, accepted, record};

#[test]
fn insights_name_slow_requests_failures_and_indexes() {
    let server = Server::start();
    let root = server.superuser();
    root.make_collection(&json!({"name": "events", "listRule": "", "fields": [
        {"name": "kind", "type": "text"}, {"name": "at", "type": "text"}, {"name": "n", "type": "number"},
    ], "indexes": ["CREATE INDEX idx_unused ON events (n)"]}));
    let fill = "INSERT INTO events (id, kind, at) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT printf('%015d', i), 'k' || (i % 50), i FROM n";
    accepted(&root.post("/api/sql", &json!({"query": fill})));
    let guest = server.guest();
    for n in 0..5 {
        guest.items("events", &format!("filter=kind%3D'k{n}'&sort=-at"));
        guest.get(&record("events", "nothing00000000"));
    }
    let told = accepted(&root.get("/api/stead/insights?collection=events"));
    let slowest = told["slowest"].to_string();
    assert!(
        slowest.contains("GET /api/collections/events/records filter=kind = ? sort=-at"),
        "{told}"
    );
    assert_eq!(told["failures"][0]["count"], json!(5), "{told}");
    assert_eq!(
        told["failures"][0]["request"],
        json!("GET /api/collections/events/records/{id}")
    );
    assert_eq!(
        told["missingIndexes"][0]["statement"],
        json!("CREATE INDEX `idx_events_kind_at` ON `events` (`kind`, `at`)"),
        "{told}"
    );
    assert_eq!(
        told["unusedIndexes"][0]["index"],
        json!("idx_unused"),
        "{told}"
    );
    // What is advised helps.
    let index = told["missingIndexes"][0]["statement"].clone();
    accepted(&root.patch("/api/collections/events", &json!({"indexes": [index]})));
    let told = accepted(&root.get("/api/stead/insights?collection=events"));
    assert_eq!(
        (&told["missingIndexes"], &told["unusedIndexes"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(
        root.get("/api/stead/insights?collection=nothing").status,
        404
    );
}
