//! `json`, `env` and `cron`.

use rhai::{Dynamic, FnPtr, ImmutableString, Module, NativeCallContext};
use serde::Serialize as _;
use serde_json::Value as Json;
use serde_json::ser::{PrettyFormatter, Serializer};

use crate::base::cron::Schedule;
use crate::base::text::sentence;
use crate::cron::SYSTEM_PREFIX;
use crate::hooks::define::named;
use crate::hooks::fault::{Failure, misuse};
use crate::hooks::registered::{self, Job};
use crate::hooks::{frames, values};

/// What names of environment variables that scripts may read start with.
const ENV_PREFIX: &str = "STEAD_HOOKS_";

/// Widest indentation of JSON.
const MAX_INDENT: usize = 10;

fn indented(value: &Json, indent: &str) -> String {
    let mut out = Vec::new();
    let formatter = PrettyFormatter::with_indent(indent.as_bytes());
    let mut serializer = Serializer::with_formatter(&mut out, formatter);
    // Writing JSON into memory cannot fail.
    value.serialize(&mut serializer).unwrap_or_default();
    String::from_utf8(out).unwrap_or_default()
}

/// The namespace `json`.
pub(super) fn json() -> Module {
    let mut module = Module::new();
    named!(
        module,
        "parse(text: string) -> ?",
        "The value of a JSON text; throws when it is none.",
        |text: ImmutableString| -> Result<Dynamic, Failure> {
            serde_json::from_str(&text)
                .map(|value: Json| values::from_json(&value))
                .map_err(|error| misuse(format!("Not JSON: {error}.")))
        }
    );
    named!(
        module,
        "stringify(value: ?) -> string",
        "A value as JSON text.",
        |value: Dynamic| values::to_json(&value).to_string()
    );
    named!(
        module,
        "stringify(value: ?, indent: int) -> string",
        "A value as JSON text in lines, each level indented by so many blanks.",
        |value: Dynamic, indent: i64| {
            let indent = usize::try_from(indent).unwrap_or(0).min(MAX_INDENT);
            indented(&values::to_json(&value), &" ".repeat(indent))
        }
    );
    module
}

/// The namespace `env`.
pub(super) fn env() -> Module {
    let mut module = Module::new();
    named!(
        module,
        "get(name: string) -> string",
        "An environment variable, `\"\"` when it is not set. Its name must start with `STEAD_HOOKS_`, or be one that `--hooks-env` allows.",
        |name: ImmutableString| -> Result<String, Failure> {
            if !name.starts_with(ENV_PREFIX) && !frames::may_read_variable(&name) {
                return Err(misuse(format!(
                    "Scripts may read variables that start with {ENV_PREFIX}, and those that --hooks-env names."
                )));
            }
            Ok(std::env::var(name.as_str()).unwrap_or_default())
        }
    );
    module
}

/// The namespace `cron`.
pub(super) fn cron() -> Module {
    let mut module = Module::new();
    named!(
        module,
        "cron_add(id: string, expression: string, job: Fn)",
        "Runs a job whenever the five-part expression fits the minute, in UTC.",
        |context: NativeCallContext,
         id: ImmutableString,
         expression: ImmutableString,
         job: FnPtr|
         -> Result<(), Failure> {
            if let Err(error) = Schedule::parse(&expression) {
                return Err(misuse(format!(
                    "\"{expression}\" is no cron expression. {}",
                    sentence(&error.to_string())
                )));
            }
            if id.starts_with(SYSTEM_PREFIX) {
                return Err(misuse(format!(
                    "\"{id}\" is a name for the server's own jobs: it must not start with {SYSTEM_PREFIX}."
                )));
            }
            registered::register(&context, "cron_add", |loading, line| {
                loading.jobs.retain(|job| job.id != id.as_str());
                loading.jobs.push(Job {
                    id: id.to_string(),
                    expression: expression.to_string(),
                    function: job,
                    script: loading.script,
                    line,
                });
            })
        }
    );
    named!(
        module,
        "cron_remove(id: string)",
        "Takes a job out that an earlier script added.",
        |context: NativeCallContext, id: ImmutableString| {
            registered::register(&context, "cron_remove", |loading, _| {
                loading.jobs.retain(|job| job.id != id.as_str());
            })
        }
    );
    module
}
