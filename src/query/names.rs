//! Identifiers to operands: fields, paths through relations and back-relations, `@collection`, macros.
//!
//! `@request.*` is next door in `request.rs`, modifiers in `modifiers.rs`.

use crate::expr::Span;
use crate::expr::macros;
use crate::query::compiler::{Access, Base, Compiler};
use crate::query::condition::{Node, Test};
use crate::query::error::{Error, Reason, Token};
use crate::query::joins::{Join, On, Source};
use crate::query::scalar::{JoinId, Operand, Scalar, Template, Values};
use crate::query::slot::{Class, Slot};
use crate::schema::{Collection, Field, FieldKind, index};
use crate::sql::Ident;

/// How many relations one path may follow.
pub(super) const MAX_LEVELS: usize = 6;

/// Where a path has arrived.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) collection: &'a Collection,
    pub(super) row: Option<JoinId>,
    /// Where the path started.
    pub(super) origin: Option<JoinId>,
    /// Several values are possible, and plain operators mean all of them.
    pub(super) every: bool,
    pub(super) access: Access,
    pub(super) levels: usize,
}

impl Place<'_> {
    /// What a plain operator compares here, if it is several values.
    pub(super) fn values(&self) -> Option<Values> {
        let leaf = self.row.filter(|_| self.every)?;
        Some(Values {
            leaf,
            origin: self.origin,
        })
    }
}

impl<'a> Compiler<'a> {
    /// Resolves an identifier.
    pub(super) fn identifier(
        &mut self,
        base: Base<'a>,
        name: &str,
        span: Span,
    ) -> Result<Operand, Error> {
        let token = Token { text: name, span };
        if macros::is_macro(name) {
            return Ok(Operand::known(
                Scalar::Bound(Slot::Macro(name.to_owned())),
                Class::Filled,
            ));
        }
        if base.access == Access::Columns && name.contains('@') {
            return Err(token.error(Reason::UnknownIdentifier));
        }
        if let Some(path) = name.strip_prefix("@request.") {
            return self.request_path(path, token);
        }
        if let Some(path) = name.strip_prefix("@collection.") {
            return self.unrelated(path, token);
        }
        if name.contains(['@', '#']) {
            return Err(token.error(Reason::UnknownIdentifier));
        }
        if base.collection.field(name).is_none() {
            let fixed = [
                ("null", "NULL", Class::Null),
                ("true", "1", Class::Filled),
                ("false", "0", Class::Filled),
            ];
            for (word, text, class) in fixed {
                if name.eq_ignore_ascii_case(word) {
                    return Ok(Operand::known(Scalar::Fixed(text), class));
                }
            }
        }
        let place = Place {
            collection: base.collection,
            row: base.row,
            origin: base.row,
            every: false,
            access: base.access,
            levels: 0,
        };
        let segments: Vec<&str> = name.split('.').collect();
        self.walk(place, &segments, token)
    }

    /// `@collection.name[:alias].path`: records that hang on nothing.
    fn unrelated(&mut self, path: &str, token: Token<'_>) -> Result<Operand, Error> {
        let (source, rest) = path
            .split_once('.')
            .ok_or_else(|| token.error(Reason::UnknownIdentifier))?;
        let (name, alias) = source.split_once(':').unwrap_or((source, "x"));
        if alias.is_empty() || alias.contains(':') {
            return Err(token.error(Reason::UnknownIdentifier));
        }
        let collection = self
            .collection(name)
            .ok_or_else(|| token.error(Reason::UnknownCollection))?;
        self.touch(token, name, collection, None);
        let key = format!("{}@collection.{source}", self.namespace);
        let row = self.joins.add(key, || Join {
            parent: None,
            source: Source::Table(Ident::new(&collection.name)),
            on: On::Always,
            many: true,
            constant: true,
        });
        let place = Place {
            collection,
            row: Some(row),
            origin: None,
            every: true,
            access: Access::Full,
            levels: 0,
        };
        let segments: Vec<&str> = rest.split('.').collect();
        self.walk(place, &segments, token)
    }

