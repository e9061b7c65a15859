//! Reading the `id_token` of services that speak OIDC: for whom, until when, from whom, and whether the service signed
//! it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value as Json};

use crate::auth::oauth2::Unusable;
use crate::base::json;
use crate::base::time::Timestamp;

/// Longest token that is looked at, in bytes.
const MAX_LENGTH: usize = 64 << 10;

/// How far the clocks of the service and this server may be apart, in seconds.
const LEEWAY: i64 = 60;

/// Algorithms with a public key. `none` and shared secrets are not among them.
const ALGORITHMS: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// The claims of a token that is for this client and in force. The signature is not looked at: the token came straight
/// from the service, and [`check_signature`] is for services whose keys are known.
pub(super) fn claims(
    token: &str,
    client_id: &str,
    now: Timestamp,
) -> Result<Map<String, Json>, Unusable> {
    if token.is_empty() || token.len() > MAX_LENGTH {
        return Err(Unusable::new("the id_token is missing or too long"));
    }
    let mut parts = token.split('.');
    let parts = (parts.next(), parts.next(), parts.next(), parts.next());
    let (Some(_), Some(payload), Some(_), None) = parts else {
        return Err(Unusable::new("the id_token has not three parts"));
    };
    let text = URL_SAFE_NO_PAD
        .decode(payload)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(|| Unusable::new("the id_token is not encoded as it should be"))?;
    let Ok(Json::Object(claims)) = json::parse_whole(&text) else {
        return Err(Unusable::new("the id_token holds no claims"));
    };
    let is_for_client = match claims.get("aud") {
        Some(Json::String(audience)) => audience == client_id,
        Some(Json::Array(audiences)) => audiences
            .iter()
            .any(|audience| audience.as_str() == Some(client_id)),
        _ => false,
    };
    if !is_for_client {
        return Err(Unusable::new("the id_token is for another client"));
    }
    let now = now.unix_seconds();
    let date = |name: &str| match claims.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(value) => value
            .as_f64()
            .map(Some)
            .ok_or_else(|| Unusable::new(format!("`{name}` of the id_token is no date"))),
    };
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
    let (earliest, latest) = ((now - LEEWAY) as f64, (now + LEEWAY) as f64);
    match date("exp")? {
        Some(end) if end > earliest => {}
        Some(_) => return Err(Unusable::new("the id_token has expired")),
        None => return Err(Unusable::new("the id_token never expires")),
    }
    for name in ["nbf", "iat"] {
        if date(name)?.is_some_and(|start| start > latest) {
            return Err(Unusable::new("the id_token is from the future"));
        }
    }
    Ok(claims)
}

/// Checks who made the token.
pub(super) fn check_issuer(claims: &Map<String, Json>, allowed: &[&str]) -> Result<(), Unusable> {
    let issuer = claims.get("iss").and_then(Json::as_str);
    if issuer.is_some_and(|issuer| allowed.contains(&issuer)) {
        Ok(())
    } else {
        Err(Unusable::new("the id_token is from another issuer"))
    }
}

/// Checks the signature against the service's published keys.
pub(super) fn check_signature(token: &str, keys: &[u8]) -> Result<(), Unusable> {
    let header = jsonwebtoken::decode_header(token)
        .map_err(|_| Unusable::new("the head of the id_token is unreadable"))?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(Unusable::new(
            "the id_token is not signed with a public key",
        ));
    }
    let Some(id) = header.kid.as_deref().filter(|id| !id.is_empty()) else {
        return Err(Unusable::new("the id_token does not name its key"));
    };
    let key = find(keys, id)?;
    if let Some(algorithm) = &key.common.key_algorithm
        && algorithm.to_string() != format!("{:?}", header.alg)
    {
        return Err(Unusable::new(
            "the key of the id_token is for another algorithm",
        ));
    }
    let key = DecodingKey::from_jwk(&key)
        .map_err(|_| Unusable::new("the key of the id_token is unusable"))?;
    let mut validation = Validation::new(header.alg);
    // `claims` has checked them already, with the request's own clock.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    jsonwebtoken::decode::<Map<String, Json>>(token, &key, &validation)
        .map(|_| ())
        .map_err(|_| Unusable::new("the signature of the id_token is wrong"))
}

/// The key of this id. Keys of kinds unknown here do not spoil the set.
fn find(keys: &[u8], id: &str) -> Result<Jwk, Unusable> {
    let unreadable = || Unusable::new("the key set is unreadable");
    let set: Json = serde_json::from_slice(keys).map_err(|_| unreadable())?;
    let items = set.get("keys").and_then(Json::as_array);
    // Perf: a set may have thousands; only those of this name are read as keys.
    let named = items.ok_or_else(unreadable)?.iter().filter(|item| {
        let name = item.get("kid").and_then(Json::as_str);
        name == Some(id)
    });
    let known = named.filter_map(|item| {
        let set = serde_json::json!({ "keys": [item] });
        serde_json::from_value::<JwkSet>(set).ok()
    });
    known
        .flat_map(|set| set.keys)
        .next()
        .ok_or_else(|| Unusable::new("the service has no key of this name"))
}
