//! What new collections start with, and the fields and indexes that every collection of a type must have.

use std::{iter, mem};

use crate::base::ids::{self, LOWER_ALNUM};
use crate::base::text;
use crate::schema::auth_options::AuthOptions;
use crate::schema::collection::{Collection, CollectionKind, CollectionOptions, Rules};
use crate::schema::field_list;
use crate::schema::fields::{
    DEFAULT_ID_AUTOGENERATE_PATTERN, DEFAULT_ID_PATTERN, DomainOptions, Field, FieldKind,
    PasswordOptions, TextOptions,
};
use crate::schema::index::{self, Index, IndexColumn};

const MAX_INDEX_NAME: usize = 64;

/// A new collection of a type, without a name and without the mandatory parts, which [`complete`] adds.
pub fn blank(kind: CollectionKind) -> Collection {
    Collection {
        id: String::new(),
        name: String::new(),
        system: false,
        fields: Vec::new(),
        indexes: Vec::new(),
        rules: Rules::default(),
        options: match kind {
            CollectionKind::Base => CollectionOptions::Base,
            CollectionKind::Auth => CollectionOptions::Auth(Box::new(AuthOptions::factory())),
            CollectionKind::View => CollectionOptions::View {
                query: String::new(),
            },
        },
        created: String::new(),
        updated: String::new(),
    }
}

/// The example of a type that the admin UI starts a new collection from.
pub fn scaffold(kind: CollectionKind) -> Collection {
    let mut collection = blank(kind);
    complete(&mut collection);
    collection
}

/// The id a collection gets when none is given: a checksum of type and name, with a number behind it while it is taken.
pub fn default_id(kind: CollectionKind, name: &str, taken: impl Fn(&str) -> bool) -> String {
    let base = format!("pbc_{}", text::crc32(&format!("{}{name}", kind.as_str())));
    iter::once(base.clone())
        .chain((2..1000).map(|n| format!("{base}{n}")))
        .find(|id| !taken(id))
        .unwrap_or(base)
}

/// Adds missing mandatory fields and indexes, and forces the flags of those present.
pub fn complete(collection: &mut Collection) {
    if collection.is_view() {
        return;
    }
    complete_id(&mut collection.fields);
    if collection.is_auth() {
        complete_auth_fields(&mut collection.fields);
        let suffix = if collection.id.is_empty() {
            ids::random_string(10, LOWER_ALNUM)
        } else {
            collection.id.clone()
        };
        complete_auth_indexes(collection, &suffix);
    }
}

fn complete_id(fields: &mut Vec<Field>) {
    let existing = fields.iter_mut().find_map(|field| match &mut field.kind {
        FieldKind::Text(options) if field.name == "id" => Some((
            &mut field.system,
            &mut field.required,
            &mut field.hidden,
            options,
        )),
        _ => None,
    });
    if let Some((system, required, hidden, options)) = existing {
        (*system, *required, *hidden) = (true, true, false);
        options.primary_key = true;
        if options.pattern.is_empty() {
            options.pattern = DEFAULT_ID_PATTERN.into();
        }
        return;
    }
    let mut id = system_field(
        "id",
        FieldKind::Text(TextOptions {
            min: 15,
            max: 15,
            pattern: DEFAULT_ID_PATTERN.into(),
            autogenerate_pattern: DEFAULT_ID_AUTOGENERATE_PATTERN.to_owned(),
            primary_key: true,
        }),
    );
    id.required = true;
    id.id = Field::default_id(id.kind.type_name(), &id.name);
    // Compat: a field that claims this id takes its place, and the collection is refused for having none.
    *fields = field_list::rebuild(iter::once(id).chain(mem::take(fields)).collect());
}

fn complete_auth_fields(fields: &mut Vec<Field>) {
    let mut password = system_field(
        "password",
        FieldKind::Password(PasswordOptions {
            min: 8,
            ..PasswordOptions::default()
        }),
    );
    (password.hidden, password.required) = (true, true);
    force(fields, password, |field| {
        (field.hidden, field.required) = (true, true);
    });

    let mut token_key = system_field(
        "tokenKey",
        FieldKind::Text(TextOptions {
            min: 30,
            max: 60,
            autogenerate_pattern: "[a-zA-Z0-9]{50}".to_owned(),
            ..TextOptions::default()
        }),
    );
    (token_key.hidden, token_key.required) = (true, true);
    force(fields, token_key, |field| {
        (field.hidden, field.required) = (true, true);
    });

    let mut email = system_field("email", FieldKind::Email(DomainOptions::default()));
    email.required = true;
    force(fields, email, |field| field.hidden = false);

    force(
        fields,
        system_field("emailVisibility", FieldKind::Bool),
        |_| {},
    );
    force(fields, system_field("verified", FieldKind::Bool), |_| {});
}

/// Makes the existing field of the same name and type a system one; adds the given one if there is none.
fn force(fields: &mut Vec<Field>, field: Field, flags: impl FnOnce(&mut Field)) {
    let existing = fields
        .iter_mut()
        .find(|other| other.name == field.name && other.kind.type_name() == field.kind.type_name());
    match existing {
        Some(existing) => {
            existing.system = true;
            flags(existing);
        }
        None => field_list::add(fields, field),
    }
}

/// Gives a collection that is made without any indexes its mandatory ones.
///
/// Compat: they are called after the id that follows from the name, also where another id was submitted.
pub fn first_indexes(collection: &mut Collection) {
    if collection.is_auth() {
        let id = default_id(collection.kind(), &collection.name, |_| false);
        complete_auth_indexes(collection, &id);
    }
}

fn complete_auth_indexes(collection: &mut Collection, suffix: &str) {
    for (column, condition) in [("tokenKey", ""), ("email", "`email` != ''")] {
        if index::single_unique(&collection.indexes, column).is_some() {
            continue;
        }
        let name = format!("idx_{column}_{suffix}");
        let index = Index {
            unique: true,
            name: text::truncate_bytes(&name, MAX_INDEX_NAME).to_owned(),
            table: collection.name.clone(),
            columns: vec![IndexColumn {
                name: column.to_owned(),
                ..IndexColumn::default()
            }],
            condition: condition.to_owned(),
            ..Index::default()
        };
        collection.indexes.push(index.to_string());
    }
}

fn system_field(name: &str, kind: FieldKind) -> Field {
    Field {
        system: true,
        ..Field::new(name, kind)
    }
}
