//! The rule lab says what the API does: for random rules, callers, records and actions; and what it says before a rule
//! is saved.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value as Json, json};

mod rules;
mod world;

use crate::support::{Server, accepted, json as body_of, record, records, text, until};

use rules::rule;
use world::{Identity, World, id_of, relation, world};

const CHECK: &str = "/api/stead/rules/check";
const EXPLAIN: &str = "/api/stead/rules/explain";
const ACTIONS: [&str; 5] = ["list", "view", "create", "update", "delete"];

/// How many questions are asked; the long form is `STEAD_LAB=full`.
fn questions() -> usize {
    match std::env::var("STEAD_LAB").as_deref() {
        Ok("full") => 20_000,
        _ => 1_000,
    }
}

#[test]
fn the_lab_says_what_the_api_does() {
    let seed: u64 = std::env::var("STEAD_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok())
        .unwrap_or_else(rand::random);
    println!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let server = Server::start();
    let world = world(&server, &mut random);
    let mut cases = 0;
    let mut through = 0;
    while cases < questions() {
        let text = match random.random_range(0..20) {
            0 => json!(""),
            1 => Json::Null,
            _ => json!(rule(&mut random, 2)),
        };
        let rules = ACTIONS.map(|action| (format!("{action}Rule"), text.clone()));
        let saved = world.root.patch(
            "/api/collections/posts",
            &Json::Object(rules.into_iter().collect()),
        );
        let question = json!({"collection": "posts", "action": "list", "rule": text});
        let checked = accepted(&world.root.post(CHECK, &question));
        assert_eq!(
            checked["ok"],
            json!(saved.status == 200),
            "seed {seed}: {text}: {checked} {}",
            crate::support::text(&saved)
        );
        if saved.status != 200 {
            continue;
        }
        for _ in 0..10 {
            let posts = world.fill(&mut random);
            let case = Case {
                world: &world,
                who: world.identities.choose(&mut random).unwrap(),
                action: ACTIONS.choose(&mut random).unwrap(),
                post: posts.choose(&mut random).unwrap(),
                body: world.post(&mut random, false),
                with_query: random.random_bool(0.3),
                label: format!("seed {seed}, rule {text}"),
            };
            through += usize::from(case.run());
            cases += 1;
        }
    }
    println!("{cases} cases, {through} let through");
    assert!(
        through > cases / 20,
        "hardly anybody got through; seed {seed}"
    );
}

struct Case<'a> {
    world: &'a World<'a>,
    who: &'a Identity<'a>,
    action: &'static str,
    post: &'a str,
    body: Json,
    with_query: bool,
    label: String,
}

