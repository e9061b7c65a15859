use proptest::prelude::prop;
use proptest::{prop_assert_eq, proptest};
use serde_json::Value as Json;

use super::field;
use crate::schema::Field;
use crate::schema::value::{FieldValue, Password};
use crate::sql::{Value, ValueRef};

fn shown(value: &FieldValue) -> String {
    let mut out = Vec::new();
    value.write_json(&mut out);
    let out = String::from_utf8(out).expect("UTF-8");
    assert_eq!(
        serde_json::from_str::<Json>(&out).expect("JSON"),
        value.to_json(),
        "both ways to JSON agree"
    );
    out
}

/// Casts submitted JSON and compares what an answer shows.
#[track_caller]
fn check(field: &Field, submitted: &str, expect: &str) {
    let value = field.coerce(&serde_json::from_str(submitted).expect("JSON"));
    assert_eq!(shown(&value), expect, "{submitted}");
    if !matches!(value, FieldValue::Password(_)) {
        let stored = value.to_sql();
        assert_eq!(
            field.read_stored(stored.as_ref()),
            value,
            "{submitted} survives storage"
        );
    }
}

/// Reads a stored value and compares what an answer shows.
#[track_caller]
fn check_stored(field: &Field, stored: ValueRef<'_>, expect: &str) {
    assert_eq!(shown(&field.read_stored(stored)), expect, "{stored:?}");
    let mut out = Vec::new();
    field.write_stored(stored, &mut out);
    assert_eq!(
        String::from_utf8_lossy(&out),
        expect,
        "{stored:?} written directly"
    );
}

