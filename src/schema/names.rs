//! What collections may be called. Names of fields are checked with their other options.

use crate::base::issues::Issue;
use crate::schema::codes;

/// Part of the names of back relations.
const VIA: &str = "_via_";

/// Checks the name of a collection.
pub fn check_collection_name(name: &str) -> Result<(), Issue> {
    check_length(name, 255)?;
    if name.to_ascii_lowercase().contains(VIA) {
        return Err(codes::found_via());
    }
    check_word(name)
}

/// Checks the id of a collection.
pub fn check_collection_id(id: &str) -> Result<(), Issue> {
    check_length(id, 100)?;
    check_word(id)
}

fn check_length(text: &str, max: i64) -> Result<(), Issue> {
    if text.is_empty() {
        return Err(Issue::required());
    }
    if i64::try_from(text.len()).is_ok_and(|length| length <= max) {
        Ok(())
    } else {
        Err(codes::length_out_of_range(1, max))
    }
}

fn check_word(text: &str) -> Result<(), Issue> {
    if text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        Ok(())
    } else {
        Err(codes::match_invalid())
    }
}

#[cfg(test)]
mod tests {
    use super::check_collection_name;

    #[track_caller]
    fn check(name: &str, expect: &str) {
        let code = check_collection_name(name)
            .err()
            .map_or("ok".into(), |issue| issue.code);
        assert_eq!(code, expect);
    }

    #[test]
    fn names_are_words_without_double_meaning() {
        check("posts_2", "ok");
        check("", "validation_required");
        check("é", "validation_match_invalid");
        check("a_VIA_b c", "validation_found_via");
        check(&"a".repeat(256), "validation_length_out_of_range");
    }
}