    /// Follows a path to its value.
    pub(super) fn walk(
        &mut self,
        mut place: Place<'a>,
        segments: &[&str],
        token: Token<'_>,
    ) -> Result<Operand, Error> {
        if segments.iter().any(|segment| segment.is_empty()) {
            return Err(token.error(Reason::UnknownIdentifier));
        }
        let mut rest = segments;
        loop {
            let Some((segment, behind)) = rest.split_first() else {
                return Err(token.error(Reason::UnknownField));
            };
            if behind.is_empty() {
                return self.last(place, segment, token);
            }
            rest = behind;
            if segment.contains(':') {
                return Err(token.error(Reason::UnknownIdentifier));
            }
            let collection = place.collection;
            let Some(field) = collection.field(segment) else {
                place = self.back_relation(place, segment, token)?;
                continue;
            };
            check_hidden(place, field, token)?;
            self.touch(token, segment, collection, Some(&field.name));
            match &field.kind {
                FieldKind::Json(_) | FieldKind::GeoPoint => {
                    return Ok(json_operand(place, field, behind));
                }
                FieldKind::Relation(options) => {
                    if !field.is_multiple() && behind == ["id"] {
                        check_levels(place, token)?;
                        return Ok(column_operand(place, &field.name));
                    }
                    let target = self
                        .collection_by_id(&options.collection_id)
                        .ok_or_else(|| token.error(Reason::UnknownCollection))?;
                    place = self.relation(place, field, target, token)?;
                }
                _ => return Err(token.error(Reason::NotARelation)),
            }
        }
    }

    /// The row behind a relation field.
    fn relation(
        &mut self,
        place: Place<'a>,
        field: &Field,
        target: &'a Collection,
        token: Token<'_>,
    ) -> Result<Place<'a>, Error> {
        check_levels(place, token)?;
        let multiple = field.is_multiple();
        let (parent, value) = if multiple {
            let items = self.items(place, field);
            (Some(items), Scalar::Item { row: items })
        } else {
            (place.row, column(place.row, &field.name))
        };
        let key = format!("{}.{}", self.key(place.row), field.name);
        // Perf: a row found through a value that all matches share is the same for all of them, so that what is asked
        // of it and of the rows behind it is answered once per statement.
        let (value, constant) = match self.fixed_reference(place, &value) {
            Some(fixed) => (Scalar::Bound(fixed), true),
            None => (value, self.is_constant(place.row)),
        };
        let row = self.joins.add(key, || Join {
            parent,
            source: Source::Table(Ident::new(&target.name)),
            on: On::Equal(Ident::new("id"), value),
            // The ids of a view are only as unique as its query makes them.
            many: target.is_view(),
            constant,
        });
        self.enter(place, row, target, token)?;
        Ok(Place {
            collection: target,
            row: Some(row),
            origin: place.origin,
            every: place.every || multiple,
            levels: place.levels + 1,
            access: place.access,
        })
    }

    /// `collection_via_field`: the records whose relation points to this one.
    fn back_relation(
        &mut self,
        place: Place<'a>,
        segment: &str,
        token: Token<'_>,
    ) -> Result<Place<'a>, Error> {
        let (name, field_name) = segment
            .split_once("_via_")
            .ok_or_else(|| token.error(Reason::UnknownField))?;
        check_levels(place, token)?;
        let source = self
            .collection(name)
            .ok_or_else(|| token.error(Reason::UnknownCollection))?;
        let field = source
            .field(field_name)
            .ok_or_else(|| token.error(Reason::NotABackRelation))?;
        let points_here = field
            .relation()
            .is_some_and(|relation| relation.collection_id == place.collection.id);
        if !points_here {
            return Err(token.error(Reason::NotABackRelation));
        }
        if place.access == Access::Client && field.hidden {
            return Err(token.error(Reason::NotAllowed));
        }
        self.touch(token, name, source, None);
        self.touch(token, field_name, source, Some(&field.name));
        let here = column(place.row, "id");
        let field_column = Ident::new(&field.name);
        let on = if field.is_multiple() {
            On::Contains(field_column, here)
        } else {
            On::Equal(field_column, here)
        };
        let key = format!("{}.{}_via_{}", self.key(place.row), source.id, field.name);
        let constant = self.is_constant(place.row);
        let row = self.joins.add(key, || Join {
            parent: place.row,
            source: Source::Table(Ident::new(&source.name)),
            on,
            many: true,
            constant,
        });
        self.enter(place, row, source, token)?;
        Ok(Place {
            collection: source,
            row: Some(row),
            origin: place.origin,
            every: place.every
                || field.is_multiple()
                || index::single_unique(&source.indexes, &field.name).is_none(),
            levels: place.levels + 1,
            access: place.access,
        })
    }

    /// The items of a list field of a row, shared by `:each` and the relation behind it.
    pub(super) fn items(&mut self, place: Place<'a>, field: &Field) -> JoinId {
        let key = format!("{}.{}[]", self.key(place.row), field.name);
        let constant = self.is_constant(place.row);
        self.joins.add(key, || Join {
            parent: place.row,
            source: Source::Items(column(place.row, &field.name)),
            on: On::Always,
            many: true,
            constant,
        })
    }

    /// Applies the list rule of a collection that a client's path enters.
    fn enter(
        &mut self,
        place: Place<'a>,
        row: JoinId,
        collection: &'a Collection,
        token: Token<'_>,
    ) -> Result<(), Error> {
        if place.access != Access::Client || self.restricted.contains(&row) {
            return Ok(());
        }
        // Security: what a caller may not list must not be guessable through filters and sorts.
        let Some(rule) = &collection.rules.list else {
            return Err(token.error(Reason::NotAllowed));
        };
        self.restricted.push(row);
        if rule.trim().is_empty() {
            return Ok(());
        }
        let base = Base {
            collection,
            row: Some(row),
            access: Access::Full,
        };
        let namespace = format!("{}!", self.key(Some(row)));
        let around = std::mem::replace(&mut self.namespace, namespace);
        let owner = std::mem::replace(&mut self.owner, base);
        let visible = self.filter(base, rule);
        self.owner = owner;
        self.namespace = around;
        let visible = visible?;
        let mut missing = Template::new();
        self.joins
            .scope()
            .column(Some(row), &Ident::new("id"), &mut missing);
        missing.text(" IS NULL");
        let missing = Node::Test(Test {
            sql: missing,
            rows: vec![row],
            needs: Vec::new(),
            fixes: None,
        });
        self.visibility.push(Node::Any(vec![missing, visible]));
        Ok(())
    }

    fn key(&self, row: Option<JoinId>) -> String {
        row.map_or_else(String::new, |row| self.joins.key(row).to_owned())
    }

    /// The bound value that a reference of the main row has in every match.
    fn fixed_reference(&self, place: Place<'_>, value: &Scalar) -> Option<Slot> {
        match value {
            Scalar::Column { row: None, column } if place.row.is_none() => {
                self.fixed_value(column).cloned()
            }
            _ => None,
        }
    }

    fn is_constant(&self, row: Option<JoinId>) -> bool {
        row.is_some_and(|row| self.joins.get(row).constant)
    }
}

