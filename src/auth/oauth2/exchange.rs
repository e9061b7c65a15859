//! A code for a token: one form to the service's token address.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{HeaderMap, Method};
use serde_json::{Map, Value as Json};

use crate::auth::oauth2::profile::text_of;
use crate::auth::oauth2::{Provider, Token, Unusable, encode};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::fetch::{self, Answer, Client, Limits, Reach};

/// Longest time for one exchange with a service.
const TIME: Duration = Duration::from_secs(30);
/// Longest answer of a service, in bytes.
const MAX_ANSWER: usize = 1 << 20;
/// Longest token that is taken, in bytes.
const MAX_TOKEN: usize = 64 << 10;
/// How often an answer about a user may lead on.
const MAX_REDIRECTS: usize = 5;

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// What a client brings back from a service.
#[derive(Clone, Copy, Debug)]
pub struct Grant<'a> {
    pub code: &'a str,
    pub code_verifier: &'a str,
    pub redirect_url: &'a str,
}

/// Where the service looks for the client's secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Credentials {
    Header,
    Form,
}

impl Provider<'_> {
    /// Exchanges a code for a token. Services disagree where the client's secret belongs, so both places are tried.
    pub async fn exchange(
        &self,
        client: &Client,
        grant: Grant<'_>,
        now: Timestamp,
    ) -> Result<Token, Unusable> {
        let first = self
            .try_exchange(client, grant, Credentials::Header, now)
            .await;
        match first {
            Err(Failed::Refused(_)) => self
                .try_exchange(client, grant, Credentials::Form, now)
                .await
                .map_err(Failed::reason),
            other => other.map_err(Failed::reason),
        }
    }

    async fn try_exchange(
        &self,
        client: &Client,
        grant: Grant<'_>,
        credentials: Credentials,
        now: Timestamp,
    ) -> Result<Token, Failed> {
        let (id, secret) = (&self.config.client_id, self.config.client_secret.expose());
        let mut pairs = vec![("code", grant.code), ("grant_type", "authorization_code")];
        if self.uses_pkce() {
            pairs.push(("code_verifier", grant.code_verifier));
        }
        if !grant.redirect_url.is_empty() {
            pairs.push(("redirect_uri", grant.redirect_url));
        }
        if credentials == Credentials::Form {
            pairs.push(("client_id", id));
            pairs.push(("client_secret", secret));
        }
        pairs.sort_unstable();
        let mut request = fetch::request(Method::POST, self.token_url(), encode::form(&pairs))
            .map_err(|error| Failed::Unreachable(error.into()))?;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, FORM);
        headers.insert(ACCEPT, JSON);
        if credentials == Credentials::Header {
            let pair = format!("{}:{}", encode::value(id), encode::value(secret));
            let value = format!("Basic {}", STANDARD.encode(pair));
            headers.insert(
                AUTHORIZATION,
                sensitive(&value).map_err(Failed::Unreachable)?,
            );
        }
        let limits = Limits {
            redirects: 0,
            ..limits()
        };
        let answer = client
            .fetch(request, &limits)
            .await
            .map_err(|error| Failed::Unreachable(error.into()))?;
        read_token(&answer, now).map_err(Failed::Refused)
    }
}

/// Why one try gave no token.
enum Failed {
    /// There was no answer; asking in another way will not help.
    Unreachable(Unusable),
    /// The answer holds no token.
    Refused(Unusable),
}

impl Failed {
    fn reason(self) -> Unusable {
        match self {
            Self::Unreachable(reason) | Self::Refused(reason) => reason,
        }
    }
}

/// What every exchange with a service may cost.
pub(super) const fn limits() -> Limits {
    Limits {
        time: TIME,
        bytes: MAX_ANSWER,
        redirects: MAX_REDIRECTS,
        reach: Reach::Anywhere,
    }
}

/// A header that is left out of debug output.
pub(super) fn sensitive(text: &str) -> Result<HeaderValue, Unusable> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Unusable::new("a token or client id that fits in no header"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn read_token(answer: &Answer, now: Timestamp) -> Result<Token, Unusable> {
    if !answer.status.is_success() {
        return Err(Unusable::new(format!(
            "the token address answered {}{}",
            answer.status.as_u16(),
            error_code(answer)
        )));
    }
    let mut members = members(answer)?;
    if members
        .get("error")
        .is_some_and(|error| error.as_str() != Some(""))
    {
        return Err(Unusable::new(format!(
            "the token address answered an error{}",
            error_code(answer)
        )));
    }
    let text = |name: &str| match members.get(name) {
        None | Some(Json::Null) => Ok(String::new()),
        Some(Json::String(text)) if text.len() <= MAX_TOKEN => Ok(text.clone()),
        Some(_) => Err(Unusable::new(format!("`{name}` is too long or no text"))),
    };
    let access = text("access_token")?;
    if access.is_empty() {
        return Err(Unusable::new("the answer has no access token"));
    }
    let seconds = match members.get("expires_in") {
        None | Some(Json::Null) => 0,
        Some(Json::String(text)) => text.parse().map_err(|_| bad_lifetime())?,
        Some(value) => value.as_i64().ok_or_else(bad_lifetime)?,
    };
    if seconds < 0 {
        return Err(bad_lifetime());
    }
    let expiry = (seconds > 0).then(|| {
        Timestamp::from_unix_ms(now.unix_ms().saturating_add(seconds.saturating_mul(1000)))
    });
    let (refresh, kind) = (text("refresh_token")?, text("token_type")?);
    let identity = text_of(&members, "id_token");
    for secret in ["access_token", "refresh_token", "id_token"] {
        members.remove(secret);
    }
    Ok(Token {
        access: Secret::new(access),
        refresh: Secret::new(refresh),
        kind,
        expiry,
        identity: Secret::new(identity),
        members,
    })
}

fn bad_lifetime() -> Unusable {
    Unusable::new("`expires_in` is no lifetime")
}

/// The members of an answer, which is JSON unless it says otherwise.
fn members(answer: &Answer) -> Result<Map<String, Json>, Unusable> {
    let kind = content_type(&answer.headers);
    if matches!(kind, "application/x-www-form-urlencoded" | "text/plain") {
        return Ok(form_urlencoded::parse(&answer.body)
            .map(|(name, text)| (name.into_owned(), Json::String(text.into_owned())))
            .collect());
    }
    serde_json::from_slice(&answer.body)
        .map_err(|_| Unusable::new("the answer with the token is no JSON object"))
}

fn content_type(headers: &HeaderMap) -> &str {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .unwrap_or_default()
        .trim()
}

/// The error code of OAuth2, which is one word; nothing else of an answer is repeated.
fn error_code(answer: &Answer) -> String {
    let code = members(answer)
        .map(|members| text_of(&members, "error"))
        .unwrap_or_default();
    let is_word = |text: &str| {
        (1..=64).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
    };
    if is_word(&code) {
        format!(": {code}")
    } else {
        String::new()
    }
}

impl Token {
    /// The value of an `Authorization` header.
    pub(super) fn authorization(&self) -> Result<HeaderValue, Unusable> {
        let kind = match self.kind.to_ascii_lowercase().as_str() {
            "" | "bearer" => "Bearer",
            "mac" => "MAC",
            "basic" => "Basic",
            _ => &self.kind,
        };
        sensitive(&format!("{kind} {}", self.access.expose()))
    }
}