impl Case<'_> {
    /// Asks the lab, then does it; says whether the rule let the caller through.
    fn run(&self) -> bool {
        let (query, headers) = if self.with_query {
            (json!({"q": "a"}), json!({"X-Team": "a"}))
        } else {
            (json!({}), json!({}))
        };
        let question = json!({
            "collection": "posts", "action": self.action, "as": self.who.named, "record": self.post,
            "body": self.body, "query": query, "headers": headers,
        });
        let told = accepted(&self.world.root.post(EXPLAIN, &question));
        let label = format!("{} {question}\n{told}", self.label);
        assert_eq!(told["partial"], json!(false), "{label}");
        // What the whole tree says is what the decision is.
        if told["tree"].is_object() {
            assert_eq!(
                told["tree"]["outcome"] == json!(true),
                told["allowed"] == json!(true),
                "{label}"
            );
            check_tree(&told["tree"], &label);
        }
        let done = self.act();
        let body = body_of(&done);
        assert_eq!(
            told["wireStatus"],
            json!(done.status),
            "{}\n{label}",
            text(&done)
        );
        if done.status >= 400 {
            assert_eq!(told["message"], body["message"], "{label}");
            assert_eq!(told["data"], body["data"], "{label}");
        }
        let allowed = told["allowed"] == json!(true);
        match self.action {
            "list" if done.status == 200 => {
                assert_eq!(told["matched"], body["totalItems"], "{label}");
                let items = body["items"].as_array().unwrap();
                let is_listed = items.iter().any(|item| item["id"] == json!(self.post));
                assert_eq!(allowed, is_listed, "{label}");
            }
            "view" => assert_eq!(allowed, done.status == 200, "{label}"),
            // What is refused for its values has a reason per field; what the rule refuses has none.
            "create" => {
                let by_values = body["data"]
                    .as_object()
                    .is_some_and(|data| !data.is_empty());
                assert_eq!(allowed, done.status == 200 || by_values, "{label}");
            }
            "update" => assert_eq!(allowed, matches!(done.status, 200 | 400), "{label}"),
            "delete" => assert_eq!(allowed, matches!(done.status, 204 | 400), "{label}"),
            _ => assert!(!allowed, "{label}"),
        }
        allowed
    }

    fn act(&self) -> crate::support::Response {
        let query = if self.with_query {
            "?q=a&perPage=500"
        } else {
            "?perPage=500"
        };
        let (method, path) = match self.action {
            "list" => ("GET", records("posts")),
            "view" => ("GET", record("posts", self.post)),
            "create" => ("POST", records("posts")),
            "update" => ("PATCH", record("posts", self.post)),
            _ => ("DELETE", record("posts", self.post)),
        };
        let mut headers = Vec::new();
        if self.with_query {
            headers.push(("X-Team", "a"));
        }
        let body = matches!(method, "POST" | "PATCH").then(|| {
            headers.push(("Content-Type", "application/json"));
            self.body.to_string().into_bytes()
        });
        self.who
            .caller
            .send(method, &format!("{path}{query}"), &headers, body)
    }
}

/// A conjunction does not hold unless all its parts do; a disjunction holds as soon as one does.
fn check_tree(tree: &Json, label: &str) {
    let Some(children) = tree["children"].as_array() else {
        assert!(tree["pairs"].is_array(), "{label}");
        return;
    };
    let holds = |node: &Json| node["outcome"] == json!(true);
    let all = children.iter().all(holds);
    let any = children.iter().any(holds);
    match tree["op"].as_str() {
        // Related records may satisfy the parts one by one and none of them all.
        Some("all") if holds(tree) => assert!(all, "{label}"),
        Some("all") => assert!(!all || tree["note"].is_string(), "{label}"),
        _ => assert_eq!(holds(tree), any, "{label}"),
    }
    for child in children {
        check_tree(child, label);
    }
}

