//! What is answered without the database is what the database would answer.

use proptest::prelude::*;

use crate::base::time::Timestamp;
use crate::ctx::{Ctx, Principal};
use crate::query::tests::{Fixture, guest, superuser, user};
use crate::query::{Only, Output, Select, batch};
use crate::sql::Value;

fn text() -> impl Strategy<Value = String> {
    let some = prop::sample::select(vec![
        "",
        " ",
        "a",
        "A",
        "ab",
        "Äb",
        "a%",
        "a_b",
        "50%",
        "\\",
        "a\\",
        "1",
        " 1",
        "1.0",
        "-1",
        "1e3",
        "0x1",
        "true",
        "null",
        "u1",
        "o1",
        "[\"o1\"]",
        "2025-06-15 15:06:40.000Z",
        "é",
        "x",
    ]);
    prop_oneof![4 => some.prop_map(str::to_owned), 1 => "\\PC{0,6}", 1 => "[ab%_\\\\]{0,6}"]
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![
        prop::sample::select(vec![
            0.0, 1.0, -1.0, 1.5, 2.0, 1e15, 9.1e15, 1e300, -0.0, 50.0
        ]),
        any::<i16>().prop_map(f64::from),
    ]
}

fn operand() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "title",
        "title",
        "n",
        "n",
        "sel",
        "sels",
        "rel",
        "rels",
        "author",
        "author",
        "day",
        "secret",
        "id",
        "created",
        "title:lower",
        "@request.auth.id",
        "@request.auth.id",
        "@request.auth.email",
        "@request.auth.verified",
        "@request.auth.collectionName",
        "@request.auth.nope",
        "@request.query.a",
        "@request.query.n",
        "@request.headers.x_y",
        "@request.query.a:isset",
        "@request.method",
        "@request.context",
        "@now",
        "@todayStart",
        "@hour",
        "null",
        "true",
        "false",
    ]);
    let quoted = text().prop_map(|text| {
        let escaped = text.replace('\\', "\\\\").replace('\'', "\\'");
        format!("'{escaped}'")
    });
    prop_oneof![
        4 => names.prop_map(str::to_owned),
        2 => quoted,
        1 => number().prop_map(|number| number.to_string()),
    ]
}

fn filter() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec![
        "=", "=", "!=", "~", "!~", "<", "<=", ">", ">=", "?=", "?!=", "?~", "?>",
    ]);
    let comparison = (operand(), operator, operand())
        .prop_map(|(left, op, right)| format!("{left} {op} {right}"));
    comparison.prop_recursive(3, 8, 3, |inner| {
        let join = prop::sample::select(vec!["&&", "||"]);
        (inner.clone(), join, inner).prop_map(|(a, join, b)| format!("({a} {join} {b})"))
    })
}

fn caller() -> impl Strategy<Value = Ctx> {
    let principal = prop::sample::select(vec![
        guest().principal,
        user().principal,
        superuser().principal,
    ]);
    let pairs = prop::collection::vec((prop::sample::select(vec!["a", "n"]), text()), 0..3);
    (principal, pairs, prop::option::of(text())).prop_map(|(principal, query, header)| {
        let mut ctx = guest();
        ctx.principal = principal;
        let query = query
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value));
        ctx.request_mut().query = query.collect();
        ctx.request_mut().headers = header
            .map(|value| ("X-Y".to_owned(), value))
            .into_iter()
            .collect();
        ctx
    })
}

fn row() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let list = prop::sample::select(vec!["[]", "[\"o1\"]", "[\"o1\",\"u1\"]", "[\"x\",\"1\"]"]);
    (text(), number(), text(), text(), text(), list, text()).prop_map(
        |(title, n, sel, author, secret, rels, day)| {
            vec![
                ("id", "row".into()),
                ("title", title.into()),
                ("n", n.into()),
                ("sel", sel.into()),
                ("author", author.into()),
                ("secret", secret.into()),
                ("rels", rels.into()),
                ("sels", rels.into()),
                ("day", day.into()),
            ]
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn predicates_answer_like_the_database(
        row in row(),
        questions in prop::collection::vec((filter(), prop::option::of(filter()), caller()), 40),
    ) {
        thread_local! {
            static FIXTURE: Fixture = Fixture::new();
        }
        let outcome: Result<(), TestCaseError> = FIXTURE.with(|fixture| {
            fixture.put(&row);
            let entry = fixture.entry("posts");
            let cells = fixture.cells(&superuser(), entry, "row");
            // What a save hands over has floating point numbers where the table has integers.
            let written: Vec<Value> = cells
                .iter()
                .map(|cell| match cell {
                    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
                    Value::Int(number) => Value::Real(*number as f64),
                    cell => cell.clone(),
                })
                .collect();
            for (rule, filter, ctx) in &questions {
                let filter = filter.as_deref().unwrap_or_default();
                let select = Select {
                    rule: Some(rule),
                    filter,
                    only: Only::Id("row"),
                    output: Output::Exists,
                    ..Select::all(entry)
                };
                let statement = fixture.snapshot.select(ctx, &select);
                let predicate = fixture.snapshot.predicate(ctx, entry, Some(rule), filter);
                prop_assert_eq!(statement.is_ok(), predicate.is_ok(), "{} / {}", rule, filter);
                let (Ok(statement), Ok(predicate)) = (statement, predicate) else { continue };
                let found = !fixture.run(&statement).is_empty();
                let batched = batch(std::slice::from_ref(&statement)).pop().unwrap();
                let batched = crate::query::Statement { text: batched.text.into(), binds: batched.binds, keyed: None, is_repeatable: false };
                prop_assert_eq!(!fixture.run(&batched).is_empty(), found, "{}", batched.text);
                for cells in [&cells, &written] {
                    if let Some(holds) = predicate.as_ref().and_then(|one| one.holds(ctx, cells)) {
                        prop_assert_eq!(holds, found, "{} / {} {:?} {:?}", rule, filter, ctx, cells);
                    }
                }
            }
            Ok(())
        });
        outcome?;
    }
}

#[test]
fn ordinary_rules_need_no_database() {
    let fixture = Fixture::new();
    let entry = fixture.entry("posts");
    let cells = fixture.cells(&superuser(), entry, "p1");
    for (ctx, rule, expect) in [
        (user(), "author = @request.auth.id", Some(true)),
        (guest(), "author = @request.auth.id", Some(false)),
        (
            user(),
            "@request.auth.id != '' && (n > 5 || title ~ 'ON')",
            Some(true),
        ),
        (user(), "rels ~ 'o1' && sel = 'x' && day < @now", Some(true)),
        (
            user(),
            "@request.auth.verified = true && author.name = 'ann'",
            None,
        ),
        (user(), "meta.a = 1", None),
    ] {
        let ctx = Ctx {
            now: Timestamp::from_unix_ms(1_750_000_000_000),
            ..ctx
        };
        let predicate = fixture.snapshot.predicate(&ctx, entry, Some(rule), "");
        let holds = predicate.unwrap().and_then(|one| one.holds(&ctx, &cells));
        assert_eq!(holds, expect, "{rule}");
    }
    assert!(matches!(superuser().principal, Principal::System));
}
