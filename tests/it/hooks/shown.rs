//! What handlers make of records that are about to be shown.

use serde_json::{Value as Json, json};

use super::{open, with_scripts};
use crate::support::events::Stream;
use crate::support::{Caller, Server, accepted, record, records};

/// A collection of people with something to keep from others, and one of posts that lead to them.
fn people_and_posts(server: &Server) -> (Json, Json) {
    let root = server.superuser();
    let people = open(&root, "people", &["name", "phone"]);
    root.make_collection(&json!({
        "name": "posts", "type": "base", "listRule": "", "viewRule": "", "createRule": "", "updateRule": "",
        "fields": [
            {"name": "title", "type": "text"}, {"name": "n", "type": "number"},
            {"name": "author", "type": "relation", "collectionId": people["id"], "maxSelect": 1},
            {"name": "mates", "type": "relation", "collectionId": people["id"], "maxSelect": 3},
        ],
    }));
    let ann = root.make("people", &json!({"name": "ann", "phone": "+43 1 23"}));
    let bob = root.make("people", &json!({"name": "bob", "phone": "+43 4 56"}));
    (ann["id"].clone(), bob["id"].clone())
}

#[test]
fn values_that_handlers_set_are_shown_wherever_the_record_is() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"on_record_enrich("people", |e| { if e.auth == () { e.record.phone = "***"; } });"#,
    )]);
    let (ann, _) = people_and_posts(&server);
    let (guest, root) = (server.guest(), server.superuser());
    let mut stream = Stream::open(server.address());
    assert_eq!(stream.subscribe(&guest, &["people/*"]).status, 204);

    let made = guest.make("people", &json!({"name": "cid", "phone": "+43 7 89"}));
    assert_eq!(made["phone"], "***");
    let seen = stream.until(|event| event.name == "people/*");
    assert_eq!(seen.last().unwrap().json()["record"]["phone"], "***");
    let path = record("people", made["id"].as_str().unwrap());
    let changed = accepted(&guest.patch(&path, &json!({"name": "dan"})));
    assert_eq!(changed["name"], "dan");
    assert_eq!(changed["phone"], "***");
    assert_eq!(accepted(&guest.get(&path))["phone"], "***");
    let listed = guest.items("people", "");
    assert_eq!(listed.len(), 3);
    assert!(
        listed.iter().all(|item| item["phone"] == "***"),
        "{listed:?}"
    );

    // Records of a collection without handlers lead to them as well.
    let post = json!({"title": "t", "author": ann});
    let made = accepted(&guest.post(&format!("{}?expand=author", records("posts")), &post));
    let path_of_post = record("posts", made["id"].as_str().unwrap());
    let expanding = format!("{path_of_post}?expand=author");
    accepted(&root.patch("/api/settings", &json!({"batch": {"enabled": true}})));
    let batch = json!({"requests": [
        {"method": "PATCH", "url": expanding, "body": {"title": "u"}},
    ]});
    let shown = [
        made,
        accepted(&guest.get(&expanding)),
        accepted(&guest.patch(&expanding, &json!({"title": "v"}))),
        guest.items("posts", "expand=author")[0].clone(),
        accepted(&guest.post("/api/batch", &batch))[0]["body"].clone(),
    ];
    for post in shown {
        assert_eq!(post["expand"]["author"]["phone"], "***", "{post}");
    }

    // Nothing of it is stored.
    assert_eq!(accepted(&root.get(&path))["phone"], "+43 7 89");
}

#[test]
fn every_event_about_showing_records_may_change_them() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_records_list_request("posts", |e| { for record in e.records { record.n = 1; record.title = "list"; } });
        on_record_view_request("posts", |e| {
            e.record.n = 2;
            e.record.author = "";
            e.record.set("mates-", e.record.mates[0]);
        });
        on_record_enrich("posts", |e| {
            if e.record.title == "list" { e.record.title = e.record.original().title; }
        });
        on_record_auth_request("users", |e| { e.record.name = "somebody"; });
        on_record_enrich("users", |e| { if e.record.name == "open" { e.record.emailVisibility = true; } });
        "#,
    )]);
    let (ann, bob) = people_and_posts(&server);
    let (guest, root) = (server.guest(), server.superuser());
    let made = guest.make(
        "posts",
        &json!({"title": "t", "n": 7, "author": ann, "mates": [ann, bob]}),
    );
    let listed = &guest.items("posts", "")[0];
    assert_eq!(listed["n"], 1);
    assert_eq!(listed["title"], "t");
    let path = record("posts", made["id"].as_str().unwrap());
    let seen = accepted(&guest.get(&format!("{path}?expand=author,mates")));
    assert_eq!(seen["n"], 2);
    assert_eq!(seen["author"], "");
    assert_eq!(seen["mates"], json!([bob]));
    assert_eq!(seen["expand"].get("author"), None, "{seen}");
    assert_eq!(seen["expand"]["mates"].as_array().unwrap().len(), 1);
    assert_eq!(seen["expand"]["mates"][0]["name"], "bob");

    let rules = json!({"listRule": "", "viewRule": ""});
    accepted(&root.patch("/api/collections/users", &rules));
    let user = server.user("eve");
    let form = json!({"identity": "eve@example.com", "password": "1234567890"});
    let signed_in = accepted(&guest.post("/api/collections/users/auth-with-password", &form));
    assert_eq!(signed_in["record"]["name"], "somebody");
    let path = record("users", signed_in["record"]["id"].as_str().unwrap());
    assert_eq!(accepted(&guest.get(&path)).get("email"), None);
    assert_eq!(accepted(&user.get(&path))["email"], "eve@example.com");
    accepted(&root.patch(&path, &json!({"name": "open"})));
    assert_eq!(accepted(&guest.get(&path))["email"], "eve@example.com");
}

