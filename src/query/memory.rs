//! Rules and filters that need no database: those over the record's own single columns and what the request says.
//!
//! A predicate answers exactly what SQLite would answer for the stored record (a property test compares them), with the
//! same rules for NULL, affinities and `LIKE`. Where that would take more than comparing values it does not answer at
//! all, and the caller asks the database.

use std::cmp::Ordering;

use crate::base::like::Like;
use crate::ctx::Ctx;
use crate::expr::{self, Comparison, Expr, Term};
use crate::query::compiler::{Access, Base, Compiler};
use crate::query::error::Error;
use crate::query::scalar::{Operand, Scalar};
use crate::query::slot::{Class, Part, Slot};
use crate::schema::{Collection, FieldKind, Schema};
use crate::sql::{Ident, Value};

/// Patterns longer than this are left to the database, which has limits of its own.
const MAX_PATTERN: usize = 10_000;

/// Comparisons that look at more bytes than this are left to the database, which can be stopped.
const MAX_COMPARED: usize = 256 << 10;

/// Integers up to here are exact as floating point numbers.
const MAX_EXACT: u64 = 1 << 53;

/// A rule and a filter that can be answered without the database.
#[derive(Clone, Debug)]
pub struct Predicate(Node);

#[derive(Clone, Debug)]
enum Node {
    All(Vec<Self>),
    Any(Vec<Self>),
    Compare(Comparison, Side, Side),
}

/// One side of a comparison.
#[derive(Clone, Debug)]
struct Side {
    source: Source,
    known: Known,
}

#[derive(Clone, Debug)]
enum Source {
    /// A column of the record.
    Column {
        position: usize,
        affinity: Affinity,
        lower: bool,
    },
    Slot(Slot),
    Fixed(Value),
}

/// Whether the class of a value counts as known when a statement is compiled.
#[derive(Clone, Debug)]
enum Known {
    No,
    Always(Class),
    /// The class the part has in the request at hand.
    Of(Part),
}

/// How SQLite treats the values of a column in comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Affinity {
    Text,
    Numeric,
    None,
}

/// What a condition says: `None` is SQL's NULL.
type Truth = Option<bool>;

/// How two values compare: `None` if one of them is NULL.
type Compared = Option<Ordering>;

impl Predicate {
    /// The rule and the filter as a predicate; nothing if they need the database.
    pub(super) fn compile(
        schema: &Schema,
        ctx: &Ctx,
        collection: &Collection,
        rule: Option<&str>,
        filter: &str,
    ) -> Result<Option<Self>, Error> {
        let mut compiler = Compiler::new(schema, collection, ctx);
        let client = if ctx.is_superuser() {
            Access::Full
        } else {
            Access::Client
        };
        let mut nodes = Vec::new();
        let rule = rule.filter(|rule| !rule.trim().is_empty());
        let filter = (!filter.is_empty()).then_some(filter);
        for (text, access) in [(rule, Access::Full), (filter, client)] {
            let Some(text) = text else { continue };
            let base = Base {
                collection,
                row: None,
                access,
            };
            match expr_node(&mut compiler, base, &expr::parse(text)?)? {
                Some(node) => nodes.push(node),
                None => return Ok(None),
            }
        }
        Ok(Some(Self(Node::All(nodes))))
    }

    /// Whether a record, given by its stored cells in field order, satisfies it. Nothing if only the database can tell.
    pub fn holds(&self, ctx: &Ctx, cells: &[Value]) -> Option<bool> {
        self.0.truth(ctx, cells).map(|truth| truth == Some(true))
    }
}

fn expr_node<'a>(
    compiler: &mut Compiler<'a>,
    base: Base<'a>,
    expr: &Expr,
) -> Result<Option<Node>, Error> {
    let mut alternatives = Vec::new();
    for terms in expr.alternatives() {
        let mut conjunction = Vec::with_capacity(terms.len());
        for term in terms {
            let node = match term {
                Term::Group(inner) => expr_node(compiler, base, inner)?,
                Term::Compare {
                    left,
                    operator,
                    right,
                } => {
                    let left = compiler.operand(base, left)?;
                    let right = compiler.operand(base, right)?;
                    let sides =
                        Side::new(base.collection, &left).zip(Side::new(base.collection, &right));
                    sides.map(|(left, right)| Node::Compare(operator.kind, left, right))
                }
            };
            match node {
                Some(node) => conjunction.push(node),
                None => return Ok(None),
            }
        }
        alternatives.push(Node::All(conjunction));
    }
    Ok(Some(Node::Any(alternatives)))
}

