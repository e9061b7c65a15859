//! Signing in with a password, keeping signed in, proving addresses by mail, and finding out who a token belongs to.
//!
//! Everything is about an [`account::Account`]. A way of signing in proves one and ends in [`sign_in::respond`].

mod account;
mod admission;
mod change;
mod email_change;
mod events;
mod forms;
mod guard;
mod mails;
mod methods;
mod mfa;
pub mod oauth2;
mod origins;
mod otp;
mod password;
mod password_reset;
mod sign_in;
mod test_mail;
mod tokens;
mod verification;

pub use admission::{Way, check_impersonated, check_way};
pub use email_change::{confirm_email_change, request_email_change};
pub use methods::methods;
pub use otp::{SuperuserOtp, request_otp, with_otp};
pub use password::with_password;
pub use password_reset::{confirm_password_reset, request_password_reset};
pub use sign_in::SignIn;
pub use test_mail::send_test_mail;
pub use tokens::{
    Wanted, authenticate, authenticate_file_token, check_refreshable, file_token, impersonate,
    owner_of, refresh, sign_for,
};
pub use verification::{confirm_verification, request_verification};

pub(crate) use account::token_key;
pub(crate) use otp::superuser_otp;
pub(crate) use tokens::installer_token;
