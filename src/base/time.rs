//! Moments in time and their canonical text, `2026-11-21 02:09:00.123Z`.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jiff::civil;
use jiff::{Span, Unit};

mod named;

pub use named::{MONTHS, WEEKDAYS};

/// A moment in UTC with millisecond resolution; the year lies in 0-9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    unix_ms: i64,
}

impl Timestamp {
    /// The present moment.
    pub fn now() -> Self {
        SystemTime::now().into()
    }

    /// A moment given in milliseconds since the Unix epoch.
    pub const fn from_unix_ms(unix_ms: i64) -> Self {
        Self { unix_ms }
    }

    /// The moment this many milliseconds earlier, if it lies in the years 0-9999.
    fn earlier_by(self, ms: i64) -> Option<Self> {
        let unix_ms = self.unix_ms.checked_sub(ms)?;
        (FIRST_DAY..=LAST_DAY)
            .contains(&unix_ms.div_euclid(MS_PER_DAY))
            .then_some(Self { unix_ms })
    }

    /// How long after an earlier moment this one is; nothing for a later one.
    pub fn since(self, earlier: Self) -> Duration {
        let ms = self.unix_ms.saturating_sub(earlier.unix_ms);
        Duration::from_millis(u64::try_from(ms).unwrap_or(0))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn unix_ms(self) -> i64 {
        self.unix_ms
    }

    /// Whole seconds since the Unix epoch.
    pub const fn unix_seconds(self) -> i64 {
        self.unix_ms.div_euclid(1000)
    }

    /// Calendar fields in UTC; moments outside of the years 0-9999 give the nearest one inside.
    pub fn civil(self) -> civil::DateTime {
        let days = self.unix_ms.div_euclid(MS_PER_DAY);
        let ms = self.unix_ms.rem_euclid(MS_PER_DAY);
        let date = EPOCH.checked_add(Span::new().days(days.clamp(FIRST_DAY, LAST_DAY)));
        date.unwrap_or(EPOCH).to_datetime(time_of_day(ms))
    }

    /// The moment of a UTC calendar date and time.
    pub fn from_civil(datetime: civil::DateTime) -> Option<Self> {
        if !(0..=9999).contains(&datetime.year()) {
            return None;
        }
        let days = EPOCH.until((Unit::Day, datetime.date())).ok()?.get_days();
        let time = datetime.time();
        let seconds = i64::from(time.hour()) * 3600
            + i64::from(time.minute()) * 60
            + i64::from(time.second());
        Some(Self {
            unix_ms: i64::from(days) * MS_PER_DAY + seconds * 1000 + i64::from(time.millisecond()),
        })
    }
}

impl From<SystemTime> for Timestamp {
    /// Moments before the Unix epoch give the epoch.
    fn from(moment: SystemTime) -> Self {
        let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            unix_ms: i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        }
    }
}

const MS_PER_DAY: i64 = 86_400_000;

/// The first day of the year 0 and the last of the year 9999, counted from the Unix epoch.
const FIRST_DAY: i64 = -719_528;
const LAST_DAY: i64 = 2_932_896;

const EPOCH: civil::Date = civil::date(1970, 1, 1);

/// Milliseconds since midnight as a time.
fn time_of_day(ms: i64) -> civil::Time {
    let part = |value: i64| i8::try_from(value).unwrap_or(0);
    let nanos = i32::try_from(ms % 1000 * 1_000_000).unwrap_or(0);
    civil::Time::new(
        part(ms / 3_600_000),
        part(ms / 60_000 % 60),
        part(ms / 1000 % 60),
        nanos,
    )
    .unwrap_or(civil::Time::MIN)
}

impl fmt::Display for Timestamp {
    /// Writes the canonical form, always 24 characters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Perf: every save formats some; digit by digit this takes a tenth of what the formatting machinery does.
        let t = self.civil();
        let mut text = *b"0000-00-00 00:00:00.000Z";
        for (ends, number) in [
            (4, t.year()),
            (7, i16::from(t.month())),
            (10, i16::from(t.day())),
            (13, i16::from(t.hour())),
            (16, i16::from(t.minute())),
            (19, i16::from(t.second())),
            (23, t.millisecond()),
        ] {
            put_digits(&mut text[..ends], number);
        }
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

/// Writes a number that is not negative right-aligned over the zeros at the end of a text.
fn put_digits(text: &mut [u8], number: i16) {
    let mut rest = number.unsigned_abs();
    for place in text.iter_mut().rev() {
        if rest == 0 {
            return;
        }
        *place = b'0' + (rest % 10).to_le_bytes()[0];
        rest /= 10;
    }
}

/// Says whether a text already is in the canonical form, and a moment that there is.
pub fn is_canonical(text: &str) -> bool {
    let pattern = b"dddd-dd-dd dd:dd:dd.dddZ";
    text.len() == pattern.len()
        && text
            .bytes()
            .zip(pattern)
            .all(|(byte, expected)| match expected {
                b'd' => byte.is_ascii_digit(),
                other => byte == *other,
            })
        && is_in_calendar(text.as_bytes())
}

/// Whether a text of the canonical shape names a day and a time that there are.
fn is_in_calendar(text: &[u8]) -> bool {
    let two = |at: usize| (text[at] - b'0') * 10 + (text[at + 1] - b'0');
    let (century, year, month, day) = (two(0), two(2), two(5), two(8));
    let is_leap = if year == 0 { century } else { year }.is_multiple_of(4);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    };
    (1..=days).contains(&day) && two(11) < 24 && two(14) < 60 && two(17) < 60
}

