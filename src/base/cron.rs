//! Cron expressions: when a job is due. Five fields in UTC, or one of the macros such as `@daily`.
//!
//! Knows nothing of jobs and does not wait for anything.

use jiff::civil::DateTime;

/// A parsed expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// One bit per minute.
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    /// One bit per day of the week, Sunday first.
    weekdays: u64,
}

/// Why a text is not a cron expression; the words are for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    #[error(
        "Invalid cron expression - must be a valid macro or to have exactly 5 space separated segments."
    )]
    Segments,
    #[error("Invalid segment step format - must be in the format */n or 1-30/n.")]
    StepFormat,
    #[error("Invalid segment step boundary - the step must be between 1 and the {0}.")]
    StepBounds(u8),
    #[error(
        "Invalid segment step - step > 1 could be used only with the wildcard or range format."
    )]
    StepOfValue,
    #[error("Invalid segment range format - the range must have 1 or 2 parts.")]
    RangeFormat,
    #[error("Invalid segment range minimum - must be between {0} and {1}.")]
    RangeMin(u8, u8),
    #[error("Invalid segment range maximum - must be between {0} and {1}.")]
    RangeMax(u8, u8),
    #[error("Invalid segment value - must be between the min and max of the segment.")]
    Value,
    #[error("Invalid segment value - {0:?} is not a whole number.")]
    Number(String),
}

impl Schedule {
    /// Reads an expression such as `*/5 0-6 * * 1,3`. Fields are separated by exactly one space.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let text = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            other => other,
        };
        let segments: Vec<&str> = text.split(' ').collect();
        let [minutes, hours, days, months, weekdays] = segments.as_slice() else {
            return Err(CronError::Segments);
        };
        if segments.iter().any(|segment| segment.trim().is_empty()) {
            return Err(CronError::Segments);
        }
        Ok(Self {
            minutes: parse_segment(minutes, 0, 59)?,
            hours: parse_segment(hours, 0, 23)?,
            days: parse_segment(days, 1, 31)?,
            months: parse_segment(months, 1, 12)?,
            weekdays: parse_segment(weekdays, 0, 6)?,
        })
    }

    /// Says whether a job is due in every hour of every day.
    pub fn is_hourly(&self) -> bool {
        let all = |first: u8, last: u8| (first..=last).fold(0, |set, value| set | 1_u64 << value);
        self.hours == all(0, 23)
            && self.days == all(1, 31)
            && self.months == all(1, 12)
            && self.weekdays == all(0, 6)
    }

    /// Says whether a job is due in the minute that a UTC moment lies in. All fields have to agree.
    pub fn is_due(&self, moment: DateTime) -> bool {
        let has = |set: u64, value: i8| u32::try_from(value).is_ok_and(|bit| set >> bit & 1 == 1);
        has(self.minutes, moment.minute())
            && has(self.hours, moment.hour())
            && has(self.days, moment.day())
            && has(self.months, moment.month())
            && has(self.weekdays, moment.weekday().to_sunday_zero_offset())
    }
}

/// A comma list of `*`, `n`, `n-m`, each with an optional `/step`; the result has one bit per value.
fn parse_segment(segment: &str, min: u8, max: u8) -> Result<u64, CronError> {
    let mut set = 0;
    for item in segment.split(',') {
        let parts: Vec<&str> = item.split('/').collect();
        let (range, step) = match parts.as_slice() {
            [range] => (*range, 1),
            [range, step] => {
                let step = number(step)?;
                if !(1..=i64::from(max)).contains(&step) {
                    return Err(CronError::StepBounds(max));
                }
                (*range, step)
            }
            _ => return Err(CronError::StepFormat),
        };
        let (first, last) = parse_range(range, step, min, max)?;
        let step = usize::try_from(step).unwrap_or(1);
        for value in (first..=last).step_by(step) {
            set |= 1_u64 << value;
        }
    }
    Ok(set)
}

