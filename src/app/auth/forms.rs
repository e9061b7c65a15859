//! Reading the members of auth forms.

use serde_json::{Map, Value as Json};

use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::schema::codes;
use crate::schema::fields::email::is_email;

const NOT_VALID: &str = "An error occurred while validating the submitted data.";

/// Longest address, id or token-independent text of a form, in bytes.
pub(super) const MAX_TEXT: i64 = 255;

/// A form that is being read; what is wrong with it comes together.
#[derive(Debug)]
pub(super) struct Form<'a> {
    members: &'a Map<String, Json>,
    pub(super) issues: Issues,
}

impl<'a> Form<'a> {
    pub(super) const fn new(members: &'a Map<String, Json>, issues: Issues) -> Self {
        Self { members, issues }
    }

    /// A text member; `""` when it is missing.
    pub(super) fn text(&self, name: &str) -> &'a str {
        self.members
            .get(name)
            .and_then(Json::as_str)
            .unwrap_or_default()
    }

    /// A text member that must be there.
    pub(super) fn required(&mut self, name: &'static str) -> &'a str {
        let text = self.text(name);
        if text.is_empty() {
            self.issues.add(name, Issue::required());
        }
        text
    }

    /// A text member that must be there, with a length in bytes.
    pub(super) fn bounded(&mut self, name: &'static str, min: i64, max: i64) -> &'a str {
        let text = self.required(name);
        let length = i64::try_from(text.len()).unwrap_or(i64::MAX);
        if !text.is_empty() && !(min..=max).contains(&length) {
            self.issues.add(name, codes::length_out_of_range(min, max));
        }
        text
    }

    /// An address that must be there.
    pub(super) fn email(&mut self, name: &'static str) -> &'a str {
        let text = self.bounded(name, 1, MAX_TEXT);
        if !text.is_empty() && !is_email(text) {
            // Compat: the length is judged first, and one issue per member is enough.
            self.issues.add(name, codes::is_email());
        }
        text
    }

    /// Fails with everything that is wrong.
    pub(super) fn finish(self) -> Result<()> {
        self.finish_with(NOT_VALID)
    }

    /// The same with a sentence of the endpoint's own.
    pub(super) fn finish_with(self, message: &'static str) -> Result<()> {
        self.issues
            .into_result()
            .map_err(|issues| Error::invalid(message, issues))
    }
}

/// The issue of one member.
pub(super) fn invalid(name: &'static str, issue: Issue) -> Error {
    Error::invalid(NOT_VALID, Issues::one(name, issue))
}
