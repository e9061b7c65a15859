//! Signing in through other services, against a service that really signs its tokens.

use serde_json::{Value as Json, json};

use crate::support::provider::Provider;
use crate::support::{Caller, Response, Server, accepted, json, outcome, text, together};

mod redirects;

const NO_TOKEN: &str = "400 Failed to fetch OAuth2 token.";
const NO_USER: &str = "400 Failed to fetch OAuth2 user.";

/// A server whose users sign in through the service, under the names of some providers.
fn server_with(service: &Provider, names: &[&str], change: &Json) -> Server {
    let server = Server::start();
    let providers: Vec<Json> = names
        .iter()
        .map(|name| {
            let mut provider = json!({
                "name": name,
                "clientId": "client",
                "clientSecret": "s3cret",
                "authURL": format!("{}/auth", service.url()),
                "tokenURL": format!("{}/token", service.url()),
                "userInfoURL": format!("{}/user", service.url()),
            });
            let changes = change.as_object().unwrap().clone();
            provider.as_object_mut().unwrap().extend(changes);
            provider
        })
        .collect();
    let oauth2 = json!({"oauth2": {"enabled": true, "providers": providers}});
    let changed = server.superuser().patch("/api/collections/users", &oauth2);
    assert_eq!(changed.status, 200, "{}", text(&changed));
    server
}

fn sign_in(caller: &Caller<'_>, provider: &str, code: &Json) -> Response {
    let code = match code {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let form = json!({
        "provider": provider,
        "code": code,
        "codeVerifier": "v".repeat(43),
        "redirectURL": "http://localhost/cb",
    });
    caller.post("/api/collections/users/auth-with-oauth2", &form)
}

fn person(id: &str) -> Json {
    json!({"user": {"sub": id, "email": format!("{id}@example.com"), "email_verified": true}})
}

fn signed(change: &Json, with: &Json) -> Json {
    let mut claims = json!({
        "iss": "https://id.example.com",
        "aud": "client",
        "sub": "ann",
        "exp": "+600",
        "email": "ann@example.com",
        "email_verified": true,
    });
    let changes = change.as_object().unwrap().clone();
    claims.as_object_mut().unwrap().extend(changes);
    let mut token = json!({"claims": claims});
    let options = with.as_object().unwrap().clone();
    token.as_object_mut().unwrap().extend(options);
    json!({"id_token": token})
}

#[test]
fn a_code_becomes_an_account() {
    let service = Provider::start();
    let server = server_with(&service, &["oidc"], &json!({}));
    let answer = accepted(&sign_in(&server.guest(), "oidc", &person("ann")));
    assert_eq!(answer["record"]["email"], "ann@example.com");
    assert_eq!(answer["record"]["verified"], true);
    assert_eq!(answer["meta"]["isNew"], true);
    let token = answer["token"].as_str().unwrap().to_owned();
    let own = Caller::at(server.address(), Some(token));
    let links = own.items("_externalAuths", "");
    assert_eq!(links.len(), 1);
    assert_eq!(links[0]["providerId"], "ann");
    let again = accepted(&sign_in(&server.guest(), "oidc", &person("ann")));
    assert_eq!(again["record"]["id"], answer["record"]["id"]);
    assert_eq!(again["meta"]["isNew"], false);

    let asked = service.seen();
    let form = asked[0].form();
    assert_eq!(
        (asked[0].method.as_str(), asked[0].path.as_str()),
        ("POST", "/token")
    );
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form["code_verifier"], "v".repeat(43));
    assert_eq!(form["redirect_uri"], "http://localhost/cb");
    assert!(
        !form.contains_key("client_secret"),
        "it stands in the header"
    );
    assert_eq!(
        asked[0].header("authorization"),
        "Basic Y2xpZW50OnMzY3JldA=="
    );
    assert!(asked[1].header("authorization").starts_with("Bearer t-"));
}

#[test]
fn secrets_of_a_provider_never_come_back() {
    let service = Provider::start();
    let server = server_with(&service, &["oidc"], &json!({}));
    let superuser = server.superuser();
    for path in [
        "/api/collections/users",
        "/api/collections",
        "/api/collections/users/auth-methods",
    ] {
        let shown = text(&superuser.get(path));
        assert!(
            shown.contains("oidc") && !shown.contains("s3cret"),
            "{path}"
        );
    }
}

#[test]
fn where_a_service_wants_the_secret_is_found_out() {
    let service = Provider::start();
    let server = server_with(&service, &["oidc"], &json!({}));
    assert_eq!(
        outcome(&sign_in(&server.guest(), "oidc", &json!("worthless"))),
        NO_TOKEN
    );
    let asked = service.seen();
    assert_eq!(asked.len(), 2, "two tries and no more");
    assert_eq!(asked[1].header("authorization"), "");
    assert_eq!(asked[1].form()["client_secret"], "s3cret");
}

