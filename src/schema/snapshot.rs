//! An immutable snapshot of all collections, with what is derived from their definitions.

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use crate::schema::collection::Collection;
use crate::schema::fields::Field;
use crate::schema::index::Index;
use crate::schema::layout::Layout;
use crate::sql::{Ident, Sql};

/// All collections at one moment. A schema change makes a new one; requests keep the one they started with.
#[derive(Debug, Default)]
pub struct Schema {
    entries: Vec<Arc<Entry>>,
    by_id: HashMap<String, usize>,
    by_lower_name: HashMap<String, usize>,
}

/// A collection and what is derived from its definition.
#[derive(Debug)]
pub struct Entry {
    collection: Arc<Collection>,
    positions: HashMap<String, usize>,
    referenced_by: Vec<Back>,
    layout: Layout,
    uniques: Vec<Unique>,
    insert: OnceLock<Sql<usize>>,
}

/// A unique index over exactly one column; conditions do not matter.
#[derive(Debug)]
struct Unique {
    column: String,
    ignores_case: bool,
}

/// A relation field of another (or the same) collection that points here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Back {
    /// Id of the collection that has the field.
    pub collection_id: String,
    /// Name of the relation field.
    pub field: String,
}

impl Schema {
    /// Makes a snapshot; the order of the collections is kept.
    pub fn new(collections: Vec<Collection>) -> Self {
        let mut referenced_by: HashMap<String, Vec<Back>> = HashMap::new();
        let mut by_name: Vec<&Collection> = collections.iter().collect();
        by_name.sort_by(|a, b| a.name.cmp(&b.name));
        for collection in by_name
            .into_iter()
            .filter(|collection| !collection.is_view())
        {
            for field in &collection.fields {
                if let Some(relation) = field.relation() {
                    referenced_by
                        .entry(relation.collection_id.clone())
                        .or_default()
                        .push(Back {
                            collection_id: collection.id.clone(),
                            field: field.name.clone(),
                        });
                }
            }
        }
        let mut schema = Self::default();
        for (index, collection) in collections.into_iter().enumerate() {
            schema.by_id.insert(collection.id.clone(), index);
            schema
                .by_lower_name
                .insert(collection.name.to_lowercase(), index);
            let positions = collection
                .fields
                .iter()
                .enumerate()
                .map(|(i, field)| (field.name.clone(), i))
                .collect();
            let referenced_by = referenced_by.remove(&collection.id).unwrap_or_default();
            let layout = Layout::new(&collection);
            let uniques = single_column_uniques(&collection);
            schema.entries.push(Arc::new(Entry {
                collection: Arc::new(collection),
                positions,
                referenced_by,
                layout,
                uniques,
                insert: OnceLock::new(),
            }));
        }
        schema
    }

    /// A collection by exact id, or by name ignoring case; the older one if the id of one is the name of another.
    pub fn collection(&self, id_or_name: &str) -> Option<&Arc<Entry>> {
        let by_name = self.by_lower_name.get(id_or_name).or_else(|| {
            // Most names and ids are in lower case already; only the others cost another text.
            let is_lower = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
            if id_or_name.bytes().all(is_lower) {
                return None;
            }
            self.by_lower_name.get(&id_or_name.to_lowercase())
        });
        let by_id = self.by_id.get(id_or_name);
        let index = match (by_id, by_name) {
            (Some(by_id), Some(by_name)) => by_id.min(by_name),
            (found, None) | (None, found) => found?,
        };
        self.entries.get(*index)
    }

    /// A collection by exact id.
    pub fn collection_by_id(&self, id: &str) -> Option<&Arc<Entry>> {
        self.by_id
            .get(id)
            .and_then(|index| self.entries.get(*index))
    }

    /// A collection by name ignoring case.
    pub fn collection_by_name(&self, name: &str) -> Option<&Arc<Entry>> {
        self.by_lower_name
            .get(&name.to_lowercase())
            .and_then(|index| self.entries.get(*index))
    }

    /// All collections in the order they were made.
    pub fn collections(&self) -> impl Iterator<Item = &Arc<Entry>> {
        self.entries.iter()
    }
}

impl Entry {
    /// The definition itself.
    pub const fn definition(&self) -> &Arc<Collection> {
        &self.collection
    }

    /// The order of members in a record's JSON.
    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Says whether a unique index covers exactly this column.
    pub fn is_unique(&self, column: &str) -> bool {
        self.uniques
            .iter()
            .any(|unique| unique.column.eq_ignore_ascii_case(column))
    }

    /// Says whether a unique index covers exactly this column and compares it ignoring (ASCII) case.
    pub fn is_unique_ignoring_case(&self, column: &str) -> bool {
        self.uniques
            .iter()
            .find(|unique| unique.column.eq_ignore_ascii_case(column))
            .is_some_and(|unique| unique.ignores_case)
    }

    /// The statement that stores a new row; its binds are the positions of the fields, in order.
    pub fn insert_statement(&self) -> &Sql<usize> {
        self.insert.get_or_init(|| {
            let mut sql = Sql::from_text("INSERT INTO ");
            sql.ident(&Ident::new(&self.name)).text(" (");
            for (index, field) in self.fields.iter().enumerate() {
                sql.text(if index > 0 { ", " } else { "" });
                sql.ident(&Ident::new(&field.name));
            }
            sql.text(") VALUES (");
            for index in 0..self.fields.len() {
                sql.text(if index > 0 { ", " } else { "" }).bind(index);
            }
            sql.text(")");
            sql
        })
    }

    /// Position of a field in `fields` by exact name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.positions.get(name).copied()
    }

    /// A field by exact name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.position(name)
            .and_then(|index| self.collection.fields.get(index))
    }

    /// Relation fields that point to this collection, ordered by collection name; views are left out.
    pub fn referenced_by(&self) -> &[Back] {
        &self.referenced_by
    }
}

fn single_column_uniques(collection: &Collection) -> Vec<Unique> {
    let parsed = collection
        .indexes
        .iter()
        .filter_map(|text| Index::parse(text));
    parsed
        .filter_map(|index| {
            let column = index.unique_column()?;
            Some(Unique {
                column: column.name.clone(),
                ignores_case: column.ignores_case(),
            })
        })
        .collect()
}

impl Deref for Entry {
    type Target = Collection;

    fn deref(&self) -> &Collection {
        &self.collection
    }
}
