//! Plans of changes of the collections: what they say, and that what carries another name afterwards goes on working.

use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::support::{
    Caller, Server, accepted, json as body_of, outcome, records, run_in, text, until,
};

const PLAN: &str = "/api/stead/schema/plan";
const APPLY: &str = "/api/stead/schema/apply";
const SCRIPT: &str = "on_record_create(\"products\", |e| {\n    if e.record.FIELD == \"bad\" { throw bad_request(\"A bad FIELD.\"); }\n    e.next();\n});\nroute(\"GET\", \"/api/app/found\", |e| {\n    e.json(200, #{ n: app.records(\"products\", #{ filter: \"FIELD = 'lamp'\" }).len() });\n});\n";

fn script(field: &str) -> String {
    // The message is prose, in which names mean nothing.
    SCRIPT
        .replace("A bad FIELD", "A bad one")
        .replace("FIELD", field)
}

/// A shop in which `products.title` is used by a rule, a view, an index and a script.
fn shop(home: &Path) {
    std::fs::create_dir_all(home.join("hooks")).unwrap();
    std::fs::write(home.join("hooks/shop.rhai"), script("title")).unwrap();
}

fn fill(root: &Caller<'_>) {
    let open = |mut definition: Json| {
        for rule in [
            "listRule",
            "viewRule",
            "createRule",
            "updateRule",
            "deleteRule",
        ] {
            if definition[rule].is_null() {
                definition[rule] = json!("");
            }
        }
        root.make_collection(&definition)
    };
    let products = open(json!({"name": "products", "fields": [
        {"name": "title", "type": "text"}, {"name": "manual", "type": "text"}, {"name": "price", "type": "number"},
    ], "indexes": ["CREATE UNIQUE INDEX idx_title ON products (title) WHERE title != ''"],
       "createRule": "@request.body.title:isset = true && title != 'none'"}));
    let id = products["id"].as_str().unwrap();
    open(
        json!({"name": "orders", "listRule": "item.title != ''", "fields": [
            {"name": "item", "type": "relation", "collectionId": id, "maxSelect": 1},
        ]}),
    );
    root.make_collection(
        &json!({"name": "sales", "type": "view", "listRule": "title != 'none'",
        "viewQuery": "SELECT p.id, p.title FROM products p WHERE p.title != ''"}),
    );
    let lamp = root.make("products", &json!({"title": "lamp", "manual": "m"}));
    root.make("products", &json!({"title": "desk", "manual": ""}));
    root.make("orders", &json!({"item": lamp["id"]}));
}

/// The definition of products with a field under another name, and nothing else changed.
fn renamed(root: &Caller<'_>, from: &str, to: &str) -> Json {
    let mut products = accepted(&root.get("/api/collections/products"));
    for field in products["fields"].as_array_mut().unwrap() {
        if field["name"] == json!(from) {
            field["name"] = json!(to);
        }
    }
    json!([products])
}

/// All four still do what they did, with the field under this name.
fn check_all(root: &Caller<'_>, guest: &Caller<'_>, home: &Path, field: &str) {
    let products = accepted(&root.get("/api/collections/products"));
    let names = products["fields"].to_string();
    assert!(names.contains(&format!("\"name\":\"{field}\"")), "{names}");
    assert_eq!(
        std::fs::read_to_string(home.join("hooks/shop.rhai")).unwrap(),
        script(field)
    );
    // The rules, on the field itself and across a relation.
    assert_eq!(guest.items("orders", "").len(), 1);
    let create = |value: &str| guest.post(&records("products"), &json!({field: value}));
    assert_eq!(create("none").status, 400);
    // The index.
    let index = products["indexes"].to_string();
    assert!(index.contains("UNIQUE") && index.contains(field), "{index}");
    let twice = body_of(&create("lamp"));
    assert_eq!(
        twice["data"][field]["code"],
        json!("validation_not_unique"),
        "{twice}"
    );
    // The view keeps its own columns.
    let sales = guest.items("sales", "sort=title");
    let titles: Vec<&Json> = sales.iter().map(|row| &row["title"]).collect();
    assert_eq!(titles, [&json!("desk"), &json!("lamp")]);
    // The script, which is loaded again.
    until("the script is loaded again", || {
        body_of(&guest.get("/api/app/found")) == json!({"n": 1})
    });
    assert_eq!(create("bad").status, 400);
}

