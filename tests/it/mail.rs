//! Mail as it reaches a mail server.

use serde_json::{Value as Json, json};

use crate::support::smtp::{Security, Smtp, certificate};
use crate::support::{Caller, Server, accepted, outcome, until};

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

fn pair(name: &str, password: &str) -> (String, String) {
    (name.to_owned(), password.to_owned())
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
    assert_eq!(sink.accounts(), [pair("me", "pw"), pair("me", "pw")]);
}

#[test]
fn old_mail_servers_are_greeted_in_the_old_way() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({"localName": "mail.example.org"}));
    sink.be_old();
    assert_eq!(test_mail(&admin, "otp"), "204 ", "{}", sink.dialogue());
    assert_eq!(sink.count("ann@example.com"), 1);
    let dialogue = sink.dialogue();
    let greeting = "C EHLO mail.example.org\nS 500 what?";
    assert!(dialogue.contains(greeting), "{dialogue}");
    let greeting = "C HELO mail.example.org\nS 250 sink";
    assert!(dialogue.contains(greeting), "{dialogue}");
    // What it does not offer is missed, and no password is sent in clear.
    sink.serves(&admin, &json!({"username": "me", "password": "pw"}));
    let refused = test_mail(&admin, "otp");
    assert!(refused.starts_with("400 "), "{refused}");
    assert!(!sink.dialogue().contains("AUTH"), "{}", sink.dialogue());
}

/// What happens to the mails of an account on a server that encrypts, in both ways of signing in.
fn check_encrypted(security: Security) {
    let server = Server::start_trusting(&certificate("authority.pem"));
    let sink = Smtp::start_with(security);
    let admin = server.superuser();
    for (n, method) in ["PLAIN", "LOGIN"].into_iter().enumerate() {
        let smtp = json!({
            "host": "localhost", "tls": security == Security::Implicit,
            "username": "me", "password": format!("pw-{n}"), "authMethod": method,
        });
        sink.serves(&admin, &smtp);
        assert_eq!(test_mail(&admin, "otp"), "204 ", "{}", sink.dialogue());
        let mail = sink.nth("ann@example.com", n + 1);
        assert!(mail.is_encrypted, "{}", sink.dialogue());
        assert_eq!(sink.accounts()[n], pair("me", &format!("pw-{n}")));
        let greeting = format!("C AUTH {method}");
        assert!(sink.dialogue().contains(&greeting), "{}", sink.dialogue());
    }
    // The certificate is for another name.
    sink.serves(&admin, &json!({"host": "127.0.0.1"}));
    let refused = test_mail(&admin, "otp");
    assert!(refused.starts_with("400 "), "{refused}");
    assert_eq!(sink.accounts().len(), 2, "{}", sink.dialogue());
}

#[test]
fn a_connection_is_encrypted_from_the_start() {
    check_encrypted(Security::Implicit);
}

#[test]
fn a_connection_is_encrypted_when_that_is_offered() {
    check_encrypted(Security::Offered);
}

#[test]
fn a_certificate_nobody_vouches_for_gets_no_password() {
    let server = Server::start();
    let admin = server.superuser();
    for security in [Security::Implicit, Security::Offered] {
        let sink = Smtp::start_with(security);
        let smtp = json!({
            "host": "localhost", "tls": security == Security::Implicit,
            "username": "me", "password": "pw",
        });
        sink.serves(&admin, &smtp);
        let refused = test_mail(&admin, "otp");
        assert!(refused.starts_with("400 "), "{refused}");
        assert!(sink.accounts().is_empty(), "{}", sink.dialogue());
        assert_eq!(sink.count("ann@example.com"), 0);
    }
}

/// Four flows that send mail, to a server that does not answer: the requests are answered all the same.
#[test]
fn no_request_waits_for_the_mail_server() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    accepted(&admin.patch("/api/collections/users", &json!({"otp": {"enabled": true}})));
    let ann = server.user("ann");
    sink.hold();
    let call = |name: &str, form: &Json| ann.post(&format!("/api/collections/users/{name}"), form);
    let email = json!({"email": "ann@example.com"});
    for (name, form) in [
        ("request-verification", &email),
        ("request-password-reset", &email),
        (
            "request-email-change",
            &json!({"newEmail": "new@example.com"}),
        ),
        ("request-otp", &email),
    ] {
        let status = call(name, form).status;
        assert!([200, 204].contains(&status), "{name}: {status}");
    }
    assert_eq!(sink.count("ann@example.com"), 0);
    sink.release();
    sink.nth("ann@example.com", 3);
    sink.nth("new@example.com", 1);
}

/// Hashing takes a second here; what is stored afterwards is not there yet when the answer is.
#[test]
fn asking_for_a_one_time_password_waits_for_no_hash() {
    const COST: u32 = 15;
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    accepted(&admin.patch("/api/collections/users", &json!({"otp": {"enabled": true}})));
    let mut fields = accepted(&admin.get("/api/collections/_otps"))["fields"].take();
    for field in fields.as_array_mut().unwrap() {
        if field["name"] == "password" {
            field["cost"] = COST.into();
        }
    }
    accepted(&admin.patch("/api/collections/_otps", &json!({ "fields": fields })));
    drop(server.user("ann"));
    let form = json!({"email": "ann@example.com"});
    let path = "/api/collections/users/request-otp";
    accepted(&server.guest().post(path, &form));
    assert!(admin.items("_otps", "").is_empty());
    sink.nth("ann@example.com", 1);
    assert_eq!(admin.items("_otps", "").len(), 1);
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

#[test]
fn a_server_that_hangs_up_is_asked_again() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    drop(server.user("ann"));
    sink.hang_up(1);
    sink.refuse(&["421 busy"]);
    let form = json!({"email": "ann@example.com"});
    let asked = server
        .guest()
        .post("/api/collections/users/request-verification", &form);
    assert_eq!(asked.status, 204);
    sink.nth("ann@example.com", 1);
    assert!(sink.dialogue().contains("421 busy"), "{}", sink.dialogue());
}