#[test]
fn text_is_cast_from_scalars() {
    for definition in [
        r#"{"type":"text"}"#,
        r#"{"type":"editor"}"#,
        r#"{"type":"email"}"#,
    ] {
        let field = field(definition);
        check(&field, "null", r#""""#);
        check(&field, "true", r#""true""#);
        check(&field, "1.5", r#""1.5""#);
        check(&field, "1e21", r#""1000000000000000000000""#);
        check(&field, r#"" 2 ""#, r#"" 2 ""#);
        check(&field, "[1]", r#""""#);
        check(&field, r#"{"a":1}"#, r#""""#);
    }
}

#[test]
fn numbers_are_doubles() {
    let field = field(r#"{"type":"number"}"#);
    for (submitted, expect) in [
        ("null", "0"),
        ("true", "1"),
        ("1.0", "1"),
        ("0.1", "0.1"),
        (r#""2.50""#, "2.5"),
        (r#""1e3""#, "1000"),
        (r#"" 2 ""#, "0"),
        (r#""abc""#, "0"),
        ("[1]", "0"),
        ("9007199254740993", "9007199254740992"),
    ] {
        check(&field, submitted, expect);
    }
    assert!(matches!(
        field.coerce(&"NaN".into()),
        FieldValue::Number(number) if number.is_nan()
    ));
}

#[test]
fn flags_know_a_few_words() {
    let field = field(r#"{"type":"bool"}"#);
    for submitted in ["true", "1", "-5", "0.1", r#""t""#, r#""TRUE""#, r#""1""#] {
        check(&field, submitted, "true");
    }
    for submitted in [
        "false",
        "0",
        "null",
        r#""yes""#,
        r#""2""#,
        "[1]",
        "{}",
        r#""tRUE""#,
    ] {
        check(&field, submitted, "false");
    }
}

#[test]
fn dates_become_canonical_or_empty() {
    let field = field(r#"{"type":"date"}"#);
    for (submitted, expect) in [
        ("2022-01-01", "2022-01-01 00:00:00.000Z"),
        ("2022-01-01T10:00:00.1239Z", "2022-01-01 10:00:00.123Z"),
        ("2022-01-01 10:00:00.5+02:00", "2022-01-01 08:00:00.500Z"),
        ("2022-01-01T10:00:00,5Z", "2022-01-01 10:00:00.500Z"),
        ("2022-01-01 10:00:00 +0000 UTC", "2022-01-01 10:00:00.000Z"),
        ("0000-01-01", "0000-01-01 00:00:00.000Z"),
        ("0001-01-01", ""),
        (" 2022-01-01 ", ""),
        ("2022-01-01 10:00", ""),
        ("2022-13-01 10:00:00.000Z", ""),
        ("2022-02-29", ""),
        ("2022-01-01 10:00:00 UTC", ""),
        ("2022-01-01T10:00:00z", ""),
        ("2022-01-01t10:00:00Z", ""),
        ("1640995200", ""),
    ] {
        check(&field, &format!("{submitted:?}"), &format!("{expect:?}"));
    }
    check(&field, "1640995200", r#""""#);
    check(&field, "[]", r#""""#);
}

#[test]
fn single_values_are_the_last_of_a_list() {
    let field = field(r#"{"type":"select","values":["a","b"]}"#);
    for (submitted, expect) in [
        ("null", ""),
        (r#""a""#, "a"),
        (r#"["a","b"]"#, "b"),
        (r#"["b","a","b",""]"#, "a"),
        ("[1.5,true]", "true"),
        (r#"{"a":"b"}"#, ""),
        (r#""[\"a\",\"b\"]""#, "b"),
        (r#"["[\"a\"]"]"#, "a"),
        (r#"[["a"],"b"]"#, ""),
        (r#""[bad""#, "[bad"),
    ] {
        check(&field, submitted, &format!("{expect:?}"));
    }
}

#[test]
fn lists_are_unique_and_without_empty_texts() {
    let field = field(r#"{"type":"relation","maxSelect":5}"#);
    for (submitted, expect) in [
        ("null", "[]"),
        (r#""""#, "[]"),
        (r#""a""#, r#"["a"]"#),
        (r#"["b","a","b","",null]"#, r#"["b","a"]"#),
        ("[1.5,true]", r#"["1.5","true"]"#),
        (r#""[\"a\",\"b\"]""#, r#"["a","b"]"#),
        (r#""[1]""#, r#"["[1]"]"#),
        (r#"[["a"],"b"]"#, "[]"),
        ("{}", "[]"),
    ] {
        let value = field.coerce(&serde_json::from_str(submitted).expect("JSON"));
        assert_eq!(shown(&value), expect, "{submitted}");
    }
}

#[test]
fn json_texts_are_taken_as_json_when_they_look_like_it() {
    let field = field(r#"{"type":"json"}"#);
    for (submitted, expect) in [
        ("null", "null"),
        ("true", "true"),
        ("1.50", "1.5"),
        (r#""""#, r#""""#),
        (r#""null""#, "null"),
        (r#"" true""#, r#"" true""#),
        (r#""5""#, "5"),
        (r#"" 5""#, r#"" 5""#),
        (r#""-""#, r#""-""#),
        (r#""01""#, r#""01""#),
        (r#""\"x\"""#, r#""x""#),
        (r#""[1, 2]""#, "[1, 2]"),
        (r#""[1,2""#, r#""[1,2""#),
        (r#""{\"b\":1,\"a\":2}""#, r#"{"b":1,"a":2}"#),
        (r#""{bad""#, r#""{bad""#),
        (r#"{"b":1,"a":[1, 2]}"#, r#"{"a":[1,2],"b":1}"#),
        (r#""\n[1]""#, r#""\n[1]""#),
        (r#""tru""#, r#""tru""#),
    ] {
        check(&field, submitted, expect);
    }
    assert_eq!(field.zero().to_sql(), Value::Null);
}

#[test]
fn geo_points_need_two_numbers() {
    let field = field(r#"{"type":"geoPoint"}"#);
    for (submitted, expect) in [
        ("null", r#"{"lon":0,"lat":0}"#),
        (r#"{"lon":1,"lat":2,"x":3}"#, r#"{"lon":1,"lat":2}"#),
        (r#"{"lat":2}"#, r#"{"lon":0,"lat":2}"#),
        (r#"{"lon":null,"lat":2}"#, r#"{"lon":0,"lat":2}"#),
        (r#"{"lon":"1","lat":2}"#, r#"{"lon":0,"lat":0}"#),
        (r#"{"Lon":1,"LAT":2}"#, r#"{"lon":0,"lat":0}"#),
        (r#"" {\"lon\":1.5,\"lat\":2} ""#, r#"{"lon":1.5,"lat":2}"#),
        ("[1,2]", r#"{"lon":0,"lat":0}"#),
        ("5", r#"{"lon":0,"lat":0}"#),
    ] {
        check(&field, submitted, expect);
    }
    let stored = field.zero().to_sql();
    assert_eq!(stored, Value::from(r#"{"lon":0,"lat":0}"#));
}

#[test]
fn passwords_never_show() {
    let field = field(r#"{"type":"password"}"#);
    let value = field.coerce(&"secret-word".into());
    assert_eq!(shown(&value), r#""""#);
    assert!(!format!("{value:?}").contains("secret-word"));
    assert_eq!(value.to_sql(), Value::from(""));
    let FieldValue::Password(password) = value else {
        panic!("a password")
    };
    assert_eq!(password.plain(), Some("secret-word"));
    assert_eq!(
        field.coerce(&Json::Null),
        FieldValue::Password(Password::none())
    );
    let stored = field.read_stored(ValueRef::Text("$2a$10$hash"));
    assert_eq!(stored.to_sql(), Value::from("$2a$10$hash"));
    check_stored(&field, ValueRef::Text("$2a$10$hash"), r#""""#);
}

#[test]
fn odd_stored_values_are_shown_as_well_as_possible() {
    use ValueRef::{Blob, Int, Null, Real, Text};
    for (definition, stored, expect) in [
        (r#"{"type":"text"}"#, Null, r#""""#),
        (r#"{"type":"text"}"#, Int(5), r#""5""#),
        (r#"{"type":"text"}"#, Real(5.5), r#""5.5""#),
        (r#"{"type":"text"}"#, Blob(b"a\xff"), "\"a\u{fffd}\""),
        (r#"{"type":"number"}"#, Null, "0"),
        (r#"{"type":"number"}"#, Text("abc"), "0"),
        (r#"{"type":"number"}"#, Text("1e3"), "1000"),
        (r#"{"type":"number"}"#, Blob(b"1"), "1"),
        (r#"{"type":"number"}"#, Int(7), "7"),
        (r#"{"type":"number"}"#, Real(f64::INFINITY), "null"),
        (r#"{"type":"bool"}"#, Int(1), "true"),
        (r#"{"type":"bool"}"#, Int(5), "false"),
        (r#"{"type":"bool"}"#, Real(0.5), "false"),
        (r#"{"type":"bool"}"#, Text("t"), "true"),
        (
            r#"{"type":"date"}"#,
            Text("2022-01-01"),
            r#""2022-01-01 00:00:00.000Z""#,
        ),
        (r#"{"type":"autodate"}"#, Text("garbage"), r#""""#),
        (r#"{"type":"date"}"#, Int(5), r#""""#),
        (r#"{"type":"select"}"#, Text(r#"["a","b"]"#), r#""b""#),
        (r#"{"type":"select"}"#, Text("[1,2]"), r#""[1,2]""#),
        (r#"{"type":"select"}"#, Int(5), r#""5""#),
        (r#"{"type":"select","maxSelect":2}"#, Text("[]"), "[]"),
        (r#"{"type":"select","maxSelect":2}"#, Text("a"), r#"["a"]"#),
        (r#"{"type":"select","maxSelect":2}"#, Text(""), "[]"),
        (
            r#"{"type":"select","maxSelect":2}"#,
            Text("[broken"),
            r#"["[broken"]"#,
        ),
        (
            r#"{"type":"select","maxSelect":2}"#,
            Text(r#"["z","z","",null]"#),
            r#"["z"]"#,
        ),
        (
            r#"{"type":"select","maxSelect":2}"#,
            Blob(br#"["a"]"#),
            r#"["a"]"#,
        ),
        (r#"{"type":"select","maxSelect":2}"#, Null, "[]"),
        (r#"{"type":"json"}"#, Null, "null"),
        (r#"{"type":"json"}"#, Int(5), "5"),
        (r#"{"type":"json"}"#, Real(1.5), "1.5"),
        (r#"{"type":"json"}"#, Text("abc"), r#""abc""#),
        (r#"{"type":"json"}"#, Text(""), r#""""#),
        (r#"{"type":"json"}"#, Text("[1, 2"), r#""[1, 2""#),
        (
            r#"{"type":"json"}"#,
            Text(r#"{"b":1.0,"a":12345678901234567890}"#),
            r#"{"b":1.0,"a":12345678901234567890}"#,
        ),
        (r#"{"type":"json"}"#, Blob(b"[1]"), "[1]"),
        (
            r#"{"type":"geoPoint"}"#,
            Text("garbage"),
            r#"{"lon":0,"lat":0}"#,
        ),
        (
            r#"{"type":"geoPoint"}"#,
            Text(r#"{"lat":1,"lon":181,"x":1}"#),
            r#"{"lon":181,"lat":1}"#,
        ),
        (r#"{"type":"geoPoint"}"#, Null, r#"{"lon":0,"lat":0}"#),
    ] {
        check_stored(&field(definition), stored, expect);
    }
}

proptest! {
    /// Whatever is stored, the direct way and the way through a value show the same JSON.
    #[test]
    fn both_ways_from_storage_agree(
        text in r#"[\[\]{}",:a0-9 \\.eE\-é]{0,24}"#,
        kind in prop::sample::select(&["text", "number", "bool", "date", "json", "geoPoint", "select", "file", "password"][..]),
        max_select in 0..3,
    ) {
        let field = field(&format!(r#"{{"type":"{kind}","maxSelect":{max_select}}}"#));
        for stored in [ValueRef::Text(&text), ValueRef::Blob(text.as_bytes())] {
            let mut out = Vec::new();
            field.write_stored(stored, &mut out);
            let value = field.read_stored(stored);
            prop_assert_eq!(String::from_utf8(out).expect("UTF-8"), shown(&value));
            prop_assert_eq!(field.read_stored(value.to_sql().as_ref()), value);
        }
    }
}
