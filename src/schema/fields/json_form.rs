//! The JSON form of a field definition: reading what a client or the storage holds, and writing it.
//!
//! Only the shape is checked here; whether the options make sense is the business of `options`.

use serde_json::{Map, Value as Json};

use crate::base::text;
use crate::schema::fields::members::{FieldFormError, Members};
use crate::schema::fields::{
    AutodateOptions, DateOptions, DomainOptions, EditorOptions, Field, FieldKind, FileOptions,
    JsonOptions, NumberOptions, PasswordOptions, RelationOptions, SelectOptions, TextOptions,
};

impl Field {
    /// Reads a definition. Member names are matched exactly, as the contract's server does.
    pub fn from_json(members: &Map<String, Json>) -> Result<Self, FieldFormError> {
        let members = Members::new(members);
        let kind = kind_from(&members.text("type")?, members)?;
        let (help, required) = match kind {
            FieldKind::Autodate(_) => (String::new(), false),
            _ => (members.text("help")?, members.flag("required")?),
        };
        Ok(Self {
            id: members.text("id")?,
            name: members.text("name")?,
            system: members.flag("system")?,
            hidden: members.flag("hidden")?,
            presentable: members.flag("presentable")?,
            help,
            required,
            kind,
        })
    }

    /// The definition with every option; members are ordered by name.
    pub fn to_json(&self) -> Map<String, Json> {
        let mut members = Map::new();
        let mut put = |member: &str, value: Json| {
            members.insert(member.to_owned(), value);
        };
        put("id", self.id.clone().into());
        put("name", self.name.clone().into());
        put("type", self.kind.type_name().into());
        put("system", self.system.into());
        put("hidden", self.hidden.into());
        put("presentable", self.presentable.into());
        if !matches!(self.kind, FieldKind::Autodate(_)) {
            put("help", self.help.clone().into());
            put("required", self.required.into());
        }
        match &self.kind {
            FieldKind::Bool | FieldKind::GeoPoint => {}
            FieldKind::Text(options) => options.write(put),
            FieldKind::Number(options) => options.write(put),
            FieldKind::Email(options) | FieldKind::Url(options) => options.write(put),
            FieldKind::Editor(options) => options.write(put),
            FieldKind::Date(options) => options.write(put),
            FieldKind::Autodate(options) => options.write(put),
            FieldKind::Select(options) => options.write(put),
            FieldKind::Json(options) => options.write(put),
            FieldKind::File(options) => options.write(put),
            FieldKind::Relation(options) => options.write(put),
            FieldKind::Password(options) => options.write(put),
        }
        members
    }

    /// The id a field gets when the client gives none: its type and a checksum of its name.
    ///
    /// The caller appends 2, 3, … while the id is taken in the collection.
    pub fn default_id(type_name: &str, name: &str) -> String {
        format!("{type_name}{}", text::crc32(name))
    }
}

fn kind_from(type_name: &str, members: Members<'_>) -> Result<FieldKind, FieldFormError> {
    Ok(match type_name {
        "text" => FieldKind::Text(TextOptions::read(members)?),
        "number" => FieldKind::Number(NumberOptions::read(members)?),
        "bool" => FieldKind::Bool,
        "email" => FieldKind::Email(DomainOptions::read(members)?),
        "url" => FieldKind::Url(DomainOptions::read(members)?),
        "editor" => FieldKind::Editor(EditorOptions::read(members)?),
        "date" => FieldKind::Date(DateOptions::read(members)?),
        "autodate" => FieldKind::Autodate(AutodateOptions::read(members)?),
        "select" => FieldKind::Select(SelectOptions::read(members)?),
        "json" => FieldKind::Json(JsonOptions::read(members)?),
        "geoPoint" => FieldKind::GeoPoint,
        "file" => FieldKind::File(FileOptions::read(members)?),
        "relation" => FieldKind::Relation(RelationOptions::read(members)?),
        "password" => FieldKind::Password(PasswordOptions::read(members)?),
        _ => return Err(FieldFormError::UnknownType(type_name.to_owned())),
    })
}
