//! From a parsed filter to a [`Node`]: walks the tree, resolves operands, remembers what the result depends on.

use std::cell::RefCell;

use crate::ctx::Ctx;
use crate::expr::{self, Expr, OperandKind, Span, Term};
use crate::query::compare;
use crate::query::condition::Node;
use crate::query::error::{Error, Token};
use crate::query::joins::Joins;
use crate::query::scalar::{JoinId, Operand, Scalar};
use crate::query::slot::{Class, Part, Slot};
use crate::schema::{Collection, Schema};
use crate::sql::Ident;

/// What of the request a compiled text depends on beyond its binds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Seen {
    /// A part of the request had a value of this class.
    Class(Part, Class),
    /// The signed-in record belonged to this collection; `None` for nobody.
    Auth(Option<String>),
}

impl Seen {
    /// Says whether another request would have been seen the same way.
    pub(super) fn holds(&self, ctx: &Ctx) -> bool {
        match self {
            Self::Class(part, class) => part.class(ctx) == *class,
            Self::Auth(id) => ctx.auth().map(|auth| auth.collection_id.as_str()) == id.as_deref(),
        }
    }
}

/// A place in a text that names a field of a collection, or the collection itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch {
    pub span: Span,
    pub collection_id: String,
    /// The field; `None` where the collection is named.
    pub field: Option<String>,
}

/// The row that plain names of a filter refer to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Base<'a> {
    pub(super) collection: &'a Collection,
    /// `None` is the main row.
    pub(super) row: Option<JoinId>,
    /// What the names may lead to.
    pub(super) access: Access,
}

/// What names may lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Everything: rules, and filters of superusers.
    Full,
    /// What the caller could list.
    Client,
    /// The columns of one table and nothing else.
    Columns,
}

