//! What names the fields and collections that get another name: rules, options, indexes, views, scripts.
//!
//! Rules are read by the compiler that runs them, and indexes and views are rewritten by the database itself, so what is
//! found is what is meant. In scripts names are texts; there it is a guess that somebody has to look at.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use crate::app::schema_plan::scan::{self, Renamed};
use crate::app::schema_plan::scripts::File;
use crate::base::error::Result;
use crate::base::time::Timestamp;
use crate::catalog::{self, Missing, Rename, Target};
use crate::ctx::{AuthRecord, Ctx, Principal, RequestInfo};
use crate::query::{Snapshot, Touch};
use crate::schema::{Collection, CollectionOptions, Index};

/// A place that names something by its old name.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) id: String,
    pub(super) place: Place,
    pub(super) before: String,
    pub(super) after: String,
    /// It is known to mean what gets another name.
    pub(super) is_certain: bool,
    pub(super) is_fixable: bool,
    pub(super) is_fixed: bool,
}

/// Where it is.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// A member of a collection's definition that is a rule, such as `listRule`.
    Rule {
        collection_id: String,
        collection: String,
        member: &'static str,
    },
    Option {
        collection_id: String,
        collection: String,
        member: &'static str,
    },
    Index {
        collection_id: String,
        collection: String,
        name: String,
    },
    View {
        collection_id: String,
        collection: String,
    },
    Script {
        path: String,
        line: usize,
    },
}

impl Reference {
    fn new(place: Place, before: String, after: String) -> Self {
        let id = match &place {
            Place::Rule {
                collection_id,
                member,
                ..
            } => format!("rule:{collection_id}:{member}"),
            Place::Option {
                collection_id,
                member,
                ..
            } => format!("option:{collection_id}:{member}"),
            Place::Index {
                collection_id,
                name,
                ..
            } => format!("index:{collection_id}:{name}"),
            Place::View { collection_id, .. } => format!("view:{collection_id}"),
            Place::Script { path, line } => format!("hook:{path}:{line}"),
        };
        Self {
            id,
            place,
            before,
            after,
            is_certain: true,
            is_fixable: true,
            is_fixed: false,
        }
    }

