//! Carrying out the planned steps: tables, columns and indexes of base and auth collections.

use crate::base::issues::{Issue, Issues};
use crate::catalog::failure::Failure;
use crate::catalog::plan::{self, Step};
use crate::engine::{Error as EngineError, Tx};
use crate::schema::{Collection, Index};
use crate::sql::{Ident, Sql};

/// Makes the table of a collection what its definition says. Nothing is left half done only if the caller rolls back.
pub(super) fn sync(tx: &Tx, old: Option<&Collection>, new: &Collection) -> Result<(), Failure> {
    check_indexes(new)?;
    let steps = plan::plan(old, new);
    if steps.is_empty() {
        return Ok(());
    }
    let table = Ident::new(&new.name);
    let mut issues = Issues::new();
    for step in steps {
        apply(tx, &table, step, &mut issues)?;
    }
    if !issues.is_empty() {
        return Err(Failure::Issues(issues));
    }
    if let Some(old) = old {
        forget_removed(tx, old, new)?;
    }
    optimize(tx)?;
    Ok(())
}

/// Security: a field that is made later may get the id of one that is gone, and may be shown to more people.
fn forget_removed(tx: &Tx, old: &Collection, new: &Collection) -> Result<(), EngineError> {
    for field in &old.fields {
        if !new.fields.iter().any(|kept| kept.id == field.id) {
            tx.forget_field(&old.id, &field.id)?;
        }
    }
    Ok(())
}

/// Validation has checked this already, unless the definition is imported.
fn check_indexes(collection: &Collection) -> Result<(), Failure> {
    for (position, text) in collection.indexes.iter().enumerate() {
        if Index::parse(text).is_none() {
            let issue = Issue::new(
                "validation_invalid_index_expression",
                "Invalid CREATE INDEX expression.",
            );
            let issues = Issues::one(position.to_string(), issue);
            let mut nested = Issues::new();
            nested.nest("indexes", issues);
            return Err(Failure::Issues(nested));
        }
    }
    Ok(())
}

/// Refreshes the statistics that the query planner works with.
pub(super) fn optimize(tx: &Tx) -> Result<(), EngineError> {
    tx.batch(&Sql::from_text("PRAGMA optimize"))
}

/// Removes the table of a collection.
pub(super) fn drop_table(tx: &Tx, name: &str) -> Result<(), EngineError> {
    tx.batch(Sql::from_text("DROP TABLE IF EXISTS ").ident(&Ident::new(name)))
}

fn apply(tx: &Tx, table: &Ident, step: Step, issues: &mut Issues) -> Result<(), Failure> {
    match step {
        Step::CreateTable(columns) => {
            let mut sql = Sql::from_text("CREATE TABLE ");
            sql.ident(table).text(" (");
            let columns = columns.into_iter().map(|(name, definition)| {
                let mut column = Sql::new();
                column.ident(&Ident::new(&name)).text(" ").text(definition);
                column
            });
            sql.join(", ", columns).text(")");
            tx.batch(&sql)?;
        }
        Step::DropIndex(name) => {
            tx.batch(Sql::from_text("DROP INDEX IF EXISTS ").ident(&Ident::new(&name)))?;
        }
        Step::RenameTable { from } => {
            let mut sql = Sql::from_text("ALTER TABLE ");
            sql.ident(&Ident::new(&from))
                .text(" RENAME TO ")
                .ident(table);
            tx.batch(&sql)?;
        }
        Step::DropColumn(name) => drop_column(tx, table, &name)?,
        Step::AddColumn { name, definition } => {
            add_column(tx, table, &Ident::new(&name), definition)?;
        }
        Step::RenameColumn { from, to } => {
            rename_column(tx, table, &Ident::new(&from), &Ident::new(&to))?;
        }
        Step::ToMultiple { column, definition } => {
            without_views(tx, || convert(tx, table, &column, definition, to_multiple))?;
        }
        Step::ToSingle { column, definition } => {
            without_views(tx, || convert(tx, table, &column, definition, to_single))?;
        }
        Step::CreateIndex { position, index } => create_index(tx, position, &index, issues)?,
    }
    Ok(())
}

fn drop_column(tx: &Tx, table: &Ident, name: &str) -> Result<(), Failure> {
    let mut sql = Sql::from_text("ALTER TABLE ");
    sql.ident(table)
        .text(" DROP COLUMN ")
        .ident(&Ident::new(name));
    tx.batch(&sql)
        .map_err(|error| Failure::from(error).context(|| format!("failed to drop column {name}")))
}

