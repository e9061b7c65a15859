//! Puts the statement together: what is read, from where, under which condition, in which order.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ctx::Ctx;
use crate::query::compiler::{Access, Base, Compiler};
use crate::query::condition::{Node, Test};
use crate::query::error::Error;
use crate::query::joins::{Joins, Source as JoinSource};
use crate::query::keyed::Keyed;
use crate::query::main_row::{write_columns, write_source};
use crate::query::scalar::{JoinId, Template};
use crate::query::selection::{Only, Output, Select};
use crate::query::slot::Slot;
use crate::query::sort::SortItem;
use crate::query::statement::Compiled;
use crate::schema::{Collection, Schema, index};
use crate::sql::Ident;

/// Compiles a selection for requests like this one.
pub(super) fn compile(schema: &Schema, ctx: &Ctx, select: &Select<'_>) -> Result<Compiled, Error> {
    let collection: &Collection = select.collection.definition();
    let mut compiler = Compiler::new(schema, collection, ctx);
    let mut parts = Parts::resolve(&mut compiler, select)?;
    // What the conditions tie the main row to is known only now, and changes how rows behind it are reached.
    let mut fixed = Vec::new();
    parts.condition.fixed_values(&mut fixed);
    if !fixed.is_empty() && !compiler.joins.is_empty() {
        compiler = Compiler::new(schema, collection, ctx);
        compiler.fixed = fixed;
        parts = Parts::resolve(&mut compiler, select)?;
    }
    let source = Source::of(&compiler.joins, &parts);
    let (text, slots) = write(&compiler, select, &parts, &source).into_parts();
    let keyed = Keyed::of(select, &parts.sort, &slots, |output| {
        source.write(&compiler.joins, select, &parts.condition, output)
    });
    Ok(Compiled {
        text: text.into(),
        slots,
        keyed: keyed.map(Arc::new),
        is_repeatable: is_repeatable(&compiler),
        seen: compiler.into_seen(),
    })
}

/// Says whether two runs with the same values find the same for as long as the database stays as it is. The query of a
/// view may ask for anything, the time and random numbers among it.
fn is_repeatable(compiler: &Compiler<'_>) -> bool {
    let reads_view = || {
        let sources = compiler.joins.all().map(|(_, join)| &join.source);
        sources.into_iter().any(|source| match source {
            JoinSource::Table(name) => compiler.is_view(name),
            JoinSource::Items(_) | JoinSource::List(_) => false,
        })
    };
    !compiler.asks_clock && !compiler.main.is_view() && !reads_view()
}

/// What a statement consists of, with all names resolved.
#[derive(Debug)]
struct Parts {
    condition: Node,
    /// Empty unless rows are listed.
    sort: Vec<SortItem>,
}

impl Parts {
    fn resolve<'a>(compiler: &mut Compiler<'a>, select: &Select<'_>) -> Result<Self, Error> {
        let base = |compiler: &Compiler<'a>, access| Base {
            collection: compiler.main,
            row: None,
            access,
        };
        let client = if compiler.ctx.is_superuser() {
            Access::Full
        } else {
            Access::Client
        };
        let mut nodes = Vec::new();
        match select.only {
            Only::All => {}
            Only::Id(_) => {
                let mut sql = Template::new();
                sql.text("r.id = ").bind(Slot::OnlyId);
                nodes.push(Node::Test(Test::plain(sql)));
            }
            Only::Ids(_) => {
                let mut sql = Template::new();
                sql.text("r.id IN (SELECT value FROM json_each(")
                    .bind(Slot::OnlyIds)
                    .text("))");
                nodes.push(Node::Test(Test::plain(sql)));
            }
        }
        if let Some(rule) = select.rule.filter(|rule| !rule.trim().is_empty()) {
            let base = base(compiler, Access::Full);
            nodes.push(compiler.filter(base, rule)?);
        }
        if !select.filter.is_empty() {
            let base = base(compiler, client);
            nodes.push(compiler.filter(base, select.filter)?);
        }
        let sort = if select.sort.is_empty() {
            Vec::new()
        } else {
            let base = base(compiler, client);
            compiler
                .sort(base, select.sort)
                .map_err(|error| Error::Sort(Box::new(error)))?
        };
        if compiler.joins.are_too_many() {
            return Err(Error::TooManyJoins);
        }
        nodes.append(&mut compiler.visibility);
        let is_list = matches!(select.output, Output::Columns | Output::Id);
        Ok(Self {
            condition: Node::All(nodes),
            sort: if is_list { sort } else { Vec::new() },
        })
    }
}

