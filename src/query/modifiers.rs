//! The last segment of a path with its modifier: `field`, `field:length`, `field:each`, `field:lower`.

use crate::query::compiler::{Access, Compiler};
use crate::query::error::{Error, Reason, Token};
use crate::query::names::{self, Place, check_hidden};
use crate::query::scalar::{Operand, Scalar, Values};
use crate::schema::{Field, FieldKind};

/// A modifier of the last segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Modifier {
    IsSet,
    Changed,
    Length,
    Each,
    Lower,
}

impl Modifier {
    /// Takes a segment apart.
    pub(super) fn split<'s>(
        segment: &'s str,
        token: Token<'_>,
    ) -> Result<(&'s str, Option<Self>), Error> {
        let Some((name, modifier)) = segment.split_once(':') else {
            return Ok((segment, None));
        };
        let modifier = match modifier {
            "isset" => Self::IsSet,
            "changed" => Self::Changed,
            "length" => Self::Length,
            "each" => Self::Each,
            "lower" => Self::Lower,
            _ => return Err(token.error(Reason::UnknownModifier)),
        };
        Ok((name, Some(modifier)))
    }
}

/// Says whether a field can hold several values, even if this one holds a single one.
pub(super) const fn is_list_type(field: &Field) -> bool {
    matches!(
        field.kind,
        FieldKind::Select(_) | FieldKind::File(_) | FieldKind::Relation(_)
    )
}

impl<'a> Compiler<'a> {
    /// The value of a path's last segment.
    pub(super) fn last(
        &mut self,
        place: Place<'a>,
        segment: &str,
        token: Token<'_>,
    ) -> Result<Operand, Error> {
        let (name, modifier) = Modifier::split(segment, token)?;
        let collection = place.collection;
        let field = collection
            .field(name)
            .ok_or_else(|| token.error(Reason::UnknownField))?;
        check_hidden(place, field, token)?;
        self.touch(token, name, collection, Some(name));
        if is_list_type(field) {
            match modifier {
                Some(Modifier::Each) => return Ok(self.each(place, field)),
                Some(Modifier::Length) => {
                    let mut operand = names::column_operand(place, name);
                    operand.scalar = Scalar::Length(Box::new(operand.scalar));
                    operand.transparent = false;
                    return Ok(operand);
                }
                _ => {}
            }
        }
        let mut operand = match field.kind {
            FieldKind::Json(_) | FieldKind::GeoPoint => names::json_operand(place, field, &[]),
            _ => names::column_operand(place, name),
        };
        if modifier == Some(Modifier::Lower) {
            operand.scalar = Scalar::Lower(Box::new(operand.scalar));
        }
        // Security: a client may search by email only among the addresses that are shown to it.
        if place.access == Access::Client && collection.is_auth() && name == "email" {
            operand.guard = Some(names::column(place.row, "emailVisibility"));
        }
        Ok(operand)
    }

    fn each(&mut self, place: Place<'a>, field: &Field) -> Operand {
        let row = self.items(place, field);
        let every = place.every || field.is_multiple();
        Operand {
            every: every.then_some(Values {
                leaf: row,
                origin: place.origin,
            }),
            ..Operand::from_row(Some(row), Scalar::Item { row })
        }
    }
}
