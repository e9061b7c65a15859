//! Sorts: a comma list of paths, each ascending or, with `-`, descending.

use crate::expr::Span;
use crate::query::compiler::{Base, Compiler};
use crate::query::error::{Error, Reason, Token};
use crate::query::scalar::{JoinId, Scalar, Template};
use crate::sql::Ident;

/// Most items of a sort.
pub const MAX_SORT_ITEMS: usize = 8;

/// Longest item of a sort, in bytes.
pub const MAX_SORT_ITEM: usize = 255;

/// One item, resolved.
#[derive(Debug)]
pub(super) struct SortItem {
    by: SortBy,
    descending: bool,
}

#[derive(Debug)]
enum SortBy {
    Random,
    Rowid,
    Value(Scalar, Vec<JoinId>),
}

impl<'a> Compiler<'a> {
    /// Parses and resolves a sort.
    pub(super) fn sort(&mut self, base: Base<'a>, text: &str) -> Result<Vec<SortItem>, Error> {
        let mut items = Vec::new();
        let mut position = 0;
        for piece in text.split(',') {
            let start = position;
            position += piece.len() + 1;
            let piece = piece.trim();
            if items.len() >= MAX_SORT_ITEMS {
                return Err(Error::TooManySortItems);
            }
            if piece.len() > MAX_SORT_ITEM {
                return Err(Error::SortItemTooLong);
            }
            let (name, descending) = match piece.strip_prefix('-') {
                Some(name) => (name, true),
                None => (piece.strip_prefix('+').unwrap_or(piece), false),
            };
            let span = Span {
                start,
                end: start + piece.len(),
            };
            let by = match name {
                "@random" => SortBy::Random,
                "@rowid" if !self.main.is_view() => SortBy::Rowid,
                _ => {
                    let token = Token { text: name, span };
                    if !is_path(name) {
                        return Err(token.error(Reason::UnknownIdentifier));
                    }
                    let operand = self.identifier(base, name, span)?;
                    if operand.known.is_some() {
                        return Err(token.error(Reason::UnknownField));
                    }
                    // Security: the order must not tell what the values would not.
                    let key = match operand.guard {
                        Some(guard) => Scalar::Guarded {
                            of: Box::new(operand.scalar),
                            guard: Box::new(guard),
                        },
                        None => operand.scalar,
                    };
                    SortBy::Value(key, operand.rows)
                }
            };
            items.push(SortItem { by, descending });
        }
        Ok(items)
    }

    /// Writes ` ORDER BY …`.
    pub(super) fn write_sort(&self, items: &[SortItem], sql: &mut Template) {
        for (index, item) in items.iter().enumerate() {
            sql.text(if index == 0 { " ORDER BY " } else { ", " });
            match &item.by {
                SortBy::Random => {
                    sql.text("RANDOM()");
                }
                SortBy::Rowid => {
                    sql.text("r._rowid_");
                }
                SortBy::Value(scalar, _) => scalar.write(&self.joins.scope(), sql),
            }
            if item.descending {
                sql.text(" DESC");
            }
        }
    }
}

impl SortItem {
    /// The column of the main row that is the key, if it is nothing else than that.
    pub(super) const fn column(&self) -> Option<&Ident> {
        match &self.by {
            SortBy::Value(Scalar::Column { row: None, column }, _) => Some(column),
            SortBy::Value(..) | SortBy::Random | SortBy::Rowid => None,
        }
    }

    pub(super) const fn is_descending(&self) -> bool {
        self.descending
    }

    /// Rows the key comes from, besides the main row.
    pub(super) fn rows(&self) -> &[JoinId] {
        match &self.by {
            SortBy::Value(_, rows) => rows,
            SortBy::Random | SortBy::Rowid => &[],
        }
    }
}

/// Says whether a text is written like an identifier of the filter language.
fn is_path(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '@'))
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b':' | b'@' | b'#'))
        && !name.ends_with(['.', ':'])
}
