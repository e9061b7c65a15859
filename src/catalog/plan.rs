//! What has to happen to a table when its collection changes. Pure: `table` carries it out.

use std::collections::HashSet;

use crate::base::ids::{self, LOWER_ALNUM};
use crate::schema::{Collection, Field, Index};

const TEMPORARY_SUFFIX_LENGTH: usize = 5;

/// One step; steps are carried out in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Makes the table with its columns, name and definition, ordered by name.
    CreateTable(Vec<(String, &'static str)>),
    DropIndex(String),
    RenameTable {
        from: String,
    },
    DropColumn(String),
    AddColumn {
        name: String,
        definition: &'static str,
    },
    RenameColumn {
        from: String,
        to: String,
    },
    /// Rewrites single values as lists.
    ToMultiple {
        column: String,
        definition: &'static str,
    },
    /// Rewrites lists as their last value.
    ToSingle {
        column: String,
        definition: &'static str,
    },
    /// Makes the index at a position of the collection's `indexes`.
    CreateIndex {
        position: usize,
        index: Index,
    },
}

/// The steps that lead from one definition (or no table at all) to another. Views have no table and are no concern
/// here.
pub(super) fn plan(old: Option<&Collection>, new: &Collection) -> Vec<Step> {
    let Some(old) = old else {
        let mut columns: Vec<(String, &'static str)> = new
            .fields
            .iter()
            .map(|field| (field.name.clone(), field.column_ddl()))
            .collect();
        columns.sort();
        let mut steps = vec![Step::CreateTable(columns)];
        steps.extend(create_indexes(new, &HashSet::new()));
        return steps;
    };
    let renames_table = !old.name.eq_ignore_ascii_case(&new.name);
    let columns = ColumnSteps::new(old, new);
    let kept = if renames_table || !columns.only_additions() {
        HashSet::new()
    } else {
        // An index may stay while the columns it is made of stay as they are.
        let wanted: HashSet<&str> = new.indexes.iter().map(String::as_str).collect();
        let old = old.indexes.iter().map(String::as_str);
        old.filter(|text| wanted.contains(text)).collect()
    };

    let mut steps: Vec<Step> = old
        .indexes
        .iter()
        .filter(|text| !kept.contains(text.as_str()))
        .filter_map(|text| Index::parse(text))
        .map(|index| Step::DropIndex(index.name))
        .collect();
    if renames_table {
        steps.push(Step::RenameTable {
            from: old.name.clone(),
        });
    }
    steps.extend(columns.in_order());
    steps.extend(create_indexes(new, &kept));
    steps
}

/// What happens to columns, by kind of step. A field's id tells which column is its own.
#[derive(Default)]
struct ColumnSteps {
    dropped: Vec<Step>,
    /// Renames to temporary names, so that names can be swapped.
    set_aside: Vec<Step>,
    added: Vec<Step>,
    /// Renames from temporary names to the final ones.
    settled: Vec<Step>,
    converted: Vec<Step>,
}

impl ColumnSteps {
    fn new(old: &Collection, new: &Collection) -> Self {
        let mut steps = Self::default();
        for field in &old.fields {
            if by_id(&new.fields, &field.id).is_none() {
                steps.dropped.push(Step::DropColumn(field.name.clone()));
            }
        }
        for field in &new.fields {
            let (name, definition) = (field.name.clone(), field.column_ddl());
            let Some(before) = by_id(&old.fields, &field.id) else {
                steps.added.push(Step::AddColumn { name, definition });
                continue;
            };
            if before.name != field.name {
                let suffix = ids::random_string(TEMPORARY_SUFFIX_LENGTH, LOWER_ALNUM);
                let temporary = format!("{name}{suffix}");
                steps.set_aside.push(Step::RenameColumn {
                    from: before.name.clone(),
                    to: temporary.clone(),
                });
                steps.settled.push(Step::RenameColumn {
                    from: temporary,
                    to: name.clone(),
                });
            }
            let column = name;
            match (before.is_multiple(), field.is_multiple()) {
                (false, true) => steps
                    .converted
                    .push(Step::ToMultiple { column, definition }),
                (true, false) => steps.converted.push(Step::ToSingle { column, definition }),
                (true, true) | (false, false) => {}
            }
        }
        steps
    }

    fn only_additions(&self) -> bool {
        self.dropped.is_empty() && self.set_aside.is_empty() && self.converted.is_empty()
    }

    fn in_order(self) -> impl Iterator<Item = Step> {
        let Self {
            dropped,
            set_aside,
            added,
            settled,
            converted,
        } = self;
        [dropped, set_aside, added, settled, converted]
            .into_iter()
            .flatten()
    }
}

fn by_id<'a>(fields: &'a [Field], id: &str) -> Option<&'a Field> {
    fields.iter().find(|field| field.id == id)
}

