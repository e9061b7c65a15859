//! `json`, `env` and `cron`.

use rhai::{Dynamic, FnPtr, ImmutableString, Module, NativeCallContext};
use serde_json::Value as Json;

use crate::base::cron::Schedule;
use crate::hooks::define::function;
use crate::hooks::fault::{Failure, misuse};
use crate::hooks::set::{self, Job};
use crate::hooks::values;

/// What names of environment variables that scripts may read start with.
const ENV_PREFIX: &str = "STEAD_HOOKS_";

/// The namespace `json`.
pub(super) fn json() -> Module {
    let mut module = Module::new();
    function!(
        module,
        "parse(text: string) -> ?",
        "The value of a JSON text; throws when it is none.",
        |text: ImmutableString| -> Result<Dynamic, Failure> {
            serde_json::from_str(&text)
                .map(|value: Json| values::from_json(&value))
                .map_err(|error| misuse(format!("Not JSON: {error}.")))
        }
    );
    function!(
        module,
        "stringify(value: ?) -> string",
        "A value as JSON text.",
        |value: Dynamic| values::to_json(&value).to_string()
    );
    function!(
        module,
        "stringify(value: ?, indent: int) -> string",
        "A value as indented JSON text.",
        |value: Dynamic, _indent: i64| {
            serde_json::to_string_pretty(&values::to_json(&value)).unwrap_or_default()
        }
    );
    module
}

/// The namespace `env`.
pub(super) fn env() -> Module {
    let mut module = Module::new();
    function!(
        module,
        "get(name: string) -> string",
        "An environment variable, `\"\"` when it is not set. Its name must start with `STEAD_HOOKS_`.",
        |name: ImmutableString| -> Result<String, Failure> {
            if !name.starts_with(ENV_PREFIX) {
                return Err(misuse(format!(
                    "Scripts may read variables that start with {ENV_PREFIX} only."
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
    function!(
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
                    "\"{expression}\" is no cron expression: {error}."
                )));
            }
            set::register(&context, "cron_add", |loading, line| {
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
    function!(
        module,
        "cron_remove(id: string)",
        "Takes a job out that an earlier script added.",
        |context: NativeCallContext, id: ImmutableString| {
            set::register(&context, "cron_remove", |loading, _| {
                loading.jobs.retain(|job| job.id != id.as_str());
            })
        }
    );
    module
}
