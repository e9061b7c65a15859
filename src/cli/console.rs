//! Writing to the terminal. Failures to do so are ignored: there is nobody left to tell.

use std::io::{IsTerminal as _, Write as _};
use std::sync::OnceLock;
use std::time::Duration;

use tracing::Level;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::base::error::Error;
use crate::base::text;
use crate::base::time::Timestamp;
use crate::cli::lines::Lines;
use crate::logs::Forward;

/// How long the end of a command waits for somebody to take the last lines.
const LAST_LINES: Duration = Duration::from_secs(2);

/// What is to be written to the standard error, once logging is started.
static LINES: OnceLock<Lines> = OnceLock::new();

/// Why a command failed, in one line.
#[derive(Debug)]
pub(super) struct Failure(pub(super) String);

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    /// A failure of an operation: what was tried, and the reasons without their wire form.
    pub(super) fn of(tried: &str, error: &Error) -> Self {
        Self(format!("{tried}: {}", reason(error)))
    }
}

/// Prints a line to the standard output.
pub(super) fn out(line: &str) {
    drop(writeln!(std::io::stdout().lock(), "{line}"));
}

/// Prints a line to the standard error, after those of the log.
pub(super) fn err(line: &str) {
    let line = format!("{line}\n");
    drop(match LINES.get() {
        Some(lines) => lines.clone().write_all(line.as_bytes()),
        None => std::io::stderr().lock().write_all(line.as_bytes()),
    });
}

/// Waits a little until what was told is written.
pub(super) fn flush() {
    if let Some(lines) = LINES.get() {
        lines.flush(LAST_LINES);
    }
}

/// How log events look on the standard error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// A JSON object per line.
    Json,
}

/// Sends log events to the standard error: warnings and errors, everything in development mode. The answer sends them
/// to the log database, too, once it is told where that is.
pub(super) fn start_logging(dev: bool, format: LogFormat) -> Forward {
    let default = if dev { Level::DEBUG } else { Level::WARN };
    let filter = ["STEAD_LOG", "RUST_LOG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok()?.parse::<Targets>().ok())
        .unwrap_or_else(|| Targets::new().with_target("stead", default));
    let forward = Forward::default();
    let writer = match Lines::start() {
        Ok(lines) => {
            let lines = LINES.get_or_init(|| lines).clone();
            BoxMakeWriter::new(move || lines.clone())
        }
        Err(_) => BoxMakeWriter::new(std::io::stderr),
    };
    let lines = tracing_subscriber::fmt::layer()
        .with_ansi(has_colours())
        .with_writer(writer)
        .with_target(false);
    let lines = match format {
        LogFormat::Text => lines.with_filter(filter).boxed(),
        LogFormat::Json => lines.json().flatten_event(true).with_filter(filter).boxed(),
    };
    // Events of libraries are not looked at. What scripts do can be followed call by call.
    let wanted = Targets::new()
        .with_target("stead", Level::INFO)
        .with_target("stead::script", Level::DEBUG);
    let own = forward.clone().with_filter(wanted);
    let subscriber = tracing_subscriber::registry().with(lines).with(own);
    // Only fails when logging was started before, as when tests run several commands.
    drop(subscriber.try_init());
    forward
}

/// Colours are for people who look at a terminal, and not for those who say that they want none.
fn has_colours() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty())
}

/// The present moment as the banner shows it.
pub(super) fn moment() -> String {
    let canonical = Timestamp::now().to_string();
    canonical.get(..19).unwrap_or(&canonical).replace('-', "/")
}

fn reason(error: &Error) -> String {
    match error {
        Error::Invalid { issues, .. } => {
            let issues = issues.to_json();
            let listed: Vec<String> = issues
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, issue)| {
                    let message = issue["message"].as_str().unwrap_or("Invalid value.");
                    format!("{key}: {message}")
                })
                .collect();
            listed.join(" ")
        }
        Error::Wire { message, .. } => text::sentence(message),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::reason;
    use crate::base::error::Error;
    use crate::base::issues::{Issue, Issues};

    #[test]
    fn issues_are_listed_by_name() {
        let issues = Issues::one(
            "email",
            Issue::new("validation_not_unique", "value must be unique"),
        );
        let error = Error::invalid("Failed to create record.", issues);
        assert_eq!(reason(&error), "email: Value must be unique.");
        assert_eq!(reason(&Error::bad_request("No.")), "No.");
    }
}
