//! `e.result` of a page of records: its numbers, and its items, which handlers may leave out, reorder and replace.

use rhai::{Array, Dynamic, Map};

use crate::events::{Event, Item};
use crate::hooks::record::ScriptRecord;
use crate::hooks::values;

/// The page with its items.
pub(super) fn shown(event: &Event) -> Dynamic {
    let mut page = match event.members.get("result") {
        serde_json::Value::Object(members) => values::map_from_json(&members),
        _ => Map::new(),
    };
    let items: Array = match &*event.items.lock() {
        None => event.records.iter().map(ScriptRecord::dynamic).collect(),
        Some(items) => items
            .iter()
            .map(|item| match item {
                Item::Row(row) => event
                    .records
                    .get(*row)
                    .map_or(Dynamic::UNIT, ScriptRecord::dynamic),
                Item::Other(value) => values::from_json(value),
            })
            .collect(),
    };
    page.insert("items".into(), Dynamic::from_array(items));
    Dynamic::from_map(page)
}

/// Takes a page over as a handler left it.
pub(super) fn set(event: &Event, value: &Dynamic) {
    let Some(page) = value.read_lock::<Map>() else {
        return;
    };
    if let Some(items) = page.get("items").and_then(Dynamic::read_lock::<Array>) {
        let items: Vec<Item> = items.iter().map(|item| item_of(event, item)).collect();
        let all = (0..event.records.len()).map(Item::Row);
        *event.items.lock() = (!all.eq(items.iter().cloned())).then_some(items);
    }
    let mut members = values::map_to_json(&page);
    members.remove("items");
    event
        .members
        .set("result", serde_json::Value::Object(members));
}

/// One of the page's own records stays that, so that it is shown as it is decided for each.
fn item_of(event: &Event, item: &Dynamic) -> Item {
    let own = item.read_lock::<ScriptRecord>().and_then(|record| {
        let mut records = event.records.iter();
        records.position(|known| known.is(&record.0))
    });
    own.map_or_else(|| Item::Other(values::to_json(item)), Item::Row)
}
