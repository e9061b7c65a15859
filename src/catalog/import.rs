//! Importing many collections at once: all or nothing.
//!
//! Definitions are saved first and judged afterwards, because they may refer to each other in any order.

use std::collections::{HashSet, VecDeque};

use serde_json::Value as Json;

use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::base::text;
use crate::base::time::Timestamp;
use crate::catalog::failure::Failure;
use crate::catalog::save::{self, RemovedFile};
use crate::catalog::validate::{self, Candidate};
use crate::catalog::{delete, store, views};
use crate::engine::Tx;
use crate::schema::{Collection, CollectionOptions, Draft, Field, Schema, field_list};

const MESSAGE: &str = "Failed to import collections.";

/// What happens to collections and fields that the import does not mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    Keep,
    /// Deletes fields that a collection is mentioned without, and keeps collections that are not mentioned.
    DeleteFields,
    /// Deletes them, system ones excepted.
    Delete,
}

/// What an import left behind.
#[derive(Debug)]
pub struct Imported {
    /// Collections that are gone, whose files can go too.
    pub deleted: Vec<Collection>,
    /// Files of fields that are gone.
    pub removed_files: Vec<RemovedFile>,
    /// All collections.
    pub schema: Schema,
}

/// Imports definitions.
pub fn import(tx: &Tx, items: &[Json], missing: Missing, now: Timestamp) -> Result<Imported> {
    run(tx, items, missing, now).map_err(refused)
}

fn refused(failure: Failure) -> Error {
    match failure {
        Failure::Issues(issues) => Error::invalid(MESSAGE, issues),
        Failure::Raw(text) => {
            let text =
                format!("Failed to import the collections configuration. Raw error:\n{text}");
            let issue = Issue::new("validation_collections_import_failure", text);
            Error::invalid(MESSAGE, Issues::one("collections", issue))
        }
        Failure::Other(error) => error,
    }
}

/// A collection before and after an import.
#[derive(Clone, Debug)]
pub struct Target {
    /// `None` for one that the import makes.
    pub old: Option<Collection>,
    pub new: Collection,
}

/// What an import would make of the collections it mentions, before anything is judged or filled in.
pub fn targets(stored: &Schema, items: &[Json], missing: Missing) -> Result<Vec<Target>> {
    let read = |item| {
        let Item { old, draft } = read(stored, item, missing).map_err(refused)?;
        let new = draft.collection;
        Ok(Target { old, new })
    };
    items.iter().map(read).collect()
}

/// A definition to be saved, with the stored one that it changes.
struct Item {
    old: Option<Collection>,
    draft: Draft,
}

fn run(tx: &Tx, items: &[Json], missing: Missing, now: Timestamp) -> Result<Imported, Failure> {
    let stored = store::load(tx)?;
    let before = views::statements(tx)?;
    let mut drafts = items
        .iter()
        .map(|item| read(&stored, item, missing))
        .collect::<Result<Vec<Item>, Failure>>()?;
    // Views last: they need the tables.
    drafts.sort_by(|a, b| {
        let key = |item: &Item| {
            let collection = &item.draft.collection;
            (
                collection.is_view(),
                collection.created.clone(),
                collection.updated.clone(),
            )
        };
        key(a).cmp(&key(b))
    });
    let mut drafts = behind_what_they_read(drafts);

    let deleted = match missing {
        Missing::Keep | Missing::DeleteFields => Vec::new(),
        Missing::Delete => delete_missing(tx, &stored, &drafts)?,
    };
    let gone: HashSet<&str> = deleted.iter().map(|c| c.id.as_str()).collect();
    let mut collections: Vec<Collection> = stored
        .collections()
        .filter(|entry| !gone.contains(entry.id.as_str()))
        .map(|entry| Collection::clone(entry))
        .collect();
    let mut removed_files = Vec::new();
    for item in &mut drafts {
        let name = item.draft.collection.name.clone();
        collections = save_one(tx, collections, item, now, &mut removed_files)
            .map_err(|failure| failure.within(&format!("failed to save collection {name:?}")))?;
    }
    let imported: HashSet<String> = drafts
        .iter()
        .map(|item| item.draft.collection.id.clone())
        .collect();
    let schema = views::refresh(tx, collections, &imported, &before, &now.to_string())?;
    for item in &drafts {
        judge(tx, &schema, item)?;
    }
    Ok(Imported {
        deleted,
        removed_files,
        schema,
    })
}