#[test]
fn handlers_that_shape_a_record_uncover_nothing_else_of_it() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_record_enrich("users", |e| {
            e.record.with_custom_data(true);
            e.record.greeting = "Hi " + e.record.name;
            e.record.hide("avatar");
        });
        "#,
    )]);
    let root = server.superuser();
    let users = accepted(&root.get("/api/collections/users"));
    let mut fields = users["fields"].clone();
    let secret = json!({"name": "secret", "type": "text", "hidden": true});
    fields.as_array_mut().unwrap().push(secret);
    let open = json!({"fields": fields, "listRule": "", "viewRule": ""});
    accepted(&root.patch("/api/collections/users", &open));
    let eve = server.user("eve");
    let id = root.items("users", "")[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = record("users", &id);
    accepted(&root.patch(&path, &json!({"name": "Eve", "secret": "s"})));

    let seen = |caller: &Caller<'_>| {
        let (listed, shown) = (
            caller.items("users", "").remove(0),
            caller.look("users", &id),
        );
        assert_eq!(listed, shown);
        assert_eq!(shown["greeting"], "Hi Eve");
        assert!(shown.get("avatar").is_none(), "{shown}");
        ["email", "secret", "tokenKey", "password"].map(|name| shown.get(name).is_some())
    };
    assert_eq!(seen(&server.guest()), [false, false, false, false]);
    assert_eq!(seen(&eve), [true, false, false, false]);
    // Keys and hashes are shown to nobody.
    assert_eq!(seen(&root), [true, true, false, false]);
}

#[test]
fn handlers_decide_what_a_page_has() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_record_enrich("posts", |e| { e.record.title += "!"; });
        on_records_list_request("posts", |e| {
            switch e.query("do") {
                "count" => { e.result.totalItems = 99; }
                "filter" => {
                    e.result.items = e.records.filter(|record| record.title != "b");
                    e.result.totalItems -= 1;
                }
                "other" => {
                    let items = e.result.items;
                    e.result.items = [#{ note: "first" }, items[1], items[0]];
                    e.result.page = 7;
                    e.result.totalPages = 8;
                }
                "none" => { e.result.items = []; }
            }
        });
        "#,
    )]);
    open(&server.superuser(), "posts", &["title"]);
    let guest = server.guest();
    for title in ["a", "b"] {
        guest.make("posts", &json!({ "title": title }));
    }
    let page = |what: &str| {
        let fields = "page,totalItems,totalPages,title,note";
        let path = records("posts");
        accepted(&guest.get(&format!("{path}?sort=title&fields={fields}&do={what}")))
    };
    let (a, b) = (json!({"title": "a!"}), json!({"title": "b!"}));
    assert_eq!(
        page(""),
        json!({"page": 1, "perPage": 30, "totalItems": 2, "totalPages": 1, "items": [a, b]})
    );
    assert_eq!(
        page("count"),
        json!({"page": 1, "perPage": 30, "totalItems": 99, "totalPages": 1, "items": [a, b]})
    );
    assert_eq!(
        page("filter"),
        json!({"page": 1, "perPage": 30, "totalItems": 1, "totalPages": 1, "items": [a]})
    );
    assert_eq!(
        page("other"),
        json!({"page": 7, "perPage": 30, "totalItems": 2, "totalPages": 8, "items": [{"note": "first"}, b, a]})
    );
    assert_eq!(page("none")["items"], json!([]));
}

#[test]
fn custom_members_are_shown_whenever_they_are_set() {
    let server = with_scripts(&[(
        "a.rhai",
        r#"
        on_record_enrich("people", |e| {
            e.record.before = 1;
            e.record.with_custom_data(true);
            e.record.after = e.record.name + "!";
            e.record.list = [];
            e.record.list.push("x");
        });
        route("GET", "/api/app/map", |e| {
            let person = app.new_record("people", #{ name: "bob" });
            person.with_custom_data(true);
            person.extra = 1;
            let shown = person.to_map().extra;
            person.with_custom_data(false);
            person.more = 1;
            [shown, person.to_map().extra, person.to_map().more]
        });
        "#,
    )]);
    people_and_posts(&server);
    let guest = server.guest();
    let listed = guest.items("people", "");
    for person in &listed {
        assert_eq!(person["before"], 1);
        assert_eq!(
            person["after"],
            format!("{}!", person["name"].as_str().unwrap())
        );
        assert_eq!(person["list"], json!(["x"]));
    }
    assert_eq!(listed.len(), 2);
    assert_eq!(accepted(&guest.get("/api/app/map")), json!([1, null, null]));
}