#[test]
fn a_renamed_field_goes_on_working_everywhere() {
    let server = Server::start_with(&["--hooks-edit"], shop);
    let (root, home) = (server.superuser(), server.home());
    fill(&root);
    check_all(&root, &server.guest(), home.path(), "title");
    let mut wanted = json!({"collections": renamed(&root, "title", "name")});
    let products = wanted["collections"][0]["fields"].as_array_mut().unwrap();
    products.retain(|field| field["name"] != json!("manual"));
    wanted["deleteFields"] = json!(true);
    let plan = accepted(&root.post(PLAN, &wanted));
    assert_eq!(plan["blocked"], json!([]), "{plan}");
    assert_eq!(plan["broken"], json!([]), "{plan}");
    assert_eq!(
        plan["loss"],
        json!([{"kind": "field", "collection": "products", "field": "manual", "values": 1}])
    );
    let mut places: Vec<String> = plan["refs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| {
            assert_eq!(found["fix"], json!(true), "{found}");
            let line = found["line"]
                .as_u64()
                .map_or(String::new(), |line| format!(":{line}"));
            format!(
                "{} {}{line}",
                found["kind"].as_str().unwrap(),
                found["where"].as_str().unwrap()
            )
        })
        .collect();
    places.sort();
    assert_eq!(
        places,
        [
            "hook shop.rhai:2",
            "hook shop.rhai:6",
            "index products.idx_title",
            "rule orders.listRule",
            "rule products.createRule",
            "view sales"
        ]
    );
    let kinds: Vec<&str> = plan["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["kind"].as_str().unwrap())
        .collect();
    assert!(
        kinds.contains(&"renameColumn") && kinds.contains(&"dropColumn"),
        "{kinds:?}"
    );
    // Nothing has happened yet.
    check_all(&root, &server.guest(), home.path(), "title");

    wanted["hash"] = plan["hash"].clone();
    let applied = root.post(APPLY, &wanted);
    assert_eq!(applied.status, 204, "{}", text(&applied));
    check_all(&root, &server.guest(), home.path(), "name");

    // The plan was for another schema than there is now.
    let again = root.post(APPLY, &wanted);
    assert_eq!(
        outcome(&again),
        "409 The schema changed since the plan was made."
    );
    assert!(body_of(&again)["data"]["plan"]["hash"].is_string());
}

