//! Proving who someone is: password hashes, tokens, sign-in services. What a proven caller may do is `query`'s
//! business.

pub mod attempts;
pub mod checked;
pub mod mail_pace;
pub mod oauth2;
pub mod password;
pub mod places;
pub mod tokens;
