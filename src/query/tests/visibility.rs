//! What clients cannot reach through filters and sorts.

use serde_json::{Value as Json, json};

use crate::ctx::Ctx;
use crate::query::tests::{Fixture, guest, superuser, user};
use crate::query::{Action, Select, Snapshot, rule_for};
use crate::schema::{Collection, Schema};

#[track_caller]
fn check(fixture: &Fixture, collection: &str, filter: &str, sort: &str, expect: &str) {
    let select = Select {
        filter,
        sort,
        ..Select::all(fixture.entry(collection))
    };
    let found = fixture
        .find(&user(), &select)
        .unwrap_or_else(|error| error.describe(if filter.is_empty() { sort } else { filter }));
    assert_eq!(found, expect, "{filter} {sort}");
}

#[test]
fn hidden_fields_and_collections_without_list_rule_are_out_of_reach() {
    let f = Fixture::new();
    for (filter, sort) in [
        ("secret = 's'", ""),
        ("", "-secret"),
        ("locked.name = 'a'", ""),
        ("", "locked.name"),
        ("parent.secret = 's'", ""),
        ("title = '' || locked.name ~ 'a'", ""),
    ] {
        let token = if filter.is_empty() { sort } else { filter };
        let token = token
            .trim_start_matches("title = '' || ")
            .trim_start_matches('-')
            .split(' ')
            .next()
            .unwrap();
        let position = filter.find(token).unwrap_or(0) + 1;
        check(
            &f,
            "posts",
            filter,
            sort,
            &format!("not allowed at position {position}: {token:?}"),
        );
    }
    // The id of a related record is in the record itself.
    check(&f, "posts", "locked.id = 'l1'", "", "p1");
}

#[test]
fn list_rules_of_joined_collections_apply_to_the_whole_query() {
    let f = Fixture::new();
    check(&f, "posts", "shown.name = 'a'", "", "p1");
    check(&f, "posts", "shown.name = 'b'", "", "");
    check(&f, "posts", "shown.name = 'b' || n >= 0", "", "p1 p2");
    check(&f, "posts", "", "shown.name,-n", "p2 p1");
}

/// The fixture with another list rule for one of its collections.
fn with_list_rule(name: &str, rule: &str) -> Fixture {
    let mut fixture = Fixture::new();
    let collections = fixture.snapshot.collections().map(|entry| {
        let mut collection = Collection::clone(entry.definition());
        if collection.name == name {
            collection.rules.list = Some(rule.to_owned());
        }
        collection
    });
    fixture.snapshot = Snapshot::new(Schema::new(collections.collect()));
    fixture
}

#[test]
fn list_rules_of_joined_collections_hold_what_is_submitted_against_their_own_rows() {
    for (name, rule, submitted, filter, expect) in [
        (
            "comments",
            "@request.body.likes:changed = false",
            json!({}),
            "comments_via_post.likes > 0",
            "p1 p3",
        ),
        (
            "comments",
            "@request.body.likes:changed = true",
            json!({}),
            "comments_via_post.likes > 0",
            "",
        ),
        (
            "comments",
            "@request.body.likes:changed = false",
            json!({"likes": 1}),
            "comments_via_post.likes ?> 0",
            "p1",
        ),
        (
            "comments",
            "@request.body.likes:changed = true",
            json!({"likes": 5}),
            "comments_via_post.likes ?> 0",
            "p1",
        ),
        (
            "labels",
            "@request.body.posts:length = 0",
            json!({}),
            "labels_via_posts.label ?= 'red'",
            "p1 p3",
        ),
        (
            "labels",
            "@request.body.posts:each ?!= ''",
            json!({}),
            "labels_via_posts.label ?= 'red'",
            "p1 p3",
        ),
        (
            "labels",
            "@request.body.posts:each ?= 'p1'",
            json!({"posts": ["p1"]}),
            "labels_via_posts.label ?= 'red'",
            "p1 p3",
        ),
        (
            "labels",
            "@request.body.posts.title ?= 'one'",
            json!({"posts": ["p1"]}),
            "labels_via_posts.label ?= 'red'",
            "p1 p3",
        ),
    ] {
        let f = with_list_rule(name, rule);
        let Json::Object(body) = submitted else {
            panic!("not an object: {submitted}");
        };
        let mut ctx = guest();
        ctx.request_mut().body = body;
        for sort in ["", "comments_via_post.likes,labels_via_posts.label,id"] {
            let select = Select {
                filter,
                sort,
                ..Select::all(f.entry("posts"))
            };
            assert_eq!(
                f.find(&ctx, &select).unwrap(),
                expect,
                "{rule} {filter} {sort}"
            );
        }
    }
}

#[test]
fn emails_are_found_only_where_they_are_shown() {
    let f = Fixture::new();
    check(&f, "users", "email ~ 'x.co'", "", "u1");
    check(&f, "users", "email ~ 'x.co' || name = 'bob'", "", "u1 u2");
    check(&f, "posts", "author.email ~ 'x.co'", "", "p1");
}

#[test]
fn words_of_superusers_are_refused() {
    let f = Fixture::new();
    let word = |word: &str| format!("only superusers can filter by {word:?}");
    check(&f, "posts", "title = '@request.x'", "", &word("@request."));
    check(
        &f,
        "posts",
        "",
        "@collection.orgs.name",
        &word("@collection."),
    );
    let select = Select {
        filter: "@collection.orgs.name ?= 'one'",
        ..Select::all(f.entry("posts"))
    };
    assert_eq!(f.find(&superuser(), &select).unwrap(), "p1 p2 p3");
    let error = f.snapshot.select(&guest(), &select).unwrap_err();
    assert_eq!(
        error.for_client().to_string(),
        "Only superusers can filter by @collection."
    );
}

#[test]
fn rules_see_everything() {
    let f = Fixture::new();
    let select = Select {
        rule: Some("secret = 's' && locked.name = 'a' && author.email ~ 'x.co'"),
        ..Select::all(f.entry("posts"))
    };
    assert_eq!(f.find(&guest(), &select).unwrap(), "p1");
}

#[test]
fn a_rule_applies_to_everyone_but_superusers() {
    let f = Fixture::new();
    let shown = f.entry("shown");
    let decide = |ctx: &Ctx, action| match rule_for(ctx, shown, action) {
        Ok(rule) => format!("{rule:?}"),
        Err(error) => error.to_string(),
    };
    assert_eq!(decide(&guest(), Action::List), r#"Some("open = true")"#);
    assert_eq!(decide(&superuser(), Action::List), "None");
    assert_eq!(decide(&superuser(), Action::Delete), "None");
    assert_eq!(
        decide(&user(), Action::Delete),
        "Only superusers can perform this action."
    );
}
