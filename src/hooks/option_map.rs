//! Maps of options that scripts give to functions.

use rhai::Map;

use crate::hooks::fault::{Failure, misuse};

/// Refuses names a function does not know. A misspelt `filter` would mean all records, a misspelt `http_only` a cookie
/// that every script on the page can read.
pub(super) fn known(options: &Map, names: &[&str]) -> Result<(), Failure> {
    match options.keys().find(|name| !names.contains(&name.as_str())) {
        None => Ok(()),
        Some(other) => Err(misuse(format!(
            "There is no option \"{other}\"; there are {}.",
            names.join(", ")
        ))),
    }
}
