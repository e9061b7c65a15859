//! `log`: lines in the server's log.

use rhai::{ImmutableString, Map, Module};

use crate::hooks::define::function;
use crate::hooks::values;

fn data(map: &Map) -> String {
    serde_json::Value::Object(values::map_to_json(map)).to_string()
}

/// The namespace `log`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    function!(
        module,
        "trace(message: string)",
        "A line for whoever looks for it.",
        |message: ImmutableString| tracing::debug!(target: "script", "{message}")
    );
    function!(
        module,
        "info(message: string)",
        "A line about what happened.",
        |message: ImmutableString| tracing::info!(target: "script", "{message}")
    );
    function!(
        module,
        "warn(message: string)",
        "A line about what is odd.",
        |message: ImmutableString| tracing::warn!(target: "script", "{message}")
    );
    function!(
        module,
        "error(message: string)",
        "A line about what needs a person.",
        |message: ImmutableString| tracing::error!(target: "script", "{message}")
    );
    function!(
        module,
        "trace(message: string, data: map)",
        "A line with data.",
        |message: ImmutableString, map: Map| tracing::debug!(target: "script", data = data(&map), "{message}")
    );
    function!(
        module,
        "info(message: string, data: map)",
        "A line with data.",
        |message: ImmutableString, map: Map| tracing::info!(target: "script", data = data(&map), "{message}")
    );
    function!(
        module,
        "warn(message: string, data: map)",
        "A line with data.",
        |message: ImmutableString, map: Map| tracing::warn!(target: "script", data = data(&map), "{message}")
    );
    function!(
        module,
        "error(message: string, data: map)",
        "A line with data.",
        |message: ImmutableString, map: Map| tracing::error!(target: "script", data = data(&map), "{message}")
    );
    module
}
