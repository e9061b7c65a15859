//! What statements answer: values, errors with their place, functions.

use stead::engine::{ConstraintKind, Error, Row};
use stead::sql::{Sql, Value, ValueRef};

use super::{Db, one};

async fn violate(text: &'static str) -> Error {
    let db = Db::new().await;
    db.batch(
        "CREATE TABLE p (a TEXT NOT NULL, b TEXT, c TEXT REFERENCES t (id));
         CREATE UNIQUE INDEX p_ab ON p (a, b);
         CREATE UNIQUE INDEX `p'c` ON p (lower(c));
         INSERT INTO t (id) VALUES ('x');
         INSERT INTO p VALUES ('a', 'b', 'x')",
    )
    .await;
    db.engine
        .write(move |tx| tx.execute(&Sql::from_text(text)))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn constraint_violations_name_their_columns() {
    let cases = [
        (
            "INSERT INTO t (id) VALUES ('x')",
            ConstraintKind::PrimaryKey,
            "t.id",
        ),
        (
            "INSERT INTO p VALUES ('a', 'b', NULL)",
            ConstraintKind::Unique,
            "p.a p.b",
        ),
        (
            "INSERT INTO p VALUES (NULL, 'b', NULL)",
            ConstraintKind::NotNull,
            "p.a",
        ),
        (
            "INSERT INTO p VALUES ('z', 'z', 'nope')",
            ConstraintKind::ForeignKey,
            "",
        ),
        (
            "INSERT INTO t (id, n) VALUES ('y', 1000)",
            ConstraintKind::Check,
            "",
        ),
    ];
    for (text, expect_kind, expect_columns) in cases {
        let Error::Constraint {
            kind,
            columns,
            index,
            ..
        } = violate(text).await
        else {
            panic!("no constraint violation: {text}");
        };
        let columns: Vec<_> = columns
            .iter()
            .map(|(table, column)| format!("{table}.{column}"))
            .collect();
        assert_eq!(
            (kind, columns.join(" ").as_str(), index),
            (expect_kind, expect_columns, None),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_violated_index_on_expressions_is_named() {
    let Error::Constraint {
        kind,
        columns,
        index,
        ..
    } = violate("INSERT INTO p VALUES ('z', 'z', 'X')").await
    else {
        panic!("no constraint violation");
    };
    assert_eq!(
        (kind, columns.len(), index.as_deref()),
        (ConstraintKind::Unique, 0, Some("p'c"))
    );
}

#[tokio::test]
async fn wrong_statements_are_told_with_the_place() {
    let db = Db::new().await;
    let wrong = |text: &'static str| {
        db.engine
            .read(|reader| reader.exists(&one(text)))
            .unwrap_err()
    };
    assert_eq!(
        wrong("SELECT 1 FROM nope"),
        Error::Sql("no such table: nope".to_owned())
    );
    assert_eq!(
        wrong("SELECT 1 WHERE x ="),
        Error::Sql("incomplete input".to_owned())
    );
    assert_eq!(
        wrong("SELECT 1; SELECT 2"),
        Error::Sql("more than one statement".to_owned())
    );
    assert!(matches!(wrong("SELECT ?"), Error::Sql(_)));
}

#[tokio::test]
async fn values_come_back_as_they_were_bound() {
    let db = Db::new().await;
    let mut sql = one("SELECT ");
    sql.bind(Value::Null)
        .text(", ")
        .bind(i64::MIN)
        .text(", ")
        .bind(0.5)
        .text(", ")
        .bind("häß\0x")
        .text(", ")
        .bind(Value::Blob(vec![0, 255]))
        .text(", CAST(x'ff' AS TEXT), ''");
    let check = |row: &Row<'_>| {
        assert_eq!(row.get(0), ValueRef::Null);
        assert_eq!(row.get(1), ValueRef::Int(i64::MIN));
        assert_eq!(row.get(2), ValueRef::Real(0.5));
        assert_eq!(row.get(3), ValueRef::Text("häß\0x"));
        assert_eq!(row.get(4), ValueRef::Blob(&[0, 255]));
        assert_eq!(row.get(5), ValueRef::Blob(&[255]));
        assert_eq!(row.get(6), ValueRef::Text(""));
        assert_eq!(row.get(7), ValueRef::Null);
    };
    let found = db.engine.read(|reader| reader.first(&sql, check));
    assert_eq!(found, Ok(Some(())));
}

#[tokio::test]
async fn a_statement_follows_a_changed_schema() {
    let db = Db::new().await;
    db.insert("a").await.unwrap();
    let sql = one("SELECT id, n FROM t");
    let row = |db: &Db| {
        db.engine
            .read(|reader| reader.first(&sql, |row| (row.text(0).to_owned(), row.int(1))))
    };
    assert_eq!(row(&db).unwrap(), Some(("a".to_owned(), 0)));
    db.batch("ALTER TABLE t ADD COLUMN m TEXT; UPDATE t SET n = 5")
        .await;
    assert_eq!(row(&db).unwrap(), Some(("a".to_owned(), 5)));
    db.batch("ALTER TABLE t RENAME COLUMN n TO k").await;
    assert!(matches!(row(&db), Err(Error::Sql(_))));
}

#[tokio::test]
async fn math_functions_exist() {
    let db = Db::new().await;
    let sql = one("SELECT acos(-1.0), radians(180), degrees(pi()), sqrt(16)");
    let row = db.engine.read(|reader| {
        reader.first(&sql, |row| {
            (row.real(0), row.real(1), row.real(2), row.real(3))
        })
    });
    let pi = std::f64::consts::PI;
    assert_eq!(row.unwrap(), Some((pi, pi, 180.0, 4.0)));
}

#[tokio::test]
async fn a_script_cannot_end_its_transaction_however_it_is_written() {
    let db = Db::new().await;
    for control in [
        "COMMIT",
        "\u{feff}COMMIT",
        "/* x */ \u{feff} end",
        "\u{feff}ROLLBACK",
        "\u{feff}SAVEPOINT other",
        "\u{feff}RELEASE job",
        "\u{feff}BEGIN",
        "\u{feff}ATTACH ':memory:' AS other",
        "\u{feff}VACUUM",
    ] {
        let mut script: Sql = Sql::new();
        script.superuser_text(&format!(
            "INSERT INTO t (id) VALUES ('a'); {control}; SELECT 1"
        ));
        let result = db
            .engine
            .exclusive(move |tx| tx.script(&script, 10), |_| ());
        assert!(matches!(result.await, Err(Error::Sql(_))), "{control:?}");
        assert_eq!(db.count(), 0, "{control:?}");
    }
    // What has nothing to do is no reason to refuse a script.
    let mut script: Sql = Sql::new();
    script.superuser_text(
        "INSERT INTO t (id) VALUES ('a'); CREATE TABLE IF NOT EXISTS t (x); DROP TABLE IF EXISTS no; \
         PRAGMA defer_foreign_keys = 1; -- nothing",
    );
    let result = db
        .engine
        .exclusive(move |tx| tx.script(&script, 10), |_| ());
    result.await.unwrap();
    assert_eq!(db.count(), 1);
}