fn parse_range(range: &str, step: i64, min: u8, max: u8) -> Result<(u8, u8), CronError> {
    if range == "*" {
        return Ok((min, max));
    }
    let within = |value: i64, low: u8| u8::try_from(value).ok().filter(|v| (low..=max).contains(v));
    let parts: Vec<&str> = range.split('-').collect();
    match parts.as_slice() {
        [value] => {
            let value = number(value)?;
            if step != 1 {
                return Err(CronError::StepOfValue);
            }
            let value = within(value, min).ok_or(CronError::Value)?;
            Ok((value, value))
        }
        [first, last] => {
            let first = within(number(first)?, min).ok_or(CronError::RangeMin(min, max))?;
            let last = within(number(last)?, first).ok_or(CronError::RangeMax(first, max))?;
            Ok((first, last))
        }
        _ => Err(CronError::RangeFormat),
    }
}

fn number(text: &str) -> Result<i64, CronError> {
    text.parse().map_err(|_| CronError::Number(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::{CronError, Schedule};

    #[test]
    fn what_is_due_in_every_hour_is_known() {
        for (expression, expect) in [
            ("* * * * *", true),
            ("*/7,3 0-23 1-31 1-12 0-6", true),
            ("@hourly", true),
            ("@daily", false),
            ("* 1-23 * * *", false),
            ("* * * * 1-6", false),
        ] {
            let schedule = Schedule::parse(expression).unwrap();
            assert_eq!(schedule.is_hourly(), expect, "{expression}");
        }
    }

    #[test]
    fn expressions_are_due_when_all_fields_agree() {
        for (expression, due, not_due) in [
            ("* * * * *", "2026-11-21T10:07", ""),
            ("*/5 * * * *", "2026-11-21T10:05", "2026-11-21T10:07"),
            ("1-10/3 * * * *", "2026-11-21T10:07", "2026-11-21T10:08"),
            ("0 3,15 * * *", "2026-11-21T15:00", "2026-11-21T14:00"),
            ("0 0 1 * 1", "2026-06-01T00:00", "2026-11-01T00:00"),
            ("* * * * 6", "2026-11-21T10:07", "2026-11-22T10:07"),
            ("@weekly", "2026-11-22T00:00", "2026-11-21T00:00"),
            ("@yearly", "2026-01-01T00:00", "2026-02-01T00:00"),
            ("@hourly", "2026-02-01T07:00", "2026-02-01T07:01"),
        ] {
            let schedule = Schedule::parse(expression).unwrap();
            assert!(schedule.is_due(due.parse().unwrap()), "{expression}");
            if !not_due.is_empty() {
                assert!(!schedule.is_due(not_due.parse().unwrap()), "{expression}");
            }
        }
    }

    #[test]
    fn unusual_forms_are_accepted() {
        for expression in [
            "01 * * * *",
            "+1 * * * *",
            "5/1 * * * *",
            "0-0 * * * *",
            "*,5 * * * *",
            "1-10/10 * * * *",
            "* */23 */31 */12 */6",
            "0 0 31 2 *",
        ] {
            assert!(Schedule::parse(expression).is_ok(), "{expression}");
        }
    }

    #[test]
    fn errors_say_what_is_wrong() {
        let not_a_number = |text: &str| CronError::Number(text.to_owned());
        for (expression, expect) in [
            ("", CronError::Segments),
            ("x", CronError::Segments),
            ("@DAILY", CronError::Segments),
            ("@every 1m", CronError::Segments),
            ("* * * *", CronError::Segments),
            ("* * * * * *", CronError::Segments),
            ("*  * * * *", CronError::Segments),
            ("60 * * * *", CronError::Value),
            ("* * 0 * *", CronError::Value),
            ("0 0 1 1 7", CronError::Value),
            ("5-1 * * * *", CronError::RangeMax(5, 59)),
            ("60-61 * * * *", CronError::RangeMin(0, 59)),
            ("* * 0-5 * *", CronError::RangeMin(1, 31)),
            ("1-2-3 * * * *", CronError::RangeFormat),
            ("1/2/3 * * * *", CronError::StepFormat),
            ("5/2 * * * *", CronError::StepOfValue),
            ("*/0 * * * *", CronError::StepBounds(59)),
            ("* */24 * * *", CronError::StepBounds(23)),
            ("MON * * * *", not_a_number("MON")),
            ("-5 * * * *", not_a_number("")),
            ("1, * * * *", not_a_number("")),
            (
                "99999999999999999999 * * * *",
                not_a_number("99999999999999999999"),
            ),
        ] {
            assert_eq!(Schedule::parse(expression), Err(expect), "{expression}");
        }
    }
}
