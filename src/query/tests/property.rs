//! Whatever a filter says, it is an error or one valid statement.

use proptest::prelude::*;

use crate::query::tests::{Fixture, guest, superuser, user};
use crate::query::{Output, Page, Select};

fn operand() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "title",
        "n",
        "sels",
        "rel",
        "rel.name",
        "rels.name",
        "rels.tags:each",
        "rels:each",
        "rels:length",
        "author.orgs.name",
        "author.email",
        "comments_via_post.text",
        "comments_via_post.post.rels.name",
        "labels_via_posts.label",
        "details_via_post.note",
        "@collection.comments.post",
        "@collection.orgs.tags:each",
        "@request.auth.id",
        "@request.auth.orgs.name",
        "@request.auth.org.name",
        "@request.body.rels.name",
        "@request.body.sels:each",
        "@request.query.a",
        "meta.a.0",
        "geo.lon",
        "secret",
        "shown.name",
        "locked.name",
        "id",
        "null",
        "true",
        "@now",
        "@hour",
        "''",
        "'a%'",
        "1.5",
        "strftime('%Y', day)",
        "strftime('%Y', comments_via_post.text)",
        "geoDistance(geo.lon, geo.lat, parent.geo.lon, 1)",
        "posts_via_parent.rels.code",
        "title:lower",
        "@request.body.title:changed",
        "nope",
        "rel.nope",
    ]);
    names.prop_map(str::to_owned)
}

fn filter() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec![
        "=", "!=", "~", "!~", "<", ">=", "?=", "?!=", "?~", "?!~", "?>", "?<=",
    ]);
    let comparison = (operand(), operator, operand())
        .prop_map(|(left, op, right)| format!("{left} {op} {right}"));
    comparison.prop_recursive(3, 12, 3, |inner| {
        let join = prop::sample::select(vec!["&&", "||"]);
        (inner.clone(), join, inner).prop_map(|(a, join, b)| format!("({a} {join} {b})"))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_filter_is_an_error_or_one_statement(
        filters in prop::collection::vec((filter(), filter(), operand()), 8),
        noise in "\\PC{0,40}",
    ) {
        let fixture = Fixture::new();
        for (rule, filter, sort) in filters.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str()))
            .chain([("", noise.as_str(), ""), (noise.as_str(), "", noise.as_str())])
        {
            for ctx in [guest(), user(), superuser()] {
                for output in [Output::Columns, Output::Count, Output::Exists] {
                    let select = Select {
                        rule: Some(rule),
                        filter,
                        sort,
                        page: Some(Page { limit: 5, offset: 0 }),
                        output,
                        ..Select::all(fixture.entry("posts"))
                    };
                    if let Ok(statement) = fixture.snapshot.select(&ctx, &select) {
                        fixture.run(&statement);
                        prop_assert_eq!(statement.text.matches('?').count(), statement.binds.len());
                    }
                }
            }
        }
    }
}
