//! Every script in `examples/hooks` does what its first lines promise.

use serde_json::{Value as Json, json};

use super::{open, write};
use crate::support::{Server, accepted, outcome, record, records, text, together};

mod outside;
mod requests;

/// Starts a server with one recipe.
fn with_recipe(name: &str) -> Server {
    let path = format!("{}/examples/hooks/{name}.rhai", env!("CARGO_MANIFEST_DIR"));
    let script = std::fs::read_to_string(path).unwrap();
    Server::start_with(&[], |home| write(home, "recipe.rhai", &script))
}

fn id(record: &Json) -> &str {
    record["id"].as_str().unwrap()
}

#[test]
fn every_recipe_is_tested_and_loads() {
    let tests = [
        include_str!("recipes.rs"),
        include_str!("recipes/outside.rs"),
        include_str!("recipes/requests.rs"),
    ]
    .concat();
    let folder =
        std::fs::read_dir(format!("{}/examples/hooks", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let names: Vec<String> = folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "rhai"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    assert!(names.len() >= 20, "{names:?}");
    for name in names {
        assert!(
            tests.contains(&format!("with_recipe(\"{name}\")")),
            "{name} has no test"
        );
    }
}

#[test]
fn slug() {
    let server = with_recipe("slug");
    open(&server.superuser(), "posts", &["title", "slug"]);
    let guest = server.guest();
    let first = guest.make("posts", &json!({"title": "Größe zählt"}));
    assert_eq!(first["slug"], "groesse-zaehlt");
    let second = guest.make("posts", &json!({"title": "größe ZÄHLT!"}));
    assert_eq!(second["slug"], "groesse-zaehlt-2");
    let path = record("posts", id(&first));
    assert_eq!(
        accepted(&guest.patch(&path, &json!({"title": "Neu"})))["slug"],
        "neu"
    );
}

#[test]
fn of_many_posts_saved_at_once_each_has_a_slug_of_its_own() {
    let server = with_recipe("slug");
    server.superuser().make_collection(&json!({
        "name": "posts", "type": "base", "listRule": "", "createRule": "",
        "fields": [{"name": "title", "type": "text"}, {"name": "slug", "type": "text"}],
        "indexes": ["CREATE UNIQUE INDEX one_slug ON posts (slug)"],
    }));
    let guest = server.guest();
    for title in ["Alpha", "Beta", "Gamma"] {
        let answers = together(8, |_| {
            guest.post(&records("posts"), &json!({"title": title}))
        });
        let mut slugs: Vec<String> = answers
            .iter()
            .map(|answer| accepted(answer)["slug"].as_str().unwrap().to_owned())
            .collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), 8, "{slugs:?}");
    }
}

#[test]
fn computed_fields() {
    let server = with_recipe("computed_fields");
    open(
        &server.superuser(),
        "lines",
        &[
            "name",
            "label",
            "price:number",
            "quantity:number",
            "total:number",
        ],
    );
    let guest = server.guest();
    let line = guest.make(
        "lines",
        &json!({"name": "pen", "price": 2.5, "quantity": 4}),
    );
    assert_eq!(
        (&line["total"], &line["label"]),
        (&json!(10), &json!("4 x pen"))
    );
    assert_eq!(line["is_large"], false);
    let path = record("lines", id(&line));
    assert_eq!(
        accepted(&guest.patch(&path, &json!({"quantity": 40})))["is_large"],
        true
    );
}

#[test]
fn audit_trail() {
    let server = with_recipe("audit_trail");
    let superuser = server.superuser();
    open(&superuser, "articles", &["title"]);
    open(
        &superuser,
        "audit",
        &["action", "collection", "record", "title"],
    );
    let guest = server.guest();
    let article = guest.make("articles", &json!({"title": "a"}));
    accepted(&guest.patch(&record("articles", id(&article)), &json!({"title": "b"})));
    accepted(&guest.delete(&record("articles", id(&article))));
    let mut seen: Vec<String> = superuser
        .items("audit", "")
        .iter()
        .map(|note| {
            format!(
                "{} {}",
                note["action"].as_str().unwrap(),
                note["title"].as_str().unwrap()
            )
        })
        .collect();
    seen.sort();
    assert_eq!(seen, ["create a", "delete b", "update b"]);
}

#[test]
fn soft_delete() {
    let server = with_recipe("soft_delete");
    let superuser = server.superuser();
    open(&superuser, "tasks", &["title", "deleted"]);
    let guest = server.guest();
    let task = guest.make("tasks", &json!({"title": "a"}));
    let path = record("tasks", id(&task));
    assert_eq!(guest.delete(&path).status, 204);
    assert_eq!(guest.get(&path).status, 404);
    assert_ne!(superuser.items("tasks", "")[0]["deleted"], "");
    assert_eq!(superuser.delete(&path).status, 204);
    assert!(superuser.items("tasks", "").is_empty());
}

