//! Autodate fields: set by the server when a record is created or updated.

use serde_json::Value as Json;

use crate::base::issues::{Issue, Issues};
use crate::schema::codes;
use crate::schema::fields::members::{FieldFormError, Members};

/// Options of autodate fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AutodateOptions {
    pub on_create: bool,
    pub on_update: bool,
}

impl AutodateOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            on_create: members.flag("onCreate")?,
            on_update: members.flag("onUpdate")?,
        })
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("onCreate", self.on_create.into());
        put("onUpdate", self.on_update.into());
    }

    /// `previous` are the stored options when the field belongs to the product.
    pub(super) fn check(&self, previous: Option<&Self>, issues: &mut Issues) {
        if let Some(previous) = previous {
            for (option, new, old) in [
                ("onCreate", self.on_create, previous.on_create),
                ("onUpdate", self.on_update, previous.on_update),
            ] {
                if new != old {
                    issues.add(option, codes::values_mismatch());
                }
            }
        }
        if !self.on_create && !self.on_update {
            for option in ["onCreate", "onUpdate"] {
                let message = "Either onCreate or onUpdate must be enabled.";
                issues.add(option, Issue::new("validation_required", message));
            }
        }
    }
}
