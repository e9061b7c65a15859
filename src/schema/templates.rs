//! The mail texts a new auth collection starts with. The placeholders are the contract's, the words are ours.

use crate::schema::auth_options::EmailTemplate;

/// Asks a new user to confirm the address.
pub(super) fn verification() -> EmailTemplate {
    template(
        "Verify your {APP_NAME} email",
        include_str!("templates/verification.html"),
    )
}

/// Lets a user choose a new password.
pub(super) fn password_reset() -> EmailTemplate {
    template(
        "Reset your {APP_NAME} password",
        include_str!("templates/password_reset.html"),
    )
}

/// Goes to a new address that its owner has to confirm.
pub(super) fn email_change() -> EmailTemplate {
    template(
        "Confirm your {APP_NAME} new email address",
        include_str!("templates/email_change.html"),
    )
}

/// Carries a one-time password.
pub(super) fn otp() -> EmailTemplate {
    template("OTP for {APP_NAME}", include_str!("templates/otp.html"))
}

/// Tells of a sign-in from a place not seen before.
pub(super) fn auth_alert() -> EmailTemplate {
    template(
        "Login from a new location",
        include_str!("templates/auth_alert.html"),
    )
}

fn template(subject: &str, body: &str) -> EmailTemplate {
    EmailTemplate {
        subject: subject.to_owned(),
        body: body.trim_end().to_owned(),
    }
}
