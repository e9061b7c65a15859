//! Operators: which SQL says the same about two operands, and what it says where one of them does not exist.

use crate::expr::Comparison;
use crate::query::scalar::{Operand, Scalar, Template};
use crate::query::scope::Scope;
use crate::query::slot::{Class, Slot};

/// What a condition says when one operand's row does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnNull {
    Null,
    True,
    False,
    Unknown,
}

/// The right side of an operator; of `~`, a pattern.
pub(super) fn right_sql(kind: Comparison, right: &Operand, scope: &Scope<'_>) -> Template {
    if !matches!(kind, Comparison::Like | Comparison::NotLike) {
        return right.scalar.to_sql(scope);
    }
    let mut sql = Template::new();
    if let Scalar::Bound(slot) = &right.scalar {
        sql.bind(Slot::Pattern(Box::new(slot.clone())));
    } else {
        sql.text("('%' || ");
        right.scalar.write(scope, &mut sql);
        sql.text(" || '%')");
    }
    sql
}

/// Writes the condition over two written operands.
pub(super) fn write(
    kind: Comparison,
    left: &Operand,
    right: &Operand,
    left_sql: &Template,
    right_sql: &Template,
) -> Template {
    let infix = |operator: &'static str| {
        let mut sql = Template::new();
        sql.append(left_sql.clone())
            .text(operator)
            .append(right_sql.clone());
        sql
    };
    match kind {
        Comparison::Equal | Comparison::NotEqual => {
            let equal = kind == Comparison::Equal;
            match (left.known, right.known) {
                (None, Some(class)) => with_known(equal, left, left_sql, class, right_sql),
                (Some(class), None) => with_known(equal, right, right_sql, class, left_sql),
                (Some(_), Some(_)) => coalesced(equal, left, right, left_sql, right_sql),
                (None, None) if left.blank_is_null && right.blank_is_null => {
                    coalesced(equal, left, right, left_sql, right_sql)
                }
                (None, None) => infix(if equal { " IS " } else { " IS NOT " }),
            }
        }
        Comparison::Like => {
            let mut sql = infix(" LIKE ");
            sql.text(" ESCAPE '\\'");
            sql
        }
        Comparison::NotLike => {
            let mut sql = infix(" NOT LIKE ");
            sql.text(" ESCAPE '\\'");
            sql
        }
        Comparison::Less => infix(" < "),
        Comparison::LessOrEqual => infix(" <= "),
        Comparison::Greater => infix(" > "),
        Comparison::GreaterOrEqual => infix(" >= "),
    }
}

/// A column against a value whose class is known: plain comparisons, which indexes can answer.
fn with_known(
    equal: bool,
    operand: &Operand,
    column: &Template,
    class: Class,
    value: &Template,
) -> Template {
    let mut sql = Template::new();
    let column = || column.clone();
    if !operand.blank_is_null {
        sql.append(column())
            .text(if equal { " IS " } else { " IS NOT " })
            .append(value.clone());
    } else if class.is_empty() {
        sql.text("(").append(column());
        sql.text(if equal {
            " = '' OR "
        } else {
            " IS NOT '' AND "
        });
        sql.append(column());
        sql.text(if equal { " IS NULL)" } else { " IS NOT NULL)" });
    } else {
        sql.append(column())
            .text(if equal { " = " } else { " IS NOT " })
            .append(value.clone());
    }
    sql
}

/// Two values of which any may be NULL, unless it is known to be filled.
fn coalesced(
    equal: bool,
    left: &Operand,
    right: &Operand,
    left_sql: &Template,
    right_sql: &Template,
) -> Template {
    let side = |operand: &Operand, value: &Template, sql: &mut Template| {
        if operand.known == Some(Class::Filled) {
            sql.append(value.clone());
        } else {
            sql.text("COALESCE(").append(value.clone()).text(", '')");
        }
    };
    let mut sql = Template::new();
    side(left, left_sql, &mut sql);
    sql.text(if equal { " = " } else { " IS NOT " });
    side(right, right_sql, &mut sql);
    sql
}

/// What the condition says when the operand is NULL because its row does not exist.
pub(super) fn on_null(kind: Comparison, operand: &Operand, other: &Operand) -> OnNull {
    let is_item = |operand: &Operand| operand.known.is_some() && !operand.rows.is_empty();
    if !operand.transparent || operand.rows.is_empty() || is_item(operand) || is_item(other) {
        return OnNull::Unknown;
    }
    let equal = match kind {
        Comparison::Equal => true,
        Comparison::NotEqual => false,
        _ => return OnNull::Null,
    };
    let Some(class) = other.known else {
        return OnNull::Unknown;
    };
    let holds_on_null = match (operand.blank_is_null, class) {
        (true, Class::Null | Class::Blank) | (false, Class::Null) => equal,
        (true, Class::Filled) if equal => return OnNull::Null,
        (true, Class::Filled) | (false, Class::Filled | Class::Blank) => !equal,
    };
    if holds_on_null {
        OnNull::True
    } else {
        OnNull::False
    }
}
