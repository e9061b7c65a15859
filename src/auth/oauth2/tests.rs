use serde_json::{Value as Json, json};

use super::table::SPECS;
use super::{Provider, id_token};
use crate::base::time::Timestamp;
use crate::catalog::providers;
use crate::schema::OAuth2Provider;

fn configured(name: &str) -> OAuth2Provider {
    OAuth2Provider {
        name: name.to_owned(),
        client_id: "id & co".to_owned(),
        ..OAuth2Provider::default()
    }
}

#[test]
fn every_listed_provider_has_an_entry() {
    let listed = providers::to_json();
    let listed: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect();
    let known: Vec<&str> = SPECS.iter().map(|spec| spec.name).collect();
    assert_eq!(known, listed);
}

#[test]
fn links_keep_the_query_of_their_address() {
    let mut config = configured("oidc");
    config.auth_url = "https://id.example.com/auth?tenant=a".to_owned();
    config.pkce = Some(false);
    let start = Provider::of(&config).unwrap().start();
    assert_eq!(
        start.auth_url,
        format!(
            "https://id.example.com/auth?tenant=a&client_id=id+%26+co&response_type=code&scope=openid+email+profile&state={}&redirect_uri=",
            start.state
        )
    );
    assert!(start.code_verifier.is_empty() && start.code_challenge.is_empty());
}

fn claims(change: &Json) -> Result<serde_json::Map<String, Json>, super::Unusable> {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let mut claims = json!({"sub": "s", "aud": "client", "exp": 2_000});
    let changes = change.as_object().unwrap().clone();
    claims.as_object_mut().unwrap().extend(changes);
    let token = format!("e30.{}.", URL_SAFE_NO_PAD.encode(claims.to_string()));
    id_token::claims(&token, "client", Timestamp::from_unix_ms(1_000_000))
}

#[test]
fn id_tokens_are_for_one_client_and_a_time() {
    for good in [
        json!({}),
        json!({"aud": ["other", "client"]}),
        json!({"iat": 1_000, "nbf": 1_000.5}),
        json!({"exp": 950}),
    ] {
        assert!(claims(&good).is_ok(), "{good}");
    }
    for bad in [
        json!({"aud": "other"}),
        json!({"aud": null}),
        json!({"aud": {"client": true}}),
        json!({"exp": null}),
        json!({"exp": "2000"}),
        json!({"exp": 900}),
        json!({"iat": 1_100}),
        json!({"nbf": 1_100}),
    ] {
        assert!(claims(&bad).is_err(), "{bad}");
    }
}
