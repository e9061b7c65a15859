//! Scripts over the API for superusers.

use serde_json::json;

use super::write;
use crate::support::{Caller, Response, Server, accepted, json as json_of, outcome};

fn start(arguments: &[&str]) -> Server {
    Server::start_with(arguments, |home| {
        write(
            home,
            "a.rhai",
            "on_record_create(\"posts\", |e| { });\nroute(\"GET\", \"/api/app/x\", |e| \"x\");",
        );
        write(home, "lib/b.rhai", "fn b() { 1 }");
    })
}

fn put(caller: &Caller<'_>, path: &str, text: &str) -> Response {
    let body = json!({ "text": text }).to_string().into_bytes();
    let headers = [("Content-Type", "application/json")];
    caller.send(
        "PUT",
        &format!("/api/stead/hooks/{path}"),
        &headers,
        Some(body),
    )
}

#[test]
fn superusers_see_what_is_loaded() {
    let server = start(&[]);
    let superuser = server.superuser();
    accepted(&superuser.get("/api/app/x"));
    let all = accepted(&superuser.get("/api/stead/hooks"));
    assert_eq!(all["files"], json!(["a.rhai", "lib/b.rhai"]));
    let script = &all["scripts"][0];
    assert_eq!(
        script["handlers"],
        json!([{"event": "record_create", "collections": ["posts"], "line": 1}])
    );
    assert_eq!(
        script["routes"],
        json!([{"method": "GET", "path": "/api/app/x", "line": 2}])
    );
    assert_eq!(script["calls"], 1);
    assert_eq!(all["editing"]["allowed"], false);
    let module = accepted(&superuser.get("/api/stead/hooks/lib%2Fb.rhai"));
    assert_eq!(module["text"], "fn b() { 1 }");
    for path in [
        "..%2Fdata%2Fdata.db",
        "..%2Fx.rhai",
        ".hidden.rhai",
        "none.rhai",
        "a.txt",
    ] {
        let answer = superuser.get(&format!("/api/stead/hooks/{path}"));
        assert_eq!(outcome(&answer), "404 There is no such script.", "{path}");
    }
    assert_eq!(put(&superuser, "a.rhai", "").status, 403);
    assert_eq!(server.guest().get("/api/stead/hooks").status, 401);
}

#[test]
fn editing_is_checked_before_it_is_kept() {
    let server = start(&["--hooks-edit"]);
    let superuser = server.superuser();
    let check = |text: &str| {
        let data = json!({"path": "a.rhai", "text": text});
        accepted(&superuser.post("/api/stead/hooks/check", &data))["problems"].clone()
    };
    assert_eq!(check("let a = 1;"), json!([]));
    assert_eq!(check("\nlet a = ;")[0]["line"], 2);
    let refused = put(&superuser, "a.rhai", "let a = ;");
    assert_eq!(outcome(&refused), "400 The script does not load.");
    accepted(&put(&superuser, "new%2Fc.rhai", "fn c() { 2 }"));
    let script = "import \"new/c\" as c; route(\"GET\", \"/api/app/c\", |e| #{ c: c::c() });";
    accepted(&put(&superuser, "c.rhai", script));
    let began = std::time::Instant::now();
    while server.guest().get("/api/app/c").status != 200 {
        assert!(began.elapsed().as_secs() < 30, "the script is not loaded");
    }
    assert_eq!(superuser.delete("/api/stead/hooks/c.rhai").status, 204);
    assert_eq!(superuser.delete("/api/stead/hooks/c.rhai").status, 404);
}

