//! Stand-in for the settings until they are merged.
use crate::base::error::{Error, Result};
use serde_json::{Value as Json, json};
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub enabled: bool,
    pub max_requests: i64,
    pub timeout: i64,
    pub max_body_size: i64,
}
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub batch: Batch,
    pub document: Json,
}
impl Settings {
    pub fn to_storage(&self, _: Option<&crate::base::secret::Secret<String>>) -> Result<Vec<u8>> {
        Ok(self.document.to_string().into_bytes())
    }
    pub fn from_storage(b: &[u8], _: Option<&crate::base::secret::Secret<String>>) -> Result<Self> {
        let d: Json = serde_json::from_slice(b).unwrap_or_default();
        Self::default().merge(&d)
    }
    pub fn to_public_json(&self) -> Json {
        self.document.clone()
    }
    pub fn merge(&self, p: &Json) -> Result<Self> {
        let mut s = self.clone();
        let b = &p["batch"];
        if b.is_object() {
            s.batch.enabled = b["enabled"].as_bool().unwrap_or(false);
            s.batch.max_requests = b["maxRequests"].as_i64().unwrap_or(50);
            s.batch.timeout = b["timeout"].as_i64().unwrap_or(3);
        }
        s.document = json!({"batch": b});
        let _: Option<Error> = None;
        Ok(s)
    }
}
