//! How joined rows, and values that come from them, are written: under the names that rows have where they are named.

use crate::query::joins::{Joins, On, Source};
use crate::query::scalar::{JoinId, Scalar, Template};
use crate::query::slot::Slot;
use crate::sql::{Ident, Sql};

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

impl Scalar {
    /// Writes the expression with the row names of a scope.
    pub(super) fn write(&self, scope: &Scope<'_>, sql: &mut Template) {
        match self {
            Self::Column { row, column } => scope.column(*row, column, sql),
            Self::Item { row } => scope.item(*row, sql),
            Self::Json { of, path } => {
                // Compat: a column that holds no JSON is read as if it held a JSON text.
                sql.text("(CASE WHEN json_valid(");
                of.write(scope, sql);
                sql.text(") THEN json_extract(");
                of.write(scope, sql);
                sql.text(", ").bind(json_path("$", path));
                sql.text(") ELSE json_extract(json_object('pb', ");
                of.write(scope, sql);
                sql.text("), ").bind(json_path("$.pb", path)).text(") END)");
            }
            Self::Lower(of) => {
                sql.text("LOWER(");
                of.write(scope, sql);
                sql.text(")");
            }
            Self::Guarded { of, guard } => {
                sql.text("(CASE WHEN ");
                guard.write(scope, sql);
                sql.text(" = TRUE THEN ");
                of.write(scope, sql);
                sql.text(" END)");
            }
            Self::Length(of) => {
                sql.text("json_array_length(");
                write_list(of, scope, sql);
                sql.text(")");
            }
            Self::Bound(slot) => {
                sql.bind(slot.clone());
            }
            Self::Fixed(text) => {
                sql.text(text);
            }
            Self::Condition(changed) => {
                sql.text("(").bind(changed.is_set.clone()).text(" AND ");
                sql.append(changed.differs.clone()).text(")");
            }
            Self::GeoDistance(arguments) => {
                let [lon_a, lat_a, lon_b, lat_b] = arguments.as_ref();
                let radians = |value: &Self, sql: &mut Template| {
                    sql.text("radians(");
                    value.write(scope, sql);
                    sql.text(")");
                };
                sql.text("(6371 * acos(max(-1, min(1, cos(");
                radians(lat_a, sql);
                sql.text(") * cos(");
                radians(lat_b, sql);
                sql.text(") * cos(");
                radians(lon_b, sql);
                sql.text(" - ");
                radians(lon_a, sql);
                sql.text(") + sin(");
                radians(lat_a, sql);
                sql.text(") * sin(");
                radians(lat_b, sql);
                sql.text(")))))");
            }
            Self::Strftime(arguments) => {
                sql.text("strftime(");
                for (index, argument) in arguments.iter().enumerate() {
                    if index > 0 {
                        sql.text(", ");
                    }
                    argument.write(scope, sql);
                }
                sql.text(")");
            }
        }
    }

    /// The expression as a piece of its own.
    pub(super) fn to_sql(&self, scope: &Scope<'_>) -> Template {
        let mut sql = Template::new();
        self.write(scope, &mut sql);
        sql
    }
}

/// Writes a JSON array whatever the column holds: an array as it is, nothing as `[]`, a plain value as a list of one.
fn write_list(of: &Scalar, scope: &Scope<'_>, sql: &mut Template) {
    sql.text("(CASE WHEN json_valid(");
    of.write(scope, sql);
    sql.text(") AND json_type(");
    of.write(scope, sql);
    sql.text(") = 'array' THEN ");
    of.write(scope, sql);
    sql.text(" WHEN ");
    of.write(scope, sql);
    sql.text(" = '' OR ");
    of.write(scope, sql);
    sql.text(" IS NULL THEN '[]' ELSE json_array(");
    of.write(scope, sql);
    sql.text(") END)");
}

fn json_path(root: &str, path: &str) -> Slot {
    Slot::Literal(format!("{root}{path}").into())
}