fn create_indexes(collection: &Collection, kept: &HashSet<&str>) -> Vec<Step> {
    collection
        .indexes
        .iter()
        .enumerate()
        .filter(|(_, text)| !kept.contains(text.as_str()))
        .filter_map(|(position, text)| {
            let index = Index::parse(text)?;
            Some(Step::CreateIndex { position, index })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::{Step, plan};
    use crate::schema::{Collection, Draft, scaffold};

    fn collection(name: &str, fields: &Json, indexes: &Json) -> Collection {
        let body = json!({"name": name, "fields": fields, "indexes": indexes});
        let mut collection = Draft::create(&body).unwrap().collection;
        scaffold::complete(&mut collection);
        collection
    }

    fn show(step: &Step) -> String {
        let stem = |name: &str| {
            if name.len() > super::TEMPORARY_SUFFIX_LENGTH {
                format!("{}*", &name[..name.len() - super::TEMPORARY_SUFFIX_LENGTH])
            } else {
                name.to_owned()
            }
        };
        match step {
            Step::CreateTable(columns) => {
                let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
                format!("table({})", names.join(","))
            }
            Step::DropIndex(name) => format!("-index {name}"),
            Step::RenameTable { from } => format!("rename from {from}"),
            Step::DropColumn(name) => format!("-{name}"),
            Step::AddColumn { name, .. } => format!("+{name}"),
            Step::RenameColumn { from, to } => format!("{}>{}", stem(from), stem(to)),
            Step::ToMultiple { column, .. } => format!("{column}[]"),
            Step::ToSingle { column, .. } => format!("{column}[0]"),
            Step::CreateIndex { position, index } => format!("+index {} {position}", index.name),
        }
    }

    #[track_caller]
    fn check(old: Option<&Collection>, new: &Collection, expect: &str) {
        let steps: Vec<String> = plan(old, new).iter().map(show).collect();
        assert_eq!(steps.join("; "), expect);
    }

    #[test]
    fn new_tables_have_ordered_columns() {
        let new = collection(
            "t",
            &json!([{"name": "b", "type": "text"}, {"name": "a", "type": "text"}]),
            &json!(["create index i on t (a)"]),
        );
        check(None, &new, "table(a,b,id); +index i 0");
    }

    #[test]
    fn columns_follow_field_ids() {
        let old = collection(
            "t",
            &json!([{"id": "1", "name": "a", "type": "text"}, {"id": "2", "name": "b", "type": "text"},
                {"id": "3", "name": "c", "type": "select", "values": ["x", "y"]}]),
            &json!(["create index i on t (a)"]),
        );
        check(Some(&old), &old, "");
        let swapped = collection(
            "t",
            &json!([{"id": "2", "name": "a", "type": "text"}, {"id": "1", "name": "b", "type": "text"}]),
            &json!(["create index i on t (a)"]),
        );
        check(
            Some(&old),
            &swapped,
            "-index i; -c; b>a*; a>b*; a*>a; b*>b; +index i 0",
        );
        let converted = collection(
            "u",
            &json!([{"id": "1", "name": "a", "type": "text"}, {"id": "2", "name": "b", "type": "text"},
                {"id": "3", "name": "c", "type": "select", "maxSelect": 2, "values": ["x", "y"]},
                {"id": "4", "name": "d", "type": "text"}]),
            &json!([]),
        );
        check(Some(&old), &converted, "-index i; rename from t; +d; c[]");
    }

    #[test]
    fn indexes_stay_while_columns_are_only_added() {
        let old = collection(
            "t",
            &json!([]),
            &json!(["create index i on t (id)", "create index j on t (id, id)"]),
        );
        let new = collection(
            "t",
            &json!([{"name": "a", "type": "text"}]),
            &json!(["create index k on t (a)", "create index i on t (id)"]),
        );
        check(Some(&old), &new, "-index j; +a; +index k 0");
    }
}
