//! A rule taken apart: for every piece of it the statement that asks the database how this piece stands for one record.
//!
//! Pieces are compiled by the compiler that compiles the whole, so that an explanation cannot mean anything else than
//! the rule. Nothing is decided here; `app` runs the statements.

use std::collections::BTreeSet;

use crate::ctx::Ctx;
use crate::expr::{self, Expr, Join, Operand, Operator, Span, Term};
use crate::query::compare;
use crate::query::compiler::{Access, Base, Compiler};
use crate::query::condition::{Node, Test};
use crate::query::error::Error;
use crate::query::main_row::write_source;
use crate::query::scalar::{JoinId, Template};
use crate::query::select::write_rows;
use crate::query::selection::{Only, Select};
use crate::query::slot::Slot;
use crate::query::statement::Statement;
use crate::schema::{Collection, Schema};
use crate::sql::Ident;

/// How many pairs of compared values are looked at per comparison.
const MAX_PAIRS: i64 = 20;

/// A piece of a rule.
#[derive(Clone, Debug)]
pub struct Explained {
    pub span: Span,
    pub step: Step,
    /// Yields the truth value of the piece for the record: 1, 0 or NULL.
    pub truth: Statement,
}

/// What a piece consists of.
#[derive(Clone, Debug)]
pub enum Step {
    /// All of them must hold.
    All(Vec<Explained>),
    /// One of them must hold.
    Any(Vec<Explained>),
    Compare(Box<Compared>),
}

/// A comparison.
#[derive(Clone, Debug)]
pub struct Compared {
    pub left: Operand,
    pub operator: Operator,
    pub right: Operand,
    pub how: How,
    /// Yields rows of left value, right value, and how they compare: at most so many.
    pub pairs: Statement,
}

/// What a comparison makes of several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// There is one value on each side.
    One,
    /// It holds if any pair of values satisfies it.
    Any,
    /// It holds if there is a pair and every pair satisfies it.
    All,
}

/// Takes the rule of a selection apart.
pub(super) fn explain(schema: &Schema, ctx: &Ctx, select: &Select<'_>) -> Result<Explained, Error> {
    let explainer = Explainer {
        schema,
        ctx,
        select,
    };
    explainer.chain(&expr::parse(select.rule.unwrap_or_default())?)
}

struct Explainer<'a> {
    schema: &'a Schema,
    ctx: &'a Ctx,
    select: &'a Select<'a>,
}

