//! Events around records: their order, what handlers change, and vetoes.

use serde_json::{Value as Json, json};

use super::{open, with_scripts};
use crate::support::{accepted, json as body, outcome, record, records};

/// Writes down each event in the process-wide store, which a route shows.
const TRACE: &str = r#"
fn note(name, e) {
    let store = app.store();
    let so_far = store.get("trace");
    if so_far == () { so_far = []; }
    so_far.push(name);
    store.set("trace", so_far);
}
on_record_create_request("posts", |e| { note(">create_request", e); e.next(); note("<create_request", e); });
on_record_create("posts", |e| { note(">create", e); e.next(); note("<create", e); });
on_record_validate("posts", |e| { note(">validate", e); e.next(); note("<validate", e); });
on_record_create_execute("posts", |e| { note(">execute", e); e.next(); note("<execute", e); });
on_record_after_create_success("posts", |e| { note("success", e); });
on_record_after_create_error("posts", |e| { note("error", e); });
on_record_enrich("posts", |e| { note("enrich", e); });
on_record_update_request("posts", |e| { note(">update_request", e); });
on_record_update("posts", |e| { note(">update", e); });
on_record_after_update_success("posts", |e| { note("update_success", e); });
on_record_delete_request("posts", |e| { note(">delete_request", e); });
on_record_delete("posts", |e| { note(">delete", e); e.next(); note("<delete", e); });
on_record_delete_execute("posts", |e| { note(">delete_execute", e); });
on_record_after_delete_success("posts", |e| { note("delete_success", e); });
on_record_view_request("posts", |e| { note(">view", e); });
on_records_list_request("posts", |e| { note(`>list ${e.records.len()} ${e.result.totalItems}`, e); });
on_batch_request(|e| { note(">batch", e); e.next(); note("<batch", e); });
route("GET", "/api/app/trace", |e| {
    let trace = app.store().get("trace");
    app.store().remove("trace");
    e.json(200, trace)
});
"#;

#[test]
fn events_of_records_come_in_the_order_of_the_contract() {
    let server = with_scripts(&[("trace.rhai", TRACE)]);
    let superuser = server.superuser();
    open(&superuser, "posts", &["title", "n:number"]);
    let guest = server.guest();
    let trace = || accepted(&guest.get("/api/app/trace"));
    let made = guest.make("posts", &json!({"title": "a"}));
    assert_eq!(
        trace(),
        json!([
            ">create_request",
            ">create",
            ">validate",
            "<validate",
            ">execute",
            "<execute",
            "<create",
            "success",
            "enrich",
            "<create_request",
        ])
    );
    let id = made["id"].as_str().unwrap();
    let refused = guest.post(&records("posts"), &json!({"id": "x"}));
    assert_eq!(refused.status, 400);
    assert_eq!(
        trace(),
        json!([">create_request", ">create", ">validate", "error"])
    );
    accepted(&guest.patch(&record("posts", id), &json!({"title": "b"})));
    assert_eq!(
        trace(),
        json!([
            ">update_request",
            ">update",
            ">validate",
            "<validate",
            "update_success",
            "enrich",
        ])
    );
    accepted(&guest.get(&record("posts", id)));
    accepted(&guest.get(&records("posts")));
    assert_eq!(trace(), json!([">view", "enrich", ">list 1 1", "enrich"]));
    accepted(&guest.delete(&record("posts", id)));
    assert_eq!(
        trace(),
        json!([
            ">delete_request",
            ">delete",
            ">delete_execute",
            "<delete",
            "delete_success",
        ])
    );
}