impl Node {
    /// Nothing if it cannot be told here.
    fn truth(&self, ctx: &Ctx, cells: &[Value]) -> Option<Truth> {
        match self {
            Self::All(nodes) => combine(nodes, ctx, cells, false),
            Self::Any(nodes) => combine(nodes, ctx, cells, true),
            Self::Compare(kind, left, right) => compare(*kind, left, right, ctx, cells),
        }
    }
}

/// Conjunction or disjunction: `decisive` decides whatever the others are, else NULL wins.
fn combine(nodes: &[Node], ctx: &Ctx, cells: &[Value], decisive: bool) -> Option<Truth> {
    let (mut is_open, mut is_null) = (false, false);
    for node in nodes {
        match node.truth(ctx, cells) {
            Some(Some(truth)) if truth == decisive => return Some(Some(decisive)),
            Some(Some(_)) => {}
            Some(None) => is_null = true,
            None => is_open = true,
        }
    }
    if is_open {
        None
    } else if is_null {
        Some(None)
    } else {
        Some(Some(!decisive))
    }
}

impl Side {
    fn new(collection: &Collection, operand: &Operand) -> Option<Self> {
        let is_plain = operand.rows.is_empty()
            && operand.every.is_none()
            && operand.guard.is_none()
            && operand.blank_is_null;
        if !is_plain {
            return None;
        }
        let known = match (&operand.scalar, operand.known) {
            (_, None) => Known::No,
            (Scalar::Bound(Slot::Request(part)), Some(_)) => Known::Of(part.clone()),
            (_, Some(class)) => Known::Always(class),
        };
        let source = match &operand.scalar {
            Scalar::Column { row: None, column } => column_source(collection, column, false)?,
            Scalar::Lower(of) => match &**of {
                Scalar::Column { row: None, column } => column_source(collection, column, true)?,
                _ => return None,
            },
            Scalar::Bound(slot) => Source::Slot(slot.clone()),
            Scalar::Fixed("NULL") => Source::Fixed(Value::Null),
            Scalar::Fixed("1") => Source::Fixed(Value::Int(1)),
            Scalar::Fixed("0") => Source::Fixed(Value::Int(0)),
            _ => return None,
        };
        Some(Self { source, known })
    }

    fn value(&self, ctx: &Ctx, cells: &[Value]) -> Option<Value> {
        match &self.source {
            Source::Column {
                position,
                affinity,
                lower,
            } => {
                let cell = cells.get(*position)?;
                match (affinity, cell) {
                    (_, Value::Null) => Some(Value::Null),
                    (Affinity::Text, Value::Text(text)) if *lower => {
                        if text.contains('\0') {
                            return None;
                        }
                        Some(Value::Text(text.to_ascii_lowercase()))
                    }
                    (Affinity::Text, Value::Text(_)) => Some(cell.clone()),
                    (Affinity::Numeric, Value::Int(_) | Value::Real(_)) if !lower => {
                        Some(cell.clone())
                    }
                    (Affinity::Numeric, Value::Text(text)) if !lower && !may_be_number(text) => {
                        Some(cell.clone())
                    }
                    // The column does not hold what its type says.
                    _ => None,
                }
            }
            Source::Slot(slot) => Some(slot.value(ctx, None)),
            Source::Fixed(value) => Some(value.clone()),
        }
    }

    const fn affinity(&self) -> Affinity {
        match &self.source {
            Source::Column {
                affinity,
                lower: false,
                ..
            } => *affinity,
            _ => Affinity::None,
        }
    }

    fn known(&self, ctx: &Ctx) -> Option<Class> {
        match &self.known {
            Known::No => None,
            Known::Always(class) => Some(*class),
            Known::Of(part) => Some(part.class(ctx)),
        }
    }
}

fn column_source(collection: &Collection, column: &Ident, lower: bool) -> Option<Source> {
    let is_it = |name: &str| Ident::new(name) == *column;
    let position = collection
        .fields
        .iter()
        .position(|field| is_it(&field.name))?;
    let field = collection.fields.get(position)?;
    let affinity = match field.kind {
        FieldKind::Json(_) | FieldKind::GeoPoint => return None,
        FieldKind::Number(_) | FieldKind::Bool => Affinity::Numeric,
        _ if field.is_multiple() => Affinity::Numeric,
        _ => Affinity::Text,
    };
    Some(Source::Column {
        position,
        affinity,
        lower,
    })
}

