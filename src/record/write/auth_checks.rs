//! What a save of an auth record must satisfy beyond its fields' own validators.

use crate::base::issues::{Issue, Issues};
use crate::base::secret::constant_time_eq;
use crate::record::input::{Input, OldPassword};
use crate::schema::{Entry, FieldValue, codes};

/// A save as the checks see it.
pub(super) struct AuthSave<'a> {
    pub(super) input: &'a Input,
    /// The caller is a superuser or satisfies the manage rule.
    pub(super) manages: bool,
    /// Values of `email` and `verified` before the save; `None` on create.
    pub(super) stored: Option<Stored<'a>>,
    /// The same two after it.
    pub(super) email: &'a FieldValue,
    pub(super) verified: &'a FieldValue,
}

/// What the record holds before the save.
pub(super) struct Stored<'a> {
    pub(super) email: &'a str,
    pub(super) verified: bool,
    pub(super) password_hash: &'a str,
}

impl<'a> Stored<'a> {
    /// Takes them from the stored values of a record.
    pub(super) fn of(entry: &Entry, values: &'a [FieldValue]) -> Self {
        let stored = |name: &str| entry.position(name).and_then(|i| values.get(i));
        Self {
            email: stored("email").map_or("", FieldValue::as_text),
            verified: matches!(stored("verified"), Some(FieldValue::Bool(true))),
            password_hash: match stored("password") {
                Some(FieldValue::Password(password)) => password.hash(),
                _ => "",
            },
        }
    }
}

/// Checks email, verified and the three password members.
pub(super) fn check(save: &AuthSave<'_>) -> Result<(), Issues> {
    let mut issues = Issues::new();
    if !save.manages {
        let verified = matches!(save.verified, FieldValue::Bool(true));
        match &save.stored {
            Some(stored) => {
                if save.email.as_text() != stored.email {
                    issues.add("email", codes::values_mismatch());
                }
                if verified != stored.verified {
                    issues.add("verified", codes::values_mismatch());
                }
            }
            None if verified => issues.add("verified", codes::values_mismatch()),
            None => {}
        }
    }
    let text = |name: &str| {
        save.input
            .data
            .get(name)
            .map(crate::base::cast::to_text)
            .unwrap_or_default()
    };
    let (password, confirm, old) = (
        text("password"),
        text("passwordConfirm"),
        text("oldPassword"),
    );
    let is_new = save.stored.is_none();
    if password.is_empty() && (is_new || !confirm.is_empty() || !old.is_empty()) {
        issues.add("password", Issue::required());
    }
    if confirm.is_empty() {
        if is_new || !password.is_empty() || !old.is_empty() {
            issues.add("passwordConfirm", Issue::required());
        }
    } else if !constant_time_eq(&confirm, &password) {
        issues.add("passwordConfirm", codes::values_mismatch());
    }
    if let Some(stored) = &save.stored {
        let changes_password = !password.is_empty() || !confirm.is_empty() || !old.is_empty();
        if changes_password && !save.manages {
            if old.is_empty() {
                issues.add("oldPassword", Issue::required());
            } else if !matches!(&save.input.old_password, OldPassword::Matches(hash) if hash.expose() == stored.password_hash)
            {
                issues.add(
                    "oldPassword",
                    Issue::new(
                        "validation_invalid_old_password",
                        "Missing or invalid old password.",
                    ),
                );
            }
        }
    }
    issues.into_result()
}
