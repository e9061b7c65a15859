//! What mails to the holders of accounts allow: verifying, choosing a password, changing the address. Each token works
//! once, for its own purpose, in its own collection.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

use crate::support::smtp::Smtp;
use crate::support::{Caller, Server, accepted, json, outcome, record, records, together};

const PASSWORD: &str = "1234567890";

fn flow(caller: &Caller<'_>, name: &str, form: &Json) -> String {
    outcome(&caller.post(&format!("/api/collections/users/{name}"), form))
}

fn issue(caller: &Caller<'_>, name: &str, form: &Json, member: &str) -> String {
    let answer = caller.post(&format!("/api/collections/users/{name}"), form);
    let code = json(&answer)["data"][member]["code"].clone();
    code.as_str().unwrap_or_default().to_owned()
}

fn sign_in(caller: &Caller<'_>, identity: &str, password: &str) -> u16 {
    let form = json!({"identity": identity, "password": password});
    caller
        .post("/api/collections/users/auth-with-password", &form)
        .status
}

fn is_verified(admin: &Caller<'_>, email: &str) -> bool {
    admin.items("users", &format!("filter=(email='{email}')"))[0]["verified"] == true
}

#[test]
fn an_address_is_verified_by_mail() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    let ann = server.user("ann");
    let guest = server.guest();
    let email = json!({"email": "ann@example.com"});
    assert_eq!(flow(&guest, "request-verification", &email), "204 ");
    let token = sink.nth("ann@example.com", 1).token();
    // A second request within two minutes and one for a stranger look the same and send nothing.
    assert_eq!(flow(&guest, "request-verification", &email), "204 ");
    let stranger = json!({"email": "nobody@example.com"});
    assert_eq!(flow(&guest, "request-verification", &stranger), "204 ");
    assert!(!is_verified(&admin, "ann@example.com"));
    let form = json!({ "token": token });
    assert_eq!(flow(&guest, "confirm-verification", &form), "204 ");
    assert!(is_verified(&admin, "ann@example.com"));
    // Nothing is left to do for it, and the session goes on.
    assert_eq!(flow(&guest, "confirm-verification", &form), "204 ");
    accepted(&ann.post("/api/collections/users/auth-refresh", &json!({})));
    assert_eq!(flow(&guest, "request-verification", &email), "204 ");
    assert_eq!(flow(&guest, "request-password-reset", &email), "204 ");
    sink.nth("ann@example.com", 2);
    assert_eq!(sink.count("ann@example.com"), 2);
    assert_eq!(sink.count("nobody@example.com"), 0);
}

#[test]
fn a_password_is_reset_once() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    let ann = server.user("ann");
    let guest = server.guest();
    let email = json!({"email": "ann@example.com"});
    assert_eq!(flow(&guest, "request-password-reset", &email), "204 ");
    let token = sink.nth("ann@example.com", 1).token();
    let form =
        |password: &str| json!({"token": token, "password": password, "passwordConfirm": password});
    let answers = together(8, |i| {
        flow(
            &guest,
            "confirm-password-reset",
            &form(&format!("new-password-{i}")),
        )
    });
    let winners: Vec<usize> = (0..8).filter(|i| answers[*i] == "204 ").collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    assert_eq!(sign_in(&guest, "ann@example.com", PASSWORD), 400);
    let new = format!("new-password-{}", winners[0]);
    assert_eq!(sign_in(&guest, "ann@example.com", &new), 200);
    assert!(is_verified(&admin, "ann@example.com"), "the mail arrived");
    let refused = ann.post("/api/collections/users/auth-refresh", &json!({}));
    assert_eq!(refused.status, 401, "sessions end with the old password");
    assert_eq!(
        issue(
            &guest,
            "confirm-password-reset",
            &form("another-one"),
            "token"
        ),
        "validation_invalid_token"
    );
}

