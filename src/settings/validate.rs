//! Validation of the document. Members are independent; of each one the first complaint counts.

use crate::base::cron::Schedule;
use crate::base::issues::{Issue, Issues};
use crate::schema::codes;
use crate::schema::fields::email::is_email;
use crate::schema::fields::url::is_url;
use crate::settings::network::Subnet;
use crate::settings::{
    Backups, Batch, Hooks, Logs, Meta, Openapi, S3, Settings, Smtp, forms, openapi,
};

/// Longest names, in bytes.
const MAX_NAME_BYTES: usize = 255;

/// Length of a color such as `#1055c9`.
const COLOR_BYTES: usize = 7;

impl Settings {
    /// What is wrong with the settings, by the path of each member; nothing where they can be stored.
    pub fn issues(&self) -> Issues {
        let mut issues = Issues::new();
        issues.nest("superuserIPs", subnet_issues(&self.superuser_ips));
        issues.nest("smtp", self.smtp.issues());
        issues.nest("backups", self.backups.issues());
        issues.nest("s3", self.s3.issues());
        issues.nest("meta", self.meta.issues());
        issues.nest("rateLimits", self.rate_limits.issues());
        issues.nest("batch", self.batch.issues());
        issues.nest("hooks", self.hooks.issues());
        issues.nest("openapi", self.openapi.issues());
        issues.nest("logs", self.logs.issues());
        issues
    }
}

impl Smtp {
    fn issues(&self) -> Issues {
        let mut issues = Issues::new();
        issues.check("host", required(!self.enabled || !self.host.is_empty()));
        issues.check("host", optional(&self.host, forms::is_host, not_host));
        issues.check("port", required(!self.enabled || self.port != 0));
        issues.check("port", at_least(self.port, 0));
        if !matches!(self.auth_method.as_str(), "" | "PLAIN" | "LOGIN") {
            issues.add("authMethod", codes::in_invalid());
        }
        issues.check(
            "localName",
            optional(&self.local_name, forms::is_host, not_host),
        );
        issues
    }
}

impl Backups {
    fn issues(&self) -> Issues {
        let mut issues = Issues::new();
        if !self.cron.is_empty()
            && let Err(error) = Schedule::parse(&self.cron)
        {
            issues.add(
                "cron",
                Issue::new("validation_invalid_cron", error.to_string()),
            );
        }
        let has_count = self.cron.is_empty() || self.cron_max_keep != 0;
        issues.check("cronMaxKeep", required(has_count));
        issues.check("cronMaxKeep", at_least(self.cron_max_keep, 1));
        issues.nest("s3", self.s3.issues());
        issues
    }
}

impl S3 {
    fn issues(&self) -> Issues {
        let mut issues = Issues::new();
        for (name, value) in [
            ("endpoint", self.endpoint.as_str()),
            ("bucket", &self.bucket),
            ("region", &self.region),
            ("accessKey", &self.access_key),
            ("secret", self.secret.expose()),
        ] {
            issues.check(name, required(!self.enabled || !value.is_empty()));
        }
        issues.check("endpoint", optional(&self.endpoint, is_url, not_url));
        issues
    }
}

impl Meta {
    fn issues(&self) -> Issues {
        let mut issues = Issues::new();
        if !self.accent_color.is_empty() && self.accent_color.len() != COLOR_BYTES {
            let message = format!("The length must be exactly {COLOR_BYTES}.");
            let issue = Issue::new("validation_length_invalid", message)
                .with("min", COLOR_BYTES)
                .with("max", COLOR_BYTES);
            issues.add("accentColor", issue);
        }
        issues.check(
            "accentColor",
            optional(&self.accent_color, forms::is_hex_color, not_hex_color),
        );
        for (name, value) in [
            ("appName", &self.app_name),
            ("senderName", &self.sender_name),
        ] {
            issues.check(name, required(!value.is_empty()));
            if value.len() > MAX_NAME_BYTES {
                issues.add(name, codes::length_out_of_range(1, 255));
            }
        }
        issues.check("appURL", required(!self.app_url.is_empty()));
        issues.check("appURL", optional(&self.app_url, is_url, not_url));
        issues.check("senderAddress", required(!self.sender_address.is_empty()));
        issues.check(
            "senderAddress",
            optional(&self.sender_address, is_email, not_email),
        );
        issues
    }
}

