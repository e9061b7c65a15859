//! The members of a field definition by their JSON types.

use serde_json::{Map, Value as Json};

/// Why a JSON value is not a field definition; the text is for operators.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldFormError {
    /// `type` is missing or names no field type.
    #[error("unknown field type {0:?}")]
    UnknownType(String),
    /// A member has the wrong JSON type.
    #[error("the field member {member:?} must be {expected}")]
    Member {
        member: &'static str,
        expected: &'static str,
    },
}

/// The members of a JSON object by exact name; missing ones and `null` are zero values, unknown ones are ignored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Members<'a>(&'a Map<String, Json>);

impl<'a> Members<'a> {
    pub(super) const fn new(members: &'a Map<String, Json>) -> Self {
        Self(members)
    }

    fn get(self, member: &str) -> Option<&'a Json> {
        self.0.get(member).filter(|value| !value.is_null())
    }

    /// A text.
    pub(super) fn text(self, member: &'static str) -> Result<String, FieldFormError> {
        match self.get(member) {
            None => Ok(String::new()),
            Some(Json::String(text)) => Ok(text.clone()),
            Some(_) => Err(wrong(member, "a string")),
        }
    }

    /// A flag.
    pub(super) fn flag(self, member: &'static str) -> Result<bool, FieldFormError> {
        match self.get(member) {
            None => Ok(false),
            Some(Json::Bool(flag)) => Ok(*flag),
            Some(_) => Err(wrong(member, "a boolean")),
        }
    }

    /// A whole number.
    pub(super) fn int(self, member: &'static str) -> Result<i64, FieldFormError> {
        let Some(value) = self.get(member) else {
            return Ok(0);
        };
        value
            .as_i64()
            .or_else(|| value.as_f64().and_then(whole))
            .ok_or_else(|| wrong(member, "a whole number"))
    }

    /// A number that may be absent.
    pub(super) fn number(self, member: &'static str) -> Result<Option<f64>, FieldFormError> {
        match self.get(member) {
            None => Ok(None),
            Some(Json::Number(number)) => Ok(number.as_f64()),
            Some(_) => Err(wrong(member, "a number")),
        }
    }

    /// A list of texts; `null` items are empty texts.
    pub(super) fn texts(self, member: &'static str) -> Result<Vec<String>, FieldFormError> {
        let expected = "a list of strings";
        match self.get(member) {
            None => Ok(Vec::new()),
            Some(Json::Array(items)) => items
                .iter()
                .map(|item| match item {
                    Json::String(text) => Ok(text.clone()),
                    Json::Null => Ok(String::new()),
                    _ => Err(wrong(member, expected)),
                })
                .collect(),
            Some(_) => Err(wrong(member, expected)),
        }
    }
}

fn wrong(member: &'static str, expected: &'static str) -> FieldFormError {
    FieldFormError::Member { member, expected }
}

/// The integer a double stands for, if it is one.
fn whole(number: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within range")]
    (number.fract() == 0.0 && (-LIMIT..LIMIT).contains(&number)).then_some(number as i64)
}