/// Checks that a client may name a field.
pub(super) fn check_hidden(place: Place<'_>, field: &Field, token: Token<'_>) -> Result<(), Error> {
    // Security: hidden fields must not be guessable through filters and sorts.
    if place.access == Access::Client && field.hidden {
        return Err(token.error(Reason::NotAllowed));
    }
    Ok(())
}

fn check_levels(place: Place<'_>, token: Token<'_>) -> Result<(), Error> {
    if place.levels >= MAX_LEVELS {
        return Err(token.error(Reason::TooManyLevels));
    }
    Ok(())
}

/// A column of a row.
pub(super) fn column(row: Option<JoinId>, name: &str) -> Scalar {
    Scalar::Column {
        row,
        column: Ident::new(name),
    }
}

/// A column as an operand.
pub(super) fn column_operand(place: Place<'_>, name: &str) -> Operand {
    Operand {
        every: place.values(),
        ..Operand::column(place.row, name)
    }
}

/// A path into a JSON column; an empty path is the whole value.
pub(super) fn json_operand(place: Place<'_>, field: &Field, path: &[&str]) -> Operand {
    let mut text = String::new();
    for segment in path {
        if segment.bytes().all(|b| b.is_ascii_digit()) {
            text.push('[');
            text.push_str(segment);
            text.push(']');
        } else {
            text.push('.');
            text.push_str(segment);
        }
    }
    let scalar = Scalar::Json {
        of: Box::new(column(place.row, &field.name)),
        path: text,
    };
    Operand {
        blank_is_null: false,
        every: place.values(),
        ..Operand::from_row(place.row, scalar)
    }
}
