//! Creating and changing collections.
//!
//! The stored definitions are read inside the transaction, so that what is judged is what is there, whoever wrote it.

use std::collections::HashSet;

use serde_json::Value as Json;

use crate::base::error::{Error, Result};
use crate::base::issues::Issue;
use crate::base::time::Timestamp;
use crate::catalog::failure::Failure;
use crate::catalog::validate::{self, Candidate};
use crate::catalog::views::ViewError;
use crate::catalog::{store, table, views};
use crate::engine::{Reader, Tx};
use crate::schema::{
    AuthOptions, Collection, CollectionOptions, Draft, Field, FieldKind, Index, LoadError, Schema,
    scaffold,
};
use crate::sql::{Ident, Sql};

/// What a change left behind.
#[derive(Debug)]
pub struct Saved {
    /// The collection as it is stored now.
    pub collection: Collection,
    /// Files of fields that are gone.
    pub removed_files: Vec<RemovedFile>,
    /// All collections.
    pub schema: Schema,
}

/// A file of a field that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedFile {
    pub collection_id: String,
    pub record_id: String,
    pub name: String,
}

/// What became of the sample of a view's rows that [`sample`] took; nothing if it is no view or could be read.
#[derive(Debug, Default)]
pub struct Sampled(Option<ViewError>);

/// Takes a sample of the rows that a submitted view would have. Runs on a reader, before the transaction: a slow query
/// holds up nobody there. `id_or_name` is the collection to be changed, if it is not a new one.
pub fn sample(reader: &Reader, schema: &Schema, id_or_name: Option<&str>, body: &Json) -> Sampled {
    let stored = id_or_name.and_then(|name| schema.collection(name));
    let draft = match stored {
        Some(entry) => Draft::update(entry, body),
        None => Draft::create(body),
    };
    let Ok(Draft { collection, .. }) = draft else {
        return Sampled::default();
    };
    let CollectionOptions::View { query } = &collection.options else {
        return Sampled::default();
    };
    // What the rows hold is no reason against another rule or name.
    let same_query = |entry: &Collection| match &entry.options {
        CollectionOptions::View { query: stored } => stored == query,
        CollectionOptions::Base | CollectionOptions::Auth(_) => false,
    };
    if stored.is_some_and(|entry| same_query(entry)) {
        return Sampled::default();
    }
    let checked = views::fields(reader, schema, query)
        .and_then(|fields| views::check(reader, &fields, query, &mut |_| {}));
    Sampled(checked.err())
}

/// Makes a new collection from submitted data.
pub fn create(tx: &Tx, body: &Json, sampled: Sampled, now: Timestamp) -> Result<Saved> {
    let mut draft = Draft::create(body).map_err(load_error)?;
    if body.get("indexes").is_none() {
        scaffold::first_indexes(&mut draft.collection);
    }
    save(tx, &store::load(tx)?, None, draft, sampled, now)
        .map_err(|failure| failure.into_error("Failed to create collection."))
}

/// Changes a collection by submitted data.
pub fn update(
    tx: &Tx,
    id_or_name: &str,
    body: &Json,
    sampled: Sampled,
    now: Timestamp,
) -> Result<Saved> {
    let stored = store::load(tx)?;
    let old = stored.collection(id_or_name).ok_or(Error::NotFound(None))?;
    let draft = Draft::update(old, body).map_err(load_error)?;
    if draft.collection.id != old.id {
        return Err(Error::NotFound(None));
    }
    save(tx, &stored, Some(&**old), draft, sampled, now)
        .map_err(|failure| failure.into_error("Failed to update collection."))
}

fn load_error(error: LoadError) -> Error {
    Error::bad_request(error.to_string())
}

fn save(
    tx: &Tx,
    stored: &Schema,
    old: Option<&Collection>,
    draft: Draft,
    Sampled(sampled): Sampled,
    now: Timestamp,
) -> Result<Saved, Failure> {
    let mut new = draft.collection;
    prepare(stored, old, &mut new, now);
    let view_error = infer_fields(tx, stored, &mut new).err().or(sampled);
    let future = Schema::new(with(stored, &new));
    let issues = validate::validate(&Candidate {
        reader: tx,
        stored,
        future: &future,
        is_saved: false,
        old,
        new: &new,
        has_unknown_type: draft.unknown_type.is_some(),
        view_error: view_error.as_ref(),
    })?;
    issues.into_result()?;
    keep_superusers_reachable(&mut new);
    let before = views::statements(tx)?;
    let removed_files = apply(tx, old, &new)?;
    let collections = with(stored, &new);
    let schema = views::refresh(
        tx,
        collections,
        &HashSet::from([new.id.clone()]),
        &before,
        &new.updated,
    )?;
    Ok(Saved {
        collection: new,
        removed_files,
        schema,
    })
}