#[test]
fn a_used_code_is_worth_nothing() {
    let service = Provider::start();
    let server = server_with(&service, &["oidc"], &json!({}));
    let mut code = person("ann");
    code["once"] = json!(true);
    accepted(&sign_in(&server.guest(), "oidc", &code));
    assert_eq!(outcome(&sign_in(&server.guest(), "oidc", &code)), NO_TOKEN);
}

#[test]
fn tokens_about_users_are_checked() {
    let service = Provider::start();
    let extra = json!({
        "jwksURL": format!("{}/keys", service.url()),
        "issuers": ["https://id.example.com"],
    });
    let change = json!({"userInfoURL": "", "extra": extra});
    let server = server_with(&service, &["oidc"], &change);
    let guest = server.guest();
    let none = json!({});
    for (name, good) in [
        ("RSA", signed(&none, &none)),
        ("EC", signed(&none, &json!({"key": "ec", "alg": "ES256"}))),
        (
            "clocks that differ a little",
            signed(&json!({"exp": "-20", "iat": "+20"}), &none),
        ),
    ] {
        let answer = accepted(&sign_in(&guest, "oidc", &good));
        assert_eq!(answer["meta"]["id"], "ann", "{name}");
    }
    for (name, bad) in [
        (
            "issuer",
            signed(&json!({"iss": "https://evil.example.com"}), &none),
        ),
        ("audience", signed(&json!({"aud": "other"}), &none)),
        ("expired", signed(&json!({"exp": "-600"}), &none)),
        ("eternal", signed(&json!({"exp": null}), &none)),
        ("future", signed(&json!({"iat": "+600"}), &none)),
        (
            "signature",
            signed(&none, &json!({"key": "stranger", "kid": "rsa"})),
        ),
        ("key", signed(&none, &json!({"kid": "nobody"}))),
        ("other kind of key", signed(&none, &json!({"kid": "ec"}))),
        ("unsigned", signed(&none, &json!({"alg": "none"}))),
        (
            "public key as secret",
            signed(&none, &json!({"alg": "HS256"})),
        ),
        ("missing", json!({})),
        ("garbage", json!({"token": {"id_token": "x.y.z"}})),
    ] {
        assert_eq!(outcome(&sign_in(&guest, "oidc", &bad)), NO_USER, "{name}");
    }
}

#[test]
fn without_keys_a_token_still_ends() {
    let service = Provider::start();
    let server = server_with(&service, &["oidc"], &json!({"userInfoURL": ""}));
    let none = json!({});
    accepted(&sign_in(&server.guest(), "oidc", &signed(&none, &none)));
    for late in [json!({"exp": "-600"}), json!({"exp": null})] {
        let answer = sign_in(&server.guest(), "oidc", &signed(&late, &none));
        assert_eq!(outcome(&answer), NO_USER);
    }
}

/// Apple's keys and issuer are fixed; only the keys are the service's here.
#[test]
fn apple_is_known_by_its_token() {
    let service = Provider::start();
    let extra = json!({"jwksURL": format!("{}/keys", service.url())});
    let server = server_with(&service, &["apple"], &json!({"extra": extra}));
    let apple =
        json!({"iss": "https://appleid.apple.com", "sub": "apple.1", "email_verified": "true"});
    let answer = accepted(&sign_in(
        &server.guest(),
        "apple",
        &signed(&apple, &json!({})),
    ));
    assert_eq!(answer["meta"]["id"], "apple.1");
    assert_eq!(answer["meta"]["email"], "ann@example.com");
    let other = signed(&json!({}), &json!({}));
    assert_eq!(outcome(&sign_in(&server.guest(), "apple", &other)), NO_USER);
}

#[test]
fn addresses_that_microsoft_vouches_for_may_be_a_list() {
    let service = Provider::start();
    let extra = json!({"extra": {"idTokenEmailClaim": "verified_primary_email"}});
    let server = server_with(&service, &["microsoft"], &extra);
    let addresses = json!({"verified_primary_email": ["ann@example.com", "other@example.com"]});
    let mut code = signed(&addresses, &json!({}));
    code["user"] = json!({"id": "ann"});
    let answer = accepted(&sign_in(&server.guest(), "microsoft", &code));
    assert_eq!(answer["meta"]["email"], "ann@example.com");
    assert_eq!(answer["record"]["verified"], true);
}