#[test]
fn a_batch_tells_of_success_only_once_it_is_certain() {
    let server = with_scripts(&[("trace.rhai", TRACE)]);
    let superuser = server.superuser();
    open(&superuser, "posts", &["title", "n:number"]);
    accepted(&superuser.patch(
        "/api/settings",
        &json!({"batch": {"enabled": true, "maxRequests": 50}}),
    ));
    let trace = || accepted(&superuser.get("/api/app/trace"));
    let item = |data: Json| json!({"method": "POST", "url": records("posts"), "body": data});
    let batch = json!({"requests": [item(json!({"title": "a"})), item(json!({"title": "b"}))]});
    let answer = accepted(&superuser.post("/api/batch", &batch));
    assert_eq!(answer[1]["body"]["title"], "b");
    let one = [
        ">create_request",
        ">create",
        ">validate",
        "<validate",
        ">execute",
        "<execute",
        "<create",
        "enrich",
        "<create_request",
    ];
    let mut expect = vec![">batch"];
    expect.extend(one);
    expect.extend(one);
    expect.extend(["success", "success", "<batch"]);
    assert_eq!(trace(), json!(expect));
    let batch = json!({"requests": [item(json!({"title": "c"})), item(json!({"id": "x"}))]});
    let refused = superuser.post("/api/batch", &batch);
    assert_eq!(outcome(&refused), "400 Batch transaction failed.");
    let seen = trace();
    let seen: Vec<&str> = seen
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Json::as_str)
        .collect();
    assert!(!seen.contains(&"success"), "{seen:?}");
    assert_eq!(
        seen.iter().filter(|name| **name == "error").count(),
        2,
        "{seen:?}"
    );
    assert_eq!(superuser.items("posts", "").len(), 2);
}

#[test]
fn handlers_change_what_is_stored_and_see_it_stored() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_record_create(["posts", "other"], |e| {
            if e.record.title.len() < 3 {
                throw bad_request("Title is too short.", #{ title: validation_error("validation_min_text_constraint", "Too short.") });
            }
            e.record.slug = text::slug(e.record.title);
            e.record.tags.push("new");
            e.record.set("n+", 2);
            e.next();
            log::info("stored", #{ id: e.record.id });
            e.record.set("seen_new", e.record.is_new());
            e.record.with_custom_data(true);
        });
        on_record_update("posts", |e| {
            if e.record.changed("title") { e.record.old = e.record.original().title; }
        });
        "#,
    )]);
    let superuser = server.superuser();
    superuser.make_collection(&json!({
        "name": "posts", "type": "base", "createRule": "", "viewRule": "", "updateRule": "",
        "fields": [
            {"name": "title", "type": "text"}, {"name": "slug", "type": "text"},
            {"name": "old", "type": "text"}, {"name": "n", "type": "number"},
            {"name": "tags", "type": "select", "maxSelect": 2, "values": ["new", "hot"]},
        ],
    }));
    let guest = server.guest();
    let made = guest.make(
        "posts",
        &json!({"title": "Hello World", "n": 1, "tags": ["hot"]}),
    );
    assert_eq!(made["slug"], "hello-world");
    assert_eq!(made["n"], 3);
    assert_eq!(made["tags"], json!(["hot", "new"]));
    assert_eq!(made["seen_new"], false);
    let id = made["id"].as_str().unwrap();
    let stored = guest.look("posts", id);
    assert_eq!(stored["slug"], "hello-world");
    assert_eq!(stored.get("seen_new"), None);
    let changed = accepted(&guest.patch(&record("posts", id), &json!({"title": "Bye now"})));
    assert_eq!(changed["old"], "Hello World");
    let refused = guest.post(&records("posts"), &json!({"title": "x"}));
    assert_eq!(outcome(&refused), "400 Title is too short.");
    assert_eq!(
        body(&refused)["data"]["title"]["code"],
        "validation_min_text_constraint"
    );
}