/// Puts views behind those that their queries name, and leaves the order as it is otherwise. A name that only looks like
/// one is no harm: those that wait for each other keep their order.
fn behind_what_they_read(items: Vec<Item>) -> Vec<Item> {
    let (views, mut ordered): (Vec<Item>, Vec<Item>) = items
        .into_iter()
        .partition(|item| item.draft.collection.is_view());
    let names: HashSet<String> = views.iter().map(folded_name).collect();
    let mut waiting: VecDeque<(Item, HashSet<String>)> = views
        .into_iter()
        .map(|item| {
            let mut named = words(&item.draft.collection);
            named.retain(|word| names.contains(word) && *word != folded_name(&item));
            (item, named)
        })
        .collect();
    let mut missing = names;
    while !waiting.is_empty() {
        let ready = waiting
            .iter()
            .position(|(_, named)| named.is_disjoint(&missing));
        let Some((item, _)) = waiting.remove(ready.unwrap_or_default()) else {
            break;
        };
        missing.remove(&folded_name(&item));
        ordered.push(item);
    }
    ordered
}

fn folded_name(item: &Item) -> String {
    item.draft.collection.name.to_ascii_lowercase()
}

/// The words of a view's query, as names of tables are compared.
fn words(collection: &Collection) -> HashSet<String> {
    let CollectionOptions::View { query } = &collection.options else {
        return HashSet::new();
    };
    query
        .split(|c: char| c != '_' && !c.is_alphanumeric())
        .map(str::to_ascii_lowercase)
        .collect()
}

/// Merges an item over the stored collection of its id, or of its name if it has no id.
fn read(stored: &Schema, item: &Json, missing: Missing) -> Result<Item, Failure> {
    let text = |member: &str| item.get(member).and_then(Json::as_str).unwrap_or_default();
    let entry = match text("id") {
        "" => stored.collection_by_name(text("name")),
        id => stored.collection_by_id(id),
    };
    let malformed = |error: &dyn std::fmt::Display| Failure::Raw(error.to_string());
    let Some(entry) = entry else {
        let draft = Draft::create(item).map_err(|error| malformed(&error))?;
        return Ok(Item { old: None, draft });
    };
    let old = Collection::clone(entry);
    let mut draft = Draft::update(&old, item).map_err(|error| malformed(&error))?;
    draft.collection.id.clone_from(&old.id);
    let has_fields = item.get("fields").is_some_and(|fields| !fields.is_null());
    if !has_fields && missing == Missing::Delete {
        draft.collection.fields.clear();
    }
    let missing = match missing {
        Missing::DeleteFields if !has_fields => Missing::Keep,
        missing => missing,
    };
    keep_fields(&old, &mut draft.collection.fields, missing);
    let old = Some(old);
    Ok(Item { old, draft })
}

/// Adds the stored fields that stay although the import does not have them. One that the import has under another id
/// stays as it is stored, and with it its column.
fn keep_fields(old: &Collection, fields: &mut Vec<Field>, missing: Missing) {
    for before in &old.fields {
        let stays = missing == Missing::Keep || before.system;
        if !stays || fields.iter().any(|field| field.id == before.id) {
            continue;
        }
        let same = fields.iter_mut().find(|field| {
            field.name == before.name && field.kind.type_name() == before.kind.type_name()
        });
        match same {
            Some(same) => same.clone_from(before),
            None => field_list::add(fields, before.clone()),
        }
    }
}

