use super::field;
use crate::base::issues::Issues;
use crate::schema::collection::CollectionKind;
use crate::schema::fields::{Field, OptionsContext};

fn issues(field: &Field, previous: Option<&Field>, in_view: bool, primary_keys: usize) -> Issues {
    field.check_options(&OptionsContext {
        in_view,
        primary_keys,
        previous,
        collection_kind: &|id| match id {
            "base1" | "base2" => Some(CollectionKind::Base),
            "view1" => Some(CollectionKind::View),
            _ => None,
        },
    })
}

/// The issues without their codes' prefix and without messages: `name: code params; …`.
fn shown(issues: &Issues) -> String {
    let mut lines = Vec::new();
    for (option, issue) in issues.to_json().as_object().expect("an object") {
        let Some(code) = issue["code"].as_str() else {
            let indexes = issue.as_object().expect("nested issues");
            let nested = indexes.iter().map(|(index, issue)| {
                let code = issue["code"]
                    .as_str()
                    .unwrap_or("")
                    .replace("validation_", "");
                format!("{index} {code}")
            });
            lines.push(format!(
                "{option}: [{}]",
                nested.collect::<Vec<_>>().join(", ")
            ));
            continue;
        };
        let code = code.replace("validation_", "");
        let params = issue.get("params").map(|params| format!(" {params}"));
        lines.push(format!("{option}: {code}{}", params.unwrap_or_default()));
    }
    lines.join("; ")
}

#[track_caller]
fn check(definition: &str, expect: &str) {
    let mut field = field(definition);
    if field.id.is_empty() {
        "f1".clone_into(&mut field.id);
    }
    assert_eq!(
        shown(&issues(&field, None, false, 1)),
        expect,
        "{definition}"
    );
}

