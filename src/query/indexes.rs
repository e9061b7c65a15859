//! What a compiled statement may assume about the indexes of a collection. Reads just enough of `CREATE INDEX`.

use crate::schema::Collection;

/// Says whether a unique index covers exactly this column.
pub(super) fn is_unique(collection: &Collection, column: &str) -> bool {
    columns(collection)
        .any(|(unique, columns)| unique && !columns.contains(',') && first_name(columns) == column)
}

/// Says whether an index starts with this column.
pub(super) fn starts_with(collection: &Collection, column: &str) -> bool {
    columns(collection).any(|(_, columns)| first_name(columns) == column)
}

/// Of each index, whether it is unique and the text of its column list.
fn columns(collection: &Collection) -> impl Iterator<Item = (bool, &str)> {
    collection.indexes.iter().filter_map(|index| {
        let (head, columns) = index.split_once('(')?;
        let unique = head
            .split_whitespace()
            .nth(1)
            .is_some_and(|word| word.eq_ignore_ascii_case("unique"));
        let (columns, _) = columns.split_once(')')?;
        Some((unique, columns))
    })
}

fn first_name(columns: &str) -> &str {
    columns
        .split(|c: char| c.is_whitespace() || c == ',')
        .find(|word| !word.is_empty())
        .unwrap_or_default()
        .trim_matches(['`', '"', '[', ']', '\''])
}
