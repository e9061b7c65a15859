//! What a scan is told: what there is, what of it gets another name, and how an answer is given.

/// Something that gets another name.
#[derive(Clone, Debug)]
pub(in crate::app::schema_plan) struct Renamed {
    pub(in crate::app::schema_plan) from: String,
    pub(in crate::app::schema_plan) to: String,
    /// The collection a field belongs to; `None` for a collection itself.
    pub(in crate::app::schema_plan) collection: Option<String>,
}

/// A collection there is.
#[derive(Clone, Debug)]
pub(in crate::app::schema_plan) struct Named {
    pub(in crate::app::schema_plan) id: String,
    pub(in crate::app::schema_plan) name: String,
    pub(in crate::app::schema_plan) fields: Vec<String>,
    pub(in crate::app::schema_plan) relations: Vec<Relation>,
}

/// A field that leads to records.
#[derive(Clone, Debug)]
pub(in crate::app::schema_plan) struct Relation {
    pub(in crate::app::schema_plan) field: String,
    pub(in crate::app::schema_plan) collection_id: String,
    pub(in crate::app::schema_plan) is_list: bool,
}

/// A piece of a text that is replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::app::schema_plan) struct Edit {
    pub(in crate::app::schema_plan) start: usize,
    pub(in crate::app::schema_plan) end: usize,
    pub(in crate::app::schema_plan) to: String,
    pub(in crate::app::schema_plan) is_certain: bool,
}

/// Reads a filter of a collection, which it is given by its name: what of it gets another name. Nothing when it is no
/// filter.
pub(in crate::app::schema_plan) type ReadFilter<'a> = dyn Fn(&str, &str) -> Option<Vec<Edit>> + 'a;

/// What there is to be named.
pub(in crate::app::schema_plan) struct Known<'a> {
    pub(in crate::app::schema_plan) collections: Vec<Named>,
    pub(in crate::app::schema_plan) filter: &'a ReadFilter<'a>,
}

impl Known<'_> {
    /// The number of a collection, given by its name or id.
    pub(super) fn number(&self, name: &str) -> Option<usize> {
        self.collections
            .iter()
            .position(|entry| entry.name.eq_ignore_ascii_case(name) || entry.id == name)
    }

    pub(super) fn has(&self, number: usize, field: &str) -> bool {
        let entry = self.collections.get(number);
        entry.is_some_and(|entry| entry.fields.iter().any(|name| name == field))
    }

    /// The collection that a relation leads to, and whether to several records.
    pub(super) fn target(&self, number: usize, field: &str) -> Option<(usize, bool)> {
        let mut relations = self.collections.get(number)?.relations.iter();
        let relation = relations.find(|relation| relation.field == field)?;
        Some((self.number(&relation.collection_id)?, relation.is_list))
    }

    pub(super) fn name(&self, number: usize) -> &str {
        let entry = self.collections.get(number);
        entry.map_or("", |entry| entry.name.as_str())
    }
}
