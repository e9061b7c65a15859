//! The rows a statement reads besides the main one, each shared by all paths that name it, and how they are written.
//!
//! A row is found through its parent (a relation of it, a list of it, records pointing to it) or through the request.
//! Every row is joined as `LEFT JOIN` means it: without a match there is one row of NULLs.

use crate::query::scalar::{Scalar, Template};
use crate::query::slot::Slot;
use crate::sql::{Ident, Sql};

/// SQLite joins at most 64 tables, the main one included.
const MAX_JOINS: usize = 63;

/// A joined row of one statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct JoinId(usize);

/// What is joined and how.
#[derive(Clone, Debug)]
pub(super) struct Join {
    pub(super) parent: Option<JoinId>,
    pub(super) source: Source,
    pub(super) on: On,
    /// One parent row may have several such rows.
    pub(super) many: bool,
    /// Reached without the main row.
    pub(super) constant: bool,
}

/// Where the rows come from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Table(Ident),
    /// The items of a list column or list value.
    Items(Scalar),
    /// The items of a bound JSON array.
    List(Slot),
}

/// Which rows of the source belong to the parent.
#[derive(Clone, Debug)]
pub(super) enum On {
    Always,
    /// The row's column has this value.
    Equal(Ident, Scalar),
    /// The row's list column contains this value.
    Contains(Ident, Scalar),
}

/// All joined rows of a statement.
#[derive(Debug, Default)]
pub(super) struct Joins {
    rows: Vec<Join>,
    keys: Vec<String>,
}

/// The names rows go by in one part of a statement.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    joins: &'a Joins,
    /// Rows that stand under a second name.
    copied: &'a [JoinId],
    prefix: &'static str,
    /// Request rows are in the `FROM` around and need no subquery.
    inside: bool,
}

impl Joins {
    /// The row of a key, joined now if it is not there yet.
    pub(super) fn add(&mut self, key: String, join: impl FnOnce() -> Join) -> JoinId {
        if let Some(index) = self.keys.iter().position(|known| *known == key) {
            return JoinId(index);
        }
        self.rows.push(join());
        self.keys.push(key);
        JoinId(self.rows.len() - 1)
    }

    /// Says whether the statement reads the main row alone.
    pub(super) const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Says whether there are more rows than SQLite joins in one statement.
    pub(super) const fn are_too_many(&self) -> bool {
        self.rows.len() > MAX_JOINS
    }

    /// The key of a row, the start of the keys of rows found through it.
    pub(super) fn key(&self, id: JoinId) -> &str {
        self.keys.get(id.0).expect("BUG: join of another statement")
    }

    /// All rows with their keys, in the order in which they were joined.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &Join)> {
        self.keys.iter().map(String::as_str).zip(&self.rows)
    }

    pub(super) fn get(&self, id: JoinId) -> &Join {
        self.rows.get(id.0).expect("BUG: join of another statement")
    }

    /// The row and what it is found through, outermost first.
    pub(super) fn chain(&self, id: JoinId) -> Vec<JoinId> {
        let mut chain = vec![id];
        let mut current = id;
        while let Some(parent) = self.get(current).parent {
            chain.push(parent);
            current = parent;
        }
        chain.reverse();
        chain
    }

    /// The outermost row of the chain of which there may be several per main row.
    pub(super) fn many_root(&self, id: JoinId) -> Option<JoinId> {
        self.chain(id).into_iter().find(|row| self.get(*row).many)
    }

    /// Names rows as the statement itself does.
    pub(super) const fn scope(&self) -> Scope<'_> {
        Scope {
            joins: self,
            copied: &[],
            prefix: "j",
            inside: false,
        }
    }

    /// Names some rows by a prefix of their own.
    pub(super) const fn copy<'a>(
        &'a self,
        copied: &'a [JoinId],
        prefix: &'static str,
    ) -> Scope<'a> {
        Scope {
            joins: self,
            copied,
            prefix,
            inside: false,
        }
    }
}

