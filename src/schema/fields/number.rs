//! Number fields: IEEE doubles.

use serde_json::Value as Json;

use crate::base::issues::{Issue, Issues};
use crate::base::json;
use crate::schema::fields::members::{FieldFormError, Members};

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

    pub(super) fn validate(&self, number: f64, required: bool) -> Result<(), Issue> {
        if !number.is_finite() {
            return Err(Issue::new(
                "validation_not_a_number",
                "The submitted number is not properly formatted.",
            ));
        }
        if number == 0.0 {
            return if required {
                Err(Issue::required())
            } else {
                Ok(())
            };
        }
        self.check_whole(number)?;
        if let Some(min) = self.min.filter(|min| number < *min) {
            return Err(too_small(min));
        }
        if let Some(max) = self.max.filter(|max| number > *max) {
            let message = format!("Must be less or equal than {}.", shown(max));
            return Err(Issue::new("validation_max_number_constraint", message)
                .with("max", json::number(max)));
        }
        Ok(())
    }

    pub(super) fn check(&self, issues: &mut Issues) {
        if let Some(min) = self.min {
            issues.check("min", self.check_whole(min));
        }
        if let Some(max) = self.max {
            if let Some(min) = self.min.filter(|min| max < *min) {
                issues.add("max", too_small(min));
            }
            issues.check("max", self.check_whole(max));
        }
    }

    /// Doubles that no 64-bit integer equals count as decimals.
    fn check_whole(&self, number: f64) -> Result<(), Issue> {
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        if self.only_int && (number.fract() != 0.0 || !(-LIMIT..LIMIT).contains(&number)) {
            return Err(Issue::new(
                "validation_only_int_constraint",
                "Decimal numbers are not allowed.",
            ));
        }
        Ok(())
    }
}

fn too_small(min: f64) -> Issue {
    let message = format!("Must be greater or equal than {}.", shown(min));
    Issue::new("validation_min_number_constraint", message).with("min", json::number(min))
}

/// A number as messages have it: with an exponent from a million on and below a ten-thousandth.
fn shown(number: f64) -> String {
    let scientific = format!("{number:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..6).contains(&exponent) {
        return number.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