impl Explainer<'_> {
    /// A chain as what it means: alternatives of conjunctions.
    fn chain(&self, chain: &Expr) -> Result<Explained, Error> {
        let mut explained = Vec::new();
        for conjunction in chain.alternatives() {
            explained.push(self.conjunction(&conjunction)?);
        }
        if explained.len() > 1 {
            return self.piece(chain, Step::Any(explained));
        }
        match explained.pop() {
            Some(only) => Ok(only),
            None => self.piece(chain, Step::All(Vec::new())),
        }
    }

    fn conjunction(&self, terms: &[&Term]) -> Result<Explained, Error> {
        let mut explained = Vec::new();
        for term in terms {
            explained.push(self.term(term)?);
        }
        match explained.pop() {
            Some(only) if explained.is_empty() => Ok(only),
            last => {
                explained.extend(last);
                let terms = terms.iter().map(|term| (Join::And, (*term).clone()));
                let chain = Expr {
                    terms: terms.collect(),
                };
                self.piece(&chain, Step::All(explained))
            }
        }
    }

    fn term(&self, term: &Term) -> Result<Explained, Error> {
        match term {
            Term::Group(inner) => self.chain(inner),
            Term::Compare {
                left,
                operator,
                right,
            } => {
                let (how, pairs) = self.pairs(left, *operator, right)?;
                let compared = Compared {
                    left: left.clone(),
                    operator: *operator,
                    right: right.clone(),
                    how,
                    pairs,
                };
                let chain = Expr {
                    terms: vec![(Join::And, term.clone())],
                };
                self.piece(&chain, Step::Compare(Box::new(compared)))
            }
        }
    }

    fn piece(&self, chain: &Expr, step: Step) -> Result<Explained, Error> {
        Ok(Explained {
            span: chain.span(),
            step,
            truth: self.truth(chain)?,
        })
    }

    fn compiler(&self) -> Compiler<'_> {
        let collection: &Collection = self.select.collection.definition();
        Compiler::new(self.schema, collection, self.ctx)
    }

    /// How a piece stands for the record. It stands where a column stands, so that NULL can be told from false.
    fn truth(&self, chain: &Expr) -> Result<Statement, Error> {
        let mut compiler = self.compiler();
        let base = base(&compiler);
        let condition = compiler.expr(base, chain)?;
        if compiler.joins.are_too_many() {
            return Err(Error::TooManyJoins);
        }
        let joins = &compiler.joins;
        let (mut rows, bound) = (BTreeSet::new(), BTreeSet::new());
        condition.rows(joins, &mut rows);
        let mut sql = Template::new();
        sql.text("SELECT ")
            .append(condition.write(joins, &bound))
            .text(" FROM ");
        write_source(self.select, &mut sql);
        write_rows(joins, &rows, &bound, &mut sql);
        Ok(self.statement(sql))
    }

    /// The values that are compared, those of related records included.
    fn pairs(
        &self,
        left: &Operand,
        operator: Operator,
        right: &Operand,
    ) -> Result<(How, Statement), Error> {
        let mut compiler = self.compiler();
        let base = base(&compiler);
        let left = compiler.operand(base, left)?;
        let right = compiler.operand(base, right)?;
        let joins = &compiler.joins;
        let node = compare::compare(joins, operator, &left, &right);
        let (test, is_every): (Test, bool) = match node {
            Node::Every { some, .. } => (some, true),
            Node::Test(test) => (test, false),
            Node::All(_) | Node::Any(_) => (Test::plain(Template::from_text("NULL")), false),
        };
        let rows: BTreeSet<JoinId> = left
            .rows
            .iter()
            .chain(&right.rows)
            .flat_map(|row| joins.chain(*row))
            .collect();
        let bound: BTreeSet<JoinId> = rows
            .iter()
            .filter_map(|row| joins.many_root(*row))
            .collect();
        let how = if is_every {
            How::All
        } else if bound.is_empty() {
            How::One
        } else {
            How::Any
        };
        let scope = joins.scope();
        let mut sql = Template::from_text("SELECT ");
        sql.append(left.scalar.to_sql(&scope))
            .text(", ")
            .append(right.scalar.to_sql(&scope))
            .text(", ")
            .append(test.sql)
            .text(" FROM ");
        write_source(self.select, &mut sql);
        write_rows(joins, &rows, &bound, &mut sql);
        let mut statement = self.filtered(sql);
        statement.text(match how {
            How::One => "",
            // What decides comes first.
            How::Any => " ORDER BY 3 DESC",
            How::All => " ORDER BY 3",
        });
        statement.text(" LIMIT ").integer(MAX_PAIRS);
        Ok((how, self.bind(statement)))
    }

    fn statement(&self, sql: Template) -> Statement {
        self.bind(self.filtered(sql))
    }

    fn filtered(&self, mut sql: Template) -> Template {
        if let Only::Id(_) = self.select.only {
            sql.text(" WHERE r.")
                .ident(&Ident::new("id"))
                .text(" = ")
                .bind(Slot::OnlyId);
        }
        sql
    }

    fn bind(&self, sql: Template) -> Statement {
        let (text, slots) = sql.into_parts();
        Statement {
            text: text.into(),
            binds: slots
                .iter()
                .map(|slot| slot.value(self.ctx, Some(self.select)))
                .collect(),
            keyed: None,
            is_repeatable: false,
        }
    }
}

fn base<'a>(compiler: &Compiler<'a>) -> Base<'a> {
    Base {
        collection: compiler.main,
        row: None,
        access: Access::Full,
    }
}
