//! Where sign-in services send their users back to.

use serde_json::json;

use super::{server_with, sign_in, signed};
use crate::support::events::Stream;
use crate::support::provider::Provider;
use crate::support::{Response, Server, accepted, text};

/// The window that waits for a redirect, as the SDK opens it.
fn waiting(server: &Server) -> Stream {
    let stream = Stream::open(server.address());
    let subscribed = stream.subscribe(&server.guest(), &["@oauth2"]);
    assert_eq!(subscribed.status, 204, "{}", text(&subscribed));
    stream
}

fn landed(response: &Response) -> (u16, String) {
    (
        response.status,
        response.header("location").unwrap_or_default(),
    )
}

#[test]
fn a_redirect_reaches_the_window_that_waits_once() {
    let server = Server::start();
    let guest = server.guest();
    let mut stream = waiting(&server);
    let path = format!("/api/oauth2-redirect?state={}&code=a%26b", stream.client_id);
    let success = (307, "../_/#/auth/oauth2-redirect-success".to_owned());
    let failure = (307, "../_/#/auth/oauth2-redirect-failure".to_owned());
    assert_eq!(landed(&guest.get(&path)), success);
    let event = stream.next().unwrap();
    assert_eq!(event.name, "@oauth2");
    assert_eq!(
        event.json(),
        json!({"state": stream.client_id, "code": "a&b"})
    );
    assert_eq!(landed(&guest.get(&path)), failure, "only once");

    let subscribed = stream.subscribe(&guest, &["@oauth2", "other"]);
    assert_eq!(subscribed.status, 204);
    let denied = format!(
        "/api/oauth2-redirect?state={}&error=denied",
        stream.client_id
    );
    assert_eq!(landed(&guest.get(&denied)), failure);
    let event = stream.next().unwrap();
    assert_eq!(
        event.json(),
        json!({"state": stream.client_id, "code": "", "error": "denied"})
    );
    let other = Stream::open(server.address());
    let path = format!("/api/oauth2-redirect?state={}&code=x", other.client_id);
    assert_eq!(landed(&guest.get(&path)), failure, "not subscribed");
}

#[test]
fn a_redirect_from_another_address_reaches_nobody() {
    let server = Server::start();
    let proxied = json!({"trustedProxy": {"headers": ["X-Forwarded-For"]}});
    accepted(&server.superuser().patch("/api/settings", &proxied));
    let stream = waiting(&server);
    let path = format!("/api/oauth2-redirect?state={}&code=x", stream.client_id);
    let from = |ip: &str| {
        let headers = [("X-Forwarded-For", ip)];
        landed(&server.guest().send("GET", &path, &headers, None)).1
    };
    assert_eq!(from("203.0.113.7"), "../_/#/auth/oauth2-redirect-failure");
    assert_eq!(
        landed(&server.guest().get(&path)).1,
        "../_/#/auth/oauth2-redirect-success"
    );
}

/// Apple posts its redirect, and says the user's name there and nowhere else.
#[test]
fn a_posted_name_is_kept_for_the_sign_in_that_follows() {
    let service = Provider::start();
    let extra = json!({"jwksURL": format!("{}/keys", service.url())});
    let server = server_with(&service, &["apple"], &json!({"extra": extra}));
    let stream = waiting(&server);
    let apple = json!({"iss": "https://appleid.apple.com"});
    let code = signed(&apple, &json!({}));
    let user = json!({"name": {"firstName": "Ada", "lastName": "Lovelace"}, "email": "x"});
    let form: String = form_urlencoded::Serializer::new(String::new())
        .append_pair("state", &stream.client_id)
        .append_pair("code", &code.to_string())
        .append_pair("user", &user.to_string())
        .finish();
    let headers = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = server.guest().send(
        "POST",
        "/api/oauth2-redirect",
        &headers,
        Some(form.into_bytes()),
    );
    assert_eq!(
        landed(&answer),
        (303, "../_/#/auth/oauth2-redirect-success".to_owned())
    );
    let first = accepted(&sign_in(&server.guest(), "apple", &code));
    assert_eq!(first["meta"]["name"], "Ada Lovelace");
    assert_eq!(first["record"]["name"], "Ada Lovelace");
    let second = accepted(&sign_in(&server.guest(), "apple", &code));
    assert_eq!(second["meta"]["name"], "", "it is told once");
}
