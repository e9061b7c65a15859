use serde_json::{Value as Json, json};

use super::field;
use crate::base::issues::Issue;
use crate::schema::Field;
use crate::schema::fields::{NewFile, ValidateContext};
use crate::schema::value::{FieldValue, Password};

const NEW: ValidateContext<'static> = ValidateContext {
    is_new: true,
    new_files: &[],
};

/// Code, message and parameters of a result, or `ok`.
fn shown(result: Result<(), Issue>) -> String {
    let Err(issue) = result else {
        return "ok".to_owned();
    };
    let shown = issue.to_json();
    let params = shown.get("params").map(|params| format!(" {params}"));
    let text = |member: &str| shown[member].as_str().unwrap_or("").to_owned();
    let code = text("code").replace("validation_", "");
    format!("{code}: {}{}", text("message"), params.unwrap_or_default())
}

/// Casts and validates values of a new record.
#[track_caller]
fn check(definition: &str, rows: &[(&str, &str)]) {
    let field = field(definition);
    for (submitted, expect) in rows {
        let submitted: Json = serde_json::from_str(submitted).expect("JSON");
        let value = field.coerce(&submitted);
        assert_eq!(
            &shown(field.validate(&value, None, NEW)),
            expect,
            "{submitted}"
        );
    }
}

