//! `time`: moments as the contract writes them.

use rhai::{ImmutableString, Map, Module};

use crate::base::time::{self, Timestamp};
use crate::hooks::define::named;
use crate::hooks::fault::{Failure, misuse};

fn parse(text: &str) -> Result<Timestamp, Failure> {
    time::parse(text).ok_or_else(|| misuse(format!("\"{text}\" is no date.")))
}

fn milliseconds(span: &Map) -> Result<i64, Failure> {
    let mut sum = 0i64;
    for (unit, value) in span {
        let number = value
            .as_float()
            .or_else(|_| {
                value
                    .as_int()
                    .map(|n| f64::from(i32::try_from(n).unwrap_or(i32::MAX)))
            })
            .map_err(|_| misuse(format!("{unit} must be a number.")))?;
        let factor = match unit.as_str() {
            "milliseconds" => 1.0,
            "seconds" => 1e3,
            "minutes" => 6e4,
            "hours" => 3.6e6,
            "days" => 8.64e7,
            "weeks" => 6.048e8,
            "months" | "years" => continue,
            other => return Err(misuse(format!("There is no unit of time \"{other}\"."))),
        };
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let part = (number * factor) as i64;
        sum = sum.saturating_add(part);
    }
    Ok(sum)
}

/// A date so many months and years later; the 31st of a month that has none is its last day.
fn add_months(moment: Timestamp, span: &Map) -> Result<Timestamp, Failure> {
    let whole = |unit: &str| match span.get(unit) {
        None => Ok(0),
        Some(value) => value
            .as_int()
            .map_err(|_| misuse(format!("{unit} must be a whole number."))),
    };
    let months = whole("years")?
        .saturating_mul(12)
        .saturating_add(whole("months")?);
    if months == 0 {
        return Ok(moment);
    }
    let later = jiff::Span::new()
        .try_months(months)
        .and_then(|span| moment.civil().checked_add(span));
    later
        .ok()
        .and_then(Timestamp::from_civil)
        .ok_or_else(|| misuse("This date lies outside of the years 0-9999."))
}

/// The namespace `time`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    named!(
        module,
        "now() -> string",
        "This moment, such as `2026-11-21 02:09:00.123Z`.",
        || Timestamp::now().to_string()
    );
    named!(module, "unix() -> int", "Seconds since 1970.", || {
        Timestamp::now().unix_seconds()
    });
    named!(
        module,
        "unix(date: string) -> int",
        "Seconds from 1970 to a date.",
        |date: ImmutableString| parse(&date).map(Timestamp::unix_seconds)
    );
    named!(
        module,
        "parse(text: string) -> string",
        "A date in the form all others have; throws when it is none.",
        |text: ImmutableString| parse(&text).map(|moment| moment.to_string())
    );
    named!(
        module,
        "format(date: string, layout: string) -> string",
        "A date written otherwise, such as `%d.%m.%Y %H:%M`.",
        |date: ImmutableString, layout: ImmutableString| -> Result<String, Failure> {
            let civil = parse(&date)?.civil();
            jiff::fmt::strtime::format(layout.as_str(), civil)
                .map_err(|error| misuse(format!("The layout cannot be used: {error}.")))
        }
    );
    named!(
        module,
        "add(date: string, span: map) -> string",
        "A later or earlier date: `#{days: 1}`, `#{hours: -2, minutes: 30}`, `#{months: 1}`. The units are `milliseconds` to `weeks`, `months` and `years`; a month after January 31st is the last day of February.",
        |date: ImmutableString, span: Map| -> Result<String, Failure> {
            let moment = add_months(parse(&date)?, &span)?;
            let moment = moment.unix_ms().saturating_add(milliseconds(&span)?);
            Ok(Timestamp::from_unix_ms(moment).to_string())
        }
    );
    named!(
        module,
        "diff(a: string, b: string) -> float",
        "Seconds from `b` to `a`.",
        |a: ImmutableString, b: ImmutableString| -> Result<f64, Failure> {
            let ms = parse(&a)?.unix_ms().saturating_sub(parse(&b)?.unix_ms());
            #[expect(clippy::cast_precision_loss, reason = "of centuries")]
            let seconds = ms as f64 / 1000.0;
            Ok(seconds)
        }
    );
    module
}
