//! Who is slowed when passwords are guessed, and who is not.

use serde_json::{Value as Json, json};

use crate::support::{Caller, Server, json as body, outcome, together, until};

const PASSWORD: &str = "1234567890";
const REFUSED: &str = "400 Failed to authenticate.";
const SLOWED: &str = "429 Too Many Requests.";

/// A collection whose passwords are quick to check, with accounts that have a name besides their address.
fn make_people(admin: &Caller<'_>, more: &Json) {
    let mut collection = json!({
        "name": "people", "type": "auth",
        "fields": [
            {"name": "password", "type": "password", "cost": 4},
            {"name": "nick", "type": "text"},
        ],
        "indexes": ["CREATE UNIQUE INDEX idx_nick ON people (nick COLLATE NOCASE) WHERE nick != ''"],
        "passwordAuth": {"enabled": true, "identityFields": ["email", "nick"]},
    });
    let members = collection.as_object_mut().unwrap();
    members.extend(more.as_object().cloned().unwrap_or_default());
    admin.make_collection(&collection);
    for name in ["ann", "bob"] {
        let account = json!({
            "email": format!("{name}@example.com"), "nick": name,
            "password": PASSWORD, "passwordConfirm": PASSWORD,
        });
        admin.make("people", &account);
    }
}

/// A sign-in from a place behind the one address all tests have.
fn sign_in(guest: &Caller<'_>, place: &str, collection: &str, form: (&str, &str)) -> String {
    let (identity, password) = form;
    let body = json!({"identity": identity, "password": password}).to_string();
    let headers = [("Content-Type", "application/json"), ("User-Agent", place)];
    let path = format!("/api/collections/{collection}/auth-with-password");
    let answer = guest.send("POST", &path, &headers, Some(body.into_bytes()));
    if answer.status == 200 {
        "200".to_owned()
    } else {
        outcome(&answer)
    }
}

fn count(answers: &[String], expect: &str) -> usize {
    answers.iter().filter(|answer| *answer == expect).count()
}

/// Guesses at nobody from one place until the address they come from is slowed.
fn use_up_address(guest: &Caller<'_>) {
    let answers: Vec<String> = together(8, |thread| {
        (0..40)
            .map(|n| {
                let name = format!("nobody{thread}-{n}");
                sign_in(guest, "attacker", "people", (&name, "wrong"))
            })
            .collect::<Vec<_>>()
    })
    .concat();
    assert!(count(&answers, SLOWED) > 0, "{answers:?}");
}

#[test]
fn whoever_was_here_before_gets_in_beside_an_attacker_behind_the_same_address() {
    // Places are stored for one kind of accounts, and remembered for the other.
    for alerts in [true, false] {
        let server = Server::start();
        let admin = server.superuser();
        make_people(&admin, &json!({"authAlert": {"enabled": alerts}}));
        let guest = server.guest();
        let (ann, root) = (("ann", PASSWORD), ("root@example.com", PASSWORD));
        assert_eq!(sign_in(&guest, "home", "people", ann), "200");
        assert_eq!(sign_in(&guest, "home", "_superusers", root), "200");
        use_up_address(&guest);
        // The address has one guess again every half second. Whoever gets in then is known at the place from then on.
        let mut n = 0;
        until("others are slowed", || {
            n += 1;
            let place = format!("attacker {n}");
            let bob = sign_in(&guest, &place, "people", ("bob", PASSWORD));
            assert!(bob == SLOWED || bob == "200", "{bob}");
            sign_in(&guest, &place, "people", (&place, "wrong"));
            bob == SLOWED
        });
        assert_eq!(sign_in(&guest, "home", "people", ann), "200");
        assert_eq!(sign_in(&guest, "home", "_superusers", root), "200");
        // Nor do guesses at the account from elsewhere.
        for _ in 0..30 {
            sign_in(&guest, "attacker", "people", ("ann", "wrong"));
        }
        assert_eq!(sign_in(&guest, "home", "people", ann), "200");
        let places = admin.items("_authOrigins", "filter=(collectionRef!='pbc_3142635823')");
        assert_eq!(!places.is_empty(), alerts);
    }
}

#[test]
fn an_address_that_guesses_is_slowed_whatever_it_guesses() {
    let server = Server::start();
    let otp = json!({"otp": {"enabled": true, "duration": 180, "length": 8}});
    make_people(&server.superuser(), &otp);
    let guest = server.guest();
    let code = json!({"otpId": "x".repeat(15), "password": "12345678"});
    let guess = || outcome(&guest.post("/api/collections/people/auth-with-otp", &code));
    assert_eq!(guess(), "400 Invalid or expired OTP.");
    use_up_address(&guest);
    until("codes that nobody has are slowed", || {
        sign_in(&guest, "attacker", "people", ("nobody", "wrong"));
        guess() == SLOWED
    });
}

#[test]
fn a_known_place_has_no_more_guesses_than_others() {
    let server = Server::start();
    make_people(&server.superuser(), &json!({}));
    let guest = server.guest();
    assert_eq!(sign_in(&guest, "home", "people", ("ann", PASSWORD)), "200");
    let answers: Vec<String> = (0..40)
        .map(|_| sign_in(&guest, "home", "people", ("ann", "wrong")))
        .collect();
    assert_eq!(answers[0], REFUSED);
    assert!(count(&answers, SLOWED) > 0, "{answers:?}");
    assert_eq!(sign_in(&guest, "home", "people", ("bob", PASSWORD)), "200");
}

#[test]
fn all_names_of_an_account_share_its_guesses() {
    let server = Server::start();
    make_people(&server.superuser(), &json!({}));
    let guest = server.guest();
    let guess = |names: &[&str]| -> Vec<String> {
        (0..42)
            .map(|n| {
                sign_in(
                    &guest,
                    "attacker",
                    "people",
                    (names[n % names.len()], "wrong"),
                )
            })
            .collect()
    };
    for names in [
        &["bob", "Bob", "BOB", "bOb", "bob@example.com"][..],
        // Nobody has these, which is not to be told from how they are treated.
        &["joe", "Joe", "JOE", "jOe"],
    ] {
        let answers = guess(names);
        assert_eq!(answers[0], REFUSED);
        assert!(count(&answers, SLOWED) > 0, "{names:?}: {answers:?}");
    }
    assert_eq!(sign_in(&guest, "home", "people", ("ann", PASSWORD)), "200");
}

#[test]
fn the_length_of_a_sign_in_form_is_counted_in_bytes() {
    let server = Server::start();
    let guest = server.guest();
    for member in ["identity", "password", "identityField"] {
        let code = |text: String| {
            let mut form = json!({"identity": "ann", "password": "wrong"});
            form[member] = text.into();
            let answer = guest.post("/api/collections/users/auth-with-password", &form);
            body(&answer)["data"][member]["code"].clone()
        };
        assert_eq!(
            code("é".repeat(128)),
            "validation_length_out_of_range",
            "{member}"
        );
        assert_ne!(
            code("é".repeat(127)),
            "validation_length_out_of_range",
            "{member}"
        );
    }
}
