//! Functions that a script calls and nobody has, found without running it.
//!
//! Only names are looked at. Members of maps that hold functions, and what imported modules have, are not known here and
//! count as right.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Engine, Expr, FnCallExpr, Map, Position, Stmt};
use serde_json::Value as Json;

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
const ALIKE: f64 = 0.75;

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

    /// What is wrong with the calls of a script.
    pub(super) fn problems(&self, file: &str, ast: &AST) -> Vec<Report> {
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
        calls.problems(file, self)
    }

    /// The name that was probably meant.
    fn like(&self, name: &str, among: Option<&str>, own: &BTreeSet<String>) -> Option<String> {
        let known = match among {
            Some(namespace) => self.named.get(namespace)?,
            None => &self.global,
        };
        let own = own.iter().filter(|_| among.is_none());
        known
            .iter()
            .chain(own)
            .map(|other| (strsim::jaro_winkler(name, other), other))
            .filter(|(alike, _)| *alike >= ALIKE)
            .max_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, other)| other.clone())
    }
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
            _ => {}
        }
    }

    fn note(&mut self, call: &FnCallExpr, position: Position) {
        let is_word = call
            .name
            .starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if is_word {
            let namespace = if call.namespace.is_empty() {
                String::new()
            } else {
                call.namespace.root().to_owned()
            };
            self.plain
                .push((namespace, call.name.to_string(), position));
        }
    }

    fn problems(&self, file: &str, known: &Known) -> Vec<Report> {
        let plain = self.plain.iter().filter_map(|(namespace, name, position)| {
            let is_known = match known.named.get(namespace) {
                Some(names) => names.contains(name),
                None if !namespace.is_empty() => true,
                None => {
                    known.global.contains(name)
                        || self.own.contains(name)
                        || self.variables.contains(name)
                }
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
        let hint = known
            .like(name, among, &self.own)
            .map_or_else(String::new, |other| {
                format!("; did you mean {prefix}{other}?")
            });
        Report {
            line: position.line().unwrap_or(0),
            column: position.position().unwrap_or(0),
            ..Report::of_file(file, &format!("there is no function {prefix}{name}{hint}"))
        }
    }
}
