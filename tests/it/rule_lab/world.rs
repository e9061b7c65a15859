//! Collections, records and callers made at random, for rules to be asked about.

use rand::RngExt as _;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom as _;
use serde_json::{Value as Json, json};

use crate::support::{Caller, Server, accepted, record};

pub(super) fn relation(name: &str, target: &str, max: i64) -> Json {
    json!({"name": name, "type": "relation", "collectionId": target, "maxSelect": max})
}

/// Who asks: the caller and how the lab names them.
pub(super) struct Identity<'a> {
    pub(super) caller: Caller<'a>,
    pub(super) named: Json,
}

pub(super) struct World<'a> {
    pub(super) root: Caller<'a>,
    pub(super) identities: Vec<Identity<'a>>,
    users: Vec<String>,
    orgs: Vec<String>,
}

pub(super) fn id_of(record: &Json) -> String {
    record["id"].as_str().unwrap().to_owned()
}

pub(super) fn world<'a>(server: &'a Server, random: &mut StdRng) -> World<'a> {
    let root = server.superuser();
    let everyone = json!({"listRule": "", "viewRule": ""});
    let with = |mut definition: Json| {
        for (name, rule) in everyone.as_object().unwrap() {
            definition[name] = rule.clone();
        }
        root.make_collection(&definition)
    };
    let orgs = with(json!({"name": "orgs", "fields": [
        {"name": "name", "type": "text"},
        {"name": "level", "type": "number"},
        {"name": "tags", "type": "select", "maxSelect": 3, "values": ["red", "blue", "x"]},
    ]}));
    let users = accepted(&root.get("/api/collections/users"));
    let mut fields = users["fields"].as_array().unwrap().clone();
    fields.push(relation("org", orgs["id"].as_str().unwrap(), 1));
    accepted(&root.patch("/api/collections/users", &json!({"fields": fields})));
    let mut fields = orgs["fields"].as_array().unwrap().clone();
    fields.push(relation("owner", users["id"].as_str().unwrap(), 1));
    accepted(&root.patch("/api/collections/orgs", &json!({"fields": fields})));
    let posts = with(json!({"name": "posts", "fields": [
        {"name": "title", "type": "text", "required": true},
        {"name": "n", "type": "number", "max": 5},
        {"name": "open", "type": "bool"},
        {"name": "status", "type": "select", "maxSelect": 1, "values": ["draft", "live"]},
        {"name": "tags", "type": "select", "maxSelect": 3, "values": ["red", "blue", "x"]},
        relation("owner", users["id"].as_str().unwrap(), 1),
        relation("editors", users["id"].as_str().unwrap(), 4),
        relation("org", orgs["id"].as_str().unwrap(), 1),
        {"name": "meta", "type": "json"},
        {"name": "created", "type": "autodate", "onCreate": true},
    ]}));
    let mut comment_post = relation("post", posts["id"].as_str().unwrap(), 1);
    comment_post["required"] = json!(true);
    with(json!({"name": "comments", "fields": [
        {"name": "text", "type": "text"},
        {"name": "likes", "type": "number"},
        comment_post,
        relation("author", users["id"].as_str().unwrap(), 1),
    ]}));
    let pick = |random: &mut StdRng, from: &[&str]| (*from.choose(random).unwrap()).to_owned();
    let orgs: Vec<String> = (0..3)
        .map(|_| {
            id_of(&root.make("orgs", &json!({
                "name": pick(random, &["a", "b", ""]),
                "level": random.random_range(0..3),
                "tags": if random.random_bool(0.7) { json!([pick(random, &["red", "blue"]), "x"]) } else { json!([]) },
            })))
        })
        .collect();
    let mut identities = vec![Identity {
        caller: server.guest(),
        named: json!("guest"),
    }];
    let mut ids = Vec::new();
    for name in ["ann", "bob", "cid"] {
        let caller = server.user(name);
        let user = root.items("users", &format!("filter=email~'{name}'"));
        let id = id_of(&user[0]);
        let data = json!({
            "name": pick(random, &["a", "b"]),
            "org": if random.random_bool(0.7) { orgs.choose(random).unwrap().clone() } else { String::new() },
            "verified": random.random_bool(0.5),
        });
        accepted(&root.patch(&record("users", &id), &data));
        identities.push(Identity {
            caller,
            named: json!({"collection": "users", "id": id}),
        });
        ids.push(id);
    }
    for org in &orgs {
        let owner = ids.choose(random).unwrap();
        accepted(&root.patch(&record("orgs", org), &json!({"owner": owner})));
    }
    World {
        root,
        identities,
        users: ids,
        orgs,
    }
}

impl World<'_> {
    /// Some data for a post, seldom all of it, sometimes what is refused.
    pub(super) fn post(&self, random: &mut StdRng, complete: bool) -> Json {
        let one_of = |random: &mut StdRng, ids: &[String]| {
            let is_set = random.random_bool(0.8);
            ids.choose(random)
                .filter(|_| is_set)
                .cloned()
                .unwrap_or_default()
        };
        let no_title = !complete && random.random_bool(0.1);
        let title = if no_title {
            ""
        } else {
            ["a", "b", "t1", "A"].choose(random).unwrap()
        };
        let n = random.random_range(0..if complete { 4 } else { 7 });
        let tags = [
            json!([]),
            json!(["red"]),
            json!(["red", "x"]),
            json!(["blue"]),
        ];
        let metas = [
            json!({"a": 1, "list": ["x"]}),
            json!({"a": "a"}),
            Json::Null,
        ];
        let mut editors = self.users.clone();
        editors.retain(|_| random.random_bool(0.5));
        let all = [
            ("title", json!(title)),
            ("n", json!(n)),
            ("open", json!(random.random_bool(0.5))),
            (
                "status",
                json!(["draft", "live", ""].choose(random).unwrap()),
            ),
            ("tags", tags.choose(random).unwrap().clone()),
            ("owner", json!(one_of(random, &self.users))),
            ("editors", json!(editors)),
            ("org", json!(one_of(random, &self.orgs))),
            ("meta", metas.choose(random).unwrap().clone()),
        ];
        all.into_iter()
            .filter(|_| complete || random.random_bool(0.4))
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// At least so many posts, most of them with comments.
    pub(super) fn fill(&self, random: &mut StdRng) -> Vec<String> {
        let mut posts: Vec<String> = self.root.items("posts", "").iter().map(id_of).collect();
        while posts.len() < 8 {
            let id = id_of(&self.root.make("posts", &self.post(random, true)));
            for _ in 0..random.random_range(0..3) {
                let comment_text = *["a", "b", ""].choose(random).unwrap();
                let (likes, author) = (random.random_range(0..3), self.users.choose(random));
                self.root.make(
                    "comments",
                    &json!({"text": comment_text, "likes": likes, "post": id, "author": author}),
                );
            }
            posts.push(id);
        }
        posts
    }
}