    /// The collection whose definition it is part of.
    fn collection_id(&self) -> Option<&str> {
        match &self.place {
            Place::Rule { collection_id, .. }
            | Place::Option { collection_id, .. }
            | Place::Index { collection_id, .. }
            | Place::View { collection_id, .. } => Some(collection_id),
            Place::Script { .. } => None,
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let (kind, place, line) = match &self.place {
            Place::Rule {
                collection, member, ..
            } => ("rule", format!("{collection}.{member}"), None),
            Place::Option {
                collection, member, ..
            } => ("option", format!("{collection}.{member}"), None),
            Place::Index {
                collection, name, ..
            } => ("index", format!("{collection}.{name}"), None),
            Place::View { collection, .. } => ("view", collection.clone(), None),
            Place::Script { path, line } => ("hook", path.clone(), Some(*line)),
        };
        json!({
            "id": self.id,
            "kind": kind,
            "where": place,
            "line": line,
            "before": self.before,
            "after": self.after,
            "certain": self.is_certain,
            "fixable": self.is_fixable,
            "fix": self.is_fixed,
        })
    }
}

/// The rules of a collection by the members of its definition.
pub(super) fn rules(collection: &Collection) -> Vec<(&'static str, &str)> {
    let rules = &collection.rules;
    let mut all = vec![
        ("listRule", rules.list.as_deref()),
        ("viewRule", rules.view.as_deref()),
        ("createRule", rules.create.as_deref()),
        ("updateRule", rules.update.as_deref()),
        ("deleteRule", rules.delete.as_deref()),
    ];
    if let Some(options) = collection.auth_options() {
        all.push(("authRule", options.auth_rule.as_deref()));
        all.push(("manageRule", options.manage_rule.as_deref()));
        all.push(("mfa.rule", Some(options.mfa.rule.as_str())));
    }
    all.into_iter()
        .filter_map(|(name, rule)| Some((name, rule?)))
        .filter(|(_, rule)| !rule.trim().is_empty())
        .collect()
}

/// Everything that names what gets another name.
pub(super) fn find(
    snapshot: &Snapshot,
    targets: &[Target],
    missing: Missing,
    files: &[File],
) -> Result<Vec<Reference>> {
    let renames: Vec<Rename> = targets.iter().filter_map(rename).collect();
    if renames.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let callers = callers(snapshot);
    for entry in snapshot.collections() {
        let target = targets
            .iter()
            .find(|target| target.old.as_ref().is_some_and(|old| old.id == entry.id));
        for (member, rule) in rules(entry) {
            // What is submitted as another text already is none of our business.
            let is_kept = target.is_none_or(|target| {
                let mut after = rules(&target.new).into_iter();
                after.any(|(name, text)| name == member && text == rule)
            });
            if !is_kept {
                continue;
            }
            let mut names: Vec<Touch> = Vec::new();
            for caller in &callers {
                for touch in snapshot.names_in(caller, entry, rule).unwrap_or_default() {
                    if !names.contains(&touch) {
                        names.push(touch);
                    }
                }
            }
            if let Some((after, is_certain)) = renamed(snapshot, rule, &names, &renames) {
                let place = Place::Rule {
                    collection_id: entry.id.clone(),
                    collection: entry.name.clone(),
                    member,
                };
                let mut reference = Reference::new(place, rule.to_owned(), after);
                reference.is_certain = is_certain;
                found.push(reference);
            }
        }
    }
    options(snapshot, targets, &renames, &mut found);
    texts(snapshot, targets, &renames, &mut found)?;
    // What is deleted needs no new names.
    found.retain(|reference| {
        let id = reference.collection_id();
        let is_deleted = |id: &str| {
            let is_mentioned =
                |target: &Target| target.old.as_ref().is_some_and(|old| old.id == id);
            let is_system = snapshot
                .collection_by_id(id)
                .is_some_and(|entry| entry.system);
            missing == Missing::Delete && !is_system && !targets.iter().any(is_mentioned)
        };
        !id.is_some_and(is_deleted)
    });
    in_scripts(snapshot, &renames, files, &mut found);
    Ok(found)
}

fn rename(target: &Target) -> Option<Rename> {
    let old = target.old.as_ref()?;
    let fields: Vec<(String, String)> = old
        .fields
        .iter()
        .filter(|_| !old.is_view())
        .filter_map(|field| {
            let after = target.new.fields.iter().find(|new| new.id == field.id)?;
            (after.name != field.name).then(|| (field.name.clone(), after.name.clone()))
        })
        .collect();
    let name = (target.new.name != old.name).then(|| target.new.name.clone());
    (name.is_some() || !fields.is_empty()).then(|| Rename {
        collection_id: old.id.clone(),
        name,
        fields,
    })
}

/// Everybody a rule may be compiled for: what it says about the signed-in record depends on the record's collection.
fn callers(snapshot: &Snapshot) -> Vec<Ctx> {
    let ctx = |principal| Ctx {
        principal,
        request: RequestInfo::default().into(),
        now: Timestamp::from_unix_ms(0),
    };
    let mut callers = vec![ctx(Principal::Guest)];
    for entry in snapshot.collections().filter(|entry| entry.is_auth()) {
        callers.push(ctx(Principal::User(AuthRecord {
            id: String::new(),
            collection_id: entry.id.clone(),
            collection_name: entry.name.clone(),
            email: String::new(),
            email_visibility: false,
            verified: false,
        })));
    }
    callers
}

/// The rule with the new names; and whether each of them certainly means what gets another name.
fn renamed(
    snapshot: &Snapshot,
    rule: &str,
    names: &[Touch],
    renames: &[Rename],
) -> Option<(String, bool)> {
    let mut edits: Vec<(usize, usize, &str)> = Vec::new();
    let mut is_certain = true;
    for touch in names {
        let piece = rule.get(touch.span.start..touch.span.end)?;
        let Some(after) = new_name(snapshot, touch, piece, renames) else {
            continue;
        };
        // The same place may mean a field of another auth collection that keeps its name.
        let others = names.iter().filter(|other| other.span == touch.span);
        for other in others {
            is_certain &= new_name(snapshot, other, piece, renames) == Some(after);
        }
        let edit = (touch.span.start, touch.span.end, after);
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    if edits.is_empty() {
        return None;
    }
    edits.sort_unstable();
    let mut text = String::new();
    let mut done = 0;
    for (start, end, after) in edits {
        if start < done {
            continue;
        }
        text.push_str(rule.get(done..start)?);
        text.push_str(after);
        done = end;
    }
    text.push_str(rule.get(done..)?);
    Some((text, is_certain))
}

fn new_name<'r>(
    snapshot: &Snapshot,
    touch: &Touch,
    piece: &str,
    renames: &'r [Rename],
) -> Option<&'r str> {
    let rename = renames
        .iter()
        .find(|rename| rename.collection_id == touch.collection_id)?;
    if let Some(field) = &touch.field {
        let mut fields = rename.fields.iter();
        let renamed = fields.find(|(from, _)| from == field && from == piece)?;
        return Some(&renamed.1);
    }
    let entry = snapshot.collection_by_id(&touch.collection_id)?;
    let is_name = piece.eq_ignore_ascii_case(&entry.name);
    rename.name.as_deref().filter(|_| is_name)
}

