//! "All values": a comparison without `?` over a path with several values must hold for every value.

use crate::expr::Comparison;
use crate::query::condition::{Node, Test};
use crate::query::joins::{Joins, On, Source};
use crate::query::operators::{self, OnNull};
use crate::query::scalar::{JoinId, Operand, Scalar, Template};
use crate::query::scope::{From, Scope};

/// Adds to a comparison the demand that no value of the record fails it.
pub(super) fn every(
    joins: &Joins,
    kind: Comparison,
    left: &Operand,
    right: &Operand,
    some: Test,
) -> Node {
    // The values are read anew, independent of the rows that the other conditions are about.
    let left_rows = copied(joins, left);
    let right_rows = copied(joins, right);
    let left_scope = joins.copy(&left_rows, "k");
    let right_scope = joins.copy(&right_rows, "l");
    let (left_form, right_form) = (form(left), form(right));
    let condition = operators::write(
        kind,
        &left_form,
        &right_form,
        &left.scalar.to_sql(&left_scope),
        &operators::right_sql(kind, right, &right_scope),
    );
    let mut from = From::default();
    let sides = [
        (left, right, &left_rows, &left_scope),
        (right, left, &right_rows, &right_scope),
    ];
    // Missing rows can be left out where they could not fail the condition. Those go first in the text.
    let harmless = |operand: &Operand, other: &Operand| {
        matches!(
            operators::on_null(kind, operand, other),
            OnNull::Null | OnNull::True
        )
    };
    for (operand, other, rows, scope) in sides {
        if harmless(&form(operand), &form(other)) {
            from.inner(scope, rows);
        }
    }
    for (operand, other, rows, scope) in sides {
        if !rows.is_empty() && !harmless(&form(operand), &form(other)) {
            from.left(scope, rows);
        }
    }
    let mut fails = Template::new();
    fails.text("NOT (").append(condition).text(")");
    let mut sql = Template::new();
    sql.text("NOT EXISTS (SELECT 1 FROM ")
        .append(from.filtered(fails))
        .text(")");
    let mut rows = Vec::new();
    for (operand, _, copied, _) in sides {
        match copied.first() {
            Some(root) => rows.extend(joins.get(*root).parent),
            None => rows.extend(&operand.rows),
        }
    }
    let merged = merged(joins, kind, left, right, &some);
    Node::Every {
        some,
        every: Test {
            sql,
            rows,
            needs: Vec::new(),
            fixes: None,
        },
        merged,
    }
}

/// Compat: among all values, an item of the submitted data compares as a column does, and so does a JSON value next
/// to a path with several values: NULL is the empty text.
fn form(operand: &Operand) -> Operand {
    Operand {
        known: if operand.every.is_some() {
            None
        } else {
            operand.known
        },
        blank_is_null: operand.blank_is_null || operand.every.is_none(),
        ..operand.clone()
    }
}

/// The rows of an operand that are read anew: from the first one of which there may be several.
fn copied(joins: &Joins, operand: &Operand) -> Vec<JoinId> {
    let Some(values) = operand.every else {
        return Vec::new();
    };
    let chain = joins.chain(values.leaf);
    let origin = chain.iter().position(|row| values.origin == Some(*row));
    chain
        .into_iter()
        .skip(origin.map_or(0, |position| position + 1))
        .skip_while(|row| !joins.get(*row).many)
        .collect()
}

/// "Some value holds and none fails" in one pass: the least truth value, NULLs left out.
///
/// Perf: only for short lists found by primary key, where reading all values is cheaper than looking twice.
fn merged(
    joins: &Joins,
    kind: Comparison,
    left: &Operand,
    right: &Operand,
    some: &Test,
) -> Option<Template> {
    let (operand, other) = match (left.every, right.every) {
        (Some(_), None) => (left, right),
        (None, Some(_)) => (right, left),
        _ => return None,
    };
    if operand.guard.is_some() || other.guard.is_some() {
        return None;
    }
    let same_form = |operand: &Operand| {
        let form = form(operand);
        form.known == operand.known && form.blank_is_null == operand.blank_is_null
    };
    if !same_form(operand) || !same_form(other) {
        return None;
    }
    if other.rows.iter().any(|row| joins.many_root(*row).is_some()) {
        return None;
    }
    let rows = copied(joins, operand);
    let root = rows.first().and_then(|row| joins.many_root(*row));
    if root != rows.first().copied() || !rows.iter().all(|row| is_short(joins, *row)) {
        return None;
    }
    let scope: Scope<'_> = joins.scope();
    let mut from = From::default();
    if operators::on_null(kind, operand, other) == OnNull::Null {
        from.inner(&scope, &rows);
    } else {
        from.left(&scope, &rows);
    }
    let mut sql = Template::new();
    sql.text("(SELECT MIN(")
        .append(some.sql.clone())
        .text(") FROM ")
        .append(from.finish())
        .text(")");
    Some(sql)
}

fn is_short(joins: &Joins, row: JoinId) -> bool {
    let join = joins.get(row);
    match &join.source {
        Source::Items(_) | Source::List(_) => true,
        Source::Table(_) => match &join.on {
            On::Equal(_, value) => {
                !join.many && matches!(value, Scalar::Column { .. } | Scalar::Item { .. })
            }
            On::Always | On::Contains(..) => false,
        },
    }
}