#[test]
fn a_rule_is_judged_while_it_is_typed() {
    let server = Server::start();
    let root = server.superuser();
    root.make_collection(&json!({"name": "notes", "fields": [
        {"name": "title", "type": "text"},
        {"name": "status", "type": "select", "maxSelect": 1, "values": ["draft", "live"]},
        relation("owner", "_pb_users_auth_", 1),
        relation("readers", "_pb_users_auth_", 5),
    ], "indexes": ["CREATE INDEX idx_owner ON notes (owner)"]}));
    let check = |rule: &str| {
        let question = json!({"collection": "notes", "action": "list", "rule": rule});
        accepted(&root.post(CHECK, &question))
    };
    let first = |rule: &str| check(rule)["diagnostics"][0].clone();

    let good = check("owner = @request.auth.id && @request.body.owner:isset = false");
    assert_eq!(good["ok"], json!(true));
    assert_eq!(
        good["words"],
        json!(
            "Only if the record's owner is the signed-in user, and the request does not set owner."
        )
    );
    assert_eq!(
        (&good["index"], &good["conditions"]),
        (&json!("idx_owner"), &json!(2))
    );

    // Units are those of UTF-16: the smiley counts for two.
    let wrong = first("title = '🙂' && ownr = 1");
    assert_eq!(
        (&wrong["code"], &wrong["from"], &wrong["to"]),
        (&json!("unknownField"), &json!(16), &json!(20))
    );
    assert_eq!(wrong["fix"], json!({"from": 16, "to": 20, "text": "owner"}));
    let fixes = |rule: &str| {
        let found = first(rule);
        format!(
            "{} {}",
            found["code"].as_str().unwrap_or(""),
            found["fix"]["text"].as_str().unwrap_or("")
        )
    };
    assert_eq!(fixes("owner.nmae = 'a'"), "unknownField name");
    assert_eq!(
        fixes("@request.body.owner:isset = fals"),
        "unknownField false"
    );
    assert_eq!(fixes("@request.auht.id = owner"), "unknownIdentifier auth");
    assert_eq!(fixes("@request.auth.nmae = 'a'"), "alwaysEmpty name");
    assert_eq!(fixes("title = @noww"), "unknownIdentifier @now");
    assert_eq!(fixes("title == 'a'"), "syntax =");
    assert_eq!(fixes("title = 'a' and title = 'b'"), "syntax &&");
    assert_eq!(fixes("status = 'drafd'"), "noSuchValue 'draft'");
    assert_eq!(fixes("readers = 'abc'"), "listAsText readers:each");
    assert_eq!(fixes("title:lwer = 'a'"), "unknownModifier lower");
    assert_eq!(fixes("id != ''"), "alwaysTrue ");
    assert_eq!(fixes("readers.name = 'a'"), "allValues ");

    // Large and many.
    let long = format!("title = '{}'", "a".repeat(100_000));
    assert_eq!(check(&long)["ok"], json!(true));
    let many = vec!["title = 'a'"; 9_000].join(" || ");
    assert_eq!(first(&many)["code"], json!("tooManyComparisons"));
    let question = json!({"collection": "notes", "rule": "x".repeat(300_000)});
    assert_eq!(root.post(CHECK, &question).status, 413);
}

#[test]
fn whom_a_rule_lets_through_is_counted_before_and_after() {
    let server = Server::start();
    let root = server.superuser();
    root.make_collection(&json!({"name": "notes", "listRule": null, "fields": [
        {"name": "title", "type": "text"}, relation("owner", "_pb_users_auth_", 1),
    ]}));
    let _ann = server.user("ann");
    let ann = id_of(&root.items("users", "")[0]);
    for owner in [ann.as_str(), ann.as_str(), ""] {
        root.make("notes", &json!({"title": "t", "owner": owner}));
    }
    let me = json!({"collection": "users", "id": ann});
    let reach = |rule: &str| {
        let question = json!({
            "collection": "notes", "action": "list", "rule": rule, "reach": true, "identities": [me, "guest"],
        });
        accepted(&root.post(CHECK, &question))["reach"].clone()
    };
    let count = |n: u64| json!({"count": n, "complete": true});
    assert_eq!(
        reach("owner = @request.auth.id && owner != ''"),
        json!({"total": 3, "partial": false, "identities": [
            {"as": "guest", "before": count(0), "after": count(0), "widens": false},
            {"as": me, "before": count(0), "after": count(2), "widens": true},
        ]})
    );
    assert_eq!(reach("")["identities"][0]["after"], count(3));

    // A denial, leaf by leaf; what is compared is shown, secrets are not.
    let explain = |question: Json| accepted(&root.post(EXPLAIN, &question));
    let note = id_of(&root.items("notes", "filter=owner=''")[0]);
    let told = explain(json!({
        "collection": "notes", "action": "view", "as": me, "record": note,
        "rule": "title = 't' && (owner = @request.auth.id || owner.tokenKey = 'k')",
    }));
    assert_eq!(
        (&told["allowed"], &told["wireStatus"]),
        (&json!(false), &json!(404))
    );
    let tree = &told["tree"];
    assert_eq!(
        (&tree["op"], &tree["children"][0]["outcome"]),
        (&json!("all"), &json!(true))
    );
    let or = &tree["children"][1];
    assert_eq!((&or["op"], &or["outcome"]), (&json!("any"), &Json::Null));
    assert_eq!(
        or["children"][0]["pairs"],
        json!([{"left": "", "right": ann, "outcome": false}])
    );
    assert_eq!(or["children"][1]["pairs"][0]["left"], json!("•••"));
    assert_eq!((&told["matched"], &told["total"]), (&json!(2), &json!(3)));
    assert_eq!(
        explain(
            json!({"collection": "notes", "action": "view", "as": "superuser", "record": note})
        )["wireStatus"],
        json!(200)
    );
    assert_eq!(
        root.post(EXPLAIN, &json!({"collection": "nothing"})).status,
        400
    );
}

