//! How long streams stay open.

use std::time::Duration;

/// How long a stream may stay open, and what is sent to keep it so.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A comment after this long without a message, so that proxies keep the connection.
    pub heartbeat: Duration,
    /// The stream ends after this long without a message.
    pub idle: Option<Duration>,
    /// The stream ends after this long.
    pub lifetime: Option<Duration>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(25),
            idle: None,
            lifetime: None,
        }
    }
}
