//! Texts that do not compile, and what operators read about them.

use crate::query::tests::{Fixture, collection, superuser};
use crate::query::{MAX_FILTER, Restricted, Select, check_rule};
use crate::schema::CollectionKind;

#[track_caller]
fn check(fixture: &Fixture, filter: &str, sort: &str, expect: &str) {
    let select = Select {
        filter,
        sort,
        ..Select::all(fixture.entry("posts"))
    };
    let error = fixture.snapshot.select(&superuser(), &select).unwrap_err();
    let text = if filter.is_empty() { sort } else { filter };
    assert_eq!(error.describe(text), expect, "{filter} {sort}");
}

#[test]
fn errors_name_the_token_and_its_position() {
    let f = Fixture::new();
    for (filter, expect) in [
        ("nope = 1", r#"unknown field at position 1: "nope""#),
        (
            "n = 1 && rel.nope = 1",
            r#"unknown field at position 10: "rel.nope""#,
        ),
        ("title.x = 1", r#"not a relation at position 1: "title.x""#),
        (
            "comments_via_text.id = 1",
            r#"not a back-relation at position 1: "comments_via_text.id""#,
        ),
        (
            "nope_via_post.id = 1",
            r#"unknown collection at position 1: "nope_via_post.id""#,
        ),
        (
            "@collection.nope.id = 1",
            r#"unknown collection at position 1: "@collection.nope.id""#,
        ),
        (
            "@request.nope = 1",
            r#"unknown identifier at position 1: "@request.nope""#,
        ),
        ("@nope = 1", r#"unknown identifier at position 1: "@nope""#),
        (
            "title:nope = 1",
            r#"unknown modifier at position 1: "title:nope""#,
        ),
        (
            "@request.body.title:each = 1",
            r#"modifier not applicable at position 1: "@request.body.title:each""#,
        ),
        (
            "@request.query.a:changed = 1",
            r#"modifier not applicable at position 1: "@request.query.a:changed""#,
        ),
        ("nope(1) = 1", r#"unknown function at position 1: "nope""#),
        (
            "strftime() = 1",
            r#"wrong number of arguments at position 1: "strftime""#,
        ),
        (
            "strftime(title) = 1",
            r#"wrong kind of argument at position 1: "strftime""#,
        ),
        (
            "geoDistance(1,2,3,'4') = 1",
            r#"wrong kind of argument at position 1: "geoDistance""#,
        ),
        (
            "parent.parent.parent.parent.parent.parent.parent.title = ''",
            "too many relation levels at position 1: \"parent.parent.parent.parent.parent.parent.parent.title\"",
        ),
    ] {
        check(&f, filter, "", expect);
    }
}

#[test]
fn sorts_have_limits() {
    let f = Fixture::new();
    check(&f, "", "n,n,n,n,n,n,n,n,n", "too many sort items");
    check(&f, "", &"n".repeat(256), "a sort item is too long");
    check(
        &f,
        "",
        "title,,n",
        r#"unknown identifier at position 7: """#,
    );
    check(&f, "", "--n", r#"unknown identifier at position 1: "-n""#);
    check(&f, "", "@now", r#"unknown field at position 1: "@now""#);
    check(&f, "", "true", r#"unknown field at position 1: "true""#);
}

#[test]
fn filters_of_clients_have_a_length() {
    let f = Fixture::new();
    let filter = format!("title = '{}'", "é".repeat(MAX_FILTER));
    check(&f, &filter, "", "the filter is too long");
}

#[test]
fn statements_join_a_limited_number_of_rows() {
    let f = Fixture::new();
    let alias = |n| format!("@collection.orgs:a{n}.name ?= 'x'");
    let filter: Vec<String> = (0..64).map(alias).collect();
    check(&f, &filter.join(" && "), "", "too many relations");
}

#[test]
fn rules_are_checked_against_a_collection_that_is_being_made() {
    let f = Fixture::new();
    let mut fresh = collection(CollectionKind::Base, "fresh", Vec::new());
    fresh.fields.extend(f.entry("posts").fields[1..3].to_vec());
    let check =
        |rule: &str| check_rule(&f.snapshot, &fresh, rule).map_err(|error| error.to_string());
    assert_eq!(check(""), Ok(()));
    assert_eq!(
        check("title != '' && @request.auth.anything.goes = 1"),
        Ok(())
    );
    assert_eq!(check("@collection.fresh.title ?= 'a'"), Ok(()));
    assert!(check("sels = ''").is_err());
}

#[test]
fn tables_that_are_no_collections_offer_their_columns_only() {
    let logs = Restricted::new(&["id", "level"], &["data"]);
    let show = |filter: &str, sort: &str| {
        let ctx = superuser();
        match (logs.filter(&ctx, filter), logs.sort(&ctx, sort)) {
            (Ok(filter), Ok(sort)) => format!("{}{}", filter.as_str(), sort.as_str()),
            (Err(error), _) => error.describe(filter),
            (_, Err(error)) => error.describe(sort),
        }
    };
    assert_eq!(show("", ""), "TRUE");
    assert_eq!(
        show("level > 0 && data.status = 200", "-@rowid,level"),
        "(r.`level` > ? AND (CASE WHEN json_valid(r.`data`) THEN json_extract(r.`data`, ?) \
         ELSE json_extract(json_object('pb', r.`data`), ?) END) IS ?) ORDER BY r._rowid_ DESC, r.`level`"
    );
    assert_eq!(
        show("@request.method = ''", ""),
        r#"unknown identifier at position 1: "@request.method""#
    );
    assert_eq!(show("", "nope"), r#"unknown field at position 1: "nope""#);
}
