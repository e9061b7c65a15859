//! View collections: what they may select, and how they follow the tables they are made from.

use serde_json::{Value as Json, json};

use super::{Data, codes};
use crate::catalog::dry_run;

fn data() -> Data {
    let data = Data::fresh();
    data.create(json!({"name": "t", "fields": [
        {"id": "a", "name": "a", "type": "text", "max": 7},
        {"id": "n", "name": "n", "type": "number"},
        {"id": "h", "name": "h", "type": "text", "hidden": true}]}));
    data
}

fn view(query: &str) -> Json {
    json!({"name": "v", "type": "view", "viewQuery": query})
}

#[test]
fn fields_come_from_the_query() {
    let data = data();
    for (query, expect) in [
        ("select id, a as x, n from t", "id:text x:text n:number"),
        (
            " select t.id, t.id as other from t ;; ",
            "id:text other:relation",
        ),
        (
            "select (row_number() over ()) as id, count(*) c, sum(n) s from t group by a",
            "id:text c:number s:json",
        ),
    ] {
        data.create(view(query));
        assert_eq!(data.fields("v"), expect, "{query}");
        data.delete("v").unwrap();
    }
}

#[test]
fn unusable_queries_are_refused() {
    let data = data();
    data.run("INSERT INTO t (id, a) VALUES ('1', ''), ('2', '')");
    let invalid = "viewQuery=invalid_view_query";
    let without_fields = "fields=required viewQuery=invalid_view_query";
    for (query, expect) in [
        ("", "fields=required viewQuery=required"),
        ("select nope from t", without_fields),
        ("select * from t", without_fields),
        ("delete from t", without_fields),
        ("select id from t; select 1", without_fields),
        ("select id, ? as x from t", without_fields),
        (
            "select id from t) union select id from (select 1 id",
            without_fields,
        ),
        (
            "select a from t",
            "fields=missing_primary_key viewQuery=invalid_view_query",
        ),
        ("select a as id from t", invalid),
        ("select 'x' as id from t", invalid),
        (
            "select id, a as expand from t",
            "fields.1.name=not_in_invalid viewQuery=invalid_view_query",
        ),
    ] {
        assert_eq!(codes(data.try_create(view(query))), expect, "{query}");
    }
    assert_eq!(data.rows("SELECT count(*) FROM t"), ["2"]);
}

#[test]
fn ids_are_text_whatever_the_query_makes_them() {
    let data = data();
    data.run("INSERT INTO t (id, n) VALUES ('1', 5)");
    data.create(view("select (row_number() over ()) as id, n from t"));
    assert_eq!(
        data.rows("SELECT typeof(id), n FROM v WHERE id = '1'"),
        ["text|5"]
    );
}

#[test]
fn views_follow_the_collections_they_are_made_from() {
    let data = data();
    data.create(view("select id, a from t"));
    data.create(json!({"name": "w", "type": "view", "viewQuery": "select id, a as b from v"}));
    let max = |data: &Data, view: &str| {
        let schema = data.schema();
        let field = schema.collection(view).unwrap().fields[1].to_json();
        field["max"].clone()
    };
    assert_eq!((max(&data, "v"), max(&data, "w")), (json!(7), json!(7)));
    data.update(
        "t",
        json!({"fields": [{"id": "a", "name": "a", "type": "text", "max": 9}]}),
    );
    assert_eq!((max(&data, "v"), max(&data, "w")), (json!(9), json!(9)));
    // A field that a view selects cannot go.
    let refused = codes(data.try_update("t", json!({"fields": []})));
    assert!(refused.contains("failed to drop column a"), "{refused}");
    // A view that others select from keeps what they need.
    assert_eq!(codes(data.delete("v")), "Failed to delete collection.");
    data.delete("w").unwrap();
    data.delete("v").unwrap();
}

#[test]
fn a_dry_run_shows_fields_and_records_without_hidden_ones() {
    let data = data();
    data.run("INSERT INTO t (id, a, n, h) VALUES ('1', 'x', 1.5, 'secret')");
    let schema = data.schema();
    let run = |query: &str| data.engine.read(|reader| dry_run(reader, &schema, query));
    let answer: Json =
        serde_json::from_slice(&run("select id, n, h, '[1]' as j from t").unwrap()).unwrap();
    assert_eq!(answer["fields"].as_array().unwrap().len(), 4);
    let mut sample = answer["sample"][0].clone();
    let name = sample["collectionName"].take();
    assert!(name.as_str().unwrap().starts_with("temp_view_"));
    sample["collectionId"].take();
    assert_eq!(
        sample,
        json!({"collectionId": null, "collectionName": null, "id": "1", "j": [1], "n": 1.5})
    );
    assert_eq!(
        codes(run("select id, nope from t").map(drop))
            .lines()
            .next(),
        Some("Invalid view query. Raw error: ")
    );
}

#[test]
fn a_view_shows_what_its_query_says_whichever_field_has_the_name() {
    let data = data();
    data.run("INSERT INTO t (id, a, h) VALUES ('1', 'private', 'public')");
    data.create(view("select id, a as shown from t"));
    data.update(
        "t",
        json!({"fields": [
            {"id": "a", "name": "old", "type": "text", "hidden": true},
            {"id": "h", "name": "a", "type": "text", "hidden": false}]}),
    );
    assert_eq!(data.rows("SELECT shown FROM v"), ["public"]);
    // A query whose column has no field any more stays as it is.
    data.update(
        "t",
        json!({"fields": [
            {"id": "a", "name": "old", "type": "text", "hidden": true},
            {"id": "h", "name": "new", "type": "text"}]}),
    );
    assert_eq!(data.rows("SELECT shown FROM v"), ["public"]);
}

#[test]
fn views_stand_by_only_while_a_column_is_converted() {
    let data = Data::fresh();
    let tags = |most: u8| json!({"id": "s", "name": "s", "type": "select", "values": ["x", "y", "z"], "maxSelect": most});
    let text = |id: &str, name: &str| json!({"id": id, "name": name, "type": "text"});
    data.create(json!({"name": "u", "fields": [tags(1), text("a", "a"), text("b", "b")]}));
    data.run("INSERT INTO u (id, s, a) VALUES ('1', 'x', 'kept')");
    data.create(view("select id, a from u"));
    let refused = codes(data.try_update("u", json!({"fields": [tags(2)]})));
    assert!(refused.contains("failed to drop column a"), "{refused}");
    let both = json!({"name": "u2", "fields": [tags(2), text("a", "a"), text("b", "b")]});
    data.update("u", both);
    assert_eq!(data.rows("SELECT v.a, s FROM v, u2"), ["kept|[\"x\"]"]);
    data.update("u2", json!({"fields": [tags(1), text("a", "a2")]}));
    assert_eq!(data.rows("SELECT v.a2, s FROM v, u2"), ["kept|x"]);
}

#[test]
fn a_row_on_which_an_expression_fails_is_nothing_against_the_view() {
    let data = data();
    data.run("INSERT INTO t (id, a) VALUES ('1', '{\"m\":1}'), ('2', '{bad')");
    data.create(view("select id, json_extract(a, '$.m') as m from t"));
    data.update("v", json!({"listRule": ""}));
}
