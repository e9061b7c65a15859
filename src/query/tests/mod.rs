//! Tests of compiled statements: their text, and what they find in a real database.

mod cache;
mod errors;
mod matches;
mod memory;
mod property;
mod requests;
mod shapes;
mod visibility;

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, Value as Json, json};
use tempfile::TempDir;

use crate::base::time::Timestamp;
use crate::ctx::{AuthRecord, Ctx, Principal, RequestInfo};
use crate::engine::{Engine, Error as EngineError, Options, Tx};
use crate::query::{Error, Only, Output, Select, Snapshot, Statement};
use crate::schema::{Collection, CollectionKind, Entry, Field, Schema, scaffold};
use crate::sql::{Sql, Value};

/// A small schema with rows, and what can be asked of it.
pub(super) struct Fixture {
    pub(super) snapshot: Snapshot,
    engine: Engine,
    _directory: TempDir,
}

fn field(form: Json) -> Field {
    let Json::Object(members) = form else {
        panic!("not an object: {form}");
    };
    Field::from_json(&members).unwrap()
}

fn relation(name: &str, target: &str, max_select: i64) -> Field {
    field(json!({
        "name": name, "type": "relation", "collectionId": target, "maxSelect": max_select,
    }))
}

fn plain(name: &str, type_name: &str) -> Field {
    field(json!({ "name": name, "type": type_name }))
}

fn hidden(mut field: Field) -> Field {
    field.hidden = true;
    field
}

pub(super) fn collection(kind: CollectionKind, name: &str, fields: Vec<Field>) -> Collection {
    let mut collection = scaffold::scaffold(kind);
    name.clone_into(&mut collection.id);
    name.clone_into(&mut collection.name);
    collection.rules.list = Some(String::new());
    collection.indexes.clear();
    if kind == CollectionKind::View {
        collection.fields.push(plain("id", "text"));
    }
    collection.fields.extend(fields);
    collection
}

fn schema() -> Schema {
    let base = |name, fields| collection(CollectionKind::Base, name, fields);
    let choice = |name: &str, max_select: i64| {
        field(json!({
            "name": name, "type": "select", "maxSelect": max_select, "values": ["x", "y", "z"],
        }))
    };
    let users = collection(
        CollectionKind::Auth,
        "users",
        vec![
            plain("name", "text"),
            relation("org", "orgs", 1),
            relation("orgs", "orgs", 5),
        ],
    );
    let orgs = base(
        "orgs",
        vec![
            plain("name", "text"),
            plain("code", "number"),
            choice("tags", 3),
        ],
    );
    let mut locked = base("locked", vec![plain("name", "text")]);
    locked.rules.list = None;
    let mut shown = base("shown", vec![plain("name", "text"), plain("open", "bool")]);
    shown.rules.list = Some("open = true".to_owned());
    let mut posts = base(
        "posts",
        vec![
            plain("title", "text"),
            plain("n", "number"),
            choice("sel", 1),
            choice("sels", 3),
            relation("rel", "orgs", 1),
            relation("rels", "orgs", 5),
            relation("author", "users", 1),
            relation("locked", "locked", 1),
            relation("shown", "shown", 1),
            relation("parent", "posts", 1),
            plain("meta", "json"),
            plain("geo", "geoPoint"),
            plain("day", "date"),
            hidden(plain("secret", "text")),
        ],
    );
    posts.indexes = vec!["CREATE INDEX i_n ON posts (`n`)".to_owned()];
    let comments = base(
        "comments",
        vec![
            plain("text", "text"),
            plain("likes", "number"),
            relation("post", "posts", 1),
        ],
    );
    let mut details = base(
        "details",
        vec![plain("note", "text"), relation("post", "posts", 1)],
    );
    // Names of columns know no case.
    details.indexes = vec!["CREATE UNIQUE INDEX i_d ON details (`Post`)".to_owned()];
    let labels = base(
        "labels",
        vec![plain("label", "text"), relation("posts", "posts", 5)],
    );
    let list = collection(
        CollectionKind::View,
        "list",
        vec![plain("title", "text"), relation("rels", "orgs", 5)],
    );
    Schema::new(vec![
        users, orgs, locked, shown, posts, comments, details, labels, list,
    ])
}

