//! The submitted definitions with what follows renames.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::app::schema_plan::reference::{Place, Reference};
use crate::catalog::Target;
use crate::query::Snapshot;

/// The submitted definitions with what follows the renames.
pub(super) fn fixed(
    items: &[Json],
    targets: &[Target],
    snapshot: &Snapshot,
    references: &[Reference],
) -> Vec<Json> {
    let mut items = items.to_vec();
    let ids: Vec<Option<&str>> = targets
        .iter()
        .map(|target| target.old.as_ref().map(|old| old.id.as_str()))
        .collect();
    let mut added = Vec::new();
    let concerned: BTreeSet<&str> = references
        .iter()
        .filter(|reference| reference.is_fixed)
        .filter_map(Reference::collection_id)
        .collect();
    for id in concerned {
        let position = ids.iter().position(|known| *known == Some(id));
        let target = position.and_then(|position| targets.get(position));
        let stored = snapshot.collection_by_id(id);
        let (Some(stored), new) = (stored, target.map(|target| &target.new)) else {
            continue;
        };
        let indexes = new.map_or(&stored.indexes, |new| &new.indexes);
        let members = members(id, indexes, references);
        if let Some(Json::Object(item)) = position.and_then(|position| items.get_mut(position)) {
            lay_over(item, members);
        } else {
            let mut item = Map::new();
            item.insert("id".to_owned(), Json::from(id));
            item.insert("name".to_owned(), Json::from(stored.name.as_str()));
            if !stored.is_view() {
                let fields = stored
                    .fields
                    .iter()
                    .map(|field| Json::Object(field.to_json()));
                item.insert("fields".to_owned(), fields.collect());
            }
            lay_over(&mut item, members);
            added.push(Json::Object(item));
        }
    }
    items.extend(added);
    items
}

/// What changes of one definition.
fn members(id: &str, indexes: &[String], references: &[Reference]) -> Map<String, Json> {
    let mut members = Map::new();
    let mut indexes = indexes.to_vec();
    let mut has_indexes = false;
    for reference in references.iter().filter(|reference| reference.is_fixed) {
        let after = Json::from(reference.after.as_str());
        match &reference.place {
            Place::Rule {
                collection_id,
                member,
                ..
            } if collection_id == id => match member.split_once('.') {
                Some((outer, inner)) => {
                    members.insert(outer.to_owned(), json!({inner: after}));
                }
                None => {
                    members.insert((*member).to_owned(), after);
                }
            },
            Place::Option { collection_id, .. } if collection_id == id => {
                let names: Vec<&str> = reference.after.split(", ").collect();
                members.insert("passwordAuth".to_owned(), json!({"identityFields": names}));
            }
            Place::Index { collection_id, .. } if collection_id == id => {
                has_indexes = true;
                for text in &mut indexes {
                    if *text == reference.before {
                        text.clone_from(&reference.after);
                    }
                }
            }
            Place::View { collection_id, .. } if collection_id == id => {
                members.insert("viewQuery".to_owned(), after);
            }
            _ => {}
        }
    }
    if has_indexes {
        members.insert("indexes".to_owned(), Json::from(indexes));
    }
    members
}

/// Members of members are laid over, not replaced.
fn lay_over(item: &mut Map<String, Json>, members: Map<String, Json>) {
    for (name, value) in members {
        match (item.get_mut(&name), value) {
            (Some(Json::Object(known)), Json::Object(more)) => known.extend(more),
            (_, value) => {
                item.insert(name, value);
            }
        }
    }
}
