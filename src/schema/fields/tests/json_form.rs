use serde_json::Value as Json;

use super::field;
use crate::schema::fields::Field;

/// Reads a definition and shows it again, or the error.
fn shown(definition: &str) -> String {
    let value: Json = serde_json::from_str(definition).expect("a JSON text");
    match Field::from_json(value.as_object().expect("an object")) {
        Ok(field) => Json::Object(field.to_json()).to_string(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_type_shows_all_its_options() {
    for (definition, expect) in [
        (
            r#"{"id":"t1","name":"a","type":"text"}"#,
            r#"{"autogeneratePattern":"","help":"","hidden":false,"id":"t1","max":0,"min":0,"name":"a","pattern":"","presentable":false,"primaryKey":false,"required":false,"system":false,"type":"text"}"#,
        ),
        (
            r#"{"name":"a","type":"number","min":-1.5,"max":null}"#,
            r#"{"help":"","hidden":false,"id":"","max":null,"min":-1.5,"name":"a","onlyInt":false,"presentable":false,"required":false,"system":false,"type":"number"}"#,
        ),
        (
            r#"{"name":"a","type":"bool","help":"h","required":true,"hidden":true,"presentable":true,"system":true}"#,
            r#"{"help":"h","hidden":true,"id":"","name":"a","presentable":true,"required":true,"system":true,"type":"bool"}"#,
        ),
        (
            r#"{"name":"a","type":"email","onlyDomains":["a.co",null]}"#,
            r#"{"exceptDomains":[],"help":"","hidden":false,"id":"","name":"a","onlyDomains":["a.co",""],"presentable":false,"required":false,"system":false,"type":"email"}"#,
        ),
        (
            r#"{"name":"a","type":"url"}"#,
            r#"{"exceptDomains":[],"help":"","hidden":false,"id":"","name":"a","onlyDomains":[],"presentable":false,"required":false,"system":false,"type":"url"}"#,
        ),
        (
            r#"{"name":"a","type":"editor","convertUrls":true,"maxSize":5}"#,
            r#"{"convertURLs":false,"help":"","hidden":false,"id":"","maxSize":5,"name":"a","presentable":false,"required":false,"system":false,"type":"editor"}"#,
        ),
        (
            r#"{"name":"a","type":"date","min":"2022-01-01","max":"garbage"}"#,
            r#"{"help":"","hidden":false,"id":"","max":"","min":"2022-01-01 00:00:00.000Z","name":"a","presentable":false,"required":false,"system":false,"type":"date"}"#,
        ),
        (
            r#"{"name":"a","type":"autodate","onCreate":true,"help":1,"required":"x"}"#,
            r#"{"hidden":false,"id":"","name":"a","onCreate":true,"onUpdate":false,"presentable":false,"system":false,"type":"autodate"}"#,
        ),
        (
            r#"{"name":"a","type":"select","values":["a","a",null],"maxSelect":2}"#,
            r#"{"help":"","hidden":false,"id":"","maxSelect":2,"name":"a","presentable":false,"required":false,"system":false,"type":"select","values":["a","a",""]}"#,
        ),
        (
            r#"{"name":"a","type":"json"}"#,
            r#"{"help":"","hidden":false,"id":"","maxSize":0,"name":"a","presentable":false,"required":false,"system":false,"type":"json"}"#,
        ),
        (
            r#"{"name":"a","type":"geoPoint","unknown":[{"x":1}]}"#,
            r#"{"help":"","hidden":false,"id":"","name":"a","presentable":false,"required":false,"system":false,"type":"geoPoint"}"#,
        ),
        (
            r#"{"name":"a","type":"file"}"#,
            r#"{"help":"","hidden":false,"id":"","maxSelect":0,"maxSize":0,"mimeTypes":[],"name":"a","presentable":false,"protected":false,"required":false,"system":false,"thumbs":[],"type":"file"}"#,
        ),
        (
            r#"{"name":"a","type":"relation","collectionId":"c"}"#,
            r#"{"cascadeDelete":false,"collectionId":"c","help":"","hidden":false,"id":"","maxSelect":0,"minSelect":0,"name":"a","presentable":false,"required":false,"system":false,"type":"relation"}"#,
        ),
        (
            r#"{"name":"a","type":"password"}"#,
            r#"{"cost":0,"help":"","hidden":false,"id":"","max":0,"min":0,"name":"a","pattern":"","presentable":false,"required":false,"system":false,"type":"password"}"#,
        ),
    ] {
        assert_eq!(shown(definition), expect);
        assert_eq!(shown(expect), expect, "stable");
    }
}

#[test]
fn wrong_shapes_are_errors() {
    for (definition, expect) in [
        (r#"{"name":"a"}"#, r#"unknown field type """#),
        (r#"{"type":"TEXT"}"#, r#"unknown field type "TEXT""#),
        (r#"{"Type":"text"}"#, r#"unknown field type """#),
        (
            r#"{"type":1}"#,
            r#"the field member "type" must be a string"#,
        ),
        (
            r#"{"type":"text","min":"1"}"#,
            r#"the field member "min" must be a whole number"#,
        ),
        (
            r#"{"type":"text","max":1e30}"#,
            r#"the field member "max" must be a whole number"#,
        ),
        (
            r#"{"type":"text","required":1}"#,
            r#"the field member "required" must be a boolean"#,
        ),
        (
            r#"{"type":"date","min":1}"#,
            r#"the field member "min" must be a string"#,
        ),
        (
            r#"{"type":"select","values":[1]}"#,
            r#"the field member "values" must be a list of strings"#,
        ),
        (
            r#"{"type":"number","max":"1"}"#,
            r#"the field member "max" must be a number"#,
        ),
    ] {
        assert_eq!(shown(definition), expect, "{definition}");
    }
}

#[test]
fn default_ids_are_checksums_of_names() {
    assert_eq!(Field::default_id("text", "id"), "text3208210256");
    assert_eq!(
        Field::default_id("geoPoint", "f_geoPoint"),
        "geoPoint3638349492"
    );
}

#[test]
fn columns_follow_type_and_number_of_values() {
    let text = "TEXT DEFAULT '' NOT NULL";
    let list = "JSON DEFAULT '[]' NOT NULL";
    for (definition, expect) in [
        (r#"{"type":"text"}"#, text),
        (
            r#"{"type":"text","primaryKey":true}"#,
            "TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT NULL",
        ),
        (r#"{"type":"number"}"#, "NUMERIC DEFAULT 0 NOT NULL"),
        (r#"{"type":"bool"}"#, "BOOLEAN DEFAULT FALSE NOT NULL"),
        (r#"{"type":"json"}"#, "JSON DEFAULT NULL"),
        (
            r#"{"type":"geoPoint"}"#,
            r#"JSON DEFAULT '{"lon":0,"lat":0}' NOT NULL"#,
        ),
        (r#"{"type":"password"}"#, text),
        (r#"{"type":"autodate"}"#, text),
        (r#"{"type":"select","maxSelect":1}"#, text),
        (r#"{"type":"select","maxSelect":2}"#, list),
        (r#"{"type":"file","maxSelect":0}"#, text),
        (r#"{"type":"file","maxSelect":2}"#, list),
        (r#"{"type":"relation","maxSelect":1}"#, text),
        (r#"{"type":"relation","maxSelect":999}"#, list),
    ] {
        assert_eq!(field(definition).column_ddl(), expect, "{definition}");
    }
}