#[test]
fn editors_learn_what_there_is() {
    let server = start(&["--hooks-edit"]);
    let superuser = server.superuser();
    let symbols = accepted(&superuser.get("/api/stead/hooks/symbols"));
    let slug = json!({
        "namespace": "text", "name": "slug", "kind": "function",
        "signature": "slug(text: string) -> string",
    });
    let functions = symbols["functions"].as_array().unwrap();
    let has = |wanted: &serde_json::Value| {
        functions.iter().any(|function| {
            let mut members = wanted.as_object().unwrap().iter();
            members.all(|(name, value)| function[name] == *value)
        })
    };
    assert!(has(&slug), "{symbols}");
    assert!(has(
        &json!({"namespace": "", "name": "id", "kind": "member"})
    ));
    let events = symbols["events"].as_array().unwrap();
    assert!(
        events.contains(&json!({"name": "record_enrich", "members": ["collection", "record", "request_info"], "tags": true})),
        "{events:?}"
    );
    let data = json!({"path": "a.rhai", "text": "\non_bootstrap(|e| { text::slgu(1) });"});
    let checked = accepted(&superuser.post("/api/stead/hooks/check", &data));
    assert_eq!(checked["problems"], json!([]));
    assert_eq!(checked["warnings"][0]["line"], 2);
    assert_eq!(
        checked["warnings"][0]["message"],
        "there is no function text::slgu; did you mean text::slug?"
    );
    assert_eq!(server.guest().get("/api/stead/hooks/symbols").status, 401);
}

