//! The order of members in a record's JSON, worked out once per schema.

use crate::base::json;
use crate::schema::collection::Collection;

/// Members of a record's JSON, sorted by name.
#[derive(Debug)]
pub struct Layout {
    members: Vec<Member>,
}

/// One member of a record's JSON.
#[derive(Debug)]
pub struct Member {
    /// The member's name as JSON text with its colon, such as `"title":`.
    pub key: Box<[u8]>,
    pub source: Source,
}

/// Where a member's value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The field at this position.
    Field(usize),
    /// The id of the record's collection.
    CollectionId,
    /// The name of the record's collection.
    CollectionName,
    /// Expanded relations, if any were loaded.
    Expand,
}

impl Layout {
    /// The layout of a collection. Password hashes and token keys of auth records are never part of it.
    pub(crate) fn new(collection: &Collection) -> Self {
        let secret = |name: &str| collection.is_auth() && matches!(name, "password" | "tokenKey");
        let mut members: Vec<(&str, Source)> = collection
            .fields
            .iter()
            .enumerate()
            .filter(|(_, field)| !secret(&field.name))
            .map(|(index, field)| (field.name.as_str(), Source::Field(index)))
            .collect();
        members.push(("collectionId", Source::CollectionId));
        members.push(("collectionName", Source::CollectionName));
        members.push(("expand", Source::Expand));
        members.sort_by_key(|(name, _)| *name);
        let members = members
            .into_iter()
            .map(|(name, source)| {
                let mut key = Vec::with_capacity(name.len() + 3);
                json::write_string(&mut key, name);
                key.push(b':');
                Member {
                    key: key.into_boxed_slice(),
                    source,
                }
            })
            .collect();
        Self { members }
    }

    /// The members in output order.
    pub fn members(&self) -> &[Member] {
        &self.members
    }
}