const UNSURE: &str = r#"route("POST", "/api/app/number", |e| {
    let counter = app.first_record("counters", "title = 'orders'");
    #{ title: e.body().title, n: counter.n }
});
route("POST", "/api/app/sell", |e| {
    let product = app.first_record("products", "title = {:title}", #{ title: e.body().title });
    product.set("stock-", 1);
    app.save(product);
    app.execute("UPDATE products SET stock = stock - 1 WHERE id = {:id}", #{ id: product.id });
    let rows = app.query("SELECT title FROM products");
    #{ told: `${product.stock} of ${product.title} left`, first: rows[0].title }
});
"#;

/// What a name means is judged where it is used: only what is certain follows, and the app goes on working.
#[test]
fn what_only_looks_like_the_field_stays_as_it_is() {
    let server = Server::start_with(&["--hooks-edit"], |home: &Path| {
        std::fs::create_dir_all(home.join("hooks")).unwrap();
        std::fs::write(home.join("hooks/shop.rhai"), UNSURE).unwrap();
    });
    let (root, home) = (server.superuser(), server.home());
    root.make_collection(&json!({"name": "products", "fields": [
        {"name": "title", "type": "text"}, {"name": "stock", "type": "number"},
    ]}));
    root.make_collection(&json!({"name": "counters", "fields": [
        {"name": "title", "type": "text"}, {"name": "n", "type": "number"},
    ]}));
    root.make("products", &json!({"title": "pen", "stock": 9}));
    root.make("counters", &json!({"title": "orders", "n": 7}));
    let guest = server.guest();
    let works = |stock: u32| {
        let number = guest.post("/api/app/number", &json!({"title": "x"}));
        assert_eq!(body_of(&number), json!({"title": "x", "n": 7}));
        let sold = guest.post("/api/app/sell", &json!({"title": "pen"}));
        let told = format!("{stock} of pen left");
        body_of(&sold) == json!({"told": told, "first": "pen"})
    };
    assert!(works(8));

    let mut products = accepted(&root.get("/api/collections/products"));
    for field in products["fields"].as_array_mut().unwrap() {
        for (from, to) in [("title", "name"), ("stock", "until")] {
            if field["name"] == json!(from) {
                field["name"] = json!(to);
            }
        }
    }
    let mut wanted = json!({"collections": [products]});
    let plan = accepted(&root.post(PLAN, &wanted));
    let judged: Vec<(u64, bool, bool)> = plan["refs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| {
            let is = |member: &str| found[member].as_bool().unwrap();
            (found["line"].as_u64().unwrap(), is("certain"), is("fix"))
        })
        .collect();
    assert_eq!(
        judged,
        [
            (3, false, false),
            (6, true, true),
            (6, false, false),
            (7, true, true),
            (9, true, true),
            (10, true, true),
            (11, true, true),
            (11, false, false),
        ],
        "{plan}"
    );
    wanted["hash"] = plan["hash"].clone();
    assert_eq!(root.post(APPLY, &wanted).status, 204);
    let expected = UNSURE
        .replace("\"title = {:title}\"", "\"name = {:title}\"")
        .replace("\"stock-\"", "\"until-\"")
        .replace("stock = stock - 1", "until = until - 1")
        .replace("SELECT title FROM", "SELECT name AS title FROM")
        .replace("product.stock", "product[\"until\"]")
        .replace("product.title", "product.name");
    let text = std::fs::read_to_string(home.path().join("hooks/shop.rhai")).unwrap();
    assert_eq!(text, expected);
    assert!(works(6), "{text}");
}

#[test]
fn what_is_not_fixed_is_named() {
    let server = Server::start_with(&[], shop);
    let root = server.superuser();
    fill(&root);
    let wanted = json!({"collections": renamed(&root, "title", "name"), "fixRefs": []});
    let plan = accepted(&root.post(PLAN, &wanted));
    // The rule and the index of the collection itself are judged by the change, which is refused.
    let blocked = plan["blocked"].to_string();
    assert!(blocked.contains("title"), "{plan}");
    let ids: Vec<Json> = plan["refs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| found["where"].as_str().unwrap().starts_with("products."))
        .map(|found| found["id"].clone())
        .collect();
    let mut wanted = json!({"collections": renamed(&root, "title", "name"), "fixRefs": ids});
    let plan = accepted(&root.post(PLAN, &wanted));
    assert_eq!(plan["blocked"], json!([]), "{plan}");
    let broken = plan["broken"].to_string();
    assert!(
        broken.contains("orders.listRule") && broken.contains("unknown field"),
        "{plan}"
    );
    // Without the operator's leave no script is written.
    let scripts: Vec<&Json> = plan["refs"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|found| found["kind"] == json!("hook"))
        .collect();
    assert!(
        scripts
            .iter()
            .all(|found| found["fixable"] == json!(false) && found["fix"] == json!(false)),
        "{plan}"
    );
    // Two at once: the second finds another schema.
    wanted["hash"] = plan["hash"].clone();
    let mut answers = crate::support::together(2, |_| root.post(APPLY, &wanted).status);
    answers.sort_unstable();
    assert_eq!(answers, [204, 409]);
}

#[test]
fn what_the_database_refuses_is_said() {
    let server = Server::start();
    let root = server.superuser();
    let text = |name: &str| json!({"id": "a", "name": name, "type": "text"});
    root.make_collection(&json!({"name": "p", "id": "p_id", "fields": [text("a")]}));
    let view = "select id, a from (select id, a from p)";
    root.make_collection(&json!({"name": "v", "type": "view", "viewQuery": view}));
    for (change, reason) in [
        (
            json!({"id": "p_id", "fields": [text("b")]}),
            "error in view v",
        ),
        (
            json!({"id": "p_id", "name": "users"}),
            "already another table",
        ),
    ] {
        let plan = accepted(&root.post(PLAN, &json!({"collections": [change]})));
        let blocked = plan["blocked"].to_string();
        assert!(blocked.contains(reason), "{plan}");
    }
}

#[test]
fn a_plan_says_what_is_done_to_collections_called_like_ours() {
    let server = Server::start();
    let root = server.superuser();
    let text = |id: &str| json!({"id": id, "name": id, "type": "text"});
    root.make_collection(&json!({"name": "art_collections", "id": "art", "fields": [text("a")]}));
    let wanted = json!({"id": "art", "fields": [text("a"), text("b")]});
    let plan = accepted(&root.post(PLAN, &json!({"collections": [wanted]})));
    let kinds: Vec<&Json> = plan["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| &step["kind"])
        .collect();
    assert_eq!(kinds, [&json!("addColumn")], "{plan}");
}

#[test]
fn a_plan_copies_no_table() {
    let server = Server::start();
    let root = server.superuser();
    fill(&root);
    let fill = "INSERT INTO products (id, title) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT printf('%015d', i), 't' || i FROM n";
    accepted(&root.post("/api/sql", &json!({"query": fill})));
    let wanted = json!({"collections": renamed(&root, "title", "name")});
    let plan = accepted(&root.post(PLAN, &wanted));
    let rows: Vec<&Json> = plan["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["kind"] == json!("renameColumn"))
        .map(|step| &step["rows"])
        .collect();
    assert!(
        !rows.is_empty() && rows.iter().all(|rows| **rows == json!(20_002)),
        "{plan}"
    );
    // Whoever writes meanwhile is not held up by a plan, and no plan leaves anything behind.
    root.make("products", &json!({"title": "new"}));
    assert_eq!(accepted(&root.post(PLAN, &wanted))["hash"], plan["hash"]);
}

/// How many times the server is killed; the long form is `STEAD_LAB=full`.
fn kills() -> usize {
    match std::env::var("STEAD_LAB").as_deref() {
        Ok("full") => 100,
        _ => 8,
    }
}

#[test]
fn a_kill_in_the_middle_leaves_all_of_it_or_nothing() {
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let home = Arc::new(TempDir::new().unwrap());
    shop(home.path());
    let arguments = ["--hooks-edit"];
    let mut server = Server::start_at(Arc::clone(&home), &arguments);
    fill(&server.superuser());
    // How long a change takes here says when to interrupt one.
    let taken = {
        let root = server.superuser();
        let mut wanted = json!({"collections": renamed(&root, "title", "first")});
        wanted["hash"] = accepted(&root.post(PLAN, &wanted))["hash"].clone();
        let began = Instant::now();
        assert_eq!(root.post(APPLY, &wanted).status, 204);
        began.elapsed()
    };
    let mut field = "first".to_owned();
    let mut done = 0;
    for round in 0..kills() {
        let next = format!("title{round}");
        {
            let root = server.superuser();
            let mut wanted = json!({"collections": renamed(&root, &field, &next)});
            wanted["hash"] = accepted(&root.post(PLAN, &wanted))["hash"].clone();
            let wait = taken.mul_f64(random.random_range(0.1..1.3));
            thread::scope(|scope| {
                let sent = scope.spawn(|| {
                    let body = wanted.to_string().into_bytes();
                    let headers = [("Content-Type", "application/json")];
                    root.try_send("POST", APPLY, &headers, Some(body))
                });
                thread::sleep(wait);
                server.signal("KILL");
                drop(sent.join());
            });
        }
        drop(server);
        server = Server::start_at(Arc::clone(&home), &arguments);
        let root = server.superuser();
        let products = accepted(&root.get("/api/collections/products"));
        let is_done = products["fields"]
            .to_string()
            .contains(&format!("\"name\":\"{next}\""));
        if is_done {
            field = next;
            done += 1;
        }
        check_all(&root, &server.guest(), home.path(), &field);
    }
    println!("{done} of {} changes were through, seed {seed}", kills());
}

#[test]
fn the_command_line_shows_and_applies_the_same_plan() {
    let home = Arc::new(TempDir::new().unwrap());
    shop(home.path());
    let file = home.path().join("schema.json");
    {
        let server = Server::start_at(Arc::clone(&home), &[]);
        let root = server.superuser();
        fill(&root);
        std::fs::write(&file, renamed(&root, "title", "name").to_string()).unwrap();
        server.signal("TERM");
        server.wait();
    }
    let run = |arguments: &[&str]| {
        let output = run_in(home.path(), &[arguments, &["--dir", "data"]].concat());
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (ok, shown, _) = run(&["schema", "diff", "schema.json"]);
    assert!(
        ok && shown.contains("RENAME COLUMN")
            && shown.contains("orders.listRule")
            && shown.contains("shop.rhai:2"),
        "{shown}"
    );
    let (ok, shown, problem) = run(&["schema", "apply", "schema.json"]);
    assert!(ok, "{shown}{problem}");
    let (ok, _, problem) = run(&["schema", "export", "now.json"]);
    assert!(ok, "{problem}");
    let (ok, shown, _) = run(&["schema", "diff", "now.json"]);
    assert!(ok && shown.contains("There is nothing to do."), "{shown}");
    let server = Server::start_at(Arc::clone(&home), &[]);
    check_all(&server.superuser(), &server.guest(), home.path(), "name");
}
