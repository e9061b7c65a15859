//! What indexes and views look like after fields and collections are renamed.
//!
//! SQLite rewrites them itself when a column or table is renamed, and knows best which names mean which column. So the
//! renames are done in an empty database in memory, where every collection is a table and every query a view of its
//! own, and the rewritten texts are read from there.

use std::collections::HashMap;
use std::time::Duration;

use crate::base::error::Result;
use crate::engine::{self, Error as EngineError, Reader, Tx};
use crate::schema::{Collection, CollectionOptions, Index, Schema, view_query};
use crate::sql::{Ident, Sql};

const LIMIT: Duration = Duration::from_secs(5);

/// A collection that gets another name, or fields of it that do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    pub collection_id: String,
    /// The new name of the collection, if it gets one.
    pub name: Option<String>,
    /// Old and new names of fields.
    pub fields: Vec<(String, String)>,
}

/// New texts of what the renames concern.
#[derive(Debug, Default)]
pub struct Rewritten {
    /// By collection id and position among its indexes.
    pub indexes: HashMap<(String, usize), String>,
    /// Queries of views by collection id.
    pub queries: HashMap<String, String>,
}

/// Works out the new texts.
pub fn rewrite(schema: &Schema, renames: &[Rename]) -> Result<Rewritten> {
    let scratch = engine::scratch(LIMIT)?;
    let mut indexes = Vec::new();
    for entry in schema.collections() {
        make_table(&scratch, entry)?;
        for (position, text) in entry.indexes.iter().enumerate() {
            // One that cannot be made now is no worse afterwards.
            if let Some(index) = Index::parse(text)
                && scratch
                    .execute(Sql::new().superuser_text(&index.to_string()))
                    .is_ok()
            {
                indexes.push((entry.id.clone(), position, index));
            }
        }
    }
    let mut views = Vec::new();
    for entry in schema.collections() {
        if let CollectionOptions::View { query } = &entry.options
            && let Some(view) = View::make(&scratch, views.len(), &entry.id, query)
        {
            views.push(view);
        }
    }
    for rename in renames {
        let Some(entry) = schema.collection_by_id(&rename.collection_id) else {
            continue;
        };
        rename_columns(&scratch, &entry.name, &rename.fields)?;
    }
    let tables: Vec<(String, String)> = renames
        .iter()
        .filter_map(|rename| {
            let entry = schema.collection_by_id(&rename.collection_id)?;
            Some((entry.name.clone(), rename.name.clone()?))
        })
        .collect();
    rename_tables(&scratch, &tables)?;
    let mut rewritten = Rewritten::default();
    for (id, position, index) in indexes {
        let mut sql: Sql =
            Sql::from_text("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = ");
        sql.bind(index.name.as_str());
        let text = scratch.first(&sql, |row| row.text(0).to_owned())?;
        if let Some(mut after) = text.as_deref().and_then(Index::parse) {
            after.optional = index.optional;
            after.schema.clone_from(&index.schema);
            if after != index {
                rewritten.indexes.insert((id, position), after.to_string());
            }
        }
    }
    for view in views {
        if let Some(query) = view.rewritten(&scratch)? {
            rewritten.queries.insert(view.id.clone(), query);
        }
    }
    Ok(rewritten)
}

fn make_table(scratch: &Tx, collection: &Collection) -> Result<(), EngineError> {
    let mut sql: Sql = Sql::from_text("CREATE TABLE ");
    sql.ident(&Ident::new(&collection.name)).text(" (");
    let columns = collection.fields.iter().map(|field| {
        let mut column = Sql::new();
        column.ident(&Ident::new(&field.name));
        column
    });
    sql.join(", ", columns);
    if collection.fields.is_empty() {
        sql.text("id");
    }
    sql.text(")");
    scratch.batch(&sql)
}

/// Renames columns; by way of names that nobody has, so that names can be swapped.
fn rename_columns(
    scratch: &Tx,
    table: &str,
    fields: &[(String, String)],
) -> Result<(), EngineError> {
    let aside = |index: usize| format!("stead_aside_{index}");
    let steps = fields
        .iter()
        .enumerate()
        .map(|(index, (from, _))| (from.clone(), aside(index)))
        .chain(
            fields
                .iter()
                .enumerate()
                .map(|(index, (_, to))| (aside(index), to.clone())),
        );
    for (from, to) in steps.collect::<Vec<_>>() {
        alter(scratch, &to, &|to| {
            let mut sql = Sql::from_text("ALTER TABLE ");
            sql.ident(&Ident::new(table))
                .text(" RENAME COLUMN ")
                .ident(&Ident::new(&from))
                .text(" TO ")
                .append(to);
            sql
        })?;
    }
    Ok(())
}

