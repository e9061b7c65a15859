//! A place that names something by its old name.

use serde_json::{Value as Json, json};

/// A place that names something by its old name.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) id: String,
    pub(super) place: Place,
    pub(super) before: String,
    pub(super) after: String,
    /// It is known to mean what gets another name.
    pub(super) is_certain: bool,
    pub(super) is_fixable: bool,
    pub(super) is_fixed: bool,
}

/// Where it is.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// A member of a collection's definition that is a rule, such as `listRule`.
    Rule {
        collection_id: String,
        collection: String,
        member: &'static str,
    },
    Option {
        collection_id: String,
        collection: String,
        member: &'static str,
    },
    Index {
        collection_id: String,
        collection: String,
        name: String,
    },
    View {
        collection_id: String,
        collection: String,
    },
    Script {
        path: String,
        line: usize,
    },
}

impl Reference {
    pub(super) fn new(place: Place, before: String, after: String) -> Self {
        let id = match &place {
            Place::Rule {
                collection_id,
                member,
                ..
            } => format!("rule:{collection_id}:{member}"),
            Place::Option {
                collection_id,
                member,
                ..
            } => format!("option:{collection_id}:{member}"),
            Place::Index {
                collection_id,
                name,
                ..
            } => format!("index:{collection_id}:{name}"),
            Place::View { collection_id, .. } => format!("view:{collection_id}"),
            Place::Script { path, line } => format!("hook:{path}:{line}"),
        };
        Self {
            id,
            place,
            before,
            after,
            is_certain: true,
            is_fixable: true,
            is_fixed: false,
        }
    }

    /// The collection whose definition it is part of.
    pub(super) fn collection_id(&self) -> Option<&str> {
        match &self.place {
            Place::Rule { collection_id, .. }
            | Place::Option { collection_id, .. }
            | Place::Index { collection_id, .. }
            | Place::View { collection_id, .. } => Some(collection_id),
            Place::Script { .. } => None,
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let (kind, place, line) = match &self.place {
            Place::Rule {
                collection, member, ..
            } => ("rule", format!("{collection}.{member}"), None),
            Place::Option {
                collection, member, ..
            } => ("option", format!("{collection}.{member}"), None),
            Place::Index {
                collection, name, ..
            } => ("index", format!("{collection}.{name}"), None),
            Place::View { collection, .. } => ("view", collection.clone(), None),
            Place::Script { path, line } => ("hook", path.clone(), Some(*line)),
        };
        json!({
            "id": self.id,
            "kind": kind,
            "where": place,
            "line": line,
            "before": self.before,
            "after": self.after,
            "certain": self.is_certain,
            "fixable": self.is_fixable,
            "fix": self.is_fixed,
        })
    }
}