const ROWS: &[&str] = &[
    "INSERT INTO orgs (id, name, code, tags) VALUES ('o1', 'one', 1, '[\"x\"]')",
    "INSERT INTO orgs (id, name, code, tags) VALUES ('o2', 'two', 2, '[\"x\",\"y\"]')",
    "INSERT INTO orgs (id, name, code, tags) VALUES ('o3', '', 0, '[]')",
    "INSERT INTO users (id, email, emailVisibility, verified, name, org, orgs) VALUES
        ('u1', 'u1@x.co', TRUE, TRUE, 'ann', 'o1', '[\"o1\",\"o2\"]')",
    "INSERT INTO users (id, email, emailVisibility, verified, name, org, orgs) VALUES
        ('u2', 'u2@x.co', FALSE, FALSE, 'bob', '', '[]')",
    "INSERT INTO locked (id, name) VALUES ('l1', 'a')",
    "INSERT INTO shown (id, name, open) VALUES ('s1', 'a', TRUE)",
    "INSERT INTO shown (id, name, open) VALUES ('s2', 'b', FALSE)",
    "INSERT INTO posts (id, title, n, sel, sels, rel, rels, author, locked, shown, parent, meta, geo, day, secret)
        VALUES ('p1', 'one', 1, 'x', '[\"x\",\"y\"]', 'o1', '[\"o1\",\"o2\"]', 'u1', 'l1', 's1', '', '{\"a\":[1]}',
        '{\"lon\":10,\"lat\":0}', '2024-05-06 10:00:00.000Z', 's')",
    "INSERT INTO posts (id, title, n, sel, sels, rel, rels, author, locked, shown, parent, meta, geo, day, secret)
        VALUES ('p3', '50%', 2, '', '[]', 'gone', '[\"o2\",\"gone\"]', 'u2', '', 's2', 'p1', '\"text\"',
        '{\"lon\":0,\"lat\":0}', '', '')",
    "INSERT INTO posts (id, title, n, sel, sels, rel, rels, author, locked, shown, parent, meta, geo, day, secret)
        VALUES ('p2', '', 0, 'y', '[\"y\"]', '', '[]', '', '', '', 'p1', NULL, '{\"lon\":0,\"lat\":0}', '', '')",
    "INSERT INTO comments (id, text, likes, post) VALUES ('c1', 'hi', 1, 'p1')",
    "INSERT INTO comments (id, text, likes, post) VALUES ('c2', 'ho', 2, 'p1')",
    "INSERT INTO comments (id, text, likes, post) VALUES ('c3', 'hi', 5, 'p3')",
    "INSERT INTO details (id, note, post) VALUES ('d1', 'n', 'p1')",
    "INSERT INTO labels (id, label, posts) VALUES ('b1', 'red', '[\"p1\",\"p3\"]')",
    "INSERT INTO labels (id, label, posts) VALUES ('b2', 'blue', '[\"p1\"]')",
];

fn fill(tx: &Tx, schema: &Schema) -> Result<(), EngineError> {
    for collection in schema.collections().filter(|entry| !entry.is_view()) {
        let mut sql = String::new();
        for field in &collection.fields {
            let separator = if sql.is_empty() { "" } else { ", " };
            write!(sql, "{separator}`{}` {}", field.name, field.column_ddl()).unwrap();
        }
        let mut create = Sql::new();
        create.superuser_text(&format!("CREATE TABLE `{}` ({sql})", collection.name));
        tx.batch(&create)?;
        for index in &collection.indexes {
            let mut create = Sql::new();
            create.superuser_text(index);
            tx.batch(&create)?;
        }
    }
    let view = "CREATE VIEW list AS SELECT * FROM (SELECT id, title, rels FROM posts)";
    for text in ROWS.iter().chain([&view]) {
        tx.batch(&Sql::from_text(text))?;
    }
    Ok(())
}

