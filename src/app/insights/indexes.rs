//! Indexes that lists would be quicker with, and those that something uses.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::List;
use crate::app::rules::somebody;
use crate::base::error::Result;
use crate::base::time::Timestamp;
use crate::ctx::Ctx;
use crate::engine::{Error as EngineError, Reader, Tx, index_of_step};
use crate::expr::{self, Comparison, Expr, OperandKind, Term};
use crate::query::{Output, Page, Select, Snapshot, Statement};
use crate::schema::Entry;
use crate::sql::{Ident, Sql};

/// Tables with fewer rows are read as quickly without an index.
const WORTH_AN_INDEX: i64 = 500;

/// The index that would help a list that reads the whole table, if there is one that does.
pub(super) fn advise(
    reader: &Reader,
    copy: &Tx,
    snapshot: &Snapshot,
    entry: &Arc<Entry>,
    list: &List,
    used: &mut BTreeSet<String>,
) -> Result<Option<(String, i64)>> {
    let Some(statement) = statement(snapshot, entry, list) else {
        return Ok(None);
    };
    let Ok(plan) = reader.plan(&statement.text) else {
        return Ok(None);
    };
    used.extend(indexes_of(&plan));
    let reads_all = plan
        .iter()
        .any(|step| step.trim() == "SCAN r" || step.contains("USE TEMP B-TREE FOR ORDER BY"));
    if !reads_all || entry.is_view() {
        return Ok(None);
    }
    let rows = rows(reader, entry)?;
    if rows < WORTH_AN_INDEX {
        return Ok(None);
    }
    let columns = columns(entry, list);
    if columns.is_empty() {
        return Ok(None);
    }
    let name = format!("idx_{}_{}", entry.name, columns.join("_"));
    let mut create: Sql = Sql::from_text("CREATE INDEX ");
    create.ident(&Ident::new(&name)).text(" ON ");
    create.ident(&Ident::new(&entry.name)).text(" (");
    create.join(
        ", ",
        columns.iter().map(|column| {
            let mut sql = Sql::new();
            sql.ident(&Ident::new(column));
            sql
        }),
    );
    create.text(")");
    // The planner itself says whether it would use it.
    let helps = copy
        .savepoint(|tx| {
            tx.batch(&create)?;
            let plan = tx.plan(&statement.text)?;
            let helps = plan.iter().any(|step| step.contains(&name));
            let mut drop: Sql = Sql::from_text("DROP INDEX ");
            drop.ident(&Ident::new(&name));
            tx.batch(&drop)?;
            Ok::<_, EngineError>(helps)
        })
        .unwrap_or(false);
    Ok(helps.then(|| (create.as_str().to_owned(), rows)))
}

fn rows(reader: &Reader, entry: &Entry) -> Result<i64> {
    let mut sql: Sql = Sql::from_text("SELECT COUNT(*) FROM (SELECT 1 FROM ");
    sql.ident(&Ident::new(&entry.name)).text(" LIMIT 1000000)");
    Ok(reader.first(&sql, |row| row.int(0))?.unwrap_or(0))
}

/// Columns of the records that a list ties to a value, then one it compares or sorts by.
fn columns(entry: &Entry, list: &List) -> Vec<String> {
    let (mut equal, mut ranges) = (Vec::new(), Vec::new());
    let rule = if list.is_superuser {
        None
    } else {
        entry.rules.list.as_deref()
    };
    for text in [Some(list.filter.as_str()), rule].into_iter().flatten() {
        if let Ok(parsed) = expr::parse(text) {
            collect(entry, &parsed, &mut equal, &mut ranges);
        }
    }
    let first = list.sort.split(',').next().unwrap_or_default().trim();
    let first = first.trim_start_matches(['-', '+']);
    let by_sort = entry.field(first).map(|field| field.name.clone());
    let mut columns = equal;
    for column in by_sort.into_iter().chain(ranges).take(1) {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    columns.truncate(4);
    columns
}

fn collect(entry: &Entry, parsed: &Expr, equal: &mut Vec<String>, ranges: &mut Vec<String>) {
    let alternatives = parsed.alternatives();
    let [conjunction] = alternatives.as_slice() else {
        return;
    };
    for term in conjunction {
        match term {
            Term::Group(inner) => collect(entry, inner, equal, ranges),
            Term::Compare {
                left,
                operator,
                right,
            } => {
                for (side, other) in [(left, right), (right, left)] {
                    let OperandKind::Identifier(name) = &side.kind else {
                        continue;
                    };
                    let Some(field) = entry.field(name).filter(|field| !field.is_multiple()) else {
                        continue;
                    };
                    let is_column = matches!(&other.kind, OperandKind::Identifier(name) if entry.field(name).is_some());
                    if is_column || field.name == "id" {
                        continue;
                    }
                    let list = match operator.kind {
                        Comparison::Equal => &mut *equal,
                        Comparison::Less
                        | Comparison::LessOrEqual
                        | Comparison::Greater
                        | Comparison::GreaterOrEqual => &mut *ranges,
                        _ => continue,
                    };
                    if !list.contains(&field.name) {
                        list.push(field.name.clone());
                    }
                }
            }
        }
    }
}

/// Indexes that rules of a collection use, whether or not somebody asked lately.
pub(super) fn note_rules(
    reader: &Reader,
    snapshot: &Snapshot,
    entry: &Arc<Entry>,
    used: &mut BTreeSet<String>,
) {
    let rules = &entry.rules;
    let ctx = caller(snapshot, false);
    for rule in [&rules.list, &rules.view, &rules.update, &rules.delete]
        .into_iter()
        .flatten()
    {
        let select = Select {
            rule: Some(rule),
            output: Output::Id,
            ..Select::all(entry)
        };
        if let Ok(statement) = snapshot.select(&ctx, &select)
            && let Ok(plan) = reader.plan(&statement.text)
        {
            used.extend(indexes_of(&plan));
        }
    }
}

fn indexes_of(plan: &[String]) -> impl Iterator<Item = String> {
    let indexes = plan.iter().filter_map(|step| index_of_step(step));
    indexes.map(str::to_owned)
}

fn statement(snapshot: &Snapshot, entry: &Arc<Entry>, list: &List) -> Option<Statement> {
    let rule = if list.is_superuser {
        None
    } else {
        Some(entry.rules.list.as_deref()?)
    };
    let select = Select {
        rule,
        filter: &list.filter,
        sort: &list.sort,
        page: Some(Page {
            limit: 30,
            offset: 0,
        }),
        ..Select::all(entry)
    };
    snapshot
        .select(&caller(snapshot, list.is_superuser), &select)
        .ok()
}

/// Somebody who sends such a request.
fn caller(snapshot: &Snapshot, is_superuser: bool) -> Ctx {
    if is_superuser {
        Ctx::system()
    } else {
        somebody(snapshot, Timestamp::now())
    }
}
