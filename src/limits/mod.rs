//! How many requests are let through, and where superusers may come from: the settings in the form they are asked in.
//!
//! Counts in memory, per process. Knows nothing of HTTP; `api::limits` says what a request is called.

mod request;
mod rules;
mod throttle;
mod windows;

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Instant;

use crate::ctx::Principal;
use crate::limits::rules::Rules;
use crate::limits::windows::{Key, Windows};
use crate::settings::Settings;
use crate::settings::network::Subnet;

pub use request::{Action, Request};
pub use throttle::Throttle;

/// The limits of one state of the settings; new settings start counting anew.
#[derive(Debug)]
pub struct Limits {
    /// `None` while requests are not limited.
    rules: Option<Rules>,
    excluded: Vec<Subnet>,
    /// `None` while superusers may come from everywhere.
    superusers: Option<Vec<Subnet>>,
    windows: Windows,
    used: AtomicBool,
}

impl Limits {
    /// Reads the limits from the settings.
    pub fn new(settings: &Settings) -> Self {
        let subnets =
            |list: &[String]| list.iter().filter_map(|text| Subnet::parse(text)).collect();
        Self {
            rules: settings
                .rate_limits
                .enabled
                .then(|| Rules::new(&settings.rate_limits.rules)),
            excluded: subnets(&settings.rate_limits.excluded_ips),
            superusers: (!settings.superuser_ips.is_empty())
                .then(|| subnets(&settings.superuser_ips)),
            windows: Windows::default(),
            used: AtomicBool::new(false),
        }
    }

    /// Says that nothing is limited, so that nothing has to be asked.
    pub const fn is_idle(&self) -> bool {
        self.rules.is_none() && self.superusers.is_none()
    }

    /// Says whether a superuser may come from an address.
    pub fn superuser_may_come_from(&self, ip: Option<IpAddr>) -> bool {
        let Some(allowed) = &self.superusers else {
            return true;
        };
        ip.is_some_and(|ip| allowed.iter().any(|subnet| subnet.contains(ip)))
    }

    /// Counts a request; `false` when it is one too many.
    pub fn admit(&self, request: &Request<'_>, now: Instant) -> bool {
        let Some(rules) = &self.rules else {
            return true;
        };
        if matches!(
            request.principal,
            Principal::Superuser(_) | Principal::System
        ) {
            return true;
        }
        let Some((index, rule)) = rules.find(request) else {
            return true;
        };
        let is_excluded = |ip| self.excluded.iter().any(|subnet| subnet.contains(ip));
        if request.ip.is_some_and(is_excluded) {
            return true;
        }
        let key = Key {
            rule: index,
            bucket: request.action.map_or(0, |action| {
                self.windows
                    .bucket(&(action.collection_id, action.route, action.tags))
            }),
            ip: request.ip,
        };
        self.windows.count(key, rule.window, now) <= rule.max
    }

    /// Says, once, that requests have been counted.
    pub fn take_used(&self) -> bool {
        self.rules.is_some() && !self.used.swap(true, Relaxed)
    }

    /// Forgets counts whose time is over.
    pub fn clean_up(&self, now: Instant) {
        self.windows.clean_up(now);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Action, Limits, Request};
    use crate::ctx::{AuthRecord, Principal};
    use crate::settings::{RateLimitRule, Settings};

    fn limits(rules: &[(&str, &str, i64)]) -> Limits {
        let mut settings = Settings::default();
        settings.rate_limits.enabled = true;
        settings.rate_limits.excluded_ips = vec!["10.0.0.0/8".to_owned()];
        settings.rate_limits.rules = rules
            .iter()
            .map(|(label, audience, max_requests)| RateLimitRule {
                label: (*label).to_owned(),
                audience: (*audience).to_owned(),
                duration: 10,
                max_requests: *max_requests,
            })
            .collect();
        Limits::new(&settings)
    }

