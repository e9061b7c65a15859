//! The domain lists that email and url fields share.

use serde_json::Value as Json;

use crate::base::issues::{Issue, Issues};
use crate::schema::codes;
use crate::schema::fields::members::{FieldFormError, Members};

/// Options of email and url fields; at most one list is not empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DomainOptions {
    pub except_domains: Vec<String>,
    pub only_domains: Vec<String>,
}

impl DomainOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            except_domains: members.texts("exceptDomains")?,
            only_domains: members.texts("onlyDomains")?,
        })
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("exceptDomains", self.except_domains.clone().into());
        put("onlyDomains", self.only_domains.clone().into());
    }

    /// Says whether a domain may be used; letter case counts.
    pub(super) fn allow(&self, domain: &str) -> bool {
        if self.only_domains.is_empty() {
            !self.except_domains.iter().any(|except| except == domain)
        } else {
            self.only_domains.iter().any(|only| only == domain)
        }
    }

    pub(super) fn check(&self, issues: &mut Issues) {
        let both = !self.only_domains.is_empty() && !self.except_domains.is_empty();
        for (option, domains) in [
            ("onlyDomains", &self.only_domains),
            ("exceptDomains", &self.except_domains),
        ] {
            if both {
                issues.add(option, codes::empty());
            } else {
                issues.nest(option, check_domains(domains));
            }
        }
    }
}

fn check_domains(domains: &[String]) -> Issues {
    let mut issues = Issues::new();
    for (index, domain) in domains.iter().enumerate() {
        if !domain.is_empty() && !is_domain(domain) {
            let issue = Issue::new("validation_is_domain", "Must be a valid domain.");
            issues.add(index.to_string(), issue);
        }
    }
    issues
}

/// Two or more labels of ASCII letters, digits and inner hyphens, the last one of letters only.
fn is_domain(domain: &str) -> bool {
    const MAX_LENGTH: usize = 255;
    const MAX_LABEL: usize = 63;
    let Some((labels, top)) = domain.rsplit_once('.') else {
        return false;
    };
    let is_label = |label: &str| {
        (1..=MAX_LABEL).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.len() <= MAX_LENGTH
        && labels.split('.').all(is_label)
        && (1..=MAX_LABEL).contains(&top.len())
        && top.bytes().all(|b| b.is_ascii_alphabetic())
}
