//! Deleting collections.

use serde_json::json;

use super::{Data, codes};

#[test]
fn what_others_point_to_stays() {
    let data = Data::fresh();
    data.create(json!({"name": "a", "id": "a_id"}));
    data.create(
        json!({"name": "b", "fields": [{"name": "r", "type": "relation", "collectionId": "a_id"}]}),
    );
    assert_eq!(
        codes(data.delete("a")),
        "Failed to delete collection probably due to existing reference in b."
    );
    data.delete("b").unwrap();
    data.delete("a").unwrap();
    assert_eq!(
        data.rows("SELECT name FROM sqlite_master WHERE name IN ('a', 'b')"),
        Vec::<String>::new()
    );
    assert_eq!(codes(data.delete("a")), "not found");
    assert_eq!(codes(data.delete("_mfas")), "Failed to delete collection.");
}

#[test]
fn a_relation_to_itself_holds_nothing_back() {
    let data = Data::fresh();
    data.create(json!({"name": "a", "id": "a_id"}));
    data.update(
        "a",
        json!({"fields": [{"name": "r", "type": "relation", "collectionId": "a_id"}]}),
    );
    data.delete("a").unwrap();
}

#[test]
fn what_belongs_to_auth_records_goes_with_them() {
    let data = Data::fresh();
    data.create(json!({"name": "members", "id": "m", "type": "auth"}));
    data.run("INSERT INTO _mfas (id, collectionRef) VALUES ('1', 'm'), ('2', 'other')");
    data.delete("members").unwrap();
    assert_eq!(data.rows("SELECT id FROM _mfas"), ["2"]);
}
