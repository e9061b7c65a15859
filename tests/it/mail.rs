//! Mail as it reaches a mail server.

use serde_json::json;

use crate::support::smtp::Smtp;
use crate::support::{Caller, Server, outcome};

fn test_mail(admin: &Caller<'_>, template: &str) -> String {
    let form = json!({"template": template, "email": "ann@example.com", "collection": "users"});
    outcome(&admin.post("/api/settings/test/email", &form))
}

#[test]
fn each_template_arrives_as_text_and_html() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    let templates = [
        ("verification", "/_/#/auth/confirm-verification/"),
        ("password-reset", "/_/#/auth/confirm-password-reset/"),
        ("email-change", "/_/#/auth/confirm-email-change/"),
        ("otp", "<strong>123456</strong>"),
        ("login-alert", "Z - 192.0.2.1"),
    ];
    for (n, (template, part)) in templates.into_iter().enumerate() {
        assert_eq!(test_mail(&admin, template), "204 ");
        let mail = sink.nth("ann@example.com", n + 1);
        assert!(mail.body.contains(part), "{}", mail.body);
        for header in [
            "From: Support <support@example.com>",
            "Message-ID: <",
            "Date: ",
        ] {
            assert!(mail.head.contains(header), "{}", mail.head);
        }
        assert!(
            mail.body.contains("Content-Type: text/plain"),
            "{}",
            mail.body
        );
        assert!(
            mail.body.contains("Content-Type: text/html"),
            "{}",
            mail.body
        );
        assert!(!mail.body.contains("{APP_NAME}"), "{}", mail.body);
    }
}

#[test]
fn what_the_mail_server_says_is_shown_to_the_superuser() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    sink.refuse(&["550 nobody here"]);
    let refused = test_mail(&admin, "otp");
    assert!(
        refused.starts_with("400 Failed to send the test email. Raw error: \n"),
        "{refused}"
    );
    assert!(refused.contains("nobody here"), "{refused}");
}

#[test]
fn the_server_is_greeted_and_signed_in_to_as_configured() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    let account = json!({"username": "me", "password": "pw", "localName": "mail.example.org"});
    sink.serves(&admin, &account);
    assert_eq!(test_mail(&admin, "otp"), "204 ");
    let dialogue = sink.dialogue();
    for line in ["C EHLO mail.example.org", "C AUTH PLAIN AG1lAHB3"] {
        assert!(dialogue.contains(line), "{dialogue}");
    }
    sink.serves(&admin, &json!({"authMethod": "LOGIN"}));
    assert_eq!(test_mail(&admin, "otp"), "204 ");
    assert!(
        sink.dialogue().contains("C AUTH LOGIN"),
        "{}",
        sink.dialogue()
    );
}

#[test]
fn a_password_does_not_leave_the_machine_in_the_clear() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    // A name of this machine that does not say so.
    let host = json!({"host": "127.0.0.1.", "username": "me", "password": "pw"});
    sink.serves(&admin, &host);
    let refused = test_mail(&admin, "otp");
    assert!(refused.starts_with("400 "), "{refused}");
    assert!(
        !sink.dialogue().contains("AUTH PLAIN A"),
        "{}",
        sink.dialogue()
    );
}