#[test]
fn planning_center_and_gitee_are_read_too() {
    let service = Provider::start();
    let server = server_with(&service, &["planningcenter", "gitee"], &json!({}));
    let profile = json!({"data": {"id": "p1", "attributes": {"name": "N", "status": "active", "avatar": "http://p"}}});
    let form = |provider: &str, code: &Json| {
        let form = json!({
            "provider": provider,
            "code": code.to_string(),
            "createData": {"email": format!("{provider}@example.com")},
        });
        server
            .guest()
            .post("/api/collections/users/auth-with-oauth2", &form)
    };
    let answer = accepted(&form("planningcenter", &json!({"user": profile})));
    assert_eq!(answer["meta"]["id"], "p1");
    assert_eq!(answer["meta"]["name"], "N");
    let mut inactive = profile;
    inactive["data"]["attributes"]["status"] = json!("inactive");
    let answer = form("planningcenter", &json!({"user": inactive}));
    assert_eq!(outcome(&answer), NO_USER);
    let emails = json!([
        {"email": "a@example.com", "state": "unconfirmed", "scope": ["primary"]},
        {"email": "b@example.com", "state": "confirmed", "scope": []},
        {"email": "c@example.com", "state": "confirmed", "scope": ["primary", "notified"]},
    ]);
    let answer = accepted(&form(
        "gitee",
        &json!({"user": {"id": 5}, "emails": emails}),
    ));
    assert_eq!(answer["meta"]["email"], "c@example.com");
}

#[test]
fn a_user_without_an_id_is_nobody() {
    let service = Provider::start();
    let server = server_with(&service, &["github", "oidc"], &json!({}));
    for (provider, user) in [
        ("github", json!({"login": "x"})),
        ("github", json!({"id": 0, "login": "x"})),
        ("oidc", json!({"sub": ""})),
        ("oidc", json!({})),
    ] {
        let code = json!({"user": user, "emails": []}).to_string();
        let form =
            json!({"provider": provider, "code": code, "createData": {"email": "x@example.com"}});
        let answer = server
            .guest()
            .post("/api/collections/users/auth-with-oauth2", &form);
        assert_eq!(outcome(&answer), "400 Failed to authenticate.", "{user}");
        assert_eq!(
            json(&answer)["data"]["providerId"]["code"],
            "validation_required"
        );
    }
    assert!(
        server.superuser().items("users", "").is_empty(),
        "nothing is left behind"
    );
}

#[test]
fn whoever_prepared_an_account_loses_it_to_its_owner() {
    let service = Provider::start();
    let server = server_with(&service, &["oidc", "oidc2"], &json!({}));
    // Mallory registers Ann's address and links an account of a service to it.
    let mallory = server.user("ann");
    accepted(&sign_in(&mallory, "oidc2", &person("mallory")));
    accepted(&sign_in(&server.guest(), "oidc", &person("ann")));
    let refreshed = mallory.post("/api/collections/users/auth-refresh", &json!({}));
    assert_eq!(refreshed.status, 401, "the old token is dead");
    let password = json!({"identity": "ann@example.com", "password": "1234567890"});
    let by_password = server
        .guest()
        .post("/api/collections/users/auth-with-password", &password);
    assert_eq!(by_password.status, 400, "so is the password");
    let again = accepted(&sign_in(&server.guest(), "oidc2", &person("mallory")));
    assert_eq!(again["meta"]["isNew"], true, "and so is the link");
}

#[test]
fn parallel_first_sign_ins_make_one_account() {
    let service = Provider::start();
    let server = server_with(&service, &["oidc"], &json!({}));
    let answers = together(8, |_| sign_in(&server.guest(), "oidc", &person("ann")));
    let ids: Vec<Json> = answers
        .iter()
        .map(|answer| accepted(answer)["record"]["id"].clone())
        .collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    let superuser = server.superuser();
    assert_eq!(superuser.items("users", "").len(), 1);
    assert_eq!(superuser.items("_externalAuths", "").len(), 1);
}

#[test]
fn pictures_are_not_fetched_from_private_addresses() {
    let service = Provider::start();
    let server = server_with(&service, &["oidc"], &json!({}));
    let port = service.url().rsplit(':').next().unwrap().to_owned();
    for (position, url) in [
        format!("{}/picture.png", service.url()),
        format!("http://localhost:{port}/picture.png"),
        format!("http://[::ffff:127.0.0.1]:{port}/picture.png"),
        format!("http://2130706433:{port}/picture.png"),
        format!("http://0.0.0.0:{port}/picture.png"),
        "file:///etc/passwd".to_owned(),
        "nonsense".to_owned(),
    ]
    .iter()
    .enumerate()
    {
        let mut code = person(&format!("u{position}"));
        code["user"]["picture"] = json!(url);
        let answer = accepted(&sign_in(&server.guest(), "oidc", &code));
        assert_eq!(answer["record"]["avatar"], "", "{url}");
        assert_eq!(answer["meta"]["avatarURL"], *url);
    }
    let fetched = service.seen();
    assert!(fetched.iter().all(|seen| seen.path != "/picture.png"));
}