#[test]
fn names_are_words() {
    for (name, expect) in [
        ("", "name: required"),
        ("null", "name: not_in_invalid"),
        ("NULL", ""),
        ("collectionId", "name: not_in_invalid"),
        ("expand", "name: not_in_invalid"),
        ("rowid", ""),
        ("_rowid_", "name: not_in_invalid"),
        ("a b", "name: match_invalid"),
        ("é", "name: match_invalid"),
        ("a_via_b", "name: found_via"),
        ("A_VIA_B", "name: found_via"),
        ("1a", ""),
    ] {
        check(&format!(r#"{{"type":"bool","name":"{name}"}}"#), expect);
    }
    let long = "a".repeat(101);
    check(
        &format!(
            r#"{{"type":"bool","name":"{long}","id":"{long}","help":"{}"}}"#,
            "é".repeat(151)
        ),
        r#"help: length_out_of_range {"max":300,"min":1}; id: length_out_of_range {"max":100,"min":1}; name: length_out_of_range {"max":100,"min":1}"#,
    );
}

#[test]
fn text_options() {
    let at_least = |n: i64| format!(r#"min_greater_equal_than_required {{"threshold":{n}}}"#);
    check(
        r#"{"type":"text","min":-1}"#,
        &format!("min: {}", at_least(0)),
    );
    check(
        r#"{"type":"text","max":-1}"#,
        &format!("max: {}", at_least(0)),
    );
    check(
        r#"{"type":"text","min":5,"max":4}"#,
        &format!("max: {}", at_least(5)),
    );
    check(r#"{"type":"text","min":5,"max":0}"#, "");
    check(
        r#"{"type":"text","max":9007199254740992}"#,
        r#"max: max_less_equal_than_required {"threshold":9007199254740991}"#,
    );
    check(r#"{"type":"text","pattern":"("}"#, "pattern: invalid_regex");
    check(
        r#"{"type":"text","autogeneratePattern":"("}"#,
        "autogeneratePattern: invalid_regex",
    );
    check(
        r#"{"type":"text","autogeneratePattern":"^a"}"#,
        "autogeneratePattern: invalid_autogenerate_pattern",
    );
    let bad_value = "autogeneratePattern: invalid_autogenerate_pattern_value";
    check(
        r#"{"type":"text","autogeneratePattern":"a{3}","min":4}"#,
        bad_value,
    );
    check(
        r#"{"type":"text","autogeneratePattern":"a{3}","pattern":"^b$"}"#,
        bad_value,
    );
    check(r#"{"type":"text","autogeneratePattern":"a?"}"#, "");
    check(
        r#"{"type":"text","autogeneratePattern":"a?","required":true}"#,
        bad_value,
    );
    check(
        r#"{"type":"text","name":"id","primaryKey":true,"required":true,"pattern":"^[a-z.]+$","autogeneratePattern":"[.]{15}"}"#,
        bad_value,
    );
    let field = field(
        r#"{"id":"x","type":"text","autogeneratePattern":"é\\t\\x00\\x{2028}😀\"\\\\","min":50}"#,
    );
    assert_eq!(
        issues(&field, None, false, 1).to_json()["autogeneratePattern"]["message"],
        r#"The provided autogenerate pattern could produce invalid field values, ex.: "é\t\x00\u2028😀\"\\"."#
    );
}

#[test]
fn primary_key_options() {
    let definition = r#"{"id":"x","type":"text","primaryKey":true,"hidden":true}"#;
    assert_eq!(
        shown(&issues(&field(definition), None, false, 2)),
        "hidden: empty; name: in_invalid; pattern: required; primaryKey: unsupported_composite_pk; required: required"
    );
    check(
        r#"{"name":"id","type":"text","primaryKey":true,"required":true,"pattern":"^[a-z0-9]+$","min":15,"max":15,"autogeneratePattern":"[a-z0-9]{15}"}"#,
        "",
    );
}

#[test]
fn number_options() {
    let decimal = "only_int_constraint";
    check(
        r#"{"type":"number","min":1.5,"max":2.5,"onlyInt":true}"#,
        &format!("max: {decimal}; min: {decimal}"),
    );
    check(
        r#"{"type":"number","min":1.5,"max":1,"onlyInt":true}"#,
        &format!(r#"max: min_number_constraint {{"min":1.5}}; min: {decimal}"#),
    );
    check(
        r#"{"type":"number","min":5,"max":0}"#,
        r#"max: min_number_constraint {"min":5}"#,
    );
    check(r#"{"type":"number","min":-5,"max":0}"#, "");
}

#[test]
fn domain_options() {
    check(
        r#"{"type":"email","onlyDomains":["a.co"],"exceptDomains":["b.co"]}"#,
        "exceptDomains: empty; onlyDomains: empty",
    );
    let valid = r#"{"type":"url","onlyDomains":["A.CO","xn--a.co","a.b","","a.b.c.d.e","1.co","a--b.co","1.1.co"]}"#;
    check(valid, "");
    check(
        r#"{"type":"url","onlyDomains":["é.co","a_b.co","a.co.","*.a.co","a","1.2.3.4","a.co:80","a.xn--p1ai","-a.co"," a.co"]}"#,
        &format!(
            "onlyDomains: [{}]",
            (0..10)
                .map(|i| format!("{i} is_domain"))
                .collect::<Vec<_>>()
                .join(", ")
        ),
    );
}

#[test]
fn size_and_choice_options() {
    let at_least_0 = r#"min_greater_equal_than_required {"threshold":0}"#;
    check(
        r#"{"type":"editor","maxSize":-1}"#,
        &format!("maxSize: {at_least_0}"),
    );
    check(
        r#"{"type":"json","maxSize":9007199254740992}"#,
        r#"maxSize: max_less_equal_than_required {"threshold":9007199254740991}"#,
    );
    check(r#"{"type":"select"}"#, "values: required");
    check(
        r#"{"type":"select","maxSelect":2}"#,
        r#"maxSelect: max_less_equal_than_required {"threshold":1}; values: required"#,
    );
    check(r#"{"type":"select","values":["a","b"],"maxSelect":2}"#, "");
    check(
        r#"{"type":"date","min":"2022-01-01","max":"2021-01-01"}"#,
        "",
    );
}

#[test]
fn file_options() {
    check(
        r#"{"type":"file","maxSelect":-1,"maxSize":-1}"#,
        r#"maxSelect: min_greater_equal_than_required {"threshold":0}; maxSize: min_greater_equal_than_required {"threshold":0}"#,
    );
    check(
        r#"{"type":"file","mimeTypes":["bad",""],"thumbs":["100x100","0x100","1x0t","1x1b","1x1f","","00x00"]}"#,
        "",
    );
    check(
        r#"{"type":"file","thumbs":["0x0","0x0t","1x1z","x1","1","-1x1","1x1tt"," 1x1","1X1"]}"#,
        "thumbs: [0 not_in_invalid, 1 not_in_invalid, 2 match_invalid, 3 match_invalid, 4 match_invalid, 5 match_invalid, 6 match_invalid, 7 match_invalid, 8 match_invalid]",
    );
}

#[test]
fn relation_options() {
    check(r#"{"type":"relation"}"#, "collectionId: required");
    check(
        r#"{"type":"relation","collectionId":"nope"}"#,
        "collectionId: field_relation_missing_collection",
    );
    check(
        r#"{"type":"relation","collectionId":"view1"}"#,
        "collectionId: relation_field_non_view_base_collection",
    );
    check(
        r#"{"type":"relation","collectionId":"base1","minSelect":1}"#,
        "maxSelect: required",
    );
    check(
        r#"{"type":"relation","collectionId":"base1","minSelect":2,"maxSelect":1}"#,
        r#"maxSelect: min_greater_equal_than_required {"threshold":2}"#,
    );
    check(
        r#"{"type":"relation","collectionId":"base1","minSelect":-1,"maxSelect":9007199254740992}"#,
        r#"minSelect: min_greater_equal_than_required {"threshold":0}"#,
    );
    let view = field(r#"{"id":"x","type":"relation","collectionId":"view1"}"#);
    assert!(issues(&view, None, true, 1).is_empty());
    let old = field(r#"{"id":"x","type":"relation","collectionId":"base1"}"#);
    for (collection, expect) in [
        ("base1", ""),
        ("base2", "collectionId: field_relation_change"),
        ("nope", "collectionId: field_relation_change"),
        ("", "collectionId: required"),
    ] {
        let definition = format!(r#"{{"id":"x","type":"relation","collectionId":"{collection}"}}"#);
        assert_eq!(
            shown(&issues(&field(&definition), Some(&old), false, 1)),
            expect
        );
    }
}

#[test]
fn autodate_options() {
    check(
        r#"{"type":"autodate"}"#,
        "onCreate: required; onUpdate: required",
    );
    check(r#"{"type":"autodate","onUpdate":true}"#, "");
    let old = field(r#"{"id":"x","type":"autodate","onCreate":true,"system":true}"#);
    for (flags, expect) in [
        (r#""onCreate":true"#, ""),
        (
            r#""onCreate":true,"onUpdate":true"#,
            "onUpdate: values_mismatch",
        ),
        (
            r#""onCreate":false"#,
            "onCreate: values_mismatch; onUpdate: required",
        ),
    ] {
        let new = field(&format!(
            r#"{{"id":"x","type":"autodate","system":true,{flags}}}"#
        ));
        assert_eq!(
            shown(&issues(&new, Some(&old), false, 1)),
            expect,
            "{flags}"
        );
    }
}

#[test]
fn password_options() {
    let at_least = |n: i64| format!(r#"min_greater_equal_than_required {{"threshold":{n}}}"#);
    let at_most = |n: i64| format!(r#"max_less_equal_than_required {{"threshold":{n}}}"#);
    check(
        r#"{"type":"password","min":-1}"#,
        &format!("min: {}", at_least(1)),
    );
    check(
        r#"{"type":"password","max":-1}"#,
        &format!("max: {}", at_least(0)),
    );
    check(
        r#"{"type":"password","min":5,"max":4}"#,
        &format!("max: {}", at_least(5)),
    );
    check(
        r#"{"type":"password","min":72,"max":73,"cost":1,"pattern":"("}"#,
        &format!(
            "cost: {}; max: {max}; min: {max}; pattern: invalid_regex",
            at_least(4),
            max = at_most(71)
        ),
    );
    check(
        r#"{"type":"password","cost":32}"#,
        &format!("cost: {}", at_most(31)),
    );
}
