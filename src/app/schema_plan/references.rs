//! What names the fields and collections that get another name: rules, options, indexes, views, scripts.
//!
//! Rules are read by the compiler that runs them, and indexes and views are rewritten by the database itself, so what
//! is found is what is meant. In scripts names are texts; there it is a guess that somebody has to look at.

use std::sync::Arc;

use crate::app::schema_plan::reference::{Place, Reference};
use crate::app::schema_plan::scan::{self, Edit, Known, Named, Relation, Renamed};
use crate::app::schema_plan::scripts::File;
use crate::base::error::Result;
use crate::base::time::Timestamp;
use crate::catalog::{self, Missing, Rename, Target};
use crate::ctx::{AuthRecord, Ctx, Principal, RequestInfo};
use crate::query::{Snapshot, Touch};
use crate::schema::{Collection, CollectionOptions, Entry, Field, FieldKind, Index};

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
            let names = names(snapshot, &callers, entry, rule).unwrap_or_default();
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
    in_scripts(snapshot, &callers, &renames, files, &mut found);
    Ok(found)
}

/// What a text names, for any caller; nothing when it means nothing to any of them.
fn names(
    snapshot: &Snapshot,
    callers: &[Ctx],
    entry: &Arc<Entry>,
    text: &str,
) -> Option<Vec<Touch>> {
    let mut names: Option<Vec<Touch>> = None;
    for caller in callers {
        let Ok(touches) = snapshot.names_in(caller, entry, text) else {
            continue;
        };
        let names = names.get_or_insert_default();
        for touch in touches {
            if !names.contains(&touch) {
                names.push(touch);
            }
        }
    }
    names
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
    let edits = edits(snapshot, rule, names, renames)?;
    if edits.is_empty() {
        return None;
    }
    let is_certain = edits.iter().all(|edit| edit.is_certain);
    let mut text = String::new();
    let mut done = 0;
    for edit in edits {
        if edit.start < done {
            continue;
        }
        text.push_str(rule.get(done..edit.start)?);
        text.push_str(&edit.to);
        done = edit.end;
    }
    text.push_str(rule.get(done..)?);
    Some((text, is_certain))
}

/// What of a text gets another name, in the order in which it stands there.
fn edits(
    snapshot: &Snapshot,
    text: &str,
    names: &[Touch],
    renames: &[Rename],
) -> Option<Vec<Edit>> {
    let mut edits: Vec<Edit> = Vec::new();
    for touch in names {
        let piece = text.get(touch.span.start..touch.span.end)?;
        let Some(after) = new_name(snapshot, touch, piece, renames) else {
            continue;
        };
        // The same place may mean a field of another auth collection that keeps its name.
        let is_certain = names
            .iter()
            .filter(|other| other.span == touch.span)
            .all(|other| new_name(snapshot, other, piece, renames) == Some(after));
        let edit = Edit {
            start: touch.span.start,
            end: touch.span.end,
            to: after.to_owned(),
            is_certain,
        };
        if !edits.contains(&edit) {
            edits.push(edit);
        }
    }
    edits.sort_by(|a, b| (a.start, a.end, &a.to).cmp(&(b.start, b.end, &b.to)));
    Some(edits)
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

fn relation(field: &Field) -> Option<Relation> {
    let FieldKind::Relation(options) = &field.kind else {
        return None;
    };
    Some(Relation {
        field: field.name.clone(),
        collection_id: options.collection_id.clone(),
        is_list: field.is_multiple(),
    })
}

fn in_scripts(
    snapshot: &Snapshot,
    callers: &[Ctx],
    renames: &[Rename],
    files: &[File],
    found: &mut Vec<Reference>,
) {
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
            });
        }
        for (from, to) in &rename.fields {
            renamed.push(Renamed {
                from: from.clone(),
                to: to.clone(),
                collection: Some(entry.name.clone()),
            });
        }
    }
    let known = Known {
        collections: snapshot
            .collections()
            .map(|entry| Named {
                id: entry.id.clone(),
                name: entry.name.clone(),
                fields: entry
                    .fields
                    .iter()
                    .map(|field| field.name.clone())
                    .collect(),
                relations: entry.fields.iter().filter_map(relation).collect(),
            })
            .collect(),
        filter: &|collection, text| {
            let entry = snapshot.collection_by_name(collection)?;
            let names = names(snapshot, callers, entry, text)?;
            edits(snapshot, text, &names, renames)
        },
    };
    for file in files {
        for line in scan::lines(&file.text, &renamed, &known) {
            let place = Place::Script {
                path: file.path.clone(),
                line: line.number,
            };
            let mut reference = Reference::new(place, line.before, line.after);
            reference.is_certain = line.is_certain;
            if line.is_second {
                reference.id.push_str(":all");
            }
            found.push(reference);
        }
    }
}