fn add_column(
    tx: &Tx,
    table: &Ident,
    name: &Ident,
    definition: &'static str,
) -> Result<(), EngineError> {
    let mut sql = Sql::from_text("ALTER TABLE ");
    sql.ident(table)
        .text(" ADD COLUMN ")
        .ident(name)
        .text(" ")
        .text(definition);
    tx.batch(&sql)
}

fn rename_column(tx: &Tx, table: &Ident, from: &Ident, to: &Ident) -> Result<(), EngineError> {
    let mut sql = Sql::from_text("ALTER TABLE ");
    sql.ident(table)
        .text(" RENAME COLUMN ")
        .ident(from)
        .text(" TO ")
        .ident(to);
    tx.batch(&sql)
}

/// Makes a column anew with converted values.
fn convert(
    tx: &Tx,
    table: &Ident,
    column: &str,
    definition: &'static str,
    value: fn(&Ident) -> Sql,
) -> Result<(), Failure> {
    let old = Ident::new(column);
    // No field can be called like this, so the name is free.
    let new = Ident::new(&format!("{column} (converted)"));
    add_column(tx, table, &new, definition)?;
    let mut copy = Sql::from_text("UPDATE ");
    copy.ident(table)
        .text(" SET ")
        .ident(&new)
        .text(" = ")
        .append(value(&old));
    tx.execute(&copy)?;
    drop_column(tx, table, column)?;
    rename_column(tx, table, &new, &old)?;
    Ok(())
}

/// Nothing becomes `[]`, an array stays, anything else becomes the only item.
fn to_multiple(column: &Ident) -> Sql {
    let mut sql = Sql::from_text("CASE WHEN COALESCE(");
    sql.ident(column)
        .text(", '') = '' THEN '[]' WHEN ")
        .append(is_array(column))
        .text(" THEN ")
        .ident(column)
        .text(" ELSE json_array(")
        .ident(column)
        .text(") END");
    sql
}

/// Nothing becomes `''`, an array its last item, anything else stays.
fn to_single(column: &Ident) -> Sql {
    let mut sql = Sql::from_text("CASE WHEN COALESCE(");
    sql.ident(column)
        .text(", '') = '' THEN '' WHEN ")
        .append(is_array(column))
        .text(" THEN COALESCE(json_extract(")
        .ident(column)
        .text(", '$[#-1]'), '') ELSE ")
        .ident(column)
        .text(" END");
    sql
}

fn is_array(column: &Ident) -> Sql {
    let mut sql = Sql::from_text("(CASE WHEN json_valid(");
    sql.ident(column)
        .text(") THEN json_type(")
        .ident(column)
        .text(") = 'array' ELSE FALSE END)");
    sql
}

/// Makes an index; that the database refuses it is an issue of the definition, and the other indexes are tried too.
fn create_index(
    tx: &Tx,
    position: usize,
    index: &Index,
    issues: &mut Issues,
) -> Result<(), Failure> {
    // Security: run as one statement, so that a condition cannot smuggle in another one.
    let refused = match tx.execute(Sql::new().superuser_text(&index.to_string())) {
        Ok(_) => return Ok(()),
        Err(error) => Failure::from(error),
    };
    let Failure::Raw(text) = refused else {
        return Err(refused);
    };
    let issue = Issue::new(
        "validation_invalid_index_expression",
        format!("Failed to create index {} - {text}", index.name),
    );
    issues.nest("indexes", Issues::one(position.to_string(), issue));
    Ok(())
}

/// Changes something that no view may look at meanwhile: one over a column that is made anew would block the change,
/// although it works again afterwards. Renamed and dropped columns are different: the database puts the views right, or
/// refuses.
fn without_views(tx: &Tx, change: impl FnOnce() -> Result<(), Failure>) -> Result<(), Failure> {
    let sql = Sql::from_text("SELECT name, sql FROM sqlite_master WHERE type = 'view'");
    let views = tx.all(&sql, |row| (row.text(0).to_owned(), row.text(1).to_owned()))?;
    for (name, _) in &views {
        tx.batch(Sql::from_text("DROP VIEW ").ident(&Ident::new(name)))?;
    }
    change()?;
    for (_, statement) in views {
        tx.batch(Sql::new().superuser_text(&statement))?;
    }
    Ok(())
}
