//! Creating and changing collections, and everything that validation complains about.

use serde_json::{Value as Json, json};

use super::{Data, codes};

/// Checks which issues creating a collection has; it is removed again.
#[track_caller]
fn check(data: &Data, body: &Json, expect: &str) {
    let name = body["name"].as_str().unwrap_or_default().to_owned();
    let result = data.try_create(body.clone());
    let is_ok = result.is_ok();
    assert_eq!(codes(result), expect, "{body}");
    if is_ok {
        data.delete(&name).unwrap();
    }
}

#[test]
fn names_and_ids_are_checked() {
    let data = Data::fresh();
    let long = "a".repeat(256);
    for (name, expect) in [
        ("", "name=required"),
        ("a b", "name=match_invalid"),
        ("x_VIA_y", "name=found_via"),
        (long.as_str(), "name=length_out_of_range"),
        ("USERS", "name=collection_name_exists"),
        ("_PARAMS", "name=collection_name_invalid"),
        ("pbc_2279338944", "name=collection_name_id_duplicate"),
        ("fine", "ok"),
    ] {
        check(&data, &json!({"name": name}), expect);
    }
    check(
        &data,
        &json!({"name": "a", "id": "a b"}),
        "id=match_invalid",
    );
    check(
        &data,
        &json!({"name": "a", "id": "_pb_users_auth_"}),
        "id=invalid_or_existing_id",
    );
    check(
        &data,
        &json!({"name": "a", "type": "nope"}),
        "type=in_invalid",
    );
}

#[test]
fn lists_of_fields_are_checked() {
    let data = Data::fresh();
    let text = |name: &str| json!({"name": name, "type": "text"});
    for (fields, expect) in [
        (
            json!([text("a"), text("A")]),
            "fields.2.name=duplicated_field_name",
        ),
        (
            json!([{"name": "id", "type": "number"}]),
            "fields.1.name=duplicated_field_name",
        ),
        (
            json!([text("a b"), text("expand")]),
            "fields.1.name=match_invalid fields.2.name=not_in_invalid",
        ),
        (
            json!([{"name": "r", "type": "relation", "collectionId": "nope"}]),
            "fields.1.collectionId=field_relation_missing_collection",
        ),
        (
            json!([{"id": "x", "name": "a", "type": "text"}, {"id": "x", "name": "b", "type": "text"}]),
            "ok",
        ),
    ] {
        check(&data, &json!({"name": "t", "fields": fields}), expect);
    }
    check(
        &data,
        &json!({"name": "t", "type": "auth", "fields": [text("passwordConfirm"), text("oldPassword")]}),
        "fields.1.name=reserved_field_name fields.2.name=reserved_field_name",
    );
    check(
        &data,
        &json!({"name": "t", "type": "auth", "fields": [text("PASSWORDCONFIRM"), text("oldpassword")]}),
        "ok",
    );
}

#[test]
fn members_are_spelled_as_in_the_contract() {
    let data = Data::fresh();
    let made = data.create(json!({
        "NAME": "t", "Type": "auth", "LISTRULE": "", "ID": "x", "Fields": [{"name": "a", "type": "text"}],
        "passwordAuth": {"ENABLED": false}}));
    assert_eq!((made.name.as_str(), &made.rules.list), ("t", &None));
    assert!(made.is_auth() && made.id != "x" && made.field("a").is_none());
    assert!(made.auth_options().unwrap().password_auth.enabled);
    let changed = data.update(
        "t",
        json!({"NAME": "u", "listRule": "", "LISTRULE": "id = 'x'"}),
    );
    assert_eq!(
        (changed.name.as_str(), changed.rules.list.as_deref()),
        ("t", Some(""))
    );
    assert!(data.try_create(json!({"name": "a", "Name": "b"})).is_err());
}

#[test]
fn rules_have_to_compile() {
    let data = Data::fresh();
    check(
        &data,
        &json!({"name": "t", "listRule": "nope = 1", "viewRule": "(", "createRule": "  ", "deleteRule": "id = ''"}),
        "createRule=invalid_rule listRule=invalid_rule viewRule=invalid_rule",
    );
    check(
        &data,
        &json!({"name": "t", "listRule": "@collection.t.id = id"}),
        "ok",
    );
    check(
        &data,
        &json!({"name": "t", "type": "view", "viewQuery": "select id from users", "createRule": "", "indexes": ["create index i on t (id)"]}),
        "createRule=nil indexes=indexes_not_supported",
    );
}

