//! Whether records that require one another may go in the order in which they would be deleted one by one.
//!
//! A record is deleted, then what refers to it, by the name of the collection, the place of the field and the age of
//! the row, each with everything that hangs on it. If a record is met that requires the one just deleted, and no
//! earlier step took it along, nothing is deleted at all. Deleting in sets gives the same rows in the end but cannot
//! tell which of two goes first, so this is worked out afterwards from what the deleted rows held.

use std::collections::{HashMap, HashSet};
use std::mem;
use std::sync::Arc;

use crate::query::Snapshot;
use crate::record::cell;
use crate::schema::{Entry, Field};
use crate::sql::{Value, ValueRef};

use super::{cascades_on, references};

/// What is known of the records of one delete.
pub(super) struct Order {
    /// Ids of the collections that a cascade can reach, the first one included.
    reached: HashSet<String>,
    /// For each of them, its fields that decide something.
    links: HashMap<String, Vec<Link>>,
    /// The deleted rows.
    rows: Vec<Row>,
    /// Which of them were to be deleted, and are not just taken along.
    asked: Vec<usize>,
    by_id: HashMap<Key, usize>,
    /// Records that required a deleted one and were not deleted at that time.
    must_go: Vec<Key>,
    /// What lists of several ids held before they were shortened.
    shortened: HashMap<(Key, usize), String>,
}

/// Ids of a collection and a record.
type Key = (String, String);

/// A relation field that cascades or requires its record.
struct Link {
    position: usize,
    target: String,
    /// Its place among the fields that refer to the same collection.
    rank: usize,
    cascades: bool,
}

struct Row {
    collection: String,
    /// Its number in the table: older rows have smaller ones.
    number: i64,
    /// What the fields of its collection's links name.
    held: Vec<Vec<String>>,
}

/// A field of one row that names another.
struct Reference {
    rank: usize,
    number: i64,
    row: usize,
    /// The place of the field among the links of the row's collection.
    link: usize,
    cascades: bool,
}

impl Order {
    /// Nothing where the order cannot matter: where no collection that a cascade reaches requires another one of them.
    pub(super) fn new(snapshot: &Snapshot, entry: &Arc<Entry>) -> Option<Self> {
        if entry.referenced_by().is_empty() {
            return None;
        }
        let mut reached = HashSet::from([entry.id.clone()]);
        let mut pending = vec![entry];
        while let Some(entry) = pending.pop() {
            for (source, field) in references(snapshot, entry) {
                if cascades_on(field) && reached.insert(source.id.clone()) {
                    pending.push(source);
                }
            }
        }
        let mut links: HashMap<String, Vec<Link>> = HashMap::new();
        let mut requires = false;
        for id in &reached {
            let Some(target) = snapshot.collection_by_id(id) else {
                continue;
            };
            for (rank, (source, field)) in references(snapshot, target).enumerate() {
                let (cascades, Some(position)) = (cascades_on(field), source.position(&field.name))
                else {
                    continue;
                };
                if !reached.contains(&source.id) || !(cascades || field.required) {
                    continue;
                }
                requires |= !cascades;
                links.entry(source.id.clone()).or_default().push(Link {
                    position,
                    target: id.clone(),
                    rank,
                    cascades,
                });
            }
        }
        requires.then(|| Self {
            reached,
            links,
            rows: Vec::new(),
            asked: Vec::new(),
            by_id: HashMap::new(),
            must_go: Vec::new(),
            shortened: HashMap::new(),
        })
    }

    /// Notes that the rows so far are those that were to be deleted.
    pub(super) fn begins(&mut self) {
        self.asked = (0..self.rows.len()).collect();
    }

    /// Says whether records of a collection may be deleted along with the others.
    pub(super) fn reaches(&self, entry: &Entry) -> bool {
        self.reached.contains(&entry.id)
    }