#[test]
fn counter() {
    let server = with_recipe("counter");
    let superuser = server.superuser();
    open(&superuser, "liked_posts", &["likes:number"]);
    open(&superuser, "likes", &["post"]);
    let guest = server.guest();
    let post = guest.make("liked_posts", &json!({}));
    let data = json!({"post": id(&post)});
    together(8, |_| accepted(&guest.post(&records("likes"), &data)));
    assert_eq!(guest.look("liked_posts", id(&post))["likes"], 8);
}

#[test]
fn unique_per_parent() {
    let server = with_recipe("unique_per_parent");
    open(&server.superuser(), "documents", &["folder", "name"]);
    let guest = server.guest();
    guest.make("documents", &json!({"folder": "a", "name": "x"}));
    guest.make("documents", &json!({"folder": "b", "name": "x"}));
    let taken = guest.post(&records("documents"), &json!({"folder": "a", "name": "x"}));
    assert_eq!(outcome(&taken), "400 The name is taken.");
}

#[test]
fn cleanup() {
    let server = with_recipe("cleanup");
    let superuser = server.superuser();
    open(&superuser, "drafts", &["touched:date"]);
    superuser.make("drafts", &json!({"touched": "2020-01-01 00:00:00.000Z"}));
    superuser.make("drafts", &json!({"touched": "2100-01-01 00:00:00.000Z"}));
    assert_eq!(
        superuser.post("/api/crons/clean_drafts", &json!({})).status,
        204
    );
    let began = std::time::Instant::now();
    while superuser.items("drafts", "").len() > 1 {
        assert!(began.elapsed().as_secs() < 30, "the draft is still there");
    }
}

#[test]
fn login_rule() {
    let server = with_recipe("login_rule");
    let register = |email: &str| {
        let data =
            json!({"email": email, "password": "1234567890", "passwordConfirm": "1234567890"});
        server.guest().post(&records("users"), &data)
    };
    assert_eq!(
        outcome(&register("a@example.com")),
        "403 Only addresses of example.org can register."
    );
    assert_eq!(register("a@example.org").status, 200);
}

#[test]
fn tenant_guard() {
    let server = with_recipe("tenant_guard");
    let superuser = server.superuser();
    open(&superuser, "notes", &["text", "tenant"]);
    let mut fields = accepted(&superuser.get("/api/collections/users"))["fields"].take();
    fields
        .as_array_mut()
        .unwrap()
        .push(json!({"name": "tenant", "type": "text"}));
    accepted(&superuser.patch("/api/collections/users", &json!({"fields": fields})));
    let ann = server.user("ann");
    let user = superuser.items("users", "")[0].clone();
    accepted(&superuser.patch(&record("users", id(&user)), &json!({"tenant": "acme"})));
    let note = ann.make("notes", &json!({"text": "a", "tenant": "other"}));
    assert_eq!(note["tenant"], "acme");
    let moved = ann.patch(&record("notes", id(&note)), &json!({"tenant": "other"}));
    assert_eq!(outcome(&moved), "403 A note stays with its tenant.");
    assert_eq!(
        server.guest().post(&records("notes"), &json!({})).status,
        401
    );
}

#[test]
fn transfer() {
    let server = with_recipe("transfer");
    let superuser = server.superuser();
    open(&superuser, "accounts", &["balance:number"]);
    open(&superuser, "transfers", &["from", "to", "amount:number"]);
    let (a, b) = (
        superuser.make("accounts", &json!({"balance": 100})),
        superuser.make("accounts", &json!({})),
    );
    let send = |amount: i64| {
        server.guest().post(
            "/api/app/transfer",
            &json!({"from": id(&a), "to": id(&b), "amount": amount}),
        )
    };
    assert_eq!(send(60).status, 204);
    assert_eq!(outcome(&send(60)), "400 There is not enough money.");
    assert_eq!(outcome(&send(-1)), "400 The amount has to be positive.");
    assert_eq!(superuser.look("accounts", id(&a))["balance"], 40);
    assert_eq!(superuser.look("accounts", id(&b))["balance"], 60);
    assert_eq!(superuser.items("transfers", "").len(), 1);
}

#[test]
fn search_index() {
    let server = with_recipe("search_index");
    open(
        &server.superuser(),
        "pages",
        &["title", "body:editor", "search"],
    );
    let guest = server.guest();
    guest.make(
        "pages",
        &json!({"title": "One", "body": "<p>Hello <b>World</b></p>"}),
    );
    guest.make("pages", &json!({"title": "Two", "body": "<p>Bye</p>"}));
    let found = accepted(&guest.get("/api/app/search?q=HELLO%20world"));
    assert_eq!(found.as_array().unwrap().len(), 1);
    assert_eq!(found[0]["title"], "One");
    let odd = accepted(&guest.get("/api/app/search?q='%20||%20id!='"));
    assert_eq!(odd, json!([]));
}

