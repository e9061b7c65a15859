//! The domain lists that email and url fields share.

use serde_json::Value as Json;

use crate::schema::fields::json_form::{FieldFormError, Members};

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
}
