//! A rule in plain words, for people who did not write it.

use crate::expr::{Comparison, Expr, Operand, OperandKind, Operator, Term};
use crate::query::review::Kind;
use crate::schema::{Collection, Field, FieldKind, Schema};

/// Longest text of a literal that is repeated, in characters.
const MAX_LITERAL: usize = 40;

/// Longest description, in bytes; what comes behind is left out.
const MAX_WORDS: usize = 4_000;

/// The text in words.
pub(super) fn of(parsed: &Expr, schema: &Schema, collection: &Collection, kind: Kind) -> String {
    let words = Words { schema, collection };
    let said = words.chain(parsed);
    let mut text = match kind {
        Kind::Rule => format!("Only if {said}."),
        Kind::Filter | Kind::Sort => format!("Records where {said}."),
    };
    if text.len() > MAX_WORDS {
        let cut = crate::base::text::truncate_bytes(&text, MAX_WORDS).len();
        text.truncate(cut);
        text.push('…');
    }
    text
}

struct Words<'a> {
    schema: &'a Schema,
    collection: &'a Collection,
}

impl Words<'_> {
    fn chain(&self, expr: &Expr) -> String {
        let alternatives = expr.alternatives();
        let several = alternatives.len() > 1;
        let said: Vec<String> = alternatives
            .iter()
            .map(|terms| {
                let all: Vec<String> = terms.iter().map(|term| self.term(term)).collect();
                match all.as_slice() {
                    [_, _, ..] if several => format!("({})", all.join(" and ")),
                    _ => all.join(", and "),
                }
            })
            .collect();
        said.join(", or ")
    }

    fn term(&self, term: &Term) -> String {
        match term {
            Term::Group(inner) => format!("({})", self.chain(inner)),
            Term::Compare {
                left,
                operator,
                right,
            } => self
                .idiom(left, *operator, right)
                .or_else(|| self.idiom(right, turned(*operator)?, left))
                .unwrap_or_else(|| {
                    let verb = verb(*operator);
                    format!("{} {verb} {}", self.operand(left), self.operand(right))
                }),
        }
    }

    /// What is said in one way again and again.
    fn idiom(&self, left: &Operand, operator: Operator, right: &Operand) -> Option<String> {
        let OperandKind::Identifier(name) = &left.kind else {
            return None;
        };
        let equal = match operator.kind {
            Comparison::Equal => true,
            Comparison::NotEqual => false,
            _ => return None,
        };
        if let Some(path) = name.strip_prefix("@request.")
            && let Some((what, modifier)) = path.rsplit_once(':')
            && let Some(flag) = flag(right)
        {
            let holds = flag == equal;
            let what = match what.split_once('.') {
                Some(("body", field)) => field.to_owned(),
                Some(("query", parameter)) => format!("the parameter {parameter}"),
                Some(("headers", header)) => format!("the header {header}"),
                _ => what.to_owned(),
            };
            return match (modifier, holds) {
                ("isset", true) => Some(format!("the request sets {what}")),
                ("isset", false) => Some(format!("the request does not set {what}")),
                ("changed", true) => Some(format!("the request changes {what}")),
                ("changed", false) => Some(format!("the request does not change {what}")),
                _ => None,
            };
        }
        if name == "@request.auth.id" && is_empty(right) {
            return Some(if equal {
                "nobody is signed in".to_owned()
            } else {
                "somebody is signed in".to_owned()
            });
        }
        if name == "@request.auth.id"
            && let OperandKind::Identifier(other) = &right.kind
            && !other.starts_with('@')
        {
            let not = if equal { "" } else { "not " };
            if other == "id" && self.collection.is_auth() {
                return Some(format!("the record is {not}the signed-in user itself"));
            }
            let last = other.rsplit('.').next().unwrap_or_default();
            let to_many = last.ends_with(":each")
                || self.collection.field(other).is_some_and(Field::is_multiple);
            return Some(if operator.any || to_many {
                let is = if equal { "is" } else { "is not" };
                format!(
                    "the signed-in user {is} among the record's {}",
                    spoken(other)
                )
            } else {
                format!("the record's {} is {not}the signed-in user", spoken(other))
            });
        }
        let flag = flag(right)?;
        let holds = flag == equal;
        if name == "@request.auth.verified" {
            let not = if holds { "" } else { "not " };
            return Some(format!("the signed-in user's address is {not}verified"));
        }
        let is_bool = self
            .collection
            .field(name)
            .is_some_and(|field| matches!(field.kind, FieldKind::Bool));
        let is = if holds { "is" } else { "is not" };
        is_bool.then(|| format!("the record {is} {name}"))
    }

    fn operand(&self, operand: &Operand) -> String {
        match &operand.kind {
            OperandKind::Text(text) if text.is_empty() => "empty".to_owned(),
            OperandKind::Text(text) => {
                let mut shown: String = text.chars().take(MAX_LITERAL).collect();
                if shown.len() < text.len() {
                    shown.push('…');
                }
                format!("“{shown}”")
            }
            OperandKind::Number(number) => number.to_string(),
            OperandKind::Call(call) => {
                let arguments: Vec<String> = call
                    .arguments
                    .iter()
                    .map(|operand| self.operand(operand))
                    .collect();
                match call.name.as_str() {
                    "geoDistance" => "the distance in km".to_owned(),
                    _ => format!("{}({})", call.name, arguments.join(", ")),
                }
            }
            OperandKind::Identifier(name) => self.name(name),
        }
    }

    fn name(&self, name: &str) -> String {
        if self.collection.field(name).is_some() {
            return format!("the record's {name}");
        }
        match name.to_ascii_lowercase().as_str() {
            "null" => return "empty".to_owned(),
            "true" | "false" => return name.to_ascii_lowercase(),
            "@now" => return "now".to_owned(),
            _ => {}
        }
        let Some(path) = name.strip_prefix("@request.") else {
            if let Some(path) = name.strip_prefix("@collection.") {
                let (source, field) = path.split_once('.').unwrap_or((path, ""));
                let source = source.split(':').next().unwrap_or_default();
                let known = self.schema.collection(source);
                let source = known.map_or(source, |entry| entry.name.as_str());
                return format!("the {} of any record of {source}", spoken(field));
            }
            if name.starts_with('@') {
                return name.trim_start_matches('@').to_owned();
            }
            return format!("the record's {}", spoken(name));
        };
        match path.split_once('.') {
            Some(("auth", "id")) => "the signed-in user".to_owned(),
            Some(("auth", "collectionName" | "collectionId")) => {
                "the signed-in user's collection".to_owned()
            }
            Some(("auth", field)) => format!("the signed-in user's {}", spoken(field)),
            Some(("body", field)) => format!("the submitted {}", spoken(field)),
            Some(("query", parameter)) => format!("the parameter {}", spoken(parameter)),
            Some(("headers", header)) => format!("the header {}", spoken(header)),
            _ => format!("the request's {path}"),
        }
    }
}

