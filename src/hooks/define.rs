//! Registering functions together with their documentation, so that nothing exists without it.

use rhai::FuncRegistration;

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
        let _ = $crate::hooks::define::documented($signature, $doc)
            .with_volatility(true)
            .in_internal_namespace()
            .set_into_module(&mut $module, $code);
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
