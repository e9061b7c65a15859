//! Validation of rate limit rules.

use crate::base::issues::{Issue, Issues};
use crate::schema::codes;
use crate::settings::{RateLimitRule, RateLimits, validate};

impl RateLimits {
    pub(super) fn issues(&self) -> Issues {
        let mut issues = Issues::new();
        issues.nest("excludedIPs", validate::subnet_issues(&self.excluded_ips));
        if self.enabled && self.rules.is_empty() {
            issues.add("rules", Issue::required());
        }
        let mut rules = Issues::new();
        for (index, rule) in self.rules.iter().enumerate() {
            rules.nest(index.to_string(), rule.issues());
        }
        if rules.is_empty()
            && let Some((index, label)) = self.conflict()
        {
            let message = format!(
                "Rate limit rule configuration with label {label} already exists or conflicts with another rule."
            );
            let issue =
                Issue::new("validation_conflicting_rate_limit_rule", message).with("label", label);
            rules.nest(index.to_string(), Issues::one("label", issue));
        }
        issues.nest("rules", rules);
        issues
    }

    /// Makes the rules of a collection follow its new name; says whether there were any.
    pub fn rename_collection(&mut self, old: &str, new: &str) -> bool {
        let mut any = false;
        for rule in &mut self.rules {
            if let Some((collection, action)) = rule.label.split_once(':')
                && collection == old
            {
                rule.label = format!("{new}:{action}");
                any = true;
            }
        }
        any
    }

    /// The first rule that another one before it leaves no room for: same label, and the same audience or everyone.
    fn conflict(&self) -> Option<(usize, &str)> {
        self.rules.iter().enumerate().find_map(|(index, rule)| {
            let conflicts = |earlier: &&RateLimitRule| {
                earlier.label == rule.label
                    && (earlier.audience == rule.audience
                        || earlier.audience.is_empty()
                        || rule.audience.is_empty())
            };
            let earlier = self.rules.iter().take(index).find(conflicts);
            earlier.map(|_| (index, rule.label.as_str()))
        })
    }
}

impl RateLimitRule {
    fn issues(&self) -> Issues {
        let mut issues = Issues::new();
        if self.label.is_empty() {
            issues.add("label", Issue::required());
        } else if !is_label(&self.label) {
            issues.add("label", codes::match_invalid());
        }
        for (name, value) in [
            ("maxRequests", self.max_requests),
            ("duration", self.duration),
        ] {
            issues.check(name, validate::required(value != 0));
            issues.check(name, validate::at_least(value, 1));
        }
        if !matches!(self.audience.as_str(), "" | "@guest" | "@auth") {
            issues.add("audience", codes::in_invalid());
        }
        issues
    }
}

/// Says whether a text is `POST /path`, `/path`, `collection:tag`, `*:tag` or a single word.
fn is_label(label: &str) -> bool {
    let is_word_byte = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(is_word_byte);
    let is_path = |text: &str| {
        text.strip_prefix('/').is_some_and(|rest| {
            rest.bytes()
                .all(|byte| is_word_byte(byte) || matches!(byte, b'/' | b'-'))
        })
    };
    if let Some((method, path)) = label.split_once(' ') {
        is_word(method) && is_path(path)
    } else if let Some((collection, tag)) = label.split_once(':') {
        (collection == "*" || is_word(collection)) && is_word(tag)
    } else {
        is_path(label) || is_word(label)
    }
}

#[cfg(test)]
mod tests {
    use super::is_label;

    #[test]
    fn labels() {
        for label in [
            "*:auth",
            "users:list",
            "/api/",
            "/",
            "GET /api/",
            "get /a",
            "POST /a-b/c",
            "a",
        ] {
            assert!(is_label(label), "{label}");
        }
        for label in [
            "",
            "*",
            "a b",
            "a:b:c",
            "users:",
            ":x",
            "/a.b",
            "/a/{id}",
            "GET  /a",
            "a-b",
            "é",
            "POST a",
            "/a b",
            "* /a",
            "users:list ",
            "users:list\n",
        ] {
            assert!(!is_label(label), "{label:?}");
        }
    }
}
