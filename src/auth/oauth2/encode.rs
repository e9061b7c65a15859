//! Percent-encoding of form values, as the services' own libraries expect it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but what a form value may hold as it is; a space becomes a plus.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Encodes one value.
pub(super) fn value(text: &str) -> String {
    utf8_percent_encode(text, ENCODED)
        .to_string()
        .replace("%20", "+")
}

/// A form of these pairs.
pub(super) fn form(pairs: &[(&str, &str)]) -> String {
    let parts: Vec<String> = pairs
        .iter()
        .map(|(name, text)| format!("{}={}", value(name), value(text)))
        .collect();
    parts.join("&")
}
