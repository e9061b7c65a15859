//! Metrics: what they say, and who gets to see them.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::support::{Caller, Response, Server, accepted, records, text, until};

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
    let stead = Server::start_with(
        &[
            "--metrics",
            "127.0.0.1:0",
            "--replica",
            "replica",
            "--replica-every",
            "0.02",
        ],
        |_| {},
    );
    let address = stead.printed("Metrics: http://");
    let address = address.strip_suffix("/metrics").unwrap().parse().unwrap();
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
    let is_answered = || {
        let answer = scraper.try_send("GET", "/metrics", &[], None);
        answer.is_ok_and(|answer| answer.status == 200)
    };
    until("metrics are answered again", is_answered);
    stead.signal("TERM");
    assert!(stead.wait().success());
    // Others may have the port by now.
    assert!(!is_answered());
}

/// A collector that hands on what it is sent.
fn collector() -> (String, mpsc::Receiver<Json>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, received) = mpsc::channel();
    drop(std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let sender = sender.clone();
            drop(std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                loop {
                    let (mut line, mut length) = (String::new(), 0);
                    while reader.read_line(&mut line).unwrap_or(0) > 2 {
                        let lower = line.to_lowercase();
                        if let Some(text) = lower.strip_prefix("content-length:") {
                            length = text.trim().parse().unwrap();
                        }
                        assert!(
                            !lower.starts_with("post") || lower.starts_with("post /v1/traces http")
                        );
                        line.clear();
                    }
                    let mut body = vec![0; length];
                    if length == 0 || reader.read_exact(&mut body).is_err() {
                        return;
                    }
                    sender.send(serde_json::from_slice(&body).unwrap()).unwrap();
                    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
                    (&stream).write_all(answer.as_bytes()).unwrap();
                }
            }));
        }
    }));
    (url, received)
}

#[test]
fn a_collector_gets_a_span_per_request() {
    let (url, received) = collector();
    let server = Server::start_with(&["--otlp", &url], |_| {});
    let guest = server.guest();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    for (flags, path) in [
        ("01", "/api/collections/nothing/records"),
        ("00", "/api/health"),
    ] {
        let parent = format!("00-{trace}-00f067aa0ba902b7-{flags}");
        guest.send("GET", path, &[("traceparent", &parent)], None);
    }
    let named = guest.send("GET", "/api/health", &[("X-Request-Id", "my-name")], None);
    assert_eq!(named.status, 200);
    let mut spans: Vec<Json> = Vec::new();
    while spans.len() < 2 {
        let document = received
            .recv_timeout(Duration::from_mins(1))
            .expect("spans come");
        let resource = &document["resourceSpans"][0];
        assert_eq!(
            resource["resource"]["attributes"][0]["value"]["stringValue"],
            "stead"
        );
        spans.extend(
            resource["scopeSpans"][0]["spans"]
                .as_array()
                .unwrap()
                .clone(),
        );
    }
    assert_eq!(spans.len(), 2, "what is not sampled is not sent: {spans:?}");
    let of = |name: &str| spans.iter().find(|span| span["name"] == name).unwrap();
    let list = of("GET /api/collections/{collection}/records");
    assert_eq!(
        (&list["traceId"], &list["parentSpanId"]),
        (&json!(trace), &json!("00f067aa0ba902b7"))
    );
    let status = &list["attributes"][2];
    assert_eq!(
        (&status["key"], &status["value"]["intValue"]),
        (&json!("http.response.status_code"), &json!("404"))
    );
    let health = of("GET /api/health");
    assert_ne!(health["traceId"], trace);
    assert_eq!(health["attributes"][3]["value"]["stringValue"], "my-name");
    let time = |name: &str| health[name].as_str().unwrap().parse::<u128>().unwrap();
    assert!(time("startTimeUnixNano") <= time("endTimeUnixNano"));
}
