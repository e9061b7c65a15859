//! Importing many collections at once.

use serde_json::json;

use super::{Data, codes};
use crate::catalog::Missing;

const FAILURE: &str = "collections=collections_import_failure";

#[test]
fn definitions_may_refer_to_each_other_in_any_order() {
    let data = Data::fresh();
    let items = json!([
        {"name": "v", "type": "view", "viewQuery": "select id, title from posts"},
        {"name": "posts", "id": "p", "type": "base", "listRule": "tag.name = 'x'", "fields": [
            {"name": "title", "type": "text"},
            {"name": "tag", "type": "relation", "collectionId": "t"},
            {"name": "parent", "type": "relation", "collectionId": "p"}]},
        {"name": "tags", "id": "t", "type": "base", "fields": [{"name": "name", "type": "text"}]},
    ]);
    data.import(items.clone(), Missing::Keep).unwrap();
    assert_eq!(data.fields("v"), "id:text title:text");
    data.import(items, Missing::Keep).unwrap();
    assert_eq!(
        data.fields("posts"),
        "title:text tag:relation parent:relation id:text"
    );
}

#[test]
fn views_may_stand_on_each_other_in_any_order() {
    let data = Data::fresh();
    let posts = json!({"name": "posts", "fields": [
        {"name": "title", "type": "text"}, {"name": "n", "type": "number"}]});
    data.import(
        json!([
            {"name": "top", "type": "view", "viewQuery": "select m.id, m.title from Middle m"},
            {"name": "middle", "type": "view", "viewQuery": "select id, title from `low`"},
            {"name": "low", "type": "view", "viewQuery": "select id, title from posts"},
            posts,
        ]),
        Missing::Keep,
    )
    .unwrap();
    assert_eq!(data.fields("top"), "id:text title:text");
    data.import(
        json!([
            {"name": "top", "type": "view", "viewQuery": "select id, n from middle"},
            {"name": "middle", "type": "view", "viewQuery": "select id, n from low"},
            {"name": "low", "type": "view", "viewQuery": "select id, n from posts"},
        ]),
        Missing::Keep,
    )
    .unwrap();
    assert_eq!(data.fields("top"), "id:text n:number");
    let circle = data.import(
        json!([
            {"name": "low", "type": "view", "viewQuery": "select id, n from top"},
            {"name": "top", "type": "view", "viewQuery": "select id, n from low"},
        ]),
        Missing::Keep,
    );
    assert_eq!(codes(circle), FAILURE);
}

#[test]
fn fields_that_are_not_mentioned_stay_unless_told_otherwise() {
    let data = Data::fresh();
    data.create(json!({"name": "t", "fields": [
        {"id": "a", "name": "a", "type": "text", "max": 5}, {"id": "b", "name": "b", "type": "text"}]}));
    data.run("INSERT INTO t (id, a) VALUES ('x', 'A')");
    // `a` under another id is the same field: it stays as it is stored.
    let items = json!([{"name": "t", "fields": [
        {"id": "z", "name": "a", "type": "text", "max": 9}, {"id": "c", "name": "c", "type": "text"}]}]);
    data.import(items, Missing::Keep).unwrap();
    assert_eq!(data.fields("t"), "a:text c:text id:text b:text");
    assert_eq!(data.rows("SELECT a FROM t"), ["A"]);
    data.import(
        json!([{"name": "t", "fields": [{"id": "c", "name": "c", "type": "text"}]}, {"name": "users"}]),
        Missing::Delete,
    )
    .unwrap();
    assert_eq!(data.fields("t"), "c:text id:text");
}

#[test]
fn collections_that_are_not_mentioned_can_be_deleted() {
    let data = Data::fresh();
    data.create(json!({"name": "a", "id": "a_id"}));
    data.create(
        json!({"name": "b", "fields": [{"name": "r", "type": "relation", "collectionId": "a_id"}]}),
    );
    data.create(json!({"name": "v", "type": "view", "viewQuery": "select id from b"}));
    data.import(json!([{"name": "users"}]), Missing::Delete)
        .unwrap();
    let schema = data.schema();
    let names: Vec<&str> = schema
        .collections()
        .map(|entry| entry.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "_mfas",
            "_otps",
            "_externalAuths",
            "_authOrigins",
            "_superusers",
            "users"
        ]
    );
}

#[test]
fn one_bad_definition_undoes_all() {
    let data = Data::fresh();
    for (bad, expect) in [
        (json!({"name": "bad", "listRule": "nope = 1"}), FAILURE),
        (json!({"name": "bad", "listRule": 5}), FAILURE),
        (json!({"name": "bad", "type": "nope"}), FAILURE),
        (json!({"name": "users", "id": "other"}), FAILURE),
        (
            json!({"name": "bad", "type": "view", "viewQuery": "select nope from users"}),
            FAILURE,
        ),
        (
            json!({"name": "bad", "fields": [{"name": "r", "type": "relation", "collectionId": "x"}]}),
            FAILURE,
        ),
        (json!({"name": "_superusers", "listRule": ""}), FAILURE),
        (
            json!({"name": "bad", "indexes": ["bad"]}),
            "indexes.0=invalid_index_expression",
        ),
    ] {
        let items = json!([{"name": "good"}, bad]);
        assert_eq!(codes(data.import(items, Missing::Keep)), expect, "{bad}");
        assert!(data.schema().collection("good").is_none());
        assert_eq!(
            data.rows("SELECT name FROM sqlite_master WHERE name IN ('good', 'bad')"),
            Vec::<String>::new()
        );
    }
}

#[test]
fn relations_may_lead_elsewhere() {
    let data = Data::fresh();
    let relation =
        |to: &str| json!([{"id": "r", "name": "r", "type": "relation", "collectionId": to}]);
    data.create(json!({"name": "a", "id": "a_id"}));
    data.create(json!({"name": "b", "id": "b_id", "fields": relation("a_id")}));
    let refused = codes(data.try_update("b", json!({"fields": relation("b_id")})));
    assert_eq!(refused, "fields.1.collectionId=field_relation_change");
    data.import(
        json!([{"id": "b_id", "name": "b", "fields": relation("b_id")}]),
        Missing::Keep,
    )
    .unwrap();
    assert_eq!(
        data.schema().collection("b").unwrap().fields[0]
            .relation()
            .unwrap()
            .collection_id,
        "b_id"
    );
}
