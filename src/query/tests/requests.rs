//! Rules over `@request.*` and over rows that are not stored yet.

use serde_json::{Value as Json, json};

use crate::ctx::Ctx;
use crate::query::tests::{Fixture, guest, submitting, user};
use crate::query::{Only, Output, Select};
use crate::schema::FieldKind;
use crate::sql::Value;

/// Says whether a rule holds for the post `p1` (title "one", rel o1, rels o1 and o2, author u1).
#[track_caller]
fn check(fixture: &Fixture, ctx: &Ctx, rule: &str, expect: bool) {
    let select = Select {
        rule: Some(rule),
        only: Only::Id("p1"),
        output: Output::Exists,
        ..Select::all(fixture.entry("posts"))
    };
    let statement = fixture.snapshot.select(ctx, &select).unwrap();
    assert_eq!(
        !fixture.run(&statement).is_empty(),
        expect,
        "{rule} {:?}",
        statement.text
    );
}

#[test]
fn the_signed_in_record() {
    let f = Fixture::new();
    for (rule, for_user, for_guest) in [
        ("@request.auth.id != ''", true, false),
        ("@request.auth.id = author", true, false),
        ("@request.auth.collectionName = 'users'", true, false),
        ("@request.auth.email:lower = 'u1@x.co'", true, false),
        ("@request.auth.name = 'ann'", true, false),
        ("@request.auth.org.name = rel.name", true, false),
        ("@request.auth.orgs.name ?= 'two'", true, false),
        ("@request.auth.orgs.name = 'two'", false, false),
        ("@request.auth.orgs.id ?= rels.id", true, false),
        ("@request.auth.posts_via_author.id ?= id", true, false),
        ("@request.auth.nothing.at.all = ''", true, true),
    ] {
        check(&f, &user(), rule, for_user);
        check(&f, &guest(), rule, for_guest);
    }
}

#[test]
fn only_bodies_of_records_have_fields() {
    let f = Fixture::new();
    let saving = submitting(json!({"meta": "a", "geo": {"lat": 2, "lon": 1}}));
    let mut deleting = saving.clone();
    deleting.request_mut().is_body_of_record = false;
    for (rule, for_save, for_delete) in [
        ("@request.body.meta = '\"a\"'", true, false),
        ("@request.body.meta = 'a'", false, true),
        ("@request.body.meta:lower = 'a'", false, true),
        ("@request.body.geo = '{\"lon\":1,\"lat\":2}'", true, false),
        ("@request.body.geo = '{\"lat\":2,\"lon\":1}'", false, true),
        (
            "@request.body.geo:lower = '{\"lon\":1,\"lat\":2}'",
            true,
            false,
        ),
        ("@request.body.geo:lower = ''", false, true),
    ] {
        check(&f, &saving, rule, for_save);
        check(&f, &deleting, rule, for_delete);
    }
}

#[test]
fn flags_are_looked_for_as_words() {
    let f = Fixture::new();
    let ctx = submitting(json!({"yes": true, "no": false, "one": 1}));
    for (rule, expect) in [
        ("'it is true' ~ @request.body.yes", true),
        ("'1' ~ @request.body.yes", false),
        ("'0' !~ @request.body.no", true),
        ("'false' ~ @request.body.no", true),
        ("'1' ~ @request.body.one", true),
    ] {
        check(&f, &ctx, rule, expect);
    }
    let verified = user().auth().is_some_and(|auth| auth.verified);
    check(
        &f,
        &user(),
        &format!("'{verified}' ~ @request.auth.verified"),
        true,
    );
}

