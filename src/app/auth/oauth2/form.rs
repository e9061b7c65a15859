//! What a client submits to sign in through a service.

use serde_json::{Map, Value as Json};

use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::schema::{AuthOptions, codes};

/// Longest name of a provider.
const MAX_PROVIDER: usize = 100;

pub(super) struct Form {
    pub(super) provider: String,
    pub(super) code: String,
    pub(super) code_verifier: String,
    pub(super) redirect_url: String,
    /// Members of the record that a sign-up makes.
    pub(super) create_data: Map<String, Json>,
}

impl Form {
    /// Reads the members, whose types are checked already.
    pub(super) fn read(mut members: Map<String, Json>, options: &AuthOptions) -> Result<Self> {
        let create_data = match members.remove("createData") {
            Some(Json::Object(data)) => data,
            _ => Map::new(),
        };
        let text = |name: &str| {
            members
                .get(name)
                .and_then(Json::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let or = |first: String, second: &str| {
            if first.is_empty() {
                second.to_owned()
            } else {
                first
            }
        };
        let form = Self {
            provider: text("provider"),
            code: text("code"),
            code_verifier: text("codeVerifier"),
            redirect_url: or(text("redirectURL"), &text("redirectUrl")),
            create_data,
        };
        let mut issues = Issues::new();
        issues.check("provider", check_provider(&form.provider, options));
        if form.code.is_empty() {
            issues.add("code", Issue::required());
        }
        issues.into_result().map_err(|issues| {
            Error::invalid(
                "An error occurred while loading the submitted data.",
                issues,
            )
        })?;
        Ok(form)
    }
}

fn check_provider(name: &str, options: &AuthOptions) -> Result<(), Issue> {
    if name.is_empty() {
        return Err(Issue::required());
    }
    if name.len() > MAX_PROVIDER {
        return Err(codes::length_too_long(MAX_PROVIDER));
    }
    let mut configured = options.oauth2.providers.iter();
    if configured.any(|provider| provider.name == name) {
        return Ok(());
    }
    let message = format!("Provider with name {name} is missing or is not enabled.");
    Err(Issue::new("validation_invalid_provider", message).with("name", name))
}
