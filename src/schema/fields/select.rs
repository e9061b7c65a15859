//! Select fields: one or more of a fixed list of texts.

use serde_json::Value as Json;

use crate::schema::fields::members::{FieldFormError, Members};
use std::borrow::Cow;

use crate::base::cast;
use crate::base::issues::{Issue, Issues};
use crate::schema::codes;
use crate::schema::value::FieldValue;

/// Options of select fields; more than one value when `max_select` > 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectOptions {
    pub values: Vec<String>,
    pub max_select: i64,
}

impl SelectOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            values: members.texts("values")?,
            max_select: members.int("maxSelect")?,
        })
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("values", self.values.clone().into());
        put("maxSelect", self.max_select.into());
    }

    pub(super) fn validate(&self, value: &FieldValue) -> Result<(), Issue> {
        let chosen = match value {
            // Compat: a single value that looks like a list is counted as one.
            FieldValue::Text(text) if text.contains('[') => {
                Cow::Owned(cast::text_to_unique_list(text))
            }
            value => Cow::Borrowed(value.texts()),
        };
        let max = self.max_select.max(1);
        if i64::try_from(chosen.len()).is_ok_and(|count| count > max) {
            return Err(codes::too_many_values(max));
        }
        match chosen.iter().find(|choice| !self.values.contains(choice)) {
            None => Ok(()),
            Some(choice) => {
                let message = format!("Invalid value {choice}");
                Err(Issue::new("validation_invalid_value", message).with("value", choice.as_str()))
            }
        }
    }

    pub(super) fn check(&self, issues: &mut Issues) {
        if self.values.is_empty() {
            issues.add("values", Issue::required());
        }
        let most = i64::try_from(self.values.len()).unwrap_or(i64::MAX).max(1);
        issues.check("maxSelect", codes::in_range(self.max_select, 0, most));
    }
}
