//! Following relations: one query per relation and level, never one per record.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::ctx::Ctx;
use crate::engine::Reader;
use crate::query::{self, Action, Only, Select, Snapshot};
use crate::record::cell;
use crate::record::rows::{Expansion, MAX_BYTES, Rows, expand_context};
use crate::record::unreadable::readable;
use crate::schema::{Entry, Field};
use crate::sql::{Ident, Sql, Value};

/// Levels of relations that are followed; deeper ones are left out.
const MAX_DEPTH: usize = 6;
/// Records that are loaded for one name.
const MAX_LOADED: usize = 100_000;
/// Bytes beyond which it takes long to write records down.
const MANY: u64 = 1 << 20;
/// Records a back relation leads to, per record.
const MAX_BACK_LINKS: usize = 1000;

/// Names to expand, by level.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tree(BTreeMap<String, Self>);

impl Tree {
    /// Reads comma-separated dot paths; spaces are dropped, as the contract does it with nothing else that is blank.
    fn parse(expand: &str) -> Self {
        let mut tree = Self::default();
        for path in expand.split(',') {
            let path: String = path.chars().filter(|c| *c != ' ').collect();
            let mut node = &mut tree;
            for name in path.trim_matches('.').split('.').take(MAX_DEPTH) {
                node = node.0.entry(name.to_owned()).or_default();
            }
        }
        tree
    }
}

/// Where an expand name leads.
enum Relation {
    Forward {
        position: usize,
        single: bool,
        target: Arc<Entry>,
    },
    Back {
        field: String,
        multiple: bool,
        single: bool,
        target: Arc<Entry>,
    },
}

/// Loads what `expand` names into the rows. Unknown names and records the caller may not view are left out silently.
pub(crate) fn expand(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    rows: &mut Rows,
    expand: &str,
) -> Result<()> {
    if expand.trim().is_empty() || rows.is_empty() {
        return Ok(());
    }
    let tree = Tree::parse(expand);
    expand_level(reader, snapshot, &expand_context(ctx), rows, &tree)?;
    // Relations in a circle multiply: a record counts as often as it is shown.
    let shown = rows.sizes().into_iter().fold(0, u64::saturating_add);
    if shown > MAX_BYTES as u64 {
        return Err(too_many());
    }
    if shown > MANY {
        reader.is_long()?;
    }
    Ok(())
}

fn too_many() -> Error {
    Error::bad_request("The expand leads to too many records.")
}

/// Says whether one of the names leads somewhere.
///
/// Recursion ends with the depth of the tree, which [`Tree::parse`] bounds.
fn expand_level(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    rows: &mut Rows,
    tree: &Tree,
) -> Result<bool> {
    let mut leads_somewhere = false;
    for (name, subtree) in &tree.0 {
        leads_somewhere |= expand_name(reader, snapshot, ctx, rows, (name, subtree))?;
    }
    Ok(leads_somewhere)
}

/// Loads what one name leads to, and from there the rest of its paths. Says whether one of these paths leads somewhere:
/// if none does, nothing is added.
///
/// Each name of a path must be a relation to a collection that the caller may look into at all, and that can be read.
/// Where there are no records to go on from, the rest is not looked at.
fn expand_name(
    reader: &Reader,
    snapshot: &Snapshot,
    ctx: &Ctx,
    rows: &mut Rows,
    (name, subtree): (&str, &Tree),
) -> Result<bool> {
    let Some(relation) = resolve(snapshot, ctx, rows.entry(), name) else {
        return Ok(false);
    };
    let (Relation::Forward { target, .. } | Relation::Back { target, .. }) = &relation;
    let Ok(rule) = query::rule_for(ctx, target, Action::View) else {
        return Ok(false);
    };
    let (links, single) = match &relation {
        Relation::Forward {
            position, single, ..
        } => (forward_links(rows, *position), *single),
        Relation::Back {
            field,
            multiple,
            single,
            ..
        } => {
            let links = back_links(reader, rows, target, field, *multiple);
            let Some(links) = readable(links, target)? else {
                return Ok(false);
            };
            (links, *single)
        }
    };
    let mut ids: Vec<String> = links.iter().flatten().cloned().collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() > MAX_LOADED {
        return Err(too_many());
    }
    let select = Select {
        rule,
        only: Only::Ids(&ids),
        ..Select::all(target)
    };
    let Ok(statement) = snapshot.select(ctx, &select) else {
        return Ok(false);
    };
    if ids.is_empty() {
        rows.mark_expanded();
        return Ok(true);
    }
    let loaded = Rows::load(reader, snapshot, ctx, target, &statement);
    let Some(mut loaded) = readable(loaded, target)? else {
        return Ok(false);
    };
    if loaded.is_empty() {
        rows.mark_expanded();
        return Ok(true);
    }
    if !subtree.0.is_empty() && !expand_level(reader, snapshot, ctx, &mut loaded, subtree)? {
        return Ok(false);
    }
    rows.mark_expanded();
    let positions = loaded.by_id();
    let links = links
        .iter()
        .map(|ids| {
            ids.iter()
                .filter_map(|id| positions.get(id.as_str()).copied())
                .collect()
        })
        .collect();
    rows.add_expansion(Expansion {
        name: name.to_owned(),
        single,
        target: loaded,
        links,
    });
    Ok(true)
}

