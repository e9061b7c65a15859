//! Filters and sorts over tables that are no collections (collections list, logs): only named columns, no relations.

use std::collections::BTreeSet;

use crate::ctx::Ctx;
use crate::expr::{self, Expr, OperandKind, Span, Term};
use crate::query::MAX_FILTER;
use crate::query::compiler::{Access, Base, Compiler};
use crate::query::error::{Error, Reason};
use crate::query::scalar::Template;
use crate::schema::fields::{JsonOptions, TextOptions};
use crate::schema::{Collection, CollectionOptions, Field, FieldKind, Rules, Schema};
use crate::sql::Sql;

/// What filters and sorts over a table may name. The table has to stand under the alias `r` in the statement.
#[derive(Debug)]
pub struct Restricted {
    collection: Collection,
    schema: Schema,
}

impl Restricted {
    /// Allows plain columns, and JSON columns with any path into them.
    pub fn new(columns: &[&str], json_columns: &[&str]) -> Self {
        let plain = columns
            .iter()
            .map(|name| Field::new(name, FieldKind::Text(TextOptions::default())));
        let json = json_columns
            .iter()
            .map(|name| Field::new(name, FieldKind::Json(JsonOptions::default())));
        Self {
            collection: Collection {
                id: String::new(),
                name: String::new(),
                system: true,
                fields: plain.chain(json).collect(),
                indexes: Vec::new(),
                rules: Rules::default(),
                options: CollectionOptions::Base,
                created: String::new(),
                updated: String::new(),
            },
            schema: Schema::default(),
        }
    }

    /// The condition of a filter; `TRUE` for an empty one. Names with modifiers, which records have, are refused.
    pub fn filter(&self, ctx: &Ctx, text: &str) -> Result<Sql, Error> {
        if text.is_empty() {
            return Ok(Sql::from_text("TRUE"));
        }
        if text.len() > MAX_FILTER {
            return Err(Error::FilterTooLong);
        }
        if let Some((name, span)) = modified(&expr::parse(text)?) {
            return Err(Error::name(name, span, Reason::ModifierNotApplicable));
        }
        let mut compiler = self.compiler(ctx);
        let node = compiler.filter(self.base(), text)?;
        let sql = node.write(&compiler.joins, &BTreeSet::new());
        Ok(bind(ctx, sql))
    }

    /// ` ORDER BY …` of a sort; nothing for an empty one. Modifiers are refused here too.
    pub fn sort(&self, ctx: &Ctx, text: &str) -> Result<Sql, Error> {
        if text.is_empty() {
            return Ok(Sql::new());
        }
        if let Some(start) = text.find(':') {
            let end = start + 1;
            return Err(Error::name(
                text,
                Span { start, end },
                Reason::ModifierNotApplicable,
            ));
        }
        let mut compiler = self.compiler(ctx);
        let items = compiler.sort(self.base(), text)?;
        let mut sql = Template::new();
        compiler.write_sort(&items, &mut sql);
        Ok(bind(ctx, sql))
    }

    fn compiler<'a>(&'a self, ctx: &'a Ctx) -> Compiler<'a> {
        Compiler::new(&self.schema, &self.collection, ctx)
    }

    const fn base(&self) -> Base<'_> {
        Base {
            collection: &self.collection,
            row: None,
            access: Access::Columns,
        }
    }
}

fn bind(ctx: &Ctx, sql: Template) -> Sql {
    sql.map_binds(|slot| slot.value(ctx, None))
}

/// The first name of a filter that has a `:`. Walks with a list of its own, so that nesting costs no stack.
fn modified(filter: &Expr) -> Option<(&str, Span)> {
    let mut groups = vec![filter];
    while let Some(group) = groups.pop() {
        for (_, term) in &group.terms {
            match term {
                Term::Group(inner) => groups.push(inner),
                Term::Compare { left, right, .. } => {
                    let mut operands = vec![left, right];
                    while let Some(operand) = operands.pop() {
                        match &operand.kind {
                            OperandKind::Identifier(name) if name.contains(':') => {
                                return Some((name, operand.span));
                            }
                            OperandKind::Call(call) => operands.extend(&call.arguments),
                            OperandKind::Identifier(_)
                            | OperandKind::Number(_)
                            | OperandKind::Text(_) => {}
                        }
                    }
                }
            }
        }
    }
    None
}
