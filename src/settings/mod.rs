//! The settings document: typed, with its defaults, its JSON forms, its validation.
//!
//! Pure: reading and writing the row is `app`'s matter. Start reading at [`Settings`].

mod crypt;
mod document;
mod forms;
pub mod network;
mod rate_limits;
mod validate;

#[cfg(test)]
mod tests;

use crate::base::secret::Secret;

/// Everything an admin can change at run time. Members stand in the order they are answered in.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Addresses and subnets superusers may come from; empty means from everywhere.
    #[serde(rename = "superuserIPs")]
    pub superuser_ips: Vec<String>,
    pub smtp: Smtp,
    pub backups: Backups,
    pub s3: S3,
    pub meta: Meta,
    pub rate_limits: RateLimits,
    pub trusted_proxy: TrustedProxy,
    pub batch: Batch,
    pub logs: Logs,
    /// Only in Stead, and therefore only shown when it is not what it is by default.
    #[serde(skip_serializing_if = "Hooks::is_default")]
    pub hooks: Hooks,
    /// The same.
    #[serde(skip_serializing_if = "Openapi::is_default")]
    pub openapi: Openapi,
}

/// The description of the API.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Openapi {
    /// One of the names in [`openapi`].
    pub visible_to: String,
}

/// Who may see the description of the API.
pub mod openapi {
    pub const SUPERUSERS: &str = "superusers";
    /// Whoever is signed in.
    pub const USERS: &str = "users";
    pub const EVERYONE: &str = "everyone";
}

impl Openapi {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for Openapi {
    fn default() -> Self {
        Self {
            visible_to: openapi::SUPERUSERS.to_owned(),
        }
    }
}

/// Limits of scripts. Times are in seconds.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hooks {
    /// Operations of one call.
    pub operations: i64,
    /// How long a call for a request may take.
    pub deadline: i64,
    /// How long a script's transaction may hold the writer.
    pub transaction_deadline: i64,
    /// How long a job may take.
    pub cron_deadline: i64,
    /// Calls within each other.
    pub call_depth: i64,
    /// Bytes of a text.
    pub max_text: i64,
    /// Members of an array or a map.
    pub max_items: i64,
    /// Scripts that run at the same time; 0 for four per processor.
    pub concurrent: i64,
    /// Calls that may wait for a thread.
    pub queue: i64,
}

impl Hooks {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for Hooks {
    fn default() -> Self {
        Self {
            operations: 50_000_000,
            deadline: 30,
            transaction_deadline: 5,
            cron_deadline: 600,
            call_depth: 64,
            max_text: 16 << 20,
            max_items: 1_000_000,
            concurrent: 0,
            queue: 1000,
        }
    }
}

/// How mail is sent.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Smtp {
    pub enabled: bool,
    pub port: i64,
    pub host: String,
    pub username: String,
    #[serde(skip_serializing_if = "WriteOnly::is_withheld")]
    pub password: WriteOnly,
    /// `PLAIN`, `LOGIN` or empty for `PLAIN`.
    pub auth_method: String,
    /// Whether the connection is encrypted from the start rather than upgraded.
    pub tls: bool,
    /// Name given in the greeting; empty for `localhost`.
    pub local_name: String,
}

/// When backups are made and where they go.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Backups {
    /// Cron expression; empty for none.
    pub cron: String,
    /// How many backups made by the schedule are kept.
    pub cron_max_keep: i64,
    pub s3: S3,
}

/// A bucket of an S3 compatible store.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct S3 {
    pub enabled: bool,
    pub bucket: String,
    pub region: String,
    pub endpoint: String,
    pub access_key: String,
    #[serde(skip_serializing_if = "WriteOnly::is_withheld")]
    pub secret: WriteOnly,
    pub force_path_style: bool,
}

/// What the application is called.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    pub accent_color: String,
    pub app_name: String,
    /// Address of the application, used in mails.
    #[serde(rename = "appURL")]
    pub app_url: String,
    pub sender_name: String,
    pub sender_address: String,
    /// Whether the admin UI hides what changes collections.
    pub hide_controls: bool,
}