/// The rows a statement reads.
#[derive(Debug)]
struct Source {
    rows: BTreeSet<JoinId>,
    /// Rows of which a record has several, and which stand in the statement itself.
    bound: BTreeSet<JoinId>,
}

impl Source {
    fn of(joins: &Joins, parts: &Parts) -> Self {
        let mut rows = BTreeSet::new();
        parts.condition.rows(joins, &mut rows);
        let sort_rows: BTreeSet<JoinId> = parts
            .sort
            .iter()
            .flat_map(SortItem::rows)
            .flat_map(|row| joins.chain(*row))
            .collect();
        // A key with several values per record: the rows have to stand in the statement itself, so that the key comes
        // from the first combination that matches.
        let many_keys = sort_rows.iter().any(|row| joins.many_root(*row).is_some());
        rows.extend(sort_rows);
        let bound = if many_keys {
            rows.iter()
                .filter_map(|row| joins.many_root(*row))
                .collect()
        } else {
            BTreeSet::new()
        };
        Self { rows, bound }
    }

    /// A statement up to its condition.
    fn write(
        &self,
        joins: &Joins,
        select: &Select<'_>,
        condition: &Node,
        output: impl FnOnce(&mut Template),
    ) -> Template {
        let mut sql = Template::new();
        sql.text("SELECT ");
        if !self.bound.is_empty() {
            sql.text("DISTINCT ");
        }
        output(&mut sql);
        sql.text(" FROM ");
        write_source(select, &mut sql);
        write_rows(joins, &self.rows, &self.bound, &mut sql);
        let is_unconditional = matches!(condition, Node::All(nodes) if nodes.is_empty());
        if !is_unconditional {
            sql.text(" WHERE ")
                .append(condition.write(joins, &self.bound));
        }
        sql
    }
}

fn write(compiler: &Compiler<'_>, select: &Select<'_>, parts: &Parts, source: &Source) -> Template {
    let Parts { condition, sort } = parts;
    let joins = &compiler.joins;
    let mut sql = source.write(joins, select, condition, |sql| write_output(select, sql));
    compiler.write_sort(sort, &mut sql);
    let is_list = matches!(select.output, Output::Columns | Output::Id);
    if is_list && sort.is_empty() && matches!(select.only, Only::All) && !joins.is_empty() {
        let is_indexed = |column: &Ident| {
            select.collection.fields.iter().any(|field| {
                Ident::new(&field.name) == *column
                    && index::one_starts_with(&select.collection.indexes, &field.name)
            })
        };
        // Compat: with joined rows the reference lists by id, unless an index leads to the records; the rest is
        // listed as the table is scanned.
        if !condition.fixes(&is_indexed) {
            sql.text(" ORDER BY r.id");
        }
    }
    if select.output == Output::Exists {
        sql.text(" LIMIT 1");
    } else if select.page.is_some() && is_list {
        sql.text(" LIMIT ")
            .bind(Slot::Limit)
            .text(" OFFSET ")
            .bind(Slot::Offset);
    }
    sql
}

/// Joins rows to the main one: those that each record has one of, and those under `bound`.
pub(super) fn write_rows(
    joins: &Joins,
    rows: &BTreeSet<JoinId>,
    bound: &BTreeSet<JoinId>,
    sql: &mut Template,
) {
    for row in rows {
        let stands_here = match joins.many_root(*row) {
            Some(root) => bound.contains(&root),
            None => !joins.get(*row).constant,
        };
        if stands_here {
            joins.scope().left_join(*row, sql);
        }
    }
}

fn write_output(select: &Select<'_>, sql: &mut Template) {
    match select.output {
        Output::Columns => write_columns(select, sql),
        Output::Id => {
            sql.text("r.id");
        }
        // The ids of a view are only as unique as its query makes them.
        Output::Count if select.collection.is_view() => {
            sql.text("COUNT(DISTINCT r.id)");
        }
        Output::Count => {
            sql.text("COUNT(*)");
        }
        Output::Exists => {
            sql.text("1");
        }
    }
}
