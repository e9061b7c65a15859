//! Validation of the configured OAuth2 providers.

use std::collections::HashSet;

use crate::base::issues::{Issue, Issues};
use crate::catalog::providers;
use crate::schema::fields::url;
use crate::schema::{OAuth2, OAuth2Provider};

/// Checks the providers; while OAuth2 is off they may be anything.
pub(super) fn validate(oauth2: &OAuth2) -> Issues {
    let mut issues = Issues::new();
    if oauth2.enabled {
        let list = match check_duplicates(&oauth2.providers) {
            Err(list) => list,
            Ok(()) => check_each(&oauth2.providers),
        };
        issues.nest("providers", list);
    }
    issues
}

fn check_duplicates(providers: &[OAuth2Provider]) -> Result<(), Issues> {
    let mut names = HashSet::new();
    for (position, provider) in providers.iter().enumerate() {
        if !provider.name.is_empty() && !names.insert(provider.name.as_str()) {
            let issue = Issue::new(
                "validation_duplicated_provider",
                format!("The provider {} is already registered.", provider.name),
            )
            .with("name", provider.name.as_str());
            let mut list = Issues::new();
            list.nest(position.to_string(), Issues::one("name", issue));
            return Err(list);
        }
    }
    Ok(())
}

fn check_each(providers: &[OAuth2Provider]) -> Issues {
    let mut list = Issues::new();
    for (position, provider) in providers.iter().enumerate() {
        list.nest(position.to_string(), check_provider(provider));
    }
    list
}

fn check_provider(provider: &OAuth2Provider) -> Issues {
    let mut issues = Issues::new();
    if provider.name.is_empty() {
        issues.add("name", Issue::required());
    } else if !providers::is_known(&provider.name) {
        issues.add(
            "name",
            Issue::new(
                "validation_missing_provider",
                format!("Invalid or missing provider with name {}.", provider.name),
            )
            .with("name", provider.name.as_str()),
        );
    }
    let secrets = [
        ("clientId", &provider.client_id),
        ("clientSecret", provider.client_secret.expose()),
    ];
    for (key, text) in secrets {
        if text.is_empty() {
            issues.add(key, Issue::required());
        }
    }
    let urls = [
        ("authURL", &provider.auth_url),
        ("tokenURL", &provider.token_url),
        ("userInfoURL", &provider.user_info_url),
    ];
    for (key, text) in urls {
        if !text.is_empty() && !url::is_url(text) {
            issues.add(key, Issue::new("validation_is_url", "Must be a valid URL."));
        }
    }
    issues
}
