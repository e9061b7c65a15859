//! The records that a delete takes along, for the events that are fired about them.
//!
//! The delete itself follows relations on its own, in one step on the writer; here they are only looked for, and only
//! when somebody listens to deletes in a collection that a cascade can reach.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::app::App;
use crate::app::data::{self, Wanted};
use crate::app::records::events::DELETE;
use crate::base::cast;
use crate::base::error::{Error, Result};
use crate::query::Snapshot;
use crate::record::SharedRecord;
use crate::schema::{Entry, Field};

/// Records that events are fired about in one delete.
const MAX_RECORDS: usize = 10_000;

/// The records that go with a record, of collections in which somebody listens to deletes. Nearest first.
pub(super) async fn dependents(app: &App, record: &SharedRecord) -> Result<Vec<SharedRecord>> {
    let snapshot = app.snapshot();
    let (entry, id) = {
        let record = record.lock();
        (record.collection(), record.id().to_owned())
    };
    if !is_watched(app, &snapshot, &entry) {
        return Ok(Vec::new());
    }
    let mut gone: HashSet<(String, String)> = HashSet::from([(entry.id.clone(), id.clone())]);
    let mut waiting = VecDeque::from([(entry, id)]);
    let mut found = Vec::new();
    while let Some((entry, id)) = waiting.pop_front() {
        for (source, field) in cascades(&snapshot, &entry) {
            for record in referring(app, source, field, &id).await? {
                let (record_id, rest) = {
                    let record = record.lock();
                    let values = cast::to_unique_list(&record.get(&field.name));
                    let stays = |value: &String| !gone.contains(&(entry.id.clone(), value.clone()));
                    (record.id().to_owned(), values.iter().any(stays))
                };
                let key = (source.id.clone(), record_id.clone());
                if rest || !gone.insert(key) {
                    continue;
                }
                if gone.len() > MAX_RECORDS {
                    return Err(Error::bad_request(
                        "The delete takes too many records along for handlers to be told of each.",
                    ));
                }
                if app.events().wants_any(DELETE, source) {
                    found.push(record);
                }
                waiting.push_back((Arc::clone(source), record_id));
            }
        }
    }
    Ok(found)
}

/// Says whether a cascade from a collection can reach one in which somebody listens.
pub(super) fn is_watched(app: &App, snapshot: &Snapshot, entry: &Arc<Entry>) -> bool {
    if app.events().listener().is_none() {
        return false;
    }
    let mut seen = HashSet::from([entry.id.clone()]);
    let mut waiting = vec![Arc::clone(entry)];
    while let Some(entry) = waiting.pop() {
        for (source, _) in cascades(snapshot, &entry) {
            if app.events().wants_any(DELETE, source) {
                return true;
            }
            if seen.insert(source.id.clone()) {
                waiting.push(Arc::clone(source));
            }
        }
    }
    false
}

/// The relation fields through which a delete in a collection cascades, with their collections.
fn cascades<'a>(
    snapshot: &'a Snapshot,
    entry: &'a Entry,
) -> impl Iterator<Item = (&'a Arc<Entry>, &'a Field)> {
    entry.referenced_by().iter().filter_map(|back| {
        let source = snapshot.collection_by_id(&back.collection_id)?;
        let field = source.field(&back.field)?;
        let cascades = field.relation()?.cascade_delete;
        cascades.then_some((source, field))
    })
}

/// The records of which a relation field holds an id.
async fn referring(
    app: &App,
    source: &Entry,
    field: &Field,
    id: &str,
) -> Result<Vec<SharedRecord>> {
    let mut params = Map::new();
    params.insert("id".to_owned(), Json::String(id.to_owned()));
    let wanted = Wanted {
        filter: format!("{} ?= {{:id}}", field.name),
        params,
        ..Wanted::default()
    };
    // The id may be the name of another collection; its name is nobody's id who is older.
    data::records(app, &source.name, wanted).await
}
