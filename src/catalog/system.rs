//! The collections every data directory has: system collections, and `users` on a fresh start.

use serde_json::{Value as Json, json};

use crate::schema::{
    AUTH_ORIGINS, Collection, CollectionKind, CollectionOptions, EXTERNAL_AUTHS, Field, MFAS, OTPS,
    Rules, SUPERUSERS, field_list, scaffold,
};

const USERS_ID: &str = "_pb_users_auth_";

const OWNER_RULE: &str = "@request.auth.id != '' && recordRef = @request.auth.id && collectionRef = @request.auth.collectionId";

const USER_RULE: &str = "id = @request.auth.id";

const SUPERUSER_TOKEN_SECONDS: i64 = 86_400;

/// All collections of a fresh data directory in the order in which they are made.
pub(super) fn fresh() -> Vec<Collection> {
    vec![
        mfas(),
        otps(),
        external_auths(),
        auth_origins(),
        superusers(),
        users(),
    ]
}

fn mfas() -> Collection {
    let mut collection = references(
        MFAS,
        &[json!({"name": "method", "type": "text", "required": true})],
    );
    collection.indexes = vec![
        "CREATE INDEX `idx_mfas_collectionRef_recordRef` ON `_mfas` (collectionRef,recordRef)"
            .to_owned(),
    ];
    collection
}

fn otps() -> Collection {
    let mut collection = references(
        OTPS,
        &[
            json!({"name": "password", "type": "password", "hidden": true, "required": true, "cost": 8}),
            json!({"name": "sentTo", "type": "text", "hidden": true}),
        ],
    );
    collection.indexes = vec![
        "CREATE INDEX `idx_otps_collectionRef_recordRef` ON `_otps` (collectionRef, recordRef)"
            .to_owned(),
    ];
    collection
}

fn external_auths() -> Collection {
    let mut collection = references(
        EXTERNAL_AUTHS,
        &[
            json!({"name": "provider", "type": "text", "required": true}),
            json!({"name": "providerId", "type": "text", "required": true}),
        ],
    );
    collection.rules.delete = Some(OWNER_RULE.to_owned());
    collection.indexes = vec![
        "CREATE UNIQUE INDEX `idx_externalAuths_record_provider` ON `_externalAuths` (collectionRef, recordRef, provider)".to_owned(),
        "CREATE UNIQUE INDEX `idx_externalAuths_collection_provider` ON `_externalAuths` (collectionRef, provider, providerId)".to_owned(),
    ];
    collection
}

fn auth_origins() -> Collection {
    let mut collection = references(
        AUTH_ORIGINS,
        &[json!({"name": "fingerprint", "type": "text", "required": true})],
    );
    collection.rules.delete = Some(OWNER_RULE.to_owned());
    collection.indexes = vec![
        "CREATE UNIQUE INDEX `idx_authOrigins_unique_pairs` ON `_authOrigins` (collectionRef, recordRef, fingerprint)".to_owned(),
    ];
    collection
}

fn superusers() -> Collection {
    let mut collection = begin(CollectionKind::Auth, SUPERUSERS, None, true);
    if let CollectionOptions::Auth(options) = &mut collection.options {
        options.auth_token.duration = SUPERUSER_TOKEN_SECONDS;
    }
    add_dates(&mut collection);
    collection
}

fn users() -> Collection {
    let mut collection = begin(CollectionKind::Auth, "users", Some(USERS_ID), false);
    if let CollectionOptions::Auth(options) = &mut collection.options {
        let mapped = &mut options.oauth2.mapped_fields;
        "name".clone_into(&mut mapped.name);
        "avatar".clone_into(&mut mapped.avatar_url);
    }
    let owner = || Some(USER_RULE.to_owned());
    collection.rules = Rules {
        list: owner(),
        view: owner(),
        create: Some(String::new()),
        update: owner(),
        delete: owner(),
    };
    add(
        &mut collection,
        &json!({"name": "name", "type": "text", "max": 255}),
    );
    add(
        &mut collection,
        &json!({"name": "avatar", "type": "file", "maxSelect": 1, "mimeTypes": [
            "image/jpeg", "image/png", "image/svg+xml", "image/gif", "image/webp"]}),
    );
    add_dates(&mut collection);
    collection
}

/// A system collection whose records belong to auth records.
fn references(name: &str, fields: &[Json]) -> Collection {
    let mut collection = begin(CollectionKind::Base, name, None, true);
    let owner = || Some(OWNER_RULE.to_owned());
    collection.rules.list = owner();
    collection.rules.view = owner();
    for name in ["collectionRef", "recordRef"] {
        add(
            &mut collection,
            &json!({"name": name, "type": "text", "required": true}),
        );
    }
    for field in fields {
        add(&mut collection, field);
    }
    add_dates(&mut collection);
    collection
}

fn begin(kind: CollectionKind, name: &str, id: Option<&str>, system: bool) -> Collection {
    let mut collection = scaffold::blank(kind);
    name.clone_into(&mut collection.name);
    collection.id = id.map_or_else(
        || scaffold::default_id(kind, name, |_| false),
        str::to_owned,
    );
    collection.system = system;
    scaffold::complete(&mut collection);
    collection
}

fn add_dates(collection: &mut Collection) {
    add(
        collection,
        &json!({"name": "created", "type": "autodate", "onCreate": true}),
    );
    add(
        collection,
        &json!({"name": "updated", "type": "autodate", "onCreate": true, "onUpdate": true}),
    );
}

/// Adds a field; in a system collection all fields are system fields.
fn add(collection: &mut Collection, definition: &Json) {
    let mut field = definition
        .as_object()
        .and_then(|object| Field::from_json(object).ok())
        .expect("BUG: a constant field definition");
    field.system = collection.system;
    field_list::add(&mut collection.fields, field);
}
