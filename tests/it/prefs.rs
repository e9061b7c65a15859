//! Preferences of the admin UI: shared ones are everybody's, one's own are nobody else's.

use serde_json::{Value as Json, json};

use crate::support::{Caller, Response, Server, accepted};

const LIST: &str = "/api/stead/prefs";

fn put(caller: &Caller<'_>, path: &str, body: &Json) -> Response {
    let headers = [("Content-Type", "application/json")];
    let body = body.to_string().into_bytes();
    caller.send("PUT", &format!("{LIST}/{path}"), &headers, Some(body))
}

#[test]
fn preferences_are_kept_shared_and_forgotten() {
    let server = Server::start();
    let (ann, bob) = (server.superuser(), server.superuser_at("bob@example.com"));
    assert_eq!(accepted(&ann.get(LIST)), json!({"me": {}, "shared": {}}));
    let views = json!([{"name": "Drafts", "filter": "status = \"draft\""}]);
    for (path, value) in [
        ("shared/views.c1", &views),
        ("me/favourites", &json!(["c1"])),
        ("me/favourites", &json!(["c2"])),
    ] {
        assert_eq!(put(&ann, path, &json!({ "value": value })).status, 204);
    }
    assert_eq!(
        accepted(&ann.get(LIST)),
        json!({"me": {"favourites": ["c2"]}, "shared": {"views.c1": views}})
    );
    assert_eq!(
        accepted(&bob.get(LIST)),
        json!({"me": {}, "shared": {"views.c1": views}})
    );
    assert_eq!(bob.delete(&format!("{LIST}/shared/views.c1")).status, 204);
    assert_eq!(
        accepted(&ann.get(LIST)),
        json!({"me": {"favourites": ["c2"]}, "shared": {}})
    );
}

#[test]
fn preferences_have_their_bounds() {
    let server = Server::start();
    let root = server.superuser();
    let status = |path: &str, body: Json| put(&root, path, &body).status;
    assert_eq!(status("others/x", json!({"value": 1})), 404);
    assert_eq!(status("me/a%20b", json!({"value": 1})), 400);
    let long = format!("me/{}", "k".repeat(101));
    assert_eq!(status(&long, json!({"value": 1})), 400);
    assert_eq!(status("me/x", json!({"value": "v".repeat(70_000)})), 413);
    assert_eq!(status("me/x", json!({})), 400);
    assert_eq!(accepted(&root.get(LIST)), json!({"me": {}, "shared": {}}));
}
