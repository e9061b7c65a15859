//! Registering functions together with their documentation, so that nothing exists without it.

use rhai::{
    Dynamic, FuncRegistration, Module, NativeCallContext, Position, RhaiFunc, RhaiNativeFunc,
    Shared,
};

/// A function's registration from its signature as scripts read it, such as `sha256(text: string) -> string`.
pub(super) fn documented(signature: &str, doc: &str) -> FuncRegistration {
    let (head, result) = signature.split_once(" -> ").unwrap_or((signature, "()"));
    let (name, parameters) = head.split_once('(').unwrap_or((head, ")"));
    let parameters = parameters.trim_end_matches(')');
    let mut info: Vec<&str> = parameters
        .split(", ")
        .filter(|parameter| !parameter.is_empty())
        .collect();
    info.push(result);
    let comments: Vec<String> = doc
        .lines()
        .map(|line| format!("/// {}", line.trim()))
        .collect();
    FuncRegistration::new(name)
        .in_global_namespace()
        .with_params_info(info)
        .with_comments([comments.join("\n")])
}

/// Sets a function into its namespace. The interpreter does not say where a function of a namespace was called when it
/// fails, as it does for all others, so it is said here.
pub(super) fn place<A, const N: usize, const X: bool, R, const F: bool, C>(
    registration: FuncRegistration,
    module: &mut Module,
    code: C,
) where
    A: 'static,
    R: 'static,
    C: RhaiNativeFunc<A, N, X, R, F>,
{
    let mut function = code.into_rhai_function(true, true);
    if let RhaiFunc::Pure {
        func, has_context, ..
    }
    | RhaiFunc::Method {
        func, has_context, ..
    } = &mut function
    {
        let inner = Shared::clone(func);
        *has_context = true;
        *func = Shared::new(
            move |context: Option<NativeCallContext<'_>>, arguments: &mut [&mut Dynamic]| {
                let called = context
                    .as_ref()
                    .map_or(Position::NONE, NativeCallContext::call_position);
                inner(context, arguments).map_err(|mut failure| {
                    if failure.position().is_none() {
                        failure.set_position(called);
                    }
                    failure
                })
            },
        );
    }
    registration
        .in_internal_namespace()
        .set_into_module_raw(module, C::param_types(), function);
}

/// Defines a function of a module: its signature for scripts, what it does, and the code.
macro_rules! function {
    ($module:expr, $signature:literal, $doc:literal, $code:expr) => {{
        let _ = $crate::hooks::define::documented($signature, $doc)
            .with_volatility(true)
            .set_into_module(&mut $module, $code);
    }};
}

/// Defines a function that is found in its namespace only; the search for all others does not come by.
macro_rules! named {
    ($module:expr, $signature:literal, $doc:literal, $code:expr) => {{
        let registration = $crate::hooks::define::documented($signature, $doc);
        $crate::hooks::define::place(registration, &mut $module, $code);
    }};
}

/// Defines a readable property of a type.
macro_rules! property {
    ($module:expr, $name:literal, $doc:literal, $code:expr) => {{
        let _ = rhai::FuncRegistration::new_getter($name)
            .with_volatility(true)
            .with_comments([concat!("/// ", $doc)])
            .set_into_module(&mut $module, $code);
    }};
}

pub(super) use {function, named, property};
