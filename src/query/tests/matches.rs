//! What filters and sorts find.

use crate::query::Select;
use crate::query::tests::{Fixture, superuser};

#[track_caller]
fn check(fixture: &Fixture, collection: &str, filter: &str, sort: &str, expect: &str) {
    let select = Select {
        filter,
        sort,
        ..Select::all(fixture.entry(collection))
    };
    let found = fixture
        .find(&superuser(), &select)
        .unwrap_or_else(|error| error.to_string());
    assert_eq!(found, expect, "{filter} {sort}");
}

#[test]
fn operators_over_plain_columns() {
    let f = Fixture::new();
    for (filter, expect) in [
        ("", "p1 p3 p2"),
        ("title = 'one'", "p1"),
        ("title = null", "p2"),
        ("title != ''", "p1 p3"),
        ("title ~ 'N'", "p1"),
        ("title ~ '50%'", "p3"),
        ("title ~ '%e'", "p1"),
        ("title ~ '_'", ""),
        ("title !~ 'one'", "p3 p2"),
        ("n = '1'", "p1"),
        ("n = null", ""),
        ("n >= 1 && n < 2", "p1"),
        ("true = 1 && n = 2", "p3"),
        ("title:lower = 'one'", "p1"),
        ("sels = 'x'", ""),
        ("sels ~ 'x'", "p1"),
        ("sels:length = 2", "p1"),
        ("sel:length = 0", "p3"),
        ("sels:each = 'y'", "p2"),
        ("sels:each ?= 'y'", "p1 p2"),
        ("strftime('%Y-%m', day) = '2024-05'", "p1"),
        ("strftime('%Y', day) = ''", "p3 p2"),
        ("day < @now && day != ''", "p1"),
        ("geoDistance(geo.lon, geo.lat, 10, 0) < 1", "p1"),
    ] {
        check(&f, "posts", filter, "", expect);
    }
}

#[test]
fn json_paths_tell_null_from_empty() {
    let f = Fixture::new();
    for (filter, expect) in [
        ("meta = 'text'", "p3"),
        ("meta = null", "p2"),
        ("meta = ''", ""),
        ("meta.a.0 = 1", "p1"),
        ("meta.a = '[1]'", "p1"),
        ("meta.a.0 = '1'", ""),
        ("geo.lon > 5", "p1"),
    ] {
        check(&f, "posts", filter, "", expect);
    }
}

#[test]
fn relations_mean_all_values_or_any() {
    let f = Fixture::new();
    for (filter, expect) in [
        ("rel.name = 'one'", "p1"),
        ("rel.name = ''", "p2 p3"),
        ("rel.id = 'gone'", "p3"),
        ("rels.name ?= 'one'", "p1"),
        ("rels.name = 'one'", ""),
        // A missing record is no value that could differ.
        ("rels.name = 'two'", "p3"),
        ("rels.name != 'one'", "p2 p3"),
        ("rels.name ?= 'one' && rels.code ?= 2", ""),
        ("rels.name ?= 'one' && rels.code ?= 1", "p1"),
        ("rels.name ?= 'one' || rels.code ?= 2", "p1 p3"),
        ("rels.id ?= 'o2' && rels:each ?= 'o2'", "p1 p3"),
        ("rels.id ?= 'o1' && rels:each ?= 'o2'", ""),
        ("rels.tags:each ?= 'y'", "p1 p3"),
        ("rels.name = rels.name", "p2"),
        ("parent.rels.name ?= 'two'", "p2 p3"),
        ("parent.parent.id = '' && parent.title != ''", "p2 p3"),
    ] {
        check(&f, "posts", filter, "", expect);
    }
}

#[test]
fn back_relations_and_unrelated_collections() {
    let f = Fixture::new();
    for (filter, expect) in [
        ("comments_via_post.text ?= 'ho'", "p1"),
        ("comments_via_post.text = 'hi'", "p3"),
        ("comments_via_post.id = ''", "p2"),
        (
            "comments_via_post.text ?= 'hi' && comments_via_post.likes ?= 2",
            "",
        ),
        ("comments_via_post.likes ?> 1", "p1 p3"),
        ("details_via_post.note = 'n'", "p1"),
        ("labels_via_posts.label ?= 'red'", "p1 p3"),
        ("labels_via_posts.label = 'red'", "p3"),
        ("posts_via_parent.title ?~ '50'", "p1"),
        ("@collection.comments.post ?= id", "p1 p3"),
        (
            "@collection.comments.text ?= 'hi' && @collection.comments.post ?= id",
            "p1 p3",
        ),
        (
            "@collection.comments:a.post ?= id && @collection.comments:b.post ?= id \
             && @collection.comments:a.text ?= 'hi' && @collection.comments:b.text ?= 'ho'",
            "p1",
        ),
        ("@collection.orgs.name = 'one'", ""),
    ] {
        check(&f, "posts", filter, "", expect);
    }
}

#[test]
fn sorts_follow_paths() {
    let f = Fixture::new();
    for (filter, sort, expect) in [
        ("", "n", "p2 p1 p3"),
        ("", "-n", "p3 p1 p2"),
        ("", " +title , -n", "p2 p3 p1"),
        ("", "rel.name,-title", "p3 p2 p1"),
        ("", "-@rowid", "p2 p3 p1"),
        ("", "-meta.a", "p1 p3 p2"),
        // Of several keys, the first that takes part in a match counts.
        ("rels.code ?> 0", "rels.code", "p1 p3"),
        ("rels.code ?> 1", "-rels.code,-n", "p3 p1"),
    ] {
        check(&f, "posts", filter, sort, expect);
    }
}

#[test]
fn views_are_queried_like_tables() {
    let f = Fixture::new();
    check(&f, "list", "rels.name ?= 'two'", "", "p1 p3");
    check(&f, "list", "title != ''", "-title", "p1 p3");
}
