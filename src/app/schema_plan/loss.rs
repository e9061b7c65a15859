//! What a change of the collections would lose, counted on the data as it is.

use serde_json::{Value as Json, json};

use crate::base::error::Result;
use crate::catalog::{Missing, Target};
use crate::engine::{Error as EngineError, Reader};
use crate::query::Snapshot;
use crate::schema::{Collection, Field, FieldKind};
use crate::sql::{Ident, Sql};

/// Values or records that would be gone.
#[derive(Debug)]
pub(super) struct Loss {
    kind: &'static str,
    collection: String,
    field: Option<String>,
    /// How many; `None` if counting took too long.
    values: Option<u64>,
}

impl Loss {
    pub(super) fn to_json(&self) -> Json {
        json!({
            "kind": self.kind,
            "collection": self.collection,
            "field": self.field,
            "values": self.values,
        })
    }
}

/// Everything that would be lost; what is empty is no loss.
pub(super) fn find(
    reader: &Reader,
    snapshot: &Snapshot,
    targets: &[Target],
    missing: Missing,
) -> Result<Vec<Loss>> {
    let mut found = Vec::new();
    for target in targets {
        let Some(old) = target.old.as_ref().filter(|old| !old.is_view()) else {
            continue;
        };
        for field in &old.fields {
            let after = target.new.fields.iter().find(|new| new.id == field.id);
            let (kind, condition) = match after {
                None => ("field", is_filled(field)),
                Some(after) if field.is_multiple() && !after.is_multiple() => {
                    ("items", has_several(field))
                }
                Some(_) => continue,
            };
            let values = count(reader, old, Some(condition))?;
            if values != Some(0) {
                found.push(Loss {
                    kind,
                    collection: old.name.clone(),
                    field: Some(field.name.clone()),
                    values,
                });
            }
        }
    }
    if missing == Missing::Delete {
        let is_kept = |id: &str| {
            targets
                .iter()
                .any(|target| target.old.as_ref().is_some_and(|old| old.id == id))
        };
        for entry in snapshot.collections() {
            if entry.system || is_kept(&entry.id) {
                continue;
            }
            let values = if entry.is_view() {
                Some(0)
            } else {
                count(reader, entry, None)?
            };
            found.push(Loss {
                kind: "collection",
                collection: entry.name.clone(),
                field: None,
                values,
            });
        }
    }
    Ok(found)
}

/// How many records a collection has, of those that satisfy a condition; `None` if counting takes too long.
pub(super) fn count(
    reader: &Reader,
    collection: &Collection,
    condition: Option<Sql>,
) -> Result<Option<u64>> {
    let mut sql: Sql = Sql::from_text("SELECT COUNT(*) FROM ");
    sql.ident(&Ident::new(&collection.name));
    if let Some(condition) = condition {
        sql.text(" WHERE ").append(condition);
    }
    match reader.first(&sql, |row| u64::try_from(row.int(0)).unwrap_or(0)) {
        Ok(count) => Ok(count),
        Err(EngineError::Timeout) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn is_filled(field: &Field) -> Sql {
    let column = Ident::new(&field.name);
    let mut sql = Sql::new();
    sql.ident(&column).text(" IS NOT NULL AND ").ident(&column);
    sql.text(match field.kind {
        FieldKind::Number(_) | FieldKind::Bool => " <> 0",
        FieldKind::Json(_) => " NOT IN ('', 'null', '\"\"', '[]', '{}')",
        FieldKind::GeoPoint => " NOT IN ('', '{\"lon\":0,\"lat\":0}')",
        _ => " NOT IN ('', '[]')",
    });
    sql
}

fn has_several(field: &Field) -> Sql {
    let column = Ident::new(&field.name);
    let mut sql = Sql::from_text("json_array_length(CASE WHEN json_valid(");
    sql.ident(&column)
        .text(") THEN ")
        .ident(&column)
        .text(" ELSE '[]' END) > 1");
    sql
}
