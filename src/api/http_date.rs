//! Dates as HTTP headers have them. Pure.

use jiff::civil::{Date, DateTime, Time};

use crate::base::time::{MONTHS, Timestamp, WEEKDAYS};

/// Writes a moment, to the second.
pub(super) fn write(moment: Timestamp) -> String {
    jiff::Timestamp::from_second(moment.unix_seconds())
        .ok()
        .and_then(|moment| {
            jiff::fmt::rfc2822::DateTimePrinter::new()
                .timestamp_to_rfc9110_string(&moment)
                .ok()
        })
        .unwrap_or_default()
}

/// Reads one of the three forms a date may have, as seconds since 1970. Which day of the week it is does not matter.
pub(super) fn read(text: &str) -> Option<i64> {
    let words: Vec<&str> = text.split(' ').collect();
    let moment = match words.as_slice() {
        [day, number, month, year, clock, "GMT"] if is_day(day.strip_suffix(',')?, |_| 3) => {
            date(digits(year, 4)?, month, digits(number, 2)?)?.to_datetime(time(clock)?)
        }
        [day, date, clock, "GMT"] if is_day(day.strip_suffix(',')?, str::len) => {
            of_two_digits(date, clock)?
        }
        // The day of the month has a space before it if it is a single digit.
        [day, month, "", number, clock, year] if is_day(day, |_| 3) => {
            date(digits(year, 4)?, month, digits(number, 1)?)?.to_datetime(time(clock)?)
        }
        [day, month, number, clock, year] if is_day(day, |_| 3) => {
            date(digits(year, 4)?, month, digits(number, 2)?)?.to_datetime(time(clock)?)
        }
        _ => return None,
    };
    let moment = moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
    Some(moment.timestamp().as_second())
}

/// `06-Nov-94`: years up to 68 are those of this century.
fn of_two_digits(text: &str, clock: &str) -> Option<DateTime> {
    let (number, rest) = text.split_once('-')?;
    let (month, year) = rest.split_once('-')?;
    let year = digits(year, 2)?;
    let century = if year < 69 { 2000 } else { 1900 };
    Some(date(century + year, month, digits(number, 2)?)?.to_datetime(time(clock)?))
}

/// Whether a text is the name of a day of the week, of which so many letters are written.
fn is_day(text: &str, length: impl Fn(&str) -> usize) -> bool {
    WEEKDAYS
        .iter()
        .any(|name| name.get(..length(name)) == Some(text))
}

fn date(year: i16, month: &str, day: i16) -> Option<Date> {
    let month = MONTHS.iter().position(|name| *name == month)?;
    let (month, day) = (i8::try_from(month + 1).ok()?, i8::try_from(day).ok()?);
    Date::new(year, month, day).ok()
}

fn time(text: &str) -> Option<Time> {
    let mut parts = text.split(':').map(|part| digits(part, 2));
    let mut part = || i8::try_from(parts.next()??).ok();
    let (hour, minute, second) = (part()?, part()?, part()?);
    let is_over = parts.next().is_none();
    Time::new(hour, minute, second, 0).ok().filter(|_| is_over)
}

fn digits(text: &str, count: usize) -> Option<i16> {
    let is_number = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::{read, write};
    use crate::base::time::Timestamp;

    const SECONDS: i64 = 784_111_777;

    #[test]
    fn dates_are_written_as_http_wants_them() {
        let moment = Timestamp::from_unix_ms(SECONDS * 1000);
        assert_eq!(write(moment), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn three_forms_are_read() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(read(text), Some(SECONDS), "{text}");
        }
        assert_eq!(read("Sun Nov 16 08:49:37 1994"), Some(SECONDS + 864_000));
    }

    #[test]
    fn other_dates_are_none() {
        for text in [
            "",
            "0",
            "784111777",
            "1994-11-06 08:49:37Z",
            "1994-11-06T08:49:37Z",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 +0000",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:49 GMT",
            "Sun, 06 Nov 1994 08:49:37:00 GMT",
            "Foo, 06 Nov 1994 08:49:37 GMT",
            " Sun, 06 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