#[test]
fn an_address_is_changed_once() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    let ann = server.user("ann");
    let guest = server.guest();
    let request = |email: &str| flow(&ann, "request-email-change", &json!({ "newEmail": email }));
    assert_eq!(request("one@example.com"), "204 ");
    assert_eq!(request("two@example.com"), "204 ");
    // For the time being nobody there gets another one.
    assert_eq!(request("one@example.com"), "204 ");
    assert_eq!(request("three@example.com"), "204 ");
    // Mails go out side by side, in any order.
    sink.nth("three@example.com", 1);
    let tokens = ["one@example.com", "two@example.com"].map(|to| sink.nth(to, 1).token());
    assert_eq!(sink.count("one@example.com"), 1);
    let wrong = json!({"token": tokens[0], "password": "wrong-password"});
    assert_eq!(
        issue(&guest, "confirm-email-change", &wrong, "password"),
        "validation_invalid_password"
    );
    let answers = together(8, |i| {
        let form = json!({"token": tokens[i % 2], "password": PASSWORD});
        flow(&guest, "confirm-email-change", &form)
    });
    let winners = answers.iter().filter(|answer| *answer == "204 ").count();
    assert_eq!(winners, 1, "{answers:?}");
    assert_eq!(sign_in(&guest, "ann@example.com", PASSWORD), 400);
    let new = ["one@example.com", "two@example.com"].map(|to| sign_in(&guest, to, PASSWORD));
    assert!(new == [200, 400] || new == [400, 200], "{new:?}");
}

#[test]
fn tokens_serve_their_own_purpose_only() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    let twin = json!({"name": "twins", "type": "auth"});
    admin.make_collection(&twin);
    let ann = server.user("ann");
    let guest = server.guest();
    let email = json!({"email": "ann@example.com"});
    assert_eq!(flow(&guest, "request-password-reset", &email), "204 ");
    let token = sink.nth("ann@example.com", 1).token();
    let reset = |token: &str| {
        let form =
            json!({"token": token, "password": "new-password", "passwordConfirm": "new-password"});
        issue(&guest, "confirm-password-reset", &form, "token")
    };
    let verify = |token: &str| {
        issue(
            &guest,
            "confirm-verification",
            &json!({ "token": token }),
            "token",
        )
    };
    assert_eq!(verify(&token), "validation_invalid_token");
    assert_eq!(reset(ann.token()), "validation_invalid_token");
    assert_eq!(verify(ann.token()), "validation_invalid_token_claims");
    // As an auth token it makes nobody.
    let as_auth = Caller::at(server.address(), Some(token.clone()));
    let refresh = as_auth.post("/api/collections/users/auth-refresh", &json!({}));
    assert_eq!(refresh.status, 401);
    // No signature, another algorithm, other claims: all are refused.
    for forged in forgeries(&token) {
        assert_eq!(reset(&forged), "validation_invalid_token", "{forged}");
    }
    let form =
        json!({"token": token, "password": "new-password", "passwordConfirm": "new-password"});
    let foreign = guest.post("/api/collections/twins/confirm-password-reset", &form);
    assert_eq!(
        json(&foreign)["data"]["token"]["code"],
        "validation_token_collection_mismatch"
    );
    assert_eq!(sign_in(&guest, "ann@example.com", PASSWORD), 200);
    assert_eq!(flow(&guest, "confirm-password-reset", &form), "204 ");
}

/// Tokens made of a good one without its key.
fn forgeries(token: &str) -> Vec<String> {
    let parts: Vec<&str> = token.split('.').collect();
    let encode = |value: &Json| URL_SAFE_NO_PAD.encode(value.to_string());
    let claims = URL_SAFE_NO_PAD.decode(parts[1]).unwrap();
    let claims: Json = serde_json::from_slice(&claims).unwrap();
    let with = |name: &str, value: Json| {
        let mut claims = claims.clone();
        claims[name] = value;
        encode(&claims)
    };
    let mut endless = claims.clone();
    endless.as_object_mut().unwrap().remove("exp");
    let none = encode(&json!({"alg": "none", "typ": "JWT"}));
    let asymmetric = encode(&json!({"alg": "RS256", "typ": "JWT"}));
    let (head, body, signature) = (parts[0], parts[1], parts[2]);
    vec![
        format!("{none}.{body}."),
        format!("{none}.{body}.{signature}"),
        format!("{asymmetric}.{body}.{signature}"),
        format!("{head}.{body}."),
        format!(
            "{head}.{}.{signature}",
            with("exp", json!(4_000_000_000_u64))
        ),
        format!(
            "{head}.{}.{signature}",
            with("email", json!("eve@example.com"))
        ),
        format!("{head}.{}.{signature}", encode(&endless)),
        format!(
            "{head}.{body}.{}",
            signature.chars().rev().collect::<String>()
        ),
    ]
}

#[test]
fn a_mail_that_the_server_puts_off_arrives_later() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    drop(server.user("ann"));
    sink.refuse(&["451 later"]);
    let email = json!({"email": "ann@example.com"});
    assert_eq!(
        flow(&server.guest(), "request-verification", &email),
        "204 "
    );
    sink.nth("ann@example.com", 1);
    assert!(sink.dialogue().contains("451 later"));
}

