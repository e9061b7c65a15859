//! Signed tokens: HS256 with a key made of the record's and the collection's secret.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};

use crate::base::secret::Secret;
use crate::base::time::Timestamp;

/// Longest token that is looked at, in bytes.
const MAX_LENGTH: usize = 4096;

/// What a token says. Members without a value are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// Id of the collection of the record.
    #[serde(default)]
    pub collection_id: String,
    /// Address of the record when the token was made; on tokens sent by mail.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// End of validity in seconds since the Unix epoch.
    pub exp: i64,
    /// Id of the record.
    #[serde(default)]
    pub id: String,
    /// Address the record is to get; on tokens for changing it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub new_email: String,
    /// Only on auth tokens: whether a refresh gives a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refreshable: Option<bool>,
    /// What the token is for.
    #[serde(default, rename = "type")]
    pub kind: String,
}

/// Purpose of a token that signs requests.
pub const AUTH: &str = "auth";
/// Purpose of a token that opens protected files.
pub const FILE: &str = "file";
/// Purpose of a token that proves an address.
pub const VERIFICATION: &str = "verification";
/// Purpose of a token for choosing a new password.
pub const PASSWORD_RESET: &str = "passwordReset";
/// Purpose of a token for changing the address.
pub const EMAIL_CHANGE: &str = "emailChange";

/// Signs claims. The key is the record's token key followed by the collection's secret for this kind of token.
pub fn sign(claims: &Claims, key: &Secret<String>) -> Result<String, jsonwebtoken::errors::Error> {
    jsonwebtoken::encode(
        &Header::new(Algorithm::HS256),
        claims,
        &EncodingKey::from_secret(key.expose().as_bytes()),
    )
}

/// Reads the claims without checking the signature, only to find the key to check it with.
///
/// `None` when it is no token, has ended, or lacks one of the claims every token has.
pub fn peek(token: &str, now: Timestamp) -> Option<Claims> {
    let claims = read(token)?;
    let complete =
        !claims.id.is_empty() && !claims.collection_id.is_empty() && !claims.kind.is_empty();
    (complete && claims.exp > now.unix_seconds()).then_some(claims)
}

/// Reads whatever claims a text carries. Nothing about them is checked; only for saying what is missing.
pub fn read(token: &str) -> Option<Claims> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

/// Checks the signature.
pub fn is_signed_with(token: &str, key: &Secret<String>) -> bool {
    let mut validation = Validation::new(Algorithm::HS256);
    // `peek` compares `exp` with the request's own clock.
    validation.validate_exp = false;
    validation.required_spec_claims.clear();
    jsonwebtoken::decode::<Claims>(
        token,
        &DecodingKey::from_secret(key.expose().as_bytes()),
        &validation,
    )
    .is_ok()
}

#[cfg(test)]
mod tests {
    use super::{AUTH, Claims, is_signed_with, peek, sign};
    use crate::base::secret::Secret;
    use crate::base::time::Timestamp;

    fn claims() -> Claims {
        Claims {
            collection_id: "c".into(),
            email: String::new(),
            exp: 1000,
            id: "r".into(),
            new_email: String::new(),
            refreshable: Some(true),
            kind: AUTH.into(),
        }
    }

    #[test]
    fn a_signed_token_reads_back_until_it_ends() {
        let key = Secret::new("k".repeat(50));
        let token = sign(&claims(), &key).unwrap();
        assert_eq!(
            peek(&token, Timestamp::from_unix_ms(999_000)),
            Some(claims())
        );
        assert_eq!(peek(&token, Timestamp::from_unix_ms(1_000_000)), None);
        assert!(is_signed_with(&token, &key));
        assert!(!is_signed_with(&token, &Secret::new("other".to_owned())));
        assert!(
            token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.")
                || token.starts_with("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.")
        );
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let now = Timestamp::from_unix_ms(0);
        for token in ["", "a.b", "a.b.c", "a.e30.c", "a.b.c.d"] {
            assert_eq!(peek(token, now), None, "{token}");
        }
    }
}