#[test]
fn texts_have_a_length_and_a_pattern() {
    let short = r#"min_text_constraint: Must be at least 3 character(s). {"min":3}"#;
    check(
        r#"{"type":"text","min":3,"max":5,"pattern":"^[a-zé]+$"}"#,
        &[
            (r#""""#, "ok"),
            (r#""A""#, short),
            (r#""éé""#, short),
            (r#""ééé""#, "ok"),
            (
                r#""ABCDEF""#,
                r#"max_text_constraint: Must be no more than 5 character(s). {"max":5}"#,
            ),
            (r#""ABC""#, "invalid_format: Invalid value format."),
        ],
    );
    check(
        r#"{"type":"text","min":3,"required":true}"#,
        &[("null", "required: Cannot be blank."), (r#""a""#, short)],
    );
    let long = Json::String("é".repeat(5001)).to_string();
    check(
        r#"{"type":"text"}"#,
        &[(
            &long,
            r#"max_text_constraint: Must be no more than 5000 character(s). {"max":5000}"#,
        )],
    );
}

#[test]
fn primary_keys_stay_and_are_safe_names() {
    let dot = r#"forbidden_pk_character: '.' is not a valid primary key character. {"ch":"."}"#;
    let own = r#"{"name":"id","type":"text","pattern":"^.+$","required":true,"primaryKey":true}"#;
    check(
        own,
        &[
            (r#""""#, "required: Cannot be blank."),
            (r#""a.b""#, dot),
            (r#""..a|b""#, dot),
            (
                r#""A b""#,
                r#"forbidden_pk_character: ' ' is not a valid primary key character. {"ch":" "}"#,
            ),
            (r#""a\nb""#, "invalid_format: Invalid value format."),
            (
                r#""con""#,
                r#"reserved_pk: The primary key 'CON' is reserved and cannot be used. {"reserved":"CON"}"#,
            ),
            (
                r#""lpt9""#,
                r#"reserved_pk: The primary key 'LPT9' is reserved and cannot be used. {"reserved":"LPT9"}"#,
            ),
            (r#""com0""#, "ok"),
            (r#""com10""#, "ok"),
            (r#""É,@#&_-""#, "ok"),
        ],
    );
    check(
        r#"{"name":"id","type":"text","pattern":"^[a-z0-9]+$","required":true,"primaryKey":true}"#,
        &[(r#""con""#, "ok")],
    );
    let field = field(own);
    let update = ValidateContext {
        is_new: false,
        new_files: &[],
    };
    let stored = FieldValue::Text("abc".into());
    for (value, expect) in [
        ("abc", "ok"),
        ("", "pk_change: The record primary key cannot be changed."),
        (
            "a.b",
            "pk_change: The record primary key cannot be changed.",
        ),
    ] {
        let result = field.validate(&FieldValue::Text(value.into()), Some(&stored), update);
        assert_eq!(shown(result), expect, "{value}");
    }
}

#[test]
fn numbers_have_limits_that_zero_passes() {
    check(
        r#"{"type":"number","min":5,"max":10}"#,
        &[
            ("0", "ok"),
            (
                "4.9",
                r#"min_number_constraint: Must be greater or equal than 5. {"min":5}"#,
            ),
            (
                "10.1",
                r#"max_number_constraint: Must be less or equal than 10. {"max":10}"#,
            ),
        ],
    );
    check(
        r#"{"type":"number","min":0.00001,"max":1234567.8}"#,
        &[
            (
                "-1",
                r#"min_number_constraint: Must be greater or equal than 1e-05. {"min":0.00001}"#,
            ),
            (
                "1e9",
                r#"max_number_constraint: Must be less or equal than 1.2345678e+06. {"max":1234567.8}"#,
            ),
        ],
    );
    let decimal = "only_int_constraint: Decimal numbers are not allowed.";
    check(
        r#"{"type":"number","min":2,"onlyInt":true,"required":true}"#,
        &[
            ("0", "required: Cannot be blank."),
            ("1.5", decimal),
            ("1e21", decimal),
            ("9223372036854775807", decimal),
            ("1e18", "ok"),
            (
                r#""NaN""#,
                "not_a_number: The submitted number is not properly formatted.",
            ),
        ],
    );
    check(
        r#"{"type":"number","onlyInt":true}"#,
        &[("-9223372036854775808", "ok"), ("-1e19", decimal)],
    );
}

#[test]
fn flags_dates_and_points() {
    check(
        r#"{"type":"bool","required":true}"#,
        &[("false", "required: Cannot be blank."), ("true", "ok")],
    );
    check(
        r#"{"type":"date","required":true,"min":"2020-01-01 00:00:00.500Z","max":"2021-01-01"}"#,
        &[
            (r#""garbage""#, "required: Cannot be blank."),
            (r#""2020-01-01 00:00:00.500Z""#, "ok"),
            (
                r#""2019-01-01""#,
                r#"min_greater_equal_than_required: Must be no less than 2020-01-01 00:00:00.5 +0000 UTC. {"threshold":"2020-01-01T00:00:00.5Z"}"#,
            ),
            (
                r#""2021-01-01 00:00:00.001Z""#,
                r#"max_less_equal_than_required: Must be no greater than 2021-01-01 00:00:00 +0000 UTC. {"threshold":"2021-01-01T00:00:00Z"}"#,
            ),
        ],
    );
    check(
        r#"{"type":"geoPoint","required":true}"#,
        &[
            ("null", "required: Cannot be blank."),
            (r#"{"lon":180,"lat":-90}"#, "ok"),
            (
                r#"{"lon":181,"lat":91}"#,
                "invalid_latitude: Latitude must be between -90 and 90 degrees.",
            ),
            (
                r#"{"lon":-181,"lat":0}"#,
                "invalid_longitude: Longitude must be between -180 and 180 degrees.",
            ),
        ],
    );
}

#[test]
fn editors_and_json_have_a_size() {
    check(
        r#"{"type":"editor","maxSize":5}"#,
        &[
            (r#""éé""#, "ok"),
            (
                r#""ééé""#,
                r#"content_size_limit: The maximum allowed content size is 5 bytes. {"maxSize":5}"#,
            ),
        ],
    );
    let too_long = r#"json_size_limit: The maximum allowed JSON size is 6 bytes. {"maxSize":6}"#;
    let required = "required: Cannot be blank.";
    check(
        r#"{"type":"json","required":true,"maxSize":6}"#,
        &[
            ("null", required),
            (r#""""#, required),
            ("[]", required),
            ("{}", required),
            (r#""null""#, required),
            (r#""[] ""#, required),
            (r#"" ""#, "ok"),
            (r#""{ }""#, "ok"),
            ("0", "ok"),
            ("false", "ok"),
            (r#""abcd""#, "ok"),
            (r#""abcde""#, too_long),
            ("[1,2,3]", too_long),
            (r#""{\"a\":1,\"a\":2}""#, too_long),
        ],
    );
    let invalid = "invalid_json: Must be a valid json value.";
    check(
        r#"{"type":"json"}"#,
        &[
            (r#""{\"a\":1,\"a\":2}""#, invalid),
            (r#""\u0000""#, invalid),
            (r#"["\u0000"]"#, "ok"),
        ],
    );
}

#[test]
fn choices_are_among_the_values() {
    let invalid = r#"invalid_value: Invalid value z. {"value":"z"}"#;
    check(
        r#"{"type":"select","values":["a","b","c"],"required":true}"#,
        &[
            ("[]", "required: Cannot be blank."),
            (r#""z""#, invalid),
            (r#"["z","a"]"#, "ok"),
            (
                r#"" a ""#,
                r#"invalid_value: Invalid value  a. {"value":" a "}"#,
            ),
            (
                r#""[\"a\",1]""#,
                r#"too_many_values: Select no more than 1. {"maxSelect":1}"#,
            ),
        ],
    );
    check(
        r#"{"type":"select","values":["a","b","c"],"maxSelect":2}"#,
        &[
            ("[]", "ok"),
            (r#"["a","z"]"#, invalid),
            (
                r#"["a","z","y"]"#,
                r#"too_many_values: Select no more than 2. {"maxSelect":2}"#,
            ),
        ],
    );
}

#[test]
fn relations_are_counted() {
    check(
        r#"{"type":"relation","collectionId":"c","minSelect":2,"maxSelect":3}"#,
        &[
            ("[]", "ok"),
            (
                r#""a""#,
                r#"not_enough_values: Select at least 2. {"minSelect":2}"#,
            ),
            (r#"["a","b"]"#, "ok"),
            (
                r#"["a","b","c","d"]"#,
                r#"too_many_values: Select no more than 3. {"maxSelect":3}"#,
            ),
        ],
    );
    check(
        r#"{"type":"relation","collectionId":"c","required":true}"#,
        &[
            ("null", "required: Cannot be blank."),
            (r#"["a","b"]"#, "ok"),
        ],
    );
}

#[test]
fn passwords_have_a_length_and_a_pattern() {
    let bytes_73 = Json::String("a".repeat(73)).to_string();
    let bytes_72 = Json::String("a".repeat(72)).to_string();
    let short = "min_text_constraint: Must be at least 4 character(s).";
    check(
        r#"{"type":"password","min":4,"max":6,"pattern":"^[a-zé]+$","required":true}"#,
        &[
            ("null", "required: Cannot be blank."),
            (r#""""#, "required: Cannot be blank."),
            (r#""ABC""#, short),
            (r#""éé""#, short),
            (r#""éééé""#, "ok"),
            (
                r#""abcdefg""#,
                "max_text_constraint: Must be less than 6 character(s).",
            ),
            (r#""ABCD""#, "invalid_format: Invalid value format."),
            (&bytes_73, "invalid_value: Invalid value."),
            (
                &bytes_72,
                "max_text_constraint: Must be less than 6 character(s).",
            ),
        ],
    );
    let field = field(r#"{"type":"password","min":100,"required":true}"#);
    let stored = FieldValue::Password(Password::Hash(crate::base::secret::Secret::new(
        "$2a$10$x".to_owned(),
    )));
    assert_eq!(shown(field.validate(&stored, None, NEW)), "ok");
}

fn check_files(field: &Field, names: &[&str], new_files: &[NewFile], expect: &str) {
    let value = field.coerce(&json!(names));
    let stored = FieldValue::List(vec!["old_1.txt".into(), "old_2.txt".into()]);
    let context = ValidateContext {
        is_new: false,
        new_files,
    };
    assert_eq!(
        shown(field.validate(&value, Some(&stored), context)),
        expect,
        "{names:?}"
    );
}

#[test]
fn files_are_stored_ones_or_uploads_of_the_right_kind() {
    let file = |name: &str, size: u64, mime_type: &str| NewFile {
        stored_name: format!("{name}_x.txt"),
        original_name: format!("{name} é.txt"),
        size,
        mime_type: mime_type.to_owned(),
    };
    let small = file("a", 10, "text/plain; charset=utf-8");
    let large = file("a", 11, "image/png");
    let wrong = file("a", 1, "image/png");
    let field = field(
        r#"{"type":"file","maxSelect":2,"maxSize":10,"mimeTypes":["text/plain","a/b"],"required":true}"#,
    );
    check_files(&field, &[], &[], "required: Cannot be blank.");
    check_files(&field, &["old_2.txt", "old_1.txt"], &[], "ok");
    check_files(
        &field,
        &["old_2.txt", "a_x.txt"],
        std::slice::from_ref(&small),
        "ok",
    );
    check_files(
        &field,
        &["x", "old_1.txt", "y", "a_x.txt"],
        std::slice::from_ref(&small),
        r#"invalid_file: Invalid new files: [x y]. {"invalidFiles":["x","y"]}"#,
    );
    check_files(
        &field,
        &["old_1.txt", "old_2.txt", "a_x.txt"],
        std::slice::from_ref(&large),
        r#"too_many_files: The maximum allowed files is 2. {"maxSelect":2}"#,
    );
    check_files(
        &field,
        &["a_x.txt"],
        std::slice::from_ref(&large),
        r#"file_size_limit: Failed to upload a é.txt - the maximum allowed file size is 10 bytes. {"file":"a é.txt","maxSize":10}"#,
    );
    check_files(
        &field,
        &["a_x.txt"],
        std::slice::from_ref(&wrong),
        r#"invalid_mime_type: "a_x.txt" mime type must be one of: text/plain, a/b."#,
    );
}
