//! Finds handlers that end with `e.next()`. Going on when such a handler has returned is the same, and then no thread
//! waits for what the event is about.

use std::collections::HashMap;

use rhai::{AST, ASTNode, Expr, Position, Stmt};

use crate::hooks::spans::Spans;

/// The functions of a script whose last statement is a call of the method `next`, by name, with the place of the call.
pub(super) fn next_calls(ast: &AST) -> HashMap<String, Position> {
    let spans = Spans::of(ast);
    let mut last = HashMap::new();
    ast.walk(&mut |path: &[ASTNode<'_>]| {
        if let [ASTNode::Stmt(statement)] = path {
            let place = statement.position();
            if let Some(name) = spans.around(place) {
                let newest = last.entry(name).or_insert((place, None));
                if newest.0 <= place {
                    *newest = (place, call_of_next(statement));
                }
            }
        }
        true
    });
    let found = last.into_iter();
    found
        .filter_map(|(name, (_, call))| Some((name.to_owned(), call?)))
        .collect()
}

/// Where a statement calls it, if it is nothing but that.
fn call_of_next(statement: &Stmt) -> Option<Position> {
    let Stmt::Expr(expression) = statement else {
        return None;
    };
    let Expr::Dot(parts, ..) = &**expression else {
        return None;
    };
    match (&parts.lhs, &parts.rhs) {
        (Expr::Variable(..), Expr::MethodCall(call, place))
            if call.name == "next" && call.args.is_empty() =>
        {
            Some(*place)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rhai::Engine;

    use super::next_calls;

    /// Lines of the calls that end a function.
    fn lines(script: &str) -> Vec<usize> {
        let ast = Engine::new().compile(script).unwrap();
        let mut lines: Vec<_> = next_calls(&ast)
            .values()
            .filter_map(|place| place.line())
            .collect();
        lines.sort_unstable();
        lines
    }

    #[test]
    fn only_the_last_statement_of_a_function_counts() {
        assert_eq!(lines("on(|e| e.next());"), [1]);
        assert_eq!(lines("on(|e| { e.x = 1;\n e.next() });"), [2]);
        assert_eq!(
            lines("on(|e| {\n if e.x { e.next(); }\n e.next();\n});\ne.next();"),
            [3]
        );
        assert_eq!(lines("fn handle(e) {\n e.next();\n}"), [2]);
        let none = [
            "on(|e| { e.next(); e.x = 1; });",
            "on(|e| { try { e.next(); } catch { } });",
            "on(|e| { if e.x { e.next(); } });",
            "on(|e| { let x = e.next(); });",
            "on(|e| e.next(1));",
            "on(|e| e.record.next());",
            "e.next();",
        ];
        for script in none {
            assert_eq!(lines(script), [0; 0], "{script}");
        }
    }

    #[test]
    fn a_function_within_another_has_its_own() {
        let inner = "on(|e| {\n call(|x| {\n  x.next();\n });\n});";
        assert_eq!(lines(inner), [3]);
        let outer = "on(|e| {\n call(|x| x.y);\n e.next();\n});";
        assert_eq!(lines(outer), [3]);
    }
}
