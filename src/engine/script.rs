//! Running statements that a superuser wrote, one after the other, for their last result.

use rusqlite::fallible_iterator::FallibleIterator as _;
use rusqlite::types::ValueRef;
use rusqlite::{Batch, Row, Statement};

use super::error::Error;
use super::reader::Reader;
use super::statement::{begins_with, check, controls};
use super::tx::Tx;
use crate::sql::{Sql, Value};

/// What the last statement of a script gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Name and declared type of each column.
    pub columns: Vec<(String, String)>,
    /// Cells as text; `None` is NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// Rows the last statement changed.
    pub affected: u64,
}

impl Reader {
    /// Runs a script that only reads, and keeps so many rows of its last result.
    pub fn script(&self, script: &Sql, max_rows: usize) -> Result<Table, Error> {
        let _running = self.watch().begin();
        let mut batch = Batch::new(self.connection(), script.as_str());
        let mut table = Table::default();
        while let Some(mut statement) = batch.next()? {
            table = self.run_to_end(&mut statement, max_rows)?;
        }
        Ok(table)
    }

    fn run_to_end(&self, statement: &mut Statement<'_>, max_rows: usize) -> Result<Table, Error> {
        if statement.parameter_count() > 0 {
            return Err(Error::Sql("values cannot be bound here".to_owned()));
        }
        let mut table = Table {
            columns: statement
                .columns()
                .map(|column| {
                    (
                        column.name().to_owned(),
                        column.decl_type().unwrap_or_default().to_owned(),
                    )
                })
                .collect(),
            ..Table::default()
        };
        let n = table.columns.len();
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(|error| self.failure(error))? {
            // The rest still runs: it may change rows.
            if table.rows.len() < max_rows {
                table.rows.push((0..n).map(|i| cell(row, i)).collect());
            }
        }
        Ok(table)
    }
}

impl Tx {
    /// Runs one statement of the operator with its values inside the transaction, and returns how many rows it changed.
    ///
    /// Security: `text` must come from the operator, such as a script, never from a request.
    pub fn statement(&self, text: &str, binds: &[Value]) -> Result<usize, Error> {
        check(text)?;
        // What a connection is set to concerns everybody who writes after it.
        if begins_with(text, "PRAGMA") {
            return Err(Error::Sql("PRAGMA cannot be used here".to_owned()));
        }
        self.run(text, binds)
    }

    /// Runs a script inside the transaction, and keeps so many rows of its last result.
    pub fn script(&self, script: &Sql, max_rows: usize) -> Result<Table, Error> {
        let _running = self.watch().begin();
        let mut batch = Batch::new(self.connection(), script.as_str());
        let mut table = Table::default();
        while let Some(mut statement) = batch.next()? {
            let text = statement.expanded_sql().unwrap_or_default();
            check(&text)?;
            if controls(&statement, &text) {
                return Err(Error::Sql("this statement cannot be used here".to_owned()));
            }
            let before = self.connection().total_changes();
            table = self.run_to_end(&mut statement, max_rows)?;
            table.affected = self.connection().total_changes() - before;
        }
        Ok(table)
    }
}

fn cell(row: &Row<'_>, index: usize) -> Option<String> {
    match row.get_ref(index).ok()? {
        ValueRef::Null => None,
        ValueRef::Integer(value) => Some(value.to_string()),
        ValueRef::Real(value) => Some(real(value)),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
    }
}

/// A number as the contract writes it: with an exponent from a million on and below a ten-thousandth.
fn real(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{value:e}");
    let parts = scientific.split_once('e');
    let Some((digits, exponent)) =
        parts.and_then(|(digits, e)| Some((digits, e.parse::<i32>().ok()?)))
    else {
        return scientific;
    };
    if (-4..6).contains(&exponent) {
        return value.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::real;

    #[test]
    fn numbers_are_written_like_the_contracts() {
        for (value, expect) in [
            (1e300, "1e+300"),
            (2.0, "2"),
            (-0.5, "-0.5"),
            (1e-7, "1e-07"),
            (123_456_789.125, "1.23456789125e+08"),
            (0.1 + 0.2, "0.30000000000000004"),
            (999_999.0, "999999"),
            (1e6, "1e+06"),
            (1e-4, "0.0001"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(real(value), expect);
        }
    }
}
