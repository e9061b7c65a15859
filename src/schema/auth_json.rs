//! JSON form of auth options: what superusers see (no secrets), what is stored (with them), what may be submitted.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::base::secret::Secret;
use crate::schema::auth_options::{
    AuthAlert, AuthOptions, MappedFields, Mfa, OAuth2, OAuth2Provider, Otp, PasswordAuth,
    TokenConfig,
};
use crate::schema::members::{Malformed, Members};
use crate::schema::templates::EmailTemplate;

/// Whether a JSON form contains secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrets {
    /// Left out: the form that leaves the server.
    Hidden,
    /// Included: the form that is stored.
    Shown,
}

/// Auth options in the order of the wire.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthWire<'a> {
    auth_rule: Option<&'a str>,
    manage_rule: Option<&'a str>,
    auth_alert: &'a AuthAlert,
    oauth2: OAuth2Wire<'a>,
    password_auth: &'a PasswordAuth,
    mfa: &'a Mfa,
    otp: &'a Otp,
    auth_token: TokenWire<'a>,
    password_reset_token: TokenWire<'a>,
    email_change_token: TokenWire<'a>,
    verification_token: TokenWire<'a>,
    file_token: TokenWire<'a>,
    verification_template: &'a EmailTemplate,
    reset_password_template: &'a EmailTemplate,
    confirm_email_change_template: &'a EmailTemplate,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OAuth2Wire<'a> {
    providers: Vec<ProviderWire<'a>>,
    mapped_fields: &'a MappedFields,
    enabled: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProviderWire<'a> {
    pkce: Option<bool>,
    name: &'a str,
    client_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<&'a str>,
    #[serde(rename = "authURL")]
    auth_url: &'a str,
    #[serde(rename = "tokenURL")]
    token_url: &'a str,
    #[serde(rename = "userInfoURL")]
    user_info_url: &'a str,
    display_name: &'a str,
    extra: &'a Map<String, Json>,
}

#[derive(Serialize)]
struct TokenWire<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<&'a str>,
    duration: i64,
}

impl Secrets {
    fn show(self, secret: &Secret<String>) -> Option<&str> {
        match self {
            Self::Hidden => None,
            Self::Shown => Some(secret.expose()),
        }
    }

    fn token(self, config: &TokenConfig) -> TokenWire<'_> {
        TokenWire {
            secret: self.show(&config.secret),
            duration: config.duration,
        }
    }
}

impl AuthOptions {
    pub(crate) fn wire(&self, secrets: Secrets) -> AuthWire<'_> {
        AuthWire {
            auth_rule: self.auth_rule.as_deref(),
            manage_rule: self.manage_rule.as_deref(),
            auth_alert: &self.auth_alert,
            oauth2: OAuth2Wire {
                providers: self
                    .oauth2
                    .providers
                    .iter()
                    .map(|provider| ProviderWire {
                        pkce: provider.pkce,
                        name: &provider.name,
                        client_id: &provider.client_id,
                        client_secret: secrets.show(&provider.client_secret),
                        auth_url: &provider.auth_url,
                        token_url: &provider.token_url,
                        user_info_url: &provider.user_info_url,
                        display_name: &provider.display_name,
                        extra: &provider.extra,
                    })
                    .collect(),
                mapped_fields: &self.oauth2.mapped_fields,
                enabled: self.oauth2.enabled,
            },
            password_auth: &self.password_auth,
            mfa: &self.mfa,
            otp: &self.otp,
            auth_token: secrets.token(&self.auth_token),
            password_reset_token: secrets.token(&self.password_reset_token),
            email_change_token: secrets.token(&self.email_change_token),
            verification_token: secrets.token(&self.verification_token),
            file_token: secrets.token(&self.file_token),
            verification_template: &self.verification_template,
            reset_password_template: &self.reset_password_template,
            confirm_email_change_template: &self.confirm_email_change_template,
        }
    }

    /// Takes over the submitted members.
    pub(crate) fn merge(&mut self, members: &Members<'_>) -> Result<(), Malformed> {
        members.optional_text("authRule", &mut self.auth_rule)?;
        members.optional_text("manageRule", &mut self.manage_rule)?;
        members.object(
            "authAlert",
            &mut self.auth_alert,
            AuthAlert::default,
            |m, alert| {
                m.flag("enabled", &mut alert.enabled)?;
                template(m, "emailTemplate", &mut alert.email_template)
            },
        )?;
        members.object("oauth2", &mut self.oauth2, OAuth2::default, oauth2)?;
        members.object(
            "passwordAuth",
            &mut self.password_auth,
            PasswordAuth::default,
            |m, password| {
                m.flag("enabled", &mut password.enabled)?;
                m.texts("identityFields", &mut password.identity_fields)
            },
        )?;
        members.object("mfa", &mut self.mfa, Mfa::default, |m, mfa| {
            m.flag("enabled", &mut mfa.enabled)?;
            m.integer("duration", &mut mfa.duration)?;
            m.text("rule", &mut mfa.rule)
        })?;
        members.object("otp", &mut self.otp, Otp::default, |m, otp| {
            m.flag("enabled", &mut otp.enabled)?;
            m.integer("duration", &mut otp.duration)?;
            m.integer("length", &mut otp.length)?;
            template(m, "emailTemplate", &mut otp.email_template)
        })?;
        token(members, "authToken", &mut self.auth_token)?;
        token(
            members,
            "passwordResetToken",
            &mut self.password_reset_token,
        )?;
        token(members, "emailChangeToken", &mut self.email_change_token)?;
        token(members, "verificationToken", &mut self.verification_token)?;
        token(members, "fileToken", &mut self.file_token)?;
        template(
            members,
            "verificationTemplate",
            &mut self.verification_template,
        )?;
        template(
            members,
            "resetPasswordTemplate",
            &mut self.reset_password_template,
        )?;
        template(
            members,
            "confirmEmailChangeTemplate",
            &mut self.confirm_email_change_template,
        )
    }
}

