//! Issues with codes and words that several parts of the schema share. Codes that only one field type
//! has stand in that type's file; `required` and `invalid value` are [`Issue`]'s own.

use serde_json::Value as Json;

use crate::base::issues::Issue;

/// The largest integer that every JSON client can hold.
pub const MAX_SAFE_INTEGER: i64 = (1 << 53) - 1;

/// `validation_empty`: a value where there must be none.
pub fn empty() -> Issue {
    Issue::new("validation_empty", "Must be blank.")
}

/// `validation_in_invalid`: none of the allowed values.
pub fn in_invalid() -> Issue {
    Issue::new("validation_in_invalid", "Must be a valid value.")
}

/// `validation_not_in_invalid`: one of the forbidden values.
pub fn not_in_invalid() -> Issue {
    Issue::new("validation_not_in_invalid", "Must not be in list.")
}

/// `validation_match_invalid`: a name or similar with the wrong characters.
pub fn match_invalid() -> Issue {
    Issue::new("validation_match_invalid", "Must be in a valid format.")
}

/// `validation_invalid_format`: a value that does not match the field's pattern.
pub fn invalid_format() -> Issue {
    Issue::new("validation_invalid_format", "Invalid value format.")
}

/// `validation_invalid_regex`: a pattern that is none.
pub fn invalid_regex(problem: String) -> Issue {
    Issue::new("validation_invalid_regex", problem)
}

/// `validation_values_mismatch`: a value that must stay as it is.
pub fn values_mismatch() -> Issue {
    Issue::new("validation_values_mismatch", "Values don't match.")
}

/// `validation_not_unique`: a value that another record has.
pub fn not_unique() -> Issue {
    Issue::new("validation_not_unique", "Value must be unique.")
}

/// `validation_found_via`: a name that would be read as a back-relation.
pub fn found_via() -> Issue {
    Issue::new(
        "validation_found_via",
        r#"The value cannot contain "_via_"."#,
    )
}

/// `validation_is_email`.
pub fn is_email() -> Issue {
    Issue::new("validation_is_email", "Must be a valid email address.")
}

/// `validation_length_out_of_range`.
pub fn length_out_of_range(min: i64, max: i64) -> Issue {
    let message = format!("The length must be between {min} and {max}.");
    Issue::new("validation_length_out_of_range", message)
        .with("min", min)
        .with("max", max)
}

/// `validation_length_too_long`: too many items or characters.
pub fn length_too_long(max: usize) -> Issue {
    let message = format!("The length must be no more than {max}.");
    Issue::new("validation_length_too_long", message)
        .with("min", 0)
        .with("max", max)
}

/// `validation_min_greater_equal_than_required`; `shown` is the threshold as the message has it.
pub fn no_less_than(shown: &str, threshold: impl Into<Json>) -> Issue {
    let message = format!("Must be no less than {shown}.");
    Issue::new("validation_min_greater_equal_than_required", message).with("threshold", threshold)
}

/// `validation_max_less_equal_than_required`; `shown` is the threshold as the message has it.
pub fn no_greater_than(shown: &str, threshold: impl Into<Json>) -> Issue {
    let message = format!("Must be no greater than {shown}.");
    Issue::new("validation_max_less_equal_than_required", message).with("threshold", threshold)
}

/// Checks that an option lies in a range; 0 means that it is not set and passes.
pub fn in_range(value: i64, min: i64, max: i64) -> Result<(), Issue> {
    if value != 0 && value < min {
        Err(no_less_than(&min.to_string(), min))
    } else if value != 0 && value > max {
        Err(no_greater_than(&max.to_string(), max))
    } else {
        Ok(())
    }
}

/// `validation_min_text_constraint`; text fields add the parameter `min`, password fields do not.
pub fn text_too_short(min: i64) -> Issue {
    let message = format!("Must be at least {min} character(s).");
    Issue::new("validation_min_text_constraint", message)
}

/// `validation_too_many_values`.
pub fn too_many_values(max_select: i64) -> Issue {
    let message = format!("Select no more than {max_select}.");
    Issue::new("validation_too_many_values", message).with("maxSelect", max_select)
}
