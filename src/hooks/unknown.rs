//! Functions that a script calls and nobody has, found without running it.
//!
//! Only names are looked at. Members of maps that hold functions are not known here and count as right.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Engine, Expr, FnAccess, FnCallExpr, Map, Position, Stmt};
use serde_json::Value as Json;

use crate::hooks::advice;
use crate::hooks::fault::Report;

/// Words of the language that look like functions.
const WORDS: [&str; 12] = [
    "call",
    "curry",
    "debug",
    "eval",
    "Fn",
    "is_def_fn",
    "is_def_var",
    "is_shared",
    "print",
    "this",
    "type_of",
    "import",
];

/// How alike a name must be to be suggested, from 0 to 1.
const ALIKE: f64 = 0.85;

/// The functions that exist: those that are called by name alone, and those of each namespace.
#[derive(Debug)]
pub(super) struct Known {
    global: BTreeSet<String>,
    named: BTreeMap<String, BTreeSet<String>>,
}

impl Known {
    pub(super) fn of(engine: &Engine) -> Self {
        let json = engine.gen_fn_metadata_to_json(true).unwrap_or_default();
        let all: Json = serde_json::from_str(&json).unwrap_or_default();
        let mut global = names_in(&all);
        global.extend(WORDS.map(str::to_owned));
        let modules = all["modules"].as_object().into_iter().flatten();
        let named = modules.map(|(name, module)| (name.clone(), names_in(module)));
        Self {
            global,
            named: named.collect(),
        }
    }

    /// What is wrong with the calls of a script or module; `functions` are those of a module that it imports, if there
    /// is such a module.
    pub(super) fn problems(
        &self,
        file: &str,
        ast: &AST,
        functions: impl Fn(&str) -> Option<BTreeSet<String>>,
    ) -> Vec<Report> {
        let mut calls = Calls::default();
        for function in ast.iter_functions() {
            calls.own.insert(function.name.to_owned());
            calls
                .variables
                .extend(function.params.iter().map(|p| (*p).to_owned()));
        }
        ast.walk(&mut |path: &[ASTNode<'_>]| {
            if let Some(node) = path.last() {
                calls.look(node);
            }
            true
        });
        calls.imported = calls
            .imports
            .iter()
            .map(|(name, path)| (name.clone(), path.as_deref().and_then(&functions)))
            .collect();
        calls.problems(file, self)
    }

    /// What was probably meant by the name of a function, with the namespace that stands before it.
    pub(super) fn meant(&self, name: &str) -> Option<String> {
        match name.rsplit_once("::") {
            Some((namespace, name)) => {
                like(name, self.named.get(namespace)?).map(|other| format!("{namespace}::{other}"))
            }
            None => like(name, &self.global),
        }
    }

    pub(super) fn has_namespace(&self, name: &str) -> bool {
        self.named.contains_key(name)
    }

    pub(super) fn functions_of(&self, namespace: &str) -> Option<&BTreeSet<String>> {
        self.named.get(namespace)
    }

    /// The namespace that was probably meant.
    pub(super) fn namespace_like(&self, name: &str) -> Option<String> {
        like(name, self.named.keys())
    }

    /// The name that was probably meant.
    fn like(&self, name: &str, among: Option<&str>, calls: &Calls) -> Option<String> {
        match among {
            Some(namespace) => like(name, calls.namespace(namespace, self)?),
            None => like(name, self.global.iter().chain(&calls.own)),
        }
    }
}

/// The functions that a module has for those who import it.
pub(super) fn exported(ast: &AST) -> BTreeSet<String> {
    ast.iter_functions()
        .filter(|function| function.access == FnAccess::Public)
        .map(|function| function.name.to_owned())
        .collect()
}

/// The one of these that is most like a name, if one is. What differs in nothing but its case is the same.
fn like<'a>(name: &str, others: impl IntoIterator<Item = &'a String>) -> Option<String> {
    let name = snake_case(name);
    others
        .into_iter()
        .map(|other| (strsim::jaro_winkler(&name, other), other))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, other)| other.clone())
}