impl Scope<'_> {
    fn alias(&self, id: JoinId) -> Ident {
        let prefix = if self.copied.contains(&id) {
            self.prefix
        } else {
            "j"
        };
        Ident::new(&format!("{prefix}{}", id.0))
    }

    /// Writes a column of a row; `None` is the main row.
    pub(super) fn column(&self, row: Option<JoinId>, column: &Ident, sql: &mut Template) {
        let Some(id) = row else {
            sql.text("r.").ident(column);
            return;
        };
        let lone = self.joins.get(id).constant && self.joins.many_root(id).is_none();
        if lone && !self.inside {
            self.lone_column(id, column, sql);
        } else {
            sql.column(&self.alias(id), column);
        }
    }

    /// Writes the item a row stands for.
    pub(super) fn item(&self, row: JoinId, sql: &mut Template) {
        sql.ident(&self.alias(row)).text(".value");
    }

    /// A column reached from the request alone: a subquery that is evaluated once per statement.
    fn lone_column(&self, id: JoinId, column: &Ident, sql: &mut Template) {
        let inside = Scope {
            inside: true,
            ..*self
        };
        sql.text("(SELECT ").column(&self.alias(id), column);
        sql.text(" FROM ");
        let mut conditions = Vec::new();
        for (index, row) in self.joins.chain(id).into_iter().enumerate() {
            if index > 0 {
                sql.text(" LEFT JOIN ");
            }
            inside.source(row, sql);
            if let Some(on) = inside.on(row) {
                if index > 0 {
                    sql.text(" ON ").append(on);
                } else {
                    conditions.push(on);
                }
            }
        }
        if !conditions.is_empty() {
            sql.text(" WHERE ").join(" AND ", conditions);
        }
        sql.text(")");
    }

    fn source(&self, id: JoinId, sql: &mut Template) {
        match &self.joins.get(id).source {
            Source::Table(table) => {
                sql.ident(table);
            }
            Source::Items(list) => write_items(sql, |sql| list.write(self, sql)),
            Source::List(slot) => {
                sql.text("json_each(").bind(slot.clone()).text(")");
            }
        }
        sql.text(" AS ").ident(&self.alias(id));
    }

    fn on(&self, id: JoinId) -> Option<Template> {
        let alias = self.alias(id);
        let mut sql = Sql::new();
        match &self.joins.get(id).on {
            On::Always => return None,
            On::Equal(column, value) => {
                sql.column(&alias, column).text(" = ");
                value.write(self, &mut sql);
            }
            On::Contains(column, value) => {
                value.write(self, &mut sql);
                sql.text(" IN (SELECT value FROM ");
                write_items(&mut sql, |sql| {
                    sql.column(&alias, column);
                });
                sql.text(")");
            }
        }
        Some(sql)
    }

    /// Appends ` LEFT JOIN … ON …` for a row whose parent is already there.
    pub(super) fn left_join(&self, id: JoinId, sql: &mut Template) {
        sql.text(" LEFT JOIN ");
        self.source(id, sql);
        match self.on(id) {
            Some(on) => sql.text(" ON ").append(on),
            None => sql.text(" ON TRUE"),
        };
    }
}

/// Writes a table with the items of a value: those of a JSON array, else the value itself.
fn write_items(sql: &mut Template, value: impl Fn(&mut Template)) {
    sql.text("json_each(CASE WHEN json_valid(");
    value(sql);
    sql.text(") AND json_type(");
    value(sql);
    sql.text(") = 'array' THEN ");
    value(sql);
    sql.text(" ELSE json_array(");
    value(sql);
    sql.text(") END)");
}

/// A `FROM` of joined rows alone, for subqueries.
#[derive(Debug, Default)]
pub(super) struct From {
    from: Template,
    conditions: Vec<Template>,
}

impl From {
    /// Adds rows that must exist. Parents come before children.
    pub(super) fn inner(&mut self, scope: &Scope<'_>, rows: &[JoinId]) {
        for row in rows {
            if !self.from.is_empty() {
                self.from.text(" JOIN ");
            }
            scope.source(*row, &mut self.from);
            self.conditions.extend(scope.on(*row));
        }
    }

    /// Adds rows that are NULL where there is none. Parents come before children.
    pub(super) fn left(&mut self, scope: &Scope<'_>, rows: &[JoinId]) {
        if self.from.is_empty() {
            self.from.text("(SELECT 1)");
        }
        for row in rows {
            scope.left_join(*row, &mut self.from);
        }
    }

    /// The text behind `FROM` up to and including a condition.
    pub(super) fn filtered(mut self, condition: Template) -> Template {
        self.conditions.push(condition);
        self.finish()
    }

    /// The text behind `FROM`.
    pub(super) fn finish(self) -> Template {
        let mut sql = self.from;
        if !self.conditions.is_empty() {
            sql.text(" WHERE ").join(" AND ", self.conditions);
        }
        sql
    }
}