#[test]
fn a_refusal_is_told_whatever_the_server_does_next() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    sink.say_no_goodbye();
    sink.refuse(&["550 nobody here"]);
    let refused = test_mail(&admin, "otp");
    assert!(refused.contains("nobody here"), "{refused}");
}

#[test]
fn a_mail_that_was_taken_is_not_sent_again() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    sink.say_no_goodbye();
    assert_eq!(test_mail(&admin, "otp"), "204 ");
    drop(server.user("bob"));
    let form = json!({"email": "bob@example.com"});
    let asked = server
        .guest()
        .post("/api/collections/users/request-verification", &form);
    assert_eq!(asked.status, 204);
    sink.nth("bob@example.com", 1);
    // A server that stops gives the mails that are to be sent again a while.
    server.signal("TERM");
    assert!(server.wait().success());
    assert_eq!(sink.count("ann@example.com"), 1);
    assert_eq!(sink.count("bob@example.com"), 1);
}

/// What the server says of its mails in its log.
fn complaints(admin: &Caller<'_>, about: &str) -> usize {
    let filter: String = form_urlencoded::byte_serialize(about.as_bytes()).collect();
    let page = admin.get(&format!("/api/logs?filter=(message~'{filter}')"));
    let total = accepted(&page)["totalItems"].as_u64();
    usize::try_from(total.unwrap_or_default()).unwrap()
}

#[test]
fn an_address_the_mail_server_cannot_write_is_given_up_at_once() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    let ann = server.user("ann");
    let path = "/api/collections/users/request-email-change";
    let form = json!({"newEmail": "\u{e4}nn@example.com"});
    // A mail given up does not count, so another request is tried as well.
    until("two mails are given up", || {
        assert_eq!(outcome(&ann.post(path, &form)), "204 ");
        complaints(&admin, "a mail could not be sent") >= 2
    });
    assert_eq!(complaints(&admin, "it is tried again"), 0);
}

#[test]
fn one_user_has_a_few_mails_sent_to_others() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    let (ann, bob) = (server.user("ann"), server.user("bob"));
    let request = |caller: &Caller<'_>, n: usize| {
        let form = json!({"newEmail": format!("new{n}@example.com")});
        outcome(&caller.post("/api/collections/users/request-email-change", &form))
    };
    for n in 0..10 {
        assert_eq!(request(&ann, n), "204 ");
    }
    assert_eq!(request(&ann, 10), "429 Too Many Requests.");
    // What was sent a moment ago is still no error.
    assert_eq!(request(&ann, 0), "204 ");
    assert_eq!(request(&bob, 10), "204 ");
    sink.nth("new10@example.com", 1);
    for n in 0..10 {
        sink.nth(&format!("new{n}@example.com"), 1);
    }
}

#[test]
fn addresses_are_written_as_every_mail_server_takes_them() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    for (email, to) in [
        ("joe@ex\u{e4}mple.com", "joe@xn--exmple-cua.com"),
        ("dot@example.com.", "dot@example.com"),
    ] {
        let account =
            json!({"email": email, "password": "1234567890", "passwordConfirm": "1234567890"});
        admin.make("users", &account);
        let form = json!({ "email": email });
        let path = "/api/collections/users/request-verification";
        assert_eq!(outcome(&server.guest().post(path, &form)), "204 ");
        sink.nth(to, 1);
    }
}

#[test]
fn a_test_mail_shows_which_fields_it_is_about() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    let names = [
        "id", "email", "nick", "sel", "file", "json", "num", "flag", "day", "many",
    ];
    let body: Vec<String> = names.map(|name| format!("{{RECORD:{name}}}")).into();
    admin.make_collection(&json!({
        "name": "samples", "type": "auth",
        "verificationTemplate": {"subject": "s", "body": format!("<p>{}|{{TOKEN}}</p>", body.join("|"))},
        "fields": [
            {"name": "nick", "type": "text"}, {"name": "json", "type": "json"},
            {"name": "num", "type": "number"}, {"name": "flag", "type": "bool"},
            {"name": "day", "type": "date"}, {"name": "file", "type": "file"},
            {"name": "sel", "type": "select", "values": ["a", "b"]},
            {"name": "many", "type": "select", "values": ["a", "b"], "maxSelect": 2},
        ],
    }));
    let form =
        json!({"template": "verification", "email": "ann@example.com", "collection": "samples"});
    assert_eq!(
        outcome(&admin.post("/api/settings/test/email", &form)),
        "204 "
    );
    let mail = sink.nth("ann@example.com", 1);
    let shown = mail.between("<p>", "|ey");
    assert_eq!(
        shown,
        "__pb_test_id__|ann@example.com|__pb_test_nick__|__pb_test_sel__|__pb_test_file__|\
         &#34;__pb_test_json__&#34;|0|false||"
    );
}
