//! Changes of the log with the records they are about, as far as those are still known.

use std::collections::HashMap;
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

/// The events of a page of the log. Each record is looked up once, and all deleted ones with one query.
pub(super) fn events(
    reader: &Reader,
    snapshot: &Snapshot,
    changes: &[LoggedChange],
) -> Result<Vec<Event>> {
    let mut stored: HashMap<(&str, &str), Option<Vec<Value>>> = HashMap::new();
    for change in changes {
        let key = (change.collection.as_str(), change.record.as_str());
        let Some(entry) = snapshot.collection_by_id(&change.collection) else {
            continue;
        };
        if change.action != Action::Delete && !stored.contains_key(&key) {
            stored.insert(key, record::load_cells(reader, entry, &change.record)?);
        }
    }
    let missing: Vec<(&str, &str)> = stored
        .iter()
        .filter_map(|(key, cells)| cells.is_none().then_some(*key))
        .collect();
    let first = changes.first().map_or(0, |change| change.seq);
    let gone = if missing.is_empty() {
        Vec::new()
    } else {
        reader.remains_since(first, &missing)?
    };
    let mut events = Vec::with_capacity(changes.len());
    for change in changes {
        let Some(entry) = snapshot.collection_by_id(&change.collection) else {
            continue;
        };
        let key = (change.collection.as_str(), change.record.as_str());
        let is_later = |later: &&LoggedChange| {
            later.seq > change.seq
                && later.collection == change.collection
                && later.record == change.record
        };
        let cells = match stored.get(&key) {
            _ if change.action == Action::Delete => Some(remains(entry, change)),
            Some(Some(cells)) => Some(cells.clone()),
            _ => gone.iter().find(is_later).map(|gone| remains(entry, gone)),
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
    Ok(events)
}

fn remains(entry: &Entry, deleted: &LoggedChange) -> Vec<Value> {
    let data = deleted.data.as_deref().unwrap_or_default();
    remains::read(entry, &deleted.record, data)
}