#[test]
fn query_headers_method_context() {
    let f = Fixture::new();
    let mut ctx = guest();
    ctx.request_mut().query = vec![
        ("t".to_owned(), "one".to_owned()),
        ("t".to_owned(), "two".to_owned()),
        ("n".to_owned(), "1".to_owned()),
    ];
    ctx.request_mut().headers = [("X-Token", "abc"), ("host", "example.com")]
        .into_iter()
        .collect();
    for (rule, expect) in [
        ("@request.query.t = title", true),
        ("@request.query.t:isset = true", true),
        ("@request.query.other:isset = false", true),
        ("@request.query.other = ''", true),
        ("@request.query.n = 1", true),
        ("@request.query.t.deeper = ''", true),
        ("@request.headers.x_token = 'abc'", true),
        ("@request.headers.X_Token = 'abc'", false),
        ("@request.headers.host = ''", true),
        ("@request.headers.host:isset = true", false),
        ("title ~ @request.query.t", true),
        (
            "@request.method = 'GET' && @request.context = 'default'",
            true,
        ),
    ] {
        check(&f, &ctx, rule, expect);
    }
}

#[test]
fn submitted_data() {
    let f = Fixture::new();
    let ctx = submitting(json!({
        "title": "One", "n": 2, "sels": ["x", "y"], "sel": "", "rel": "o2", "rels": ["o1", "o2"],
        "meta": null, "geo": {"lat": 0, "lon": 10}, "extra": {"list": [{"deep": 7}]},
    }));
    for (rule, expect) in [
        ("@request.body.title:lower = title", true),
        ("@request.body.title:changed = true", true),
        ("@request.body.n > n", true),
        ("@request.body.day:isset = false", true),
        ("@request.body.day:changed = false", true),
        ("@request.body.geo:changed = false", true),
        ("@request.body.rels:changed = false", true),
        ("@request.body.meta = 'null'", true),
        ("@request.body.extra.list.0.deep = 7", true),
        ("@request.body.sels:length = 2", true),
        ("@request.body.sel:length = 1", true),
        ("@request.body.sels:each ?= 'x'", true),
        ("@request.body.sels:each = 'x'", false),
        ("@request.body.rel.name = 'two'", true),
        ("@request.body.rels.name ?= 'two'", true),
        ("@request.body.rels.name = 'two'", false),
        ("@request.body.rels.code > 0", true),
    ] {
        check(&f, &ctx, rule, expect);
    }
    // Items of a list that was not submitted are neither empty nor filled.
    check(&f, &guest(), "@request.body.sels:each ?= ''", false);
    check(&f, &guest(), "@request.body.sels:each ?!= ''", true);
}

#[test]
fn a_row_that_is_not_stored_yet() {
    let f = Fixture::new();
    let entry = f.entry("posts");
    let draft: Vec<Value> = entry
        .fields
        .iter()
        .map(|field| match field.name.as_str() {
            "id" => "fresh".into(),
            "title" => "new".into(),
            "rel" => "o1".into(),
            "rels" => r#"["o1","o2"]"#.into(),
            "n" => Value::Real(3.0),
            _ if matches!(field.kind, FieldKind::Json(_)) => Value::Null,
            _ if field.is_multiple() => "[]".into(),
            _ => "".into(),
        })
        .collect();
    for (rule, expect) in [
        ("title = 'new' && n = 3", true),
        ("id = ''", false),
        ("rel.name = 'one'", true),
        ("rels.name ?= 'two' && rels.code ?= 2", true),
        ("rels.code > 1", false),
        ("comments_via_post.id = ''", true),
        ("@collection.posts.title ?= 'one'", true),
        ("@collection.posts.id ?= id", false),
        ("@request.auth.id != ''", true),
    ] {
        let select = Select {
            rule: Some(rule),
            output: Output::Exists,
            draft: Some(&draft),
            ..Select::all(entry)
        };
        let statement = f.snapshot.select(&user(), &select).unwrap();
        assert_eq!(!f.run(&statement).is_empty(), expect, "{rule}");
    }
}

#[test]
fn missing_values_and_values_use_different_texts_of_the_same_rule() {
    let f = Fixture::new();
    let rule = "title = @request.body.title";
    check(&f, &submitting(json!({"title": "one"})), rule, true);
    check(&f, &submitting(json!({"title": ""})), rule, false);
    check(&f, &submitting(Json::Null), rule, false);
    check(&f, &submitting(json!({"title": "one"})), rule, true);
}
