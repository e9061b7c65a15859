//! The document as JSON: what is answered, what is stored, and how a change is read.

use serde_json::Value as Json;

use crate::base::error::{Error, FaultExt as _, Result};
use crate::base::json;
use crate::base::secret::Secret;
use crate::schema::members::{Malformed, Members};
use crate::settings::{
    Backups, Batch, Hooks, Logs, Meta, Openapi, RateLimitRule, RateLimits, S3, Settings, Smtp,
    TrustedProxy, WriteOnly, crypt,
};

const NOT_LOADED: &str = "An error occurred while loading the submitted data.";
const NOT_SAVED: &str = "An error occurred while saving the new settings.";

impl Settings {
    /// The document as it is answered: without secrets, members in their order.
    pub fn to_public_json(&self) -> Result<Vec<u8>> {
        let mut public = self.clone();
        public.smtp.password = WriteOnly::withheld();
        public.s3.secret = WriteOnly::withheld();
        public.backups.s3.secret = WriteOnly::withheld();
        serde_json::to_vec(&public).fault("while writing the settings")
    }

    /// A document with every member there is, secrets included.
    pub fn template() -> Json {
        serde_json::to_value(Self::default()).unwrap_or_default()
    }

    /// The document as it is stored, encrypted if there is a key of 32 bytes.
    pub fn to_storage(&self, key: Option<&Secret<String>>) -> Result<Vec<u8>> {
        let plain = serde_json::to_vec(self).fault("while writing the settings")?;
        match key {
            Some(key) => crypt::encrypt(&plain, key),
            None => Ok(plain),
        }
    }

    /// Reads what is stored, encrypted or not. Members that are missing have their defaults.
    pub fn from_storage(stored: &[u8], key: Option<&Secret<String>>) -> Result<Self> {
        let unreadable =
            || Error::internal("the stored settings are damaged or encrypted with another key");
        let plain = match (Self::is_clear(stored), key) {
            (true, _) => stored.to_vec(),
            (false, Some(key)) => crypt::decrypt(stored, key).ok_or_else(unreadable)?,
            (false, None) => {
                return Err(Error::internal(
                    "the stored settings are encrypted or damaged, and there is no key (`--encryption-env`)",
                ));
            }
        };
        let document = json::parse_first(&plain).map_err(|_| unreadable())?;
        let mut settings = Self::default();
        settings.read(&document).map_err(|Malformed| unreadable())?;
        Ok(settings)
    }

    /// Says whether what is stored is not encrypted: encrypted settings are text in base64, which is no JSON object.
    pub fn is_clear(stored: &[u8]) -> bool {
        stored.trim_ascii_start().starts_with(b"{")
    }

    /// The settings after a change: objects are merged, lists replaced, secrets kept unless they are in it.
    pub fn merge(&self, change: &Json) -> Result<Self> {
        let mut settings = self.clone();
        settings
            .read(change)
            .map_err(|Malformed| Error::bad_request(NOT_LOADED))?;
        let issues = settings.issues();
        if issues.is_empty() {
            Ok(settings)
        } else {
            Err(Error::invalid(NOT_SAVED, issues))
        }
    }

    fn read(&mut self, document: &Json) -> Result<(), Malformed> {
        let members = Members::new(document.as_object().ok_or(Malformed)?)?;
        members.texts("superuserIPs", &mut self.superuser_ips)?;
        members.object("smtp", &mut self.smtp, Smtp::default, Smtp::read)?;
        members.object(
            "backups",
            &mut self.backups,
            Backups::default,
            Backups::read,
        )?;
        members.object("s3", &mut self.s3, S3::default, S3::read)?;
        members.object("meta", &mut self.meta, Meta::default, Meta::read)?;
        members.object(
            "rateLimits",
            &mut self.rate_limits,
            RateLimits::default,
            RateLimits::read,
        )?;
        members.object(
            "trustedProxy",
            &mut self.trusted_proxy,
            TrustedProxy::default,
            TrustedProxy::read,
        )?;
        members.object("batch", &mut self.batch, Batch::default, Batch::read)?;
        members.object("logs", &mut self.logs, Logs::default, Logs::read)?;
        members.object("hooks", &mut self.hooks, Hooks::default, Hooks::read)?;
        members.object(
            "openapi",
            &mut self.openapi,
            Openapi::default,
            Openapi::read,
        )
    }
}

