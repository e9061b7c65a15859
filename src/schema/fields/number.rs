//! Number fields: IEEE doubles.

use serde_json::Value as Json;

use crate::base::json;
use crate::schema::fields::json_form::{FieldFormError, Members};

/// Options of number fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NumberOptions {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub only_int: bool,
}

impl NumberOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            min: members.number("min")?,
            max: members.number("max")?,
            only_int: members.flag("onlyInt")?,
        })
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("min", self.min.map_or(Json::Null, json::number));
        put("max", self.max.map_or(Json::Null, json::number));
        put("onlyInt", self.only_int.into());
    }
}