    fn plain<'a>(
        principal: &'a Principal,
        ip: &str,
        method: &'a str,
        path: &'a str,
    ) -> Request<'a> {
        Request {
            principal,
            ip: ip.parse().ok(),
            method,
            path,
            action: None,
        }
    }

    fn on<'a>(collection: &'a str, route: &'a str, tags: &'a [&'a str]) -> Request<'a> {
        Request {
            action: Some(Action {
                collection_id: collection,
                collection_name: collection,
                route,
                tags,
            }),
            ..plain(&Principal::Guest, "1.1.1.1", "POST", "/api/collections/x")
        }
    }

    fn user() -> AuthRecord {
        AuthRecord {
            id: String::new(),
            collection_id: String::new(),
            collection_name: String::new(),
            email: String::new(),
            email_visibility: false,
            verified: false,
        }
    }

    #[track_caller]
    fn check(rules: &[(&str, &str, i64)], requests: &[(Request<'_>, bool)]) {
        let limits = limits(rules);
        let now = Instant::now();
        for (index, (request, expect)) in requests.iter().enumerate() {
            assert_eq!(limits.admit(request, now), *expect, "#{index} {request:?}");
        }
    }

    #[test]
    fn the_best_label_decides_and_the_first_rule_for_it() {
        let guest = Principal::Guest;
        let health = plain(&guest, "1.1.1.1", "GET", "/api/health");
        let head = plain(&guest, "1.1.1.1", "HEAD", "/api/health");
        let other = plain(&guest, "1.1.1.1", "GET", "/api/settings");
        check(&[("/api/", "", 1)], &[(health, true), (other, false)]);
        check(
            &[("/api/health", "", 1), ("GET /api/", "", 2)],
            &[
                (health, true),
                (health, true),
                (health, false),
                (head, true),
            ],
        );
        check(
            &[("/", "", 1), ("/api/", "", 3)],
            &[(health, true), (health, false)],
        );
        check(
            &[("/api/health/", "", 1)],
            &[(health, true), (health, false), (other, true)],
        );
        check(
            &[("/api/Health", "", 1), ("x", "", 1)],
            &[(health, true), (health, true)],
        );
    }

    #[test]
    fn collections_count_by_tag_and_route() {
        let (a, b) = (
            on("a", "create", &["create"]),
            on("b", "create", &["create"]),
        );
        check(&[("*:create", "", 1)], &[(a, true), (b, true), (a, false)]);
        check(
            &[("a:create", "", 1)],
            &[(a, true), (b, true), (a, false), (b, true)],
        );
        let sign_in = on("users", "password", &["authWithPassword", "auth"]);
        let code = on("users", "otp", &["authWithOTP", "auth"]);
        check(
            &[("*:auth", "", 1)],
            &[(sign_in, true), (code, true), (sign_in, false)],
        );
        check(
            &[("*:authWithPassword", "", 1), ("users:auth", "", 2)],
            &[(sign_in, true), (sign_in, true), (sign_in, false)],
        );
        check(
            &[("/api/collections/", "", 1)],
            &[(a, true), (b, true), (a, false)],
        );
    }

    #[test]
    fn callers_are_told_apart() {
        let (guest, user, root) = (
            Principal::Guest,
            Principal::User(user()),
            Principal::Superuser(user()),
        );
        let from = |principal, ip| plain(principal, ip, "GET", "/x");
        check(
            &[("/x", "", 1)],
            &[
                (from(&guest, "1.1.1.1"), true),
                (from(&user, "1.1.1.1"), false),
                (from(&guest, "1.1.1.2"), true),
                (from(&guest, "::1"), true),
                (from(&guest, "0:0::1"), false),
                (from(&root, "1.1.1.1"), true),
                (from(&guest, "10.1.1.1"), true),
                (from(&guest, "10.1.1.1"), true),
                (from(&guest, ""), true),
                (from(&guest, ""), false),
            ],
        );
        check(
            &[("/x", "@auth", 1), ("/x", "@guest", 2)],
            &[
                (from(&guest, "1.1.1.1"), true),
                (from(&user, "1.1.1.1"), true),
                (from(&user, "1.1.1.1"), false),
                (from(&guest, "1.1.1.1"), true),
                (from(&guest, "1.1.1.1"), false),
            ],
        );
    }

    #[test]
    fn windows_begin_with_their_first_request() {
        let limits = limits(&[("/x", "", 1)]);
        let request = plain(&Principal::Guest, "1.1.1.1", "GET", "/x");
        let start = Instant::now();
        let at = |seconds| limits.admit(&request, start + Duration::from_secs(seconds));
        assert_eq!(
            [at(0), at(9), at(10), at(11), at(19), at(25)],
            [true, false, true, false, false, true]
        );
        limits.clean_up(start + Duration::from_mins(1));
        assert!(at(26));
    }

    #[test]
    fn superusers_come_from_where_they_may() {
        let mut settings = Settings::default();
        assert!(Limits::new(&settings).is_idle());
        assert!(Limits::new(&settings).superuser_may_come_from(None));
        settings.superuser_ips = vec!["10.0.0.0/8".to_owned(), "::1".to_owned()];
        let limits = Limits::new(&settings);
        for (ip, expect) in [
            ("10.9.9.9", true),
            ("::1", true),
            ("::ffff:10.1.1.1", true),
            ("11.0.0.1", false),
            ("", false),
        ] {
            assert_eq!(
                limits.superuser_may_come_from(ip.parse().ok()),
                expect,
                "{ip}"
            );
        }
        assert!(!limits.is_idle());
    }
}
