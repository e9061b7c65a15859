//! Numbers of the settings as threads and the interpreter take them.

use std::time::Duration;

/// A time of the settings.
pub(super) fn seconds(seconds: i64) -> Duration {
    Duration::from_secs(u64::try_from(seconds).unwrap_or(1))
}

/// A number of the settings.
pub(super) fn size(n: i64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}
