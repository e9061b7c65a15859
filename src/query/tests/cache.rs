//! Statements are compiled once per shape of request.

use std::sync::Arc;

use serde_json::json;

use crate::query::tests::{Fixture, guest, submitting, user};
use crate::query::{Only, Page, Select};
use crate::sql::Value;

#[test]
fn requests_of_one_shape_share_one_text() {
    let f = Fixture::new();
    let rule = "author = @request.auth.id && title != @request.body.title";
    let select = Select {
        rule: Some(rule),
        only: Only::Id("p1"),
        ..Select::all(f.entry("posts"))
    };
    let other = Select {
        only: Only::Id("p2"),
        ..select
    };
    let texts = [
        f.snapshot
            .select(&submitting(json!({"title": "a"})), &select),
        f.snapshot
            .select(&submitting(json!({"title": "b"})), &other),
        f.snapshot.select(&user(), &select),
        f.snapshot.select(&guest(), &select),
        f.snapshot.select(&user(), &other),
    ]
    .map(|statement| statement.unwrap().text);
    assert!(Arc::ptr_eq(&texts[0], &texts[1]));
    assert!(Arc::ptr_eq(&texts[2], &texts[4]));
    assert!(!Arc::ptr_eq(&texts[0], &texts[2]));
    assert!(!Arc::ptr_eq(&texts[2], &texts[3]));
}

#[test]
fn what_differs_between_requests_is_bound() {
    let f = Fixture::new();
    let select = Select {
        rule: Some("author = @request.auth.id && day < @now"),
        filter: "title ~ 'a_b' && n = 2",
        page: Some(Page {
            limit: 30,
            offset: 60,
        }),
        ..Select::all(f.entry("posts"))
    };
    let statement = f.snapshot.select(&user(), &select).unwrap();
    assert_eq!(
        statement.binds,
        [
            Value::from("u1"),
            Value::from("2025-06-15 15:06:40.000Z"),
            Value::from("%a\\_b%"),
            Value::Real(2.0),
            Value::Int(30),
            Value::Int(60),
        ]
    );
}

#[test]
fn many_different_filters_do_not_pile_up() {
    let f = Fixture::new();
    for n in 0..3000 {
        let filter = format!("title = '{n}' || title ~ '{}'", "x".repeat(900));
        let select = Select {
            filter: &filter,
            ..Select::all(f.entry("posts"))
        };
        f.snapshot.select(&user(), &select).unwrap();
    }
    assert!(f.snapshot.cached() < 1500);
}