#[test]
fn code_after_next_sees_the_record_stored_wherever_next_was_called() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        fn go_on(e) {
            if e.record.title == "within" {
                e.record.title += "!";
                go_on(e);
                e.record.n = if e.record.is_new() { 1 } else { 2 };
                return;
            }
            e.next();
        }
        on_record_create("own", go_on);
        on_record_create("other", |e| {
            go_on(e);
            e.record.n = if e.record.is_new() { 1 } else { 2 };
        });
        on_record_create("both", |e| {
            if e.record.title == "early" {
                e.next();
                e.record.n = if e.record.is_new() { 1 } else { 2 };
                return;
            }
            e.record.n = 3;
            e.next();
        });
        on_record_create("both", |e| {
            if e.record.title == "veto" { throw bad_request("Not this one."); }
            e.record.n += 10;
            e.next();
        });
        "#,
    )]);
    let superuser = server.superuser();
    for name in ["own", "other", "both"] {
        superuser.make_collection(&json!({
            "name": name, "type": "base", "createRule": "", "viewRule": "",
            "fields": [{"name": "title", "type": "text"}, {"name": "n", "type": "number"}],
        }));
    }
    let guest = server.guest();
    let made = |name: &str, title: &str| {
        let made = guest.make(name, &json!({ "title": title }));
        let stored = guest.look(name, made["id"].as_str().unwrap());
        (made["n"].clone(), stored["n"].clone())
    };
    assert_eq!(made("own", "within"), (json!(2), json!(0)));
    assert_eq!(made("own", "plain"), (json!(0), json!(0)));
    assert_eq!(made("other", "plain"), (json!(2), json!(0)));
    assert_eq!(made("both", "early"), (json!(2), json!(10)));
    assert_eq!(made("both", "late"), (json!(13), json!(13)));
    let refused = guest.post(&records("both"), &json!({"title": "veto"}));
    assert_eq!(outcome(&refused), "400 Not this one.");
    assert_eq!(superuser.items("both", "").len(), 2);
}

#[test]
fn a_handler_may_answer_in_the_operations_place() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_record_view_request("posts", |e| {
            if e.query("teapot") == "1" { return e.json(418, #{ teapot: true }); }
        });
        on_record_create_request("posts", |e| {
            if e.record.title == "kept" { e.next(); return e.text(202, e.record.id); }
            if e.record.title == "dropped" { return e.no_content(); }
        });
        "#,
    )]);
    let superuser = server.superuser();
    open(&superuser, "posts", &["title"]);
    let guest = server.guest();
    let made = guest.make("posts", &json!({"title": "a"}));
    let path = record("posts", made["id"].as_str().unwrap());
    let answer = guest.get(&format!("{path}?teapot=1"));
    assert_eq!(
        (answer.status, body(&answer)),
        (418, json!({"teapot": true}))
    );
    assert_eq!(guest.get(&path).status, 200);
    let kept = guest.post(&records("posts"), &json!({"title": "kept"}));
    assert_eq!(kept.status, 202);
    let dropped = guest.post(&records("posts"), &json!({"title": "dropped"}));
    assert_eq!(dropped.status, 204);
    let titles: Vec<Json> = guest
        .items("posts", "sort=title")
        .iter()
        .map(|item| item["title"].clone())
        .collect();
    assert_eq!(titles, [json!("a"), json!("kept")]);
}

#[test]
fn rules_hold_whatever_handlers_do() {
    let server = with_scripts(&[(
        "a.rhai",
        "on_record_create(|e| { e.record.title = \"changed\"; });",
    )]);
    let superuser = server.superuser();
    superuser.make_collection(&json!({
        "name": "posts", "type": "base", "fields": [{"name": "title", "type": "text"}],
        "createRule": "@request.body.title = 'yes'", "listRule": "",
    }));
    let guest = server.guest();
    let refused = guest.post(&records("posts"), &json!({"title": "no"}));
    assert_eq!(refused.status, 400);
    let made = guest.make("posts", &json!({"title": "yes"}));
    assert_eq!(made["title"], "changed");
    assert_eq!(guest.items("posts", "")[0]["title"], "changed");
}

#[test]
fn saves_of_scripts_fire_events_and_validate() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_record_after_create_success("posts", |e| {
            let copy = app.new_record("copies", #{ title: e.record.title, n: 200 });
            try { app.save(copy); } catch (error) {
                log::warn("refused", #{ status: error.status, data: error.data });
                copy.n = error.status;
                app.save_no_validate(copy);
            }
        });
        on_record_create("copies", |e| { e.record.title += "!"; });
        "#,
    )]);
    let superuser = server.superuser();
    open(&superuser, "posts", &["title"]);
    superuser.make_collection(&json!({
        "name": "copies", "type": "base", "listRule": "",
        "fields": [{"name": "title", "type": "text"}, {"name": "n", "type": "number", "max": 100}],
    }));
    server.guest().make("posts", &json!({"title": "a"}));
    let copies = server.guest().items("copies", "");
    assert_eq!(copies.len(), 1);
    assert_eq!(copies[0]["n"], 400);
    assert_eq!(copies[0]["title"], "a!!");
}