/// A comparison as `operators::write` puts it.
fn compare(
    kind: Comparison,
    left: &Side,
    right: &Side,
    ctx: &Ctx,
    cells: &[Value],
) -> Option<Truth> {
    let (a, b) = (left.value(ctx, cells)?, right.value(ctx, cells)?);
    let affinities = (left.affinity(), right.affinity());
    match kind {
        Comparison::Equal | Comparison::NotEqual => {
            let equal = kind == Comparison::Equal;
            match (left.known(ctx), right.known(ctx)) {
                (None, Some(class)) => with_known(equal, &a, class, &b, left.affinity()),
                (Some(class), None) => with_known(equal, &b, class, &a, right.affinity()),
                (x, y) => {
                    // Both are read as text where they are NULL, which takes their affinity away.
                    let blank = |value: Value, known: Option<Class>| match value {
                        Value::Null if known != Some(Class::Filled) => Value::Text(String::new()),
                        value => value,
                    };
                    let keeps = |known: Option<Class>, affinity| match known {
                        Some(Class::Filled) => affinity,
                        _ => Affinity::None,
                    };
                    let affinities = (keeps(x, affinities.0), keeps(y, affinities.1));
                    let order = order(&blank(a, x), &blank(b, y), affinities)?;
                    Some(match order {
                        Some(order) => Some((order == Ordering::Equal) == equal),
                        None if equal => None,
                        None => Some(true),
                    })
                }
            }
        }
        Comparison::Less => Some(order(&a, &b, affinities)?.map(Ordering::is_lt)),
        Comparison::LessOrEqual => Some(order(&a, &b, affinities)?.map(Ordering::is_le)),
        Comparison::Greater => Some(order(&a, &b, affinities)?.map(Ordering::is_gt)),
        Comparison::GreaterOrEqual => Some(order(&a, &b, affinities)?.map(Ordering::is_ge)),
        Comparison::Like | Comparison::NotLike => {
            let pattern = match (&right.source, b) {
                (Source::Slot(slot), _) => slot.pattern(ctx, None),
                (_, Value::Text(text)) => Value::Text(format!("%{text}%")),
                (_, Value::Null) => Value::Null,
                _ => return None,
            };
            let matches = match (a, pattern) {
                (Value::Null, _) | (_, Value::Null) => None,
                (Value::Text(text), Value::Text(pattern)) => Some(like(&pattern, &text)?),
                _ => return None,
            };
            Some(matches.map(|matches| matches == (kind == Comparison::Like)))
        }
    }
}

/// A column against a value whose class is known.
fn with_known(
    equal: bool,
    column: &Value,
    class: Class,
    value: &Value,
    affinity: Affinity,
) -> Option<Truth> {
    if class.is_empty() {
        let is_blank = match column {
            Value::Null => true,
            Value::Text(text) => text.is_empty(),
            _ => false,
        };
        return Some(Some(is_blank == equal));
    }
    match order(column, value, (affinity, Affinity::None))? {
        Some(order) => Some(Some((order == Ordering::Equal) == equal)),
        None if equal => Some(None),
        None => Some(Some(!(*column == Value::Null && *value == Value::Null))),
    }
}

/// How two values compare: nothing if that takes a conversion, `None` inside if one is NULL.
fn order(a: &Value, b: &Value, affinities: (Affinity, Affinity)) -> Option<Compared> {
    let converts = |value: &Value, own: Affinity, other: Affinity| match value {
        Value::Text(text) => {
            other == Affinity::Numeric && own != Affinity::Numeric && may_be_number(text)
        }
        Value::Int(_) | Value::Real(_) => other == Affinity::Text && own == Affinity::None,
        Value::Null | Value::Blob(_) => false,
    };
    if converts(a, affinities.0, affinities.1) || converts(b, affinities.1, affinities.0) {
        return None;
    }
    let order = match (a, b) {
        (Value::Null, _) | (_, Value::Null) => return Some(None),
        (Value::Text(a), Value::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Text(_), Value::Int(_) | Value::Real(_)) => Ordering::Greater,
        (Value::Int(_) | Value::Real(_), Value::Text(_)) => Ordering::Less,
        (Value::Blob(_), _) | (_, Value::Blob(_)) => return None,
        (a, b) => number(a)?.partial_cmp(&number(b)?)?,
    };
    Some(Some(order))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "larger numbers are left to the database"
)]
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Int(number) => (number.unsigned_abs() < MAX_EXACT).then_some(*number as f64),
        Value::Real(number) => Some(*number),
        _ => None,
    }
}

/// Says whether SQLite might read a text as a number.
fn may_be_number(text: &str) -> bool {
    let trimmed = text.trim_start_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    trimmed.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.'))
}

/// `text LIKE pattern ESCAPE '\'`; nothing for what the database treats in its own way.
fn like(pattern: &str, text: &str) -> Option<bool> {
    if pattern.len() > MAX_PATTERN {
        return None;
    }
    let mut left = MAX_COMPARED;
    let matches = Like::new(pattern, Some('\\')).matches(text.as_bytes(), |bytes| {
        left = left.saturating_sub(bytes);
        left > 0
    });
    matches.ok()
}
