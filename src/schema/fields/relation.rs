//! Relation fields: ids of records of one collection.

use serde_json::Value as Json;

use crate::schema::fields::json_form::{FieldFormError, Members};

/// Options of relation fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RelationOptions {
    pub collection_id: String,
    pub cascade_delete: bool,
    pub min_select: i64,
    pub max_select: i64,
}

impl RelationOptions {
    pub(super) fn read(members: Members<'_>) -> Result<Self, FieldFormError> {
        Ok(Self {
            collection_id: members.text("collectionId")?,
            cascade_delete: members.flag("cascadeDelete")?,
            min_select: members.int("minSelect")?,
            max_select: members.int("maxSelect")?,
        })
    }

    pub(super) fn write(&self, mut put: impl FnMut(&str, Json)) {
        put("collectionId", self.collection_id.clone().into());
        put("cascadeDelete", self.cascade_delete.into());
        put("minSelect", self.min_select.into());
        put("maxSelect", self.max_select.into());
    }
}