/// Fields that people sign in with.
fn options(
    snapshot: &Snapshot,
    targets: &[Target],
    renames: &[Rename],
    found: &mut Vec<Reference>,
) {
    for rename in renames {
        let entry = snapshot.collection_by_id(&rename.collection_id);
        let target = targets.iter().find(|target| {
            target
                .old
                .as_ref()
                .is_some_and(|old| old.id == rename.collection_id)
        });
        let (Some(entry), Some(target)) = (entry, target) else {
            continue;
        };
        let (Some(old), Some(new)) = (entry.auth_options(), target.new.auth_options()) else {
            continue;
        };
        let before = &old.password_auth.identity_fields;
        if *before != new.password_auth.identity_fields {
            continue;
        }
        let after: Vec<&str> = before
            .iter()
            .map(|name| {
                let renamed = rename.fields.iter().find(|(from, _)| from == name);
                renamed.map_or(name.as_str(), |(_, to)| to)
            })
            .collect();
        if after != *before {
            let place = Place::Option {
                collection_id: entry.id.clone(),
                collection: entry.name.clone(),
                member: "passwordAuth.identityFields",
            };
            found.push(Reference::new(place, before.join(", "), after.join(", ")));
        }
    }
}

/// Indexes and views.
fn texts(
    snapshot: &Snapshot,
    targets: &[Target],
    renames: &[Rename],
    found: &mut Vec<Reference>,
) -> Result<()> {
    let rewritten = match catalog::rewrite(snapshot, renames) {
        // What the database refuses here it refuses when the change is rehearsed, and that says why.
        Err(error) if error.is_refused_sql() => return Ok(()),
        other => other?,
    };
    let target = |id: &str| {
        targets
            .iter()
            .find(|target| target.old.as_ref().is_some_and(|old| old.id == id))
    };
    for entry in snapshot.collections() {
        for (position, before) in entry.indexes.iter().enumerate() {
            let key = (entry.id.clone(), position);
            let Some(after) = rewritten.indexes.get(&key) else {
                continue;
            };
            let (Some(old), Some(mut new)) = (Index::parse(before), Index::parse(after)) else {
                continue;
            };
            // The name of the table follows by itself.
            new.table.clone_from(&old.table);
            let is_kept =
                target(&entry.id).is_none_or(|target| target.new.indexes.contains(before));
            if !is_kept || new == old {
                continue;
            }
            let place = Place::Index {
                collection_id: entry.id.clone(),
                collection: entry.name.clone(),
                name: old.name,
            };
            found.push(Reference::new(place, before.clone(), new.to_string()));
        }
        if let CollectionOptions::View { query } = &entry.options
            && let Some(after) = rewritten.queries.get(&entry.id)
        {
            let is_kept = target(&entry.id).is_none_or(|target| {
                matches!(&target.new.options, CollectionOptions::View { query: new } if new == query)
            });
            if is_kept {
                let place = Place::View {
                    collection_id: entry.id.clone(),
                    collection: entry.name.clone(),
                };
                found.push(Reference::new(place, query.clone(), after.clone()));
            }
        }
    }
    Ok(())
}

fn in_scripts(snapshot: &Snapshot, renames: &[Rename], files: &[File], found: &mut Vec<Reference>) {
    let mut renamed = Vec::new();
    for rename in renames {
        let Some(entry) = snapshot.collection_by_id(&rename.collection_id) else {
            continue;
        };
        if let Some(to) = &rename.name {
            renamed.push(Renamed {
                from: entry.name.clone(),
                to: to.clone(),
                collection: None,
                is_unique: true,
            });
        }
        for (from, to) in &rename.fields {
            let owners = snapshot
                .collections()
                .filter(|entry| !entry.is_view() && entry.field(from).is_some());
            renamed.push(Renamed {
                from: from.clone(),
                to: to.clone(),
                collection: Some(entry.name.clone()),
                is_unique: owners.count() == 1,
            });
        }
    }
    for file in files {
        for line in scan::lines(&file.text, &renamed) {
            let place = Place::Script {
                path: file.path.clone(),
                line: line.number,
            };
            let mut reference = Reference::new(place, line.before, line.after);
            reference.is_certain = line.is_certain;
            found.push(reference);
        }
    }
}

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
