//! Comparisons: the condition that an operator and its two resolved operands make.

use crate::expr::{Comparison, Operator};
use crate::query::condition::{Fixed, Node, Test};
use crate::query::joins::Joins;
use crate::query::multi_match;
use crate::query::operators::{self, OnNull};
use crate::query::scalar::{Operand, Scalar, Template};
use crate::query::slot::Class;

/// The condition that compares two operands.
pub(super) fn compare(joins: &Joins, operator: Operator, left: &Operand, right: &Operand) -> Node {
    let scope = joins.scope();
    let mut sql = operators::write(
        operator.kind,
        left,
        right,
        &left.scalar.to_sql(&scope),
        &operators::right_sql(operator.kind, right, &scope),
    );
    for guard in [&left.guard, &right.guard].into_iter().flatten() {
        let mut guarded = Template::new();
        guarded.text("(").append(sql).text(" AND ");
        guard.write(&scope, &mut guarded);
        guarded.text(" = TRUE)");
        sql = guarded;
    }
    let mut needs = Vec::new();
    for (operand, other) in [(left, right), (right, left)] {
        let on_null = operators::on_null(operator.kind, operand, other);
        if operand.guard.is_some() || matches!(on_null, OnNull::Null | OnNull::False) {
            needs.extend(&operand.rows);
        }
    }
    let some = Test {
        sql,
        rows: left.rows.iter().chain(&right.rows).copied().collect(),
        needs,
        fixes: fixed_column(operator.kind, left, right),
    };
    if operator.any || (left.every.is_none() && right.every.is_none()) {
        return Node::Test(some);
    }
    multi_match::every(joins, operator.kind, left, right, some)
}

/// The column of the main row that an equality ties to one value.
fn fixed_column(kind: Comparison, left: &Operand, right: &Operand) -> Option<Box<Fixed>> {
    let (column, value) = match (left.known, right.known) {
        (None, Some(Class::Filled)) => (&left.scalar, &right.scalar),
        (Some(Class::Filled), None) => (&right.scalar, &left.scalar),
        _ => return None,
    };
    match column {
        Scalar::Column { row: None, column } if kind == Comparison::Equal => {
            Some(Box::new(Fixed {
                column: column.clone(),
                value: match value {
                    Scalar::Bound(slot) => Some(slot.clone()),
                    _ => None,
                },
            }))
        }
        _ => None,
    }
}
