//! Validation of `indexes`.

use crate::base::issues::{Issue, Issues};
use crate::catalog::validate::Candidate;
use crate::engine::{Error as EngineError, Reader};
use crate::schema::Index;
use crate::sql::Sql;

/// Checks that every index can be read and is the only one of its name and definition, and that no system field loses
/// its uniqueness.
pub(super) fn validate(candidate: &Candidate<'_>, issues: &mut Issues) -> Result<(), EngineError> {
    let new = candidate.new;
    if new.is_view() {
        if !new.indexes.is_empty() {
            issues.add(
                "indexes",
                Issue::new(
                    "validation_indexes_not_supported",
                    "View collections don't support indexes.",
                ),
            );
        }
        return Ok(());
    }
    let mut seen: Vec<Index> = Vec::with_capacity(new.indexes.len());
    for (position, text) in new.indexes.iter().enumerate() {
        match check_index(candidate, text, &seen)? {
            Ok(index) => seen.push(index),
            Err(issue) => {
                issues.nest("indexes", Issues::one(position.to_string(), issue));
                return Ok(());
            }
        }
    }
    issues.check("indexes", check_system_fields(candidate, &seen));
    Ok(())
}

fn check_index(
    candidate: &Candidate<'_>,
    text: &str,
    seen: &[Index],
) -> Result<Result<Index, Issue>, EngineError> {
    let Some(index) = Index::parse(text) else {
        return Ok(Err(Issue::new(
            "validation_invalid_index_expression",
            "Invalid CREATE INDEX expression.",
        )));
    };
    let same_name = |other: &Index| other.name.eq_ignore_ascii_case(&index.name);
    if seen.iter().any(same_name) {
        return Ok(Err(Issue::new(
            "validation_duplicated_index_name",
            "The index name already exists.",
        )));
    }
    if seen
        .iter()
        .any(|other| other.definition() == index.definition())
    {
        return Ok(Err(Issue::new(
            "validation_duplicated_index_definition",
            "The index definition already exists.",
        )));
    }
    let table = match candidate.old {
        Some(old) if !candidate.is_saved => &old.name,
        _ => &candidate.new.name,
    };
    match table_of(candidate.reader, &index.name)? {
        Some(used) if !used.eq_ignore_ascii_case(table) => Ok(Err(Issue::new(
            "validation_existing_index_name",
            format!("The index name is already used in {used} collection."),
        )
        .with("usedTableName", used))),
        _ => Ok(Ok(index)),
    }
}

/// Every unique index over a system field must live on, whatever its name, condition and collation.
fn check_system_fields(candidate: &Candidate<'_>, indexes: &[Index]) -> Result<(), Issue> {
    let Some(old) = candidate.old else {
        return Ok(());
    };
    let columns = |index: &Index| -> Vec<String> {
        let columns = index.columns.iter();
        columns.map(|column| column.name.clone()).collect()
    };
    for before in old.indexes.iter().filter_map(|text| Index::parse(text)) {
        let system_field = before.columns.iter().find_map(|column| {
            let field = old.field(&column.name)?;
            field.system.then_some(&field.name)
        });
        let (true, Some(field)) = (before.unique, system_field) else {
            continue;
        };
        let lives_on = |index: &Index| index.unique && columns(index) == columns(&before);
        if !indexes.iter().any(lives_on) {
            return Err(Issue::new(
                "validation_invalid_unique_system_field_index",
                format!(
                    "Unique index definition on system fields ({field}) is invalid or missing."
                ),
            )
            .with("fieldName", field.as_str()));
        }
    }
    Ok(())
}

fn table_of(reader: &Reader, index: &str) -> Result<Option<String>, EngineError> {
    let mut sql = Sql::from_text(
        "SELECT tbl_name FROM sqlite_master WHERE type = 'index' AND LOWER(name) = LOWER(",
    );
    sql.bind(index).text(")");
    reader.first(&sql, |row| row.text(0).to_owned())
}
