//! SQL functions that the product relies on.
//!
//! The math functions (`acos`, `radians`, …) are part of SQLite, but only when it is compiled with them.
//! Where it is not, the functions here stand in; they answer NULL outside their domain, as SQLite does.

use std::f64::consts::PI;
use std::sync::OnceLock;

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Result};

use super::error::Error;

/// Makes sure that a connection has all functions.
pub(super) fn register(connection: &Connection) -> Result<(), Error> {
    static BUILT_IN: OnceLock<bool> = OnceLock::new();
    let built_in = match BUILT_IN.get() {
        Some(built_in) => *built_in,
        None => *BUILT_IN.get_or_init(|| connection.prepare("SELECT acos(1)").is_ok()),
    };
    if !built_in {
        register_math(connection)?;
    }
    Ok(())
}

type Unary = (&'static str, fn(f64) -> f64);
type Binary = (&'static str, fn(f64, f64) -> f64);

const UNARY: &[Unary] = &[
    ("acos", f64::acos),
    ("acosh", f64::acosh),
    ("asin", f64::asin),
    ("asinh", f64::asinh),
    ("atan", f64::atan),
    ("atanh", f64::atanh),
    ("cos", f64::cos),
    ("cosh", f64::cosh),
    ("degrees", |x| x * (180.0 / PI)),
    ("exp", f64::exp),
    ("radians", |x| x * (PI / 180.0)),
    ("sin", f64::sin),
    ("sinh", f64::sinh),
    ("sqrt", f64::sqrt),
    ("tan", f64::tan),
    ("tanh", f64::tanh),
];

/// Logarithms are not defined at zero, where floating point answers minus infinity.
const LOGARITHMS: &[Unary] = &[
    ("ln", f64::ln),
    ("log", f64::log10),
    ("log10", f64::log10),
    ("log2", f64::log2),
];

/// These leave integers as they are.
const ROUNDING: &[Unary] = &[
    ("ceil", f64::ceil),
    ("ceiling", f64::ceil),
    ("floor", f64::floor),
    ("trunc", f64::trunc),
];

const BINARY: &[Binary] = &[
    ("atan2", f64::atan2),
    ("mod", |x, y| x % y),
    ("pow", f64::powf),
    ("power", f64::powf),
];

fn register_math(connection: &Connection) -> Result<(), Error> {
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    let scalar = |name: &str, arguments: i32, f: fn(&mut Context<'_>) -> Result<Value>| {
        connection.create_scalar_function(name, arguments, flags, f)
    };
    scalar("pi", 0, |_| Ok(Value::Real(PI)))?;
    scalar("log", 2, |context| {
        Ok(match (number(context, 0), number(context, 1)) {
            (Some(base), Some(x)) if base > 0.0 && x > 0.0 => Value::Real(x.ln() / base.ln()),
            _ => Value::Null,
        })
    })?;
    for &(name, f) in UNARY {
        connection
            .create_scalar_function(name, 1, flags, move |context| Ok(number(context, 0).map(f)))?;
    }
    for &(name, f) in LOGARITHMS {
        connection.create_scalar_function(name, 1, flags, move |context| {
            Ok(number(context, 0).filter(|x| *x > 0.0).map(f))
        })?;
    }
    for &(name, f) in ROUNDING {
        connection.create_scalar_function(name, 1, flags, move |context| {
            Ok(match context.get_raw(0) {
                ValueRef::Integer(value) => Value::Integer(value),
                _ => number(context, 0).map_or(Value::Null, |x| Value::Real(f(x))),
            })
        })?;
    }
    for &(name, f) in BINARY {
        connection.create_scalar_function(name, 2, flags, move |context| {
            Ok(number(context, 0)
                .zip(number(context, 1))
                .map(|(x, y)| f(x, y)))
        })?;
    }
    Ok(())
}

/// A numeric argument; text counts if it is a number.
#[expect(
    clippy::cast_precision_loss,
    reason = "the functions are defined on doubles"
)]
fn number(context: &Context<'_>, argument: usize) -> Option<f64> {
    match context.get_raw(argument) {
        ValueRef::Integer(value) => Some(value as f64),
        ValueRef::Real(value) => Some(value),
        ValueRef::Text(text) => str::from_utf8(text).ok()?.trim().parse().ok(),
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;
    use rusqlite::types::Value;

    use super::register_math;

    /// Both kinds of functions answer alike, as far as the linked SQLite has its own.
    #[track_caller]
    fn check(expression: &str) {
        let stand_in = Connection::open_in_memory().unwrap();
        register_math(&stand_in).unwrap();
        let built_in = Connection::open_in_memory().unwrap();
        let sql = format!("SELECT {expression}");
        let value =
            |connection: &Connection| connection.query_row(&sql, [], |row| row.get::<_, Value>(0));
        let ours = value(&stand_in).unwrap();
        match (value(&built_in), &ours) {
            (Ok(Value::Real(theirs)), Value::Real(ours)) => {
                assert!(
                    (theirs - ours).abs() < 1e-12,
                    "{expression}: {ours} {theirs}"
                );
            }
            (Ok(theirs), ours) => assert_eq!(theirs, *ours, "{expression}"),
            (Err(_), _) => {}
        }
    }

    #[test]
    fn stand_ins_answer_like_the_functions_of_sqlite() {
        for expression in [
            "acos(0.5)",
            "acos(2)",
            "radians(180)",
            "degrees(pi())",
            "log(100)",
            "log(2, 8)",
            "log(0)",
            "ln(-1)",
            "sqrt(-1)",
            "mod(7, 4.5)",
            "pow(2, 10)",
            "ceil(3)",
            "ceil(3.2)",
            "floor(-3.2)",
            "trunc('2.7')",
            "sin('x')",
            "cos(NULL)",
            "atan2(1, 2)",
        ] {
            check(expression);
        }
    }
}