#[test]
fn collections_and_settings_have_events() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_collection_create_request(|e| {
            if !e.collection.name.starts_with("app_") { throw bad_request("Names start with app_."); }
        });
        on_collection_create(|e| { e.collection.listRule = ""; });
        on_collection_after_create_success(|e| { app.store().set("made", e.collection.name); });
        on_collection_delete(|e| { throw forbidden("Collections stay."); });
        on_collection_after_delete_error(|e| { app.store().set("error", e.error.message); });
        on_settings_update_request(|e| {
            if e.old_settings.meta.appName == "Fixed" { throw forbidden("The name stays."); }
        });
        route("GET", "/api/app/seen", |e| #{ made: app.store().get("made"), error: app.store().get("error") });
        "#,
    )]);
    let superuser = server.superuser();
    let make =
        |name: &str| superuser.post("/api/collections", &json!({"name": name, "type": "base"}));
    assert_eq!(outcome(&make("posts")), "400 Names start with app_.");
    assert_eq!(accepted(&make("app_posts"))["listRule"], "");
    let refused = superuser.delete("/api/collections/app_posts");
    assert_eq!(outcome(&refused), "403 Collections stay.");
    let seen = accepted(&server.guest().get("/api/app/seen"));
    assert_eq!(
        seen,
        json!({"made": "app_posts", "error": "Collections stay."})
    );
    let rename = |name: &str| superuser.patch("/api/settings", &json!({"meta": {"appName": name}}));
    accepted(&rename("Fixed"));
    assert_eq!(outcome(&rename("Other")), "403 The name stays.");
}

#[test]
fn downloads_can_be_refused() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_file_download_request("papers", |e| {
            if e.record.secret { throw forbidden(`Not ${e.file_field}.`); }
        });
        "#,
    )]);
    let superuser = server.superuser();
    open(&superuser, "papers", &["file:file", "secret:bool"]);
    let upload = |secret: &str| {
        let answer = superuser.form(
            "POST",
            &records("papers"),
            &[("secret", secret)],
            &[("file", "a.txt", b"text")],
        );
        let made = accepted(&answer);
        let (id, name) = (made["id"].as_str().unwrap(), made["file"].as_str().unwrap());
        format!("/api/files/papers/{id}/{name}")
    };
    assert_eq!(server.guest().get(&upload("false")).status, 200);
    let refused = server.guest().get(&upload("true"));
    assert_eq!(outcome(&refused), "403 Not file.");
}

#[test]
fn scripts_make_and_change_accounts() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        route("POST", "/api/app/account", |e| {
            let user = app.new_record("users", #{ email: e.body().email, verified: true });
            user.set_password(e.body().password);
            app.save(user);
            #{ id: user.id, right: user.validate_password(e.body().password), wrong: user.validate_password("x") }
        });
        route("POST", "/api/app/password", |e| {
            let user = app.auth_by_email("users", e.body().email);
            user.set_password(e.body().password);
            app.save(user);
            e.no_content()
        });
        route("GET", "/api/app/who", |e| #{ email: app.auth_by_token(e.query("token")).email });
        "#,
    )]);
    let guest = server.guest();
    let account = |password: &str| {
        guest.post(
            "/api/app/account",
            &json!({"email": "a@example.com", "password": password}),
        )
    };
    assert_eq!(account("short").status, 400);
    let made = accepted(&account("long enough"));
    assert_eq!(
        (&made["right"], &made["wrong"]),
        (&json!(true), &json!(false))
    );
    let sign_in = |password: &str| {
        let data = json!({"identity": "a@example.com", "password": password});
        guest.post("/api/collections/users/auth-with-password", &data)
    };
    let token = accepted(&sign_in("long enough"))["token"].clone();
    let who = |token: &Json| guest.get(&format!("/api/app/who?token={}", token.as_str().unwrap()));
    assert_eq!(accepted(&who(&token))["email"], "a@example.com");
    let data = json!({"email": "a@example.com", "password": "another one"});
    assert_eq!(guest.post("/api/app/password", &data).status, 204);
    assert_eq!(sign_in("long enough").status, 400);
    assert_eq!(sign_in("another one").status, 200);
    assert_eq!(
        outcome(&who(&token)),
        "400 The token is invalid or expired."
    );
}