#[test]
fn indexes_are_checked_and_written_for_their_table() {
    let data = Data::fresh();
    let body = |indexes: Json| json!({"name": "t", "indexes": indexes, "fields": [{"name": "a", "type": "text"}]});
    for (indexes, expect) in [
        (json!(["x"]), "indexes.0=invalid_index_expression"),
        (
            json!(["create index i on t (a)", "create index I on t (id)"]),
            "indexes.1=duplicated_index_name",
        ),
        (
            json!(["create index i on t (a)", "create index j on t (a)"]),
            "indexes.1=duplicated_index_definition",
        ),
        (
            json!(["create index idx_email__pb_users_auth_ on t (a)"]),
            "indexes.0=existing_index_name",
        ),
        (
            json!([
                "create index i on t (x)",
                "create index j on t (a)",
                "create index k on t (y)"
            ]),
            "indexes.0=invalid_index_expression indexes.2=invalid_index_expression",
        ),
        (
            json!(["create index i on t (a) where a = 1; drop table users"]),
            "indexes.0=invalid_index_expression",
        ),
    ] {
        check(&data, &body(indexes), expect);
    }
    let saved = data.create(body(json!(["create index i on other (a)"])));
    assert_eq!(saved.indexes, ["CREATE INDEX `i` ON `t` (`a`)"]);
    let renamed = data.update("t", json!({"name": "u"}));
    assert_eq!(renamed.indexes, ["CREATE INDEX `i` ON `u` (`a`)"]);
}

#[test]
fn auth_options_are_checked_one_by_one_and_then_together() {
    let data = Data::fresh();
    let auth = |options: Json| {
        let mut body = json!({"name": "t", "type": "auth"});
        body.as_object_mut()
            .unwrap()
            .extend(options.as_object().unwrap().clone());
        body
    };
    for (options, expect) in [
        (
            json!({"authRule": "nope = 1", "manageRule": ""}),
            "authRule=invalid_rule manageRule=nil_or_not_empty_required",
        ),
        (
            json!({"authToken": {"secret": "x", "duration": 5}, "fileToken": null}),
            "authToken.duration=min_greater_equal_than_required authToken.secret=length_out_of_range \
             fileToken.duration=required fileToken.secret=required",
        ),
        (
            json!({"otp": {"enabled": true, "duration": 5, "length": 3}}),
            "otp.duration=min_greater_equal_than_required otp.length=min_greater_equal_than_required",
        ),
        (
            json!({"otp": {"enabled": false, "duration": 5, "length": 3}}),
            "ok",
        ),
        (
            json!({"mfa": {"enabled": true, "rule": "nope = 1"}}),
            "mfa.enabled=mfa_not_enough_auths",
        ),
        (
            json!({"mfa": {"enabled": true, "rule": "nope = 1"}, "otp": {"enabled": true}}),
            "mfa.rule=invalid_rule",
        ),
        (
            json!({"passwordAuth": {"identityFields": ["nope"]}}),
            "passwordAuth.identityFields=missing_field",
        ),
        (
            json!({"passwordAuth": {"identityFields": ["email", "verified"]}}),
            "passwordAuth.identityFields=missing_unique_constraint",
        ),
        (
            json!({"oauth2": {"enabled": true, "providers": [{"name": "nope"}, {"name": "google", "clientId": "a", "clientSecret": "b", "authURL": "x y"}]}}),
            "oauth2.providers.0.clientId=required oauth2.providers.0.clientSecret=required \
             oauth2.providers.0.name=missing_provider oauth2.providers.1.authURL=is_url",
        ),
        (
            json!({"oauth2": {"enabled": true, "providers": [{"name": "google"}, {"name": "google"}]}}),
            "oauth2.providers.1.name=duplicated_provider",
        ),
        (
            json!({"verificationTemplate": {"subject": "", "body": ""}}),
            "verificationTemplate.body=required verificationTemplate.subject=required",
        ),
    ] {
        check(&data, &auth(options), expect);
    }
}

