//! Whether a collection has accounts, and goes a way with them, whoever asks and with what.

use crate::app::App;
use crate::app::auth::account::auth_collection;
use crate::app::auth::{email_change, oauth2, otp, password, password_reset, tokens, verification};
use crate::base::error::Result;

/// What clients do with accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Password,
    OneTimePassword,
    OAuth2,
    Verification,
    /// Asking for a new password.
    PasswordReset,
    /// Setting a new password that was asked for.
    NewPassword,
    EmailChange,
}

/// Refuses a collection that does not go a way.
pub fn check_way(app: &App, collection: &str, way: Way) -> Result<()> {
    match way {
        Way::Password => password::accepting(app, collection),
        Way::OAuth2 => return oauth2::check_enabled(app, collection),
        Way::OneTimePassword => otp::accepting(app, collection),
        Way::Verification => verification::verifiable(app, collection),
        Way::PasswordReset => password_reset::resettable(app, collection),
        Way::NewPassword => auth_collection(app, collection),
        Way::EmailChange => email_change::changeable(app, collection),
    }
    .map(drop)
}

/// Refuses an account that nobody can act for because there is none.
pub fn check_impersonated(app: &App, collection: &str, id: &str) -> Result<()> {
    tokens::impersonated(app, collection, id).map(drop)
}
