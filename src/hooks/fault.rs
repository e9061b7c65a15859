//! Errors between scripts and operations: what a script throws and catches, and where one that nobody caught came from.

#![expect(
    clippy::unnecessary_box_returns,
    reason = "what native functions return is boxed"
)]

use rhai::{Dynamic, EvalAltResult, Position};
use serde_json::Value as Json;

use crate::base::error::{Error, Fault, Wire};
use crate::base::text::sentence;
use crate::hooks::advice;

/// An error a script can throw, catch and look at.
#[derive(Clone, Debug)]
pub(super) struct ScriptError {
    pub(super) status: u16,
    pub(super) message: String,
    /// The `data` member of the answer.
    pub(super) data: Json,
    /// A cause only operators read.
    fault: Option<String>,
    /// It was thrown by a function that the script misused: not meant for clients unless the script says so.
    is_mistake: bool,
}

/// An entry of an error's data.
#[derive(Clone, Debug)]
pub(super) struct FieldIssue {
    pub(super) code: String,
    pub(super) message: String,
}

pub(super) type Failure = Box<EvalAltResult>;

impl ScriptError {
    pub(super) fn new(status: u16, message: &str, data: Json) -> Self {
        Self {
            status,
            message: message.to_owned(),
            data,
            fault: None,
            is_mistake: false,
        }
    }

    /// What the operator reads: what is wrong with what, where that is known.
    fn explained(&self) -> String {
        let entries = self.data.as_object().into_iter().flatten();
        let lines: Vec<String> = entries
            .filter_map(|(name, entry)| Some(format!("{name}: {}", entry["message"].as_str()?)))
            .collect();
        if lines.is_empty() {
            self.message.clone()
        } else {
            lines.join(" ")
        }
    }

    fn into_error(self) -> Error {
        match self.fault {
            Some(fault) => Error::internal(fault),
            None => Error::Wire {
                status: self.status,
                message: self.message.into(),
                data: self.data,
            },
        }
    }
}

impl From<&Error> for ScriptError {
    fn from(error: &Error) -> Self {
        let Wire {
            status,
            message,
            data,
        } = error.to_wire();
        Self {
            status,
            message: message.into_owned(),
            data,
            fault: error.cause().map(Fault::describe),
            is_mistake: false,
        }
    }
}

/// Throws an operation's error in a script.
pub(super) fn thrown(error: &Error) -> Failure {
    throw(ScriptError::from(error))
}

/// Throws an error in a script.
pub(super) fn throw(error: ScriptError) -> Failure {
    Box::new(EvalAltResult::ErrorRuntime(
        Dynamic::from(error),
        Position::NONE,
    ))
}

/// Throws a sentence for whoever writes the script. It can be caught like any error; a client does not get to read it.
pub(super) fn misuse(message: impl Into<String>) -> Failure {
    let data = Json::Object(serde_json::Map::new());
    throw(ScriptError {
        is_mistake: true,
        ..ScriptError::new(400, &message.into(), data)
    })
}

/// Throws a 400 whose sentence the client may read: what it sent, such as a token, does not hold.
pub(super) fn refused(message: &str) -> Failure {
    let data = Json::Object(serde_json::Map::new());
    throw(ScriptError::new(400, message, data))
}

/// Throws the error of an operation whose text the script made up, such as SQL.
pub(super) fn mistaken(error: &Error) -> Failure {
    throw(ScriptError {
        is_mistake: true,
        ..ScriptError::from(error)
    })
}

/// Throws the error of a read whose collection, filter and so on the script made up. That there is no such record is an
/// answer like another; what cannot be read at all is the script's mistake, and told with the name of what is not
/// there.
pub(super) fn unread(error: &Error) -> Failure {
    if let (Error::NotFound(Some(_)), Some(reason)) = (error.told(), error.reason()) {
        return throw(ScriptError {
            is_mistake: true,
            message: sentence(reason),
            ..ScriptError::from(error)
        });
    }
    match error.told() {
        Error::Invalid { .. } | Error::BadRequest(_) | Error::NotFound(Some(_)) => mistaken(error),
        _ => thrown(error),
    }
}

/// Ends a call that nobody catches with a line for the operator: the script itself is wrong.
pub(super) fn fault(message: &'static str) -> Failure {
    Box::new(EvalAltResult::ErrorRuntime(
        Dynamic::from(message),
        Position::NONE,
    ))
}