#[test]
fn the_ids_of_system_fields_are_for_their_type() {
    let data = Data::fresh();
    for (id, kind, expect) in [
        ("email3885137012", "date", "fields.1=field_type_change"),
        ("bool256245529", "text", "fields.1=field_type_change"),
        ("email3885137012", "email", "ok"),
    ] {
        let fields = json!([{"id": id, "name": "mine", "type": kind}]);
        let name = format!("t_{kind}");
        check(
            &data,
            &json!({"name": name, "type": "auth", "fields": fields}),
            expect,
        );
    }
}

#[test]
fn changes_keep_what_makes_a_collection_what_it_is() {
    let data = Data::fresh();
    data.create(json!({"name": "t", "fields": [
        {"id": "a", "name": "a", "type": "text"},
        {"id": "s", "name": "s", "type": "text", "system": true}],
        "indexes": ["create unique index i on t (s)"]}));
    for (patch, expect) in [
        (
            json!({"system": true}),
            "system=collection_system_flag_change",
        ),
        (
            json!({"type": "view", "viewQuery": "select id from users"}),
            "indexes=indexes_not_supported type=collection_type_change",
        ),
        (json!({"id": "other"}), "not found"),
        (json!({"fields": []}), "fields=system_field_change"),
        (
            json!({"fields": [{"id": "s", "name": "s", "type": "text"}, {"id": "a", "name": "a", "type": "number"}]}),
            "fields.2=field_type_change",
        ),
        (
            json!({"fields": [{"id": "s", "name": "s", "type": "url"}, {"id": "a", "name": "a", "type": "number"}]}),
            "fields.1=field_type_change fields.2=field_type_change",
        ),
        (
            json!({"indexes": ["create unique index i on t (S)"]}),
            "indexes=invalid_unique_system_field_index",
        ),
        (
            json!({"indexes": []}),
            "indexes=invalid_unique_system_field_index",
        ),
        (
            json!({"indexes": ["create unique index j on t (s collate nocase)"]}),
            "ok",
        ),
    ] {
        assert_eq!(
            codes(data.try_update("t", patch.clone())),
            expect,
            "{patch}"
        );
    }
    assert_eq!(
        codes(data.try_update(
            "_superusers",
            json!({"name": "x", "listRule": "", "authRule": null})
        )),
        "authRule=collection_system_rule_change listRule=collection_system_rule_change \
         name=collection_system_name_change"
    );
}

#[test]
fn system_fields_and_indexes_come_back() {
    let data = Data::fresh();
    let saved = data.update("users", json!({"fields": [], "indexes": []}));
    assert_eq!(
        data.fields("users"),
        "id:text password:password tokenKey:text email:email emailVisibility:bool verified:bool"
    );
    assert_eq!(saved.indexes.len(), 2);
    let options = saved.auth_options().unwrap();
    assert_eq!(
        options.oauth2.mapped_fields.name, "",
        "the mapped field is gone"
    );
}

#[test]
fn a_changed_auth_rule_ends_all_sessions() {
    let data = Data::fresh();
    let secret = |data: &Data| {
        let schema = data.schema();
        let options = schema.collection("users").unwrap().auth_options().cloned();
        options.unwrap().auth_token.secret.expose().clone()
    };
    let before = secret(&data);
    data.update("users", json!({"listRule": ""}));
    assert_eq!(secret(&data), before);
    data.update("users", json!({"authRule": "verified = true"}));
    assert_ne!(secret(&data), before);
}

#[test]
fn superusers_always_sign_in_with_a_password() {
    let data = Data::fresh();
    let saved = data.update(
        "_superusers",
        json!({"passwordAuth": {"enabled": false}, "otp": {"enabled": true}}),
    );
    let options = saved.auth_options().unwrap();
    assert!(options.password_auth.enabled && options.mfa.enabled);
}

#[test]
fn a_refused_change_leaves_nothing_behind() {
    let data = Data::fresh();
    data.create(json!({"name": "t", "fields": [{"id": "a", "name": "a", "type": "text"}]}));
    data.run("INSERT INTO t (id, a) VALUES ('1', 'x'), ('2', 'x')");
    let patch = json!({
        "fields": [{"id": "a", "name": "b", "type": "text"}, {"name": "c", "type": "text"}],
        "indexes": ["create unique index i on t (b)"]});
    assert_eq!(
        codes(data.try_update("t", patch)),
        "indexes.0=invalid_index_expression"
    );
    assert_eq!(data.rows("SELECT a FROM t"), ["x", "x"]);
    assert_eq!(data.fields("t"), "id:text a:text");
}
