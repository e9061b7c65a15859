//! The JSON form of a field definition: reading what a client or the storage holds, and writing it.
//!
//! Only the shape is checked here; whether the options make sense is the business of `options`.

use serde_json::{Map, Value as Json};

use crate::base::text;
use crate::schema::fields::{
    AutodateOptions, DateOptions, DomainOptions, EditorOptions, Field, FieldKind, FileOptions,
    JsonOptions, NumberOptions, PasswordOptions, RelationOptions, SelectOptions, TextOptions, date,
};

/// Why a JSON value is not a field definition; the text is for operators.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldFormError {
    /// `type` is missing or names no field type.
    #[error("unknown field type {0:?}")]
    UnknownType(String),
    /// A member has the wrong JSON type.
    #[error("the field member {member:?} must be {expected}")]
    Member {
        member: &'static str,
        expected: &'static str,
    },
}

/// The members of a JSON object by exact name; missing ones and `null` are zero values, unknown ones are ignored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Members<'a>(&'a Map<String, Json>);

impl<'a> Members<'a> {
    fn get(self, member: &str) -> Option<&'a Json> {
        self.0.get(member).filter(|value| !value.is_null())
    }

    /// A text.
    pub(super) fn text(self, member: &'static str) -> Result<String, FieldFormError> {
        match self.get(member) {
            None => Ok(String::new()),
            Some(Json::String(text)) => Ok(text.clone()),
            Some(_) => Err(wrong(member, "a string")),
        }
    }

    /// A flag.
    pub(super) fn flag(self, member: &'static str) -> Result<bool, FieldFormError> {
        match self.get(member) {
            None => Ok(false),
            Some(Json::Bool(flag)) => Ok(*flag),
            Some(_) => Err(wrong(member, "a boolean")),
        }
    }

    /// A whole number.
    pub(super) fn int(self, member: &'static str) -> Result<i64, FieldFormError> {
        let Some(value) = self.get(member) else {
            return Ok(0);
        };
        value
            .as_i64()
            .or_else(|| value.as_f64().and_then(whole))
            .ok_or_else(|| wrong(member, "a whole number"))
    }

    /// A number that may be absent.
    pub(super) fn number(self, member: &'static str) -> Result<Option<f64>, FieldFormError> {
        match self.get(member) {
            None => Ok(None),
            Some(Json::Number(number)) => Ok(number.as_f64()),
            Some(_) => Err(wrong(member, "a number")),
        }
    }

    /// A list of texts; `null` items are empty texts.
    pub(super) fn texts(self, member: &'static str) -> Result<Vec<String>, FieldFormError> {
        let expected = "a list of strings";
        match self.get(member) {
            None => Ok(Vec::new()),
            Some(Json::Array(items)) => items
                .iter()
                .map(|item| match item {
                    Json::String(text) => Ok(text.clone()),
                    Json::Null => Ok(String::new()),
                    _ => Err(wrong(member, expected)),
                })
                .collect(),
            Some(_) => Err(wrong(member, expected)),
        }
    }

    /// A date in canonical form; what is no date is empty.
    pub(super) fn date(self, member: &'static str) -> Result<String, FieldFormError> {
        let text = self.text(member)?;
        Ok(date::canonical(&text))
    }
}

fn wrong(member: &'static str, expected: &'static str) -> FieldFormError {
    FieldFormError::Member { member, expected }
}

/// The integer a double stands for, if it is one.
fn whole(number: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    #[expect(clippy::cast_possible_truncation, reason = "whole and within range")]
    (number.fract() == 0.0 && (-LIMIT..LIMIT).contains(&number)).then_some(number as i64)
}

impl Field {
    /// Reads a definition. Member names are matched exactly, as the contract's server does.
    pub fn from_json(members: &Map<String, Json>) -> Result<Self, FieldFormError> {
        let members = Members(members);
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