impl Hooks {
    fn issues(&self) -> Issues {
        let mut issues = Issues::new();
        for (name, value, range) in [
            ("operations", self.operations, 10_000..=10_000_000_000),
            ("deadline", self.deadline, 1..=3600),
            ("transactionDeadline", self.transaction_deadline, 1..=60),
            ("cronDeadline", self.cron_deadline, 1..=86_400),
            ("callDepth", self.call_depth, 4..=128),
            ("maxText", self.max_text, 1024..=1 << 30),
            ("maxItems", self.max_items, 100..=100_000_000),
            ("concurrent", self.concurrent, 0..=1024),
            ("queue", self.queue, 0..=100_000),
        ] {
            if value < *range.start() {
                issues.add(
                    name,
                    codes::no_less_than(&range.start().to_string(), *range.start()),
                );
            } else if value > *range.end() {
                issues.add(
                    name,
                    codes::no_greater_than(&range.end().to_string(), *range.end()),
                );
            }
        }
        issues
    }
}

impl Openapi {
    fn issues(&self) -> Issues {
        let mut issues = Issues::new();
        let known = [openapi::SUPERUSERS, openapi::USERS, openapi::EVERYONE];
        if !known.contains(&self.visible_to.as_str()) {
            issues.add("visibleTo", codes::in_invalid());
        }
        issues
    }
}

impl Batch {
    fn issues(&self) -> Issues {
        let mut issues = Issues::new();
        for (name, value) in [
            ("maxRequests", self.max_requests),
            ("timeout", self.timeout),
        ] {
            issues.check(name, required(!self.enabled || value != 0));
            issues.check(name, at_least(value, 0));
        }
        issues.check("maxBodySize", at_least(self.max_body_size, 0));
        issues
    }
}

impl Logs {
    fn issues(&self) -> Issues {
        let mut issues = Issues::new();
        issues.check("maxDays", at_least(self.max_days, 0));
        issues.check("maxDataSize", at_least(self.max_data_size, 0));
        issues
    }
}

/// Every entry has to be an address or a subnet.
pub(super) fn subnet_issues(list: &[String]) -> Issues {
    let mut issues = Issues::new();
    for (index, entry) in list.iter().enumerate() {
        if entry.is_empty() {
            issues.add(index.to_string(), Issue::required());
        } else if Subnet::parse(entry).is_none() {
            // Compat: the code is misspelled on the wire.
            let issue = Issue::new(
                "validation_invlaid_ip_or_subnet",
                "Invalid IP or CIDR subnet.",
            );
            issues.add(index.to_string(), issue);
        }
    }
    issues
}

pub(super) fn required(is_there: bool) -> Result<(), Issue> {
    if is_there {
        Ok(())
    } else {
        Err(Issue::required())
    }
}

/// Zero counts as absent and passes.
pub(super) fn at_least(value: i64, min: i64) -> Result<(), Issue> {
    codes::in_range(value, min, i64::MAX)
}

fn optional(text: &str, is_valid: fn(&str) -> bool, issue: fn() -> Issue) -> Result<(), Issue> {
    if text.is_empty() || is_valid(text) {
        Ok(())
    } else {
        Err(issue())
    }
}

fn not_host() -> Issue {
    Issue::new(
        "validation_is_host",
        "Must be a valid IP address or DNS name.",
    )
}

fn not_url() -> Issue {
    Issue::new("validation_is_url", "Must be a valid URL.")
}

fn not_email() -> Issue {
    Issue::new("validation_is_email", "Must be a valid email address.")
}

fn not_hex_color() -> Issue {
    Issue::new(
        "validation_is_hex_color",
        "Must be a valid hexadecimal color code.",
    )
}