#[test]
fn masked_fields() {
    let server = with_recipe("masked_fields");
    let superuser = server.superuser();
    open(&superuser, "contacts", &["owner", "phone"]);
    let ann = server.user("ann");
    let owner = superuser.items("users", "")[0]["id"].clone();
    let contact = superuser.make("contacts", &json!({"owner": owner, "phone": "12345"}));
    let seen = server.guest().look("contacts", id(&contact));
    assert_eq!(
        (seen.get("phone"), &seen["phone_hint"]),
        (None, &json!("...45"))
    );
    assert_eq!(server.guest().items("contacts", "")[0].get("phone"), None);
    assert_eq!(ann.look("contacts", id(&contact))["phone"], "12345");
}

#[test]
fn defaults_and_limits() {
    let server = with_recipe("defaults_and_limits");
    open(&server.superuser(), "projects", &["owner", "colour"]);
    let guest = server.guest();
    let data = json!({"owner": "ann"});
    assert_eq!(guest.make("projects", &data)["colour"], "blue");
    guest.make("projects", &data);
    guest.make("projects", &data);
    assert_eq!(
        outcome(&guest.post(&records("projects"), &data)),
        "403 The free plan has three projects."
    );
    guest.make("projects", &json!({"owner": "ben"}));
}

#[test]
fn status_machine() {
    let server = with_recipe("status_machine");
    open(&server.superuser(), "shop_orders", &["status"]);
    let guest = server.guest();
    let order = guest.make("shop_orders", &json!({"status": "shipped"}));
    assert_eq!(order["status"], "new");
    let go = |status: &str| {
        guest.patch(
            &record("shop_orders", id(&order)),
            &json!({"status": status}),
        )
    };
    assert_eq!(outcome(&go("shipped")), "400 The order cannot go there.");
    assert_eq!(go("paid").status, 200);
    assert_eq!(go("shipped").status, 200);
}

#[test]
fn of_two_who_move_an_order_at_once_one_gets_through() {
    let server = with_recipe("status_machine");
    let script = include_str!("../../../examples/hooks/status_machine.rhai");
    let rule: Vec<&str> = script
        .lines()
        .filter_map(|line| line.strip_prefix("//     "))
        .collect();
    server.superuser().make_collection(&json!({
        "name": "shop_orders", "type": "base", "createRule": "", "updateRule": rule.join(" "),
        "fields": [{"name": "status", "type": "text"}, {"name": "note", "type": "text"}],
    }));
    let guest = server.guest();
    for _ in 0..10 {
        let order = record("shop_orders", id(&guest.make("shop_orders", &json!({}))));
        let to = ["paid", "cancelled"];
        let mut answers = together(2, |n| {
            let answer = guest.patch(&order, &json!({"status": to[n], "note": "moved"}));
            answer.status
        });
        answers.sort_unstable();
        assert_eq!(answers, [200, 404]);
        assert_eq!(guest.patch(&order, &json!({"note": "x"})).status, 200);
        assert_eq!(guest.patch(&order, &json!({"status": "new"})).status, 404);
    }
}

#[test]
fn tree_guard() {
    let server = with_recipe("tree_guard");
    open(&server.superuser(), "categories", &["parent"]);
    let guest = server.guest();
    let a = guest.make("categories", &json!({}));
    let b = guest.make("categories", &json!({"parent": id(&a)}));
    let moved = guest.patch(&record("categories", id(&a)), &json!({"parent": id(&b)}));
    assert_eq!(outcome(&moved), "400 A category cannot be below itself.");
}

#[test]
fn file_postprocess() {
    let server = with_recipe("file_postprocess");
    let superuser = server.superuser();
    open(&superuser, "imports", &["sheet:file", "lines:number"]);
    let guest = server.guest();
    let refused = guest.post(&records("imports"), &json!({}));
    assert_eq!(outcome(&refused), "400 No sheet.");
    let sheet: &[u8] = b"a,1\n\n  b,2 \n\n";
    let files = [("sheet", "rows.csv", sheet)];
    let made = accepted(&guest.form("POST", &records("imports"), &[], &files));
    let stored = guest.look("imports", id(&made));
    assert_eq!(stored["lines"], 2);
    let name = stored["sheet"].as_str().unwrap();
    assert!(name.starts_with("tidy_"), "{name}");
    let file = guest.get(&format!("/api/files/imports/{}/{name}", id(&made)));
    assert_eq!(text(&file), "a,1\nb,2\n");
}

#[test]
fn migration_with_backfill() {
    let first = r#"migrate(|app| {
        app.save_collection(#{ name: "posts", type: "base", listRule: "", fields: [#{ name: "title", type: "text" }] });
        app.save(app.new_record("posts", #{ title: "three short words" }));
    });"#;
    let example = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/migrations/1700000002_words.rhai"
    );
    let second = std::fs::read_to_string(example).unwrap();
    let server = Server::start_with(&[], |home| {
        let folder = home.join("migrations");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("1700000001_posts.rhai"), first).unwrap();
        std::fs::write(folder.join("1700000002_words.rhai"), second).unwrap();
    });
    assert_eq!(server.guest().items("posts", "")[0]["words"], 3);
    let home = server.home();
    drop(server);
    let back = ["migrate", "down", "1", "--dir", "data"];
    assert!(crate::support::run_in(home.path(), &back).status.success());
}
