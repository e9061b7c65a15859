//! One-time passwords, second factors, mails about new places, and what guessing costs.

use serde_json::{Value as Json, json};

use crate::support::smtp::Smtp;
use crate::support::{Caller, Server, accepted, json, outcome, run_in, text, together, until};

const PASSWORD: &str = "1234567890";

/// A server whose mail arrives, with a collection `codes` of some kind and its first account.
fn start(options: &Json) -> (Server, Smtp) {
    let (server, sink) = (Server::start(), Smtp::start());
    let admin = server.superuser();
    sink.serves(&admin, &json!({}));
    let mut collection = json!({
        "name": "codes", "type": "auth", "otp": {"enabled": true, "duration": 180, "length": 8},
    });
    let members = collection.as_object_mut().unwrap();
    members.extend(options.as_object().cloned().unwrap_or_default());
    admin.make_collection(&collection);
    add(&admin, "ann");
    drop(admin);
    (server, sink)
}

fn add(admin: &Caller<'_>, name: &str) -> String {
    let email = format!("{name}@example.com");
    let account = json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD});
    admin.make("codes", &account)["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn call(caller: &Caller<'_>, name: &str, form: &Json) -> crate::support::Response {
    caller.post(&format!("/api/collections/codes/{name}"), form)
}

fn request(caller: &Caller<'_>, email: &str) -> String {
    let answer = accepted(&call(caller, "request-otp", &json!({ "email": email })));
    answer["otpId"].as_str().unwrap().to_owned()
}

fn password_form(password: &str) -> Json {
    json!({"identity": "ann@example.com", "password": password})
}

#[test]
fn a_one_time_password_works_once_also_in_parallel() {
    let (server, sink) = start(&json!({}));
    let guest = server.guest();
    let id = request(&guest, "ann@example.com");
    let otp = sink.nth("ann@example.com", 1).otp().unwrap();
    assert_eq!(otp.len(), 8);
    let form = json!({"otpId": id, "password": otp});
    // Five tries are what one address has.
    let answers = together(5, |_| call(&guest, "auth-with-otp", &form).status);
    assert_eq!(
        answers.iter().filter(|status| **status == 200).count(),
        1,
        "{answers:?}"
    );
    let record = &server.superuser().items("codes", "")[0];
    assert_eq!(record["verified"], true);
    // A password somebody else may have set for this address is void.
    assert_eq!(
        call(&guest, "auth-with-password", &password_form(PASSWORD)).status,
        400
    );
}

#[test]
fn strangers_get_an_answer_like_everyone() {
    let (server, sink) = start(&json!({}));
    let guest = server.guest();
    let (known, unknown) = (
        request(&guest, "ann@example.com"),
        request(&guest, "nobody@example.com"),
    );
    assert_eq!(known.len(), unknown.len());
    sink.nth("ann@example.com", 1);
    let form = json!({"otpId": unknown, "password": "12345678"});
    assert_eq!(
        outcome(&call(&guest, "auth-with-otp", &form)),
        "400 Invalid or expired OTP."
    );
}

#[test]
fn an_account_has_a_bounded_number_of_one_time_passwords() {
    let (server, sink) = start(&json!({}));
    let guest = server.guest();
    let ids = together(24, |_| request(&guest, "ann@example.com"));
    assert_eq!(ids.len(), 24);
    sink.nth("ann@example.com", 10);
    let admin = server.superuser();
    assert_eq!(admin.items("_otps", "").len(), 10);
    let latest = request(&guest, "ann@example.com");
    assert!(
        admin
            .items("_otps", "")
            .iter()
            .any(|otp| otp["id"] == latest.as_str())
    );
    assert_eq!(sink.count("ann@example.com"), 10);
}

#[test]
fn a_one_time_password_that_cannot_be_sent_is_taken_back() {
    let (server, sink) = start(&json!({}));
    let guest = server.guest();
    sink.refuse(&["550 no"]);
    let lost = request(&guest, "ann@example.com");
    until("it is refused", || sink.dialogue().contains("550 no"));
    // Deleting it follows the refusal; the next request shows that the queue goes on.
    let id = request(&guest, "ann@example.com");
    sink.nth("ann@example.com", 1);
    let admin = server.superuser();
    let path = format!("/api/collections/_otps/records/{lost}");
    until("it is gone", || admin.get(&path).status == 404);
    assert_eq!(admin.items("_otps", "").len(), 1);
    drop(id);
}