#[test]
fn templates_show_the_record_but_nothing_hidden() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    let body =
        "<p>{RECORD:name}|{RECORD:email}|{RECORD:tokenKey}|{RECORD:password}|{NOPE}|{TOKEN}|</p>";
    let template = json!({"verificationTemplate": {"subject": "For {RECORD:name}", "body": body}});
    accepted(&admin.patch("/api/collections/users", &template));
    admin.make(
        "users",
        &json!({"email": "ann@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD, "name": "<b>{TOKEN}\r\nBcc: x@y.zz"}),
    );
    let email = json!({"email": "ann@example.com"});
    assert_eq!(
        flow(&server.guest(), "request-verification", &email),
        "204 "
    );
    let mail = sink.nth("ann@example.com", 1);
    let shown = mail.between("<p>", "|ey");
    assert!(shown.starts_with("&lt;b&gt;{TOKEN}"), "{shown}");
    assert!(
        shown.ends_with("|ann@example.com|{RECORD:tokenKey}|{RECORD:password}|{NOPE}"),
        "{shown}"
    );
    assert!(!mail.head.contains("\nBcc:"), "{}", mail.head);
}

/// What a superuser does to the record with an id.
/// Else whoever was let act for somebody for a while could do so for good.
#[test]
fn a_token_for_acting_as_somebody_is_not_exchanged_for_a_session() {
    let server = Server::start();
    let admin = server.superuser();
    server.user("ann");
    let id = admin.items("users", "")[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/api/collections/users/impersonate/{id}");
    let given = accepted(&admin.post(&path, &json!({"duration": 100})));
    let token = given["token"].as_str().unwrap();
    let acting = Caller::at(server.address(), Some(token.to_owned()));
    let refreshed = accepted(&acting.post("/api/collections/users/auth-refresh", &json!({})));
    assert_eq!(refreshed["record"]["id"], id.as_str());
    assert_eq!(refreshed["token"], token);
}

/// Whoever linked the account before its address was proven may not have been its owner.
#[test]
fn proving_an_address_ends_links_and_sessions_from_before() {
    let server = Server::start();
    let admin = server.superuser();
    for (name, is_linked) in [("ann", true), ("bob", false)] {
        let user = server.user(name);
        let path = "/api/collections/users/auth-refresh";
        let own = accepted(&user.post(path, &json!({})))["record"].clone();
        let id = own["id"].as_str().unwrap();
        assert_eq!(own["verified"], false);
        if is_linked {
            admin.make("_externalAuths", &json!({
                "collectionRef": own["collectionId"], "recordRef": id, "provider": "google", "providerId": "1",
            }));
        }
        let proven = json!({"verified": true});
        accepted(&admin.patch(&format!("/api/collections/users/records/{id}"), &proven));
        assert!(admin.items("_externalAuths", "").is_empty());
        let status = user.post(path, &json!({})).status;
        assert_eq!(status, if is_linked { 401 } else { 200 }, "{name}");
    }
}

type Ending = fn(&Caller<'_>, &str);

/// Each of them ends a token that has just been used, and the very next request shows it.
#[test]
fn what_ends_a_token_ends_it_at_once() {
    let server = Server::start();
    let admin = server.superuser();
    let is_somebody = |caller: &Caller<'_>| {
        let seen = accepted(&caller.get("/api/collections/users/records"));
        seen["totalItems"] != 0
    };
    let endings: [(&str, Ending); 6] = [
        ("password", |admin, id| {
            let form = json!({"password": "another-one", "passwordConfirm": "another-one"});
            accepted(&admin.patch(&format!("/api/collections/users/records/{id}"), &form));
        }),
        ("address", |admin, id| {
            let form = json!({"email": format!("{id}@example.com")});
            accepted(&admin.patch(&format!("/api/collections/users/records/{id}"), &form));
        }),
        ("token key", |admin, id| {
            let form = json!({"tokenKey": "k".repeat(40)});
            accepted(&admin.patch(&format!("/api/collections/users/records/{id}"), &form));
        }),
        ("secret of the collection", |admin, _| {
            let form = json!({"authToken": {"secret": "s".repeat(40), "duration": 1000}});
            accepted(&admin.patch("/api/collections/users", &form));
        }),
        ("auth rule", |admin, _| {
            accepted(&admin.patch("/api/collections/users", &json!({"authRule": "id != ''"})));
        }),
        ("record", |admin, id| {
            admin.delete(&format!("/api/collections/users/records/{id}"));
        }),
    ];
    for (n, (what, end)) in endings.into_iter().enumerate() {
        let user = server.user(&format!("user{n}"));
        let path = "/api/collections/users/auth-refresh";
        let own = accepted(&user.post(path, &json!({})));
        let id = own["record"]["id"].as_str().unwrap();
        for _ in 0..3 {
            assert!(is_somebody(&user), "{what}");
        }
        end(&admin, id);
        assert!(!is_somebody(&user), "{what}");
        assert_eq!(user.post(path, &json!({})).status, 401, "{what}");
    }
}

/// One token and many callers while it ends: nobody is let in after somebody was told that it is over.
#[test]
fn a_token_ends_for_everybody_at_the_same_time() {
    let server = Server::start();
    let admin = server.superuser();
    let user = server.user("ann");
    let path = "/api/collections/users/auth-refresh";
    let own = accepted(&user.post(path, &json!({})));
    let id = own["record"]["id"].as_str().unwrap().to_owned();
    let answers = together(8, |n| {
        if n == 0 {
            let form = json!({"tokenKey": "k".repeat(40)});
            accepted(&admin.patch(&format!("/api/collections/users/records/{id}"), &form));
            return vec![user.post(path, &json!({})).status];
        }
        (0..40)
            .map(|_| user.post(path, &json!({})).status)
            .collect()
    });
    assert_eq!(answers[0], [401]);
    for seen in &answers[1..] {
        let ends = seen.iter().position(|status| *status == 401);
        let ends = ends.unwrap_or(seen.len());
        assert!(seen[..ends].iter().all(|status| *status == 200), "{seen:?}");
        assert!(seen[ends..].iter().all(|status| *status == 401), "{seen:?}");
    }
}

/// Whatever the rule makes of the lack of an account.
#[test]
fn guests_manage_no_accounts() {
    let server = Server::start();
    let superuser = server.superuser();
    let user = server.user("ann");
    let path = record(
        "users",
        superuser.items("users", "")[0]["id"].as_str().unwrap(),
    );
    let taken_over =
        json!({"password": "hacked1234", "passwordConfirm": "hacked1234", "verified": true});
    for rule in [
        "id != ''",
        "@request.auth.id = ''",
        "name = @request.auth.name",
    ] {
        let rules = json!({"manageRule": rule, "createRule": "", "updateRule": ""});
        accepted(&superuser.patch("/api/collections/users", &rules));
        let refused = server.guest().patch(&path, &taken_over);
        assert_eq!(outcome(&refused), "400 Failed to update record.", "{rule}");
        let mut new = taken_over.clone();
        new["email"] = json!("new@example.com");
        let refused = server.guest().post(&records("users"), &new);
        assert_eq!(outcome(&refused), "400 Failed to create record.", "{rule}");
    }
    let rules = json!({"manageRule": "name = @request.auth.name"});
    accepted(&superuser.patch("/api/collections/users", &rules));
    accepted(&user.patch(&path, &taken_over));
}

#[test]
fn an_auth_rule_that_lets_nobody_in_any_more_ends_sessions() {
    let server = Server::start();
    let (admin, ann) = (server.superuser(), server.user("ann"));
    accepted(&ann.post("/api/files/token", &json!({})));
    let rule = json!({"authRule": null});
    accepted(&admin.patch("/api/collections/users", &rule));
    assert_eq!(ann.post("/api/files/token", &json!({})).status, 401);
}

#[test]
fn a_link_that_was_used_does_not_hold_up_the_next() {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    let ann = "ann@example.com";
    let form = json!({"id": "ann000000000001", "email": ann, "password": PASSWORD, "passwordConfirm": PASSWORD});
    admin.make("users", &form);
    let guest = server.guest();
    let email = json!({ "email": ann });
    for round in [0, 2] {
        assert_eq!(flow(&guest, "request-verification", &email), "204 ");
        let form = json!({"token": sink.nth(ann, round + 1).token()});
        assert_eq!(flow(&guest, "confirm-verification", &form), "204 ");
        assert_eq!(flow(&guest, "request-password-reset", &email), "204 ");
        let form = json!({
            "token": sink.nth(ann, round + 2).token(), "password": "abcdefghi", "passwordConfirm": "abcdefghi",
        });
        assert_eq!(flow(&guest, "confirm-password-reset", &form), "204 ");
        accepted(&admin.patch(
            &record("users", "ann000000000001"),
            &json!({"verified": false}),
        ));
    }
}
