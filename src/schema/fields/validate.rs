//! Validation of values: what can be said without the database, one issue at most.
//!
//! Left to the record pipeline: whether related records exist ([`missing_relations`]), whether a primary key is taken
//! ([`primary_key_taken`]), uniqueness, and the hashing of passwords.

use crate::base::issues::Issue;
use crate::schema::fields::file::NewFile;
use crate::schema::fields::{Field, FieldKind, email, geo_point, json, url};
use crate::schema::value::FieldValue;

/// What validation knows besides the value.
#[derive(Clone, Copy, Debug)]
pub struct ValidateContext<'a> {
    /// The record is being created.
    pub is_new: bool,
    /// Files uploaded to the field in this request; the value has their stored names.
    pub new_files: &'a [NewFile],
}

impl Field {
    /// Checks a value that was cast by [`Field::coerce`] or [`Field::apply`]; `previous` is the stored one.
    pub fn validate(
        &self,
        value: &FieldValue,
        previous: Option<&FieldValue>,
        context: ValidateContext<'_>,
    ) -> Result<(), Issue> {
        match &self.kind {
            FieldKind::Text(options) => {
                let changed = !context.is_new && previous.is_some_and(|old| old != value);
                if options.primary_key && changed {
                    return Err(primary_key_changed());
                }
                self.check_required(value)?;
                options.validate(value.as_text())
            }
            FieldKind::Number(options) => {
                let FieldValue::Number(number) = value else {
                    return self.check_required(value);
                };
                options.validate(*number, self.required)
            }
            FieldKind::Bool => self.check_required(value),
            FieldKind::Email(options) => {
                self.check_required(value)?;
                email::validate(value.as_text(), options)
            }
            FieldKind::Url(options) => {
                self.check_required(value)?;
                url::validate(value.as_text(), options)
            }
            FieldKind::Editor(options) => {
                self.check_required(value)?;
                options.validate(value.as_text())
            }
            FieldKind::Date(options) => {
                self.check_required(value)?;
                options.validate(value.as_text())
            }
            FieldKind::Autodate(_) => Ok(()),
            FieldKind::Select(options) => {
                self.check_required(value)?;
                options.validate(value)
            }
            FieldKind::Json(options) => {
                let FieldValue::Json(text) = value else {
                    return self.check_required(value);
                };
                options.validate_size(text)?;
                self.check_required(value)?;
                // What another program has stored stays, though nobody could submit it.
                if previous == Some(value) && json::is_deep(text) {
                    return Ok(());
                }
                json::validate(text)
            }
            FieldKind::GeoPoint => {
                self.check_required(value)?;
                geo_point::validate(value)
            }
            FieldKind::File(options) => {
                self.check_required(value)?;
                options.validate(value, previous, context.new_files)
            }
            FieldKind::Relation(options) => {
                self.check_required(value)?;
                options.validate(value)
            }
            FieldKind::Password(options) => {
                self.check_required(value)?;
                options.validate(value)
            }
        }
    }

    fn check_required(&self, value: &FieldValue) -> Result<(), Issue> {
        if self.required && value.is_zero() {
            Err(Issue::required())
        } else {
            Ok(())
        }
    }
}

fn primary_key_changed() -> Issue {
    Issue::new(
        "validation_pk_change",
        "The record primary key cannot be changed.",
    )
}

/// The issue of a new primary key that another record has, compared without letter case.
///
/// It is looked for only where [`crate::schema::fields::TextOptions::has_plain_keys`] is false; otherwise the unique
/// column says so.
pub fn primary_key_taken() -> Issue {
    Issue::new(
        "validation_pk_invalid",
        "The record primary key is invalid or already exists.",
    )
}

/// The issue of a relation field whose collection is gone.
pub fn missing_relation_collection() -> Issue {
    Issue::new(
        "validation_missing_rel_collection",
        "Relation connection is missing or cannot be accessed.",
    )
}

/// The issue of related records that do not exist.
pub fn missing_relations() -> Issue {
    Issue::new(
        "validation_missing_rel_records",
        "Failed to find all relation records with the provided ids.",
    )
}