const TRIED: &str = r#"
on_record_create("posts", |e| {
    e.record.title += "!";
    e.next();
    print("stored");
    app.save(app.new_record("notes", #{ title: e.record.title }));
    app.store().incr("tried", 1);
});
on_record_after_create_success("posts", |e| {
    let answer = http::send(#{ url: "http://127.0.0.1:1/", method: "POST", json: #{ id: e.record.title } });
    mail::send(#{ to: "ann@example.com", subject: `${answer.status}`, text: `${app.count("notes")} notes` });
    app.send_message("posts", 1);
    log::warn("told", #{ a: 1 });
});
on_record_delete("posts", |e| { throw forbidden("Stays."); });
on_record_update("posts", |e| {
    let list = [];
    list[3];
});
route("POST", "/api/app/tried/{id}", |e| {
    app.save(app.new_record("notes"));
    e.json(201, #{ id: e.path("id"), n: e.body().n, notes: app.count("notes"), q: e.query("q"), who: e.auth.email })
}, [require_auth("users")]);
"#;

const STATE: &str = r#"
route("GET", "/api/app/state", |e| #{ tried: app.store().get("tried"), notes: app.count("notes"), posts: app.count("posts") });
"#;

#[test]
fn a_dry_run_shows_what_a_script_would_do() {
    let server = start(&["--hooks-edit"]);
    let root = server.superuser();
    super::open(&root, "posts", &["title"]);
    super::open(&root, "notes", &["title"]);
    write(server.home().path(), "state.rhai", STATE);
    let began = std::time::Instant::now();
    while server.guest().get("/api/app/state").status != 200 {
        assert!(began.elapsed().as_secs() < 30, "the script is not loaded");
    }
    let dry_run = |members: serde_json::Value| {
        let mut data = json!({"path": "b.rhai", "text": TRIED});
        data.as_object_mut()
            .unwrap()
            .extend(members.as_object().unwrap().clone());
        accepted(&root.post("/api/stead/hooks/dry-run", &data))
    };
    let create = json!({"event": "record_create", "collection": "posts", "record": {"title": "a"}});
    let seen = dry_run(create);
    assert_eq!(seen["ok"], true, "{seen}");
    assert_eq!(seen["before"]["title"], "a");
    assert_eq!(seen["after"]["title"], "a!");
    assert_eq!(
        seen["calls"],
        json!([
            {"call": "http::send", "with": {"url": "http://127.0.0.1:1/", "method": "POST", "json": {"id": "a!"}}},
            {"call": "mail::send", "with": {"to": "ann@example.com", "subject": "200", "text": "1 notes"}},
            {"call": "app.send_message", "with": ["posts", 1]},
        ])
    );
    assert_eq!(
        seen["log"],
        json!([
            {"level": "info", "message": "stored", "data": {"file": "b.rhai", "line": 5}},
            {"level": "warn", "message": "told", "data": {"a": 1}},
        ])
    );
    assert!(seen["operations"].as_u64() > Some(0), "{seen}");
    // Nothing of it happened.
    let state = || accepted(&server.guest().get("/api/app/state"));
    assert_eq!(state(), json!({"tried": null, "notes": 0, "posts": 0}));

    let post = root.make("posts", &json!({"title": "real"}));
    let change = json!({"event": "record_update", "collection": "posts", "id": post["id"]});
    let failed = dry_run(change);
    assert_eq!(
        (&failed["ok"], &failed["error"]["status"]),
        (&json!(false), &json!(500))
    );
    assert_eq!(failed["problems"][0]["line"], 18, "{failed}");
    let delete = json!({"event": "record_delete", "collection": "posts", "id": post["id"]});
    assert_eq!(dry_run(delete)["error"]["message"], "Stays.");
    let ann = server.user("ann");
    let who = accepted(&ann.post("/api/collections/users/auth-refresh", &json!({})));
    let asked = dry_run(json!({
        "method": "POST", "url": "/api/app/tried/7?q=x", "body": {"n": 1},
        "auth": {"collection": "users", "id": who["record"]["id"]},
    }));
    assert_eq!(asked["answer"]["status"], 201, "{asked}");
    let body: serde_json::Value =
        serde_json::from_str(asked["answer"]["body"].as_str().unwrap()).unwrap();
    assert_eq!(
        body,
        json!({"id": "7", "n": 1, "notes": 1, "q": "x", "who": "ann@example.com"})
    );
    let guest = dry_run(json!({"method": "POST", "url": "/api/app/tried/7"}));
    assert_eq!(guest["error"]["status"], 401);
    assert_eq!(
        dry_run(json!({"event": "no_such"}))["error"]["message"],
        "There is no event no_such."
    );
    assert_eq!(state(), json!({"tried": null, "notes": 0, "posts": 1}));
}

#[test]
fn dry_runs_end_and_need_leave() {
    let server = start(&["--hooks-edit"]);
    let root = server.superuser();
    super::open(&root, "posts", &["title"]);
    let dry_run = |text: &str| {
        let data = json!({"path": "b.rhai", "text": text, "event": "record_create", "collection": "posts"});
        root.post("/api/stead/hooks/dry-run", &data)
    };
    let endless = accepted(&dry_run("on_record_create(|e| { loop { } });"));
    assert_eq!(endless["ok"], false);
    let problem = endless["problems"][0]["message"].as_str().unwrap();
    assert!(
        problem.contains("ran out of time") || problem.contains("operations"),
        "{problem}"
    );
    let broken = accepted(&dry_run("on_record_create("));
    assert_eq!(broken["problems"][0]["file"], "b.rhai");
    root.make("posts", &json!({}));

    let server = start(&[]);
    let root = server.superuser();
    super::open(&root, "posts", &["title"]);
    let with_text =
        json!({"path": "b.rhai", "text": "", "event": "record_create", "collection": "posts"});
    assert_eq!(
        root.post("/api/stead/hooks/dry-run", &with_text).status,
        403
    );
    let without = json!({"event": "record_create", "collection": "posts"});
    assert_eq!(
        accepted(&root.post("/api/stead/hooks/dry-run", &without))["ok"],
        true
    );
    assert_eq!(
        server
            .guest()
            .post("/api/stead/hooks/dry-run", &without)
            .status,
        401
    );
}

#[test]
fn a_script_that_does_not_load_waits_and_nobody_writes_over_anybody() {
    let server = start(&["--hooks-edit"]);
    let root = server.superuser();
    let path = "/api/stead/hooks/a.rhai";
    let save = |data: &serde_json::Value| {
        let headers = [("Content-Type", "application/json")];
        let body = data.to_string().into_bytes();
        root.send("PUT", path, &headers, Some(body))
    };
    let first = accepted(&root.get(path));
    assert_eq!(
        (&first["version"], &first["pending"]),
        (&json!(1), &json!(null))
    );

    // A text that does not load, and one that calls what nobody has, wait; what runs goes on.
    let broken = json!({"text": "let a = ;", "pending": true, "etag": first["etag"]});
    let waits = accepted(&save(&broken));
    assert_eq!(waits["text"], first["text"]);
    assert_eq!(waits["pending"]["text"], "let a = ;");
    assert_eq!(waits["pending"]["problems"][0]["line"], 1);
    let unknown = "on_record_create(\"posts\", |e| { text::slgu(1) });";
    let waits = accepted(&save(
        &json!({"text": unknown, "pending": true, "etag": waits["etag"]}),
    ));
    assert_eq!(waits["pending"]["warnings"][0]["line"], 1, "{waits}");
    assert_eq!(waits["version"], 1);
    let all = accepted(&root.get("/api/stead/hooks"));
    assert_eq!(all["pending"], json!(["a.rhai"]));
    assert_eq!(root.get("/api/app/x").status, 200);

    // Whoever began before that is told what there is now.
    let late = save(&json!({"text": "let b = 1;", "etag": first["etag"]}));
    assert_eq!(
        outcome(&late),
        "409 Somebody else saved the script meanwhile."
    );
    assert_eq!(json_of(&late)["data"]["pending"]["text"], unknown);
    assert_eq!(json_of(&late)["data"]["etag"], waits["etag"]);

    let blind = save(&json!({"text": "let b = 1;", "etag": ""}));
    assert_eq!(blind.status, 409);

    let mut now = waits;
    for n in 0..25 {
        let text = format!("let b = {n};");
        now = accepted(&save(
            &json!({"text": text, "etag": now["etag"], "pending": true}),
        ));
    }
    assert_eq!(
        (&now["pending"], &now["version"]),
        (&json!(null), &json!(26))
    );
    let kept = accepted(&root.get(&format!("{path}/revisions")));
    let kept = kept.as_array().unwrap();
    assert_eq!(kept.len(), 20);
    assert_eq!(
        (&kept[0]["number"], &kept[19]["number"]),
        (&json!(26), &json!(7))
    );
    let one = accepted(&root.get(&format!("{path}/revisions/25")));
    assert_eq!(one["text"], "let b = 23;");
    let gone = root.get(&format!("{path}/revisions/1"));
    assert_eq!(outcome(&gone), "404 There is no such revision.");
    let outside = root.get("/api/stead/hooks/..%2Fx.rhai/revisions");
    assert_eq!(outcome(&outside), "404 There is no such script.");

    // A deleted script can be had back.
    assert_eq!(root.delete(path).status, 204);
    assert_eq!(root.get(path).status, 404);
    let newest = accepted(&root.get(&format!("{path}/revisions/26")));
    assert_eq!(newest["text"], "let b = 24;");
    assert_eq!(server.guest().get(&format!("{path}/revisions")).status, 401);
    assert_eq!(
        accepted(&root.get("/api/stead/hooks"))["files"],
        json!(["lib/b.rhai"])
    );
}

/// Neither by a link out of their folder, nor by names that are no plain ones.
#[cfg(unix)]
#[test]
fn scripts_outside_of_their_folder_are_out_of_reach() {
    let server = Server::start_with(&["--hooks-edit"], |home| {
        let elsewhere = home.join("elsewhere");
        std::fs::create_dir_all(&elsewhere).unwrap();
        std::fs::write(elsewhere.join("secret.rhai"), "let secret = 1;").unwrap();
        write(home, "lib/a.rhai", "fn a() { 1 }");
        std::os::unix::fs::symlink(&elsewhere, home.join("hooks/out")).unwrap();
    });
    let root = server.superuser();
    let all = |name: &str| {
        let path = format!("/api/stead/hooks/{name}");
        let (seen, stored) = (root.get(&path), put(&root, name, "let mine = 1;"));
        [seen.status, stored.status, root.delete(&path).status]
    };
    for name in [
        "out%2Fsecret.rhai",
        "out%2Fnew.rhai",
        "..%2Felsewhere%2Fsecret.rhai",
        "%2E%2E%2Felsewhere%2Fnew.rhai",
        "lib%2F..%2F..%2Felsewhere%2Fsecret.rhai",
        ".hidden.rhai",
        "lib%2Fa.txt",
    ] {
        assert_eq!(all(name), [404, 404, 404], "{name}");
    }
    let home = server.home();
    let kept = std::fs::read_to_string(home.path().join("elsewhere/secret.rhai"));
    assert_eq!(kept.unwrap(), "let secret = 1;");
    assert!(!home.path().join("elsewhere/new.rhai").exists());
    assert_eq!(all("lib%2Fa.rhai"), [200, 200, 204]);
}
