//! Field types: one file per type with its options, casting, validation and column.

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

/// A field's type with its options (contract §10.2). Zero values are the defaults.
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

/// Options of text fields; lengths in code points, 0 = default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextOptions {
    pub min: i64,
    pub max: i64,
    pub pattern: String,
    pub autogenerate_pattern: String,
    pub primary_key: bool,
}

/// Options of number fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NumberOptions {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub only_int: bool,
}

/// Options of email and url fields; at most one list is not empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DomainOptions {
    pub except_domains: Vec<String>,
    pub only_domains: Vec<String>,
}

/// Options of editor fields; `max_size` in bytes, 0 = 5 MiB.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EditorOptions {
    pub max_size: i64,
    pub convert_urls: bool,
}

/// Options of date fields; canonical dates or empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DateOptions {
    pub min: String,
    pub max: String,
}

/// Options of autodate fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AutodateOptions {
    pub on_create: bool,
    pub on_update: bool,
}

/// Options of select fields; more than one value when `max_select` > 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SelectOptions {
    pub values: Vec<String>,
    pub max_select: i64,
}

/// Options of json fields; `max_size` in bytes, 0 = 1 MiB.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonOptions {
    pub max_size: i64,
}

/// Options of file fields; `max_size` in bytes per file, 0 = 5 MiB.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileOptions {
    pub max_size: i64,
    pub max_select: i64,
    pub mime_types: Vec<String>,
    pub thumbs: Vec<String>,
    pub protected: bool,
}

/// Options of relation fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RelationOptions {
    pub collection_id: String,
    pub cascade_delete: bool,
    pub min_select: i64,
    pub max_select: i64,
}

/// Options of password fields; lengths in code points, `cost` is bcrypt's, 0 = default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PasswordOptions {
    pub min: i64,
    pub max: i64,
    pub pattern: String,
    pub cost: i64,
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
    /// Says whether the field holds a list: select, file or relation with `maxSelect` above 1.
    pub const fn is_multiple(&self) -> bool {
        match &self.kind {
            FieldKind::Select(options) => options.max_select > 1,
            FieldKind::File(options) => options.max_select > 1,
            FieldKind::Relation(options) => options.max_select > 1,
            _ => false,
        }
    }

    /// The relation options, if it is a relation.
    pub const fn relation(&self) -> Option<&RelationOptions> {
        match &self.kind {
            FieldKind::Relation(options) => Some(options),
            _ => None,
        }
    }
}