/// Reads a date as clients send it: the canonical form, RFC 3339, date alone, date and time, and the forms of mail,
/// cookies, C and system logs.
///
/// Several spaces are one. Fractions beyond milliseconds are cut. `None` means that the text is not a date.
pub fn parse(text: &str) -> Option<Timestamp> {
    if text.len() > 64 {
        return None;
    }
    let single_spaced;
    let text = if text.contains("  ") {
        let words = text.split(' ').filter(|word| !word.is_empty());
        single_spaced = words.collect::<Vec<_>>().join(" ");
        // Spaces at the ends belong to no date.
        if text.starts_with(' ') || text.ends_with(' ') {
            return None;
        }
        single_spaced.as_str()
    } else {
        text
    };
    let bytes = text.as_bytes();
    let number = |from: usize, length: usize| -> Option<i16> {
        let part = text.get(from..from + length)?;
        part.bytes()
            .all(|b| b.is_ascii_digit())
            .then(|| part.parse().ok())?
    };
    let small = |from: usize| number(from, 2).and_then(|n| i8::try_from(n).ok());
    if bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return named::parse(text);
    }
    let date = civil::Date::new(number(0, 4)?, small(5)?, small(8)?).ok()?;
    if bytes.len() == 10 {
        return Timestamp::from_civil(date.at(0, 0, 0, 0));
    }
    if !matches!(bytes[10], b' ' | b'T')
        || bytes.get(13) != Some(&b':')
        || bytes.get(16) != Some(&b':')
    {
        return None;
    }
    let (hour, minute, second) = (small(11)?, small(14)?, small(17)?);
    let (nanos, rest) = fraction(text.get(19..)?)?;
    let time = civil::Time::new(hour, minute, second, nanos).ok()?;
    let offset_minutes = match (rest.strip_prefix(' '), bytes[10]) {
        (Some(offset), b' ') => {
            let (offset, zone) = offset.split_once(' ').unwrap_or((offset, "UTC"));
            if !is_zone(zone) {
                return None;
            }
            parse_offset(offset)?
        }
        (None, _) if matches!(rest, "" | "Z") => 0,
        _ => parse_offset(rest)?,
    };
    at_offset(date.to_datetime(time), offset_minutes)
}

/// The nanoseconds that a text starts with, cut to milliseconds, and what is behind them.
fn fraction(text: &str) -> Option<(i32, &str)> {
    let Some(fraction) = text.strip_prefix(['.', ',']) else {
        return Some((0, text));
    };
    let n_digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    if n_digits == 0 {
        return None;
    }
    let ms = format!("{:0<3}", &fraction[..n_digits.min(3)]);
    Some((ms.parse::<i32>().ok()? * 1_000_000, &fraction[n_digits..]))
}

/// A local date and time at an offset from UTC; the year still has to fit.
fn at_offset(local: civil::DateTime, offset_minutes: i64) -> Option<Timestamp> {
    Timestamp::from_civil(local)?.earlier_by(offset_minutes * 60_000)
}

/// The abbreviation of a time zone; its offset is not known here and counts as zero.
fn is_zone(text: &str) -> bool {
    (3..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase())
}

/// Reads `+02:00` or `+0200` as minutes.
fn parse_offset(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let digits: String = text[1..].chars().filter(|c| *c != ':').collect();
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i64 = digits[..2].parse().ok()?;
    let minutes: i64 = digits[2..].parse().ok()?;
    (hours <= 24 && minutes <= 60).then_some(sign * (hours * 60 + minutes))
}

#[cfg(test)]
mod tests {
    use super::{is_canonical, parse};

    #[track_caller]
    fn check(input: &str, expect: &str) {
        assert_eq!(
            parse(input).map(|t| t.to_string()).unwrap_or_default(),
            expect,
            "{input}"
        );
    }

