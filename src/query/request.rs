//! `@request.*`: values of the request, the signed-in record, and records that the submitted data refers to.

use crate::expr::Comparison;
use crate::query::compiler::{Access, Compiler, Seen};
use crate::query::error::{Error, Reason, Token};
use crate::query::joins::{Join, On, Source};
use crate::query::modifiers::{self, Modifier};
use crate::query::names::{self, Place};
use crate::query::operators;
use crate::query::scalar::{Changed, Operand, Scalar, Template, Values};
use crate::query::slot::{AuthPart, Class, Form, Part, Slot};
use crate::schema::{Field, FieldKind};
use crate::sql::Ident;

impl<'a> Compiler<'a> {
    /// Resolves what stands behind `@request.`.
    pub(super) fn request_path(&mut self, path: &str, token: Token<'_>) -> Result<Operand, Error> {
        match path {
            "context" => return Ok(self.request(Part::Context)),
            "method" => return Ok(self.request(Part::Method)),
            _ => {}
        }
        let unknown = || token.error(Reason::UnknownIdentifier);
        let (group, rest) = path.split_once('.').ok_or_else(unknown)?;
        let segments: Vec<&str> = rest.split('.').collect();
        match group {
            "query" => self.named(&segments, token, Part::Query),
            "headers" => self.named(&segments, token, Part::Header),
            "body" => self.body(&segments, token),
            "auth" => self.auth(&segments, token),
            _ => Err(unknown()),
        }
    }

    /// A query parameter or a header.
    fn named(
        &self,
        segments: &[&str],
        token: Token<'_>,
        part: fn(String) -> Part,
    ) -> Result<Operand, Error> {
        let Some(last) = segments.last() else {
            return Err(token.error(Reason::UnknownIdentifier));
        };
        let (name, modifier) = Modifier::split(last, token)?;
        if matches!(
            modifier,
            Some(Modifier::Changed | Modifier::Length | Modifier::Each)
        ) {
            return Err(token.error(Reason::ModifierNotApplicable));
        }
        if segments.len() > 1 {
            return Ok(null());
        }
        let part = self.typed(name, part(name.to_owned()));
        Ok(self.modified(part, modifier))
    }

    /// Compat: what the request holds under the name of a number field is a number wherever it stands.
    fn typed(&self, name: &str, part: Part) -> Part {
        match self.owner.collection.field(name).map(|field| &field.kind) {
            Some(FieldKind::Number(_)) => Part::Number(Box::new(part)),
            _ => part,
        }
    }

    /// A part of the request with `:isset` or `:lower`.
    fn modified(&self, part: Part, modifier: Option<Modifier>) -> Operand {
        match modifier {
            Some(Modifier::IsSet) => {
                Operand::known(Scalar::Bound(Slot::IsSet(part)), Class::Filled)
            }
            Some(Modifier::Lower) => {
                let mut operand = self.request(part);
                operand.scalar = Scalar::Lower(Box::new(operand.scalar));
                operand
            }
            _ => self.request(part),
        }
    }

