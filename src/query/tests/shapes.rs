//! The SQL of filters: no more than is needed, in a form that indexes can answer.

use crate::query::tests::{Fixture, superuser, user};
use crate::query::{Output, Select};

/// What stands behind `SELECT COUNT(*) FROM posts AS r` for a filter.
#[track_caller]
fn check(filter: &str, expect: &str) {
    let fixture = Fixture::new();
    let select = Select {
        filter,
        output: Output::Count,
        ..Select::all(fixture.entry("posts"))
    };
    let statement = fixture.snapshot.select(&superuser(), &select).unwrap();
    fixture.run(&statement);
    let text = statement.text.replace('`', "");
    let text = text
        .strip_prefix("SELECT COUNT(*) FROM posts AS r")
        .unwrap();
    assert_eq!(text, expect, "{filter}");
}

/// Shortens the list a multiple field is read as.
fn items(column: &str) -> String {
    format!(
        "json_each(CASE WHEN json_valid({column}) AND json_type({column}) = 'array' THEN {column} \
         ELSE json_array({column}) END)"
    )
}

#[test]
fn dump() {
    let fixture = Fixture::new();
    for filter in std::fs::read_to_string("/tmp/q/shapes.txt")
        .unwrap()
        .lines()
    {
        let select = Select {
            filter,
            output: Output::Count,
            ..Select::all(fixture.entry("posts"))
        };
        let statement = fixture.snapshot.select(&superuser(), &select).unwrap();
        println!(
            "{filter}\t{}",
            statement
                .text
                .replace('`', "")
                .strip_prefix("SELECT COUNT(*) FROM posts AS r")
                .unwrap()
        );
    }
}
