//! What happens to stored records when a definition changes.

use serde_json::{Value as Json, json};

use super::Data;

fn text(id: &str, name: &str) -> Json {
    json!({"id": id, "name": name, "type": "text"})
}

#[test]
fn columns_follow_their_field() {
    let data = Data::fresh();
    data.create(json!({"name": "t", "fields": [text("1", "a"), text("2", "b"), text("3", "c")]}));
    data.run("INSERT INTO t (id, a, b, c) VALUES ('x', 'A', 'B', 'C')");
    // `a` and `b` swap names, `c` goes, `d` comes.
    data.update(
        "t",
        json!({"fields": [text("2", "a"), text("1", "b"), text("4", "d")]}),
    );
    assert_eq!(data.rows("SELECT a, b, d FROM t"), ["B|A|"]);
    assert_eq!(
        data.rows("SELECT name FROM pragma_table_info('t') ORDER BY name"),
        ["a", "b", "d", "id"]
    );
}

#[test]
fn another_id_is_another_column() {
    let data = Data::fresh();
    data.create(json!({"name": "t", "fields": [text("1", "a")]}));
    data.run("INSERT INTO t (id, a) VALUES ('x', 'A')");
    data.update("t", json!({"fields": [text("2", "a")]}));
    assert_eq!(data.rows("SELECT a FROM t"), [""]);
}

#[test]
fn tables_and_indexes_follow_the_name() {
    let data = Data::fresh();
    data.create(
        json!({"name": "t", "fields": [text("1", "a")], "indexes": ["create index i on t (a)"]}),
    );
    data.run("INSERT INTO t (id, a) VALUES ('x', 'A')");
    data.update("t", json!({"name": "u"}));
    assert_eq!(data.rows("SELECT a FROM u"), ["A"]);
    assert_eq!(
        data.rows("SELECT tbl_name FROM sqlite_master WHERE name = 'i'"),
        ["u"]
    );
    // Only the case of a letter changes: SQLite has one table for both names.
    data.update("u", json!({"name": "U"}));
    assert_eq!(data.rows("SELECT a FROM U"), ["A"]);
}

#[test]
fn values_change_between_one_and_many() {
    let data = Data::fresh();
    let select = |max: u8| json!({"fields": [{"id": "s", "name": "s", "type": "select", "values": ["a", "b"], "maxSelect": max}]});
    data.create(
        json!({"name": "t", "fields": select(1)["fields"], "indexes": ["create index i on t (s)"]}),
    );
    data.create(json!({"name": "v", "type": "view", "viewQuery": "select id, s from t"}));
    data.run(
        "INSERT INTO t (id, s) VALUES ('1', ''), ('2', 'a'), ('3', '[\"a\",\"b\"]'), ('4', '{')",
    );
    data.update("t", select(2));
    assert_eq!(
        data.rows("SELECT s FROM t ORDER BY id"),
        ["[]", "[\"a\"]", "[\"a\",\"b\"]", "[\"{\"]"]
    );
    assert_eq!(data.rows("SELECT s FROM v WHERE id = '2'"), ["[\"a\"]"]);
    data.update("t", select(1));
    assert_eq!(
        data.rows("SELECT s FROM t ORDER BY id"),
        ["", "a", "b", "{"]
    );
    assert_eq!(data.rows("SELECT s FROM v WHERE id = '3'"), ["b"]);
    assert_eq!(
        data.rows("SELECT name FROM sqlite_master WHERE type = 'index' AND name = 'i'"),
        ["i"]
    );
}

#[test]
fn primary_keys_are_made_where_nobody_gives_one() {
    let data = Data::fresh();
    data.create(json!({"name": "t"}));
    data.run("INSERT INTO t DEFAULT VALUES");
    assert_eq!(
        data.rows("SELECT length(id), substr(id, 1, 1) FROM t"),
        ["15|r"]
    );
}
