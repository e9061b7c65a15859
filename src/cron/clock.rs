//! Starting jobs when their minute comes.

use std::time::Duration;

use tokio::time::sleep;

use crate::base::cron::Schedule;
use crate::base::time::Timestamp;
use crate::cron::Jobs;

const MINUTE_MS: i64 = 60_000;

/// Minutes by which a clock may be set back so that they count as minutes that come twice. Beyond that it was wrong
/// before, such as that of a machine that took the time of its zone for UTC, and nobody waits until it is that late again.
const CORRECTION: i64 = 3 * 60;

/// Runs what is due, minute by minute, until the future is dropped.
///
/// Minutes during which the machine slept are left out. While a clock that was set back goes through the same minutes
/// again, only what is due in every hour runs: a nightly job does not run twice.
pub async fn run(jobs: Jobs) {
    let mut passed = Passed::new(minute(Timestamp::now()));
    loop {
        let now = Timestamp::now();
        match passed.next(minute(now)) {
            Due::Nothing => {}
            Due::Hourly => jobs.tick(now.civil(), Schedule::is_hourly),
            Due::All => jobs.tick(now.civil(), |_| true),
        }
        sleep(until_next(now)).await;
    }
}

/// The latest minute there was, and the last one that was looked at.
#[derive(Debug)]
struct Passed {
    latest: i64,
    last: i64,
}

/// What may run in a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Nothing,
    Hourly,
    All,
}

impl Passed {
    const fn new(current: i64) -> Self {
        Self {
            latest: current,
            last: current,
        }
    }

    fn next(&mut self, current: i64) -> Due {
        if current == self.last {
            return Due::Nothing;
        }
        self.last = current;
        if current <= self.latest && self.latest - current <= CORRECTION {
            return Due::Hourly;
        }
        self.latest = current;
        Due::All
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

    use super::{CORRECTION, Due, Passed, until_next};
    use crate::base::time::Timestamp;

    #[test]
    fn a_clock_that_is_set_back_neither_stops_jobs_nor_repeats_them() {
        let mut passed = Passed::new(10_000);
        let mut next = |minute| passed.next(minute);
        assert_eq!(next(10_000), Due::Nothing);
        assert_eq!(next(10_001), Due::All);
        // An hour back, and through it again.
        assert_eq!(next(9_941), Due::Hourly);
        assert_eq!(next(9_941), Due::Nothing);
        assert_eq!(next(10_001), Due::Hourly);
        assert_eq!(next(10_002), Due::All);
        // A day forward, and back again.
        assert_eq!(next(11_442), Due::All);
        assert_eq!(next(10_003), Due::All);
        assert_eq!(next(10_004), Due::All);
        assert_eq!(next(10_004 - CORRECTION), Due::Hourly);
        assert_eq!(next(10_003 - CORRECTION), Due::All);
    }

    #[test]
    fn minutes_begin_at_full_ones() {
        for (ms, expect) in [(0, 60_000), (1, 59_999), (59_999, 1), (-1, 1)] {
            let until = until_next(Timestamp::from_unix_ms(ms));
            assert_eq!(until, Duration::from_millis(expect), "{ms}");
        }
    }
}
