//! Recipes that answer requests, or look at those of others.

use serde_json::{Value as Json, json};

use super::{id, with_recipe};
use crate::hooks::open;
use crate::support::{accepted, outcome, record, records, text};

#[test]
fn csv_export() {
    let server = with_recipe("csv_export");
    let superuser = server.superuser();
    open(&superuser, "products", &["name", "price:number"]);
    let b = superuser.make("products", &json!({"name": "b \"x\", y", "price": 2}));
    let a = superuser.make("products", &json!({"name": "a", "price": 1.5}));
    let answer = superuser.get("/api/app/export/products");
    let expect = format!(
        "id,name,price\n{},a,1.5\n{},\"b \"\"x\"\", y\",2\n",
        id(&a),
        id(&b)
    );
    assert_eq!(text(&answer), expect);
    assert_eq!(
        answer.header("content-type").as_deref(),
        Some("text/csv; charset=utf-8")
    );
    assert_eq!(server.guest().get("/api/app/export/products").status, 401);
}

#[test]
fn rate_limited_route() {
    let server = with_recipe("rate_limited_route");
    // The window may turn over in between; in six calls it does so at most once.
    let refused = (0..7)
        .filter(|_| server.guest().get("/api/app/quote").status == 429)
        .count();
    assert!((1..=4).contains(&refused), "{refused}");
}

#[test]
fn statistics() {
    let server = with_recipe("statistics");
    open(&server.superuser(), "sales", &["customer", "amount:number"]);
    let guest = server.guest();
    guest.make("sales", &json!({"customer": "o'neil", "amount": 2}));
    guest.make("sales", &json!({"customer": "o'neil", "amount": 3}));
    let stats = accepted(&guest.get("/api/app/stats/o'neil"));
    assert_eq!(stats, json!({"orders": 2, "total": 5}));
    assert_eq!(accepted(&guest.get("/api/app/stats/x"))["orders"], 0);
}

#[test]
fn request_log() {
    let server = with_recipe("request_log");
    let guest = server.guest();
    assert_eq!(
        guest.get("/api/health").header("x-served-by").as_deref(),
        Some("stead")
    );
    accepted(&guest.post("/api/app/maintenance/on", &json!({})));
    assert_eq!(
        outcome(&guest.get(&records("users"))),
        "503 The server is being maintained."
    );
    assert_eq!(guest.get("/api/health").status, 200);
    accepted(&guest.post("/api/app/maintenance/off", &json!({})));
    assert_eq!(guest.get(&records("users")).status, 200);
}

#[test]
fn batch_guard() {
    let server = with_recipe("batch_guard");
    let superuser = server.superuser();
    open(&superuser, "one", &["title"]);
    open(&superuser, "two", &["title"]);
    accepted(&superuser.patch("/api/settings", &json!({"batch": {"enabled": true}})));
    let batch = |names: [&str; 2]| {
        let requests: Vec<Json> = names
            .iter()
            .map(|name| json!({"method": "POST", "url": records(name), "body": {}}))
            .collect();
        superuser.post("/api/batch", &json!({ "requests": requests }))
    };
    assert_eq!(
        outcome(&batch(["one", "two"])),
        "400 A batch changes one collection."
    );
    assert!(superuser.items("one", "").is_empty());
    assert_eq!(batch(["one", "one"]).status, 200);
}

#[test]
fn feature_flags() {
    let server = with_recipe("feature_flags");
    open(&server.superuser(), "flags", &["name", "on:bool"]);
    let guest = server.guest();
    let flags = || accepted(&guest.get("/api/app/flags"));
    assert_eq!(flags(), json!({}));
    let flag = guest.make("flags", &json!({"name": "new_ui", "on": false}));
    assert_eq!(flags(), json!({"new_ui": false}));
    accepted(&guest.patch(&record("flags", id(&flag)), &json!({"on": true})));
    assert_eq!(flags(), json!({"new_ui": true}));
}

#[test]
fn live_counter() {
    let server = with_recipe("live_counter");
    let guest = server.guest();
    accepted(&guest.post("/api/app/visit", &json!({})));
    let seen = std::thread::scope(|scope| {
        let stream = scope.spawn(|| server.guest().get("/api/app/visitors?n=2"));
        while !stream.is_finished() {
            accepted(&guest.post("/api/app/visit", &json!({})));
        }
        stream.join().unwrap()
    });
    assert_eq!(seen.header("cache-control").as_deref(), Some("no-store"));
    let counts: Vec<i64> = text(&seen)
        .lines()
        .filter_map(|line| line.strip_prefix("data: ")?.parse().ok())
        .collect();
    assert!(matches!(counts.as_slice(), [a, b] if a < b), "{counts:?}");
}