#[test]
fn handlers_of_requests_see_what_was_submitted() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_record_create_request("posts", |e| {
            let info = e.request_info();
            e.record.title = `${info.method} ${e.body().extra} ${info.body.title} ${e.query("q")} ${info.headers.x_test} ${info.context}`;
        });
        "#,
    )]);
    open(&server.superuser(), "posts", &["title"]);
    let body = json!({"title": "a", "extra": "b"}).to_string().into_bytes();
    let headers = [("Content-Type", "application/json"), ("X-Test", "h")];
    let path = format!("{}?q=c", records("posts"));
    let made = accepted(&server.guest().send("POST", &path, &headers, Some(body)));
    assert_eq!(made["title"], "POST b a c h default");
}

#[test]
fn what_a_delete_takes_along_has_events_too() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_record_delete("comments", |e| {
            if e.record.text == "kept" { throw forbidden("This comment stays."); }
        });
        on_record_after_delete_success("comments", |e| { app.store().incr("deleted", 1); });
        route("GET", "/api/app/deleted", |e| #{ n: app.store().get("deleted") });
        "#,
    )]);
    let superuser = server.superuser();
    let posts = open(&superuser, "posts", &["title"]);
    superuser.make_collection(&json!({
        "name": "comments", "type": "base", "createRule": "", "listRule": "", "updateRule": "",
        "fields": [
            {"name": "text", "type": "text"},
            {"name": "post", "type": "relation", "collectionId": posts["id"], "maxSelect": 1, "cascadeDelete": true},
        ],
    }));
    let guest = server.guest();
    let post = guest.make("posts", &json!({"title": "a"}));
    let comment = |text: &str| guest.make("comments", &json!({"text": text, "post": post["id"]}));
    comment("one");
    let kept = comment("kept");
    let path = record("posts", post["id"].as_str().unwrap());
    assert_eq!(outcome(&guest.delete(&path)), "403 This comment stays.");
    assert_eq!(guest.items("comments", "").len(), 2);
    let comment = record("comments", kept["id"].as_str().unwrap());
    accepted(&guest.patch(&comment, &json!({"text": "two"})));
    assert_eq!(guest.delete(&path).status, 204);
    assert!(guest.items("comments", "").is_empty());
    assert_eq!(accepted(&guest.get("/api/app/deleted"))["n"], 2);
}

#[test]
fn handlers_have_a_say_in_signing_in() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_record_auth_with_password_request("users", |e| {
            if e.identity == "blocked@example.com" { throw forbidden(`Not ${e.record.email}.`); }
        });
        on_record_auth_request("users", |e| {
            e.meta = #{ method: e.auth_method, name: e.record.name };
        });
        on_record_auth_refresh_request("users", |e| { throw too_many_requests("Later."); });
        "#,
    )]);
    let ann = server.user("ann");
    let refresh = ann.post("/api/collections/users/auth-refresh", &json!({}));
    assert_eq!(outcome(&refresh), "429 Later.");
    let sign_in = |email: &str| {
        let data = json!({"identity": email, "password": "1234567890"});
        server
            .guest()
            .post("/api/collections/users/auth-with-password", &data)
    };
    let answer = accepted(&sign_in("ann@example.com"));
    assert_eq!(answer["meta"], json!({"method": "password", "name": ""}));
    let data = json!({"email": "blocked@example.com", "password": "1234567890", "passwordConfirm": "1234567890"});
    server.guest().make("users", &data);
    assert_eq!(
        outcome(&sign_in("blocked@example.com")),
        "403 Not blocked@example.com."
    );
}
