//! Scripts over the API for superusers.

use serde_json::json;

use super::write;
use crate::support::{Caller, Response, Server, accepted, outcome};

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
