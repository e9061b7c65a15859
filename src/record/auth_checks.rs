//! What a save of an auth record must satisfy beyond its fields' own validators.

use crate::base::issues::{Issue, Issues};
use crate::base::secret::constant_time_eq;
use crate::record::input::{Input, OldPassword};
use crate::schema::{FieldValue, codes};

/// A save as the checks see it.
pub(crate) struct AuthSave<'a> {
    pub(crate) input: &'a Input,
    /// The caller is a superuser or satisfies the manage rule.
    pub(crate) manages: bool,
    /// Values of `email` and `verified` before the save; `None` on create.
    pub(crate) stored: Option<Stored<'a>>,
    /// The same two after it.
    pub(crate) email: &'a FieldValue,
    pub(crate) verified: &'a FieldValue,
}

/// What the record holds before the save.
pub(crate) struct Stored<'a> {
    pub(crate) email: &'a str,
    pub(crate) verified: bool,
    pub(crate) password_hash: &'a str,
}

/// Checks email, verified and the three password members.
pub(crate) fn check(save: &AuthSave<'_>) -> Result<(), Issues> {
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