    /// `@request.body.…`
    fn body(&mut self, segments: &[&str], token: Token<'_>) -> Result<Operand, Error> {
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
            return Err(token.error(Reason::UnknownIdentifier));
        };
        let owner = self.owner.collection;
        let field = owner.field(first.split(':').next().unwrap_or_default());
        if let Some(field) = field {
            let piece = first.split(':').next().unwrap_or_default();
            self.touch(token, piece, owner, Some(&field.name));
        }
        if let [_, rest @ ..] = segments
            && !rest.is_empty()
            && let Some(field) = field
            && let FieldKind::Relation(options) = &field.kind
        {
            return self.submitted_relation(field, &options.collection_id, rest, token);
        }
        let (name, modifier) = Modifier::split(last, token)?;
        let mut path: Vec<String> = segments
            .iter()
            .map(|segment| (*segment).to_owned())
            .collect();
        if let Some(last) = path.last_mut() {
            name.clone_into(last);
        }
        let whole_field = if segments.len() == 1 { field } else { None };
        let part = Part::Body {
            path,
            form: match whole_field.map(|field| &field.kind) {
                Some(FieldKind::Json(_)) => Form::Json,
                Some(FieldKind::GeoPoint) => Form::Geo,
                _ => Form::Plain,
            },
        };
        match modifier {
            Some(Modifier::Changed) => {
                let field =
                    whole_field.ok_or_else(|| token.error(Reason::ModifierNotApplicable))?;
                self.changed(field, part, token)
            }
            Some(Modifier::Length | Modifier::Each) => {
                let field = whole_field
                    .filter(|field| modifiers::is_list_type(field))
                    .ok_or_else(|| token.error(Reason::ModifierNotApplicable))?;
                if modifier == Some(Modifier::Length) {
                    return Ok(Operand::known(
                        Scalar::Bound(Slot::Length(part)),
                        Class::Filled,
                    ));
                }
                let row =
                    self.joins
                        .add(format!("{}@request.body.{name}[]", self.namespace), || {
                            Join {
                                parent: None,
                                source: Source::List(Slot::List(part)),
                                on: On::Always,
                                many: true,
                                constant: true,
                            }
                        });
                // Compat: items of the submitted data count as filled although an empty list has a NULL one.
                Ok(Operand {
                    known: Some(Class::Filled),
                    every: field.is_multiple().then_some(Values {
                        leaf: row,
                        origin: None,
                    }),
                    ..Operand::from_row(Some(row), Scalar::Item { row })
                })
            }
            Some(Modifier::Lower) if let Some(field) = whole_field => {
                Ok(self.lowered_field(field, part))
            }
            _ if whole_field.is_some() => Ok(self.modified(part, modifier)),
            _ => {
                let part = self.typed(name, part);
                Ok(self.modified(part, modifier))
            }
        }
    }

    /// `@request.body.field:lower`: what is submitted for a field counts as text here, and nothing as empty text.
    fn lowered_field(&self, field: &Field, part: Part) -> Operand {
        let submitted = self.request(part.clone());
        let class = match submitted.known {
            Some(Class::Filled) if !field.is_multiple() => Class::Filled,
            _ => Class::Blank,
        };
        let text = Scalar::Bound(Slot::Text(part));
        Operand::known(Scalar::Lower(Box::new(text)), class)
    }

    /// `@request.body.field:changed`: submitted and different from what is stored.
    fn changed(
        &mut self,
        field: &'a Field,
        part: Part,
        token: Token<'_>,
    ) -> Result<Operand, Error> {
        let row = self.owner.row;
        let place = Place {
            collection: self.owner.collection,
            row,
            origin: row,
            every: false,
            access: Access::Full,
            levels: 0,
        };
        let pairs = match (&field.kind, &part) {
            // A point is two numbers; how its JSON is written does not matter.
            (FieldKind::GeoPoint, Part::Body { path, .. }) => ["lon", "lat"]
                .map(|name| {
                    let mut path = path.clone();
                    path.push(name.to_owned());
                    let submitted = self.request(Part::Body {
                        path,
                        form: Form::Plain,
                    });
                    (submitted, names::json_operand(place, field, &[name]))
                })
                .to_vec(),
            _ => vec![(
                self.request(part.clone()),
                self.last(place, &field.name, token)?,
            )],
        };
        let scope = self.joins.scope();
        let mut differs = Template::new();
        differs.text("(").join(
            " OR ",
            pairs.iter().map(|(submitted, stored)| {
                operators::write(
                    Comparison::NotEqual,
                    submitted,
                    stored,
                    &submitted.scalar.to_sql(&scope),
                    &stored.scalar.to_sql(&scope),
                )
            }),
        );
        differs.text(")");
        let changed = Changed {
            is_set: Slot::IsSet(part),
            differs,
        };
        Ok(Operand {
            transparent: false,
            ..Operand::from_row(row, Scalar::Condition(Box::new(changed)))
        })
    }

    /// `@request.body.relation.path`: the records that the submitted ids name.
    fn submitted_relation(
        &mut self,
        field: &Field,
        target_id: &str,
        rest: &[&str],
        token: Token<'_>,
    ) -> Result<Operand, Error> {
        let target = self
            .collection_by_id(target_id)
            .ok_or_else(|| token.error(Reason::UnknownCollection))?;
        let part = Part::Body {
            path: vec![field.name.clone()],
            form: Form::Plain,
        };
        let nothing = self
            .request(part.clone())
            .known
            .is_some_and(Class::is_empty);
        let multiple = field.is_multiple();
        let (parent, value) = if multiple {
            let items = self.joins.add(
                format!("{}@request.body.{}[]", self.namespace, field.name),
                || Join {
                    parent: None,
                    source: Source::List(Slot::List(part)),
                    on: On::Always,
                    many: true,
                    constant: true,
                },
            );
            (Some(items), Scalar::Item { row: items })
        } else {
            (None, Scalar::Bound(Slot::Request(part)))
        };
        let row = self.joins.add(
            format!("{}@request.body.{}", self.namespace, field.name),
            || Join {
                parent,
                source: Source::Table(Ident::new(&target.name)),
                on: On::Equal(Ident::new("id"), value),
                many: false,
                constant: true,
            },
        );
        let place = Place {
            collection: target,
            row: Some(row),
            origin: None,
            every: multiple,
            access: Access::Full,
            levels: 1,
        };
        match lenient(self.walk(place, rest, token)) {
            // Compat: without a submitted id nobody notices.
            Err(Error::Name {
                reason: Reason::NotARelation,
                ..
            }) if nothing => Ok(null()),
            other => other,
        }
    }

    /// `@request.auth.…`
    fn auth(&mut self, segments: &[&str], token: Token<'_>) -> Result<Operand, Error> {
        let auth = self.ctx.auth();
        self.depend(Seen::Auth(auth.map(|auth| auth.collection_id.clone())));
        if let [single] = segments {
            let (name, modifier) = Modifier::split(single, token)?;
            if let Some(part) = AuthPart::parse(name)
                && modifier.is_none()
            {
                return Ok(self.request(Part::Auth(part)));
            }
        }
        let collection = auth.and_then(|auth| self.collection_by_id(&auth.collection_id));
        let Some(collection) = collection else {
            return Ok(null());
        };
        let first = segments.first().copied().unwrap_or_default();
        let first_name = first.split(':').next().unwrap_or_default();
        let is_known = collection.field(first_name).is_some() || first.contains("_via_");
        if !is_known {
            return Ok(null());
        }
        let row = self
            .joins
            .add(format!("{}@request.auth", self.namespace), || Join {
                parent: None,
                source: Source::Table(Ident::new(&collection.name)),
                on: On::Equal(
                    Ident::new("id"),
                    Scalar::Bound(Slot::Request(Part::Auth(AuthPart::Id))),
                ),
                many: false,
                constant: true,
            });
        let place = Place {
            collection,
            row: Some(row),
            origin: None,
            every: false,
            access: Access::Full,
            levels: 0,
        };
        lenient(self.walk(place, segments, token))
    }
}

/// Compat: a path from the request's own records to something that does not exist is NULL.
fn lenient(operand: Result<Operand, Error>) -> Result<Operand, Error> {
    match operand {
        Err(Error::Name {
            reason: Reason::UnknownField | Reason::UnknownCollection | Reason::NotABackRelation,
            ..
        }) => Ok(null()),
        other => other,
    }
}

fn null() -> Operand {
    Operand::known(Scalar::Fixed("NULL"), Class::Null)
}
