//! The SQL console of superusers.

use std::time::Instant;

use serde_json::{Map, Value as Json, json};

use crate::app::App;
use crate::app::answer::Shape;
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::ctx::Ctx;
use crate::engine::{self, Table};
use crate::schema::codes;
use crate::sql::Sql;

/// Longest script, in bytes.
const MAX_QUERY: usize = 5000;

/// Most rows of an answer.
pub const MAX_ROWS: usize = 1000;

/// Beginnings of scripts that may write; all others run where nothing can be written.
const WRITING: &[&str] = &[
    "INSERT", "CREATE", "UPDATE", "DELETE", "DROP", "DETACH", "ALTER", "REPLACE",
];

/// Runs the query of a form.
pub async fn run(app: &App, ctx: &Ctx, form: &Map<String, Json>) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let query = form.get("query").and_then(Json::as_str).unwrap_or_default();
    validate(query)?;
    let began = Instant::now();
    let mut script: Sql = Sql::new();
    script.superuser_text(query);
    let result = if is_vacuum(query) {
        app.engine().vacuum().await.map(|()| Table::default())
    } else if is_writing(query) {
        app.engine()
            .exclusive(move |tx| tx.script(&script, MAX_ROWS), |_| ())
            .await
    } else if query.trim().is_empty() {
        Err(engine::Error::Sql("empty query".to_owned()))
    } else {
        app.engine()
            .read_pooled(move |reader| reader.script(&script, MAX_ROWS))
            .await
    };
    let table = result.map_err(|error| {
        Error::bad_request(format!("Failed to execute query. Raw error:\n{error}"))
    })?;
    let columns: Vec<Json> = table
        .columns
        .iter()
        .map(|(name, kind)| json!({"name": name, "type": kind, "nullable": true}))
        .collect();
    let answer = json!({
        "execTime": began.elapsed().as_secs_f64() * 1000.0,
        "affectedRows": table.affected,
        "columns": columns,
        "rows": table.rows,
    });
    shape.apply(answer.to_string().into_bytes())
}

fn validate(query: &str) -> Result<()> {
    let issue = if query.is_empty() {
        Issue::required()
    } else if query.len() > MAX_QUERY {
        codes::length_too_long(MAX_QUERY)
    } else {
        return Ok(());
    };
    Err(Error::invalid(
        "An error occurred while validating the submitted data.",
        Issues::one("query", issue),
    ))
}

/// Says whether a script is nothing but the wish to give the space of deleted rows back, which no transaction can do.
pub fn is_vacuum(query: &str) -> bool {
    let statement = query.trim_end_matches(|c: char| c == ';' || c.is_whitespace());
    statement.trim_start().eq_ignore_ascii_case("VACUUM")
}

/// Says whether a script may write, going by its first word.
pub fn is_writing(query: &str) -> bool {
    let first: String = query
        .trim_start()
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    WRITING.contains(&first.to_ascii_uppercase().as_str())
}
