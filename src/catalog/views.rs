//! View collections: what their query selects, the views in the database, and the fields that follow from both.

use std::collections::{HashMap, HashSet};

use crate::base::error::Result;
use crate::base::text;
use crate::catalog::failure::Failure;
use crate::catalog::store;
use crate::engine::{Error as EngineError, Reader, Row, Tx};
use crate::schema::view_query::{self, ViewQuery, ViewQueryError};
use crate::schema::{Collection, CollectionOptions, Field, Schema, fields as field_types};
use crate::sql::{Ident, Sql, ValueRef};

const SAMPLE_ROWS: i64 = 10;

const MAX_ERROR_TEXT: usize = 500;

/// Why a view query cannot be used; the texts are shown to superusers.
#[derive(Debug, thiserror::Error)]
pub(super) enum ViewError {
    #[error(transparent)]
    Query(#[from] ViewQueryError),
    #[error("the query is empty")]
    Empty,
    #[error(
        "missing required id column (you can use `(ROW_NUMBER() OVER()) as id` if you don't have one)"
    )]
    NoId,
    #[error("the query could return records with empty or invalid ids")]
    EmptyIds,
    #[error("the query could return records with non-unique ids")]
    DoubleIds,
    #[error("invalid field {name:?} ({position}): name: {issue}")]
    Field {
        name: String,
        position: usize,
        issue: String,
    },
    #[error("parameters are not allowed in views")]
    Parameters,
    #[error(transparent)]
    Database(#[from] EngineError),
}

impl ViewError {
    /// The text, short enough for an error message.
    pub(super) fn text(&self) -> String {
        text::truncate_bytes(&self.to_string(), MAX_ERROR_TEXT).to_owned()
    }
}

/// The fields a view with this query has. The query is compiled, not run.
pub(super) fn fields(
    reader: &Reader,
    schema: &Schema,
    query: &str,
) -> Result<Vec<Field>, ViewError> {
    let query = view_query::trim(query);
    if query.is_empty() {
        return Err(ViewError::Empty);
    }
    let parsed = ViewQuery::parse(query)?;
    let find = |name: &str| Some(&**schema.collection_by_name(name)?.definition());
    let sql = rows_of(query, 0);
    let columns = reader.column_names(&sql)?;
    reader.exists(&sql).map_err(|_| ViewError::Parameters)?;
    Ok(columns
        .iter()
        .map(|column| parsed.field(column, &find))
        .collect())
}

