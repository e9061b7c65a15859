//! The row that a statement is about: where it comes from, and its columns.

use crate::query::scalar::Template;
use crate::query::selection::Select;
use crate::query::slot::Slot;
use crate::sql::Ident;

/// Writes all columns of the main row.
pub(super) fn write_columns(select: &Select<'_>, sql: &mut Template) {
    for (index, field) in select.collection.fields.iter().enumerate() {
        if index > 0 {
            sql.text(", ");
        }
        sql.text("r.").ident(&Ident::new(&field.name));
    }
}

/// Writes where the main row comes from: the collection, or a draft.
pub(super) fn write_source(select: &Select<'_>, sql: &mut Template) {
    if select.draft.is_none() {
        sql.ident(&Ident::new(&select.collection.name))
            .text(" AS r");
        return;
    }
    sql.text("(SELECT ");
    for (index, field) in select.collection.fields.iter().enumerate() {
        if index > 0 {
            sql.text(", ");
        }
        sql.bind(Slot::Draft(index))
            .text(" AS ")
            .ident(&Ident::new(&field.name));
    }
    sql.text(") AS r");
}