/// Fills in what a definition must have before it can be judged.
pub(super) fn prepare(
    stored: &Schema,
    old: Option<&Collection>,
    new: &mut Collection,
    now: Timestamp,
) {
    new.updated = now.to_string();
    if old.is_none() {
        new.created.clone_from(&new.updated);
        if new.id.is_empty() {
            let taken = |id: &str| stored.collection_by_id(id).is_some();
            new.id = scaffold::default_id(new.kind(), &new.name, taken);
        }
    }
    scaffold::complete(new);
    retarget_indexes(new);
    if let CollectionOptions::Auth(options) = &mut new.options {
        clear_mapped_fields(options, &new.fields);
        let old = old.and_then(Collection::auth_options);
        // Whom the old rule let in may not be let in by the new one. Where it let nobody in and the new one everybody,
        // nothing can be wrong with the tokens that superusers gave out.
        let is_opened =
            |old: &AuthOptions| old.auth_rule.is_none() && options.auth_rule.as_deref() == Some("");
        if old.is_some_and(|old| old.auth_rule != options.auth_rule && !is_opened(old)) {
            options.auth_token.renew_secret();
        }
    }
}

/// Gives a view the fields that its query has; without a usable query it has none.
pub(super) fn infer_fields(
    tx: &Tx,
    schema: &Schema,
    new: &mut Collection,
) -> Result<(), ViewError> {
    let CollectionOptions::View { query } = &new.options else {
        return Ok(());
    };
    new.fields.clear();
    new.fields = views::fields(tx, schema, query)?;
    Ok(())
}

/// Brings table or view and the stored row in line with the definition. Gives the files of fields that vanish.
pub(super) fn apply(
    tx: &Tx,
    old: Option<&Collection>,
    new: &Collection,
) -> Result<Vec<RemovedFile>, Failure> {
    if old.is_some_and(|old| old.is_view() != new.is_view()) {
        return Err(Failure::issue(
            "type",
            Issue::new(
                "validation_collection_type_change",
                "Collection type cannot be changed.",
            ),
        ));
    }
    let mut removed_files = Vec::new();
    if new.is_view() {
        views::make(tx, old, new)?;
    } else {
        if let Some(old) = old {
            removed_files = files_removed_by(tx, old, new)?;
        }
        table::sync(tx, old, new)?;
    }
    match old {
        Some(_) => store::update(tx, new)?,
        None => store::insert(tx, new)?,
    }
    Ok(removed_files)
}

/// The files in fields that the new definition has no more.
fn files_removed_by(
    tx: &Tx,
    old: &Collection,
    new: &Collection,
) -> Result<Vec<RemovedFile>, Failure> {
    let mut removed_files = Vec::new();
    let dropped = old.fields.iter().filter(|field| {
        matches!(field.kind, FieldKind::File(_))
            && !new.fields.iter().any(|kept| kept.id == field.id)
    });
    for field in dropped {
        let mut sql: Sql = Sql::from_text("SELECT t.id, j.value FROM ");
        sql.ident(&Ident::new(&old.name))
            .text(" t, json_each(CASE WHEN json_valid(t.")
            .ident(&Ident::new(&field.name))
            .text(") AND json_type(t.")
            .ident(&Ident::new(&field.name))
            .text(") = 'array' THEN t.")
            .ident(&Ident::new(&field.name))
            .text(" ELSE json_array(t.")
            .ident(&Ident::new(&field.name))
            .text(") END) j WHERE j.value <> ''");
        let found = tx.all(&sql, |row| RemovedFile {
            collection_id: old.id.clone(),
            record_id: row.text(0).to_owned(),
            name: row.text(1).to_owned(),
        })?;
        removed_files.extend(found);
    }
    Ok(removed_files)
}

/// All collections with one of them replaced or added.
pub(super) fn with(stored: &Schema, new: &Collection) -> Vec<Collection> {
    let mut collections: Vec<Collection> = stored
        .collections()
        .map(|entry| Collection::clone(entry))
        .collect();
    match collections.iter_mut().find(|other| other.id == new.id) {
        Some(place) => place.clone_from(new),
        None => collections.push(new.clone()),
    }
    collections
}

/// Indexes written for another table, or for the collection's former name, become indexes of this one.
fn retarget_indexes(collection: &mut Collection) {
    for text in &mut collection.indexes {
        if let Some(mut index) = Index::parse(text)
            && index.table != collection.name
        {
            index.table.clone_from(&collection.name);
            *text = index.to_string();
        }
    }
}

fn clear_mapped_fields(options: &mut AuthOptions, fields: &[Field]) {
    let mapped = &mut options.oauth2.mapped_fields;
    for name in [
        &mut mapped.id,
        &mut mapped.name,
        &mut mapped.username,
        &mut mapped.avatar_url,
    ] {
        if !fields.iter().any(|field| field.name == *name) {
            name.clear();
        }
    }
}

/// Superusers sign in with a password, and a one-time password is only ever a second step.
pub(super) fn keep_superusers_reachable(collection: &mut Collection) {
    let is_superusers = collection.is_superusers();
    let CollectionOptions::Auth(options) = &mut collection.options else {
        return;
    };
    if is_superusers {
        options.oauth2.enabled = false;
        options.oauth2.providers.clear();
        options.password_auth.enabled = true;
        options.mfa.enabled |= options.otp.enabled;
    }
}