fn template(
    members: &Members<'_>,
    name: &str,
    target: &mut EmailTemplate,
) -> Result<(), Malformed> {
    members.object(name, target, EmailTemplate::default, |m, template| {
        m.text("subject", &mut template.subject)?;
        m.text("body", &mut template.body)
    })
}

fn token(members: &Members<'_>, name: &str, target: &mut TokenConfig) -> Result<(), Malformed> {
    members.object(name, target, TokenConfig::default, |m, config| {
        secret(m, "secret", &mut config.secret)?;
        m.integer("duration", &mut config.duration)
    })
}

fn secret(members: &Members<'_>, name: &str, target: &mut Secret<String>) -> Result<(), Malformed> {
    let mut text = target.expose().clone();
    members.text(name, &mut text)?;
    *target = Secret::new(text);
    Ok(())
}

fn oauth2(members: &Members<'_>, oauth2: &mut OAuth2) -> Result<(), Malformed> {
    members.flag("enabled", &mut oauth2.enabled)?;
    members.object(
        "mappedFields",
        &mut oauth2.mapped_fields,
        MappedFields::default,
        |m, mapped| {
            m.text("id", &mut mapped.id)?;
            m.text("name", &mut mapped.name)?;
            m.text("username", &mut mapped.username)?;
            m.text("avatarURL", &mut mapped.avatar_url)
        },
    )?;
    match members.get("providers") {
        None => {}
        Some(Json::Null) => oauth2.providers.clear(),
        Some(Json::Array(items)) => {
            oauth2.providers = providers(members, items, &oauth2.providers)?;
        }
        Some(_) => return Err(Malformed),
    }
    Ok(())
}

/// Replaces the list; each submitted provider starts from the stored one of its name, so that partial objects keep
/// what they leave out.
fn providers<'a>(
    list: &Members<'a>,
    items: &'a [Json],
    stored: &[OAuth2Provider],
) -> Result<Vec<OAuth2Provider>, Malformed> {
    let mut used = HashSet::new();
    items
        .iter()
        .map(|item| {
            let object = match item {
                Json::Null => return Ok(OAuth2Provider::default()),
                Json::Object(object) => object,
                _ => return Err(Malformed),
            };
            let members = list.nested(object)?;
            let mut name = String::new();
            members.text("name", &mut name)?;
            let mut provider = stored
                .iter()
                .find(|provider| provider.name == name && used.insert(name.clone()))
                .cloned()
                .unwrap_or_default();
            provider.name = name;
            members.optional_flag("pkce", &mut provider.pkce)?;
            members.text("clientId", &mut provider.client_id)?;
            secret(&members, "clientSecret", &mut provider.client_secret)?;
            members.text("authURL", &mut provider.auth_url)?;
            members.text("tokenURL", &mut provider.token_url)?;
            members.text("userInfoURL", &mut provider.user_info_url)?;
            members.text("displayName", &mut provider.display_name)?;
            members.map("extra", &mut provider.extra)?;
            Ok(provider)
        })
        .collect()
}