fn delete_missing(tx: &Tx, stored: &Schema, items: &[Item]) -> Result<Vec<Collection>, Failure> {
    let imported: HashSet<&str> = items
        .iter()
        .filter_map(|item| Some(item.old.as_ref()?.id.as_str()))
        .collect();
    let mut deleted: Vec<Collection> = stored
        .collections()
        .filter(|entry| !entry.system && !imported.contains(entry.id.as_str()))
        .map(|entry| Collection::clone(entry))
        .collect();
    deleted.sort_by_key(|collection| !collection.is_view());
    for collection in &deleted {
        delete::remove(tx, collection)?;
    }
    Ok(deleted)
}

fn save_one(
    tx: &Tx,
    collections: Vec<Collection>,
    item: &mut Item,
    now: Timestamp,
    removed_files: &mut Vec<RemovedFile>,
) -> Result<Vec<Collection>, Failure> {
    let schema = Schema::new(collections);
    let new = &mut item.draft.collection;
    save::prepare(&schema, item.old.as_ref(), new, now);
    save::infer_fields(tx, &schema, new)?;
    if new.is_view() && new.field("id").is_none() {
        return Err(views::ViewError::NoId.into());
    }
    save::keep_superusers_reachable(new);
    removed_files.extend(save::apply(tx, item.old.as_ref(), new)?);
    Ok(save::with(&schema, new))
}

/// Validates a saved collection as if it were about to be saved.
fn judge(tx: &Tx, schema: &Schema, item: &Item) -> Result<(), Failure> {
    let new = schema
        .collection_by_id(&item.draft.collection.id)
        .map_or(&item.draft.collection, |entry| entry.definition());
    let view_error = match &new.options {
        CollectionOptions::View { query } => {
            views::check(tx, &new.fields, query, &mut |_| {}).err()
        }
        CollectionOptions::Base | CollectionOptions::Auth(_) => None,
    };
    let issues = validate::validate(&Candidate {
        reader: tx,
        stored: schema,
        future: schema,
        is_saved: true,
        old: item.old.as_ref(),
        new,
        has_unknown_type: item.draft.unknown_type.is_some(),
        view_error: view_error.as_ref(),
    })?;
    if issues.is_empty() {
        return Ok(());
    }
    let reasons = serde_json::to_string_pretty(&raw_texts(&issues.to_json())).unwrap_or_default();
    let text = format!(
        "Data validations failed for collection {:?} ({}):\n{reasons}",
        new.name, new.id
    );
    Err(Failure::issue(
        "collections",
        Issue::new("validation_collections_import_failure", text),
    ))
}

/// Issues as plain texts, for a message that is one text itself.
fn raw_texts(issues: &Json) -> Json {
    let Some(members) = issues.as_object() else {
        return issues.clone();
    };
    let text = |member: &str| members.get(member).and_then(Json::as_str);
    if let (Some(code), Some(message)) = (text("code"), text("message")) {
        return Json::String(raw_text(code, message));
    }
    let nested = members
        .iter()
        .map(|(key, value)| (key.clone(), raw_texts(value)));
    Json::Object(nested.collect())
}

/// General complaints are fragments when they are not shown on their own.
fn raw_text(code: &str, message: &str) -> String {
    const GENERAL: [&str; 8] = [
        "validation_required",
        "validation_nil",
        "validation_empty",
        "validation_length_",
        "validation_in_invalid",
        "validation_not_in_invalid",
        "validation_match_invalid",
        "validation_is_",
    ];
    let is_general = GENERAL.iter().any(|prefix| code.starts_with(prefix))
        || code.ends_with("_equal_than_required")
        || code.ends_with("_empty_required");
    if is_general {
        text::fragment(message)
    } else if code == "validation_invalid_rule" {
        message.trim_end_matches('.').to_owned()
    } else {
        message.to_owned()
    }
}
