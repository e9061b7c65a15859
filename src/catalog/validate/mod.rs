//! Validation of collection definitions: every complaint with its key, code and words.
//!
//! The keys of a definition are independent of each other; within one key the first complaint wins. Nothing is changed
//! here.

mod auth;
mod fields;
mod indexes;
mod providers;

use crate::base::issues::{Issue, Issues};
use crate::catalog::views::ViewError;
use crate::engine::{Error as EngineError, Reader};
use crate::query;
use crate::schema::{
    Collection, CollectionKind, CollectionOptions, SUPERUSERS, Schema, codes, names,
};
use crate::sql::Sql;

/// A definition about to be saved, and what it is judged by.
#[derive(Debug)]
pub(super) struct Candidate<'a> {
    pub(super) reader: &'a Reader,
    /// All collections as they are stored.
    pub(super) stored: &'a Schema,
    /// All collections as they will be.
    pub(super) future: &'a Schema,
    /// The stored definition, unless it is a new collection.
    pub(super) old: Option<&'a Collection>,
    pub(super) new: &'a Collection,
    /// The new definition is in the database already, which is so when an import is judged.
    pub(super) is_saved: bool,
    /// The submitted type does not exist.
    pub(super) has_unknown_type: bool,
    /// Why the query of a view cannot be used.
    pub(super) view_error: Option<&'a ViewError>,
}

/// Collects everything that is wrong with a definition.
pub(super) fn validate(candidate: &Candidate<'_>) -> Result<Issues, EngineError> {
    let mut issues = Issues::new();
    issues.check("id", check_id(candidate));
    issues.check("system", check_system(candidate));
    issues.check("type", check_type(candidate));
    issues.check("name", check_name(candidate)?);
    fields::validate(candidate, &mut issues);
    rules(candidate, &mut issues);
    indexes::validate(candidate, &mut issues)?;
    match &candidate.new.options {
        CollectionOptions::Base => {}
        CollectionOptions::View { query } => {
            issues.check("viewQuery", check_view_query(query, candidate.view_error));
        }
        CollectionOptions::Auth(options) => issues.merge(auth::validate(candidate, options)),
    }
    Ok(issues)
}

fn check_id(candidate: &Candidate<'_>) -> Result<(), Issue> {
    let id = candidate.new.id.as_str();
    match candidate.old {
        Some(old) if old.id == id => Ok(()),
        Some(_) => Err(codes::values_mismatch()),
        None => {
            names::check_collection_id(id)?;
            let is_taken = !candidate.is_saved && candidate.stored.collection_by_id(id).is_some();
            // Its name leads to one collection only. Compat: the names of others may be ids.
            if is_taken || id == SUPERUSERS {
                return Err(Issue::new(
                    "validation_invalid_or_existing_id",
                    "The model id is invalid or already exists.",
                ));
            }
            Ok(())
        }
    }
}

fn check_system(candidate: &Candidate<'_>) -> Result<(), Issue> {
    match candidate.old {
        Some(old) if old.system != candidate.new.system => Err(Issue::new(
            "validation_collection_system_flag_change",
            "System collection state cannot be changed.",
        )),
        _ => Ok(()),
    }
}

fn check_type(candidate: &Candidate<'_>) -> Result<(), Issue> {
    if candidate.has_unknown_type {
        return Err(codes::in_invalid());
    }
    match candidate.old {
        Some(old) if old.kind() != candidate.new.kind() => Err(Issue::new(
            "validation_collection_type_change",
            "Collection type cannot be changed.",
        )),
        _ => Ok(()),
    }
}

fn check_name(candidate: &Candidate<'_>) -> Result<Result<(), Issue>, EngineError> {
    let (old, new) = (candidate.old, candidate.new);
    let checked = names::check_collection_name(&new.name).and_then(|()| match old {
        Some(old) if old.system && old.name != new.name => Err(Issue::new(
            "validation_collection_system_name_change",
            "System collection name cannot be changed.",
        )),
        _ => Ok(()),
    });
    if checked.is_err() {
        return Ok(checked);
    }
    if let Some(other) = candidate.stored.collection_by_name(&new.name)
        && other.id != new.id
    {
        return Ok(Err(Issue::new(
            "validation_collection_name_exists",
            "Collection name must be unique (case insensitive).",
        )));
    }
    if candidate.stored.collection_by_id(&new.name).is_some() {
        return Ok(Err(Issue::new(
            "validation_collection_name_id_duplicate",
            "The name must not match an existing collection id.",
        )));
    }
    let is_new_name =
        !candidate.is_saved && old.is_none_or(|old| !old.name.eq_ignore_ascii_case(&new.name));
    if is_new_name && table_exists(candidate.reader, &new.name)? {
        return Ok(Err(Issue::new(
            "validation_collection_name_invalid",
            "The name shouldn't match with an existing internal table.",
        )));
    }
    Ok(Ok(()))
}

fn table_exists(reader: &Reader, name: &str) -> Result<bool, EngineError> {
    let mut sql = Sql::from_text(
        "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND LOWER(name) = LOWER(",
    );
    sql.bind(name).text(")");
    reader.exists(&sql)
}

type RuleOf = fn(&Collection) -> Option<&str>;

fn rules(candidate: &Candidate<'_>, issues: &mut Issues) {
    let all: [(&str, RuleOf); 5] = [
        ("listRule", |collection| collection.rules.list.as_deref()),
        ("viewRule", |collection| collection.rules.view.as_deref()),
        ("createRule", |collection| {
            collection.rules.create.as_deref()
        }),
        ("updateRule", |collection| {
            collection.rules.update.as_deref()
        }),
        ("deleteRule", |collection| {
            collection.rules.delete.as_deref()
        }),
    ];
    let is_view = candidate.new.kind() == CollectionKind::View;
    for (key, rule_of) in all {
        let rule = rule_of(candidate.new);
        let must_be_null = is_view && !matches!(key, "listRule" | "viewRule");
        let result = if must_be_null && rule.is_some() {
            Err(Issue::new("validation_nil", "Must be blank."))
        } else {
            check_rule(candidate, rule).and_then(|()| check_rule_change(candidate, rule_of))
        };
        issues.check(key, result);
    }
}

/// Checks that a rule compiles.
fn check_rule(candidate: &Candidate<'_>, rule: Option<&str>) -> Result<(), Issue> {
    let invalid = |reason: String| {
        Issue::new(
            "validation_invalid_rule",
            format!("Invalid rule. Raw error: {reason}"),
        )
    };
    match rule {
        None | Some("") => Ok(()),
        Some(rule) if rule.trim().is_empty() => Err(invalid("empty filter expression".to_owned())),
        Some(rule) => query::check_rule(candidate.future, candidate.new, rule)
            .map_err(|error| invalid(error.describe(rule))),
    }
}

/// Rules of system collections stay what they are.
fn check_rule_change(
    candidate: &Candidate<'_>,
    rule_of: impl Fn(&Collection) -> Option<&str>,
) -> Result<(), Issue> {
    match candidate.old {
        Some(old) if old.system && rule_of(old) != rule_of(candidate.new) => Err(Issue::new(
            "validation_collection_system_rule_change",
            "System collection API rule cannot be changed.",
        )),
        _ => Ok(()),
    }
}

fn check_view_query(query: &str, error: Option<&ViewError>) -> Result<(), Issue> {
    if query.is_empty() {
        return Err(Issue::required());
    }
    match error {
        None => Ok(()),
        Some(error) => Err(Issue::new(
            "validation_invalid_view_query",
            format!("Invalid query - {}", error.text()),
        )),
    }
}
