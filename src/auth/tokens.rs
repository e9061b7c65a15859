//! Signed tokens: HS256 with a key made of the record's and the collection's secret.
//!
//! Everything else about a token is what it says about itself, see [`Claims`]; whose key it takes is `app::auth`'s
//! business.

use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, Engine as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use serde_json::{Map, Value as Json};
use sha2::Sha256;

use crate::base::error::{FaultExt as _, Result};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;

/// Longest token that is looked at, in bytes.
const MAX_LENGTH: usize = 4096;

/// The only algorithm, and the header of every token made here.
const ALGORITHM: &str = "HS256";
const HEADER: &[u8] = br#"{"alg":"HS256","typ":"JWT"}"#;

/// Compat: bits that the last character has to spare are not looked at.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// What a token says. Members without a value are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// Id of the collection of the record; its name will do as well.
    pub collection_id: String,
    /// Address of the record when the token was made; on tokens sent by mail.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// End of validity in seconds since the Unix epoch; 0 when there is none to be read.
    pub exp: i64,
    /// Id of the record.
    pub id: String,
    /// Address the record is to get; on tokens for changing it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub new_email: String,
    /// Only on auth tokens: whether a refresh gives a new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refreshable: Option<bool>,
    /// What the token is for.
    #[serde(rename = "type")]
    pub kind: String,
    /// Begin of validity; tokens made here have none.
    #[serde(skip)]
    pub starts: i64,
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

impl Claims {
    /// Says whether the token is in force and has the claims every token has.
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        let now = now.unix_seconds();
        let is_complete =
            !self.id.is_empty() && !self.collection_id.is_empty() && !self.kind.is_empty();
        is_complete && self.exp > now && self.starts <= now
    }

    fn of(members: &Map<String, Json>) -> Self {
        let text = |name: &str| match members.get(name) {
            Some(Json::String(text)) => text.clone(),
            _ => String::new(),
        };
        let times = (|| {
            let (nbf, iat) = (time(members, "nbf")?, time(members, "iat")?);
            Some((time(members, "exp")?, nbf.max(iat)))
        })();
        // Without an end it is never in force, whatever else it says.
        let (exp, starts) = times.unwrap_or_default();
        Self {
            collection_id: text("collectionId"),
            email: match members.get("email") {
                // Compat: what is no text is an address that nobody has.
                Some(other @ (Json::Number(_) | Json::Bool(_))) => other.to_string(),
                _ => text("email"),
            },
            exp,
            id: text("id"),
            new_email: text("newEmail"),
            refreshable: members.get("refreshable").and_then(Json::as_bool),
            kind: text("type"),
            starts,
        }
    }
}

/// A moment in whole seconds, 0 when it is not given; `None` when it is something else than a number.
fn time(members: &Map<String, Json>, name: &str) -> Option<i64> {
    let Some(value) = members.get(name) else {
        return Some(0);
    };
    value.as_i64().or_else(|| {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what lies beyond all dates may as well end with them"
        )]
        value.as_f64().map(|seconds| seconds as i64)
    })
}

/// Signs claims. The key is the record's token key followed by the collection's secret for this kind of token.
pub fn sign(claims: &Claims, key: &Secret<String>) -> Result<String> {
    let claims = serde_json::to_vec(claims).fault("while writing the claims of a token")?;
    let mut token = BASE64.encode(HEADER);
    token.push('.');
    BASE64.encode_string(claims, &mut token);
    let signature = mac(&token, key)?.finalize().into_bytes();
    token.push('.');
    BASE64.encode_string(signature, &mut token);
    Ok(token)
}

/// Reads the claims without checking the signature, only to find the key to check it with.
///
/// `None` when it is no token, is not in force, or lacks one of the claims every token has.
pub fn peek(token: &str, now: Timestamp) -> Option<Claims> {
    read(token).filter(|claims| claims.is_in_force(now))
}

/// Reads whatever claims a text carries. Nothing about them is checked; only for saying what is missing.
pub fn read(token: &str) -> Option<Claims> {
    let (head, claims, _) = split(token)?;
    object(head)?;
    Some(Claims::of(&object(claims)?))
}

/// Checks algorithm and signature.
pub fn is_signed_with(token: &str, key: &Secret<String>) -> bool {
    let check = || {
        let (head, _, signature) = split(token)?;
        let signed = token.get(..token.len() - signature.len() - 1)?;
        let is_ours = object(head)?.get("alg")? == ALGORITHM;
        let signature = BASE64.decode(signature).ok()?;
        let matches = mac(signed, key).ok()?.verify_slice(&signature).is_ok();
        Some(is_ours && matches)
    };
    check().unwrap_or_default()
}

fn mac(signed: &str, key: &Secret<String>) -> Result<Hmac<Sha256>> {
    let mac = Hmac::<Sha256>::new_from_slice(key.expose().as_bytes());
    let mac = mac.fault("while preparing the key of a token")?;
    Ok(mac.chain_update(signed))
}

/// Header, claims and signature.
fn split(token: &str) -> Option<(&str, &str, &str)> {
    if token.len() > MAX_LENGTH {
        return None;
    }
    let (head, rest) = token.split_once('.')?;
    let (claims, signature) = rest.split_once('.')?;
    (!signature.contains('.')).then_some((head, claims, signature))
}

fn object(part: &str) -> Option<Map<String, Json>> {
    serde_json::from_slice(&BASE64.decode(part).ok()?).ok()
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
            starts: 0,
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
        assert!(token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
    }

    #[test]
    fn any_other_byte_breaks_the_signature() {
        let key = Secret::new("k".repeat(50));
        let token = sign(&claims(), &key).unwrap();
        // The very last character has bits to spare.
        for at in 0..token.len() - 1 {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert!(!is_signed_with(&other, &key), "{other}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let now = Timestamp::from_unix_ms(0);
        for token in ["", "a.b", "a.b.c", "a.e30.c", "a.b.c.d", "e30.e30.", ".."] {
            assert_eq!(peek(token, now), None, "{token}");
            assert!(!is_signed_with(token, &Secret::default()), "{token}");
        }
    }
}