    /// Notes records that have to be among the deleted ones in the end.
    pub(super) fn must_go(&mut self, entry: &Entry, ids: Vec<String>) {
        let keys = ids.into_iter().map(|id| (entry.id.clone(), id));
        self.must_go.extend(keys);
    }

    /// Notes that a list is about to lose ids while others stay; `before` is what its column holds.
    pub(super) fn shortens(&mut self, entry: &Entry, field: &Field, id: &str, before: &str) {
        if !self.reaches(entry) {
            return;
        }
        if let Some(position) = entry.position(&field.name) {
            let key = ((entry.id.clone(), id.to_owned()), position);
            self.shortened
                .entry(key)
                .or_insert_with(|| before.to_owned());
        }
    }

    /// Notes a row that was deleted.
    pub(super) fn goes(&mut self, entry: &Entry, id: &str, number: i64, cells: &[Value]) {
        let key = (entry.id.clone(), id.to_owned());
        let links = self.links.get(&entry.id).map_or(&[][..], Vec::as_slice);
        let held = links.iter().map(|link| {
            let Some(field) = entry.fields.get(link.position) else {
                return Vec::new();
            };
            match self.shortened.get(&(key.clone(), link.position)) {
                Some(before) => cell::texts(field, ValueRef::Text(before)),
                None => cells
                    .get(link.position)
                    .map_or_else(Vec::new, |value| cell::texts(field, value.as_ref())),
            }
        });
        let row = Row {
            collection: entry.id.clone(),
            number,
            held: held.collect(),
        };
        self.by_id.insert(key, self.rows.len());
        self.rows.push(row);
    }

    /// Says whether the deleted records may go one after the other, the oldest of those that were asked for first.
    ///
    /// Not recursive: a chain may be as long as the table.
    pub(super) fn allows(&self) -> bool {
        if self.must_go.iter().any(|key| !self.by_id.contains_key(key)) {
            return false;
        }
        let references = self.references();
        // How many records each field of each row still names.
        let count = |row: &Row| row.held.iter().map(Vec::len).collect();
        let mut left: Vec<Vec<usize>> = self.rows.iter().map(count).collect();
        let mut is_gone = vec![false; self.rows.len()];
        let mut asked = self.asked.clone();
        asked.sort_unstable_by_key(|row| self.rows[*row].number);
        for first in asked {
            // Each row with how many of its references were looked at.
            let mut pending = Vec::new();
            if !mem::replace(&mut is_gone[first], true) {
                pending.push((first, 0));
            }
            while let Some((row, n_seen)) = pending.last_mut() {
                let Some(reference) = references[*row].get(*n_seen) else {
                    pending.pop();
                    continue;
                };
                *n_seen += 1;
                let left = &mut left[reference.row][reference.link];
                *left = left.saturating_sub(1);
                if *left > 0 || is_gone[reference.row] {
                    continue;
                }
                if !reference.cascades {
                    return false;
                }
                is_gone[reference.row] = true;
                pending.push((reference.row, 0));
            }
        }
        true
    }

    /// For each row what refers to it, in the order in which it is met.
    fn references(&self) -> Vec<Vec<Reference>> {
        let mut references: Vec<Vec<Reference>> = Vec::new();
        references.resize_with(self.rows.len(), Vec::new);
        for (index, row) in self.rows.iter().enumerate() {
            let links = self.links.get(&row.collection).into_iter().flatten();
            for (position, (link, held)) in links.zip(&row.held).enumerate() {
                for id in held {
                    let key = (link.target.clone(), id.clone());
                    if let Some(target) = self.by_id.get(&key) {
                        references[*target].push(Reference {
                            rank: link.rank,
                            number: row.number,
                            row: index,
                            link: position,
                            cascades: link.cascades,
                        });
                    }
                }
            }
        }
        for list in &mut references {
            list.sort_unstable_by_key(|reference| (reference.rank, reference.number));
        }
        references
    }
}
