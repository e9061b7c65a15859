//! Conditions over joined rows, and how they become a `WHERE` of the main statement.
//!
//! A record matches when some combination of its joined rows satisfies the whole condition. Joining everything and
//! removing duplicates would say so directly; here rows of which there may be several go into `EXISTS` subqueries as
//! small as possible instead: "some row" is pushed below `||`, and split over `&&` where the sides share no such row.

use std::collections::BTreeSet;

use crate::query::joins::Joins;
use crate::query::scalar::{JoinId, Template};
use crate::query::scope::From;
use crate::query::slot::Slot;
use crate::sql::Ident;

/// A condition.
#[derive(Clone, Debug)]
pub(super) enum Node {
    All(Vec<Self>),
    Any(Vec<Self>),
    Test(Test),
    /// Some combination satisfies `some`, and all values of the record satisfy `every`.
    Every {
        some: Test,
        every: Test,
        /// Both as one subquery, usable when `some` shares its rows with no other condition.
        merged: Option<Template>,
    },
}

/// An elementary condition.
#[derive(Clone, Debug)]
pub(super) struct Test {
    pub(super) sql: Template,
    /// Rows it names.
    pub(super) rows: Vec<JoinId>,
    /// Rows without which it cannot hold.
    pub(super) needs: Vec<JoinId>,
    /// The column of the main row that it ties to one value.
    pub(super) fixes: Option<Box<Fixed>>,
}

/// A column of the main row that has one and the same value in all matches.
#[derive(Clone, Debug)]
pub(super) struct Fixed {
    pub(super) column: Ident,
    /// The value, if it is bound.
    pub(super) value: Option<Slot>,
}

impl Test {
    /// A condition on the main row alone.
    pub(super) const fn plain(sql: Template) -> Self {
        Self {
            sql,
            rows: Vec::new(),
            needs: Vec::new(),
            fixes: None,
        }
    }
}

type Rows = BTreeSet<JoinId>;

impl Node {
    /// Collects the named rows with everything they are found through.
    pub(super) fn rows(&self, joins: &Joins, rows: &mut Rows) {
        match self {
            Self::All(nodes) | Self::Any(nodes) => {
                for node in nodes {
                    node.rows(joins, rows);
                }
            }
            Self::Test(test) => test.collect(joins, rows),
            Self::Every { some, every, .. } => {
                some.collect(joins, rows);
                every.collect(joins, rows);
            }
        }
    }

    /// Says whether every match has one value in a column of the main row, given which columns are asked about.
    pub(super) fn fixes(&self, column: &impl Fn(&Ident) -> bool) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().any(|node| node.fixes(column)),
            Self::Test(test) => test
                .fixes
                .as_ref()
                .is_some_and(|fixed| column(&fixed.column)),
            Self::Any(_) | Self::Every { .. } => false,
        }
    }

    /// Collects the columns of the main row that have a bound value in every match.
    pub(super) fn fixed_values(&self, found: &mut Vec<(Ident, Slot)>) {
        match self {
            Self::All(nodes) => {
                for node in nodes {
                    node.fixed_values(found);
                }
            }
            Self::Test(test) => {
                if let Some(Fixed {
                    column,
                    value: Some(value),
                }) = test.fixes.as_deref()
                {
                    found.push((column.clone(), value.clone()));
                }
            }
            Self::Any(_) | Self::Every { .. } => {}
        }
    }

    /// Writes the condition. `bound` are the rows, of which there may be several, that stand in a `FROM` around it.
    pub(super) fn write(&self, joins: &Joins, bound: &Rows) -> Template {
        match self {
            Self::Any(nodes) => {
                let mut sql = Template::new();
                sql.text("(");
                sql.join(" OR ", nodes.iter().map(|node| node.write(joins, bound)));
                sql.text(")");
                sql
            }
            Self::All(_) | Self::Test(_) | Self::Every { .. } => {
                let mut parts = Vec::new();
                write_all(&[self], joins, bound, &mut parts);
                let mut sql = Template::new();
                match parts.len() {
                    0 => {
                        sql.text("TRUE");
                    }
                    1 => {
                        sql.join("", parts);
                    }
                    _ => {
                        sql.text("(").join(" AND ", parts).text(")");
                    }
                }
                sql
            }
        }
    }

    /// Rows without which the condition cannot hold, with everything they are found through.
    fn needs(&self, joins: &Joins) -> Rows {
        match self {
            Self::All(nodes) => nodes.iter().flat_map(|node| node.needs(joins)).collect(),
            Self::Any(nodes) => nodes
                .iter()
                .map(|node| node.needs(joins))
                .reduce(|a, b| a.intersection(&b).copied().collect())
                .unwrap_or_default(),
            Self::Test(test) | Self::Every { some: test, .. } => test
                .needs
                .iter()
                .flat_map(|row| joins.chain(*row))
                .collect(),
        }
    }

    /// The outermost rows of which there may be several and that stand in no `FROM` yet.
    fn open(&self, joins: &Joins, bound: &Rows) -> Rows {
        let mut rows = Rows::new();
        self.rows(joins, &mut rows);
        rows.into_iter()
            .filter_map(|row| joins.many_root(row))
            .filter(|root| !bound.contains(root))
            .collect()
    }
}

