//! Scripts that go wrong: each ends with a clear error, and nothing else notices.

use serde_json::json;

use super::{open, with_scripts};
use crate::support::{accepted, json as body, outcome, records};

const WRONG: &str = r#"
route("GET", "/api/app/loop", |e| { loop { } });
route("GET", "/api/app/recursion", |e| { fn_that_calls_itself(1) });
fn fn_that_calls_itself(n) { fn_that_calls_itself(n + 1) }
route("GET", "/api/app/text", |e| { let s = "x"; loop { s += s; } });
route("GET", "/api/app/array", |e| { let a = [1]; loop { a += a; } });
route("GET", "/api/app/value", |e| { throw #{ not: "an error" } });
route("GET", "/api/app/unknown", |e| { there_is_no_such_function() });
route("GET", "/api/app/status", |e| { throw api_error(418, "Teapot.", #{ a: validation_error("x", "y") }) });
route("GET", "/api/app/map", |e| #{ plain: "value" });
route("GET", "/api/app/nothing", |e| { });
on_record_create("twice", |e| { e.next(); e.next(); });
on_record_create("itself", |e| { e.next(); app.save(app.new_record("itself")); });
on_record_validate("strict", |e| { let x = 1 / 0; });
"#;

#[test]
fn what_goes_wrong_ends_that_call_alone() {
    let server = with_scripts(&[("wrong.rhai", WRONG)]);
    let superuser = server.superuser();
    for name in ["twice", "itself", "strict"] {
        open(&superuser, name, &["title"]);
    }
    let guest = server.guest();
    for name in ["recursion", "text", "array", "value", "unknown"] {
        let answer = guest.get(&format!("/api/app/{name}"));
        assert_eq!(
            outcome(&answer),
            "500 Something went wrong while processing your request.",
            "{name}"
        );
    }
    let teapot = guest.get("/api/app/status");
    assert_eq!(outcome(&teapot), "418 Teapot.");
    assert_eq!(body(&teapot)["data"]["a"]["message"], "Y.");
    assert_eq!(
        accepted(&guest.get("/api/app/map")),
        json!({"plain": "value"})
    );
    assert_eq!(guest.get("/api/app/nothing").status, 204);
    let twice = guest.post(&records("twice"), &json!({}));
    assert_eq!(
        outcome(&twice),
        "400 Next() was called twice in a handler of record_create."
    );
    let itself = guest.post(&records("itself"), &json!({}));
    assert_eq!(itself.status, 500);
    let strict = guest.post(&records("strict"), &json!({}));
    assert_eq!(strict.status, 400);
    assert_eq!(guest.get("/api/health").status, 200);
}

#[test]
fn a_transaction_is_undone_as_a_whole() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("POST", "/api/app/{how}", |e| {
            let how = e.path("how");
            let made = app.transaction(|tx| {
                let a = tx.save(tx.new_record("posts", #{ title: "a" }));
                if tx.count("posts") != 1 { throw internal_error("the transaction does not see itself"); }
                // The app of the top level is the same transaction: nothing waits for itself.
                app.save(app.new_record("posts", #{ title: "b" }));
                if how == "fail" { throw forbidden("No."); }
                if how == "sql" { tx.execute("UPDATE posts SET title = {:t}", #{ t: "it's" }); }
                a.id
            });
            #{ id: made, titles: app.query("SELECT title FROM posts ORDER BY title").map(|row| row.title) }
        });
        "#,
    )]);
    let superuser = server.superuser();
    open(&superuser, "posts", &["title"]);
    let guest = server.guest();
    assert_eq!(outcome(&guest.post("/api/app/fail", &json!({}))), "403 No.");
    assert!(guest.items("posts", "").is_empty());
    let done = accepted(&guest.post("/api/app/sql", &json!({})));
    assert_eq!(done["titles"], json!(["it's", "it's"]));
}
