//! Why a request about a record was refused, in words for operators: what the request log says beside the answer, which
//! tells clients nothing. Nothing is decided here.

use crate::base::error::Error;
use crate::query::{self, Action, Snapshot};
use crate::schema::Entry;

/// The answer when no record was found by its id and the rule of an action. Which of both it was is not known.
pub(super) fn not_found(entry: &Entry, action: Action, rule: Option<&str>) -> Error {
    let name = &entry.name;
    Error::NotFound(None).because(match rule {
        None => format!("{name} has no record with this id"),
        Some(_) => format!(
            "{name} has no record with this id, or the caller does not satisfy its {} rule",
            action.name()
        ),
    })
}

/// An answer with the reason that the caller does not satisfy a rule.
pub(super) fn denied(answer: Error, entry: &Entry, action: Action) -> Error {
    let name = &entry.name;
    answer.because(format!(
        "the caller does not satisfy the {} rule of {name}",
        action.name()
    ))
}

/// The answer when the statement that looks for a record by its id does not compile, in which nothing but the rule can
/// be wrong.
pub(super) fn broken(
    entry: &Entry,
    action: Action,
    rule: Option<&str>,
    error: &query::Error,
) -> Error {
    let (name, action) = (&entry.name, action.name());
    let mistake = error.describe(rule.unwrap_or_default());
    Error::NotFound(None).because(format!("the {action} rule of {name} is wrong: {mistake}"))
}

/// Why a list was refused whose filter or sort has this mistake, or its rule.
pub(super) fn of_list(
    snapshot: &Snapshot,
    entry: &Entry,
    rule: Option<&str>,
    (parameter, mistake): (&str, &str),
) -> String {
    let in_rule = rule.and_then(|rule| {
        let error = query::check_rule(snapshot, entry, rule).err()?;
        Some(error.describe(rule))
    });
    match in_rule {
        Some(mistake) => format!("the list rule of {} is wrong: {mistake}", entry.name),
        None => format!("the {parameter} is wrong: {mistake}"),
    }
}

/// Why something failed, for another answer to give as its reason.
pub(super) fn of(error: &Error) -> String {
    error
        .reason()
        .map_or_else(|| error.to_string(), str::to_owned)
}
