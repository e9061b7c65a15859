//! Password fields: a bcrypt hash that nobody reads back.

use serde_json::Value as Json;

use crate::base::issues::{Issue, Issues};
use crate::schema::codes;
use crate::schema::fields::members::{FieldFormError, Members};
use crate::schema::fields::pattern::Pattern;
use crate::schema::fields::text::char_count;
use crate::schema::value::{FieldValue, Password};

/// The longest plain text, in code points.
const DEFAULT_MAX: i64 = 71;
/// bcrypt does not look at more.
const MAX_HASHED_BYTES: usize = 72;
/// bcrypt's cost unless the field says otherwise.
const DEFAULT_COST: u32 = 10;

/// Options of password fields; lengths in code points, `cost` is bcrypt's, 0 = default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PasswordOptions {
    pub min: i64,
    pub max: i64,
    pub pattern: Pattern,
    pub cost: i64,
}

impl PasswordOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            min: members.int("min")?,
            max: members.int("max")?,
            pattern: members.text("pattern")?.into(),
            cost: members.int("cost")?,
        })
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("min", self.min.into());
        put("max", self.max.into());
        put("pattern", self.pattern.as_str().into());
        put("cost", self.cost.into());
    }

    /// The cost of new hashes.
    pub fn hash_cost(&self) -> u32 {
        match u32::try_from(self.cost) {
            Ok(0) | Err(_) => DEFAULT_COST,
            Ok(cost) => cost,
        }
    }

    /// A hash is not looked into; only what a client typed has a length and a form.
    pub(super) fn validate(&self, value: &FieldValue) -> Result<(), Issue> {
        let FieldValue::Password(Password::Plain(plain)) = value else {
            return Ok(());
        };
        let plain = plain.expose();
        if plain.len() > MAX_HASHED_BYTES {
            return Err(Issue::invalid_value());
        }
        let max = if self.max > 0 { self.max } else { DEFAULT_MAX };
        let length = char_count(plain);
        if length < self.min {
            Err(codes::text_too_short(self.min))
        } else if length > max {
            let message = format!("Must be less than {max} character(s).");
            Err(Issue::new("validation_max_text_constraint", message))
        } else if !self.pattern.is_match(plain) {
            Err(codes::invalid_format())
        } else {
            Ok(())
        }
    }

    pub(super) fn check(&self, issues: &mut Issues) {
        issues.check("min", codes::in_range(self.min, 1, DEFAULT_MAX));
        issues.check("max", codes::in_range(self.max, self.min, DEFAULT_MAX));
        issues.check("cost", codes::in_range(self.cost, 4, 31));
        issues.check("pattern", self.pattern.check());
    }
}
