//! Relation fields: ids of records of one collection.

use serde_json::Value as Json;

use crate::base::issues::{Issue, Issues};
use crate::schema::codes;
use crate::schema::collection::CollectionKind;
use crate::schema::fields::members::{FieldFormError, Members};
use crate::schema::fields::options::OptionsContext;
use crate::schema::value::FieldValue;

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

    pub(super) fn validate(&self, value: &FieldValue) -> Result<(), Issue> {
        let count = i64::try_from(value.texts().len()).unwrap_or(i64::MAX);
        let max = self.max_select.max(1);
        if count == 0 {
            Ok(())
        } else if count < self.min_select {
            let message = format!("Select at least {}.", self.min_select);
            Err(Issue::new("validation_not_enough_values", message)
                .with("minSelect", self.min_select))
        } else if count > max {
            Err(codes::too_many_values(max))
        } else {
            Ok(())
        }
    }

    pub(super) fn check(
        &self,
        previous: Option<&Self>,
        context: &OptionsContext<'_>,
        issues: &mut Issues,
    ) {
        issues.check("collectionId", self.check_collection(previous, context));
        issues.check("minSelect", codes::in_range(self.min_select, 0, i64::MAX));
        if self.min_select > 0 && self.max_select == 0 {
            issues.add("maxSelect", Issue::required());
        }
        issues.check(
            "maxSelect",
            codes::in_range(self.max_select, self.min_select, i64::MAX),
        );
    }

    fn check_collection(
        &self,
        previous: Option<&Self>,
        context: &OptionsContext<'_>,
    ) -> Result<(), Issue> {
        if self.collection_id.is_empty() {
            return Err(Issue::required());
        }
        if previous.is_some_and(|old| old.collection_id != self.collection_id) {
            return Err(Issue::new(
                "validation_field_relation_change",
                "The relation collection cannot be changed.",
            ));
        }
        match (context.collection_kind)(&self.collection_id) {
            None => Err(Issue::new(
                "validation_field_relation_missing_collection",
                "The relation collection doesn't exist.",
            )),
            Some(CollectionKind::View) if !context.in_view => Err(Issue::new(
                "validation_relation_field_non_view_base_collection",
                "Only view collections are allowed to have relations to other views.",
            )),
            Some(_) => Ok(()),
        }
    }
}
