//! Comparisons that compile and hardly mean what was meant. Only hints: nothing is refused for them.

use crate::expr::{Comparison, Expr, Operand, OperandKind, Operator, Span, Term};
use crate::query::review::suggest::{self, Place};
use crate::query::review::{Finding, Fix, Severity};
use crate::schema::{Collection, Field, FieldKind};

/// Looks at one comparison; of each side, whether all of its values count.
pub(super) fn comparison(
    place: &Place<'_>,
    operator: Operator,
    [left, right]: [(&Operand, bool); 2],
    findings: &mut Vec<Finding>,
) {
    for side in [left.0, right.0] {
        if let OperandKind::Identifier(name) = &side.kind {
            lenient(place, name, side.span, findings);
        }
    }
    let span = Span {
        start: left.0.span.start,
        end: right.0.span.end,
    };
    if (left.1 || right.1) && !operator.any {
        let mut any = operator;
        any.any = true;
        findings.push(Finding {
            span,
            severity: Severity::Info,
            code: "allValues",
            message: format!(
                "There may be several values, and all of them must satisfy `{operator}`; `{any}` asks for at least one."
            ),
            fix: None,
        });
    }
    if left.0 == right.0 {
        findings.push(Finding {
            span,
            severity: Severity::Warning,
            code: "sameOperands",
            message: "Both sides are the same.".to_owned(),
            fix: None,
        });
    } else if is_literal(left.0) && is_literal(right.0) {
        findings.push(Finding {
            span,
            severity: Severity::Warning,
            code: "constant",
            message: "Both sides are literals, so the outcome never changes.".to_owned(),
            fix: None,
        });
    }
    for (named, other) in [(left.0, right.0), (right.0, left.0)] {
        if let OperandKind::Identifier(name) = &named.kind
            && let Some(field) = place.collection.field(name)
        {
            against(field, named, operator, other, findings);
        }
    }
}

/// A path into the request that compiles to nothing at all.
fn lenient(place: &Place<'_>, name: &str, span: Span, findings: &mut Vec<Finding>) {
    let in_request = name.starts_with("@request.auth.") || name.starts_with("@request.body.");
    if !in_request {
        return;
    }
    if let Some((offset, piece, meant)) = suggest::identifier(place, name) {
        let auths = || place.schema.collections().filter(|entry| entry.is_auth());
        let rest = name.trim_start_matches("@request.auth.");
        let first = rest.split(['.', ':']).next().unwrap_or_default();
        let known = ["collectionId", "collectionName"].contains(&first)
            || auths().any(|entry| entry.field(first).is_some());
        // With several auth collections a path is fine if it leads somewhere in one of them.
        if name.starts_with("@request.auth.") && known && piece == first {
            return;
        }
        let start = span.start + offset;
        let span = Span {
            start,
            end: start + piece.len(),
        };
        findings.push(Finding {
            span,
            severity: Severity::Warning,
            code: "alwaysEmpty",
            message: format!("There is no field {piece:?}, so this is always empty."),
            fix: Some(Fix { span, text: meant }),
        });
    }
}

/// A field of the record against a literal that it can never equal.
fn against(
    field: &Field,
    named: &Operand,
    operator: Operator,
    other: &Operand,
    findings: &mut Vec<Finding>,
) {
    let is_equality = matches!(operator.kind, Comparison::Equal | Comparison::NotEqual);
    let OperandKind::Text(text) = &other.kind else {
        return;
    };
    if !is_equality || text.is_empty() {
        return;
    }
    let span = other.span;
    let mut warn = |code, message: String, fix| {
        findings.push(Finding {
            span,
            severity: Severity::Warning,
            code,
            message,
            fix,
        });
    };
    if field.is_multiple() {
        let each = Fix {
            span: named.span,
            text: format!("{}:each", field.name),
        };
        return warn(
            "listAsText",
            "The field holds a list, which equals no single value; `:each` looks at its items."
                .to_owned(),
            Some(each),
        );
    }
    match &field.kind {
        FieldKind::Select(options) if !options.values.contains(text) => {
            let meant = suggest::nearest(text, options.values.iter().map(String::as_str));
            let fix = meant.map(|meant| Fix {
                span,
                text: format!("'{}'", meant.replace('\\', "\\\\").replace('\'', "\\'")),
            });
            warn("noSuchValue", format!("The field is never {text:?}."), fix);
        }
        FieldKind::Number(_) if text.trim().parse::<f64>().is_err() => {
            warn("wrongType", "The field holds a number.".to_owned(), None);
        }
        FieldKind::Bool => {
            warn("wrongType", "The field is true or false.".to_owned(), None);
        }
        _ => {}
    }
}

/// Looks for a rule that lets everybody through although it is not empty.
pub(super) fn whole(parsed: &Expr, collection: &Collection, findings: &mut Vec<Finding>) {
    for conjunction in parsed.alternatives() {
        if conjunction.iter().all(|term| is_always(term, collection)) {
            findings.push(Finding {
                span: parsed.span(),
                severity: Severity::Warning,
                code: "alwaysTrue",
                message: "This holds for every record and every caller, like no rule at all."
                    .to_owned(),
                fix: None,
            });
            return;
        }
    }
}

fn is_always(term: &Term, collection: &Collection) -> bool {
    match term {
        Term::Group(inner) => inner
            .alternatives()
            .iter()
            .any(|conjunction| conjunction.iter().all(|term| is_always(term, collection))),
        Term::Compare {
            left,
            operator,
            right,
        } => {
            let same = left == right
                && matches!(
                    operator.kind,
                    Comparison::Equal | Comparison::LessOrEqual | Comparison::GreaterOrEqual
                )
                && !matches!(left.kind, OperandKind::Call(_))
                && (operator.kind == Comparison::Equal || is_literal(left));
            let is_id = |operand: &Operand| {
                !collection.is_view()
                    && matches!(&operand.kind, OperandKind::Identifier(name) if name == "id")
            };
            let is_empty = |operand: &Operand| match &operand.kind {
                OperandKind::Text(text) => text.is_empty(),
                OperandKind::Identifier(name) => name.eq_ignore_ascii_case("null"),
                _ => false,
            };
            let has_id = operator.kind == Comparison::NotEqual
                && ((is_id(left) && is_empty(right)) || (is_empty(left) && is_id(right)));
            same || has_id
        }
    }
}

fn is_literal(operand: &Operand) -> bool {
    match &operand.kind {
        OperandKind::Text(_) | OperandKind::Number(_) => true,
        OperandKind::Identifier(name) => ["true", "false", "null"]
            .iter()
            .any(|word| name.eq_ignore_ascii_case(word)),
        OperandKind::Call(_) => false,
    }
}
