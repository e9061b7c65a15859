//! Validation of field definitions: issues keyed by option name.
//!
//! What concerns the list of fields as a whole (duplicates, changed types, removed system fields) belongs to `catalog`.

use std::fmt;

use crate::base::issues::{Issue, Issues};
use crate::schema::codes;
use crate::schema::collection::CollectionKind;
use crate::schema::fields::{Field, FieldKind};

/// Names that records have members of, or that a filter reads as something else.
const RESERVED_NAMES: &[&str] = &[
    "null",
    "true",
    "false",
    "_rowid_",
    "collectionId",
    "collectionName",
    "expand",
];

/// What the definition of a field is checked against.
#[derive(Clone, Copy)]
pub struct OptionsContext<'a> {
    /// The field belongs to a view.
    pub in_view: bool,
    /// How many fields of the collection are primary keys.
    pub primary_keys: usize,
    /// The stored field with the same id, if there is one.
    pub previous: Option<&'a Field>,
    /// The type of the collection with exactly this id.
    pub collection_kind: &'a dyn Fn(&str) -> Option<CollectionKind>,
}

impl fmt::Debug for OptionsContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OptionsContext")
            .field("in_view", &self.in_view)
            .field("primary_keys", &self.primary_keys)
            .field("previous", &self.previous)
            .finish_non_exhaustive()
    }
}

impl Field {
    /// Checks the definition.
    pub fn check_options(&self, context: &OptionsContext<'_>) -> Issues {
        let mut issues = Issues::new();
        issues.check("id", check_length(&self.id, 100));
        if self.id.is_empty() {
            issues.add("id", Issue::required());
        }
        issues.check("name", check_name(&self.name));
        issues.check("help", check_length(&self.help, 300));
        let previous = context.previous.map(|field| &field.kind);
        match &self.kind {
            FieldKind::Bool | FieldKind::Date(_) | FieldKind::GeoPoint => {}
            FieldKind::Text(options) => options.check(self, context.primary_keys, &mut issues),
            FieldKind::Number(options) => options.check(&mut issues),
            FieldKind::Email(options) | FieldKind::Url(options) => options.check(&mut issues),
            FieldKind::Editor(options) => options.check(&mut issues),
            FieldKind::Autodate(options) => {
                let previous = match previous {
                    Some(FieldKind::Autodate(previous)) if self.system => Some(previous),
                    _ => None,
                };
                options.check(previous, &mut issues);
            }
            FieldKind::Select(options) => options.check(&mut issues),
            FieldKind::Json(options) => options.check(&mut issues),
            FieldKind::File(options) => options.check(&mut issues),
            FieldKind::Relation(options) => {
                let previous = match previous {
                    Some(FieldKind::Relation(previous)) => Some(previous),
                    _ => None,
                };
                options.check(previous, context, &mut issues);
            }
            FieldKind::Password(options) => options.check(&mut issues),
        }
        issues
    }
}

/// Checks the name of a field.
pub fn check_name(name: &str) -> Result<(), Issue> {
    if name.is_empty() {
        return Err(Issue::required());
    }
    check_length(name, 100)?;
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(codes::match_invalid());
    }
    if RESERVED_NAMES.contains(&name) {
        return Err(codes::not_in_invalid());
    }
    if name.to_ascii_lowercase().contains("_via_") {
        return Err(codes::found_via());
    }
    Ok(())
}

/// Lengths of definitions are counted in bytes; empty ones pass.
fn check_length(text: &str, max: i64) -> Result<(), Issue> {
    if i64::try_from(text.len()).is_ok_and(|length| length <= max) {
        Ok(())
    } else {
        Err(codes::length_out_of_range(1, max))
    }
}
