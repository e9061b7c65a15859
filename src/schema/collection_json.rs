//! JSON forms of a collection: the public one (exact members and order), the stored columns, and the
//! merge of what a client submits. Nothing is validated here beyond the types of members.

use serde::Serialize;
use serde_json::{Map, Value as Json};

use crate::base::time;
use crate::schema::auth_json::{AuthWire, Secrets};
use crate::schema::auth_options::AuthOptions;
use crate::schema::collection::{Collection, CollectionKind, CollectionOptions, Rules};
use crate::schema::field_list;
use crate::schema::fields::Field;
use crate::schema::members::{Malformed, Members};
use crate::schema::scaffold;

/// A collection on its way in: submitted data merged over what it starts from.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub collection: Collection,
    /// The submitted type, when there is no such type; the collection is of the type base then.
    pub unknown_type: Option<String>,
}

/// Why submitted data could not be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// Neither an object, nor a type and a name that are texts.
    #[error("Failed to load the collection type data due to invalid formatting.")]
    Type,
    /// Some other member has the wrong type.
    #[error("Failed to load the submitted data due to invalid formatting.")]
    Members,
}

/// What of a stored definition cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// One of its columns.
    #[error("its {0} are no JSON of the right form")]
    Part(&'static str),
    /// One of its fields.
    #[error("the field {0:?} is of an unknown type, or an option of it has the wrong type")]
    Field(String),
}

impl From<Malformed> for LoadError {
    fn from(Malformed: Malformed) -> Self {
        Self::Members
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    id: &'a str,
    list_rule: Option<&'a str>,
    view_rule: Option<&'a str>,
    create_rule: Option<&'a str>,
    update_rule: Option<&'a str>,
    delete_rule: Option<&'a str>,
    name: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    fields: Vec<Map<String, Json>>,
    indexes: &'a [String],
    created: &'a str,
    updated: &'a str,
    system: bool,
    #[serde(flatten)]
    options: OptionsWire<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum OptionsWire<'a> {
    Base {},
    Auth(Box<AuthWire<'a>>),
    View {
        #[serde(rename = "viewQuery")]
        query: &'a str,
    },
}

impl Collection {
    /// Appends the public form, members in the contract's order; secrets are left out.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        serde_json::to_writer(out, &self.wire()).expect("BUG: writing to memory does not fail");
    }

    /// What can be said about a collection of one type or another: secrets included, rules as nulls.
    pub fn template() -> Json {
        let mut template = Map::new();
        for kind in [CollectionKind::View, CollectionKind::Auth] {
            let scaffold = scaffold::scaffold(kind);
            let options = scaffold.options_wire(Secrets::Shown);
            for part in [
                serde_json::to_value(scaffold.wire()),
                serde_json::to_value(options),
            ] {
                if let Ok(Json::Object(members)) = part {
                    template.extend(members);
                }
            }
        }
        // Whether a collection is the system's own is not for forms to say.
        template.remove("system");
        Json::Object(template)
    }

    /// The `fields` column.
    pub fn stored_fields(&self) -> String {
        let fields = self
            .fields
            .iter()
            .map(|field| Json::Object(field.to_json()));
        Json::Array(fields.collect()).to_string()
    }

    /// The `indexes` column.
    pub fn stored_indexes(&self) -> String {
        Json::from(self.indexes.clone()).to_string()
    }

    /// The `options` column, with secrets.
    pub fn stored_options(&self) -> String {
        serde_json::to_string(&self.options_wire(Secrets::Shown))
            .expect("BUG: options always have a JSON form")
    }

    /// Reads the JSON columns of a stored collection. An empty column says as little as `null`.
    ///
    /// Compat: what the options do not say is off, and a secret that they do not say is empty; the options of a
    /// collection that has none are not looked at.
    pub fn read_stored(
        &mut self,
        fields: &str,
        indexes: &str,
        options: &str,
    ) -> Result<(), Unreadable> {
        let parse = |part: &'static str, text: &str| {
            if text.is_empty() {
                return Ok(Json::Null);
            }
            serde_json::from_str::<Json>(text).map_err(|_| Unreadable::Part(part))
        };
        let fields = parse("fields", fields)?;
        self.fields = read_fields(&fields).map_err(|Malformed| unreadable_field(&fields))?;
        let indexes = Map::from_iter([("indexes".to_owned(), parse("indexes", indexes)?)]);
        Members::exact(&indexes)
            .texts("indexes", &mut self.indexes)
            .map_err(|Malformed| Unreadable::Part("indexes"))?;
        match &mut self.options {
            CollectionOptions::Base => return Ok(()),
            CollectionOptions::Auth(options) => **options = AuthOptions::default(),
            CollectionOptions::View { query } => query.clear(),
        }
        match parse("options", options)? {
            Json::Object(options) => self
                .merge_options(&Members::exact(&options))
                .map_err(|Malformed| Unreadable::Part("options")),
            Json::Null => Ok(()),
            _ => Err(Unreadable::Part("options")),
        }
    }

