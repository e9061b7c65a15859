//! `log`: lines in the server's log.

use rhai::{ImmutableString, Map, Module};
use serde_json::Value as Json;

use crate::hooks::define::named;
use crate::hooks::{notes, values};

fn data(map: &Map) -> String {
    serde_json::Value::Object(values::map_to_json(map)).to_string()
}

/// The namespace `log`.
pub(super) fn module() -> Module {
    let mut module = Module::new();
    named!(
        module,
        "trace(message: string)",
        "A line for whoever looks for it.",
        |message: ImmutableString| {
            notes::line("trace", &message, || Json::Null);
            tracing::debug!(target: "stead::script", "{message}");
        }
    );
    named!(
        module,
        "info(message: string)",
        "A line about what happened.",
        |message: ImmutableString| {
            notes::line("info", &message, || Json::Null);
            tracing::info!(target: "stead::script", "{message}");
        }
    );
    named!(
        module,
        "warn(message: string)",
        "A line about what is odd.",
        |message: ImmutableString| {
            notes::line("warn", &message, || Json::Null);
            tracing::warn!(target: "stead::script", "{message}");
        }
    );
    named!(
        module,
        "error(message: string)",
        "A line about what needs a person.",
        |message: ImmutableString| {
            notes::line("error", &message, || Json::Null);
            tracing::error!(target: "stead::script", "{message}");
        }
    );
    named!(
        module,
        "trace(message: string, data: map)",
        "A line with data: members of the map are those of the entry's data, for filters such as `data.id = 'abc'`.",
        |message: ImmutableString, map: Map| {
            notes::line("trace", &message, || values::map_to_json(&map).into());
            tracing::debug!(target: "stead::script", data = data(&map), "{message}");
        }
    );
    named!(
        module,
        "info(message: string, data: map)",
        "A line with data: members of the map are those of the entry's data, for filters such as `data.id = 'abc'`.",
        |message: ImmutableString, map: Map| {
            notes::line("info", &message, || values::map_to_json(&map).into());
            tracing::info!(target: "stead::script", data = data(&map), "{message}");
        }
    );
    named!(
        module,
        "warn(message: string, data: map)",
        "A line with data: members of the map are those of the entry's data, for filters such as `data.id = 'abc'`.",
        |message: ImmutableString, map: Map| {
            notes::line("warn", &message, || values::map_to_json(&map).into());
            tracing::warn!(target: "stead::script", data = data(&map), "{message}");
        }
    );
    named!(
        module,
        "error(message: string, data: map)",
        "A line with data: members of the map are those of the entry's data, for filters such as `data.id = 'abc'`.",
        |message: ImmutableString, map: Map| {
            notes::line("error", &message, || values::map_to_json(&map).into());
            tracing::error!(target: "stead::script", data = data(&map), "{message}");
        }
    );
    module
}