/// Each `read` takes the members of one object in the order of the document.
trait Read {
    fn read(members: &Members<'_>, target: &mut Self) -> Result<(), Malformed>;
}

impl Read for Smtp {
    fn read(members: &Members<'_>, target: &mut Self) -> Result<(), Malformed> {
        members.flag("enabled", &mut target.enabled)?;
        members.integer("port", &mut target.port)?;
        members.text("host", &mut target.host)?;
        members.text("username", &mut target.username)?;
        read_secret(members, "password", &mut target.password)?;
        members.text("authMethod", &mut target.auth_method)?;
        members.flag("tls", &mut target.tls)?;
        members.text("localName", &mut target.local_name)
    }
}

impl Read for Backups {
    fn read(members: &Members<'_>, target: &mut Self) -> Result<(), Malformed> {
        members.text("cron", &mut target.cron)?;
        members.integer("cronMaxKeep", &mut target.cron_max_keep)?;
        members.object("s3", &mut target.s3, S3::default, S3::read)
    }
}

impl Read for S3 {
    fn read(members: &Members<'_>, target: &mut Self) -> Result<(), Malformed> {
        members.flag("enabled", &mut target.enabled)?;
        members.text("bucket", &mut target.bucket)?;
        members.text("region", &mut target.region)?;
        members.text("endpoint", &mut target.endpoint)?;
        members.text("accessKey", &mut target.access_key)?;
        read_secret(members, "secret", &mut target.secret)?;
        members.flag("forcePathStyle", &mut target.force_path_style)
    }
}

impl Read for Hooks {
    fn read(members: &Members<'_>, target: &mut Self) -> Result<(), Malformed> {
        members.integer("operations", &mut target.operations)?;
        members.integer("deadline", &mut target.deadline)?;
        members.integer("transactionDeadline", &mut target.transaction_deadline)?;
        members.integer("cronDeadline", &mut target.cron_deadline)?;
        members.integer("callDepth", &mut target.call_depth)?;
        members.integer("maxText", &mut target.max_text)?;
        members.integer("maxItems", &mut target.max_items)?;
        members.integer("concurrent", &mut target.concurrent)?;
        members.integer("queue", &mut target.queue)
    }
}

impl Read for Meta {
    fn read(members: &Members<'_>, target: &mut Self) -> Result<(), Malformed> {
        members.text("accentColor", &mut target.accent_color)?;
        members.text("appName", &mut target.app_name)?;
        members.text("appURL", &mut target.app_url)?;
        members.text("senderName", &mut target.sender_name)?;
        members.text("senderAddress", &mut target.sender_address)?;
        members.flag("hideControls", &mut target.hide_controls)
    }
}

impl Read for RateLimits {
    fn read(members: &Members<'_>, target: &mut Self) -> Result<(), Malformed> {
        match members.get("rules") {
            None => {}
            Some(Json::Null) => target.rules.clear(),
            Some(Json::Array(items)) => {
                target.rules = items.iter().map(read_rule).collect::<Result<_, _>>()?;
            }
            Some(_) => return Err(Malformed),
        }
        members.texts("excludedIPs", &mut target.excluded_ips)?;
        members.flag("enabled", &mut target.enabled)
    }
}

fn read_rule(item: &Json) -> Result<RateLimitRule, Malformed> {
    let mut rule = RateLimitRule::default();
    if item.is_null() {
        return Ok(rule);
    }
    let members = Members::new(item.as_object().ok_or(Malformed)?)?;
    members.text("label", &mut rule.label)?;
    members.text("audience", &mut rule.audience)?;
    members.integer("duration", &mut rule.duration)?;
    members.integer("maxRequests", &mut rule.max_requests)?;
    Ok(rule)
}

impl Read for TrustedProxy {
    fn read(members: &Members<'_>, target: &mut Self) -> Result<(), Malformed> {
        members.texts("headers", &mut target.headers)?;
        members.flag("useLeftmostIP", &mut target.use_leftmost_ip)
    }
}

impl Read for Batch {
    fn read(members: &Members<'_>, target: &mut Self) -> Result<(), Malformed> {
        members.flag("enabled", &mut target.enabled)?;
        members.integer("maxRequests", &mut target.max_requests)?;
        members.integer("timeout", &mut target.timeout)?;
        members.integer("maxBodySize", &mut target.max_body_size)
    }
}

impl Read for Openapi {
    fn read(members: &Members<'_>, target: &mut Self) -> Result<(), Malformed> {
        members.text("visibleTo", &mut target.visible_to)
    }
}

impl Read for Logs {
    fn read(members: &Members<'_>, target: &mut Self) -> Result<(), Malformed> {
        members.integer("maxDataSize", &mut target.max_data_size)?;
        members.integer("maxDays", &mut target.max_days)?;
        members.integer("minLevel", &mut target.min_level)?;
        members.flag("logIP", &mut target.log_ip)?;
        members.flag("logAuthId", &mut target.log_auth_id)
    }
}

/// A secret that is not submitted stays; an empty one clears it.
fn read_secret(members: &Members<'_>, name: &str, target: &mut WriteOnly) -> Result<(), Malformed> {
    let mut secret = target.expose().to_owned();
    members.text(name, &mut secret)?;
    *target = WriteOnly::new(secret);
    Ok(())
}
