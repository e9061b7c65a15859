//! Looking at the rows of a view that is not saved yet.

use serde_json::{Map, Value as Json};

use super::INVALID;
use crate::app::App;
use crate::app::answer::Shape;
use crate::base::error::{Error, Result};
use crate::base::issues::{Issue, Issues};
use crate::catalog::{self, Sampled};
use crate::ctx::Ctx;
use crate::schema::codes;

/// Longest query, in bytes.
const MAX_QUERY: usize = 5000;

/// Tries the query of a view.
pub async fn dry_run_view(app: &App, ctx: &Ctx, form: Map<String, Json>) -> Result<Vec<u8>> {
    let shape = Shape::of(ctx)?;
    let query = match form.get("query") {
        Some(Json::String(query)) => query.clone(),
        _ => String::new(),
    };
    let issue = if query.is_empty() {
        Some(Issue::required())
    } else if query.len() > MAX_QUERY {
        Some(codes::length_too_long(MAX_QUERY))
    } else {
        None
    };
    if let Some(issue) = issue {
        return Err(Error::invalid(INVALID, Issues::one("query", issue)));
    }
    let body = app
        .read_pooled(move |reader, snapshot| catalog::dry_run(reader, snapshot, &query))
        .await?;
    shape.apply(body)
}

/// Looks at the rows of a submitted view, where a slow query holds up nobody.
pub(super) async fn sample(app: &App, collection: Option<&str>, form: &Json) -> Result<Sampled> {
    let (collection, form) = (collection.map(str::to_owned), form.clone());
    app.look(move |reader, snapshot| {
        Ok(catalog::sample(
            reader,
            snapshot,
            collection.as_deref(),
            &form,
        ))
    })
    .await
}
