//! The SQL of filters: no more than is needed, in a form that indexes can answer.

use crate::query::tests::{Fixture, superuser};
use crate::query::{Only, Output, Page, Select};

/// Writes the long form of "the items of a list column" as `items(column)`, and drops the quotes.
fn shorten(text: &str) -> String {
    let mut text = text.replace('`', "");
    while let Some(start) = text.find("json_each(CASE WHEN json_valid(") {
        let rest = &text[start..];
        let column = rest
            .trim_start_matches("json_each(CASE WHEN json_valid(")
            .split(')')
            .next()
            .unwrap()
            .to_owned();
        let long = format!(
            "json_each(CASE WHEN json_valid({column}) AND json_type({column}) = 'array' THEN {column} \
             ELSE json_array({column}) END)"
        );
        assert!(rest.starts_with(&long), "{rest}");
        text = text.replace(&long, &format!("items({column})"));
    }
    text
}

/// Compares what stands behind `SELECT COUNT(*) FROM posts AS r`.
#[track_caller]
fn check(fixture: &Fixture, filter: &str, expect: &str) {
    let select = Select {
        filter,
        output: Output::Count,
        ..Select::all(fixture.entry("posts"))
    };
    let statement = fixture.snapshot.select(&superuser(), &select).unwrap();
    fixture.run(&statement);
    let text = shorten(&statement.text);
    let text = text
        .strip_prefix("SELECT COUNT(*) FROM posts AS r")
        .unwrap();
    assert_eq!(text, expect, "{filter}");
}

#[test]
fn plain_columns_compare_directly_where_the_other_side_is_known() {
    let f = Fixture::new();
    check(&f, "title = 'a'", " WHERE r.title = ?");
    check(&f, "title != 'a'", " WHERE r.title IS NOT ?");
    check(&f, "title = ''", " WHERE (r.title = '' OR r.title IS NULL)");
    check(
        &f,
        "title != null",
        " WHERE (r.title IS NOT '' AND r.title IS NOT NULL)",
    );
    check(
        &f,
        "title = sel",
        " WHERE COALESCE(r.title, '') = COALESCE(r.sel, '')",
    );
    check(
        &f,
        "title ~ 'a' || n > 1 && sel = 'x'",
        r" WHERE (r.title LIKE ? ESCAPE '\' OR (r.n > ? AND r.sel = ?))",
    );
    check(
        &f,
        "(title = 'a' || n = 1) && sel = 'x'",
        " WHERE ((r.title = ? OR r.n = ?) AND r.sel = ?)",
    );
    check(
        &f,
        "strftime('%Y', day) = '2024'",
        " WHERE strftime(?, r.day) = ?",
    );
}

#[test]
fn single_relations_join_the_statement_itself() {
    let f = Fixture::new();
    check(&f, "rel.id = 'o1'", " WHERE r.rel = ?");
    check(
        &f,
        "rel.name = 'one' && rel.code = 1",
        " LEFT JOIN orgs AS j0 ON j0.id = r.rel WHERE (j0.name = ? AND j0.code = ?)",
    );
}

#[test]
fn rows_behind_a_fixed_reference_do_not_depend_on_the_main_row() {
    let f = Fixture::new();
    check(
        &f,
        "rel = 'o1' && rel.name = 'one'",
        " WHERE (r.rel = ? AND (SELECT j0.name FROM orgs AS j0 WHERE j0.id = ?) = ?)",
    );
    check(
        &f,
        "author.org.name = 'one' && author = 'u1'",
        " WHERE ((SELECT j1.name FROM users AS j0 LEFT JOIN orgs AS j1 ON j1.id = j0.org WHERE j0.id = ?) = ? AND r.author = ?)",
    );
    check(
        &f,
        "(rel = 'o1' || n = 1) && rel.name = 'one'",
        " LEFT JOIN orgs AS j0 ON j0.id = r.rel WHERE ((r.rel = ? OR r.n = ?) AND j0.name = ?)",
    );
}

