//! Email fields: one address.

use std::sync::LazyLock;

use regex::Regex;

use crate::base::issues::Issue;
use crate::schema::codes;
use crate::schema::fields::DomainOptions;

/// Checks a value; empty ones pass.
pub(super) fn validate(email: &str, options: &DomainOptions) -> Result<(), Issue> {
    if email.is_empty() {
        return Ok(());
    }
    if !is_email(email) {
        return Err(codes::is_email());
    }
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
    if options.allow(domain) {
        Ok(())
    } else {
        Err(Issue::new(
            "validation_email_domain_not_allowed",
            "Email domain is not allowed.",
        ))
    }
}

/// Says whether a text is an email address: words joined by dots, or single characters in quotes, and a domain that has
/// a dot and ends with letters. Letters of all scripts are allowed on both sides.
pub fn is_email(text: &str) -> bool {
    const PATTERN: &str = r#"(?x) ^
        (?:
            WORD (?: \. WORD )*
          | " (?: SPACE? [\x01-\x08\x0b\x0c\x0e-\x1f\x21\x23-\x5b\x5d-\x7fLETTER] SPACE? " )*
        )
        @ (?: EDGE (?: INNER* EDGE )? \. )+ TOP (?: [0-9\-_~LETTERa-zA-Z]* TOP )? \.? $"#;
    static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = PATTERN
            .replace("WORD", r"[a-zA-Z0-9!\#$%&'*+/=?^_`{|}~LETTER\-]+")
            .replace("SPACE", r"(?: (?: [\x20\t]* \r\n )? [\x20\t]+ )")
            .replace("INNER", r"[a-zA-Z0-9\-._~LETTER]")
            .replace("EDGE", "[a-zA-Z0-9LETTER]")
            .replace("TOP", "[a-zA-ZLETTER]")
            .replace(
                "LETTER",
                r"\u{a0}-\u{d7ff}\u{f900}-\u{fdcf}\u{fdf0}-\u{ffef}",
            );
        Regex::new(&pattern).expect("BUG: the pattern of emails is valid")
    });
    EMAIL.is_match(text)
}
