//! Whether a draft may be stored: each field's own checks, then those that need the database.

use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::engine::Reader;
use crate::query::Snapshot;
use crate::record::draft::{Draft, uploads_of};
use crate::record::input::Input;
use crate::record::unreadable::readable;
use crate::schema::fields::{self, NewFile, TextOptions, ValidateContext};
use crate::schema::{AUTH_REFERENCES, Entry, Field, FieldKind, FieldValue};
use crate::sql::{Ident, Sql, Value};

/// Why a draft may not be stored.
pub(crate) enum Failure {
    Issues(Issues),
    Error(Error),
}

impl Failure {
    /// The error to answer with; `message` goes with issues.
    pub(crate) fn into_error(self, message: &'static str) -> Error {
        match self {
            Self::Issues(issues) => Error::invalid(message, issues),
            Self::Error(error) => error,
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// Checks every field of a draft; `stored` are the values before an update.
pub(crate) fn check(
    reader: &Reader,
    snapshot: &Snapshot,
    entry: &Arc<Entry>,
    draft: &Draft,
    stored: Option<&[FieldValue]>,
    input: &Input,
) -> Result<(), Failure> {
    let mut issues = Issues::new();
    for (position, (field, value)) in entry.fields.iter().zip(&draft.values).enumerate() {
        let previous = stored.and_then(|values| values.get(position));
        let new_files: Vec<NewFile> = uploads_of(input, field).cloned().collect();
        let context = ValidateContext {
            is_new: stored.is_none(),
            new_files: &new_files,
        };
        let result = match field.validate(value, previous, context) {
            Ok(()) => check_with_database(reader, snapshot, entry, field, value, previous)?,
            Err(issue) => Err(issue),
        };
        issues.check(&field.name, result);
    }
    if issues.is_empty() && stored.is_none() && entry.is_auth() {
        let id = draft.value(entry, "id").as_text();
        issues.check("id", no_other_account_has(reader, snapshot, entry, id)?);
    }
    if issues.is_empty() && AUTH_REFERENCES.contains(&entry.name.as_str()) {
        check_auth_reference(reader, snapshot, entry, draft, &mut issues)?;
    }
    issues.into_result().map_err(Failure::Issues)
}

fn check_with_database(
    reader: &Reader,
    snapshot: &Snapshot,
    entry: &Entry,
    field: &Field,
    value: &FieldValue,
    previous: Option<&FieldValue>,
) -> Result<Result<(), Issue>> {
    match &field.kind {
        FieldKind::Relation(options) => {
            relation_exists(reader, snapshot, &options.collection_id, value.texts())
        }
        FieldKind::Text(options) if options.primary_key && previous.is_none() => {
            id_is_free(reader, entry, options, value.as_text())
        }
        _ => Ok(Ok(())),
    }
}

/// All ids must be records of the related collection.
fn relation_exists(
    reader: &Reader,
    snapshot: &Snapshot,
    collection_id: &str,
    ids: &[String],
) -> Result<Result<(), Issue>> {
    if ids.is_empty() {
        return Ok(Ok(()));
    }
    let Some(target) = snapshot.collection_by_id(collection_id) else {
        return Ok(Err(fields::missing_relation_collection()));
    };
    let mut sql: Sql = Sql::from_text("SELECT count(*) FROM ");
    sql.ident(&Ident::new(&target.name)).text(" WHERE id");
    match ids {
        [id] => sql.text(" = ").bind(id.as_str()),
        ids => sql
            .text(" IN (SELECT value FROM json_each(")
            .bind(Value::Text(
                serde_json::Value::from(ids.to_vec()).to_string(),
            ))
            .text("))"),
    };
    let found = reader.first(&sql, |row| row.int(0));
    let found = readable(found, target)?.flatten().unwrap_or(0);
    Ok(if usize::try_from(found) == Ok(ids.len()) {
        Ok(())
    } else {
        Err(fields::missing_relations())
    })
}

/// Tokens name an account by its id, which has to be the only one in all collections.
fn no_other_account_has(
    reader: &Reader,
    snapshot: &Snapshot,
    entry: &Entry,
    id: &str,
) -> Result<Result<(), Issue>> {
    let others = snapshot
        .collections()
        .filter(|other| other.is_auth() && other.id != entry.id);
    for other in others {
        let mut sql: Sql = Sql::from_text("SELECT 1 FROM ");
        sql.ident(&Ident::new(&other.name))
            .text(" WHERE id = ")
            .bind(id);
        if readable(reader.exists(&sql), other)? == Some(true) {
            return Ok(Err(Issue::new(
                "validation_invalid_auth_id",
                "Invalid or duplicated auth record id.",
            )));
        }
    }
    Ok(Ok(()))
}

fn id_is_free(
    reader: &Reader,
    entry: &Entry,
    options: &TextOptions,
    id: &str,
) -> Result<Result<(), Issue>> {
    if options.has_plain_keys() {
        return Ok(Ok(()));
    }
    let mut sql: Sql = Sql::from_text("SELECT 1 FROM ");
    sql.ident(&Ident::new(&entry.name))
        .text(" WHERE id = ")
        .bind(id)
        .text(" COLLATE NOCASE");
    let taken = readable(reader.exists(&sql), entry)?;
    Ok(if taken == Some(true) {
        Err(fields::primary_key_taken())
    } else {
        Ok(())
    })
}

/// Rows of the collections that hang on auth records must point to one.
fn check_auth_reference(
    reader: &Reader,
    snapshot: &Snapshot,
    entry: &Entry,
    draft: &Draft,
    issues: &mut Issues,
) -> Result<()> {
    let text = |name: &str| {
        entry
            .position(name)
            .and_then(|i| draft.values.get(i))
            .map_or("", FieldValue::as_text)
    };
    let Some(target) = snapshot.collection_by_id(text("collectionRef")) else {
        issues.add(
            "collectionRef",
            Issue::new(
                "validation_invalid_collection_id",
                "Missing or invalid collection.",
            ),
        );
        return Ok(());
    };
    if !target.is_auth() {
        issues.add(
            "collectionRef",
            Issue::new(
                "validation_invalid_collection_type",
                "Invalid collection type - must be auth.",
            ),
        );
        return Ok(());
    }
    let mut sql: Sql = Sql::from_text("SELECT 1 FROM ");
    sql.ident(&Ident::new(&target.name))
        .text(" WHERE id = ")
        .bind(text("recordRef"));
    if readable(reader.exists(&sql), target)? != Some(true) {
        issues.add(
            "recordRef",
            Issue::new("validation_invalid_record", "Missing or invalid record."),
        );
    }
    Ok(())
}
