//! Starting jobs when their minute comes.

use std::time::Duration;

use tokio::time::sleep;

use crate::base::time::Timestamp;
use crate::cron::Jobs;

const MINUTE_MS: i64 = 60_000;

/// Runs what is due, minute by minute, until the future is dropped.
///
/// Minutes during which the machine slept are left out; a clock that is set back makes no minute come twice.
pub async fn run(jobs: Jobs) {
    let mut done = minute(Timestamp::now());
    loop {
        let now = Timestamp::now();
        let current = minute(now);
        if current > done {
            jobs.tick(now.civil());
            done = current;
        } else if done - current > 24 * 60 {
            // The clock was set back by more than a correction; waiting for it to catch up would take too long.
            done = current;
        }
        sleep(until_next(now)).await;
    }
}

fn minute(moment: Timestamp) -> i64 {
    moment.unix_ms().div_euclid(MINUTE_MS)
}

/// Time until the next minute begins.
fn until_next(moment: Timestamp) -> Duration {
    let left = MINUTE_MS - moment.unix_ms().rem_euclid(MINUTE_MS);
    Duration::from_millis(u64::try_from(left).unwrap_or(0).max(1))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::until_next;
    use crate::base::time::Timestamp;

    #[test]
    fn minutes_begin_at_full_ones() {
        for (ms, expect) in [(0, 60_000), (1, 59_999), (59_999, 1), (-1, 1)] {
            let until = until_next(Timestamp::from_unix_ms(ms));
            assert_eq!(until, Duration::from_millis(expect), "{ms}");
        }
    }
}
