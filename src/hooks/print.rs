//! `print`: values in the log, with the place they were printed at.

use std::cell::RefCell;

use rhai::{Array, Dynamic, ImmutableString, Map, Module, NativeCallContext};

use serde_json::json;

use crate::hooks::define::function;
use crate::hooks::{call, notes};

thread_local! {
    /// File and line of the `print` that is in progress: the interpreter hands on the text alone.
    static PLACE: RefCell<(ImmutableString, usize)> = RefCell::default();
}

fn note(context: &NativeCallContext) {
    let file = call::source(context.call_source());
    let line = context.call_position().line().unwrap_or(0);
    PLACE.set((file, line));
}

/// Writes what was printed to the log.
pub(super) fn shown(text: &str) {
    let (file, line) = PLACE.take();
    notes::line(
        "info",
        text,
        || json!({ "file": file.as_str(), "line": line }),
    );
    tracing::info!(target: "stead::script", file = file.as_str(), line, "{text}");
}

/// `print` of every kind of value that the language has one for; the exact type is found first.
pub(super) fn module() -> Module {
    macro_rules! prints {
        ($module:expr, $($kind:ty),*) => {$(
            function!(
                $module,
                "print(value: ?) -> string",
                "Writes a value to the log, with file and line.",
                |context: NativeCallContext, value: $kind| {
                    note(&context);
                    Dynamic::from(value).to_string()
                }
            );
        )*};
    }
    let mut module = Module::new();
    prints!(
        module,
        ImmutableString,
        i64,
        f64,
        bool,
        char,
        (),
        Array,
        Map,
        Dynamic
    );
    module
}
