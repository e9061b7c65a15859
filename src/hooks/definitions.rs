//! Everything scripts can call, written out of the registrations: definitions for editors and the reference page.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::events::Kind;
use crate::hooks::engine;
use crate::settings::Hooks as Limits;

/// Writing to a text cannot fail.
macro_rules! part {
    ($($part:tt)*) => { write!($($part)*).unwrap_or_default() };
}
macro_rules! line {
    ($($part:tt)*) => { writeln!($($part)*).unwrap_or_default() };
}

/// A function as its registration describes it.
struct Function {
    signature: String,
    doc: String,
    is_property: bool,
}

/// The functions of all namespaces, the global ones under `""`.
fn functions() -> Vec<(String, Vec<Function>)> {
    let json = engine::new(&Limits::default())
        .gen_fn_metadata_to_json(false)
        .unwrap_or_default();
    let all: Json = serde_json::from_str(&json).unwrap_or_default();
    let mut namespaces = vec![(String::new(), functions_in(&all))];
    for (name, module) in all["modules"].as_object().into_iter().flatten() {
        namespaces.push((name.clone(), functions_in(module)));
    }
    namespaces
}

fn functions_in(module: &Json) -> Vec<Function> {
    let described = |function: &Json| {
        let name = function["name"].as_str()?;
        let doc: Vec<&str> = function["docComments"]
            .as_array()?
            .iter()
            .filter_map(Json::as_str)
            .flat_map(str::lines)
            .map(|line| line.trim_start_matches("///").trim())
            .collect();
        let property = name.strip_prefix("get$");
        let parameters: Vec<String> = function["params"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|parameter| {
                let name = parameter["name"].as_str().unwrap_or("_");
                match parameter["type"].as_str() {
                    Some(kind) => format!("{name}: {kind}"),
                    None => name.to_owned(),
                }
            })
            .collect();
        let result = function["returnType"].as_str().unwrap_or_default();
        let result = match result {
            "" | "()" => String::new(),
            result if property.is_none() => format!(" -> {result}"),
            _ => String::new(),
        };
        Some(Function {
            signature: match property {
                Some(name) => name.to_owned(),
                None => format!("{name}({}){result}", parameters.join(", ")),
            },
            doc: doc.join("\n"),
            is_property: property.is_some(),
        })
    };
    let functions = module["functions"].as_array().into_iter().flatten();
    let mut all: Vec<Function> = functions.filter_map(described).collect();
    all.sort_by(|a, b| (&a.signature, &a.doc).cmp(&(&b.signature, &b.doc)));
    // One function for several types of value reads the same.
    all.dedup_by(|a, b| a.signature == b.signature && a.doc == b.doc);
    all
}

/// How each function is called, by its name with that of its namespace.
pub(super) fn signatures() -> Vec<(String, String)> {
    let of = |namespace: String, function: Function| {
        let (name, _) = function.signature.split_once('(')?;
        let prefix = match namespace.as_str() {
            "" => String::new(),
            namespace => format!("{namespace}::"),
        };
        Some((
            format!("{prefix}{name}"),
            format!("{prefix}{}", function.signature),
        ))
    };
    let all = functions().into_iter();
    all.flat_map(|(namespace, functions)| {
        let called = functions
            .into_iter()
            .filter(|function| !function.is_property);
        called.filter_map(move |function| of(namespace.clone(), function))
    })
    .collect()
}

/// Everything as data.
pub(super) fn symbols() -> Json {
    let functions = functions().into_iter().flat_map(|(namespace, functions)| {
        functions.into_iter().map(move |function| {
            let end = function.signature.find('(');
            let name = end.and_then(|end| function.signature.get(..end));
            json!({
                "namespace": namespace, "name": name.unwrap_or(&function.signature),
                "signature": function.signature, "doc": function.doc,
                "kind": if function.is_property { "member" } else { "function" },
            })
        })
    });
    let events = Kind::ALL.iter().map(|kind| {
        let members: Vec<&str> = kind.members().split_whitespace().collect();
        json!({ "name": kind.name(), "members": members, "tags": kind.has_tags() })
    });
    json!({ "functions": functions.collect::<Json>(), "events": events.collect::<Json>() })
}

/// Definitions for editors.
pub(super) fn for_editors() -> String {
    let mut out = String::from("module static;\n");
    for (namespace, functions) in functions() {
        let indent = if namespace.is_empty() { "" } else { "    " };
        if !namespace.is_empty() {
            line!(out, "\nmodule {namespace} {{");
        }
        for function in functions {
            for line in function.doc.lines() {
                part!(out, "\n{indent}/// {line}");
            }
            let what = if function.is_property { "let" } else { "fn" };
            line!(out, "\n{indent}{what} {};", function.signature);
        }
        if !namespace.is_empty() {
            out.push_str("}\n");
        }
    }
    out
}

/// The reference page.
pub(super) fn reference() -> String {
    let mut out = String::from(
        "# What scripts can call\n\nMade by `stead hooks types --reference`; the texts stand in the sources beside the code.\n\n## Events\n\n| event | members of `e` |\n|---|---|\n",
    );
    for kind in Kind::ALL {
        let members: Vec<String> = kind
            .members()
            .split_whitespace()
            .map(|member| format!("`{member}`"))
            .collect();
        line!(out, "| `on_{}` | {} |", kind.name(), members.join(", "));
    }
    for (namespace, functions) in functions() {
        let title = if namespace.is_empty() {
            "Global, and methods of `app`, `e` and records"
        } else {
            &namespace
        };
        line!(out, "\n## {title}\n\n| call | what it does |\n|---|---|");
        for function in functions {
            if function.signature.starts_with("on_") {
                continue;
            }
            let prefix = if namespace.is_empty() {
                String::new()
            } else {
                format!("{namespace}::")
            };
            let doc = function.doc.replace('\n', " ").replace('|', "\\|");
            line!(out, "| `{prefix}{}` | {doc} |", function.signature);
        }
    }
    out
}