#[test]
fn lists_become_semi_joins_by_primary_key() {
    let f = Fixture::new();
    check(
        &f,
        "rels.name ?= 'one'",
        " WHERE EXISTS (SELECT 1 FROM items(r.rels) AS j0 JOIN orgs AS j1 WHERE j1.id = j0.value AND j1.name = ?)",
    );
    check(
        &f,
        "rels:each ?= 'o1'",
        " WHERE EXISTS (SELECT 1 FROM items(r.rels) AS j0 WHERE j0.value = ?)",
    );
    check(
        &f,
        "rels.name = 'one'",
        " WHERE (SELECT MIN(j1.name = ?) FROM items(r.rels) AS j0 JOIN orgs AS j1 WHERE j1.id = j0.value)",
    );
    check(
        &f,
        "rels.name != 'one'",
        " WHERE (SELECT MIN(j1.name IS NOT ?) FROM (SELECT 1) LEFT JOIN items(r.rels) AS j0 ON TRUE \
         LEFT JOIN orgs AS j1 ON j1.id = j0.value)",
    );
    check(
        &f,
        "author.org.name = 'one' && author.orgs.code ?> 1",
        " LEFT JOIN users AS j0 ON j0.id = r.author LEFT JOIN orgs AS j1 ON j1.id = j0.org \
         WHERE (j1.name = ? AND EXISTS (SELECT 1 FROM items(j0.orgs) AS j2 JOIN orgs AS j3 \
         WHERE j3.id = j2.value AND j3.code > ?))",
    );
}

#[test]
fn conditions_on_the_same_path_are_about_the_same_row() {
    let f = Fixture::new();
    check(
        &f,
        "rels.name ?= 'one' && rels.code ?= 1",
        " WHERE EXISTS (SELECT 1 FROM items(r.rels) AS j0 JOIN orgs AS j1 \
         WHERE j1.id = j0.value AND j1.name = ? AND j1.code = ?)",
    );
    check(
        &f,
        "rels.name ?= 'one' && sels:each ?= 'x'",
        " WHERE (EXISTS (SELECT 1 FROM items(r.rels) AS j0 JOIN orgs AS j1 WHERE j1.id = j0.value AND j1.name = ?) \
         AND EXISTS (SELECT 1 FROM items(r.sels) AS j2 WHERE j2.value = ?))",
    );
    check(
        &f,
        "rels.name ?= 'one' || rels.code ?= 1",
        " WHERE (EXISTS (SELECT 1 FROM items(r.rels) AS j0 JOIN orgs AS j1 WHERE j1.id = j0.value AND j1.name = ?) \
         OR EXISTS (SELECT 1 FROM items(r.rels) AS j0 JOIN orgs AS j1 WHERE j1.id = j0.value AND j1.code = ?))",
    );
    check(
        &f,
        "rels.name ?= 'one' && (rels.code ?= 1 || comments_via_post.text ?= 'a')",
        " WHERE EXISTS (SELECT 1 FROM items(r.rels) AS j0 JOIN orgs AS j1 WHERE j1.id = j0.value AND j1.name = ? \
         AND (j1.code = ? OR EXISTS (SELECT 1 FROM comments AS j2 WHERE j2.post = r.id AND j2.text = ?)))",
    );
}

#[test]
fn back_relations_are_found_through_their_field() {
    let f = Fixture::new();
    check(
        &f,
        "comments_via_post.text ?= 'hi'",
        " WHERE EXISTS (SELECT 1 FROM comments AS j0 WHERE j0.post = r.id AND j0.text = ?)",
    );
    check(
        &f,
        "comments_via_post.text = 'hi'",
        " WHERE (EXISTS (SELECT 1 FROM comments AS j0 WHERE j0.post = r.id AND j0.text = ?) \
         AND NOT EXISTS (SELECT 1 FROM comments AS k0 WHERE k0.post = r.id AND NOT (k0.text = ?)))",
    );
    check(
        &f,
        "comments_via_post.id ?= ''",
        " WHERE EXISTS (SELECT 1 FROM (SELECT 1) LEFT JOIN comments AS j0 ON j0.post = r.id \
         WHERE (j0.id = '' OR j0.id IS NULL))",
    );
    check(
        &f,
        "details_via_post.note = 'n'",
        " WHERE EXISTS (SELECT 1 FROM details AS j0 WHERE j0.post = r.id AND j0.note = ?)",
    );
    check(
        &f,
        "labels_via_posts.label ?= 'red'",
        " WHERE EXISTS (SELECT 1 FROM labels AS j0 WHERE r.id IN (SELECT value FROM items(j0.posts)) AND j0.label = ?)",
    );
}

