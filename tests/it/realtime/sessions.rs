//! Whose a stream is, for how long, and what ends it.

use serde_json::json;

use super::{before_the_end, make, make_notes};
use crate::support::events::Stream;
use crate::support::{Caller, Server, accepted, outcome, record};

const MISMATCH: &str = "403 The current and the previous request authorization don't match.";

#[test]
fn a_stream_belongs_to_who_subscribed_first() {
    let server = Server::start();
    let (ann, bob) = (server.user("ann"), server.user("bob"));
    let stream = Stream::open(server.address());
    assert_eq!(outcome(&stream.subscribe(&server.guest(), &["x"])), "204 ");
    assert_eq!(outcome(&stream.subscribe(&ann, &["x"])), "204 ");
    assert_eq!(outcome(&stream.subscribe(&ann, &["y"])), "204 ");
    assert_eq!(outcome(&stream.subscribe(&bob, &["y"])), MISMATCH);
    assert_eq!(
        outcome(&stream.subscribe(&server.guest(), &["y"])),
        MISMATCH
    );
    drop(stream);
}

#[test]
fn a_stream_takes_subscriptions_from_its_own_address_alone() {
    let server = Server::start();
    let proxied = json!({"trustedProxy": {"headers": ["X-Forwarded-For"]}});
    accepted(&server.superuser().patch("/api/settings", &proxied));
    let stream = Stream::open(server.address());
    let form = json!({"clientId": stream.client_id, "subscriptions": ["x"]});
    let from = |ip: &str| {
        let headers = [
            ("Content-Type", "application/json"),
            ("X-Forwarded-For", ip),
        ];
        let body = Some(form.to_string().into_bytes());
        outcome(&server.guest().send("POST", "/api/realtime", &headers, body))
    };
    assert_eq!(from("203.0.113.7"), "400 Invalid realtime client.");
    assert_eq!(from("127.0.0.1"), "204 ");
}

#[test]
fn who_is_signed_out_becomes_a_guest() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, "@request.auth.id != '' || title = 'end'");
    let ann = server.user("ann");
    let session = accepted(&ann.post("/api/collections/users/auth-refresh", &json!({})));
    let id = session["record"]["id"].as_str().unwrap().to_owned();
    let mut stream = Stream::open(server.address());
    assert_eq!(outcome(&stream.subscribe(&ann, &["notes/*"])), "204 ");
    make(&superuser, &json!({"title": "for ann"}));
    assert_eq!(stream.next().unwrap().json()["record"]["title"], "for ann");
    let password = json!({"password": "another one", "passwordConfirm": "another one"});
    accepted(&superuser.patch(&record("users", &id), &password));
    make(&superuser, &json!({"title": "no longer"}));
    assert_eq!(before_the_end(&mut stream, &superuser), []);
}

#[test]
fn a_changed_secret_signs_everybody_out() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, "@request.auth.id != '' || title = 'end'");
    let ann = server.user("ann");
    let mut stream = Stream::open(server.address());
    assert_eq!(outcome(&stream.subscribe(&ann, &["notes/*"])), "204 ");
    let secret = json!({"authToken": {"secret": "x".repeat(50), "duration": 1000}});
    accepted(&superuser.patch("/api/collections/users", &secret));
    make(&superuser, &json!({"title": "no longer"}));
    assert_eq!(before_the_end(&mut stream, &superuser), []);
}

#[test]
fn streams_end_when_the_server_stops_or_their_time_is_up() {
    let server = Server::start();
    let mut stream = Stream::open(server.address());
    server.signal("TERM");
    let last = stream.next().unwrap();
    assert_eq!(last.name, "STEAD_DISCONNECT");
    assert_eq!(last.json()["reason"], "stopping");
    assert_eq!(stream.next(), None);
    assert!(server.wait().success());

    let server = Server::start_with(&["--realtime-lifetime", "1"], |_| {});
    let mut stream = Stream::open(server.address());
    assert_eq!(stream.next().unwrap().json()["reason"], "lifetime");
    assert_eq!(stream.next(), None);
}

#[test]
fn a_stream_shows_that_it_is_alive() {
    let server = Server::start_with(&["--realtime-heartbeat", "1"], |_| {});
    let mut stream = Stream::open(server.address());
    assert_eq!(stream.line().unwrap(), ":");
}

#[test]
fn a_stream_ends_with_the_token_it_is_for() {
    let server = Server::start();
    let superuser = server.superuser();
    make_notes(&superuser, "@request.auth.id != ''");
    let ann = server.user("ann");
    let path = "/api/collections/users/auth-refresh";
    let own = accepted(&ann.post(path, &json!({})));
    let id = own["record"]["id"].as_str().unwrap();
    let (mut ends, mut stays) = (
        Stream::open(server.address()),
        Stream::open(server.address()),
    );
    assert_eq!(stays.subscribe(&ann, &["notes/*"]).status, 204);
    let path = format!("/api/collections/users/impersonate/{id}");
    let short = accepted(&superuser.post(&path, &json!({"duration": 5})));
    let token = short["token"].as_str().unwrap().to_owned();
    let brief = Caller::at(server.address(), Some(token));
    assert_eq!(ends.subscribe(&brief, &["notes/*"]).status, 204);
    let last = ends.next().unwrap();
    assert_eq!(last.name, "STEAD_DISCONNECT");
    assert_eq!(ends.next(), None);
    let made = make(&superuser, &json!({"title": "later"}));
    assert_eq!(stays.next().unwrap().json()["record"]["id"], made["id"]);
}

/// More than fits into its outbox and the buffers of the network waits for a client that reads nothing. Nobody else
/// notices.
#[test]
fn a_client_that_does_not_read_holds_up_nobody() {
    const EVENTS: usize = 300;
    let server = Server::start();
    let superuser = server.superuser();
    superuser.make_collection(&json!({
        "name": "pages", "type": "base", "listRule": "", "viewRule": "",
        "fields": [{"name": "text", "type": "text", "max": 200_000}],
    }));
    let (mut stuck, mut reads) = (
        Stream::open(server.address()),
        Stream::open(server.address()),
    );
    for stream in [&stuck, &reads] {
        assert_eq!(stream.subscribe(&server.guest(), &["pages/*"]).status, 204);
    }
    let text = "x".repeat(100_000);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..EVENTS {
                superuser.make("pages", &json!({ "text": text }));
            }
        });
        for _ in 0..EVENTS {
            assert_eq!(reads.next().unwrap().json()["action"], "create");
        }
    });
    // Whoever reads again soon is told why it ends, everybody else is cut off.
    let seen = stuck.until(|event| event.name == "STEAD_DISCONNECT");
    assert!(seen.len() < EVENTS, "{}", seen.len());
    assert_eq!(stuck.next(), None);
}