fn rename_tables(scratch: &Tx, tables: &[(String, String)]) -> Result<(), EngineError> {
    let aside = |index: usize| format!("stead_aside_{index}");
    let first = tables
        .iter()
        .enumerate()
        .map(|(index, (from, _))| (from.clone(), aside(index)));
    let second = tables
        .iter()
        .enumerate()
        .map(|(index, (_, to))| (aside(index), to.clone()));
    for (from, to) in first.chain(second).collect::<Vec<_>>() {
        alter(scratch, &to, &|to| {
            let mut sql = Sql::from_text("ALTER TABLE ");
            sql.ident(&Ident::new(&from)).text(" RENAME TO ").append(to);
            sql
        })?;
    }
    Ok(())
}

/// Runs a rename. A name that needs no quotes is written without, because that is how SQLite then writes it everywhere.
fn alter(scratch: &Tx, name: &str, statement: &dyn Fn(Sql) -> Sql) -> Result<(), EngineError> {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain {
        let mut plain = Sql::new();
        plain.superuser_text(name);
        if scratch.batch(&statement(plain)).is_ok() {
            return Ok(());
        }
    }
    let mut quoted = Sql::new();
    quoted.ident(&Ident::new(name));
    scratch.batch(&statement(quoted))
}

/// The query of a view collection as a view.
struct View {
    id: String,
    name: String,
    query: String,
    columns: Vec<String>,
}

impl View {
    /// Nothing if the query does not work.
    fn make(scratch: &Tx, number: usize, id: &str, query: &str) -> Option<Self> {
        let name = format!("stead_view_{number}");
        let query = view_query::trim(query).to_owned();
        make_view(scratch, &name, &query).ok()?;
        if let Ok(columns) = columns(scratch, &name) {
            return Some(Self {
                id: id.to_owned(),
                name,
                query,
                columns,
            });
        }
        // One that does not work would be in the way of every rename.
        drop_view(scratch, &name).ok()?;
        None
    }

    /// The query after the renames, if they concern it. Its columns keep their names: clients and rules know them.
    fn rewritten(&self, scratch: &Tx) -> Result<Option<String>, EngineError> {
        let mut sql: Sql =
            Sql::from_text("SELECT sql FROM sqlite_master WHERE type = 'view' AND name = ");
        sql.bind(self.name.as_str());
        let Some(text) = scratch.first(&sql, |row| row.text(0).to_owned())? else {
            return Ok(None);
        };
        let Some((_, query)) = text.split_once(" AS ") else {
            return Ok(None);
        };
        if query == self.query {
            return Ok(None);
        }
        let now = columns(scratch, &self.name)?;
        if now == self.columns {
            return Ok(Some(query.to_owned()));
        }
        let named = with_names(query, &now, &self.columns);
        let keeps = |query: &str| -> Result<bool, EngineError> {
            let name = format!("{}_named", self.name);
            let kept = make_view(scratch, &name, query)
                .and_then(|()| columns(scratch, &name))
                .is_ok_and(|columns| columns == self.columns);
            drop_view(scratch, &name)?;
            Ok(kept)
        };
        match named {
            Some(named) if keeps(&named)? => Ok(Some(named)),
            _ => Ok(Some(query.to_owned())),
        }
    }
}

fn make_view(scratch: &Tx, name: &str, query: &str) -> Result<(), EngineError> {
    let mut sql = Sql::from_text("CREATE VIEW ");
    sql.superuser_text(name).text(" AS ").superuser_text(query);
    // Run as one statement, so that a query cannot smuggle in another one.
    scratch.execute(&sql).map(drop)
}

fn drop_view(scratch: &Tx, name: &str) -> Result<(), EngineError> {
    scratch.batch(Sql::from_text("DROP VIEW IF EXISTS ").ident(&Ident::new(name)))
}

fn columns(reader: &Reader, name: &str) -> Result<Vec<String>, EngineError> {
    let mut sql = Sql::from_text("SELECT * FROM ");
    sql.ident(&Ident::new(name));
    reader.column_names(&sql)
}

