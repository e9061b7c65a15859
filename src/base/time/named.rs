//! Dates with names of months, as mail, cookies, C and system logs write them.

use jiff::civil::{self, Date, Time};

use super::{Timestamp, at_offset, fraction, is_zone, parse_offset};

/// Names of the days of a week.
pub const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// Names of the months, as they are written in short.
pub const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Reads these forms, whose words single spaces part, and the time of day on a clock of twelve hours.
///
/// Compat: what names no year is in the year 0, and any day of the week goes with any date.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let words: Vec<&str> = text.split(' ').collect();
    let (date, time, zone) = match *words.as_slice() {
        [clock] => (civil::date(0, 1, 1), twelve_hours(clock)?, None),
        [day, month, year] if digits(year, 4).is_some() => {
            (date(year, month, padded(day)?)?, Time::MIN, None)
        }
        [month, day, clock] => (date("0000", month, day)?, seconds(clock)?, None),
        [weekday, day, clock, zone] => {
            let mut parts = day.split('-');
            let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
            let is_written = is_weekday(weekday.strip_suffix(',')?, str::len);
            if !is_written || parts.next().is_some() {
                return None;
            }
            let day = date(&full_year(year)?, month, padded(day)?)?;
            (day, seconds(clock)?, Some(zone))
        }
        [weekday, month, day, clock, year] if is_weekday(weekday, |_| 3) => {
            (date(year, month, day)?, seconds(clock)?, None)
        }
        [day, month, year, clock, zone] => {
            let day = date(&full_year(year)?, month, padded(day)?)?;
            (day, minutes(clock)?, Some(zone))
        }
        [weekday, month, day, clock, zone, year] if is_weekday(weekday, |_| 3) => {
            (date(year, month, day)?, seconds(clock)?, Some(zone))
        }
        [weekday, day, month, year, clock, zone]
            if is_weekday(weekday.strip_suffix(',')?, |_| 3) =>
        {
            let day = date(year, month, padded(day)?)?;
            (day, seconds(clock)?, Some(zone))
        }
        _ => return None,
    };
    let offset_minutes = match zone {
        Some(zone) if !is_zone(zone) => parse_offset(zone)?,
        _ => 0,
    };
    at_offset(date.to_datetime(time), offset_minutes)
}

/// Whether a text is the name of a day of the week, of which so many letters are written.
fn is_weekday(text: &str, length: impl Fn(&str) -> usize) -> bool {
    WEEKDAYS
        .iter()
        .filter_map(|name| name.get(..length(name)))
        .any(|name| name.eq_ignore_ascii_case(text))
}

/// A number of exactly so many digits.
fn digits(text: &str, length: usize) -> Option<i16> {
    let fits = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok())?
}

/// A number of one digit or two.
fn short(text: &str) -> Option<i8> {
    let number = digits(text, 1).or_else(|| digits(text, 2))?;
    i8::try_from(number).ok()
}

/// A day of the month, if it has two digits.
fn padded(day: &str) -> Option<&str> {
    digits(day, 2).is_some().then_some(day)
}

/// The year that two digits stand for: of the century from 1969 on.
fn full_year(year: &str) -> Option<String> {
    let century = if digits(year, 2)? < 69 { "20" } else { "19" };
    Some(format!("{century}{year}"))
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    let at = (MONTHS.iter()).position(|name| name.eq_ignore_ascii_case(month))?;
    Date::new(digits(year, 4)?, i8::try_from(at + 1).ok()?, short(day)?).ok()
}

/// `15:04:05`, perhaps with a fraction.
fn seconds(clock: &str) -> Option<Time> {
    let (hour, rest) = clock.split_once(':')?;
    let (minute, rest) = rest.split_once(':')?;
    let (nanos, end) = fraction(rest.get(2..)?)?;
    let second = i8::try_from(digits(rest.get(..2)?, 2)?).ok()?;
    let minute = i8::try_from(digits(minute, 2)?).ok()?;
    end.is_empty()
        .then(|| Time::new(short(hour)?, minute, second, nanos).ok())?
}

/// `15:04`.
fn minutes(clock: &str) -> Option<Time> {
    let (hour, minute) = clock.split_once(':')?;
    let minute = i8::try_from(digits(minute, 2)?).ok()?;
    Time::new(short(hour)?, minute, 0, 0).ok()
}

/// `3:04PM`.
fn twelve_hours(clock: &str) -> Option<Time> {
    let (clock, afternoon) = match clock.strip_suffix("PM") {
        Some(clock) => (clock, 12),
        None => (clock.strip_suffix("AM")?, 0),
    };
    let time = minutes(clock)?;
    (time.hour() <= 12)
        .then(|| Time::new(time.hour() % 12 + afternoon, time.minute(), 0, 0).ok())?
}