#[test]
fn saved_tests_follow_renames_and_are_run_by_the_command_line() {
    const TESTS: &str = "/api/stead/rules/tests";
    let server = Server::start();
    let root = server.superuser();
    root.make_collection(
        &json!({"name": "notes", "listRule": "title != 'secret'", "viewRule": "title != 'secret'",
        "fields": [{"name": "title", "type": "text"}]}),
    );
    let secret = id_of(&root.make("notes", &json!({"title": "secret"})));
    let open = id_of(&root.make("notes", &json!({"title": "open"})));
    let save = |name: &str, id: &str, allowed: bool| {
        let test = json!({
            "name": name, "collection": "notes", "action": "view", "as": "guest", "record": id,
            "expect": {"allowed": allowed},
        });
        accepted(&root.post(TESTS, &test))
    };
    let kept = save("guests see open notes", &open, true);
    save("guests do not see secret ones", &secret, false);
    assert_eq!(
        accepted(&root.get(TESTS))["items"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let run = |form: &Json| accepted(&root.post(&format!("{TESTS}/run"), form));
    let passed = run(&json!({}));
    assert_eq!(
        (&passed["passed"], &passed["failed"]),
        (&json!(2), &json!(0))
    );
    // A rule that is not saved yet.
    let wider = run(&json!({"collection": "notes", "action": "view", "rule": ""}));
    assert_eq!((&wider["passed"], &wider["failed"]), (&json!(1), &json!(1)));
    let command = || {
        let output =
            crate::support::run_in(server.home().path(), &["rules", "test", "--dir", "data"]);
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    assert_eq!(
        command(),
        (
            true,
            "ok    guests see open notes\nok    guests do not see secret ones\n2 passed.\n"
                .to_owned()
        )
    );
    // Tests stand in the order in which they were made, also those of one millisecond.
    let names: Vec<String> = (0..20).map(|n| format!("again {n}")).collect();
    for name in &names {
        save(name, &open, true);
    }
    let told = accepted(&root.get(TESTS));
    let told = told["items"].as_array().unwrap().iter().skip(2);
    assert_eq!(
        told.map(|test| test["name"].as_str().unwrap())
            .collect::<Vec<_>>(),
        names
    );
    accepted(&root.patch(
        "/api/collections/notes",
        &json!({"name": "papers", "viewRule": ""}),
    ));
    let (ok, shown) = command();
    assert!(
        !ok && shown.contains("FAIL  guests do not see secret ones: allowed is true, not false"),
        "{shown}"
    );
    // The failure is in the log without anybody asking.
    let logs = "/api/logs?filter=message~'a%20rule%20test%20fails'";
    until("the failure is in the log", || {
        accepted(&root.get(logs))["totalItems"] != json!(0)
    });
    let path = format!("{TESTS}/{}", kept["id"].as_str().unwrap());
    assert_eq!(root.delete(&path).status, 204);
    assert_eq!(root.delete(&path).status, 404);
    assert_eq!(
        root.post(TESTS, &json!({"collection": "papers", "action": "view"}))
            .status,
        400
    );
}
