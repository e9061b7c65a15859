//! Recipes that talk to others: by requests and by mail.

use serde_json::{Value as Json, json};

use super::{id, with_recipe};
use crate::hooks::{open, with_scripts};
use crate::support::{accepted, outcome};

#[test]
fn webhook() {
    let server = with_recipe("webhook");
    open(&server.superuser(), "orders", &["paid:bool"]);
    let guest = server.guest();
    let order = guest.make("orders", &json!({}));
    let payload = json!({"type": "payment.succeeded", "order": id(&order)}).to_string();
    let now = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let send = |time: u64, signature: &str| {
        let line = format!("t={time},v1={signature}");
        let headers = [
            ("Content-Type", "application/json"),
            ("Payment-Signature", line.as_str()),
        ];
        guest.send(
            "POST",
            "/api/app/payments",
            &headers,
            Some(payload.clone().into_bytes()),
        )
    };
    assert_eq!(outcome(&send(now, "0")), "400 The signature is wrong.");
    assert_eq!(guest.look("orders", id(&order))["paid"], false);
    let sign = |time: u64| {
        use hmac::{Hmac, KeyInit as _, Mac as _};
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"whsec_test").unwrap();
        mac.update(format!("{time}.{payload}").as_bytes());
        let bytes = mac.finalize().into_bytes();
        bytes
            .iter()
            .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    };
    assert_eq!(
        outcome(&send(now - 1000, &sign(now - 1000))),
        "400 The message is too old."
    );
    assert_eq!(accepted(&send(now, &sign(now))), json!({"received": true}));
    assert_eq!(guest.look("orders", id(&order))["paid"], true);
}

#[test]
fn invitation() {
    let server = with_recipe("invitation");
    let superuser = server.superuser();
    open(&superuser, "members", &["email", "team"]);
    let invited =
        accepted(&superuser.post("/api/app/invite", &json!({"email": "a@b.c", "team": "x"})));
    let accept = |token: &Json| {
        server
            .guest()
            .post("/api/app/accept", &json!({ "token": token }))
    };
    assert_eq!(accepted(&accept(&invited["token"]))["team"], "x");
    assert_eq!(
        outcome(&accept(&json!("x.y.z"))),
        "400 The token is invalid or expired."
    );
    assert_eq!(superuser.items("members", "").len(), 1);
}

#[test]
fn mail_on_create() {
    let server = with_recipe("mail_on_create");
    let superuser = server.superuser();
    let sink = crate::support::smtp::Smtp::start();
    sink.serves(&superuser, &json!({}));
    open(&superuser, "messages", &["name", "email:text", "body"]);
    let data = json!({"name": "Ann", "email": "ann@example.com", "body": "<b>hi</b>"});
    server.guest().make("messages", &data);
    let mail = sink.nth("ann@example.com", 1);
    assert!(mail.body.contains("&lt;b&gt;hi&lt;/b&gt;"), "{}", mail.body);
    assert!(mail.head.contains("Subject: Your message"), "{}", mail.head);
}

#[test]
fn retry() {
    let target = with_scripts(&[(
        "a.rhai",
        r#"
        route("POST", "/api/app/orders", |e| {
            if app.store().incr("n", 1) < 3 { throw api_error(503, "Later.", #{}); }
            #{ ticket: `for ${e.body().title}` }
        });
        "#,
    )]);
    let server = with_recipe("retry");
    let superuser = server.superuser();
    open(&superuser, "targets", &["name", "url"]);
    open(&superuser, "told_orders", &["title", "ticket"]);
    let url = format!("http://{}/api/app/orders", target.address());
    superuser.make("targets", &json!({"name": "orders", "url": url}));
    let order = server.guest().make("told_orders", &json!({"title": "tea"}));
    assert_eq!(
        server.guest().look("told_orders", id(&order))["ticket"],
        "for tea"
    );
}
