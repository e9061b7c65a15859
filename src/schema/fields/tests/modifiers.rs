use serde_json::{Map, Value as Json};

use super::field;
use crate::schema::fields::{Field, Modifier, assignments};
use crate::schema::value::FieldValue;

fn fields() -> Vec<Field> {
    [
        r#"{"name":"n","type":"number"}"#,
        r#"{"name":"s","type":"select","values":["a","b","c","d"]}"#,
        r#"{"name":"m","type":"select","values":["a","b","c","d"],"maxSelect":5}"#,
        r#"{"name":"t","type":"text"}"#,
        r#"{"name":"g","type":"text","autogeneratePattern":"[A-A]{2}"}"#,
        r#"{"name":"b","type":"bool"}"#,
        r#"{"name":"d","type":"autodate","onCreate":true}"#,
    ]
    .map(field)
    .to_vec()
}

/// Applies a body to a record with fixed values and shows the fields that changed.
#[track_caller]
fn check(body: &str, expect: &str) {
    let fields = fields();
    let start = [
        FieldValue::Number(10.0),
        FieldValue::Text("a".into()),
        FieldValue::List(vec!["a".into(), "b".into()]),
        FieldValue::Text("x".into()),
        FieldValue::Text("y".into()),
        FieldValue::Bool(false),
        FieldValue::Text("2022-01-01 00:00:00.000Z".into()),
    ];
    let mut values = start.clone();
    let body: Map<String, Json> = serde_json::from_str(body).expect("an object");
    for change in assignments(&fields, &body) {
        let position = change.position;
        values[position] = fields[position].apply(&values[position], change.modifier, change.value);
    }
    let changed: Map<String, Json> = (fields.iter().zip(&values).zip(&start))
        .filter(|((_, value), start)| value != start)
        .map(|((field, value), _)| (field.name.clone(), value.to_json()))
        .collect();
    assert_eq!(Json::Object(changed).to_string(), expect, "{body:?}");
}

#[test]
fn numbers_are_added_and_subtracted() {
    check(r#"{"n+":1}"#, r#"{"n":11}"#);
    check(r#"{"n+":"2"}"#, r#"{"n":12}"#);
    check(r#"{"n-":true}"#, r#"{"n":9}"#);
    check(r#"{"n+":null}"#, "{}");
    check(r#"{"n+":1,"n":5}"#, r#"{"n":6}"#);
    check(r#"{"n+":1,"n-":3}"#, r#"{"n":8}"#);
    check(r#"{"+n":1,"-n":1}"#, "{}");
}

#[test]
fn lists_grow_at_both_ends_and_shrink() {
    check(r#"{"m+":["c","a"]}"#, r#"{"m":["a","b","c"]}"#);
    check(r#"{"+m":["c","a"]}"#, r#"{"m":["c","a","b"]}"#);
    check(r#"{"m-":["c","a"]}"#, r#"{"m":["b"]}"#);
    check(r#"{"m+":"[\"c\",\"d\"]"}"#, r#"{"m":["a","b","c","d"]}"#);
    check(r#"{"m+":{},"m-":null,"+m":""}"#, "{}");
    check(r#"{"m":["c"],"m+":"a","+m":"b"}"#, r#"{"m":["b","c","a"]}"#);
    check(r#"{"m+":["c","d"],"m-":["c"]}"#, r#"{"m":["a","b","d"]}"#);
}

#[test]
fn long_lists_are_taken_out_of_long_lists() {
    let names: Vec<String> = (0..300_000).map(|n| n.to_string()).collect();
    let field = field(r#"{"name":"m","type":"relation","collectionId":"c","maxSelect":2}"#);
    let taken = Json::from(names[1..].to_vec());
    let current = FieldValue::List(names);
    assert_eq!(
        field.apply(&current, Modifier::Remove, &taken),
        FieldValue::List(vec!["0".to_owned()])
    );
}

#[test]
fn single_values_are_replaced_or_removed() {
    check(r#"{"s+":["b","c"]}"#, r#"{"s":"c"}"#);
    check(r#"{"+s":"c"}"#, "{}");
    check(r#"{"s-":["c","a"]}"#, r#"{"s":""}"#);
    check(r#"{"s-":"c"}"#, "{}");
}

#[test]
fn texts_end_as_their_pattern_says() {
    check(r#"{"g:autogenerate":"z"}"#, r#"{"g":"zAA"}"#);
    check(r#"{"g:autogenerate":null}"#, r#"{"g":"AA"}"#);
    check(r#"{"t:autogenerate":"z"}"#, r#"{"t":"z"}"#);
}

#[test]
fn what_is_no_field_or_no_modifier_of_it_is_ignored() {
    check(
        r#"{"t+":"y","b+":true,"t-":"x","N+":1,"n++":1,"n:x":3,"m+ ":"c","zz":1}"#,
        "{}",
    );
    check(r#"{"n:autogenerate":3,"d":"2020-01-01"}"#, "{}");
}
