//! Signing in with a password, keeping signed in, and finding out who a token belongs to.
//!
//! Everything is about an [`account::Account`]. A way of signing in proves one and ends in [`sign_in::respond`].

mod account;
mod methods;
mod mfa;
mod password;
mod sign_in;
mod tokens;

pub use methods::methods;
pub use password::with_password;
pub use sign_in::SignIn;
pub use tokens::{authenticate, authenticate_file_token, file_token, impersonate, refresh};

pub(crate) use account::token_key;
pub(crate) use tokens::installer_token;
