//! Values of the date macros, `@now` and its kin. All are in UTC.

use jiff::civil::{Date, DateTime};

use crate::base::time::Timestamp;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What a macro stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum MacroValue {
    /// A date in canonical form.
    Text(String),
    /// A part of the present date.
    Number(i64),
}

/// The value of a macro, its `@` included, at a given moment; `None` if there is no such macro.
pub fn value(name: &str, now: Timestamp) -> Option<MacroValue> {
    let civil = now.civil();
    let date = civil.date();
    let moment = match name {
        "@now" => now,
        "@yesterday" => Timestamp::from_unix_ms(now.unix_ms() - DAY_MS),
        "@tomorrow" => Timestamp::from_unix_ms(now.unix_ms() + DAY_MS),
        "@todayStart" => start(date)?,
        "@todayEnd" => end(date)?,
        "@monthStart" => start(date.first_of_month())?,
        "@monthEnd" => end(date.last_of_month())?,
        "@yearStart" => start(date.first_of_year())?,
        "@yearEnd" => end(date.last_of_year())?,
        _ => return part(name, civil).map(MacroValue::Number),
    };
    Some(MacroValue::Text(moment.to_string()))
}

/// Says whether a name is a macro.
pub fn is_macro(name: &str) -> bool {
    value(name, Timestamp::from_unix_ms(0)).is_some()
}

fn part(name: &str, civil: DateTime) -> Option<i64> {
    Some(match name {
        "@second" => civil.second().into(),
        "@minute" => civil.minute().into(),
        "@hour" => civil.hour().into(),
        "@day" => civil.day().into(),
        "@month" => civil.month().into(),
        "@year" => civil.year().into(),
        "@weekday" => civil.weekday().to_sunday_zero_offset().into(),
        _ => return None,
    })
}

fn start(date: Date) -> Option<Timestamp> {
    Timestamp::from_civil(date.at(0, 0, 0, 0))
}

fn end(date: Date) -> Option<Timestamp> {
    Timestamp::from_civil(date.at(23, 59, 59, 999_000_000))
}
