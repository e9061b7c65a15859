//! Finds functions that are over in microseconds whatever they are called with, so that no thread has to be kept for
//! them.
//!
//! Such a function has no loop, calls nothing but the few functions named here, none of which waits or takes long, and
//! is short. What cannot be told from its text (an index, a call through a value, `auth` and `request_info`, which read
//! a record) makes it one of the others.

use std::collections::{HashMap, HashSet};

use rhai::{AST, ASTNode, Dynamic, Expr, FnCallExpr, FnPtr, Stmt};

use crate::hooks::spans::Spans;

/// Most expressions and statements of a brief function.
const MAX_NODES: usize = 256;

/// Deepest nesting; a thread of the server has a smaller stack than one for scripts.
const MAX_DEPTH: usize = 24;

/// What may be called besides operators.
const BRIEF: [&str; 30] = [
    "blob",
    "body",
    "contains",
    "cookie",
    "ends_with",
    "header",
    "html",
    "is_empty",
    "is_superuser",
    "json",
    "keys",
    "len",
    "method",
    "no_content",
    "path",
    "query",
    "raw_body",
    "real_ip",
    "redirect",
    "remote_ip",
    "set_cookie",
    "set_header",
    "starts_with",
    "sub_string",
    "text",
    "to_lower",
    "to_string",
    "to_upper",
    "type_of",
    "url",
];

/// The names of such functions.
pub(super) fn functions(ast: &AST) -> HashSet<String> {
    let own: HashSet<&str> = ast.iter_fn_def().map(|def| def.name.as_str()).collect();
    let spans = Spans::of(ast);
    // How many nodes each function has, and whether all of them are brief.
    let mut seen: HashMap<&str, (usize, bool)> = HashMap::new();
    ast.walk(&mut |path: &[ASTNode<'_>]| {
        if let (Some(ASTNode::Stmt(statement)), Some(node)) = (path.first(), path.last())
            && let Some(name) = spans.around(statement.position())
        {
            let (n_nodes, is_all) = seen.entry(name).or_insert((0, true));
            *n_nodes += 1;
            *is_all &= path.len() <= MAX_DEPTH && is_brief(node, &own);
        }
        true
    });
    let brief = seen
        .into_iter()
        .filter(|(_, (n_nodes, is_all))| *is_all && *n_nodes <= MAX_NODES);
    brief.map(|(name, _)| name.to_owned()).collect()
}

/// Says so of a node without what is in it.
fn is_brief(node: &ASTNode<'_>, own: &HashSet<&str>) -> bool {
    match node {
        ASTNode::Stmt(statement) => match statement {
            Stmt::FnCall(call, ..) => may_call(call, own),
            Stmt::Noop(..)
            | Stmt::If(..)
            | Stmt::Switch(..)
            | Stmt::Var(..)
            | Stmt::Assignment(..)
            | Stmt::Block(..)
            | Stmt::Expr(..)
            | Stmt::Return(..) => true,
            _ => false,
        },
        ASTNode::Expr(expression) => match expression {
            Expr::FnCall(call, ..) | Expr::MethodCall(call, ..) => may_call(call, own),
            Expr::DynamicConstant(value, ..) => is_data(value),
            Expr::Property(property, ..) => !matches!(property.2.as_str(), "auth" | "request_info"),
            // One with a namespace may come from another script.
            Expr::Variable(variable, ..) => variable.2.is_empty(),
            Expr::BoolConstant(..)
            | Expr::IntegerConstant(..)
            | Expr::FloatConstant(..)
            | Expr::CharConstant(..)
            | Expr::StringConstant(..)
            | Expr::InterpolatedString(..)
            | Expr::Array(..)
            | Expr::Map(..)
            | Expr::Unit(..)
            | Expr::Stmt(..)
            | Expr::Dot(..)
            | Expr::And(..)
            | Expr::Or(..)
            | Expr::Coalesce(..) => true,
            _ => false,
        },
        _ => false,
    }
}

fn may_call(call: &FnCallExpr, own: &HashSet<&str>) -> bool {
    let name = call.name.as_str();
    let is_known = call.op_token.is_some() || BRIEF.contains(&name);
    is_known && call.namespace.is_empty() && !own.contains(name)
}

/// Says whether a constant has no function in it.
fn is_data(value: &Dynamic) -> bool {
    if let Ok(items) = value.as_array_ref() {
        return items.iter().all(is_data);
    }
    if let Ok(members) = value.as_map_ref() {
        return members.values().all(is_data);
    }
    !value.is::<FnPtr>()
}

#[cfg(test)]
mod tests {
    use rhai::Engine;

    use super::functions;

    fn are_all_brief(script: &str) -> bool {
        let mut engine = Engine::new();
        engine.set_max_expr_depths(0, 0);
        let ast = engine.compile(script).unwrap();
        functions(&ast).len() == ast.iter_functions().count()
    }

    #[test]
    fn plain_answers_are_brief() {
        for body in [
            r#"e.json(200, #{ hello: e.query("name"), list: [1, 2, 3] })"#,
            "{ let name = e.query(\"name\"); if name.is_empty() { throw \"no\"; } e.text(200, `Hi ${name.to_upper()}`) }",
            "{ switch e.query(\"a\") { \"b\" => e.no_content(), _ => return e.json(400, ()) } }",
            "{ let n = 1; n += 2 ** 3; #{ n: n, name: e.body().name ?? \"none\" } }",
        ] {
            assert!(
                are_all_brief(&format!("route(\"GET\", \"/x\", |e| {body});")),
                "{body}"
            );
        }
    }

    #[test]
    fn whatever_may_take_time_is_not() {
        for body in [
            "{ loop { } }",
            "{ while e.query(\"a\") == \"\" { } }",
            "{ for n in 0..9 { } }",
            "e.app.find(\"posts\", \"x\")",
            "e.auth",
            "e[\"auth\"]",
            "e.request_info.query",
            "e.json(200, e.request_info())",
            "sleep(10)",
            "{ let f = |x| x; e.json(200, f.call(1)) }",
            "#{ json: || e.text(200, \"\") }.json()",
            "other::json(e)",
            "global::LIMIT",
            "eval(\"1\")",
            "{ import \"x\" as x; 1 }",
            "{ try { 1 } catch { 2 } }",
            "e.stream(200, \"text/plain\", |out| out.write(\"x\"))",
        ] {
            assert!(
                !are_all_brief(&format!("route(\"GET\", \"/x\", |e| {body});")),
                "{body}"
            );
        }
        assert!(!are_all_brief(
            "fn json(x) { 1 }\nroute(\"GET\", \"/x\", |e| json(e));"
        ));
        let long = "e.query(\"a\"), ".repeat(200);
        assert!(!are_all_brief(&format!(
            "route(\"GET\", \"/x\", |e| [{long}]);"
        )));
        let deep = format!("{}e{}", "[".repeat(30), "]".repeat(30));
        assert!(!are_all_brief(&format!(
            "route(\"GET\", \"/x\", |e| {deep});"
        )));
    }
}
