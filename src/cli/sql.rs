//! `stead sql …`: a look into the database, also while a server has it open.

use std::time::Duration;

use crate::app::sql::{MAX_ROWS, is_vacuum};
use crate::cli::console::{self, Failure};
use crate::cli::shared::Shared;
use crate::cli::work;
use crate::engine::{Engine, Error, Options, Table};
use crate::sql::Sql;

pub(super) fn run(shared: &Shared, query: &str, write: bool) -> Result<(), Failure> {
    let path = work::database_in(&shared.dir)?;
    let failed = |error: Error| Failure::new(error.to_string());
    let changes = || Failure::new("this statement changes the database: say --write to allow it");
    let is_vacuum = is_vacuum(query);
    if is_vacuum && !write {
        return Err(changes());
    }
    let mut script: Sql = Sql::new();
    script.superuser_text(query);
    let options = Options {
        statement_limit: Duration::from_secs(shared.query_timeout),
        ..Options::default()
    };
    let engine = Engine::open(&path, options).map_err(failed)?;
    let result = if is_vacuum {
        let vacuumed = work::runtime()?.block_on(engine.vacuum());
        vacuumed.map(|()| Table::default())
    } else if write {
        let runtime = work::runtime()?;
        runtime.block_on(engine.exclusive(move |tx| tx.script(&script, MAX_ROWS), |_| ()))
    } else {
        engine.read(|reader| reader.script(&script, MAX_ROWS))
    };
    engine.shutdown();
    let table = result.map_err(|error| match error {
        Error::ReadOnly(_) if !write => changes(),
        error => failed(error),
    })?;
    print(&table, write);
    Ok(())
}

/// Columns separated by tabs; NULL is empty.
fn print(table: &Table, write: bool) {
    if !table.columns.is_empty() {
        let names: Vec<&str> = table
            .columns
            .iter()
            .map(|(name, _)| name.as_str())
            .collect();
        console::out(&names.join("\t"));
    }
    for row in &table.rows {
        let cells: Vec<String> = row
            .iter()
            .map(|cell| {
                cell.as_deref()
                    .unwrap_or_default()
                    .replace(['\t', '\n', '\r'], " ")
            })
            .collect();
        console::out(&cells.join("\t"));
    }
    if write {
        console::out(&format!("{} rows changed", table.affected));
    }
}
