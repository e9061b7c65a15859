//! One entry and how it is cut to size.

use serde_json::{Map, Value as Json};

use crate::base::time::Timestamp;

/// Longest message, in characters.
pub const MAX_MESSAGE: usize = 8000;

/// Member that says that an entry's data is incomplete; the contract's name.
const TRUNCATED: &str = "__pb_truncated__";

/// How important an entry is; the numbers are the contract's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i64)]
pub enum Level {
    Debug = -4,
    Info = 0,
    Warn = 4,
    Error = 8,
}

/// An entry on its way to the database.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub level: Level,
    pub message: String,
    pub data: Map<String, Json>,
    pub created: Timestamp,
}

impl Entry {
    /// The message, cut to its longest.
    pub(super) fn short_message(&self) -> &str {
        match self.message.char_indices().nth(MAX_MESSAGE) {
            Some((end, _)) => self.message.get(..end).unwrap_or_default(),
            None => &self.message,
        }
    }

    /// The data as JSON of at most about `limit` bytes: what no longer fits is `null`, and what would follow is left
    /// out.
    pub(super) fn data_within(&self, limit: usize) -> String {
        let whole = Json::Object(self.data.clone()).to_string();
        if whole.len() <= limit {
            return whole;
        }
        let mut kept = Map::new();
        let mut size = 2;
        for (name, value) in &self.data {
            size += name.len() + 4 + value.to_string().len();
            if size > limit {
                kept.insert(name.clone(), Json::Null);
                break;
            }
            kept.insert(name.clone(), value.clone());
        }
        kept.insert(TRUNCATED.to_owned(), Json::Bool(true));
        Json::Object(kept).to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{Entry, Level, MAX_MESSAGE};
    use crate::base::time::Timestamp;

    fn entry(message: &str, data: Json) -> Entry {
        let Json::Object(data) = data else {
            unreachable!("data is an object");
        };
        Entry {
            level: Level::Info,
            message: message.to_owned(),
            data,
            created: Timestamp::from_unix_ms(0),
        }
    }

    #[test]
    fn entries_are_cut_to_size() {
        let long = "é".repeat(MAX_MESSAGE + 1);
        let entry = entry(&long, json!({"a": 1, "b": "x".repeat(50), "c": 2}));
        assert_eq!(entry.short_message().chars().count(), MAX_MESSAGE);
        let all = entry.data_within(100);
        assert_eq!(serde_json::from_str::<Json>(&all).unwrap()["c"], 2);
        let cut: Json = serde_json::from_str(&entry.data_within(40)).unwrap();
        assert_eq!(cut, json!({"a": 1, "b": null, "__pb_truncated__": true}));
    }
}
