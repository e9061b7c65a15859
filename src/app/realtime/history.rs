//! Changes of the log with the records they are about, as far as those are still known.

use std::collections::{HashMap, hash_map};
use std::sync::Arc;

use crate::base::error::Result;
use crate::engine::{Action, LoggedChange, Reader};
use crate::query::Snapshot;
use crate::realtime::Event;
use crate::record::{self, remains};
use crate::schema::Entry;
use crate::sql::Value;

/// The cells of the record of one change: those it has now, or had last.
pub(super) fn cells(
    reader: &Reader,
    entry: &Entry,
    change: &LoggedChange,
) -> Result<Option<Vec<Value>>> {
    if change.action == Action::Delete {
        return Ok(Some(remains(entry, change)));
    }
    if let Some(cells) = record::load_cells(reader, entry, &change.record)? {
        return Ok(Some(cells));
    }
    let gone = reader.remains_since(change.seq, &[(&change.collection, &change.record)])?;
    Ok(gone.first().map(|gone| remains(entry, gone)))
}

/// Bytes of records that one look at the log holds; where they are large, it ends early.
const MAX_BYTES: usize = 16 << 20;

/// About what a record takes that only the log may know, before it is read.
const GONE_BYTES: usize = 64 << 10;

/// What a page of the log tells.
pub(super) struct Told {
    pub(super) events: Vec<Event>,
    /// The last change that was looked at, if there was one.
    pub(super) last: Option<i64>,
}

/// The events of a page of the log, or of as much of its beginning as may be held. Each record is looked up once, and
/// all deleted ones with one query.
pub(super) fn events(
    reader: &Reader,
    snapshot: &Snapshot,
    changes: &[LoggedChange],
) -> Result<Told> {
    let mut stored: HashMap<(&str, &str), Option<Vec<Value>>> = HashMap::new();
    let (mut looked_at, mut bytes) = (0, 0);
    for change in changes {
        if bytes >= MAX_BYTES {
            break;
        }
        looked_at += 1;
        let Some(entry) = snapshot.collection_by_id(&change.collection) else {
            continue;
        };
        if change.action == Action::Delete {
            bytes += change.data.as_ref().map_or(0, String::len);
            continue;
        }
        let key = (change.collection.as_str(), change.record.as_str());
        let cells = match stored.entry(key) {
            hash_map::Entry::Occupied(known) => known.into_mut(),
            hash_map::Entry::Vacant(unknown) => {
                unknown.insert(record::load_cells(reader, entry, &change.record)?)
            }
        };
        // Every event has the cells for itself.
        bytes += cells.as_deref().map_or(GONE_BYTES, record::length_of);
    }
    let changes = changes.get(..looked_at).unwrap_or_default();
    let last = changes.last().map(|change| change.seq);
    let missing: Vec<(&str, &str)> = stored
        .iter()
        .filter_map(|(key, cells)| cells.is_none().then_some(*key))
        .collect();
    // Deletes among these changes are at hand.
    let gone = match last {
        Some(last) if !missing.is_empty() => reader.remains_since(last, &missing)?,
        _ => Vec::new(),
    };
    let mut events = Vec::with_capacity(changes.len());
    for (index, change) in changes.iter().enumerate() {
        let Some(entry) = snapshot.collection_by_id(&change.collection) else {
            continue;
        };
        let key = (change.collection.as_str(), change.record.as_str());
        let is_its_end = |later: &&LoggedChange| {
            later.action == Action::Delete
                && later.collection == change.collection
                && later.record == change.record
        };
        let cells = match stored.get(&key) {
            _ if change.action == Action::Delete => Some(remains(entry, change)),
            Some(Some(cells)) => Some(cells.clone()),
            _ => (changes.iter().skip(index).chain(&gone))
                .find(is_its_end)
                .map(|gone| remains(entry, gone)),
        };
        if let Some(cells) = cells {
            events.push(Event {
                seq: change.seq,
                action: change.action,
                entry: Arc::clone(entry),
                record: change.record.clone(),
                cells,
            });
        }
    }
    Ok(Told { events, last })
}

fn remains(entry: &Entry, deleted: &LoggedChange) -> Vec<Value> {
    let data = deleted.data.as_deref().unwrap_or_default();
    remains::read(entry, &deleted.record, data)
}
