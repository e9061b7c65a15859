//! Lists of the newest records without an index for their order: the keys first, then the rows of the page.
//!
//! For `ORDER BY created DESC LIMIT 30` SQLite keeps the best thirty rows so far in a tree. Records are mostly stored
//! in the order of their dates, so that nearly every row is better than all before it: it goes into the tree as a
//! whole, and another one leaves it. Here is written what avoids that, see `record::newest`, which runs it.

use std::sync::{Arc, OnceLock};

use crate::query::main_row::write_columns;
use crate::query::scalar::Template;
use crate::query::selection::{Only, Output, Select};
use crate::query::slot::Slot;
use crate::query::sort::SortItem;
use crate::schema::{Entry, FieldKind};
use crate::sql::Ident;

/// Two statements that together find what another one does.
#[derive(Debug, PartialEq)]
pub struct Keyed {
    /// Row number and sort keys of everything that fits, in no order; takes what the other statement binds, without its
    /// last two values, which are limit and offset.
    pub keys: Arc<str>,
    /// All columns of the row with a number.
    pub row: Arc<str>,
    /// The table of the keys.
    pub table: Box<str>,
    /// Which keys count downwards.
    pub descending: Box<[bool]>,
    /// Whether the keys are read just like the other statement reads its rows, once somebody has looked.
    pub alike: OnceLock<bool>,
}

impl Keyed {
    /// The statements for a selection, if it is one that gains by them. `slots` are those of the statement that they
    /// replace, `write` writes it with other columns and up to its condition.
    pub(super) fn of(
        select: &Select<'_>,
        sort: &[SortItem],
        slots: &[Slot],
        write: impl FnOnce(&dyn Fn(&mut Template)) -> Template,
    ) -> Option<Self> {
        let is_page = select.output == Output::Columns
            && matches!(select.only, Only::All)
            && select.page.is_some()
            && select.draft.is_none();
        if !is_page || select.collection.is_view() || !has_row_numbers(select.collection) {
            return None;
        }
        let keys: Vec<&Ident> = sort.iter().map(SortItem::column).collect::<Option<_>>()?;
        let newest_first =
            sort.first()?.is_descending() && is_date(select.collection, keys.first()?);
        if !newest_first {
            return None;
        }
        let mut keys_sql = write(&|sql| {
            sql.text("r._rowid_");
            for key in &keys {
                sql.text(", r.").ident(key);
            }
        });
        // A window, as the other statement has one: without it SQLite makes joins of `EXISTS`, and may read in another
        // order.
        keys_sql.text(" LIMIT -1 OFFSET 0");
        let (text, key_slots) = keys_sql.into_parts();
        // A key from several rows of another collection, or bound values in an unforeseen place.
        let are_same = slots.strip_suffix(&[Slot::Limit, Slot::Offset]) == Some(&key_slots);
        if !are_same || text.starts_with("SELECT DISTINCT") {
            return None;
        }
        Some(Self {
            keys: text.into(),
            row: row(select).into(),
            table: select.collection.name.as_str().into(),
            descending: sort.iter().map(SortItem::is_descending).collect(),
            alike: OnceLock::new(),
        })
    }
}

/// Says whether `_rowid_` is the number of the row, not a field.
fn has_row_numbers(collection: &Entry) -> bool {
    !collection
        .fields
        .iter()
        .any(|field| field.name.eq_ignore_ascii_case("_rowid_"))
}

fn is_date(collection: &Entry, column: &Ident) -> bool {
    collection.fields.iter().any(|field| {
        matches!(field.kind, FieldKind::Autodate(_) | FieldKind::Date(_))
            && Ident::new(&field.name) == *column
    })
}

fn row(select: &Select<'_>) -> String {
    let mut sql = Template::new();
    sql.text("SELECT ");
    write_columns(select, &mut sql);
    sql.text(" FROM ")
        .ident(&Ident::new(&select.collection.name))
        .text(" AS r WHERE r._rowid_ = ?");
    sql.into_parts().0
}
