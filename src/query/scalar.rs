//! Values inside conditions: columns of joined rows, request values, functions over them; and how they are written.

use crate::query::joins::{JoinId, Scope};
use crate::query::slot::{Class, Slot};
use crate::sql::{Ident, Sql};

/// SQL whose binds are decided per request.
pub(super) type Template = Sql<Slot>;

/// An expression that yields one value for one combination of joined rows.
#[derive(Clone, Debug)]
pub(super) enum Scalar {
    /// A column of a joined row; `None` is the main row.
    Column {
        row: Option<JoinId>,
        column: Ident,
    },
    /// The item of a JSON array that a join goes through.
    Item {
        row: JoinId,
    },
    /// A path into a JSON column; a value that is not JSON counts as a JSON text.
    Json {
        of: Box<Self>,
        path: String,
    },
    Lower(Box<Self>),
    /// A value for those who may see it, NULL in the rows whose guard is not true.
    Guarded {
        of: Box<Self>,
        guard: Box<Self>,
    },
    /// How many items a list column has; a plain value is a list of one, an empty one of none.
    Length(Box<Self>),
    /// A bound value.
    Bound(Slot),
    /// Fixed text: `NULL`, `1`, `0`.
    Fixed(&'static str),
    /// A condition as a value.
    Condition(Box<Changed>),
    /// Great-circle distance in km between two points (lon, lat, lon, lat).
    GeoDistance(Box<[Self; 4]>),
    /// Format, time and modifiers of `strftime`.
    Strftime(Vec<Self>),
}

/// Whether a submitted value is present and differs from the stored one.
#[derive(Clone, Debug)]
pub(super) struct Changed {
    pub(super) is_set: Slot,
    pub(super) differs: Template,
}

/// All values of a path: those of all rows that are found like `leaf` from the row the path starts at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Values {
    pub(super) leaf: JoinId,
    /// `None` is the main row, or the request.
    pub(super) origin: Option<JoinId>,
}

/// One side of a comparison after names are resolved.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    pub(super) scalar: Scalar,
    /// Rows the value comes from, besides the main row.
    pub(super) rows: Vec<JoinId>,
    /// What is known about the value when the statement is compiled.
    pub(super) known: Option<Class>,
    /// NULL and the empty text count as the same.
    pub(super) blank_is_null: bool,
    /// The values that all have to satisfy the condition, unless the operator is an any-form.
    pub(super) every: Option<Values>,
    /// NULL rows give NULL values.
    pub(super) transparent: bool,
    /// A further condition on the same row, for clients: a column that must be true.
    pub(super) guard: Option<Scalar>,
}

impl Operand {
    /// A value without rows whose class is known.
    pub(super) const fn known(scalar: Scalar, class: Class) -> Self {
        Self {
            scalar,
            rows: Vec::new(),
            known: Some(class),
            blank_is_null: true,
            every: None,
            transparent: false,
            guard: None,
        }
    }

    /// A column of the main row or of a joined one.
    pub(super) fn column(row: Option<JoinId>, column: &str) -> Self {
        Self::from_row(
            row,
            Scalar::Column {
                row,
                column: Ident::new(column),
            },
        )
    }

    /// Any expression over one row.
    pub(super) fn from_row(row: Option<JoinId>, scalar: Scalar) -> Self {
        Self {
            scalar,
            rows: row.into_iter().collect(),
            known: None,
            blank_is_null: true,
            every: None,
            transparent: true,
            guard: None,
        }
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
