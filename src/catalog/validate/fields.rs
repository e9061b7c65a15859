//! Validation of `fields`: the list as a whole, then each field's own options.

use crate::base::issues::{Issue, Issues};
use crate::catalog::validate::Candidate;
use crate::schema::fields::OptionsContext;
use crate::schema::{Field, FieldKind, scaffold};

/// Names that requests use for something else.
const RESERVED_AUTH_NAMES: [&str; 2] = ["passwordConfirm", "oldPassword"];

/// Checks the list; the first complaint about it wins. The options are looked at only if there is none.
pub(super) fn validate(candidate: &Candidate<'_>, issues: &mut Issues) {
    if let Err(found) = check_list(candidate) {
        let mut all = Issues::new();
        match found {
            Found::List(issue) => all.add("fields", issue),
            Found::Fields(nested) => all.nest("fields", nested),
        }
        issues.merge(all);
        return;
    }
    for (position, field) in candidate.new.fields.iter().enumerate() {
        issues.nest("fields", at(position, options(candidate, field)));
    }
}

/// What is wrong with the list.
enum Found {
    List(Issue),
    /// By position.
    Fields(Issues),
}

fn check_list(candidate: &Candidate<'_>) -> Result<(), Found> {
    let fields = &candidate.new.fields;
    if fields.is_empty() {
        return Err(Found::List(Issue::required()));
    }
    check_duplicates(fields)?;
    let is_id = |field: &Field| {
        field.name == "id" && matches!(&field.kind, FieldKind::Text(options) if options.primary_key)
    };
    if !fields.iter().any(is_id) {
        return Err(Found::List(Issue::new(
            "validation_missing_primary_key",
            "Missing or invalid \"id\" PK field.",
        )));
    }
    let Some(old) = candidate.old else {
        // Compat: what claims the id of a field that every collection of the type has must be of its type.
        check_types(&scaffold::scaffold(candidate.new.kind()).fields, fields)?;
        return check_reserved(candidate);
    };
    if candidate.new.is_view() {
        return Ok(());
    }
    for before in old.fields.iter().filter(|field| field.system) {
        let stays = |field: &Field| field.id == before.id && field.name == before.name;
        if !fields.iter().any(stays) {
            return Err(Found::List(Issue::new(
                "validation_system_field_change",
                "System fields cannot be deleted or renamed.",
            )));
        }
    }
    check_types(&old.fields, fields)?;
    check_reserved(candidate)
}

/// A field stays of the type that it has.
fn check_types(old: &[Field], fields: &[Field]) -> Result<(), Found> {
    let mut changed = Issues::new();
    for (position, field) in fields.iter().enumerate() {
        let before = old.iter().find(|before| before.id == field.id);
        if before.is_some_and(|before| before.kind.type_name() != field.kind.type_name()) {
            let issue = Issue::new(
                "validation_field_type_change",
                "Field type cannot be changed.",
            );
            changed.add(position.to_string(), issue);
        }
    }
    changed.into_result().map_err(Found::Fields)
}

fn check_duplicates(fields: &[Field]) -> Result<(), Found> {
    for (position, field) in fields.iter().enumerate() {
        let earlier = fields.get(..position).unwrap_or_default();
        if earlier.iter().any(|other| other.id == field.id) {
            let issue = Issue::new(
                "validation_duplicated_field_id",
                format!("Duplicated or invalid field id {}", field.id),
            );
            return Err(Found::Fields(at(position, Issues::one("id", issue))));
        }
        let same_name = |other: &Field| other.name.to_lowercase() == field.name.to_lowercase();
        if earlier.iter().any(same_name) {
            let issue = Issue::new(
                "validation_duplicated_field_name",
                format!("Duplicated or invalid field name {}", field.name),
            )
            .with("fieldName", field.name.as_str());
            return Err(Found::Fields(at(position, Issues::one("name", issue))));
        }
    }
    Ok(())
}

/// All reserved names are complained about at once.
fn check_reserved(candidate: &Candidate<'_>) -> Result<(), Found> {
    let mut all = Issues::new();
    if candidate.new.is_auth() {
        for (position, field) in candidate.new.fields.iter().enumerate() {
            if RESERVED_AUTH_NAMES.contains(&field.name.as_str()) {
                let issue = Issue::new(
                    "validation_reserved_field_name",
                    "The field name is reserved and cannot be used.",
                );
                all.nest(position.to_string(), Issues::one("name", issue));
            }
        }
    }
    all.into_result().map_err(Found::Fields)
}

/// The issues of one field's own members.
fn options(candidate: &Candidate<'_>, field: &Field) -> Issues {
    let is_primary_key =
        |field: &&Field| matches!(&field.kind, FieldKind::Text(options) if options.primary_key);
    let fields = &candidate.new.fields;
    // An import may lead relations elsewhere: it says what the collections are, not how they change.
    let is_free = candidate.is_saved && field.relation().is_some();
    let previous = candidate
        .old
        .filter(|_| !is_free)
        .and_then(|old| old.fields.iter().find(|before| before.id == field.id));
    let kind_of = |id: &str| {
        // Compat: an id that is the name of an older collection does not lead anywhere.
        let entry = candidate.stored.collection(id)?;
        (entry.id == id).then(|| entry.kind())
    };
    field.check_options(&OptionsContext {
        in_view: candidate.new.is_view(),
        primary_keys: fields.iter().filter(is_primary_key).count(),
        previous,
        collection_kind: &kind_of,
    })
}

fn at(position: usize, nested: Issues) -> Issues {
    let mut issues = Issues::new();
    issues.nest(position.to_string(), nested);
    issues
}
