//! Which rule a request falls under.
//!
//! A request has several labels, best first; a rule is looked for label by label, first with exactly that label, then
//! with one that ends in `/` and is a beginning of it. Of several the first in the list counts.

use std::time::Duration;

use crate::ctx::Principal;
use crate::limits::request::Request;
use crate::settings::RateLimitRule;

#[derive(Debug)]
pub(super) struct Rules(Vec<Rule>);

#[derive(Debug)]
pub(super) struct Rule {
    label: String,
    audience: Audience,
    pub(super) window: Duration,
    /// Requests per window.
    pub(super) max: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Audience {
    Everyone,
    Guests,
    SignedIn,
}

impl Rules {
    pub(super) fn new(rules: &[RateLimitRule]) -> Self {
        let rules = rules.iter().map(|rule| Rule {
            label: rule.label.clone(),
            audience: match rule.audience.as_str() {
                "@guest" => Audience::Guests,
                "@auth" => Audience::SignedIn,
                _ => Audience::Everyone,
            },
            window: Duration::from_secs(u64::try_from(rule.duration).unwrap_or(0)),
            max: u64::try_from(rule.max_requests).unwrap_or(0),
        });
        Self(rules.collect())
    }

    /// The rule for a request, with its number.
    pub(super) fn find(&self, request: &Request<'_>) -> Option<(usize, &Rule)> {
        let audience = match request.principal {
            Principal::Guest => Audience::Guests,
            _ => Audience::SignedIn,
        };
        labels(request).into_iter().find_map(|label| {
            let mut candidates = self.0.iter().enumerate().filter(|(_, rule)| {
                rule.audience == Audience::Everyone || rule.audience == audience
            });
            candidates
                .clone()
                .find(|(_, rule)| rule.label == label)
                .or_else(|| candidates.find(|(_, rule)| rule.covers(&label)))
        })
    }
}

impl Rule {
    /// Says whether the rule is about everything below a path that a label lies below, or is.
    fn covers(&self, label: &str) -> bool {
        let Some(folder) = self.label.strip_suffix('/') else {
            return false;
        };
        label
            .strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

fn labels(request: &Request<'_>) -> Vec<String> {
    let mut labels = Vec::with_capacity(6);
    if let Some(action) = &request.action {
        for collection in [action.collection_name, "*"] {
            labels.extend(action.tags.iter().map(|tag| format!("{collection}:{tag}")));
        }
    }
    labels.push(format!("{} {}", request.method, request.path));
    labels.push(request.path.to_owned());
    labels
}