#[test]
fn two_factors_are_two_methods_and_one_session() {
    let (server, sink) = start(&json!({"mfa": {"enabled": true, "duration": 600, "rule": ""}}));
    let guest = server.guest();
    let first = call(&guest, "auth-with-password", &password_form(PASSWORD));
    assert_eq!(first.status, 401, "{}", text(&first));
    let mfa = json(&first)["mfaId"].as_str().unwrap().to_owned();
    // The same method again is no second factor.
    let mut again = password_form(PASSWORD);
    again["mfaId"] = mfa.as_str().into();
    assert_eq!(
        outcome(&call(&guest, "auth-with-password", &again)),
        "400 A different authentication method is required."
    );
    // Several one-time passwords at once for one session: it is used up by one of them.
    let codes: Vec<(String, String)> = (1..=4)
        .map(|n| {
            let id = request(&guest, "ann@example.com");
            (id, sink.nth("ann@example.com", n).otp().unwrap())
        })
        .collect();
    let answers = together(4, |i| {
        let (id, otp) = &codes[i];
        let form = json!({"otpId": id, "password": otp, "mfaId": mfa});
        call(&guest, "auth-with-otp", &form).status
    });
    assert_eq!(
        answers.iter().filter(|status| **status == 200).count(),
        1,
        "{answers:?}"
    );
    assert!(server.superuser().items("_mfas", "").is_empty());
}

/// Makes it look as if everything in a table had been made so many minutes earlier.
fn age(root: &Caller<'_>, table: &str, minutes: u32) {
    let query = format!(
        "UPDATE {table} SET created = strftime('%Y-%m-%d %H:%M:%fZ', created, '-{minutes} minutes')"
    );
    accepted(&root.post("/api/sql", &json!({ "query": query })));
}

#[test]
fn codes_and_sessions_end_with_their_time() {
    let (server, sink) = start(&json!({"mfa": {"enabled": true, "duration": 600, "rule": ""}}));
    let (guest, root) = (server.guest(), server.superuser());
    let session = || {
        let first = call(&guest, "auth-with-password", &password_form(PASSWORD));
        json(&first)["mfaId"].as_str().unwrap().to_owned()
    };
    let code = |n| {
        let id = request(&guest, "ann@example.com");
        (id, sink.nth("ann@example.com", n).otp().unwrap())
    };
    let finish = |mfa: &str, (id, otp): &(String, String)| {
        let form = json!({"otpId": id, "password": otp, "mfaId": mfa});
        outcome(&call(&guest, "auth-with-otp", &form))
    };
    let (early, late) = (code(1), session());
    age(&root, "_otps", 2);
    age(&root, "_mfas", 9);
    assert!(
        finish(&late, &early).starts_with("200"),
        "both are in force"
    );

    let (ended, live) = (code(2), session());
    age(&root, "_otps", 3);
    assert_eq!(finish(&live, &ended), "400 Invalid or expired OTP.");
    let code = code(3);
    age(&root, "_mfas", 10);
    assert_eq!(finish(&live, &code), "400 Invalid or expired MFA session.");
    assert!(root.items("_mfas", "").is_empty());
}

#[test]
fn a_session_is_of_one_account_alone() {
    let (server, sink) = start(&json!({"mfa": {"enabled": true, "duration": 600, "rule": ""}}));
    let (guest, root) = (server.guest(), server.superuser());
    add(&root, "bob");
    let first = call(&guest, "auth-with-password", &password_form(PASSWORD));
    let anns = json(&first)["mfaId"].clone();
    let id = request(&guest, "bob@example.com");
    let otp = sink.nth("bob@example.com", 1).otp().unwrap();
    let form = json!({"otpId": id, "password": otp, "mfaId": anns});
    assert_eq!(
        outcome(&call(&guest, "auth-with-otp", &form)),
        "400 Invalid MFA session."
    );
    assert_eq!(root.items("_mfas", "").len(), 1, "it is still Ann's");
}

