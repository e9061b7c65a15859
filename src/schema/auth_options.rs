//! Options of auth collections. Defaults are the contract's; secrets never appear in `Debug`.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::base::ids::{self, ALNUM};
use crate::base::secret::Secret;
use crate::schema::templates::{self, EmailTemplate};

const SECRET_LENGTH: usize = 50;

/// Everything an auth collection has beyond a base one. `Default` is all zero; what a new collection has is
/// [`AuthOptions::factory`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AuthOptions {
    /// Who may sign in: `None` nobody, `""` everyone, else a filter over the auth record.
    pub auth_rule: Option<String>,
    /// Who may manage records of others: `None` nobody but superusers.
    pub manage_rule: Option<String>,
    pub auth_alert: AuthAlert,
    pub oauth2: OAuth2,
    pub password_auth: PasswordAuth,
    pub mfa: Mfa,
    pub otp: Otp,
    pub auth_token: TokenConfig,
    pub password_reset_token: TokenConfig,
    pub email_change_token: TokenConfig,
    pub verification_token: TokenConfig,
    pub file_token: TokenConfig,
    pub verification_template: EmailTemplate,
    pub reset_password_template: EmailTemplate,
    pub confirm_email_change_template: EmailTemplate,
}

/// Mail about a sign-in from a new place.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthAlert {
    pub enabled: bool,
    pub email_template: EmailTemplate,
}

/// Key and lifetime (seconds) of one kind of token.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TokenConfig {
    pub secret: Secret<String>,
    pub duration: i64,
}

/// Sign-in with identity and password.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PasswordAuth {
    pub enabled: bool,
    pub identity_fields: Vec<String>,
}

/// Two-factor sign-in; `duration` in seconds.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Mfa {
    pub enabled: bool,
    pub duration: i64,
    pub rule: String,
}

/// One-time passwords; `duration` in seconds, `length` in digits.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Otp {
    pub enabled: bool,
    pub duration: i64,
    pub length: i64,
    pub email_template: EmailTemplate,
}

/// Sign-in through other services.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OAuth2 {
    pub enabled: bool,
    pub mapped_fields: MappedFields,
    pub providers: Vec<OAuth2Provider>,
}

/// Field names that receive a provider's user data; empty = not taken over.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MappedFields {
    pub id: String,
    pub name: String,
    pub username: String,
    #[serde(rename = "avatarURL")]
    pub avatar_url: String,
}

/// One configured provider.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OAuth2Provider {
    pub name: String,
    pub client_id: String,
    pub client_secret: Secret<String>,
    pub auth_url: String,
    pub token_url: String,
    pub user_info_url: String,
    pub display_name: String,
    /// `None` = the provider's default.
    pub pkce: Option<bool>,
    pub extra: Map<String, Value>,
}

impl AuthOptions {
    /// What a new auth collection starts with: fresh secrets, the contract's durations, our mail texts.
    pub fn factory() -> Self {
        Self {
            auth_rule: Some(String::new()),
            manage_rule: None,
            auth_alert: AuthAlert {
                enabled: true,
                email_template: templates::auth_alert(),
            },
            oauth2: OAuth2::default(),
            password_auth: PasswordAuth {
                enabled: true,
                identity_fields: vec!["email".to_owned()],
            },
            mfa: Mfa {
                enabled: false,
                duration: 600,
                rule: String::new(),
            },
            otp: Otp {
                enabled: false,
                duration: 180,
                length: 8,
                email_template: templates::otp(),
            },
            auth_token: TokenConfig::fresh(432_000),
            password_reset_token: TokenConfig::fresh(1_800),
            email_change_token: TokenConfig::fresh(1_800),
            verification_token: TokenConfig::fresh(86_400),
            file_token: TokenConfig::fresh(180),
            verification_template: templates::verification(),
            reset_password_template: templates::password_reset(),
            confirm_email_change_template: templates::email_change(),
        }
    }
}

impl TokenConfig {
    /// A config with a secret of its own.
    pub fn fresh(duration: i64) -> Self {
        Self {
            secret: Secret::new(ids::random_string(SECRET_LENGTH, ALNUM)),
            duration,
        }
    }

    /// Replaces the secret: every token signed with the old one dies.
    pub fn renew_secret(&mut self) {
        *self = Self::fresh(self.duration);
    }
}
