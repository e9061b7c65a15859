//! The mail texts a new auth collection starts with. The placeholders are the contract's, the words are ours.

use serde::Serialize;

/// Subject and HTML body with placeholders.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EmailTemplate {
    pub subject: String,
    pub body: String,
}

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

/// SHA-256 of the text of that mail that PocketBase before 0.34 gave every auth collection.
pub const fn earlier_alert_digest() -> [u8; 32] {
    [
        0xba, 0x5c, 0x60, 0xf5, 0x2c, 0x23, 0x70, 0xc3, 0xc8, 0xcb, 0xbf, 0x54, 0xcb, 0xca, 0x34,
        0x8b, 0xde, 0x1d, 0xfd, 0x6c, 0xcd, 0xca, 0x01, 0xb0, 0x6d, 0x32, 0x52, 0x41, 0x39, 0x31,
        0x2d, 0x28,
    ]
}

/// The text of that mail in a new auth collection.
pub fn newest_alert_body() -> String {
    auth_alert().body
}

fn template(subject: &str, body: &str) -> EmailTemplate {
    EmailTemplate {
        subject: subject.to_owned(),
        body: body.trim_end().to_owned(),
    }
}