#[test]
fn another_password_ends_what_was_begun_with_the_old_one() {
    let (server, sink) = start(&json!({
        "mfa": {"enabled": true, "duration": 600, "rule": "email != 'bob@example.com'"},
        "authAlert": {"enabled": true},
    }));
    let (guest, root) = (server.guest(), server.superuser());
    let ann = root.items("codes", "")[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let bob = add(&root, "bob");
    // Ann has half signed in and asked for a code; where Bob signs in from is known.
    let first = call(&guest, "auth-with-password", &password_form(PASSWORD));
    assert_eq!(first.status, 401);
    request(&guest, "ann@example.com");
    sink.nth("ann@example.com", 1);
    let bobs = json!({"identity": "bob@example.com", "password": PASSWORD});
    assert_eq!(call(&guest, "auth-with-password", &bobs).status, 200);
    let left = || {
        ["_mfas", "_otps", "_authOrigins"].map(|name| {
            let items = root.items(name, "");
            let own = items.iter().filter(|item| {
                item["recordRef"] == ann.as_str() || item["recordRef"] == bob.as_str()
            });
            own.count()
        })
    };
    assert_eq!(left(), [1, 1, 1]);
    let other = json!({"password": "another-one", "passwordConfirm": "another-one"});
    for id in [&ann, &bob] {
        accepted(&root.patch(&crate::support::record("codes", id), &other));
    }
    assert_eq!(left(), [0, 0, 0]);
}

#[test]
fn a_rule_that_leads_to_a_broken_view_asks_for_the_second_factor() {
    let (server, _sink) = start(&json!({}));
    let (admin, guest) = (server.superuser(), server.guest());
    let source = admin.make_collection(&json!({"name": "source", "fields": [
        {"name": "who", "type": "relation", "collectionId": "_pb_users_auth_"}, {"id": "n", "name": "n", "type": "number"},
    ]}));
    admin.make_collection(
        &json!({"name": "counts", "type": "view", "viewQuery": "SELECT id, n FROM source"}),
    );
    let mfa = json!({"enabled": true, "duration": 600, "rule": "@collection.counts.n ?> 0"});
    accepted(&admin.patch("/api/collections/codes", &json!({ "mfa": mfa })));
    let sign_in = || call(&guest, "auth-with-password", &password_form(PASSWORD)).status;
    assert_eq!(sign_in(), 200);
    let mut fields = source["fields"].clone();
    for field in fields.as_array_mut().unwrap() {
        if field["id"] == "n" {
            field["name"] = "renamed".into();
        }
    }
    accepted(&admin.patch("/api/collections/source", &json!({ "fields": fields })));
    assert_eq!(sign_in(), 401);
}

#[test]
fn a_sign_in_from_a_new_place_is_told() {
    let (server, sink) = start(&json!({}));
    let guest = server.guest();
    let sign_in = |agent: &str| {
        let body = password_form(PASSWORD).to_string().into_bytes();
        let headers = [("Content-Type", "application/json"), ("User-Agent", agent)];
        let path = "/api/collections/codes/auth-with-password";
        assert_eq!(guest.send("POST", path, &headers, Some(body)).status, 200);
    };
    sign_in("first");
    sign_in("first");
    sign_in("<b>second</b>");
    let mail = sink.nth("ann@example.com", 1);
    assert!(
        mail.body.contains("127.0.0.1 &lt;b&gt;second&lt;/b&gt;"),
        "{}",
        mail.body
    );
    for n in 3..9 {
        sign_in(&format!("place {n}"));
        sink.nth("ann@example.com", n - 1);
    }
    assert_eq!(sink.count("ann@example.com"), 7);
    let places = server
        .superuser()
        .items("_authOrigins", "filter=(collectionRef!='pbc_3142635823')");
    assert_eq!(places.len(), 5);
}

#[test]
fn guessing_is_slowed_but_the_holder_gets_in() {
    let (server, _sink) = start(&json!({}));
    let guest = server.guest();
    // The holder was here before, with this user agent.
    assert_eq!(
        call(&guest, "auth-with-password", &password_form(PASSWORD)).status,
        200
    );
    let guess = |identity: &str, password: &str| {
        let form = json!({"identity": identity, "password": password}).to_string();
        let headers = [
            ("Content-Type", "application/json"),
            ("User-Agent", "elsewhere"),
        ];
        let path = "/api/collections/codes/auth-with-password";
        outcome(&guest.send("POST", path, &headers, Some(form.into_bytes())))
    };
    for identity in ["ann@example.com", "nobody@example.com"] {
        let answers: Vec<String> = (0..40).map(|_| guess(identity, "wrong")).collect();
        assert_eq!(answers[0], "400 Failed to authenticate.");
        let slowed = answers
            .iter()
            .filter(|answer| *answer == "429 Too Many Requests.")
            .count();
        assert!(slowed > 0, "{identity}: {answers:?}");
    }
    assert_eq!(
        call(&guest, "auth-with-password", &password_form(PASSWORD)).status,
        200
    );
}

#[test]
fn superusers_get_one_time_passwords_on_the_command_line() {
    let (server, _sink) = start(&json!({}));
    let admin = server.superuser();
    let home = server.home();
    let run = |email: &str| run_in(home.path(), &["superuser", "otp", email, "--dir", "data"]);
    let off = run("root@example.com");
    assert!(!off.status.success());
    assert!(
        String::from_utf8_lossy(&off.stderr)
            .contains("OTP auth is not enabled for the _superusers collection")
    );
    let enabled = json!({"otp": {"enabled": true, "duration": 180, "length": 8}});
    accepted(&admin.patch("/api/collections/_superusers", &enabled));
    let missing = String::from_utf8_lossy(&run("nobody@example.com").stderr).into_owned();
    assert!(missing.contains("doesn't exist"), "{missing}");
    let shown = run("root@example.com");
    assert!(shown.status.success(), "{shown:?}");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    let value = |name: &str| {
        let line = shown
            .lines()
            .find(|line| line.contains(name))
            .expect("a line");
        line.split_whitespace()
            .last()
            .unwrap_or_default()
            .to_owned()
    };
    let path = "/api/collections/_superusers/auth-with-password";
    let first = server.guest().post(
        path,
        &json!({"identity": "root@example.com", "password": PASSWORD}),
    );
    let mfa = json(&first)["mfaId"].clone();
    let form = json!({"otpId": value("Id:"), "password": value("Pass:"), "mfaId": mfa});
    accepted(
        &server
            .guest()
            .post("/api/collections/_superusers/auth-with-otp", &form),
    );
}
