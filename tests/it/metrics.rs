//! Metrics: what they say, and who gets to see them.

use std::collections::HashMap;
use std::net::TcpListener;

use serde_json::json;

use crate::support::{Caller, Response, Server, accepted, records, text};

/// Values by name and labels; every line must be one of the text format.
fn values(answer: &Response) -> HashMap<String, f64> {
    assert_eq!(answer.status, 200, "{}", text(answer));
    let kind = answer.header("content-type").unwrap();
    assert_eq!(kind, "text/plain; version=0.0.4; charset=utf-8");
    let mut family = String::new();
    let mut found = HashMap::new();
    for line in text(answer).lines() {
        if let Some(rest) = line.strip_prefix("# ") {
            let mut words = rest.split(' ');
            if words.next() == Some("TYPE") {
                words.next().unwrap().clone_into(&mut family);
            }
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap();
        assert!(name.starts_with(&family), "{line} is not of {family}");
        let value = value.parse().unwrap();
        assert!(
            found.insert(name.to_owned(), value).is_none(),
            "{line} is there twice"
        );
    }
    found
}

fn of(values: &HashMap<String, f64>, name: &str) -> f64 {
    values.get(name).copied().unwrap_or(0.0)
}

#[test]
fn requests_and_writes_are_counted() {
    let stead = Server::start();
    let root = stead.superuser();
    root.make_collection(&json!({
        "name": "things", "type": "base", "listRule": "", "viewRule": "", "createRule": "",
        "fields": [{"name": "t", "type": "text"}],
    }));
    let see = || values(&root.get("/api/stead/metrics"));
    let before = see();
    let guest = stead.guest();
    for i in 0..5 {
        accepted(&guest.post(&records("things"), &json!({"t": format!("{i}")})));
    }
    for _ in 0..3 {
        assert_eq!(
            guest.get(&format!("{}/nothing", records("things"))).status,
            404
        );
    }
    guest.get("/api/nowhere");
    let after = see();
    let grown = |name: &str| of(&after, name) - of(&before, name);
    let route = |method: &str, status: u16, path: &str| {
        format!("stead_requests_total{{method=\"{method}\",route=\"{path}\",status=\"{status}\"}}")
    };
    let all = "/api/collections/{collection}/records";
    let one = "/api/collections/{collection}/records/{id}";
    let near = |value: f64, expect: f64| (value - expect).abs() < 0.5;
    assert!(near(grown(&route("POST", 200, all)), 5.0));
    assert!(near(grown(&route("GET", 404, one)), 3.0));
    let created = format!("stead_request_seconds_count{{method=\"POST\",route=\"{all}\"}}");
    assert!(near(grown(&created), 5.0));
    let everything =
        format!("stead_request_seconds_bucket{{method=\"POST\",route=\"{all}\",le=\"+Inf\"}}");
    assert!(near(grown(&everything), 5.0));
    assert!(grown("stead_requests_total{route=\"elsewhere\"}") >= 0.5);
    assert!(grown("stead_write_group_size_sum{database=\"data\"}") >= 4.5);
    assert!(grown("stead_flush_seconds_count{database=\"data\"}") >= 0.5);
    assert!(grown("stead_statements_total{cache=\"hit\"}") >= 0.5);
    assert!(of(&after, "stead_wal_bytes{database=\"data\"}") > 0.0);
    assert!(of(&after, "process_start_time_seconds") > 1_700_000_000.0);
    assert!(near(of(&after, "stead_replica_enabled"), 0.0));
    // Nothing tells what is in the database.
    assert!(!text(&root.get("/api/stead/metrics")).contains("things"));
}

#[test]
fn an_address_of_its_own_answers_metrics_and_nothing_else() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let shown = address.to_string();
    let stead = Server::start_with(
        &[
            "--metrics",
            &shown,
            "--replica",
            "replica",
            "--replica-every",
            "0.02",
        ],
        |_| {},
    );
    let scraper = Caller::at(address, None);
    assert_eq!(stead.guest().get("/api/stead/metrics").status, 401);
    assert_eq!(stead.guest().get("/metrics").status, 404);
    for path in ["/", "/api/health", "/_/", "/api/stead/metrics"] {
        assert_eq!(scraper.get(path).status, 404, "{path}");
    }
    assert_eq!(scraper.post("/metrics", &json!({})).status, 404);
    let seen = values(&scraper.get("/metrics"));
    assert!(of(&seen, "stead_replica_enabled") > 0.5);
    assert!(seen.contains_key("stead_replica_lag_seconds"));
    // It survives what reopens the data directory.
    let root = stead.superuser();
    accepted(&root.post("/api/backups", &json!({"name": "b.zip"})));
    accepted(&root.post("/api/backups/b.zip/restore", &json!({})));
    let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while scraper
        .try_send("GET", "/metrics", &[], None)
        .map(|answer| answer.status)
        != Ok(200)
    {
        assert!(std::time::Instant::now() < deadline);
    }
    drop(stead);
    assert!(scraper.try_send("GET", "/metrics", &[], None).is_err());
}
