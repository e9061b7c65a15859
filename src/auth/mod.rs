//! Proving who someone is: password hashes and tokens. What a proven caller may do is `query`'s business.

pub mod attempts;
pub mod password;
pub mod throttle;
pub mod tokens;