/// Security: a hidden relation leads nowhere for clients, else it would show what the record does not.
fn resolve(snapshot: &Snapshot, ctx: &Ctx, entry: &Entry, name: &str) -> Option<Relation> {
    let is_shown = |field: &Field| !field.hidden || ctx.is_superuser();
    if let Some(position) = entry.position(name) {
        let field = entry.fields.get(position).filter(|field| is_shown(field))?;
        let target = snapshot.collection_by_id(&field.relation()?.collection_id)?;
        return Some(Relation::Forward {
            position,
            single: !field.is_multiple(),
            target: Arc::clone(target),
        });
    }
    // `posts_via_author`, and the older `posts(author)`.
    let (collection, field) = match name.split_once("_via_") {
        Some(parts) => parts,
        None => name.strip_suffix(')')?.split_once('(')?,
    };
    let target = snapshot.collection(collection)?;
    let back = target.field(field).filter(|field| is_shown(field))?;
    if back.relation()?.collection_id != entry.id {
        return None;
    }
    Some(Relation::Back {
        field: field.to_owned(),
        multiple: back.is_multiple(),
        // Compat: a list is as unique as its index makes it, although several may name the same record.
        single: target.is_unique(field),
        target: Arc::clone(target),
    })
}

fn forward_links(rows: &Rows, position: usize) -> Vec<Vec<String>> {
    let Some(field) = rows.entry().fields.get(position) else {
        return Vec::new();
    };
    (0..rows.len())
        .map(|row| cell::texts(field, rows.cell(row, position)))
        .collect()
}

fn back_links(
    reader: &Reader,
    rows: &Rows,
    target: &Entry,
    field: &str,
    multiple: bool,
) -> Result<Vec<Vec<String>>> {
    let sources: Vec<serde_json::Value> = (0..rows.len()).map(|row| rows.id(row).into()).collect();
    let wanted = Value::Text(serde_json::Value::Array(sources).to_string());
    let (table, column) = (Ident::new(&target.name), Ident::new(field));
    let mut sql: Sql = Sql::new();
    if multiple {
        sql.text("SELECT t.id, j.value FROM ")
            .ident(&table)
            .text(" t, json_each(CASE WHEN json_valid(t.");
        sql.ident(&column)
            .text(") THEN t.")
            .ident(&column)
            .text(" ELSE '[]' END) j");
        sql.text(" WHERE j.value IN (SELECT value FROM json_each(")
            .bind(wanted)
            .text("))");
    } else {
        sql.text("SELECT t.id, t.")
            .ident(&column)
            .text(" FROM ")
            .ident(&table)
            .text(" t WHERE t.");
        sql.ident(&column)
            .text(" IN (SELECT value FROM json_each(")
            .bind(wanted)
            .text("))");
    }
    let mut links: HashMap<String, Vec<String>> = HashMap::new();
    let mut known = HashSet::new();
    reader.query::<Error>(sql.as_str(), sql.binds(), |row| {
        let (id, source) = (row.text(0), row.text(1));
        let ids = links.entry(source.to_owned()).or_default();
        // The ids of a view are only as unique as its query makes them.
        if ids.len() < MAX_BACK_LINKS
            && (!target.is_view() || known.insert((source.to_owned(), id.to_owned())))
        {
            ids.push(id.to_owned());
        }
        Ok(())
    })?;
    Ok((0..rows.len())
        .map(|row| links.get(rows.id(row)).cloned().unwrap_or_default())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::Tree;

    #[test]
    fn spaces_are_dropped_and_nothing_else() {
        assert_eq!(Tree::parse("a. b , c"), Tree::parse("a.b,c"));
        for other in ["a.\tb,c", "a.b\n,c", "a.b,\u{a0}c"] {
            assert_ne!(Tree::parse(other), Tree::parse("a.b,c"), "{other:?}");
        }
    }
}