/// The state of one compilation.
#[derive(Debug)]
pub(super) struct Compiler<'a> {
    schema: &'a Schema,
    /// The collection that is queried; may be newer than the one in the schema.
    pub(super) main: &'a Collection,
    /// The row that `@request.body` is held against: the one whose rule or filter is resolved.
    pub(super) owner: Base<'a>,
    pub(super) ctx: &'a Ctx,
    pub(super) joins: Joins,
    /// Conditions on joined rows that clients may see only some of.
    pub(super) visibility: Vec<Node>,
    /// Rows whose visibility is already decided.
    pub(super) restricted: Vec<JoinId>,
    /// Start of the keys of rows that hang on nothing: each list rule of a joined row has such rows of its own.
    pub(super) namespace: String,
    /// Columns of the main row of which the value is known in every match.
    pub(super) fixed: Vec<(Ident, Slot)>,
    /// What is found may depend on the time of day: `strftime` has the word `now`.
    pub(super) asks_clock: bool,
    seen: RefCell<Vec<Seen>>,
    /// What was named where, if anybody asks.
    touched: Option<RefCell<Vec<Touch>>>,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(schema: &'a Schema, main: &'a Collection, ctx: &'a Ctx) -> Self {
        Self {
            schema,
            main,
            owner: Base {
                collection: main,
                row: None,
                access: Access::Full,
            },
            ctx,
            joins: Joins::default(),
            visibility: Vec::new(),
            restricted: Vec::new(),
            namespace: String::new(),
            fixed: Vec::new(),
            asks_clock: false,
            seen: RefCell::default(),
            touched: None,
        }
    }

    /// Remembers from now on what is named where.
    pub(super) fn note_names(&mut self) {
        self.touched = Some(RefCell::default());
    }

    /// What was named where since [`Self::note_names`].
    pub(super) fn names(&self) -> Vec<Touch> {
        self.touched
            .as_ref()
            .map(|touched| touched.borrow().clone())
            .unwrap_or_default()
    }

    /// Notes that a piece of a token names a field, or a collection.
    pub(super) fn touch(
        &self,
        token: Token<'_>,
        piece: &str,
        collection: &Collection,
        field: Option<&str>,
    ) {
        let Some(touched) = &self.touched else { return };
        let offset = piece
            .as_ptr()
            .addr()
            .checked_sub(token.text.as_ptr().addr());
        let Some(offset) = offset.filter(|offset| offset + piece.len() <= token.text.len()) else {
            return;
        };
        let start = token.span.start + offset;
        let touch = Touch {
            span: Span {
                start,
                end: start + piece.len(),
            },
            collection_id: collection.id.clone(),
            field: field.map(str::to_owned),
        };
        let mut touched = touched.borrow_mut();
        if !touched.contains(&touch) {
            touched.push(touch);
        }
    }

    /// The bound value that a column of the main row has in every match.
    pub(super) fn fixed_value(&self, column: &Ident) -> Option<&Slot> {
        let (_, value) = self.fixed.iter().find(|(fixed, _)| fixed == column)?;
        Some(value)
    }

    /// What of the request was looked at.
    pub(super) fn into_seen(self) -> Vec<Seen> {
        self.seen.into_inner()
    }

    /// Says whether a table of the schema is a view.
    pub(super) fn is_view(&self, table: &Ident) -> bool {
        let mut views = self.schema.collections().filter(|entry| entry.is_view());
        views.any(|view| Ident::new(&view.name) == *table)
    }

    /// Remembers that the text depends on something.
    pub(super) fn depend(&self, seen: Seen) {
        let mut known = self.seen.borrow_mut();
        if !known.contains(&seen) {
            known.push(seen);
        }
    }

    /// The value of a part of the request.
    pub(super) fn request(&self, part: Part) -> Operand {
        let class = part.class(self.ctx);
        self.depend(Seen::Class(part.clone(), class));
        Operand::known(Scalar::Bound(Slot::Request(part)), class)
    }

    pub(super) fn collection_by_id(&self, id: &str) -> Option<&'a Collection> {
        if id == self.main.id {
            return Some(self.main);
        }
        self.schema
            .collection_by_id(id)
            .map(|entry| entry.definition().as_ref())
    }

    pub(super) fn collection(&self, name: &str) -> Option<&'a Collection> {
        if name == self.main.id || name.to_lowercase() == self.main.name.to_lowercase() {
            return Some(self.main);
        }
        let found: &Collection = self.schema.collection(name)?.definition();
        // The main collection may be known to the schema under the name it had before.
        (found.id != self.main.id).then_some(found)
    }

    /// Parses and resolves a filter.
    pub(super) fn filter(&mut self, base: Base<'a>, text: &str) -> Result<Node, Error> {
        let parsed = expr::parse(text)?;
        self.expr(base, &parsed)
    }

    /// Resolves a filter that is parsed already.
    pub(super) fn expr(&mut self, base: Base<'a>, expr: &Expr) -> Result<Node, Error> {
        let mut alternatives = Vec::new();
        for terms in expr.alternatives() {
            let mut conjunction = Vec::with_capacity(terms.len());
            for term in terms {
                conjunction.push(match term {
                    Term::Group(inner) => self.expr(base, inner)?,
                    Term::Compare {
                        left,
                        operator,
                        right,
                    } => {
                        let left = self.operand(base, left)?;
                        let right = self.operand(base, right)?;
                        compare::compare(&self.joins, *operator, &left, &right)
                    }
                });
            }
            alternatives.push(one_or(conjunction, Node::All));
        }
        Ok(one_or(alternatives, Node::Any))
    }

    /// Resolves one side of a comparison or an argument.
    pub(super) fn operand(
        &mut self,
        base: Base<'a>,
        operand: &expr::Operand,
    ) -> Result<Operand, Error> {
        match &operand.kind {
            OperandKind::Identifier(name) => self.identifier(base, name, operand.span),
            OperandKind::Number(number) => Ok(literal((*number).into())),
            OperandKind::Text(text) => Ok(literal(text.as_str().into())),
            OperandKind::Call(call) => self.call(base, call, operand.span),
        }
    }
}

/// A literal of the filter.
pub(super) fn literal(value: crate::sql::Value) -> Operand {
    let class = Class::of(&value);
    Operand::known(Scalar::Bound(Slot::Literal(value)), class)
}

fn one_or(mut nodes: Vec<Node>, many: fn(Vec<Node>) -> Node) -> Node {
    match nodes.pop() {
        Some(node) if nodes.is_empty() => node,
        Some(node) => {
            nodes.push(node);
            many(nodes)
        }
        None => many(nodes),
    }
}