impl Fixture {
    pub(super) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let engine = Engine::open(&directory.path().join("data.db"), Options::default()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime
            .block_on(engine.exclusive(|tx| fill(tx, &schema()), |()| ()))
            .unwrap();
        Self {
            snapshot: Snapshot::new(schema()),
            engine,
            _directory: directory,
        }
    }

    pub(super) fn entry(&self, name: &str) -> &Arc<Entry> {
        self.snapshot.collection(name).unwrap()
    }

    /// The cells of a stored record.
    pub(super) fn cells(&self, ctx: &Ctx, entry: &Arc<Entry>, id: &str) -> Vec<Value> {
        let select = Select {
            only: Only::Id(id),
            ..Select::all(entry)
        };
        let statement = self.snapshot.select(ctx, &select).unwrap();
        let mut cells = Vec::new();
        self.engine
            .read(|reader| {
                reader.query::<EngineError>(&statement.text, &statement.binds, |row| {
                    cells = (0..entry.fields.len()).map(|i| row.value(i)).collect();
                    Ok(())
                })
            })
            .unwrap();
        cells
    }

    /// Stores a record of `posts`, replacing the one with its id.
    pub(super) fn put(&self, cells: &[(&'static str, Value)]) {
        let mut sql = Sql::from_text("INSERT OR REPLACE INTO posts (");
        for (index, (name, _)) in cells.iter().enumerate() {
            sql.text(if index > 0 { ", " } else { "" }).text(name);
        }
        sql.text(") VALUES (");
        for (index, (_, value)) in cells.iter().enumerate() {
            sql.text(if index > 0 { ", " } else { "" })
                .bind(value.clone());
        }
        sql.text(")");
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime
            .block_on(self.engine.write(move |tx| tx.execute(&sql)))
            .unwrap();
    }

    /// First column of all rows.
    pub(super) fn run(&self, statement: &Statement) -> Vec<String> {
        let mut found = Vec::new();
        self.engine
            .read(|reader| {
                reader.query::<EngineError>(&statement.text, &statement.binds, |row| {
                    found.push(match row.int(0) {
                        0 => row.text(0).to_owned(),
                        number => number.to_string(),
                    });
                    Ok(())
                })
            })
            .unwrap();
        found
    }

    /// Ids of the matching records, separated by spaces.
    pub(super) fn find(&self, ctx: &Ctx, select: &Select<'_>) -> Result<String, Error> {
        let statement = self.snapshot.select(ctx, select)?;
        let ids = self.run(&statement);
        let count = self.snapshot.select(
            ctx,
            &Select {
                output: Output::Count,
                page: None,
                ..*select
            },
        )?;
        let counted = self.run(&count).concat();
        let expected = if ids.is_empty() {
            String::new()
        } else {
            ids.len().to_string()
        };
        if select.page.is_none() {
            assert_eq!(counted, expected, "{}", count.text);
        }
        Ok(ids.join(" "))
    }
}

/// A caller without identity.
pub(super) fn guest() -> Ctx {
    Ctx {
        principal: Principal::Guest,
        request: Arc::new(RequestInfo {
            method: "GET".into(),
            ..RequestInfo::default()
        }),
        now: Timestamp::from_unix_ms(1_750_000_000_000),
    }
}

pub(super) fn superuser() -> Ctx {
    Ctx {
        principal: Principal::System,
        ..guest()
    }
}

/// The first record of `users`.
pub(super) fn user() -> Ctx {
    Ctx {
        principal: Principal::User(AuthRecord {
            id: "u1".to_owned(),
            collection_id: "users".to_owned(),
            collection_name: "users".to_owned(),
            email: "u1@x.co".to_owned(),
            email_visibility: true,
            verified: true,
        }),
        ..guest()
    }
}

/// A user who submits data.
pub(super) fn submitting(body: Json) -> Ctx {
    let mut ctx = user();
    let request = ctx.request_mut();
    request.body = match body {
        Json::Object(members) => members,
        _ => Map::new(),
    };
    request.is_body_of_record = true;
    ctx
}