impl Test {
    fn collect(&self, joins: &Joins, rows: &mut Rows) {
        for row in &self.rows {
            rows.extend(joins.chain(*row));
        }
    }
}

/// Writes a conjunction as separate parts.
fn write_all(nodes: &[&Node], joins: &Joins, bound: &Rows, parts: &mut Vec<Template>) {
    let mut flat = Vec::new();
    for node in nodes {
        flatten(node, &mut flat);
    }
    let mut groups: Vec<(Rows, Vec<&Node>)> = Vec::new();
    for node in flat {
        let mut open = node.open(joins, bound);
        let mut members = vec![node];
        let (touching, rest): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|(rows, _)| !rows.is_disjoint(&open));
        groups = rest;
        for (rows, others) in touching.into_iter().rev() {
            open.extend(rows);
            members.splice(0..0, others);
        }
        groups.push((open, members));
    }
    for (open, members) in groups {
        match members.as_slice() {
            [node] => write_one(node, &open, joins, bound, parts),
            members if open.is_empty() => {
                for node in members {
                    write_one(node, &open, joins, bound, parts);
                }
            }
            members => write_group(members, &open, joins, bound, parts),
        }
    }
}

fn flatten<'a>(node: &'a Node, flat: &mut Vec<&'a Node>) {
    match node {
        Node::All(nodes) => {
            for node in nodes {
                flatten(node, flat);
            }
        }
        Node::Any(_) | Node::Test(_) | Node::Every { .. } => flat.push(node),
    }
}

/// Writes a condition that shares its open rows with no other one.
fn write_one(node: &Node, open: &Rows, joins: &Joins, bound: &Rows, parts: &mut Vec<Template>) {
    match node {
        Node::Any(_) | Node::All(_) => parts.push(node.write(joins, bound)),
        Node::Test(test) if open.is_empty() => parts.push(test.sql.clone()),
        Node::Test(_) => parts.push(exists(&[node], open, joins, bound)),
        Node::Every {
            merged: Some(merged),
            ..
        } if !open.is_empty() => parts.push(merged.clone()),
        Node::Every { some, every, .. } => {
            let some = Node::Test(some.clone());
            let every = Node::Test(every.clone());
            write_all(&[&some, &every], joins, bound, parts);
        }
    }
}

/// Writes conditions that share open rows: those rows get one `FROM` around all of them.
fn write_group(
    members: &[&Node],
    open: &Rows,
    joins: &Joins,
    bound: &Rows,
    parts: &mut Vec<Template>,
) {
    let mut some = Vec::new();
    let mut every = Vec::new();
    for node in members {
        match node {
            Node::Every {
                some: test,
                every: all,
                ..
            } => {
                some.push(Node::Test(test.clone()));
                every.push(Node::Test(all.clone()));
            }
            other => some.push((*other).clone()),
        }
    }
    // The all-values part usually names the main row alone, then it is a condition of its own.
    let (outside, inside): (Vec<_>, Vec<_>) = every
        .into_iter()
        .partition(|node| node.open(joins, bound).is_disjoint(open));
    some.extend(inside);
    let shared: Rows = open
        .iter()
        .copied()
        .filter(|root| {
            some.iter()
                .filter(|node| node.open(joins, bound).contains(root))
                .count()
                > 1
        })
        .collect();
    let some: Vec<&Node> = some.iter().collect();
    if shared.is_empty() {
        write_all(&some, joins, bound, parts);
    } else {
        parts.push(exists(&some, &shared, joins, bound));
    }
    let outside: Vec<&Node> = outside.iter().collect();
    write_all(&outside, joins, bound, parts);
}

/// `EXISTS` over the rows under `roots`, with all conditions inside.
fn exists(nodes: &[&Node], roots: &Rows, joins: &Joins, bound: &Rows) -> Template {
    let mut rows = Rows::new();
    let mut needed = Rows::new();
    for node in nodes {
        node.rows(joins, &mut rows);
        needed.extend(node.needs(joins));
    }
    let rows = rows.into_iter().filter(|row| {
        joins
            .many_root(*row)
            .is_some_and(|root| roots.contains(&root))
    });
    let (inner, left): (Vec<_>, Vec<_>) = rows.partition(|row| needed.contains(row));
    let mut from = From::default();
    from.inner(&joins.scope(), &inner);
    if !left.is_empty() {
        from.left(&joins.scope(), &left);
    }
    let mut around = bound.clone();
    around.extend(roots);
    let mut parts = Vec::new();
    write_all(nodes, joins, &around, &mut parts);
    let mut condition = Template::new();
    condition.join(" AND ", parts);
    let mut sql = Template::new();
    sql.text("EXISTS (SELECT 1 FROM ")
        .append(from.filtered(condition))
        .text(")");
    sql
}
