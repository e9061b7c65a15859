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
        "500 Something went wrong while processing your request."
    );
    let itself = guest.post(&records("itself"), &json!({}));
    assert_eq!(itself.status, 500);
    let strict = guest.post(&records("strict"), &json!({}));
    assert_eq!(strict.status, 400);
    assert_eq!(guest.get("/api/health").status, 200);
}

/// What a script does wrong is for whoever writes it: with its place in the log, not for clients.
#[test]
fn mistakes_are_logged_with_their_place_and_not_shown() {
    let script = r#"
route("GET", "/api/app/sql", |e| e.json(200, app.query("SELECT secret_column FROM posts")));
route("GET", "/api/app/execute", |e| e.json(200, app.execute("UPDATE secret_table SET a = 1")));
route("GET", "/api/app/json", |e| e.json(200, json::parse("{secret")));
route("GET", "/api/app/env", |e| e.text(200, env::get("SECRET_NAME")));
route("GET", "/api/app/http", |e| app.transaction(|tx| http::get("http://127.0.0.1:1/secret")));
route("GET", "/api/app/again", |e| { try { json::parse("{") } catch (error) { throw error; } });
route("GET", "/api/app/caught", |e| { try { json::parse("{") } catch (error) { throw bad_request("Not like this."); } });
on_record_create("twice", |e| { e.next(); e.next(); });
on_record_create("itself", |e| { e.next(); app.save(app.new_record("itself")); });
"#;
    let server = with_scripts(&[("wrong.rhai", script)]);
    let superuser = server.superuser();
    for name in ["posts", "twice", "itself"] {
        open(&superuser, name, &["title"]);
    }
    let guest = server.guest();
    let generic = "500 Something went wrong while processing your request.";
    for name in ["sql", "execute", "json", "env", "http", "again"] {
        let answer = guest.get(&format!("/api/app/{name}"));
        assert_eq!(outcome(&answer), generic, "{name}");
    }
    for name in ["twice", "itself"] {
        let answer = guest.post(&records(name), &json!({}));
        assert_eq!(outcome(&answer), generic, "{name}");
    }
    let caught = guest.get("/api/app/caught");
    assert_eq!(outcome(&caught), "400 Not like this.");
    let logs = accepted(&superuser.get("/api/logs?filter=(data.script='wrong.rhai')&perPage=500"));
    let logs = logs["items"].as_array().unwrap();
    let mut seen: Vec<(String, i64)> = logs
        .iter()
        .map(|entry| {
            assert_eq!(entry["data"]["file"], "wrong.rhai", "{entry}");
            let message = entry["message"].as_str().unwrap();
            let message: String = message.chars().take(26).collect();
            (message, entry["data"]["line"].as_i64().unwrap())
        })
        .collect();
    seen.sort();
    let expected = [
        ("No such column: secret_col", 2),
        ("No such table: secret_tabl", 3),
        ("next() was called twice in", 9),
        ("Not JSON: key must be a st", 4),
        ("Not JSON: EOF while parsin", 7),
        ("Requests cannot be sent in", 6),
        ("Scripts may read variables", 5),
        ("handlers keep saving withi", 10),
    ];
    let mut expected = expected.map(|(message, line)| (message.to_owned(), line));
    expected.sort();
    assert_eq!(seen, expected);
}

/// A filter, sort or collection that does not exist is the script's mistake; a record that does not exist is none.
#[test]
fn what_a_script_asks_wrongly_is_its_mistake() {
    let script = r#"
route("GET", "/api/app/filter", |e| app.count("posts", "secret = 1"));
route("GET", "/api/app/sort", |e| app.records("posts", #{ sort: "secret" }));
route("GET", "/api/app/first", |e| app.first_record("posts", "secret ~ ''"));
route("GET", "/api/app/collection", |e| app.find_record("secret", "x"));
route("GET", "/api/app/none", |e| app.find_record_or_none("secret", "x"));
route("GET", "/api/app/new", |e| app.new_record("secret"));
on_record_create("posts", |e| { app.count("secret"); });
on_record_create("outer", |e| { app.save(app.new_record("strict")); });
route("GET", "/api/app/record", |e| app.find_record("strict", "x"));
route("GET", "/api/app/caught", |e| { try { app.count("secret") } catch (error) { throw bad_request(`It was ${error.status}.`); } });
"#;
    let server = with_scripts(&[("wrong.rhai", script)]);
    let superuser = server.superuser();
    for name in ["posts", "outer"] {
        open(&superuser, name, &["title"]);
    }
    superuser.make_collection(&json!({
        "name": "strict", "type": "base",
        "fields": [{"name": "title", "type": "text", "required": true}],
    }));
    let guest = server.guest();
    let generic = "500 Something went wrong while processing your request.";
    for name in ["filter", "sort", "first", "collection", "none", "new"] {
        let answer = superuser.get(&format!("/api/app/{name}"));
        assert_eq!(outcome(&answer), generic, "{name}");
        assert_eq!(body(&answer)["data"], json!({}), "{name}");
    }
    let made = guest.post(&records("posts"), &json!({}));
    assert_eq!(outcome(&made), generic);
    let invalid = guest.post(&records("outer"), &json!({}));
    assert_eq!(
        body(&invalid)["data"]["title"]["code"],
        "validation_required"
    );
    assert_eq!(guest.get("/api/app/record").status, 404);
    assert_eq!(outcome(&guest.get("/api/app/caught")), "400 It was 404.");
    let path = "/api/logs?filter=(data.script='wrong.rhai')&perPage=500";
    let logs = accepted(&superuser.get(path));
    let logs = logs["items"].as_array().unwrap();
    let mut seen: Vec<(i64, &str)> = logs
        .iter()
        .map(|entry| {
            let line = entry["data"]["line"].as_i64().unwrap();
            (line, entry["message"].as_str().unwrap())
        })
        .collect();
    seen.sort_unstable();
    let filter = "filter: Unknown field at position 1: \"secret\".";
    let sort = "sort: Unknown field at position 1: \"secret\".";
    let missing = "There is no collection \"secret\".";
    let expected = [filter, sort, filter, missing, missing, missing, missing];
    let expected: Vec<(i64, &str)> = (2..).zip(expected).collect();
    assert_eq!(seen, expected);
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
