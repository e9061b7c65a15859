//! Signing in through other services: how each of them is spoken to, and what is believed of its answers.
//!
//! [`table`] has one entry per service; a [`Provider`] is an entry with what a collection configures of it. What a
//! proven user of a service means for a collection is decided in `app`.

pub mod apple;
mod encode;
mod exchange;
mod id_token;
mod names;
mod profile;
mod quirks;
mod start;
mod table;
mod user;

#[cfg(test)]
mod tests;

use std::fmt;

use serde_json::{Map, Value as Json};

use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::catalog::providers;
use crate::schema::OAuth2Provider;
use table::Spec;

pub use exchange::Grant;
pub use names::RedirectNames;
pub use start::Start;

/// A service as a collection configures it.
#[derive(Clone, Copy, Debug)]
pub struct Provider<'a> {
    spec: &'static Spec,
    config: &'a OAuth2Provider,
}

/// What a service gave for a code.
#[derive(Clone, Debug)]
pub struct Token {
    pub access: Secret<String>,
    pub refresh: Secret<String>,
    /// How the access token is presented, such as `Bearer`.
    kind: String,
    pub expiry: Option<Timestamp>,
    /// The `id_token` of OIDC; often empty.
    identity: Secret<String>,
    /// Members of the answer that are no secrets.
    members: Map<String, Json>,
}

/// What a service says about its user. Missing texts are empty; an address is only here when the service vouches for
/// it.
#[derive(Clone, Debug, PartialEq)]
pub struct RemoteUser {
    pub id: String,
    pub name: String,
    pub username: String,
    pub email: String,
    pub avatar_url: String,
    /// The service's own answer.
    pub raw: Map<String, Json>,
}

/// Why a service's answer is of no use; for operators, never for clients, and without secrets.
#[derive(Debug)]
pub struct Unusable(String);

impl Unusable {
    fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unusable {}

impl From<crate::fetch::Error> for Unusable {
    fn from(error: crate::fetch::Error) -> Self {
        Self(error.to_string())
    }
}

impl<'a> Provider<'a> {
    /// The service a configuration names.
    pub fn of(config: &'a OAuth2Provider) -> Option<Self> {
        let spec = table::find(&config.name)?;
        Some(Self { spec, config })
    }

    /// Its name in paths and links.
    pub const fn name(&self) -> &'static str {
        self.spec.name
    }

    /// What people read.
    pub fn display_name(&self) -> &'a str {
        or_default(
            &self.config.display_name,
            providers::display_name(self.spec.name),
        )
    }

    fn auth_url(&self) -> &'a str {
        or_default(&self.config.auth_url, self.spec.auth_url)
    }

    fn token_url(&self) -> &'a str {
        or_default(&self.config.token_url, self.spec.token_url)
    }

    fn user_url(&self) -> &'a str {
        or_default(&self.config.user_info_url, self.spec.user_url)
    }

    fn uses_pkce(&self) -> bool {
        self.config.pkce.unwrap_or(self.spec.pkce)
    }

    /// A text of the operator's further settings.
    fn extra(&self, name: &str) -> &'a str {
        self.config
            .extra
            .get(name)
            .and_then(Json::as_str)
            .unwrap_or_default()
    }
}

const fn or_default<'a>(configured: &'a str, default: &'static str) -> &'a str {
    if configured.is_empty() {
        default
    } else {
        configured
    }
}
