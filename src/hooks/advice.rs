//! What to write instead, behind messages about mistakes that are made by everybody who comes from JavaScript. Only where
//! it is certain: a wrong hint costs more than none.

mod brackets;
mod names;
mod syntax;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rhai::{EvalAltResult, LexError, ParseError, ParseErrorType};

use crate::hooks::fault::ScriptError;
use crate::hooks::unknown::Known;
use crate::hooks::{definitions, engine};
use crate::settings::Hooks as Limits;

/// So many ways to call a function are told.
const MOST_CALLS: usize = 4;

/// What there is to call, whatever the limits of an interpreter.
static KNOWN: LazyLock<Known> = LazyLock::new(|| Known::of(&engine::new(&Limits::default())));

/// How each of our own functions is called, by namespace and name.
static CALLS: LazyLock<BTreeMap<String, Vec<String>>> = LazyLock::new(|| {
    let mut calls: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, signature) in definitions::signatures() {
        calls.entry(name).or_default().push(signature);
    }
    calls
});

/// The name of a function that people write who think of another language, and what is meant.
pub(super) fn of_name(name: &str) -> Option<&'static str> {
    found(names::FUNCTIONS, name)
}

/// A text that does not compile, with what to write instead.
pub(super) fn explained(text: &str, error: ParseError) -> ParseError {
    let hint = match error.0.as_ref() {
        // Rhai has a hint of its own.
        ParseErrorType::BadInput(LexError::ImproperSymbol(_, told)) if !told.is_empty() => None,
        ParseErrorType::VariableUndefined(name) => of_variable(name, Some(text)),
        ParseErrorType::MismatchedType(wanted, _) if wanted.contains("bool") => Some(
            "`a ?? b` takes b where a is (); otherwise compare, such as `a != \"\"`".to_owned(),
        ),
        kind => syntax::hint(text, kind, error.1),
    };
    let Some(hint) = hint else {
        return error;
    };
    let message = format!("{}; {hint}", error.0);
    ParseError(
        Box::new(ParseErrorType::BadInput(LexError::Runtime(message))),
        error.1,
    )
}

/// What to do about a call that failed. The text is that of the script, where it is at hand.
pub(super) fn of_failure(failure: &EvalAltResult, text: Option<&str>) -> Option<String> {
    match failure {
        EvalAltResult::ErrorFunctionNotFound(signature, _) => of_call(signature, text),
        EvalAltResult::ErrorVariableNotFound(name, _) => of_variable(name, text),
        EvalAltResult::ErrorModuleNotFound(name, _) => KNOWN
            .namespace_like(name)
            .map(|other| format!("did you mean {other}?")),
        EvalAltResult::ErrorDotExpr(message, _) => of_member(message),
        EvalAltResult::ErrorMismatchDataType(wanted, found, _) if wanted == "bool" => {
            Some(of_condition(found))
        }
        EvalAltResult::ErrorRuntime(value, _) if value.read_lock::<ScriptError>().is_none() => {
            let is_message = value.is_string() || value.is_map();
            is_message.then(|| {
                "what a client shall read is thrown as an error, such as `throw bad_request(\"…\")`"
                    .to_owned()
            })
        }
        _ => None,
    }
}

fn found(table: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    let entry = table.iter().find(|(known, _)| *known == name);
    entry.map(|(_, hint)| *hint)
}

/// A function that nobody has, or not with such arguments.
fn of_call(signature: &str, text: Option<&str>) -> Option<String> {
    let (name, arguments) = signature.split_once(" (")?;
    if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return of_operator(name, arguments);
    }
    if let Some(calls) = CALLS.get(name) {
        let shown: Vec<&str> = calls.iter().take(MOST_CALLS).map(String::as_str).collect();
        let more = if calls.len() > MOST_CALLS {
            ", …"
        } else {
            ""
        };
        return Some(format!("there is {}{more}", shown.join(", ")));
    }
    if let Some(hint) = of_name(name) {
        return Some(hint.to_owned());
    }
    if KNOWN.has_namespace(name) {
        return Some(format!("its functions are called {name}::…"));
    }
    let is_variable = |text: &str| text.contains(&format!("let {name} = |"));
    if text.is_some_and(is_variable) {
        return Some(format!("closures in variables are called {name}.call(…)"));
    }
    let meant = KNOWN.meant(name);
    let meant = meant.map(|other| format!("did you mean {other}?"));
    meant.or_else(|| of_namespace(name.rsplit_once("::")?.0))
}

/// What there is in a namespace, where that is little.
fn of_namespace(namespace: &str) -> Option<String> {
    let functions = KNOWN.functions_of(namespace)?;
    (functions.len() <= MOST_CALLS).then(|| {
        let all: Vec<String> = functions
            .iter()
            .map(|name| format!("{namespace}::{name}"))
            .collect();
        format!("there is {}", all.join(", "))
    })
}

fn of_operator(name: &str, arguments: &str) -> Option<String> {
    let arguments = arguments.strip_suffix(')').unwrap_or(arguments);
    let types: Vec<&str> = arguments.split(", ").collect();
    if name == "!" {
        return Some(of_condition(arguments));
    }
    let is_nothing = |kind: &&str| *kind == "()";
    if types.iter().any(is_nothing) {
        return Some("one side is (), nothing; `x ?? 0` takes another value then".to_owned());
    }
    let is_text = |kind: &&str| kind.contains("string") || kind.contains("String");
    match name {
        "-" | "*" | "/" | "%" if types.iter().any(is_text) => {
            Some("`parse_int(text)` and `parse_float(text)` make numbers of texts".to_owned())
        }
        _ => None,
    }
}

fn of_condition(found: &str) -> String {
    let like = match found {
        "()" => "`x != ()`",
        "array" | "map" => "`!x.is_empty()`",
        "i64" | "f64" => "`x != 0`",
        _ if found.contains("string") || found.contains("String") => "`x != \"\"`",
        _ => "`x != ()`",
    };
    format!("a condition is true or false: compare, such as {like}")
}

fn of_variable(name: &str, text: Option<&str>) -> Option<String> {
    if let Some(hint) = found(names::VARIABLES, name) {
        return Some(hint.to_owned());
    }
    if KNOWN.has_namespace(name) {
        return Some(format!("its functions are called {name}::…"));
    }
    if name.contains("::") {
        return Some("modules show what they `export const` or `export let`".to_owned());
    }
    let is_of_file = |word: &str| text.is_some_and(|text| declares(text, word, name));
    if is_of_file("const") {
        return Some(format!(
            "functions see a constant of the file as global::{name}"
        ));
    }
    is_of_file("let").then(|| {
        "functions do not see the variables of the file, only closures do: hand it over as an argument"
            .to_owned()
    })
}

/// Whether a line at the margin makes such a variable.
fn declares(text: &str, word: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let rest = line
            .strip_prefix(word)
            .and_then(|rest| rest.strip_prefix(' '));
        let rest = rest.and_then(|rest| rest.trim_start().strip_prefix(name));
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

/// What is wrong with `a.name`.
fn of_member(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("Unknown property '")?;
    let (name, rest) = rest.split_once('\'')?;
    if rest.contains("'()'") {
        return Some(format!(
            "what stands before it is (), nothing; `?.{name}` gives () then"
        ));
    }
    match name {
        "length" | "size" => Some("write `len()`".to_owned()),
        "message" if rest.contains("string") => {
            Some("what was thrown is a text: `error.to_string()` works for everything".to_owned())
        }
        _ => None,
    }
}
