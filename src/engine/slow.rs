//! Telling operators which statements are slow, and how they were run.

use std::time::Duration;

use rusqlite::Connection;

use super::error::Error;

/// Longest statement that is shown in full, in bytes.
const MAX_SHOWN: usize = 4_000;

/// Logs a statement with its plan. Its values stay unsaid: they are data.
pub(super) fn report(connection: &Connection, text: &str, duration: Duration) {
    let plan = steps(connection, text).unwrap_or_default().join("\n");
    let shown = crate::base::text::truncate_bytes(text, MAX_SHOWN);
    let duration_ms = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    tracing::warn!(duration_ms, sql = shown, plan, "a statement was slow");
}

/// The steps of the plan, each indented as deep as it stands in the tree.
pub(super) fn steps(connection: &Connection, text: &str) -> Result<Vec<String>, Error> {
    let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {text}"))?;
    let mut rows = statement.raw_query();
    let mut depths: Vec<(i64, usize)> = Vec::new();
    let mut plan = Vec::new();
    while let Some(row) = rows.next()? {
        let (id, parent, step): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(3)?);
        let depth = depths
            .iter()
            .find(|(known, _)| *known == parent)
            .map_or(0, |(_, depth)| depth + 1);
        depths.push((id, depth));
        plan.push(format!("{}{step}", "  ".repeat(depth)));
    }
    Ok(plan)
}

/// The index that a step of a plan uses. Names stand there as they are, blanks and all.
pub fn index_of_step(step: &str) -> Option<&str> {
    let (_, rest) = step
        .split_once(" USING COVERING INDEX ")
        .or_else(|| step.split_once(" USING INDEX "))?;
    Some(rest.split_once(" (").map_or(rest, |(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::index_of_step;

    #[test]
    fn indexes_are_found_in_steps_of_plans() {
        for (step, expect) in [
            ("SEARCH r USING INDEX by_name (name=?)", Some("by_name")),
            (
                "  SEARCH r USING COVERING INDEX by_name (name=?)",
                Some("by_name"),
            ),
            ("SCAN r USING INDEX by name", Some("by name")),
            ("SEARCH r USING INTEGER PRIMARY KEY (rowid=?)", None),
            ("SEARCH j USING AUTOMATIC COVERING INDEX (id=?)", None),
            ("SCAN r", None),
        ] {
            assert_eq!(index_of_step(step), expect, "{step}");
        }
    }
}