/// Runs the query for a few rows and checks that they can be records; hands each row to `each`.
pub(super) fn check(
    reader: &Reader,
    fields: &[Field],
    query: &str,
    each: &mut dyn FnMut(&Row<'_>),
) -> Result<(), ViewError> {
    for (position, field) in fields.iter().enumerate() {
        field_types::check_name(&field.name).map_err(|issue| ViewError::Field {
            name: field.name.clone(),
            position,
            issue: text::fragment(&issue.message),
        })?;
    }
    let id = fields.iter().position(|field| field.name == "id");
    let id = id.ok_or(ViewError::NoId)?;
    let sql = rows_of(query, SAMPLE_ROWS);
    let mut ids = HashSet::new();
    let mut n_rows = 0u32;
    let sampled = reader.query(sql.as_str(), &[], |row| {
        n_rows += 1;
        let id = match row.get(id) {
            ValueRef::Null => String::new(),
            ValueRef::Int(number) => number.to_string(),
            ValueRef::Real(number) => number.to_string(),
            ValueRef::Text(text) => text.to_owned(),
            ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        };
        if id.is_empty() {
            return Err(ViewError::EmptyIds);
        }
        if !ids.insert(id) {
            return Err(ViewError::DoubleIds);
        }
        each(row);
        Ok(())
    });
    match sampled {
        // That an expression fails on one of several rows says nothing against the definition.
        Err(ViewError::Database(EngineError::Sql(_))) if n_rows > 0 => Ok(()),
        other => other,
    }
}

/// Makes the view of a collection, replacing the one of `old`.
pub(super) fn make(tx: &Tx, old: Option<&Collection>, new: &Collection) -> Result<(), EngineError> {
    let CollectionOptions::View { query } = &new.options else {
        return Ok(());
    };
    if let Some(old) = old {
        drop_view(tx, &old.name)?;
    }
    let name = Ident::new(&new.name);
    let mut plain = Sql::from_text("CREATE VIEW ");
    plain
        .ident(&name)
        .text(" AS SELECT * FROM (")
        .superuser_text(view_query::trim(query))
        .text(")");
    // Security: run as one statement, so that a query cannot smuggle in another one.
    tx.execute(&plain)?;
    let columns = columns(tx, &new.name)?;
    let id_is_text = columns
        .iter()
        .any(|(name, kind)| name == "id" && kind.eq_ignore_ascii_case("text"));
    if id_is_text {
        return Ok(());
    }
    // Ids are compared as text everywhere, so a view whose ids have another type has to convert them.
    drop_view(tx, &new.name)?;
    let mut converting = Sql::from_text("CREATE VIEW ");
    converting
        .ident(&name)
        .text(" AS SELECT * FROM (SELECT ")
        .join(
            ",",
            columns.iter().map(|(name, _)| {
                let column = Ident::new(name);
                let mut item = Sql::new();
                if name == "id" {
                    item.text("CAST(`id` as TEXT) `id`");
                } else {
                    item.ident(&column);
                }
                item
            }),
        )
        .text(" FROM (")
        .superuser_text(view_query::trim(query))
        .text("))");
    tx.execute(&converting).map(drop)
}

/// Removes the view of a collection.
pub(super) fn drop_view(tx: &Tx, name: &str) -> Result<(), EngineError> {
    tx.batch(Sql::from_text("DROP VIEW IF EXISTS ").ident(&Ident::new(name)))
}

/// The statements behind the views of the database, by name.
pub(super) fn statements(reader: &Reader) -> Result<HashMap<String, String>, EngineError> {
    let sql = Sql::from_text("SELECT name, sql FROM sqlite_master WHERE type = 'view'");
    let views = reader.all(&sql, |row| (row.text(0).to_owned(), row.text(1).to_owned()))?;
    Ok(views.into_iter().collect())
}

/// Brings all other views in line after a change; `before` are their statements as they were.
///
/// Their fields are inferred again and stored where they are different now. Where they are, or where the database has
/// rewritten the view to follow a renamed column, it is made anew: what it shows is what its query says. Views may
/// stand on views, so this goes on until nothing changes. One whose query does not work any more stays as it is.
pub(super) fn refresh(
    tx: &Tx,
    collections: Vec<Collection>,
    except: &HashSet<String>,
    before: &HashMap<String, String>,
    now: &str,
) -> Result<Schema> {
    let n_views = collections.iter().filter(|c| c.is_view()).count();
    let mut schema = Schema::new(collections);
    let mut rewritten = statements(tx)?;
    rewritten.retain(|name, statement| before.get(name) != Some(statement));
    for _ in 0..n_views {
        let mut changed = false;
        let mut collections = Vec::new();
        for entry in schema.collections() {
            let mut collection = Collection::clone(entry);
            if !except.contains(&collection.id)
                && let CollectionOptions::View { query } = &collection.options
            {
                match fields(tx, &schema, query) {
                    Ok(fields) => {
                        let is_different = differ(&fields, &collection.fields);
                        if is_different {
                            collection.fields = fields;
                            now.clone_into(&mut collection.updated);
                            store::update(tx, &collection)?;
                            changed = true;
                        }
                        if rewritten.remove(&collection.name).is_some() || is_different {
                            make(tx, Some(entry), &collection)?;
                        }
                    }
                    Err(error) => tracing::warn!(
                        collection.name = collection.name,
                        %error,
                        "failed to infer the fields of a view again"
                    ),
                }
            }
            collections.push(collection);
        }
        if !changed {
            break;
        }
        schema = Schema::new(collections);
    }
    Ok(schema)
}

/// The views among the collections that can be read.
pub(super) fn working(reader: &Reader, schema: &Schema) -> Vec<String> {
    schema
        .collections()
        .filter(|entry| entry.is_view())
        .filter(|entry| is_working(reader, &entry.name))
        .map(|entry| entry.name.clone())
        .collect()
}

/// Says whether a view can be read.
pub(super) fn is_working(reader: &Reader, name: &str) -> bool {
    let mut sql = Sql::from_text("SELECT * FROM ");
    sql.ident(&Ident::new(name));
    reader.column_names(&sql).is_ok()
}

fn columns(reader: &Reader, view: &str) -> Result<Vec<(String, String)>, EngineError> {
    let mut sql = Sql::from_text("SELECT name, type FROM pragma_table_info(");
    sql.bind(view).text(")");
    reader.all(&sql, |row| (row.text(0).to_owned(), row.text(1).to_owned()))
}

/// The first rows of a query, in one statement: whatever ends the parenthesis early is a syntax error.
fn rows_of(query: &str, limit: i64) -> Sql {
    let mut sql = Sql::from_text("SELECT * FROM (");
    sql.superuser_text(view_query::trim(query))
        .text(") LIMIT ")
        .integer(limit);
    sql
}

/// Compares fields without the ids that are drawn anew each time.
fn differ(a: &[Field], b: &[Field]) -> bool {
    let shown = |fields: &[Field]| -> Vec<Field> {
        let fields = fields.iter().cloned();
        fields
            .map(|mut field| {
                if field.id.starts_with("_clone_") {
                    field.id.clear();
                }
                field
            })
            .collect()
    };
    shown(a) != shown(b)
}

impl From<ViewError> for Failure {
    fn from(error: ViewError) -> Self {
        match error {
            ViewError::Database(error) => error.into(),
            other => Self::Raw(other.to_string()),
        }
    }
}