fn snake_case(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn names_in(module: &Json) -> BTreeSet<String> {
    let functions = module["functions"].as_array().into_iter().flatten();
    functions
        .filter_map(|function| function["name"].as_str())
        .map(str::to_owned)
        .collect()
}

/// What a script calls, and what it has itself.
#[derive(Debug, Default)]
struct Calls {
    /// Namespace, name and place of each.
    plain: Vec<(String, String, Position)>,
    methods: Vec<(String, Position)>,
    own: BTreeSet<String>,
    variables: BTreeSet<String>,
    members: BTreeSet<String>,
    /// What modules are called here, and their paths where those are plain texts.
    imports: BTreeMap<String, Option<String>>,
    /// The functions of those modules, where they can be told.
    imported: BTreeMap<String, Option<BTreeSet<String>>>,
}

impl Calls {
    fn look(&mut self, node: &ASTNode<'_>) {
        match node {
            ASTNode::Expr(Expr::FnCall(call, position))
            | ASTNode::Stmt(Stmt::FnCall(call, position)) => self.note(call, *position),
            ASTNode::Expr(Expr::MethodCall(call, position)) => {
                self.methods.push((call.name.to_string(), *position));
            }
            ASTNode::Expr(Expr::Property(property, _)) => {
                self.members.insert(property.2.to_string());
            }
            ASTNode::Expr(Expr::Map(map, _)) => {
                let keys = map.0.iter().map(|(key, _)| key.name.to_string());
                self.members.extend(keys);
            }
            // A map of nothing but constants and closures.
            ASTNode::Expr(Expr::DynamicConstant(value, _)) => {
                if let Some(map) = value.read_lock::<Map>() {
                    self.members.extend(map.keys().map(ToString::to_string));
                }
            }
            ASTNode::Stmt(Stmt::Var(variable, _, _)) => {
                self.variables.insert(variable.0.name.to_string());
            }
            ASTNode::Stmt(Stmt::Import(import, _)) => {
                let path = match &import.0 {
                    Expr::StringConstant(path, _) => Some(path.to_string()),
                    _ => None,
                };
                let known = self.imports.entry(import.1.name.to_string());
                // One name for several modules: which one it is depends on the place.
                known
                    .and_modify(|known| {
                        if *known != path {
                            *known = None;
                        }
                    })
                    .or_insert(path);
            }
            _ => {}
        }
    }

    /// The functions of a namespace, which are those of a module where a script imports one by this name.
    fn namespace<'a>(&'a self, name: &str, known: &'a Known) -> Option<&'a BTreeSet<String>> {
        match self.imported.get(name) {
            Some(functions) => functions.as_ref(),
            None => known.named.get(name),
        }
    }

    fn note(&mut self, call: &FnCallExpr, position: Position) {
        let is_word = call
            .name
            .starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if is_word {
            let names = call.namespace.path.iter().map(|name| name.name.as_str());
            let namespace = names.collect::<Vec<_>>().join("::");
            self.plain
                .push((namespace, call.name.to_string(), position));
        }
    }

    fn problems(&self, file: &str, known: &Known) -> Vec<Report> {
        let plain = self.plain.iter().filter_map(|(namespace, name, position)| {
            let is_known = if namespace.is_empty() {
                known.global.contains(name)
                    || self.own.contains(name)
                    || self.variables.contains(name)
            } else {
                let functions = self.namespace(namespace, known);
                functions.is_none_or(|functions| functions.contains(name))
            };
            let among = Some(namespace.as_str()).filter(|namespace| !namespace.is_empty());
            (!is_known).then(|| self.report(file, known, name, among, *position))
        });
        let methods = self.methods.iter().filter_map(|(name, position)| {
            let is_known = known.global.contains(name)
                || self.own.contains(name)
                || self.members.contains(name);
            (!is_known).then(|| self.report(file, known, name, None, *position))
        });
        plain.chain(methods).collect()
    }

    fn report(
        &self,
        file: &str,
        known: &Known,
        name: &str,
        among: Option<&str>,
        position: Position,
    ) -> Report {
        let prefix = among.map_or_else(String::new, |namespace| format!("{namespace}::"));
        let hint = match advice::of_name(name).filter(|_| among.is_none()) {
            Some(hint) => format!("; {hint}"),
            None => known
                .like(name, among, self)
                .map_or_else(String::new, |other| {
                    format!("; did you mean {prefix}{other}?")
                }),
        };
        Report {
            line: position.line().unwrap_or(0),
            column: position.position().unwrap_or(0),
            ..Report::of_file(file, &format!("there is no function {prefix}{name}{hint}"))
        }
    }
}