/// How many requests are let through.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RateLimits {
    pub rules: Vec<RateLimitRule>,
    /// Addresses and subnets that are not limited.
    #[serde(rename = "excludedIPs")]
    pub excluded_ips: Vec<String>,
    pub enabled: bool,
}

/// One limit.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RateLimitRule {
    /// What it is about: `users:create`, `*:auth`, `/api/`, `POST /api/batch`.
    pub label: String,
    /// Whom it is about: `@guest`, `@auth` or empty for everyone.
    pub audience: String,
    /// Length of the window in seconds.
    pub duration: i64,
    /// Requests let through per window.
    pub max_requests: i64,
}

/// Which headers tell a client's address.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrustedProxy {
    pub headers: Vec<String>,
    #[serde(rename = "useLeftmostIP")]
    pub use_leftmost_ip: bool,
}

/// Limits of batch requests.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Batch {
    pub enabled: bool,
    pub max_requests: i64,
    /// In seconds.
    pub timeout: i64,
    /// In bytes; 0 for the default.
    pub max_body_size: i64,
}

/// What is logged and for how long.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Logs {
    /// In bytes; 0 for the default.
    pub max_data_size: i64,
    /// 0 turns logging off.
    pub max_days: i64,
    pub min_level: i64,
    #[serde(rename = "logIP")]
    pub log_ip: bool,
    pub log_auth_id: bool,
}

impl Default for Settings {
    /// The settings of a new data directory.
    fn default() -> Self {
        Self {
            superuser_ips: Vec::new(),
            smtp: Smtp {
                port: 587,
                host: "smtp.example.com".to_owned(),
                ..Smtp::default()
            },
            backups: Backups {
                cron_max_keep: 3,
                ..Backups::default()
            },
            s3: S3::default(),
            meta: Meta {
                accent_color: "#1055c9".to_owned(),
                app_name: "Acme".to_owned(),
                app_url: "http://localhost:8090".to_owned(),
                sender_name: "Support".to_owned(),
                sender_address: "support@example.com".to_owned(),
                hide_controls: false,
            },
            rate_limits: RateLimits {
                rules: vec![
                    RateLimitRule::everyone("*:auth", 3, 2),
                    RateLimitRule::everyone("*:create", 5, 20),
                    RateLimitRule::everyone("/api/batch", 1, 3),
                    RateLimitRule::everyone("/api/", 10, 300),
                ],
                ..RateLimits::default()
            },
            trusted_proxy: TrustedProxy::default(),
            batch: Batch {
                max_requests: 50,
                timeout: 3,
                ..Batch::default()
            },
            logs: Logs {
                max_days: 5,
                log_ip: true,
                ..Logs::default()
            },
            hooks: Hooks::default(),
            openapi: Openapi::default(),
        }
    }
}

impl RateLimitRule {
    fn everyone(label: &str, duration: i64, max_requests: i64) -> Self {
        Self {
            label: label.to_owned(),
            audience: String::new(),
            duration,
            max_requests,
        }
    }
}

/// A secret that is stored but never answered.
#[derive(Clone, Debug, PartialEq)]
pub struct WriteOnly(Option<Secret<String>>);

impl WriteOnly {
    /// Wraps a secret; an empty text means that there is none.
    pub const fn new(secret: String) -> Self {
        Self(Some(Secret::new(secret)))
    }

    /// Gives the secret itself; call it only where it is used.
    pub fn expose(&self) -> &str {
        self.0.as_ref().map_or("", |secret| secret.expose())
    }

    const fn withheld() -> Self {
        Self(None)
    }

    const fn is_withheld(&self) -> bool {
        self.0.is_none()
    }
}

impl Default for WriteOnly {
    fn default() -> Self {
        Self::new(String::new())
    }
}

impl serde::Serialize for WriteOnly {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.expose())
    }
}