/// Answers that are no answers.
fn bad_answers() -> [Json; 7] {
    [
        json!({"body": "garbage"}),
        json!({"body": ""}),
        json!({"body": "[", "repeat": 100_000}),
        json!({"body": "x", "repeat": 10 << 20}),
        json!({"status": 500, "body": "oops"}),
        json!({"hangs": true}),
        json!({"drips": true}),
    ]
}

/// The same in place of the keys that tokens are checked with.
#[test]
fn without_usable_keys_nobody_is_let_in() {
    let service = Provider::start();
    let server = Server::start();
    let superuser = server.superuser();
    let bad = bad_answers();
    for (n, answer) in bad.iter().enumerate() {
        let spec = percent_encoding::utf8_percent_encode(
            &answer.to_string(),
            percent_encoding::NON_ALPHANUMERIC,
        )
        .to_string();
        let provider = json!({
            "name": "oidc", "clientId": "client", "clientSecret": "s3cret",
            "authURL": format!("{}/auth", service.url()),
            "tokenURL": format!("{}/token", service.url()),
            "extra": {"jwksURL": format!("{}/raw?{spec}", service.url())},
        });
        superuser.make_collection(&json!({
            "name": format!("people{n}"), "type": "auth",
            "oauth2": {"enabled": true, "providers": [provider]},
        }));
    }
    let outcomes = together(bad.len(), |n| {
        let code = signed(&json!({}), &json!({})).to_string();
        let form = json!({"provider": "oidc", "code": code, "codeVerifier": "v".repeat(43)});
        let path = format!("/api/collections/people{n}/auth-with-oauth2");
        outcome(&server.guest().post(&path, &form))
    });
    for (n, outcome) in outcomes.iter().enumerate() {
        assert_eq!(outcome, NO_USER, "{}", bad[n]);
        assert!(superuser.items(&format!("people{n}"), "").is_empty());
    }
}

/// At both addresses, all at once: none of them takes the server's memory or more time than a request to a service may
/// take.
#[test]
fn bad_services_do_no_harm() {
    let service = Provider::start();
    let server = server_with(&service, &["oidc"], &json!({}));
    let raw = |value: Json| json!({"$raw": value});
    let bad = bad_answers();
    let outcomes = together(bad.len() * 2, |i| {
        let answer = raw(bad[i / 2].clone());
        let code = if i % 2 == 0 {
            json!({"token": answer})
        } else {
            json!({"user": answer})
        };
        outcome(&sign_in(&server.guest(), "oidc", &code))
    });
    for (i, outcome) in outcomes.iter().enumerate() {
        let expected = if i % 2 == 0 { NO_TOKEN } else { NO_USER };
        assert_eq!(outcome, expected, "{}", bad[i / 2]);
    }
    assert!(server.superuser().items("users", "").is_empty());
}

#[test]
fn a_service_that_is_gone_is_a_clear_answer() {
    let service = Provider::start();
    let closed = json!({"tokenURL": "http://127.0.0.1:1/token"});
    let server = server_with(&service, &["oidc"], &closed);
    let answer = sign_in(&server.guest(), "oidc", &person("ann"));
    assert_eq!(outcome(&answer), NO_TOKEN);
    assert_eq!(json(&answer)["data"], json!({}));
    assert!(!text(&answer).contains("127.0.0.1"));
}

#[test]
fn apples_secret_is_signed_by_the_operators_key() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    let server = Server::start();
    let keys: Json = serde_json::from_str(include_str!("support/provider/keys.json")).unwrap();
    let key = keys["ec"]["private"].as_str().unwrap();
    let form = json!({
        "clientId": "com.example",
        "teamId": "TEAM567890",
        "keyId": "KEY4567890",
        "privateKey": format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n"),
        "duration": 1000,
    });
    let path = "/api/settings/apple/generate-client-secret";
    let secret = accepted(&server.superuser().post(path, &form))["secret"].clone();
    let secret = secret.as_str().unwrap();
    let part = |position: usize| -> Json {
        let part = secret.split('.').nth(position).unwrap();
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(
        part(0),
        json!({"alg": "ES256", "kid": "KEY4567890", "typ": "JWT"})
    );
    let claims = part(1);
    assert_eq!(claims["iss"], "TEAM567890");
    assert_eq!(claims["sub"], "com.example");
    assert_eq!(claims["aud"], json!(["https://appleid.apple.com"]));
    let lifetime = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(lifetime, 1000);
    let jwk = serde_json::from_value(keys["ec"]["public"].clone()).unwrap();
    let key = jsonwebtoken::DecodingKey::from_jwk(&jwk).unwrap();
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::ES256);
    validation.set_audience(&["https://appleid.apple.com"]);
    assert!(jsonwebtoken::decode::<Json>(secret, &key, &validation).is_ok());
}
