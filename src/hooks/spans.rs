//! Which function of a script a statement belongs to. The interpreter walks through the statements of all functions
//! without saying whose they are.

use std::ops::RangeInclusive;

use rhai::{AST, Position};

/// Where the functions of a script are.
#[derive(Debug)]
pub(super) struct Spans(Vec<(String, RangeInclusive<Position>)>);

impl Spans {
    pub(super) fn of(ast: &AST) -> Self {
        let functions = ast.iter_fn_def().map(|function| {
            // The body of a closure without braces has no end.
            let start = function.body.start_position();
            let end = function.body.end_position().max(start);
            (function.name.to_string(), start..=end)
        });
        Self(functions.collect())
    }

    /// The name of the function that has a statement at this place among its own.
    pub(super) fn around(&self, place: Position) -> Option<&str> {
        // Functions within a function have their own statements, and theirs is the smaller span.
        let around = self.0.iter().filter(|(_, span)| span.contains(&place));
        let innermost = around.max_by_key(|(_, span)| *span.start());
        innermost.map(|(name, _)| name.as_str())
    }
}
