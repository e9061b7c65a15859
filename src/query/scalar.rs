//! Values inside conditions: columns of joined rows, request values, functions over them.

use crate::query::slot::{Class, Slot};
use crate::sql::{Ident, Sql};

/// SQL whose binds are decided per request.
pub(super) type Template = Sql<Slot>;

/// A joined row of one statement; what it is stands in `joins`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct JoinId(pub(super) usize);

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
