//! What collections and fields may be called.

use std::sync::LazyLock;

use regex::Regex;

use crate::base::issues::Issue;

/// Names that mean something else wherever a field name may stand.
const RESERVED_FIELD_NAMES: [&str; 7] = [
    "null",
    "true",
    "false",
    "_rowid_",
    "collectionId",
    "collectionName",
    "expand",
];

/// Part of the names of back relations.
const VIA: &str = "_via_";

static WORD: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[A-Za-z0-9_]+$").expect("BUG: constant pattern"));

/// Checks the name of a collection.
pub fn check_collection_name(name: &str) -> Result<(), Issue> {
    check_length(name, 255)?;
    check_via(name)?;
    check_word(name)
}

/// Checks the name of a field.
pub fn check_field_name(name: &str) -> Result<(), Issue> {
    check_length(name, 100)?;
    check_word(name)?;
    if RESERVED_FIELD_NAMES.contains(&name) {
        return Err(Issue::new(
            "validation_not_in_invalid",
            "Must not be in list.",
        ));
    }
    check_via(name)
}

/// Checks the id of a collection.
pub fn check_collection_id(id: &str) -> Result<(), Issue> {
    check_length(id, 100)?;
    check_word(id)
}

fn check_length(text: &str, max: usize) -> Result<(), Issue> {
    if text.is_empty() {
        return Err(Issue::required());
    }
    if text.len() > max {
        return Err(length_out_of_range(1, max));
    }
    Ok(())
}

fn check_word(text: &str) -> Result<(), Issue> {
    if WORD.is_match(text) {
        Ok(())
    } else {
        Err(Issue::new(
            "validation_match_invalid",
            "Must be in a valid format.",
        ))
    }
}

fn check_via(text: &str) -> Result<(), Issue> {
    if text.to_ascii_lowercase().contains(VIA) {
        return Err(Issue::new(
            "validation_found_via",
            "The value cannot contain \"_via_\".",
        ));
    }
    Ok(())
}

/// `validation_length_out_of_range`.
pub fn length_out_of_range(min: usize, max: usize) -> Issue {
    Issue::new(
        "validation_length_out_of_range",
        format!("The length must be between {min} and {max}."),
    )
    .with("min", min)
    .with("max", max)
}

#[cfg(test)]
mod tests {
    use super::{check_collection_name, check_field_name};
    use crate::base::issues::Issue;

    #[track_caller]
    fn check(result: Result<(), Issue>, expect: &str) {
        assert_eq!(result.err().map_or("ok".into(), |issue| issue.code), expect);
    }

    #[test]
    fn names_are_words_without_double_meaning() {
        check(check_collection_name("posts_2"), "ok");
        check(check_collection_name(""), "validation_required");
        check(check_collection_name("é"), "validation_match_invalid");
        check(check_collection_name("a_VIA_b c"), "validation_found_via");
        check(
            check_collection_name(&"a".repeat(256)),
            "validation_length_out_of_range",
        );
        check(check_field_name("rowid"), "ok");
        check(check_field_name("expand"), "validation_not_in_invalid");
        check(check_field_name("a_via_b c"), "validation_match_invalid");
        check(check_field_name("a_via_b"), "validation_found_via");
    }
}
