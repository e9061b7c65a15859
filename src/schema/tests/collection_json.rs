//! JSON forms of collections: members, order, secrets, merging.

use serde_json::{Value as Json, json};

use crate::schema::{Collection, CollectionKind, CollectionOptions, Draft, TokenConfig, scaffold};

fn created(body: &Json) -> Collection {
    let mut collection = Draft::create(body).unwrap().collection;
    scaffold::complete(&mut collection);
    collection
}

fn public(collection: &Collection) -> String {
    let mut out = Vec::new();
    collection.write_json(&mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn public_members_have_the_order_of_the_contract() {
    let collection = created(&json!({"name": "v", "type": "view", "viewQuery": "select 1 id"}));
    assert_eq!(
        public(&collection),
        r#"{"id":"","listRule":null,"viewRule":null,"createRule":null,"updateRule":null,"deleteRule":null,"name":"v","type":"view","fields":[],"indexes":[],"created":"","updated":"","system":false,"viewQuery":"select 1 id"}"#
    );
    let auth = public(&created(&json!({"name": "a", "type": "auth"})));
    let order = [
        "\"system\"",
        "authRule",
        "manageRule",
        "authAlert",
        "oauth2",
        "providers",
        "mappedFields",
        "avatarURL",
        "passwordAuth",
        "mfa",
        "otp",
        "authToken",
        "passwordResetToken",
        "emailChangeToken",
        "verificationToken",
        "fileToken",
        "verificationTemplate",
        "resetPasswordTemplate",
        "confirmEmailChangeTemplate",
    ];
    let mut rest = auth.rsplit_once("\"updated\"").unwrap().1;
    for name in order {
        let (_, tail) = rest
            .split_once(name)
            .unwrap_or_else(|| panic!("{name} is misplaced"));
        rest = tail;
    }
}

#[test]
fn secrets_are_stored_but_never_shown() {
    let body = json!({"name": "a", "type": "auth", "oauth2": {"providers": [
        {"name": "google", "clientId": "id", "clientSecret": "hush-hush"}]}});
    let collection = created(&body);
    let shown = public(&collection);
    assert!(!shown.contains("secret") && !shown.contains("hush") && !shown.contains("Secret"));
    assert!(!format!("{collection:?}").contains("hush"));
    let mut stored = scaffold::blank(CollectionKind::Auth);
    stored
        .read_stored(
            &collection.stored_fields(),
            &collection.stored_indexes(),
            &collection.stored_options(),
        )
        .unwrap();
    assert_eq!(stored.options, collection.options);
    assert_eq!(stored.fields, collection.fields);
    assert_eq!(stored.indexes, collection.indexes);
}

#[test]
fn what_cannot_be_read_of_a_stored_definition_is_named() {
    let said = |fields: &str, indexes: &str, options: &str| {
        let mut stored = scaffold::blank(CollectionKind::Auth);
        let read = stored.read_stored(fields, indexes, options);
        read.map_or_else(|error| error.to_string(), |()| "read".to_owned())
    };
    assert_eq!(said("null", "[]", "null"), "read");
    assert_eq!(said("", "", ""), "read");
    let weird = r#"[{"name": "t", "type": "text"}, {"name": "w", "type": "weird"}]"#;
    assert!(said(weird, "[]", "{}").contains(r#"the field "w" "#));
    let option = r#"[{"name": "t", "type": "text", "max": "many"}]"#;
    assert!(said(option, "[]", "{}").contains(r#"the field "t" "#));
    for fields in ["{no", "{}", "[5]", r#"[{"type": "weird"}]"#] {
        assert!(said(fields, "[]", "{}").contains("its fields "), "{fields}");
    }
    for indexes in ["{no", "{}", "[5]"] {
        assert!(
            said("[]", indexes, "{}").contains("its indexes "),
            "{indexes}"
        );
    }
    for options in ["{no", "[]", r#"{"authToken": {"duration": "x"}}"#] {
        assert!(
            said("[]", "[]", options).contains("its options "),
            "{options}"
        );
    }
}

/// Whoever writes a definition by hand may leave out what it does not need; nothing is switched on for that.
#[test]
fn what_stored_options_do_not_say_is_off() {
    for options in ["{}", "null", "", r#"{"mfa": {"duration": 5}}"#] {
        let mut stored = scaffold::blank(CollectionKind::Auth);
        stored.read_stored("[]", "[]", options).unwrap();
        let auth = stored.auth_options().unwrap();
        assert_eq!(auth.auth_rule, None, "{options}");
        assert!(!auth.password_auth.enabled && !auth.auth_alert.enabled);
        assert_eq!(auth.auth_token, TokenConfig::default());
    }
    for options in ["", "[]", "{no"] {
        let mut stored = scaffold::blank(CollectionKind::Base);
        stored.read_stored("[]", "[]", options).unwrap();
    }
}

#[test]
fn new_auth_collections_get_their_fields_and_indexes() {
    let collection = created(&json!({"name": "a", "id": "x", "type": "auth", "fields": [
        {"name": "email", "type": "text"}, {"name": "title", "type": "text"}]}));
    let names: Vec<&str> = collection.fields.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "id",
            "email",
            "title",
            "password",
            "tokenKey",
            "emailVisibility",
            "verified"
        ]
    );
    assert_eq!(
        collection.indexes,
        [
            "CREATE UNIQUE INDEX `idx_tokenKey_x` ON `a` (`tokenKey`)",
            "CREATE UNIQUE INDEX `idx_email_x` ON `a` (`email`) WHERE `email` != ''",
        ]
    );
}

#[test]
fn partial_providers_keep_what_they_leave_out() {
    let body = json!({"name": "a", "type": "auth", "oauth2": {"providers": [
        {"name": "google", "clientId": "g", "clientSecret": "gs"},
        {"name": "github", "clientId": "h", "clientSecret": "hs"}]}});
    let patch = json!({"oauth2": {"providers": [{"name": "github", "displayName": "Hub"}, {"name": "gitlab"}]}});
    let patched = Draft::update(&created(&body), &patch).unwrap().collection;
    let providers = &patched.auth_options().unwrap().oauth2.providers;
    let shown: Vec<_> = providers
        .iter()
        .map(|p| {
            (
                p.name.as_str(),
                p.client_id.as_str(),
                p.client_secret.expose().as_str(),
            )
        })
        .collect();
    assert_eq!(shown, [("github", "h", "hs"), ("gitlab", "", "")]);
}

#[track_caller]
fn check_refused(body: &Json, expect: &str) {
    let error = Draft::create(body).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains(expect), "{body}: {error}");
}

#[test]
fn wrong_types_are_refused_in_two_ways() {
    for body in [
        json!({"name": 5}),
        json!({"type": 5}),
        json!([]),
        json!({"name": "a", "Name": "b"}),
    ] {
        check_refused(&body, "collection type data");
    }
    for body in [
        json!({"listRule": 5}),
        json!({"fields": {}}),
        json!({"fields": [null]}),
        json!({"fields": [{"type": "nope"}]}),
        json!({"indexes": [1]}),
        json!({"created": 5}),
        json!({"authRule": 5}),
        json!({"authToken": {"duration": "5"}}),
    ] {
        check_refused(&body, "submitted data");
    }
}

#[test]
fn a_changed_type_starts_from_nothing() {
    let stored = created(&json!({"name": "a"}));
    let auth = Draft::update(&stored, &json!({"type": "auth"})).unwrap();
    assert!(
        auth.collection
            .auth_options()
            .unwrap()
            .auth_token
            .secret
            .expose()
            .is_empty()
    );
    let nope = Draft::update(&stored, &json!({"type": "nope"})).unwrap();
    assert_eq!(nope.unknown_type.as_deref(), Some("nope"));
    assert_eq!(nope.collection.options, CollectionOptions::Base);
}