/// The query with ` AS name` behind every column whose name changed.
fn with_names(query: &str, now: &[String], before: &[String]) -> Option<String> {
    let ends = column_ends(query)?;
    if ends.len() != before.len() || now.len() != before.len() {
        return None;
    }
    let mut named = String::new();
    let mut done = 0;
    for ((end, now), before) in ends.iter().zip(now).zip(before) {
        named.push_str(query.get(done..*end)?);
        if now != before {
            named.push_str(" AS ");
            named.push_str(before);
        }
        done = *end;
    }
    named.push_str(query.get(done..)?);
    Some(named)
}

/// Where each column of the outermost `SELECT` ends.
fn column_ends(query: &str) -> Option<Vec<usize>> {
    let mut ends = Vec::new();
    let (mut depth, mut quote, mut started) = (0usize, None, false);
    let mut last = 0;
    let mut chars = query.char_indices().peekable();
    let mut word = String::new();
    while let Some((at, c)) = chars.next() {
        if let Some(open) = quote {
            if c == open {
                quote = None;
            }
            last = at + c.len_utf8();
            continue;
        }
        if c.is_alphanumeric() || c == '_' {
            word.push(c);
            if chars
                .peek()
                .is_none_or(|(_, next)| !(next.is_alphanumeric() || *next == '_'))
            {
                if depth == 0 && word.eq_ignore_ascii_case("select") && !started {
                    started = true;
                } else if depth == 0 && word.eq_ignore_ascii_case("from") && started {
                    ends.push(last);
                    return Some(ends);
                } else {
                    last = at + c.len_utf8();
                }
                word.clear();
            }
            continue;
        }
        match c {
            '\'' | '"' | '`' => quote = Some(c),
            '[' => quote = Some(']'),
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 && started => {
                ends.push(last);
                continue;
            }
            '-' if chars.peek().is_some_and(|(_, next)| *next == '-') => {
                while chars.next_if(|(_, c)| *c != '\n').is_some() {}
                continue;
            }
            _ => {}
        }
        if !c.is_whitespace() {
            last = at + c.len_utf8();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Rename, rewrite};
    use crate::schema::{Collection, Draft, Schema, scaffold};

    fn collection(body: &serde_json::Value) -> Collection {
        let mut collection = Draft::create(body).unwrap().collection;
        collection.id = collection.name.clone();
        scaffold::complete(&mut collection);
        collection
    }

    fn field(id: &str) -> serde_json::Value {
        json!({"id": id, "name": id, "type": "text"})
    }

    #[test]
    fn the_database_rewrites_indexes_and_queries() {
        let posts = collection(&json!({"name": "posts", "type": "base",
            "fields": [field("title"), field("body")],
            "indexes": ["CREATE UNIQUE INDEX one ON posts (lower(title)) WHERE title != ''", "CREATE INDEX two ON posts (body)"],
        }));
        let others =
            collection(&json!({"name": "others", "type": "base", "fields": [field("title")]}));
        let view = |name: &str, query: &str| {
            collection(&json!({"name": name, "type": "view", "viewQuery": query}))
        };
        let schema = Schema::new(vec![
            posts,
            others,
            view(
                "plain",
                "SELECT p.id, p.title, p.body FROM posts p WHERE p.title != ''",
            ),
            view(
                "named",
                "SELECT id, upper(title) AS title FROM posts ORDER BY title",
            ),
            view("foreign", "SELECT id, title FROM others"),
            view("broken", "SELECT id, nothing FROM posts"),
        ]);
        let swapped = rewrite(
            &schema,
            &[Rename {
                collection_id: "posts".to_owned(),
                name: Some("articles".to_owned()),
                fields: vec![
                    ("title".to_owned(), "order".to_owned()),
                    ("body".to_owned(), "title".to_owned()),
                ],
            }],
        )
        .unwrap();
        assert_eq!(swapped.queries.len(), 2, "{swapped:?}");
        assert_eq!(
            swapped.queries["plain"],
            "SELECT p.id, p.\"order\" AS title, p.title AS body FROM \"articles\" p WHERE p.\"order\" != ''"
        );
        let one = &swapped.indexes[&("posts".to_owned(), 0)];
        assert!(one.contains("order") && one.contains("articles"), "{one}");
        assert_eq!(swapped.indexes.len(), 2);
    }
}
