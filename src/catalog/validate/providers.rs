//! Validation of the configured OAuth2 providers.

use std::collections::HashSet;

use crate::base::issues::{Issue, Issues};
use crate::catalog::providers;
use crate::schema::{OAuth2, OAuth2Provider};

/// Checks the providers; while OAuth2 is off they may be anything.
pub(super) fn validate(oauth2: &OAuth2) -> Issues {
    let mut list = Issues::new();
    if oauth2.enabled {
        let mut names = HashSet::new();
        for (position, provider) in oauth2.providers.iter().enumerate() {
            let mut issues = check_provider(provider);
            if !issues.contains("name") && !names.insert(provider.name.as_str()) {
                issues.add(
                    "name",
                    Issue::new(
                        "validation_duplicated_provider",
                        format!("The provider {} is already registered.", provider.name),
                    )
                    .with("name", provider.name.as_str()),
                );
            }
            list.nest(position.to_string(), issues);
        }
    }
    let mut issues = Issues::new();
    issues.nest("providers", list);
    issues
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
    for (key, url) in urls {
        if !url.is_empty() && !is_url(url) {
            issues.add(key, Issue::new("validation_is_url", "Must be a valid URL."));
        }
    }
    issues
}

/// A URL that a server can be asked at.
fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else {
        return false;
    };
    let known = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    known && !host.is_empty() && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}