    fn wire(&self) -> Wire<'_> {
        Wire {
            id: &self.id,
            list_rule: self.rules.list.as_deref(),
            view_rule: self.rules.view.as_deref(),
            create_rule: self.rules.create.as_deref(),
            update_rule: self.rules.update.as_deref(),
            delete_rule: self.rules.delete.as_deref(),
            name: &self.name,
            kind: self.kind().as_str(),
            fields: self.fields.iter().map(Field::to_json).collect(),
            indexes: &self.indexes,
            created: &self.created,
            updated: &self.updated,
            system: self.system,
            options: self.options_wire(Secrets::Hidden),
        }
    }

    fn options_wire(&self, secrets: Secrets) -> OptionsWire<'_> {
        match &self.options {
            CollectionOptions::Base => OptionsWire::Base {},
            CollectionOptions::Auth(options) => OptionsWire::Auth(Box::new(options.wire(secrets))),
            CollectionOptions::View { query } => OptionsWire::View { query },
        }
    }

    fn merge_options(&mut self, members: &Members<'_>) -> Result<(), Malformed> {
        // Members of other types are read too, so that a wrong JSON type is an error whatever the collection's type is.
        let (mut auth, mut query) = (AuthOptions::default(), String::new());
        match &mut self.options {
            CollectionOptions::Base => {
                auth.merge(members)?;
                members.text("viewQuery", &mut query)
            }
            CollectionOptions::Auth(options) => {
                options.merge(members)?;
                members.text("viewQuery", &mut query)
            }
            CollectionOptions::View { query } => {
                auth.merge(members)?;
                members.text("viewQuery", query)
            }
        }
    }
}

impl Draft {
    /// A new collection: the submitted data over the factory defaults of its type. Name and type may be spelled in any
    /// letter case, once.
    pub fn create(body: &Json) -> Result<Self, LoadError> {
        let mut object = object(body).ok_or(LoadError::Type)?;
        let (mut kind_name, mut name) = (String::new(), String::new());
        for (member, target) in [("type", &mut kind_name), ("name", &mut name)] {
            let spellings = object
                .iter()
                .filter(|(known, _)| known.eq_ignore_ascii_case(member));
            let spelled: Vec<String> = spellings.map(|(known, _)| known.clone()).collect();
            let value = match spelled.as_slice() {
                [] => continue,
                [only] => object.remove(only).unwrap_or_default(),
                _ => return Err(LoadError::Type),
            };
            let value = Map::from_iter([(member.to_owned(), value)]);
            Members::exact(&value)
                .text(member, target)
                .map_err(|Malformed| LoadError::Type)?;
            object.extend(value);
        }
        let kind = CollectionKind::parse(&kind_name).unwrap_or(CollectionKind::Base);
        let mut draft = Self::of(scaffold::blank(kind));
        draft.merge(&Members::exact(&object))?;
        Ok(draft)
    }