#[test]
fn lists_are_ordered_by_id_when_rows_are_joined_unless_an_index_leads_there() {
    let f = Fixture::new();
    for (filter, sort, expect) in [
        ("", "", ""),
        ("title = 'a'", "", ""),
        ("rels.name ?= 'one'", "", " ORDER BY r.id"),
        ("rels.name ?= 'one' && n = 1", "", ""),
        ("rels.name ?= 'one' || n = 1", "", " ORDER BY r.id"),
        ("", "-n,title", " ORDER BY r.n DESC, r.title"),
        ("rels.name ?= 'one'", "@rowid", " ORDER BY r._rowid_"),
    ] {
        let select = Select {
            filter,
            sort,
            output: Output::Id,
            ..Select::all(f.entry("posts"))
        };
        let text = shorten(&f.snapshot.select(&superuser(), &select).unwrap().text);
        let order = text.find(" ORDER BY").map_or("", |start| &text[start..]);
        assert_eq!(order, expect, "{filter} {sort}");
    }
}

#[test]
fn outputs_and_windows_of_one_record() {
    let f = Fixture::new();
    let select = Select {
        only: Only::Id("b1"),
        page: Some(Page {
            limit: 1,
            offset: 0,
        }),
        ..Select::all(f.entry("labels"))
    };
    let statement = f.snapshot.select(&superuser(), &select).unwrap();
    assert_eq!(
        shorten(&statement.text),
        "SELECT r.id, r.label, r.posts FROM labels AS r WHERE r.id = ? LIMIT ? OFFSET ?"
    );
    let exists = Select {
        output: Output::Exists,
        page: None,
        ..select
    };
    let statement = f.snapshot.select(&superuser(), &exists).unwrap();
    assert_eq!(
        shorten(&statement.text),
        "SELECT 1 FROM labels AS r WHERE r.id = ? LIMIT 1"
    );
    let ids = ["b2".to_owned(), "b1".to_owned()];
    let several = Select {
        output: Output::Id,
        only: Only::Ids(&ids),
        page: None,
        ..select
    };
    assert_eq!(f.find(&superuser(), &several).unwrap(), "b1 b2");
}

#[test]
fn newest_first_can_be_found_by_keys() {
    let f = Fixture::new();
    let page = Some(Page {
        limit: 30,
        offset: 0,
    });
    let keys = |collection: &str, filter: &str, sort: &str, page| {
        let select = Select {
            filter,
            sort,
            page,
            ..Select::all(f.entry(collection))
        };
        let statement = f.snapshot.select(&superuser(), &select).unwrap();
        statement.keyed.map(|keyed| shorten(&keyed.keys))
    };
    for (filter, sort, expect) in [
        (
            "",
            "-day",
            "SELECT r._rowid_, r.day FROM posts AS r LIMIT -1 OFFSET 0",
        ),
        (
            "n = 1 && author.name = 'a'",
            "-day,title",
            "SELECT r._rowid_, r.day, r.title FROM posts AS r LEFT JOIN users AS j0 ON j0.id = r.author WHERE (r.n = ? AND j0.name = ?) LIMIT -1 OFFSET 0",
        ),
        ("", "day", "none"),
        ("", "-n", "none"),
        ("", "-n,-day", "none"),
        ("", "-author.name", "none"),
        ("", "-day,meta.a", "none"),
        ("", "-day,@random", "none"),
    ] {
        let keys = keys("posts", filter, sort, page);
        assert_eq!(keys.as_deref().unwrap_or("none"), expect, "{filter} {sort}");
    }
    assert_eq!(keys("posts", "", "-day", None), None);
}

#[test]
fn what_asks_for_the_time_or_a_view_is_not_repeatable() {
    let f = Fixture::new();
    let check = |collection: &str, filter: &str, expect: bool| {
        let select = Select {
            filter,
            output: Output::Count,
            ..Select::all(f.entry(collection))
        };
        let statement = f.snapshot.select(&superuser(), &select).unwrap();
        assert_eq!(statement.is_repeatable, expect, "{collection}: {filter}");
    };
    check("posts", "", true);
    // The moment is a bound value.
    check("posts", "day < @now && title ~ 'a'", true);
    check("posts", "comments_via_post.text ?= 'ho'", true);
    check("posts", "@collection.comments.text ?= title", true);
    check("posts", "@collection.list.title ?= title", false);
    check("posts", "strftime('%Y', 'now') = '2024'", false);
    check("list", "", false);
}