/// Where and why a call failed, for the operator.
#[derive(Clone, Debug, serde::Serialize)]
pub(super) struct Report {
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: String,
}

impl Report {
    /// What is wrong with a file as a whole.
    pub(super) fn of_file(file: &str, message: &str) -> Self {
        Self {
            file: file.to_owned(),
            line: 0,
            column: 0,
            message: message.to_owned(),
        }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.message
        )
    }
}

/// Types as the interpreter calls them in messages, and as scripts know them.
const TYPES: [(&str, &str); 10] = [
    ("stead::hooks::event::ScriptEvent", "Event"),
    ("stead::hooks::record::ScriptRecord", "Record"),
    ("stead::hooks::app::ScriptApp", "App"),
    ("stead::hooks::file::ScriptFile", "File"),
    ("stead::hooks::fault::ScriptError", "ApiError"),
    ("&str | ImmutableString | String", "string"),
    ("stead::hooks::registered::Guard", "Middleware"),
    ("stead::hooks::stream::Writer", "Writer"),
    ("f64", "float"),
    ("i64", "int"),
];

/// A type as scripts know it.
pub(super) fn known_type(name: &str) -> &str {
    if let Some((_, known)) = TYPES.iter().find(|(own, _)| *own == name) {
        return known;
    }
    let last = name.rsplit("::").next().unwrap_or(name);
    last.strip_prefix("Script").unwrap_or(last)
}

/// Describes a failure in a file of this text; the innermost place that is known counts.
pub(super) fn report(own: &str, text: &str, failure: &EvalAltResult) -> Report {
    let (mut file, mut position, mut current) = (own.to_owned(), Position::NONE, failure);
    loop {
        if !current.position().is_none() {
            position = current.position();
        }
        match current {
            EvalAltResult::ErrorInFunctionCall(_, source, inner, _)
            | EvalAltResult::ErrorInModule(source, inner, _) => {
                if !source.is_empty() {
                    file.clone_from(source);
                }
                current = inner;
            }
            _ => break,
        }
    }
    let message = match current {
        EvalAltResult::ErrorRuntime(value, _) => match value.read_lock::<ScriptError>() {
            Some(error) => match &error.fault {
                Some(fault) => fault.clone(),
                None if error.is_mistake => error.explained(),
                None => format!("{} {}", error.status, error.message),
            },
            None => format!("uncaught error: {value}"),
        },
        EvalAltResult::ErrorTerminated(reason, _) => reason.to_string(),
        EvalAltResult::ErrorParsing(error, _) => error.to_string(),
        EvalAltResult::ErrorFunctionNotFound(signature, _) if signature.starts_with("anon$") => {
            "the closure does not take as many values as it is called with".to_owned()
        }
        EvalAltResult::ErrorTooManyOperations(_) => "the script used up its operations".to_owned(),
        EvalAltResult::ErrorStackOverflow(_) => "calls are nested too deep".to_owned(),
        other => {
            let mut other = other.to_string();
            if let Some(at) = other.rfind(" (line ") {
                other.truncate(at);
            }
            for (name, known) in TYPES {
                other = other.replace(name, known);
            }
            other
        }
    };
    let hint = advice::of_failure(current, (file == own).then_some(text));
    let message = hint.map_or_else(|| message.clone(), |hint| format!("{message}; {hint}"));
    Report {
        file,
        line: position.line().unwrap_or(0),
        column: position.position().unwrap_or(0),
        message,
    }
}

/// What became of a call that failed: an error thrown on purpose, or one to be logged.
pub(super) enum Cause {
    Thrown(Error),
    /// A fault further down, such as one of a handler that was called meanwhile, and where it came through.
    Passed(Error, Report),
    Fault(Report),
}

/// Takes a failure apart.
pub(super) fn cause(file: &str, text: &str, failure: &EvalAltResult) -> Cause {
    if let EvalAltResult::ErrorRuntime(value, _) = failure.unwrap_inner()
        && let Some(error) = value.read_lock::<ScriptError>()
    {
        if error.fault.is_some() {
            return Cause::Passed(error.clone().into_error(), report(file, text, failure));
        }
        if !error.is_mistake {
            return Cause::Thrown(error.clone().into_error());
        }
    }
    Cause::Fault(report(file, text, failure))
}
