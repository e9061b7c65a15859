//! The interpreter: its limits, and everything scripts can call.

use std::sync::LazyLock;

use rhai::{Array, Engine, FnPtr, ImmutableString, Module, NativeCallContext, Shared};

use crate::events::Kind;
use crate::hooks::define::documented;
use crate::hooks::limits::size;
use crate::hooks::registered::{self, Handler};
use crate::hooks::{
    app, call, errors, event, migrate, modules, names, print, record, routes, store, stream,
};
use crate::settings::Hooks as Limits;

/// An engine with everything registered.
pub(super) fn new(limits: &Limits) -> Engine {
    let mut engine = Engine::new();
    engine
        .set_max_operations(u64::try_from(limits.operations).unwrap_or(u64::MAX))
        .set_max_call_levels(size(limits.call_depth))
        .set_max_string_size(size(limits.max_text))
        .set_max_array_size(size(limits.max_items))
        .set_max_map_size(size(limits.max_items))
        .set_max_expr_depths(128, 64)
        .set_module_resolver(modules::no_modules())
        .disable_symbol("eval")
        .on_progress(call::progress)
        .on_print(print::shown)
        .on_debug(|text, source, position| {
            let file = call::source(source);
            tracing::debug!(target: "stead::script", file = file.as_str(), line = position.line(), "{text}");
        });
    engine.register_global_module(Shared::clone(&MODULES.global));
    for (name, module) in &MODULES.named {
        engine.register_static_module(*name, Shared::clone(module));
    }
    engine
}

/// What scripts can call; made with the first engine, and all engines share it.
static MODULES: LazyLock<Modules> = LazyLock::new(|| Modules {
    // Perf: one module, because a search for a function goes through all there are.
    global: together([
        record::module(),
        event::module(),
        app::module(),
        store::module(),
        stream::module(),
        errors::module(),
        routes::module(),
        migrate::module(),
        print::module(),
        names::files::members(),
        names::text::methods(),
        registrations(),
    ])
    .into(),
    named: names::modules()
        .into_iter()
        .map(|(name, module)| (name, Shared::from(module)))
        .collect(),
});

fn together(modules: impl IntoIterator<Item = Module>) -> Module {
    let mut all = Module::new();
    for module in modules {
        all.combine(module);
    }
    all
}

struct Modules {
    global: Shared<Module>,
    named: Vec<(&'static str, Shared<Module>)>,
}

/// `on_…` for every kind of event.
fn registrations() -> Module {
    let mut module = Module::new();
    for kind in Kind::ALL.iter().copied() {
        let name = format!("on_{}", kind.name());
        let doc = format!(
            "Handles `{}`. Members of `e`: {}.",
            kind.name(),
            match kind.members() {
                "" => "none of its own".to_owned(),
                members => members
                    .split(' ')
                    .map(|m| format!("`{m}`"))
                    .collect::<Vec<_>>()
                    .join(", "),
            }
        );
        let _ = documented(&format!("{name}(handler: Fn)"), &doc).set_into_module(
            &mut module,
            move |context: NativeCallContext, handler: FnPtr| {
                add(&context, kind, Vec::new(), handler)
            },
        );
        if !kind.has_tags() {
            continue;
        }
        let _ = documented(&format!("{name}(collection: string, handler: Fn)"), &doc)
            .set_into_module(
                &mut module,
                move |context: NativeCallContext, tag: ImmutableString, handler: FnPtr| {
                    add(&context, kind, vec![tag.to_lowercase()], handler)
                },
            );
        let _ = documented(&format!("{name}(collections: array, handler: Fn)"), &doc)
            .set_into_module(
                &mut module,
                move |context: NativeCallContext, tags: Array, handler: FnPtr| {
                    let tags = tags
                        .iter()
                        .map(|tag| tag.to_string().to_lowercase())
                        .collect();
                    add(&context, kind, tags, handler)
                },
            );
    }
    module
}

fn add(
    context: &NativeCallContext,
    kind: Kind,
    tags: Vec<String>,
    function: FnPtr,
) -> Result<(), Box<rhai::EvalAltResult>> {
    registered::register(context, &format!("on_{}", kind.name()), |loading, line| {
        loading.handlers.push(Handler {
            kind,
            tags,
            function,
            script: loading.script,
            line,
            tail: None,
        });
    })
}
