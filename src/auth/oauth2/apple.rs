//! Apple's client secret: a token that the operator's own key signs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;

use crate::base::secret::Secret;
use crate::base::time::Timestamp;

const AUDIENCE: &str = "https://appleid.apple.com";
const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// What a secret is made of.
#[derive(Debug)]
pub struct SecretParts<'a> {
    pub client_id: &'a str,
    pub team_id: &'a str,
    pub key_id: &'a str,
    /// PKCS #8 in PEM.
    pub private_key: Secret<&'a str>,
    /// Lifetime in seconds.
    pub duration: i64,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: [&'static str; 1],
    exp: i64,
    iat: i64,
}

/// Says whether a text looks like a private key in PEM.
pub fn is_private_key(text: &str) -> bool {
    body(text).is_some()
}

/// Makes a secret; the error says what is wrong with the key.
pub fn client_secret(parts: &SecretParts<'_>, now: Timestamp) -> Result<String, String> {
    let der = body(parts.private_key.expose())
        .and_then(|body| {
            let packed: String = body.split_whitespace().collect();
            STANDARD.decode(packed).ok()
        })
        .ok_or("the key is not encoded as PEM")?;
    let mut header = Header::new(Algorithm::ES256);
    header.kid = Some(parts.key_id.to_owned());
    let now = now.unix_seconds();
    let claims = Claims {
        iss: parts.team_id,
        sub: parts.client_id,
        aud: [AUDIENCE],
        exp: now.saturating_add(parts.duration),
        iat: now,
    };
    jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ec_der(&der))
        .map_err(|_| "the key is no PKCS #8 key on the curve P-256".to_owned())
}

/// What is between the marks. Programs that export keys may write about them before and behind.
fn body(text: &str) -> Option<&str> {
    let text = text.trim();
    let (before, rest) = text.split_once(BEGIN)?;
    let is_line = before.is_empty() || before.ends_with('\n');
    rest.split_once(END)
        .map(|(body, _)| body)
        .filter(|_| is_line)
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, body};

    #[test]
    fn keys_may_have_texts_around_them() {
        let key = format!("{BEGIN}\nabc\n{END}\n");
        for text in [
            key.clone(),
            format!(" \n{key}"),
            format!("Bag Attributes\n  friendlyName: x\n{key}trailing\n"),
        ] {
            assert_eq!(body(&text).map(str::trim), Some("abc"), "{text}");
        }
        for text in [format!("x{key}"), key.replace(END, ""), String::new()] {
            assert_eq!(body(&text), None, "{text}");
        }
    }
}