    /// An existing collection with the submitted data over it.
    pub fn update(stored: &Collection, body: &Json) -> Result<Self, LoadError> {
        let object = object(body).ok_or(LoadError::Members)?;
        let mut draft = Self::of(stored.clone());
        draft.merge(&Members::exact(&object))?;
        Ok(draft)
    }

    const fn of(collection: Collection) -> Self {
        Self {
            collection,
            unknown_type: None,
        }
    }

    fn merge(&mut self, members: &Members<'_>) -> Result<(), Malformed> {
        self.merge_type(members)?;
        let collection = &mut self.collection;
        members.text("id", &mut collection.id)?;
        members.text("name", &mut collection.name)?;
        members.flag("system", &mut collection.system)?;
        let Rules {
            list,
            view,
            create,
            update,
            delete,
        } = &mut collection.rules;
        members.optional_text("listRule", list)?;
        members.optional_text("viewRule", view)?;
        members.optional_text("createRule", create)?;
        members.optional_text("updateRule", update)?;
        members.optional_text("deleteRule", delete)?;
        members.texts("indexes", &mut collection.indexes)?;
        date(members, "created", &mut collection.created)?;
        date(members, "updated", &mut collection.updated)?;
        if let Some(fields) = members.get("fields") {
            collection.fields = read_fields(fields)?;
        }
        collection.merge_options(members)
    }

    /// A changed type starts from zero options, which validation then complains about.
    fn merge_type(&mut self, members: &Members<'_>) -> Result<(), Malformed> {
        let mut name = self.collection.kind().as_str().to_owned();
        members.text("type", &mut name)?;
        if name.is_empty() {
            CollectionKind::Base.as_str().clone_into(&mut name);
        }
        match CollectionKind::parse(&name) {
            Some(kind) if kind == self.collection.kind() => {}
            Some(CollectionKind::Base) => self.collection.options = CollectionOptions::Base,
            Some(CollectionKind::Auth) => {
                self.collection.options = CollectionOptions::Auth(Box::default());
            }
            Some(CollectionKind::View) => {
                self.collection.options = CollectionOptions::View {
                    query: String::new(),
                };
            }
            None => {
                self.collection.options = CollectionOptions::Base;
                self.unknown_type = Some(name);
            }
        }
        Ok(())
    }
}

/// The submitted object; `null` clears the name, which is then missed.
fn object(body: &Json) -> Option<Map<String, Json>> {
    match body {
        Json::Object(object) => Some(object.clone()),
        Json::Null => Some(Map::from_iter([("name".to_owned(), Json::Null)])),
        _ => None,
    }
}

fn read_fields(value: &Json) -> Result<Vec<Field>, Malformed> {
    let items = match value {
        Json::Null => return Ok(Vec::new()),
        Json::Array(items) => items,
        _ => return Err(Malformed),
    };
    let fields: Vec<Field> = items
        .iter()
        .map(|item| {
            let object = item.as_object().ok_or(Malformed)?;
            Field::from_json(object).map_err(|_| Malformed)
        })
        .collect::<Result<_, _>>()?;
    Ok(field_list::rebuild(fields))
}

/// The first field that cannot be read, by its name where it has one.
fn unreadable_field(fields: &Json) -> Unreadable {
    let items = fields.as_array().map_or(&[][..], Vec::as_slice);
    let unread = items.iter().find(|item| {
        item.as_object()
            .is_none_or(|object| Field::from_json(object).is_err())
    });
    let name = unread.and_then(|item| item.get("name")?.as_str());
    name.map_or(Unreadable::Part("fields"), |name| {
        Unreadable::Field(name.to_owned())
    })
}

fn date(members: &Members<'_>, name: &str, target: &mut String) -> Result<(), Malformed> {
    let mut text = target.clone();
    members.text(name, &mut text)?;
    *target = time::parse(&text).map_or_else(String::new, |date| date.to_string());
    Ok(())
}