    #[test]
    fn dates_are_read_as_clients_send_them() {
        check("2022-01-01 10:00:00.123Z", "2022-01-01 10:00:00.123Z");
        check("2022-01-01", "2022-01-01 00:00:00.000Z");
        check("2022-01-01 10:00:00", "2022-01-01 10:00:00.000Z");
        check("2022-01-01T10:00:00+02:00", "2022-01-01 08:00:00.000Z");
        check("2022-01-01T10:00:00.123456789Z", "2022-01-01 10:00:00.123Z");
        check("2022-01-01T10:00:00,5Z", "2022-01-01 10:00:00.500Z");
    }

    #[test]
    fn offsets_may_stand_apart_behind_a_space() {
        check("2006-01-02 15:04:05 -0700", "2006-01-02 22:04:05.000Z");
        check("2006-01-02 15:04:05 +02:00", "2006-01-02 13:04:05.000Z");
        check("2006-01-02T15:04:05-0700", "2006-01-02 22:04:05.000Z");
        check(
            "2006-01-02 15:04:05.123 +0200 CEST",
            "2006-01-02 13:04:05.123Z",
        );
        check("2006-01-02 15:04:05 +0000 UTC", "2006-01-02 15:04:05.000Z");
        check("2006-01-02T15:04:05+24:60", "2006-01-01 14:04:05.000Z");
        check("2006-01-02T15:04:05+25:00", "");
        check("2006-01-02  15:04:05   +0200", "2006-01-02 13:04:05.000Z");
        check("2006-01-02 15:04:05  ", "");
        check("2006-01-02T15:04:05 +02:00", "");
        check("2006-01-02 15:04:05 Z", "");
        check("2006-01-02 15:04:05 UTC", "");
        check("2006-01-02 15:04:05+02", "");
    }

    #[test]
    fn months_may_have_names() {
        let expect = "2006-01-02 15:04:05.000Z";
        check("Mon, 02 Jan 2006 15:04:05 GMT", expect);
        check("Mon, 02 Jan 2006 15:04:05 MST", expect);
        check("Mon, 02 Jan 2006 08:04:05 -0700", expect);
        check("Monday, 02-Jan-06 15:04:05 MST", expect);
        check("Mon Jan  2 15:04:05 2006", expect);
        check("Mon Jan  2 15:04:05 UTC 2006", expect);
        check("Mon Jan 02 08:04:05 -0700 2006", expect);
        check("02 Jan 06 15:04 MST", "2006-01-02 15:04:00.000Z");
        check("02 Jan 2006", "2006-01-02 00:00:00.000Z");
        check("Jan 2, 2006", "");
        check("2 Jan 2006", "");
        check("Tue, 02 Jan 2006 15:04:05 GMT", expect);
        check("Mon, 2 Jan 2006 15:04:05 GMT", "");
        check("Noday, 02 Jan 2006 15:04:05 GMT", "");
        check("Jan  2 15:04:05", "0000-01-02 15:04:05.000Z");
        check("Jan 2 15:04:05.5", "0000-01-02 15:04:05.500Z");
        check("Feb 30 15:04:05", "");
        check("3:04PM", "0000-01-01 15:04:00.000Z");
        check("12:00AM", "0000-01-01 00:00:00.000Z");
        check("13:04PM", "");
        check("3:04pm", "");
        check("15:04", "");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for input in [
            "",
            "2022-01-01 10:00",
            "2022-13-01",
            "2022-02-30",
            "garbage text",
            "2022-01-01 25:00:00",
            "é2022-01-01",
            " 2022-01-01",
            "2022-01-01T10:00:00z",
            "2022-01-01t10:00:00Z",
            "0000-01-01 00:00:00+01:00",
            "10000-01-01",
        ] {
            check(input, "");
        }
    }

    #[test]
    fn canonical_text_is_recognised_by_shape() {
        assert!(is_canonical("2022-01-01 10:00:00.123Z"));
        assert!(!is_canonical("2022-01-01 10:00:00.12Z"));
        assert!(!is_canonical("2022-01-01T10:00:00.123Z"));
        for day in [
            "0000-01-01",
            "1999-12-31",
            "2000-02-29",
            "2024-02-29",
            "9999-06-30",
        ] {
            assert!(is_canonical(&format!("{day} 23:59:59.999Z")), "{day}");
        }
        for day in [
            "0000-00-00",
            "2024-00-10",
            "2024-13-10",
            "2024-01-00",
            "2024-01-32",
            "2024-04-31",
            "1900-02-29",
            "2023-02-29",
            "2024-02-30",
        ] {
            assert!(!is_canonical(&format!("{day} 00:00:00.000Z")), "{day}");
        }
        for time in ["24:00:00", "10:60:00", "10:00:60"] {
            assert!(!is_canonical(&format!("2024-01-01 {time}.000Z")), "{time}");
        }
    }
}
