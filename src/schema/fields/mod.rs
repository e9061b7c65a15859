//! Field types: one file per type with its options, casting, validation and column.
//!
//! Everything here is pure. What needs the database (existing relations, uniqueness) or time to spare (password
//! hashing) belongs to the record pipeline.

mod autodate;
pub mod autogenerate;
mod date;
mod domains;
mod editor;
pub mod email;
mod file;
mod geo_point;
mod json;
mod json_form;
mod members;
mod mime;
mod modifiers;
mod number;
mod options;
mod password;
mod pattern;
mod relation;
mod select;
mod shape;
mod text;
pub mod url;
mod validate;

#[cfg(test)]
mod tests;

pub use autodate::AutodateOptions;
pub use date::DateOptions;
pub use domains::DomainOptions;
pub use editor::EditorOptions;
pub use file::{FileOptions, NewFile};
pub use json::JsonOptions;
pub use members::FieldFormError;
pub use modifiers::{Assignment, Modifier, assignments, modifier_target};
pub use number::NumberOptions;
pub use options::{OptionsContext, check_name};
pub use password::PasswordOptions;
pub use pattern::{Pattern, PatternError};
pub use relation::RelationOptions;
pub use select::SelectOptions;
pub use text::{DEFAULT_ID_AUTOGENERATE_PATTERN, DEFAULT_ID_PATTERN, TextOptions};
pub use validate::{
    ValidateContext, missing_relation_collection, missing_relations, primary_key_taken,
};

/// A field of a collection: what all types share, and the type with its options.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Stable identity; the column follows it through renames.
    pub id: String,
    /// Name of the column and of the JSON member.
    pub name: String,
    /// Belongs to the product; cannot be renamed or removed.
    pub system: bool,
    /// Left out of answers to everyone but superusers.
    pub hidden: bool,
    /// The UI may use it as the record's label.
    pub presentable: bool,
    /// Help text shown in the UI (not on autodate).
    pub help: String,
    /// Refuses the zero value (not on autodate).
    pub required: bool,
    pub kind: FieldKind,
}

/// A field's type with its options. Zero values are the defaults.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldKind {
    Text(TextOptions),
    Number(NumberOptions),
    Bool,
    Email(DomainOptions),
    Url(DomainOptions),
    Editor(EditorOptions),
    Date(DateOptions),
    Autodate(AutodateOptions),
    Select(SelectOptions),
    Json(JsonOptions),
    GeoPoint,
    File(FileOptions),
    Relation(RelationOptions),
    Password(PasswordOptions),
}

impl FieldKind {
    /// The wire name of the type.
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Number(_) => "number",
            Self::Bool => "bool",
            Self::Email(_) => "email",
            Self::Url(_) => "url",
            Self::Editor(_) => "editor",
            Self::Date(_) => "date",
            Self::Autodate(_) => "autodate",
            Self::Select(_) => "select",
            Self::Json(_) => "json",
            Self::GeoPoint => "geoPoint",
            Self::File(_) => "file",
            Self::Relation(_) => "relation",
            Self::Password(_) => "password",
        }
    }
}

impl Field {
    /// A field with nothing but a name and a type.
    pub fn new(name: &str, kind: FieldKind) -> Self {
        Self {
            id: String::new(),
            name: name.to_owned(),
            system: false,
            hidden: false,
            presentable: false,
            help: String::new(),
            required: false,
            kind,
        }
    }

    /// Says whether the field holds a list: select, file or relation with `maxSelect` above 1.
    pub const fn is_multiple(&self) -> bool {
        match &self.kind {
            FieldKind::Select(options) => options.max_select > 1,
            FieldKind::File(options) => options.max_select > 1,
            FieldKind::Relation(options) => options.max_select > 1,
            _ => false,
        }
    }

    /// The definition of its column, behind the name.
    pub const fn column_ddl(&self) -> &'static str {
        const TEXT: &str = "TEXT DEFAULT '' NOT NULL";
        match &self.kind {
            FieldKind::Text(options) if options.primary_key => {
                "TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL"
            }
            FieldKind::Number(_) => "NUMERIC DEFAULT 0 NOT NULL",
            FieldKind::Bool => "BOOLEAN DEFAULT FALSE NOT NULL",
            FieldKind::Json(_) => "JSON DEFAULT NULL",
            FieldKind::GeoPoint => "JSON DEFAULT '{\"lon\":0,\"lat\":0}' NOT NULL",
            FieldKind::Select(_) | FieldKind::File(_) | FieldKind::Relation(_)
                if self.is_multiple() =>
            {
                "JSON DEFAULT '[]' NOT NULL"
            }
            FieldKind::Select(_)
            | FieldKind::File(_)
            | FieldKind::Relation(_)
            | FieldKind::Text(_)
            | FieldKind::Email(_)
            | FieldKind::Url(_)
            | FieldKind::Editor(_)
            | FieldKind::Date(_)
            | FieldKind::Autodate(_)
            | FieldKind::Password(_) => TEXT,
        }
    }

    /// How many bytes of a request body a value may take beyond what every request may have.
    pub fn max_body_size(&self) -> u64 {
        let bytes = match &self.kind {
            FieldKind::File(options) => options
                .max_bytes()
                .saturating_mul(options.max_select.max(1)),
            FieldKind::Json(options) => options.max_bytes(),
            FieldKind::Editor(options) => options.max_bytes(),
            _ => 0,
        };
        u64::try_from(bytes).unwrap_or(0)
    }

    /// The relation options, if it is a relation.
    pub const fn relation(&self) -> Option<&RelationOptions> {
        match &self.kind {
            FieldKind::Relation(options) => Some(options),
            _ => None,
        }
    }
}