/// A path as it is read out.
fn spoken(path: &str) -> String {
    let mut spoken = String::new();
    for (index, segment) in path.split('.').enumerate() {
        if index > 0 {
            spoken.push_str(" → ");
        }
        let (name, modifier) = segment.split_once(':').unwrap_or((segment, ""));
        let before = match modifier {
            "length" => "number of ",
            "lower" => "lower-case ",
            _ => "",
        };
        spoken.push_str(before);
        match name.split_once("_via_") {
            Some((collection, _)) => spoken.push_str(collection),
            None => spoken.push_str(name),
        }
    }
    spoken
}

fn verb(operator: Operator) -> String {
    let verb = match operator.kind {
        Comparison::Equal => "is",
        Comparison::NotEqual => "is not",
        Comparison::Like => "contains",
        Comparison::NotLike => "does not contain",
        Comparison::Less => "is less than",
        Comparison::LessOrEqual => "is at most",
        Comparison::Greater => "is greater than",
        Comparison::GreaterOrEqual => "is at least",
    };
    if operator.any {
        format!("(for at least one) {verb}")
    } else {
        verb.to_owned()
    }
}

/// The operator that says the same with its sides exchanged.
const fn turned(operator: Operator) -> Option<Operator> {
    match operator.kind {
        Comparison::Equal | Comparison::NotEqual => Some(operator),
        _ => None,
    }
}

fn is_empty(operand: &Operand) -> bool {
    match &operand.kind {
        OperandKind::Text(text) => text.is_empty(),
        OperandKind::Identifier(name) => name.eq_ignore_ascii_case("null"),
        _ => false,
    }
}

fn flag(operand: &Operand) -> Option<bool> {
    match &operand.kind {
        OperandKind::Identifier(name) if name.eq_ignore_ascii_case("true") => Some(true),
        OperandKind::Identifier(name) if name.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
